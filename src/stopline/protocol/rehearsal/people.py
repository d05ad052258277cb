"""The simulated people of one side: who takes up which task, in which order, for how long."""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING

from stopline.protocol.rehearsal.job import Job
from stopline.protocol.schema import CONFIRMATION

if TYPE_CHECKING:
    from stopline.protocol.rehearsal.incident import RehearsedIncident
    from stopline.protocol.rehearsal.schema import Absence
    from stopline.protocol.state import TaskState


class Crew:
    """All people of one side."""

    def __init__(self, run: RehearsedIncident, side: str) -> None:
        self.run = run
        self.side = side
        self.stage = run.stage
        self.part = run.part(side)
        self._pending: dict[str, list[Job]] = {}
        self._busy: set[str] = set()
        self._away: dict[str, float] = {}
        self._parked: list[Job] = []
        self._outcomes: dict[str, str] = {}  # drawn once: those who decide together agree
        self._number = 0

    def absence(self, absence: Absence) -> None:
        """Take somebody out, with or without the node being told."""
        role = absence.role
        self.run.at(absence.from_s, self._goes, role, absence.until_s, absence.known)

    def opened(self, task: TaskState, node: int) -> None:
        """A task is there: somebody takes it up, unless only others can bring it about."""
        if task.deadline_s is not None:
            self.run.at(task.deadline_s, self._deadline, task.id, "open")
        entry = self.stage.protocol.tasks[task.task]
        evidence = self.stage.evidence[task.task]
        if entry.sends is None and not self.stage.is_own_work(evidence):
            return
        deadline = math.inf if task.deadline_s is None else task.deadline_s
        self._give(self._job("do", task.id, entry.who or "", node, deadline))

    def done(self, task: TaskState, node: int) -> None:
        """Evidence is there: those who must acknowledge do so."""
        if task.status != "done":
            return
        deadline = math.inf if task.ack_deadline_s is None else task.ack_deadline_s
        if task.ack_deadline_s is not None:
            self.run.at(task.ack_deadline_s, self._deadline, task.id, "done")
        for role in self.stage.protocol.tasks[task.task].acknowledged_by:
            self._give(self._job("acknowledge", task.id, role, node, deadline))

    def unpark(self) -> None:
        """Take up again what waited for somebody's decision."""
        parked, self._parked = self._parked, []
        for job in parked:
            self._give(job)

    def _job(self, what: str, instance: str, role: str, node: int, deadline_s: float) -> Job:
        self._number += 1
        return Job(deadline_s, self._number, what, instance, role, node)

    def _give(self, job: Job) -> None:
        holder = self.stage.holder(self.run.states[self.side], job.role)
        heapq.heappush(self._pending.setdefault(holder, []), job)
        self._next(holder)

    def _next(self, holder: str) -> None:
        """Let a person who is free and there take up the most urgent job."""
        pending = self._pending.get(holder)
        if not pending or holder in self._busy or holder in self._away:
            return
        state = self.run.states[self.side]
        while pending:
            job = heapq.heappop(pending)
            wanted = "done" if job.what == "acknowledge" else "open"
            if state.tasks[job.instance].status != wanted:
                continue
            self._busy.add(holder)
            took = self.stage.duration(self.side, holder, job, state).draw(self.run.random)
            self.run.at(self.run.now_s + took, self._finish, holder, job)
            return

    def _finish(self, holder: str, job: Job) -> None:
        self._busy.discard(holder)
        task = self.run.states[self.side].tasks[job.instance]
        if task.status == ("done" if job.what == "acknowledge" else "open"):
            self._act(holder, job, task)
        self._next(holder)

    def _act(self, holder: str, job: Job, task: TaskState) -> None:
        label = f"{self.part} {holder}: {task.task}"
        fact = {"role": holder, "person": f"{self.side} {holder}", "about": task.id}
        if job.what == "acknowledge":
            fact["kind"] = "task_acknowledged"
            self._feed(job, f"{label} (acknowledge)", fact)
            return
        entry = self.stage.protocol.tasks[task.task]
        evidence = self.stage.evidence[task.task]
        if not self.stage.machine.granted(self.run.states[self.side], task.task):
            self._parked.append(job)
            return
        if entry.sends is not None:
            fact.update(kind="message_sent", about=entry.sends)
        elif evidence == CONFIRMATION:
            fact["kind"] = "task_done"
        elif evidence.startswith("message "):
            fact.update(kind="message_sent", about=evidence.split(" ")[1])
        elif evidence.startswith("decision "):
            self._decide(holder, job, evidence.split(" ")[1], label)
            return
        else:
            self.run.pull(self.side, evidence, job.node, label)
            return
        self._feed(job, label, fact)

    def _decide(self, holder: str, job: Job, name: str, label: str) -> None:
        """The holder gives a voice, or puts the question to those who may decide."""
        decision = self.stage.protocol.decisions[name]
        state = self.run.states[self.side]
        able = {self.stage.holder(state, role): role for role in reversed(decision.taken_by)}
        node = job.node
        if holder in able:
            if job.instance not in self._outcomes:
                self._outcomes[job.instance] = self.stage.outcome(name, self.run.random)
            fact = {
                "kind": "decided",
                "role": holder,
                "person": f"{self.side} {holder}",
                "about": name,
                "outcome": self._outcomes[job.instance],
            }
            node = self._feed(job, label, fact)
        if job.what == "do" and self.run.states[self.side].tasks[job.instance].status == "open":
            asked = decision.persons - (holder in able)
            voters = [able[h] for h in reversed(able) if h != holder][: max(asked, 0)]
            if holder not in able:
                node = self.run.note(job.node, label)
            for role in voters:
                self._give(self._job("voice", job.instance, role, node, job.deadline_s))

    def _feed(self, job: Job, label: str, fact: dict[str, str]) -> int:
        node = len(self.run.causes)
        refused = self.run.feed(self.side, job.node, label, fact)
        if refused:
            self.run.refused[f"{label}: {refused}"] += 1
        return node

    def _deadline(self, instance: str, status: str) -> None:
        """A deadline comes; if it is missed it is noted, and those above are told in turn."""
        state = self.run.states[self.side]
        task = state.tasks[instance]
        if task.status != status:
            return
        self.run.missed.add((task.task, self.part))
        for notice in self.stage.machine.due(state, self.run.now_s).facts:
            if notice.about == instance:
                fact = {"kind": "deadline_passed", "about": instance, "outcome": notice.outcome}
                self.run.feed(self.side, int(task.cause), f"{self.part}: {task.task} late", fact)
        entry = self.stage.protocol.tasks[task.task]
        for level, role in enumerate(self.stage.escalation(task.task)):
            when = self.run.now_s + level * entry.escalate_every_s
            self.run.at(when, self._escalate, instance, status, role)

    def _escalate(self, instance: str, status: str, role: str) -> None:
        """Somebody above is told: if the holder turns out to be absent, that is noted."""
        state = self.run.states[self.side]
        if state.tasks[instance].status != status:
            return
        told = self.stage.holder(state, role)
        if told in self._away:
            return
        waiting = {
            job.role
            for holder, pending in self._pending.items()
            if holder in self._away
            for job in pending
            if job.instance == instance
        }
        for missing in sorted(waiting):
            holder = self.stage.holder(state, missing)
            took = self.stage.rehearsal.acknowledge.draw(self.run.random)
            node = int(state.tasks[instance].cause)
            self.run.at(self.run.now_s + took, self._found_absent, holder, told, node)

    def _found_absent(self, role: str, told: str, node: int) -> None:
        if role not in self._away or role in self.run.states[self.side].absent:
            return
        fact = {"kind": "absent", "about": role, "role": told, "person": f"{self.side} {told}"}
        node_now = len(self.run.causes)
        self.run.feed(self.side, node, f"{self.part} {role} found absent", fact)
        self._hand_over(role, node_now)

    def _hand_over(self, role: str, node: int | None = None) -> None:
        for job in self._pending.pop(role, []):
            if node is not None:
                job.node = node
            self._give(job)

    def _goes(self, role: str, until_s: float, known: bool) -> None:  # noqa: FBT001
        self._away[role] = until_s
        self.run.at(until_s, self._returns, role)
        if known:
            fact = {"kind": "absent", "about": role, "role": role, "person": f"{self.side} {role}"}
            self.run.feed(self.side, 0, f"{self.part} {role} absent", fact)
            self._hand_over(role)

    def _returns(self, role: str) -> None:
        self._away.pop(role, None)
        if role in self.run.states[self.side].absent:
            fact = {"kind": "present", "about": role, "role": role, "person": f"{self.side} {role}"}
            self.run.feed(self.side, 0, f"{self.part} {role} back", fact)
        self._next(role)
