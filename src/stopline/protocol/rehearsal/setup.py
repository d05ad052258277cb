"""What all runs of one rehearsal share, made once: the machine, the times, the events awaited."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from stopline.errors import FaultList
from stopline.protocol.due import holders_of
from stopline.protocol.lookup import Tables
from stopline.protocol.machine import Machine
from stopline.protocol.schema import CONFIRMATION

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from stopline.protocol.reader import ProtocolFile
    from stopline.protocol.rehearsal.job import Job
    from stopline.protocol.rehearsal.schema import Duration, Outside, Rehearsal
    from stopline.protocol.state import State


class Stage:
    """A protocol set up to be rehearsed.

    Raises:
        BadInput: if the rehearsal names what the protocol does not have.
    """

    def __init__(self, file: ProtocolFile, rehearsal: Rehearsal) -> None:
        self.protocol = file.protocol
        self.rehearsal = rehearsal
        _refuse_unknown(self)
        self.machine = Machine(file)
        self.tables = Tables(file.protocol)
        self.sides = tuple(file.protocol.sides)
        self.lead = rehearsal.lead
        self.begun = {side: self.machine.begin(side) for side in self.sides}
        self.evidence = self.tables.evidence
        self.outside_after: dict[str | None, list[tuple[int, Outside]]] = defaultdict(list)
        for number, item in enumerate(rehearsal.outside):
            self.outside_after[item.after].append((number, item))
        self._from_outside = {item.trigger for item in rehearsal.outside}

    def other(self, side: str) -> str:
        """The other side."""
        return self.sides[1] if side == self.sides[0] else self.sides[0]

    def is_own_work(self, evidence: str) -> bool:
        """Whether the person who has the task can bring about its evidence."""
        if evidence == CONFIRMATION or evidence.startswith("decision "):
            return True
        if evidence.startswith("message "):
            return evidence.endswith(" sent")
        return evidence in self.protocol.triggers and evidence not in self._from_outside

    def holder(self, state: State, role: str) -> str:
        """The role that acts for a role now."""
        if role not in state.absent:
            return role
        return holders_of(self.protocol, self.tables, state, role)[0]

    def escalation(self, task: str) -> tuple[str, ...]:
        """The roles told when a task is overdue."""
        return self.tables.escalation[task]

    def duration(self, side: str, holder: str, job: Job, state: State) -> Duration:
        """How long a job takes whom."""
        rehearsal = self.rehearsal
        if job.what == "acknowledge":
            return rehearsal.acknowledge
        task = state.tasks[job.instance].task
        if job.what == "do" and task in rehearsal.tasks:
            return rehearsal.tasks[task]
        people = rehearsal.people
        for key in (f"{side}.{holder}", holder, "default"):
            if key in people:
                return people[key]
        return rehearsal.acknowledge

    def outcome(self, decision: str, random: Random) -> str:
        """Draw the outcome of a decision; its first outcome if no probabilities are given."""
        chances = self.rehearsal.outcomes.get(decision)
        if not chances:
            return self.protocol.decisions[decision].outcomes[0]
        names = list(chances)
        return random.choices(names, [chances[name] for name in names])[0]

    def pattern(self, trigger: str, side: str) -> dict[str, Any]:
        """The fields of a fact that pulls a trigger."""
        entry = self.protocol.triggers[trigger]
        return {
            "kind": entry.fact,
            "about": next(iter(entry.about), ""),
            "outcome": next(iter(entry.outcome), ""),
            "marks": entry.marks,
            "side": self.other(side) if entry.side == "other" else side,
        }


def _refuse_unknown(stage: Stage) -> None:
    """Refuse a rehearsal that names what the protocol does not have."""
    faults = FaultList()
    protocol, rehearsal = stage.protocol, stage.rehearsal
    words = {"each", "lead", "assist", *protocol.sides}
    named: list[tuple[str, str, Iterable[str]]] = [
        ("protocol", rehearsal.protocol, (protocol.name,)),
        ("lead", rehearsal.lead, protocol.sides),
    ]
    keys = [key.rpartition(".") for key in rehearsal.people]
    named += [("people", side, protocol.sides) for side, dot, _ in keys if dot]
    named += [("people", role, {"default", *protocol.roles}) for _, _, role in keys]
    named += [("tasks", name, protocol.tasks) for name in rehearsal.tasks]
    for item in rehearsal.outside:
        named.append(("outside", item.trigger, protocol.triggers))
        named.append(("outside", item.side, words))
    for name, chances in rehearsal.outcomes.items():
        named.append(("outcomes", name, protocol.decisions))
        if name in protocol.decisions:
            outcomes = protocol.decisions[name].outcomes
            named += [(f"outcomes.{name}", outcome, outcomes) for outcome in chances]
    for name, variant in rehearsal.variants.items():
        for absence in variant.absent:
            named.append((f"variants.{name}", absence.role, protocol.roles))
            named.append((f"variants.{name}", absence.side, words))
    for where, name, names in named:
        if name not in names:
            faults.add(f"rehearsal: {where}", f"`{name}`", f"a name that {protocol.name} defines")
    if "default" not in rehearsal.people and set(protocol.roles) - set(rehearsal.people):
        faults.add("rehearsal: people", "nothing for some roles", "a `default`, or every role")
    faults.raise_if_any()
