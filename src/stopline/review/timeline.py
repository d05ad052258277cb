"""The timeline: what each entry of the journals says, by whom in which role, in words."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from stopline.journal.facts import BodyErased, NodeStarted
from stopline.link.facts import LinkChanged, MessagesDelivered
from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.facts.orders import OrderIssued, OrderMoved
from stopline.operation.facts.sightings import SightingSourceNoted
from stopline.review.entry_text import EntryWords, words_of
from stopline.review.schema import PhaseSpan, ReviewedEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stopline.review.history import History, HistoryStep
    from stopline.review.relative_time import Since

# A delivery is a line of its own among what waited; the rest says nothing of the incident.
_SILENT = (MessagesDelivered, NodeStarted, BodyErased, SightingSourceNoted)
BOTH = "both sides"
_ONE_MOMENT_S = 10.0
_MOVES = {
    "closed": ("Road closed", "roads closed"), "refused": ("Order refused", "orders refused"),
    "withdrawn": ("Order withdrawn", "orders withdrawn"), "reopened": ("Road open", "roads open"),
    "acknowledged": ("Order acknowledged", "orders acknowledged"),
    "under way": ("Unit under way", "units under way"),
    "in position": ("Unit in position", "units in position"), "issued": ("Order", "orders"),
}  # fmt: skip


def timeline(
    history: History, since: Since, roads: Mapping[str, str], *, with_received: bool
) -> list[ReviewedEvent]:
    """The lines of one side.

    Args:
        history: of its journal.
        since: the zero of times.
        roads: what the road of each order is called.
        with_received: messages of the other side, too; not where its own journal is at hand.
    """
    found: list[ReviewedEvent] = []
    for group in _together(history.steps):
        words = _words(history, group, roads, with_received=with_received)
        if words is None:
            continue
        step = group[-1]
        by_node = step.entry.role in {"node", ""}
        found.append(
            ReviewedEvent(
                t_s=since.t(step.entry.time_s), time=since.iso(since.t(step.entry.time_s)),
                side=history.side_name(history.side),
                role="node" if by_node else history.title_of(step.entry.role), phase=step.phase,
                what=words.what, major=words.major,
            )
        )  # fmt: skip
    return found


def joined(lines: list[ReviewedEvent]) -> list[ReviewedEvent]:
    """Lines that both sides have within the same few seconds, as one; line changes before it none.

    The line's first coming up, before the alarm, says nothing of the incident.
    """
    found: list[ReviewedEvent] = []
    for one in lines:
        if one.t_s < 0 and one.what.startswith("The line"):
            continue
        same = next(
            (
                number
                for number, other in enumerate(found[-4:], max(0, len(found) - 4))
                if other.what == one.what
                and other.role == one.role
                and other.side not in {one.side, BOTH}
                and one.t_s - other.t_s <= _ONE_MOMENT_S
            ),
            None,
        )
        if same is None:
            found.append(one)
        else:
            found[same] = found[same].model_copy(update={"side": BOTH})
    return found


def phases(history: History, since: Since) -> list[PhaseSpan]:
    """The phases of one side, one after the other."""
    protocol, name = history.incident.machine.protocol, history.side_name(history.side)
    entered = [(s.phase, since.t(s.entry.time_s)) for s in history.steps if s.moved and s.phase]
    ends: list[float | None] = [after for _, (_, after) in pairwise(entered)]
    return [
        PhaseSpan(
            side=name, phase=phase, title=protocol.phases[phase].title, from_s=at_s, until_s=end_s
        )
        for (phase, at_s), end_s in zip(entered, [*ends, None], strict=True)
    ]


def _together(steps: Iterable[HistoryStep]) -> list[list[HistoryStep]]:
    """Steps that are one line: orders given, or moved to one state, within the same few seconds."""
    found: list[list[HistoryStep]] = []
    for step in steps:
        last = found[-1] if found else []
        if last and _alike(last[-1], step):
            last.append(step)
        else:
            found.append([step])
    return found


def _alike(one: HistoryStep, other: HistoryStep) -> bool:
    if other.entry.time_s - one.entry.time_s > 3.0:  # noqa: PLR2004  (read out in one breath)
        return False
    if isinstance(one.body, OrderIssued):
        return isinstance(other.body, OrderIssued)
    if isinstance(one.body, OrderMoved) and isinstance(other.body, OrderMoved):
        return one.body.state == other.body.state
    return False


def _words(
    history: History, group: list[HistoryStep], roads: Mapping[str, str], *, with_received: bool
) -> EntryWords | None:
    step = group[-1]
    protocol = history.incident.machine.protocol
    if step.said is not None:
        return _said(history, step, with_received=with_received)
    of_node = step.entry.incident is None and not isinstance(step.body, LinkChanged)
    if step.body is None or of_node or isinstance(step.body, _SILENT):
        return None
    if isinstance(step.body, OrderIssued):
        return EntryWords(f"{len(group)} road{'s' * (len(group) > 1)} ordered closed", major=True)
    if isinstance(step.body, OrderMoved):
        return _moved(group, roads)
    words = words_of(step.body, protocol)
    if words is not None and step.decided:
        told = (
            f"Decided {value}: {protocol.decisions[name].title}" for name, value in step.decided
        )
        return EntryWords("; ".join(told), major=True)
    return words


def _moved(group: list[HistoryStep], roads: Mapping[str, str]) -> EntryWords:
    bodies = [step.body for step in group if isinstance(step.body, OrderMoved)]
    state = bodies[0].state
    one, many = _MOVES[state]
    news = {word for body in bodies for word in body.seals}
    more = ""
    if "all_closed" in news:
        more = "; all our roads are closed"
    elif "all_reopened" in news:
        more = "; all our roads are open"
    major = state in {"closed", "refused", "withdrawn", "reopened"} and bool(news or len(group) > 1)
    if len(group) == 1 and bodies[0].order in roads:
        return EntryWords(f"{one}: {roads[bodies[0].order]}{more}", major or bool(more))
    return EntryWords(f"{len(group)} {many}{more}", major)


def _said(history: History, step: HistoryStep, *, with_received: bool) -> EntryWords | None:
    said = step.said
    if said is None or not isinstance(said.body, ProcedureSaid):
        return None
    if said.received and not with_received:
        return None
    known = history.incident.machine.protocol.messages.get(said.body.name)
    title = known.title if known else said.body.name
    kind = known.kind if known else "notice"
    asks = {"request": "Asks the other side", "answer": "Answers the other side"}
    heard = {"request": "The other side asks", "answer": "The other side answers"}
    answer = f" [{said.body.answer}]" if said.body.answer else ""
    if said.received:
        return EntryWords(f"{heard.get(kind, 'The other side says')}: {title}{answer}", major=True)
    return EntryWords(f"{asks.get(kind, 'Tells the other side')}: {title}{answer}", major=True)
