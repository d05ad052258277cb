"""The agreed procedure, running: a pure state machine of one side's node.

`step(state, fact) -> state` and `due(state, now_s) -> what is to be done`; no clock, no files, no
hidden memory. The same facts in the same order give the same state, so a node that restarts
replays its journal and stands where it stood. Each side runs the document on its own node with
its own facts; only messages cross.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.protocol.due import Due, due_at, next_due_s
from stopline.protocol.guards import find_task, granted, reason_to_refuse
from stopline.protocol.lookup import Tables, on_side
from stopline.protocol.other_side import (
    may_take_the_lead,
    opens,
    possible_leads,
    possible_phases,
)
from stopline.protocol.state import OUTSIDE_KINDS, State, Voice
from stopline.protocol.transition import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stopline.protocol.reader import ProtocolFile
    from stopline.protocol.schema import Disclosure
    from stopline.protocol.state import ProtocolFact


class Machine:
    """One version of a protocol, ready to run on the node of one side.

    Attributes:
        protocol: the document.
        version: its digest; a state that began with another version is refused.
    """

    def __init__(self, file: ProtocolFile) -> None:
        self.protocol = file.protocol
        self.version = file.digest
        self._tables = Tables(file.protocol)

    def begin(self, side: str, now_s: float = 0.0) -> State:
        """The state of a side's node before anything has happened.

        Raises:
            BadInput: if the document has no such side.
        """
        if side not in self.protocol.sides:
            expected = f"one of {', '.join(self.protocol.sides)}"
            raise BadInput.single("side", f"`{side}`", expected)
        first = self._tables.first_phase
        level = self.protocol.phases[first].level or ""
        return State(
            version=self.version, side=side, phase=first, phase_s=now_s, now_s=now_s, level=level
        )

    def step(self, state: State, fact: ProtocolFact) -> State:
        """The state after one more fact.

        A fact that the document does not allow changes nothing but the time; `changes.refused`
        says why. A fact that arrives late counts from when it was known; time never goes back.

        Raises:
            BadInput: if the incident began with another version of the document.
        """
        self._same_version(state)
        draft = Draft(self.protocol, self._tables, state, fact)
        refused = reason_to_refuse(self.protocol, self._tables, state, fact)
        if refused:
            return draft.frozen(refused)
        self._take_in(draft, fact)
        draft.run()
        return draft.frozen()

    def replay(self, state: State, facts: Iterable[ProtocolFact]) -> State:
        """The state after all these facts, in this order."""
        for fact in facts:
            state = self.step(state, fact)
        return state

    def refusal(self, state: State, fact: ProtocolFact) -> str:
        """Why the document does not allow a fact now; empty if it does.

        Ask before a command becomes a fact.
        """
        self._same_version(state)
        return reason_to_refuse(self.protocol, self._tables, state, fact)

    def due(self, state: State, now_s: float) -> Due:
        """What is to be done, what is overdue, who is told, what may be shown, at a time."""
        self._same_version(state)
        return due_at(self.protocol, self._tables, state, now_s)

    def next_due_s(self, state: State, now_s: float) -> float | None:
        """The next time after `now_s` at which `due` says something new by itself."""
        return next_due_s(self.protocol, self._tables, state, now_s)

    def opens(self, message: str) -> bool:
        """Whether a message may be the first that this side hears of an incident."""
        return opens(self.protocol, self._tables, message)

    def possible_there(self, state: State, now_s: float) -> set[str]:
        """Name the phases in which the other side can be, given what both have said."""
        protocol, tables = self.protocol, self._tables
        leads = possible_leads(protocol, tables, state, now_s)
        return set().union(*(possible_phases(protocol, tables, state, lead) for lead in leads))

    def granted(self, state: State, task: str) -> bool:
        """Whether a task has the authority it needs: a decision, or leave given in advance."""
        return granted(self.protocol, state, self.protocol.tasks[task])

    def permitted(self, state: State) -> dict[str, Disclosure]:
        """What this node may show the other side in the present phase, by name."""
        return {
            name: item
            for name, item in self.protocol.disclosures.items()
            if state.phase in item.phases and on_side(item.side, state.side, state.lead)
        }

    def may_disclose(self, state: State, item: str, to_role: str) -> bool:
        """Whether one thing may be shown now to one role of the other side."""
        found = self.permitted(state).get(item)
        return found is not None and (not found.to or to_role in found.to)

    def _same_version(self, state: State) -> None:
        if state.version != self.version:
            seen, expected = f"an incident under {state.version}", f"one under {self.version}"
            raise BadInput.single("state", seen, expected)

    def _take_in(self, draft: Draft, fact: ProtocolFact) -> None:
        if fact.kind in OUTSIDE_KINDS:
            if fact.kind == "alarm":
                self._alarm(draft, fact.side)
            for name in self._tables.triggered(fact, draft.before.side):
                draft.raise_event(name)
        elif fact.kind == "decided":
            self._hear(draft, fact)
        elif fact.kind == "message_received":
            if self.protocol.messages[fact.about].side == "lead":
                self._other_leads(draft, fact.side)
            draft.raise_event(f"message {fact.about} received")
        else:
            _OWN[fact.kind](draft, fact)

    @staticmethod
    def _alarm(draft: Draft, side: str) -> None:
        draft.lead = draft.lead or side
        if draft.began_s is None:
            draft.began_s = draft.now_s

    def _other_leads(self, draft: Draft, side: str) -> None:
        """Follow the side that raised the alarm; if both did at once, the first named leads."""
        before = draft.before
        at_once = may_take_the_lead(self.protocol, self._tables, before, draft.fact.known_s)
        self._alarm(draft, side)
        if draft.lead != side and at_once:
            draft.lead = side
            draft.withdraw(side="lead")

    def _hear(self, draft: Draft, fact: ProtocolFact) -> None:
        others = [v for v in draft.voices.get(fact.about, ()) if v.person != _same(fact.person)]
        voices = (*others, Voice(_same(fact.person), fact.role, fact.outcome))
        agreeing = sum(voice.outcome == fact.outcome for voice in voices)
        if agreeing < self.protocol.decisions[fact.about].persons:
            draft.voices[fact.about] = voices
            return
        draft.voices.pop(fact.about, None)
        draft.decided[fact.about] = fact.outcome
        draft.raise_event(f"decision {fact.about} {fact.outcome}")
        draft.raise_event(f"decision {fact.about} taken")


def _done(draft: Draft, fact: ProtocolFact) -> None:
    draft.finish(find_task(draft.before, fact.about, "open"), fact.role, fact.person)


def _acknowledged(draft: Draft, fact: ProtocolFact) -> None:
    draft.acknowledge(find_task(draft.before, fact.about, "done"), fact.role, fact.person)


def _sent(draft: Draft, fact: ProtocolFact) -> None:
    draft.raise_event(f"message {fact.about} sent")


def _absent(draft: Draft, fact: ProtocolFact) -> None:
    draft.absent |= {fact.about}


def _present(draft: Draft, fact: ProtocolFact) -> None:
    draft.absent -= {fact.about}


def _same(person: str) -> str:
    """One spelling for one person."""
    return " ".join(person.split()).casefold()


_OWN: dict[str, Callable[[Draft, ProtocolFact], None]] = {
    "task_done": _done,
    "task_acknowledged": _acknowledged,
    "message_sent": _sent,
    "deadline_passed": lambda draft, fact: draft.mark_late(fact.about),
    "level_set": lambda draft, fact: draft.set_level(fact.about),
    "absent": _absent,
    "present": _present,
}
