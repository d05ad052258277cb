"""One rehearsed incident: two real machines, simulated people and a simulated line between them.

A discrete-event simulation. Each person does one thing at a time, the task with the nearest
deadline first. Every fact remembers the fact that brought it about, so that the critical path of
a milestone can be read backwards.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from stopline.protocol.lookup import on_side
from stopline.protocol.rehearsal.people import Crew
from stopline.protocol.state import ProtocolFact

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.protocol.rehearsal.schema import Variant
    from stopline.protocol.rehearsal.setup import Stage
    from stopline.protocol.schema import Milestone
    from stopline.protocol.state import State

_NOTICED_S = 3.0  # a broken line is noticed within three seconds (ARCHITECTURE.md, heartbeat)


class Cause(NamedTuple):
    """Why and when a fact came about: the fact before it, what took the time, and its time."""

    parent: int
    label: str
    time_s: float


class Run:
    """One incident from start to end.

    Attributes:
        missed: task and part (`lead`, `assist`) of every deadline missed.
        refused: facts that the protocol did not allow, by reason.
        reached: for each side, time and cause of the first time each event came true.
    """

    def __init__(self, stage: Stage, variant: Variant | None, seed: str) -> None:
        self.stage = stage
        self.random = Random(seed)  # noqa: S311  (a simulation, no secret)
        self.missed: set[tuple[str, str]] = set()
        self.refused: Counter[str] = Counter()
        self.reached: dict[str, dict[str, tuple[float, int]]] = {}
        self.causes: list[Cause] = [Cause(-1, "start", 0.0)]
        self._heap: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._order = 0
        self.now_s = 0.0
        self._down = [] if variant is None else [(d.from_s, d.until_s) for d in variant.line_down]
        self.states: dict[str, State] = dict(stage.begun)
        self.crews = {side: Crew(self, side) for side in stage.sides}
        self._outside_done: set[tuple[str, int]] = set()
        for side in stage.sides:
            self.reached[side] = {}
            self._outside(side, None, 0)
        for start, end in self._down:
            for side in stage.sides:
                self.at(start + _NOTICED_S, self._line, side, "down")
                self.at(end, self._line, side, "up")
        for absence in () if variant is None else variant.absent:
            for side in stage.sides:
                if on_side(absence.side, side, stage.lead):
                    self.crews[side].absence(absence)

    def play(self) -> None:
        """Run to the end."""
        heap, until = self._heap, self.stage.rehearsal.until_s
        while heap:
            time_s, _, act, args = heapq.heappop(heap)
            if time_s > until:
                return
            self.now_s = time_s
            act(*args)

    def at(self, time_s: float, act: Callable[..., object], *args: Any) -> None:  # noqa: ANN401
        """Do something at a time."""
        self._order += 1
        heapq.heappush(self._heap, (time_s, self._order, act, args))

    def part(self, side: str) -> str:
        """`lead` or `assist`."""
        return "lead" if side == self.stage.lead else "assist"

    def feed(self, side: str, parent: int, label: str, fact: dict[str, Any]) -> str:
        """Give a fact to a side's machine and act on what it changes; give why it was refused."""
        node = len(self.causes)
        self.causes.append(Cause(parent, label, self.now_s))
        now = self.now_s
        made = ProtocolFact(**{"id": str(node), "side": side, "at_s": now, "known_s": now, **fact})
        state = self.stage.machine.step(self.states[side], made)
        self.states[side] = state
        changes = state.changes
        if changes.refused:
            return changes.refused
        reached = self.reached[side]
        for event in changes.events:
            if event not in reached:
                reached[event] = (now, node)
            if event in self.stage.outside_after:
                self._outside(side, event, node)
        crew = self.crews[side]
        for instance in changes.opened:
            crew.opened(state.tasks[instance], node)
        for instance in changes.done:
            crew.done(state.tasks[instance], node)
        if any(event.startswith("decision ") for event in changes.events):
            crew.unpark()
        if made.kind == "message_sent":
            self._deliver(side, made.about, node)
        return ""

    def note(self, parent: int, label: str) -> int:
        """Put a step that is no fact, such as asking somebody, on the path; give its number."""
        self.causes.append(Cause(parent, label, self.now_s))
        return len(self.causes) - 1

    def _outside(self, side: str, after: str | None, node: int) -> None:
        for number, item in self.stage.outside_after.get(after, ()):
            if not on_side(item.side, side, self.stage.lead):
                continue
            if (side, number) in self._outside_done and not item.again:
                continue
            self._outside_done.add((side, number))
            if item.chance >= 1.0 or self.random.random() < item.chance:
                delay = item.takes.draw(self.random)
                self.at(self.now_s + delay, self.pull, side, item.trigger, node)

    def pull(self, side: str, trigger: str, node: int, label: str = "") -> None:
        """Bring about an outside fact that pulls a trigger."""
        label = label or f"{self.part(side)}: {trigger}"
        self.feed(side, node, label, self.stage.pattern(trigger, side))

    def _line(self, side: str, outcome: str) -> None:
        self.feed(side, 0, f"line {outcome}", {"kind": "line", "outcome": outcome})

    def _deliver(self, sender: str, name: str, node: int) -> None:
        """Carry a message over, by the line or, while it is broken, by the fallback."""
        rehearsal = self.stage.rehearsal
        other = self.stage.other(sender)
        leaves, label = self.now_s, f"line: {name}"
        for start, end in self._down:
            if start <= leaves < end:
                leaves, label = end, f"broken line: {name}"
        arrives = leaves + rehearsal.line.draw(self.random)
        fallback = self.stage.protocol.messages[name].fallback
        if leaves > self.now_s and fallback is not None:
            instead = self.now_s + fallback.after_s + rehearsal.fallback.draw(self.random)
            if instead < arrives:
                arrives, label = instead, f"fallback: {name}"
        fact = {"kind": "message_received", "side": sender, "about": name}
        self.at(arrives, self.feed, other, node, label, fact)

    def milestone(self, milestone: Milestone) -> tuple[float, int]:
        """When a milestone was reached, seconds after the alarm, and the fact that reached it."""
        found = []
        for side in self.stage.sides:
            if milestone.side not in {"both", "first"} and not on_side(
                milestone.side, side, self.stage.lead
            ):
                continue
            reached = self.reached[side]
            times = [reached[event] for event in milestone.on if event in reached]
            found.append(min(times, default=(math.inf, 0)))
        time_s, node = min(found) if milestone.side == "first" else max(found)
        began = self.states[self.stage.lead].began_s or 0.0
        return time_s - began, node

    def path(self, node: int) -> list[tuple[str, float]]:
        """The critical path of a fact: what took how many seconds, from the start."""
        steps: list[tuple[str, float]] = []
        while node > 0:
            cause = self.causes[node]
            took = cause.time_s - self.causes[cause.parent].time_s
            if took > 0:
                steps.append((cause.label, took))
            node = cause.parent
        return steps[::-1]
