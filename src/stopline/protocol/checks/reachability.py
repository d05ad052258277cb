"""What can happen at all: the phases, tasks and events that each half of a protocol can reach.

For each choice of leading side, the two halves are run together to a fixed point: whatever some
order of facts could bring about is counted as possible. What is not in the result never happens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.protocol.lookup import on_side
from stopline.protocol.schema import CONFIRMATION, evidence_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stopline.protocol.schema import Protocol, Task


class Half:
    """What is possible on one side's node, given who leads.

    Attributes:
        own: the side.
        lead: the leading side.
        events: events that can happen here.
        phases: phases that can be reached here.
    """

    def __init__(self, own: str, lead: str, first_phase: str) -> None:
        self.own = own
        self.lead = lead
        self.events: set[str] = set()
        self.phases: set[str] = {first_phase}

    @property
    def part(self) -> str:
        """`lead` or `assist`."""
        return "lead" if self.own == self.lead else "assist"


class Possible:
    """What both halves can do, for either leading side."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.halves: list[Half] = []
        first = next(iter(protocol.phases))
        for lead in protocol.sides:
            pair = [Half(own, lead, first) for own in protocol.sides]
            while self._grow(pair[0], pair[1]) | self._grow(pair[1], pair[0]):
                pass
            self.halves.extend(pair)

    def anywhere(self, event: str) -> bool:
        """Whether an event can happen on any node at all."""
        return any(event in half.events for half in self.halves)

    def reached(self, phase: str) -> bool:
        """Whether any node can come into a phase."""
        return any(phase in half.phases for half in self.halves)

    def ways_out(self, half: Half, phase: str) -> list[str]:
        """The phases that can follow a phase on a node."""
        return [
            way.to
            for way in self.protocol.phases[phase].exits
            if way.to in self.protocol.phases
            and (way.all_of or way.any_of)
            and all(event in half.events for event in way.all_of)
            and (not way.any_of or any(event in half.events for event in way.any_of))
            and all(event in half.events for event in self.protocol.phases[way.to].requires)
        ]

    def opening_phases(self, half: Half, name: str) -> tuple[set[str], bool]:
        """The phases in which a task can be opened on a node, and whether in each of them it is.

        Without a stated phase, a task whose opening event can come at any time may be opened in
        any phase; the second value is then False.
        """
        task = self.protocol.tasks[name]
        if not on_side(task.side, half.own, half.lead):
            return set(), True
        possible: set[str] = set()
        exact = True
        for event in task.on:
            if event in half.events:
                phases = self._phases_of(event)
                exact = exact and phases is not None
                possible |= half.phases if phases is None else phases
        return possible & (set(task.phases) or possible) & half.phases, exact or bool(task.phases)

    def _phases_of(self, event: str) -> set[str] | None:
        """The phases that hold right after an event, if they can be told."""
        words = event.split(" ")
        if words[0] == "phase" and words[-1] == "entered":
            return {words[1]}
        trigger = self.protocol.triggers.get(event)
        if trigger is None or trigger.fact != "alarm":
            return None
        first = next(iter(self.protocol.phases.values()))
        return {way.to for way in first.exits if event in (*way.all_of, *way.any_of)} or None

    def _grow(self, half: Half, other: Half) -> bool:
        before = len(half.events) + len(half.phases)
        half.events.update(self._events(half, other))
        for phase in list(half.phases):
            for after in self.ways_out(half, phase):
                half.phases.add(after)
                half.events.update((f"phase {phase} left", f"phase {after} entered"))
        return len(half.events) + len(half.phases) > before

    def _events(self, half: Half, other: Half) -> Iterator[str]:
        protocol = self.protocol
        for name, trigger in protocol.triggers.items():
            theirs = "own" if half.part == "assist" else "other"
            if trigger.fact != "alarm" or trigger.side != theirs:
                yield name
        for name, level in protocol.levels.items():
            if level.set_by or any(protocol.phases[p].level == name for p in half.phases):
                yield f"level {name} set"
        yield from self._exchange_events(half, other)
        for name, task in protocol.tasks.items():
            yield from self._task_events(half, name, task)

    def _exchange_events(self, half: Half, other: Half) -> Iterator[str]:
        protocol = self.protocol
        for name, decision in protocol.decisions.items():
            if on_side(decision.side, half.own, half.lead) and self._in(half, decision.phases):
                yield f"decision {name} taken"
                yield from (f"decision {name} {outcome}" for outcome in decision.outcomes)
        for name, message in protocol.messages.items():
            if on_side(message.side, half.own, half.lead) and self._in(half, message.phases):
                yield f"message {name} sent"
            if f"message {name} sent" in other.events:
                yield f"message {name} received"

    def _task_events(self, half: Half, name: str, task: Task) -> Iterator[str]:
        if not self.opening_phases(half, name)[0]:
            return
        yield f"task {name} opened"
        if task.within_s is not None or task.acknowledge_within_s is not None:
            yield f"task {name} overdue"
        evidence = evidence_of(task)
        if evidence == CONFIRMATION or evidence in half.events:
            yield f"task {name} done"
            yield f"task {name} acknowledged"

    @staticmethod
    def _in(half: Half, phases: Iterable[str]) -> bool:
        return not phases or not half.phases.isdisjoint(phases)
