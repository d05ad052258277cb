"""One step of the state machine while it is being taken: a mutable copy, frozen again at the end.

An event first moves the phase, then closes, withdraws and opens tasks; what these bring about is
handled in the same step, each event once, so that a step always ends.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from stopline.protocol.due import awaited
from stopline.protocol.lookup import on_side
from stopline.protocol.state import Changes, Happened, State, TaskState

if TYPE_CHECKING:
    from stopline.protocol.lookup import Tables
    from stopline.protocol.schema import PhaseExit, Protocol, Task
    from stopline.protocol.state import ProtocolFact


class Draft:
    """The state in the middle of one step."""

    def __init__(
        self, protocol: Protocol, tables: Tables, state: State, fact: ProtocolFact
    ) -> None:
        self.protocol = protocol
        self.tables = tables
        self.before = state
        self.fact = fact
        self.now_s = max(state.now_s, fact.known_s)
        self.seq = state.seq
        self.lead = state.lead
        self.phase = state.phase
        self.phase_seq = state.phase_seq
        self.phase_s = state.phase_s
        self.visits = state.visits
        self.level = state.level
        self.began_s = state.began_s
        self.tasks = dict(state.tasks)
        self.happened = dict(state.happened)
        self.voices = dict(state.voices)
        self.decided = dict(state.decided)
        self.absent = state.absent
        self._queue: deque[str] = deque()
        self._events: dict[str, None] = {}
        self._opened: list[str] = []
        self._done: list[str] = []
        self._withdrawn: list[str] = []

    def frozen(self, refused: str = "") -> State:
        """The state after the step."""
        return State(
            version=self.before.version,
            side=self.before.side,
            lead=self.lead,
            phase=self.phase,
            phase_seq=self.phase_seq,
            phase_s=self.phase_s,
            visits=self.visits,
            level=self.level,
            seq=self.seq,
            now_s=self.now_s,
            began_s=self.began_s,
            tasks=self.tasks,
            happened=self.happened,
            voices=self.voices,
            decided=self.decided,
            absent=self.absent,
            changes=Changes(
                tuple(self._opened),
                tuple(self._done),
                tuple(self._withdrawn),
                tuple(self._events),
                refused,
            ),
        )

    def raise_event(self, event: str) -> None:
        """Note that an event came true; it takes effect in `run`."""
        self._queue.append(event)

    def run(self) -> None:
        """Carry all events through to their ends."""
        queue = self._queue
        while queue:
            event = queue.popleft()
            if event in self._events:
                continue
            self._events[event] = None
            self.seq += 1
            self.happened[event] = Happened(self.seq, self.now_s, self.fact.id)
            is_move = event.startswith("phase ")
            if not is_move and event in self.tables.moves[self.phase]:
                self._leave_phase()
            for name in self.tables.closes.get(event, ()):
                self._close_by_event(name)
            for name in self.tables.withdraws.get(event, ()):
                self.withdraw(name)
            for name in self.tables.opens.get(event, ()):
                self._open(name)
            if is_move:
                self._leave_phase()

    def finish(self, instance: str, role: str = "", person: str = "") -> None:
        """Note the evidence of an open task."""
        task = self.tasks[instance]
        entry = self.protocol.tasks[task.task]
        waits = bool(entry.acknowledged_by)
        within = entry.acknowledge_within_s
        self.tasks[instance] = replace(
            task,
            status="done" if waits else "closed",
            done_s=self.now_s,
            done_by=(role, person),
            ack_deadline_s=None if not waits or within is None else self.now_s + within,
        )
        self._done.append(instance)
        self.raise_event(f"task {task.task} done")
        if not waits:
            self.raise_event(f"task {task.task} acknowledged")

    def acknowledge(self, instance: str, role: str, person: str) -> None:
        """Note one acknowledgement; the task is closed when none is awaited."""
        task = self.tasks[instance]
        task = replace(task, acknowledged=(*task.acknowledged, (role, person)))
        if not awaited(self.protocol, self.tables, task):
            task = replace(task, status="closed")
            self.raise_event(f"task {task.task} acknowledged")
        self.tasks[instance] = task

    def mark_late(self, instance: str) -> None:
        """Note that the deadline that runs was missed."""
        task = self.tasks[instance]
        done = task.status == "done"
        self.tasks[instance] = replace(task, ack_late=True) if done else replace(task, late=True)
        self.raise_event(f"task {task.task} overdue")

    def withdraw(self, name: str = "", side: str = "") -> None:
        """Withdraw the open tasks of a name, or of a side word, or all."""
        for instance, task in self.tasks.items():
            if task.status not in {"open", "done"} or (name and task.task != name):
                continue
            if side and self.protocol.tasks[task.task].side != side:
                continue
            self.tasks[instance] = replace(task, status="withdrawn")
            self._withdrawn.append(instance)

    def _close_by_event(self, name: str) -> None:
        ref = self.fact.ref
        found = [t.id for t in self.tasks.values() if t.task == name and t.status == "open"]
        if not found:
            return
        chosen = [i for i in found if i in {ref, f"{name}#{ref}"}]
        self.finish((chosen or found)[0], self.fact.role, self.fact.person)

    def _open(self, name: str) -> None:
        task = self.protocol.tasks[name]
        if task.phases and self.phase not in task.phases:
            return
        if not on_side(task.side, self.before.side, self.lead):
            return
        instance = name
        if task.repeat == "phase":
            instance = f"{name}@{self.visits}"
        elif task.repeat == "event":
            instance = f"{name}#{self.fact.id}"
        if instance in self.tasks:
            return
        self.tasks[instance] = TaskState(
            id=instance,
            task=name,
            cause=self.fact.id,
            opened_s=self.now_s,
            deadline_s=self._deadline(task),
        )
        self._opened.append(instance)
        self.raise_event(f"task {name} opened")

    def _deadline(self, task: Task) -> float | None:
        if task.within_s is None:
            return None
        start = self.happened.get(task.counted_from or "")
        return (self.now_s if start is None else start.time_s) + task.within_s

    def _leave_phase(self) -> None:
        if any(event.startswith("phase ") for event in self._queue):
            return  # the last move is not yet carried through
        for way in self.protocol.phases[self.phase].exits:
            target = self.protocol.phases.get(way.to)
            if target is None or not self._holds(way):
                continue
            if any(event not in self.happened for event in target.requires):
                continue
            if f"phase {way.to} entered" in self._events:
                continue  # twice in one step would go round for ever
            left = f"phase {self.phase} left"
            self.phase, self.phase_seq, self.phase_s = way.to, self.seq, self.now_s
            self.visits += 1
            if target.level is not None:
                self.set_level(target.level)
            if target.withdraws or target.final:
                self.withdraw()
            self._forget_decisions()
            self._queue.appendleft(f"phase {way.to} entered")
            self._queue.appendleft(left)
            return

    def set_level(self, level: str) -> None:
        """Set the alert level, and say so if it changed."""
        if level != self.level:
            self.level = level
            self.raise_event(f"level {level} set")

    def _forget_decisions(self) -> None:
        for name, decision in self.protocol.decisions.items():
            if decision.repeat == "phase":
                self.decided.pop(name, None)
                self.voices.pop(name, None)

    def _holds(self, way: PhaseExit) -> bool:
        if not way.all_of and not way.any_of:
            return False
        after = -1 if way.since == "incident" else self.phase_seq

        happened = self.happened
        for event in way.all_of:
            if event not in happened or happened[event].seq <= after:
                return False
        if not way.any_of:
            return True
        return any(event in happened and happened[event].seq > after for event in way.any_of)
