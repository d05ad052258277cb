"""A protocol turned into look-up tables, once, so that a step costs microseconds."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from stopline.protocol.schema import CONFIRMATION, Protocol, evidence_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stopline.protocol.schema import Task, Trigger
    from stopline.protocol.state import ProtocolFact


class Tables:
    """What the machine looks up, by event, task and role.

    Attributes:
        first_phase: where an incident begins.
        first_side: leads if both sides raise the alarm at once.
        opens: tasks that an event opens.
        closes: tasks whose evidence an event is.
        withdraws: tasks that an event makes pointless.
        evidence: event that closes a task, or `confirmation`.
        deputies: the role and all who act for it, nearest first.
        escalation: roles told when a task is overdue, in order; never empty.
        doers: roles that may report a task done.
        moves: for each phase, the events after which it may be left.
    """

    def __init__(self, protocol: Protocol) -> None:
        self.first_phase = next(iter(protocol.phases))
        self.first_side = next(iter(protocol.sides))
        self.evidence = {name: evidence_of(task) for name, task in protocol.tasks.items()}
        self.opens = _by_event({name: task.on for name, task in protocol.tasks.items()})
        self.closes = _by_event(
            {name: (event,) for name, event in self.evidence.items() if event != CONFIRMATION}
        )
        self.withdraws = _by_event(
            {name: task.withdrawn_on for name, task in protocol.tasks.items()}
        )
        self.deputies = {name: _deputies(protocol, name) for name in protocol.roles}
        self.escalation = {
            name: escalation_of(protocol, task) for name, task in protocol.tasks.items()
        }
        self.doers = {
            name: frozenset(
                role
                for start in (task.who or "", *self.escalation[name])
                for role in self.deputies.get(start, (start,))
            )
            for name, task in protocol.tasks.items()
        }
        self.moves = {
            name: frozenset(
                event
                for way in phase.exits
                if way.to in protocol.phases
                for event in (*way.all_of, *way.any_of, *protocol.phases[way.to].requires)
            )
            for name, phase in protocol.phases.items()
        }
        self._triggers: dict[str, list[tuple[str, Trigger]]] = defaultdict(list)
        for name, trigger in protocol.triggers.items():
            self._triggers[trigger.fact].append((name, trigger))

    def triggered(self, fact: ProtocolFact, own_side: str) -> list[str]:
        """The triggers that an outside fact pulls on the node of `own_side`."""
        return [
            name
            for name, trigger in self._triggers.get(fact.kind, ())
            if (not trigger.about or fact.about in trigger.about)
            and (not trigger.outcome or fact.outcome in trigger.outcome)
            and (trigger.side == "any" or (trigger.side == "own") == (fact.side == own_side))
            and set(trigger.marks) <= set(fact.marks)
        ]


def on_side(side: str, own: str, lead: str) -> bool:
    """Whether `each`, `lead`, `assist` or a side's name means `own`, given who leads."""
    if side == "each":
        return True
    if side == "lead":
        return lead == own
    if side == "assist":
        return lead not in {"", own}
    return side == own


def escalation_of(protocol: Protocol, task: Task) -> tuple[str, ...]:
    """The roles told when a task is overdue: as stated, else up the line, else its holder."""
    if task.escalates_to:
        return task.escalates_to
    chain: list[str] = []
    role = protocol.roles.get(task.who or "")
    while role is not None and role.reports_to is not None and role.reports_to not in chain:
        chain.append(role.reports_to)
        role = protocol.roles.get(role.reports_to)
    return tuple(chain) or (task.who or next(iter(protocol.roles)),)


def _deputies(protocol: Protocol, name: str) -> tuple[str, ...]:
    order = [name]
    for role in order:
        entry = protocol.roles.get(role)
        order.extend(d for d in (entry.deputies if entry else ()) if d not in order)
    return tuple(order)


def _by_event(names: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, events in names.items():
        for event in events:
            found[event].append(name)
    return {event: tuple(tasks) for event, tasks in found.items()}
