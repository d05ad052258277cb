"""The list of open matters of an incident at a time: a pure function of the book and now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.operation.liaison.projection import Deliveries, Exchange, Said
from stopline.operation.liaison.requests import Request, requests_of
from stopline.operation.sightings.projection import Sighting, Sightings
from stopline.protocol.lookup import on_side
from stopline.protocol.schema import evidence_of

if TYPE_CHECKING:
    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState
    from stopline.protocol.due import TaskDue


@dataclass(frozen=True, slots=True)
class DecisionWanted:
    """A decision of this side that something waits for.

    Attributes:
        decision: its name in the protocol.
        title: the question.
        taken_by: roles that may take it.
        persons: how many must agree.
        voices: person, role and outcome of each voice so far.
        due_s: by when, the nearest of the tasks that wait for it; None for no time.
    """

    decision: str
    title: str
    taken_by: tuple[str, ...]
    persons: int
    voices: tuple[tuple[str, str, str], ...]
    due_s: float | None


@dataclass(frozen=True, slots=True)
class OpenMatters:
    """What is open between the sides and on this one.

    Attributes:
        asked_of_us: requests of the other side that wait for this one.
        asked_by_us: requests of this side that wait for the other one.
        unnoted_here: messages that nobody here has taken note of by name.
        unnoted_there: messages that nobody on the other side has taken note of.
        undelivered: ids of those that have not even reached the other node.
        overdue: tasks whose deadline is over.
        decisions: decisions that are wanted from this side.
        withdrawals_untold: sightings taken back that the other side still believes.
    """

    asked_of_us: tuple[Request, ...]
    asked_by_us: tuple[Request, ...]
    unnoted_here: tuple[Said, ...]
    unnoted_there: tuple[Said, ...]
    undelivered: frozenset[str]
    overdue: tuple[TaskDue, ...]
    decisions: tuple[DecisionWanted, ...]
    withdrawals_untold: tuple[Sighting, ...]

    @property
    def count(self) -> int:
        """How many matters are open."""
        return sum(
            len(part)
            for part in (
                self.asked_of_us, self.asked_by_us, self.unnoted_here, self.unnoted_there,
                self.overdue, self.decisions, self.withdrawals_untold,
            )
        )  # fmt: skip


def open_matters(book: NodeState, incident: Incident, now_s: float) -> OpenMatters:
    """List what is open in an incident at a time."""
    requests = [each for each in requests_of(incident, now_s) if each.is_open]
    unnoted = [each for each in incident.projection(Exchange).said.values() if not each.noted_by]
    deliveries = book.projection(Deliveries)
    return OpenMatters(
        asked_of_us=tuple(each for each in requests if each.asked.received),
        asked_by_us=tuple(each for each in requests if not each.asked.received),
        unnoted_here=tuple(each for each in unnoted if each.received),
        unnoted_there=tuple(each for each in unnoted if not each.received),
        undelivered=frozenset(each.id for each in unnoted if deliveries.is_waiting(each.id)),
        overdue=incident.due(now_s).overdue,
        decisions=decisions_wanted(incident),
        withdrawals_untold=tuple(incident.projection(Sightings).withdrawals_untold()),
    )


def decisions_wanted(incident: Incident) -> tuple[DecisionWanted, ...]:
    """Decisions of this side that an open task waits for, or that have a first voice."""
    protocol, state = incident.machine.protocol, incident.state
    waits: dict[str, list[float | None]] = {name: [] for name in state.voices}
    for task in state.tasks.values():
        if task.status != "open":
            continue
        entry = protocol.tasks[task.task]
        words = evidence_of(entry).split()
        names = [words[1]] if words[0] == "decision" and len(words) > 1 else []
        if not incident.machine.granted(state, task.task):
            names += [name for name in entry.authority if name in protocol.decisions]
        for name in names:
            waits.setdefault(name, []).append(task.deadline_s)
    wanted = [
        DecisionWanted(
            decision=name,
            title=protocol.decisions[name].title,
            taken_by=protocol.decisions[name].taken_by,
            persons=protocol.decisions[name].persons,
            voices=tuple((v.person, v.role, v.outcome) for v in state.voices.get(name, ())),
            due_s=min((t for t in times if t is not None), default=None),
        )
        for name, times in waits.items()
        if name not in state.decided
        and on_side(protocol.decisions[name].side, state.side, state.lead)
    ]
    return tuple(sorted(wanted, key=lambda w: (w.due_s is None, w.due_s or 0.0, w.decision)))
