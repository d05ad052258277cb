"""Who can receive intelligence, and the reports of an incident, all sealed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.link.messages import RecipientIntroduced
from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.projection import Projection, folds, on_message, projection
from stopline.operation.facts.intelligence import (
    IntelligenceFiled,
    IntelligenceOpened,
    IntelligenceUsed,
    RecipientEnrolled,
)
from stopline.operation.intelligence.sealed import is_key, read_sealed

if TYPE_CHECKING:
    from stopline.journal.base import Entry
    from stopline.operation.core.actor import Actor
    from stopline.operation.intelligence.sealed import Recipient


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A person of this side with a key, and its private half under a passphrase."""

    person: str
    role: str
    key: str
    locked: str


@projection("node")
class Recipients(Projection):
    """Who has a key.

    Attributes:
        ours: by role and person; the last key counts.
        theirs: public keys of the other side's people, by role and person.
    """

    def __init__(self) -> None:
        self.ours: dict[tuple[str, str], Enrolled] = {}
        self.theirs: dict[tuple[str, str], str] = {}

    @folds(RecipientEnrolled)
    def _enrolled(self, body: RecipientEnrolled, entry: Entry) -> None:
        self.ours[body.role, entry.author] = Enrolled(
            entry.author, body.role, body.key, body.locked
        )

    @on_message(RecipientIntroduced)
    def _introduced(self, body: RecipientIntroduced, entry: Entry, *, received: bool) -> None:
        del entry
        if received and is_key(body.key):
            self.theirs[body.role, body.person] = body.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report, sealed.

    Attributes:
        id: id of the fact that filed it; of the other side's, `theirs/` and the message.
        label: sharing label, TLP 2.0.
        readers: who on this side is named in it.
        readers_there: who on the other side is named in the copy for it.
        sealed: the text for this side; empty if nobody here is named.
        sealed_for_them: the copy for the other side.
        filed_s: when this node had it, UTC seconds.
        filed_by: the person, or the other node.
        shared: id of the message that took it to the other side; empty while it has not gone.
        opened_by: persons who asked for it, in order.
    """

    id: str
    label: str
    readers: tuple[Recipient, ...]
    readers_there: tuple[Recipient, ...]
    sealed: str
    sealed_for_them: str
    filed_s: float
    filed_by: str
    shared: str = ""
    opened_by: tuple[str, ...] = ()

    def is_for(self, actor: Actor) -> bool:
        """Whether a person is named in it, in this role."""
        return any((r.person, r.role) == (actor.person, actor.role) for r in self.readers)

    def copy_for(self, actor: Actor) -> str:
        """The sealed text, for a person named in it whose opening is on record; else ''."""
        return self.sealed if self.is_for(actor) and actor.person in self.opened_by else ""


@projection("incident")
class Intelligence(Projection):
    """The reports of an incident.

    Attributes:
        reports: by id.
        used: what follows from reports for the search, in order, with the time it was said.
        unreadable: messages whose report is not of the form, with the reason.
    """

    def __init__(self) -> None:
        self.reports: dict[str, Report] = {}
        self.used: list[tuple[float, IntelligenceUsed]] = []
        self.unreadable: dict[str, str] = {}

    @folds(IntelligenceFiled)
    def _filed(self, body: IntelligenceFiled, entry: Entry) -> None:
        self.reports[entry.fact_id] = Report(
            id=entry.fact_id, label=body.label, readers=_readers(body.ours),
            readers_there=_readers(body.theirs), sealed=body.ours, sealed_for_them=body.theirs,
            filed_s=entry.time_s, filed_by=entry.author,
        )  # fmt: skip

    @folds(IntelligenceOpened)
    def _opened(self, body: IntelligenceOpened, entry: Entry) -> None:
        known = self.reports.get(body.report)
        if known is not None and entry.author not in known.opened_by:
            self.reports[known.id] = replace(known, opened_by=(*known.opened_by, entry.author))

    @folds(IntelligenceUsed)
    def _used(self, body: IntelligenceUsed, entry: Entry) -> None:
        self.used.append((entry.time_s, body))

    @on_message(ProcedureSaid)
    def _said(self, body: ProcedureSaid, entry: Entry, *, received: bool) -> None:
        if body.suspicions is None:
            return
        message = str((entry.body or {})["message"])
        if not received:
            for known in self.reports.values():
                if known.sealed_for_them == body.suspicions:
                    self.reports[known.id] = replace(known, shared=message)
            return
        try:
            sealed = read_sealed(body.suspicions)
        except BadInput as error:
            self.unreadable[message] = str(error)
            return
        name = f"theirs/{message}"
        self.reports[name] = Report(
            id=name, label=sealed.label, readers=sealed.recipients, readers_there=(),
            sealed=body.suspicions, sealed_for_them="", filed_s=entry.time_s,
            filed_by=entry.author,
        )  # fmt: skip


def _readers(text: str) -> tuple[Recipient, ...]:
    return read_sealed(text).recipients if text else ()
