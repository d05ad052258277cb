"""The three lists of a hand-over at a time: a pure function of the book, the shift and now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.operation.liaison.open_matters import open_matters
from stopline.operation.shifts.changes import ShiftChanges, sentence
from stopline.operation.shifts.projection import Shifts
from stopline.rendering.time_text import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState

LONGEST_LIST: Final = 300


@dataclass(frozen=True, slots=True)
class Listing:
    """What a successor must know, a line each; the newest changes are kept if there are many."""

    matters: tuple[str, ...]
    overdue: tuple[str, ...]
    changed: tuple[str, ...]


def listing(book: NodeState, since_s: float, now_s: float) -> Listing:
    """List what is open, overdue and changed since a time in every incident that runs or ran."""
    matters = list(handover_lines(book, now_s))
    overdue: list[str] = []
    changed: list[str] = []
    for incident in book.incidents.values():
        if not incident.is_over:
            matters += [f"{incident.id}: {line}" for line in matter_lines(book, incident, now_s)]
            overdue += [f"{incident.id}: {line}" for line in overdue_lines(incident, now_s)]
        clock = Clock(now_s)
        for change in incident.projection(ShiftChanges).since(since_s):
            text = sentence(change, incident.machine.protocol)
            changed.append(f"{incident.id}: {_utc(clock, change.at_s - now_s)} {text}")
    return Listing(_cut(matters, "more"), _cut(overdue, "more"), _cut(changed[::-1], "older")[::-1])


def handover_lines(book: NodeState, now_s: float) -> Iterator[str]:
    """Write the hand-overs that nobody has taken over."""
    clock = Clock(now_s)
    for each in book.projection(Shifts).open():
        at = _utc(clock, each.at_s - now_s)
        yield f"{each.body.to} has not taken over as {each.role} from {each.by}, since {at}"


def matter_lines(book: NodeState, incident: Incident, now_s: float) -> Iterator[str]:
    """Write the open matters of an incident, without its overdue tasks."""
    clock, found = Clock(now_s), open_matters(book, incident, now_s)
    messages = incident.machine.protocol.messages
    for ours, requests in ((False, found.asked_of_us), (True, found.asked_by_us)):
        for each in requests:
            by = "" if each.due_s is None else f", by {_utc(clock, each.due_s - now_s)}"
            who = "we ask" if ours else "the other side asks"
            yield f"{who} ({each.state}{by}): {each.title}"
    for wanted in found.decisions:
        by = "" if wanted.due_s is None else f", by {_utc(clock, wanted.due_s - now_s)}"
        yield f"decision wanted from {' or '.join(wanted.taken_by)}{by}: {wanted.title}"
    for here, unnoted in ((True, found.unnoted_here), (False, found.unnoted_there)):
        for said in unnoted:
            title = messages[said.body.name].title if said.body.name in messages else said.body.name
            where = "nobody here has" if here else "nobody there has"
            yield f"{where} taken note, {_utc(clock, said.at_s - now_s)}: {title}"
    for sighting in found.withdrawals_untold:
        yield f"the other side still believes the sighting we took back: {sighting.place}"


def overdue_lines(incident: Incident, now_s: float) -> Iterator[str]:
    """Write the overdue tasks of an incident."""
    clock = Clock(now_s)
    for task in incident.due(now_s).overdue:
        by = _utc(clock, (task.deadline_s or now_s) - now_s)
        what = "" if task.what == "do" else ", to be acknowledged"
        yield f"{task.title} ({task.role}, was due {by}{what})"


def _utc(clock: Clock, at_s: float) -> str:
    """A time with its zone: what is handed over is kept, and each reader shows it in their own."""
    return f"{clock.minute(at_s)} UTC"


def _cut(lines: list[str], what: str) -> tuple[str, ...]:
    if len(lines) <= LONGEST_LIST:
        return tuple(lines)
    return (*lines[:LONGEST_LIST], f"and {len(lines) - LONGEST_LIST} {what}")
