"""One side's journal, folded step by step: what each entry changed in the procedure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from stopline.errors import BadInput, StoplineError
from stopline.link.envelope import parse_envelope
from stopline.link.messages import MessageBody, kind_of_message, read_message
from stopline.operation.core.projection import Projection
from stopline.operation.core.state import NodeState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.journal.base import Entry
    from stopline.journal.kinds import FactBody
    from stopline.operation.core.incident import Incident

_Area = TypeVar("_Area", bound=Projection)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedMessage:
    """A message as an entry holds it: both nodes know it by the same id."""

    id: str
    body: MessageBody
    received: bool
    sent_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryStep:
    """One entry, and what the procedure made of it.

    Attributes:
        entry: as it stands in the journal.
        body: typed; None if it was erased, or is of a kind that this build does not know.
        said: the message, if it is one.
        phase: of the incident, afterwards; empty before it is known.
        moved: the phase changed with it.
        done: tasks whose evidence came with it.
        acknowledged: tasks whose last awaited acknowledgement came with it.
        withdrawn: tasks that it withdrew.
        decided: decisions that it completed, with their outcome.
    """

    entry: Entry
    body: FactBody | None
    said: RecordedMessage | None
    phase: str
    moved: bool
    done: tuple[str, ...] = ()
    acknowledged: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    decided: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class History:
    """A journal folded up to a moment.

    Attributes:
        book: all that the node knew then.
        name: id of the incident.
        steps: entries of the incident and of the node itself, in order.
        whole: the journal itself, and not what the other side knows of it.
        until_s: time of the last entry.
    """

    book: NodeState
    name: str
    steps: list[HistoryStep] = field(default_factory=list)
    whole: bool = True
    until_s: float = 0.0

    @property
    def incident(self) -> Incident:
        """The incident at the end."""
        return self.book.incident(self.name)

    @property
    def side(self) -> str:
        """Whose journal it is."""
        return self.book.side

    @property
    def began_s(self) -> float:
        """The alarm; without one, when this node first knew of the incident."""
        began = self.incident.state.began_s
        return self.incident.opened_s if began is None else began

    def area_at(self, kind: type[_Area], at_s: float) -> _Area:
        """An area of the incident as it stood at a moment, folded anew."""
        found = kind()
        for step in self.steps:
            if step.entry.time_s > at_s:
                break
            if step.entry.incident != self.name or step.body is None:
                continue
            if step.said is None:
                found.apply(step.body, step.entry)
            else:
                name = kind_of_message(step.said.body).name
                found.hear(step.said.body, name, step.entry, received=step.said.received)
        return found

    def side_name(self, side: str) -> str:
        """What people call a side."""
        return self.incident.machine.protocol.sides[side].name

    def title_of(self, role: str, side: str = "") -> str:
        """What a role is called on a side."""
        protocol = self.incident.machine.protocol
        titles = protocol.sides[side or self.side].titles
        known = protocol.roles.get(role)
        return titles.get(role) or (known.title if known else role.replace("_", " "))


def fold_history(entries: Iterable[Entry], name: str, until_s: float = math.inf) -> History:
    """Fold entries up to a moment, and keep what each changed.

    Raises:
        BadInput: the journal knows no incident of that id by then.
    """
    history = History(NodeState(), name)
    for entry in entries:
        if entry.time_s > until_s:
            break
        history.until_s = max(history.until_s, entry.time_s)
        _take(history, entry)
    if name not in history.book.incidents:
        known = ", ".join(history.book.incidents) or "none"
        raise BadInput.single("incident", name, f"one that this node knows of by then: {known}")
    return history


def _take(history: History, entry: Entry) -> None:
    book, name = history.book, history.name
    known = book.incidents.get(name)
    before = None if known is None else known.state
    book.fold([entry])
    if entry.incident not in {name, None}:
        return
    incident = book.incidents.get(name)
    if incident is None:
        return
    after = incident.state
    old = {} if before is None else before.tasks
    gone, done, noted = [], [], []
    for task in after.tasks.values():
        was = old.get(task.id)
        if was is task:
            continue
        status = None if was is None else was.status
        if task.done_s is not None and (was is None or was.done_s is None):
            done.append(task.id)
        if task.status == "closed" and status != "closed" and task.acknowledged:
            noted.append(task.id)
        if task.status == "withdrawn" and status != "withdrawn":
            gone.append(task.id)
    taken = {} if before is None else before.decided
    history.steps.append(
        HistoryStep(
            entry=entry, body=_typed(entry), said=_said(entry), phase=after.phase,
            moved=before is None or before.phase != after.phase, done=tuple(done),
            acknowledged=tuple(noted), withdrawn=tuple(gone),
            decided=tuple((k, v) for k, v in after.decided.items() if taken.get(k) != v),
        )
    )  # fmt: skip


def _typed(entry: Entry) -> FactBody | None:
    if entry.body is None:
        return None
    try:
        return entry.typed()
    except StoplineError:
        return None


def _said(entry: Entry) -> RecordedMessage | None:
    if not entry.kind.startswith(("message.sent", "message.received")) or entry.body is None:
        return None
    envelope = parse_envelope(str(entry.body["envelope"]).encode())
    try:
        body = read_message(envelope.kind, envelope.body)
    except StoplineError:
        return None
    received = entry.kind.startswith("message.received")
    return RecordedMessage(
        id=envelope.message_id, body=body, received=received, sent_s=envelope.time_s
    )
