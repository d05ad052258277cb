"""What lies on the shelves of joint plans, and does not follow from the entries.

Whoever can write into the database could put other units behind our word, let a question go by as
if it had been answered, give the other side more questions than were agreed, or have a plan that
was made alone forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.link.envelope import parse_envelope
from stopline.link.messages import read_message
from stopline.link.plan_messages import PlanAsked
from stopline.operation.accounts.storage_keys import named_by
from stopline.operation.joint.deferred_plans import AGAIN_SHELF
from stopline.operation.joint.pending_commitments import COUNTED_ON_S, HELD_SHELF, held_key
from stopline.operation.joint.query_service import (
    MARK_SHELF,
    SPENT_SHELF,
    answer_id,
    demands_in,
    spent_key,
)

if TYPE_CHECKING:
    from stopline.journal.base import Entry
    from stopline.journal.stored import StoredJournal
    from stopline.link.envelope import Envelope

_Shelves = dict[str, dict[str, bytes]]  # name of the shelf, key: what lies there
_NAMES = (MARK_SHELF, SPENT_SHELF, HELD_SHELF, AGAIN_SHELF)


@dataclass(frozen=True, slots=True)
class _Question:
    """A question of the other side, and whether the record says what became of it."""

    index: int
    envelope: Envelope
    asked: PlanAsked


@dataclass(slots=True)
class _Said:
    """What the entries say of each shelf.

    Attributes:
        questions: of the other side, by the id that an answer has.
        sent: kind of each message of ours about a joint plan, by id.
        left: questions that got no answer, by peer, matter and number.
        held: when each answer was kept aside, and its name, by key.
        again: name of the note to plan again, by incident; empty where an older version left it.
        alone: the plan that a note is about, by incident.
        noted_from: the first entry of a version that notes all of this.
        size: number of entries.
    """

    questions: dict[str, _Question] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)
    left: set[tuple[str, str, int]] = field(default_factory=set)
    held: dict[str, tuple[float, str]] = field(default_factory=dict)
    again: dict[str, str] = field(default_factory=dict)
    alone: dict[str, str] = field(default_factory=dict)
    noted_from: int | None = None
    size: int = 0

    def follow(self, entry: Entry) -> None:
        """Take an entry in."""
        self.size = entry.index + 1
        body, kind = entry.body, entry.kind
        if body is None:
            return
        if kind == "message.received" and body["kind"] == "plan.asked":
            self._asked(entry.index, str(body["envelope"]))
        elif kind == "message.sent" and str(body["kind"]).startswith("plan."):
            self.sent[entry.fact_id] = str(body["kind"])
        elif kind in {"joint.answer-kept", "joint.question-left", "joint.commitment-given"}:
            self._ours(entry)
        elif kind == "joint.planned-alone":
            self.again[entry.incident or ""] = str(body.get("kept", ""))
            self.alone[entry.incident or ""] = str(body["matter"])
        elif kind == "joint.reconciled":
            for incident in [one for one, matter in self.alone.items() if matter == body["alone"]]:
                del self.again[incident], self.alone[incident]

    def _asked(self, index: int, text: str) -> None:
        envelope = parse_envelope(text.encode())
        try:
            asked = read_message(envelope.kind, envelope.body)
        except BadInput:
            return  # nobody answers what cannot be read
        if isinstance(asked, PlanAsked):
            self.questions[answer_id(envelope)] = _Question(index, envelope, asked)

    def _ours(self, entry: Entry) -> None:
        body = entry.body or {}
        peer, matter, number = str(body["peer"]), str(body["matter"]), int(str(body["number"]))
        if entry.kind == "joint.commitment-given":
            whole = held_key(peer, matter, None)
            self.held = {key: one for key, one in self.held.items() if not key.startswith(whole)}
            return
        if self.noted_from is None:
            self.noted_from = entry.index
        if entry.kind == "joint.question-left":
            self.left.add((peer, matter, number))
            return
        oldest_s = entry.time_s - COUNTED_ON_S
        self.held = {key: one for key, one in self.held.items() if one[0] >= oldest_s}
        self.held[held_key(peer, matter, number)] = entry.time_s, str(body["kept"])

    def spent(self) -> dict[str, int]:
        """How many demands were answered, by peer and incident."""
        found: dict[str, int] = {}
        for name, one in self.questions.items():
            if self.sent.get(name) == "plan.answered":
                key = spent_key(one.envelope)
                found[key] = found.get(key, 0) + demands_in(one.asked)
        return found

    def passed_over(self, read: int) -> list[str]:
        """Questions before a mark that the record leaves without an answer."""
        if self.noted_from is None:
            return []
        return [
            f"shelf {MARK_SHELF}: question {one.asked.number} of {one.asked.matter[:60]}, entry "
            f"{one.index}, counts as dealt with, and no entry answers it"
            for name, one in self.questions.items()
            if self.noted_from < one.index < read
            and name not in self.sent
            and (one.envelope.sender, one.asked.matter, one.asked.number) not in self.left
        ]


def check_joint_plans(journal: StoredJournal) -> list[str]:
    """Say what on the shelves of joint plans does not follow from the entries.

    A node may be at work meanwhile: what the entries contradict before they are read and after is a
    fault, what they contradict once is only newer.
    """
    before, said = _shelves(journal), _Said()
    for entry in journal.read():
        said.follow(entry)
    still = set(_contradicted(_shelves(journal), said))
    return [one for one in _contradicted(before, said) if one in still]


def _shelves(journal: StoredJournal) -> _Shelves:
    return {name: dict(journal.shelf(name)) for name in _NAMES}


def _contradicted(shelves: _Shelves, said: _Said) -> list[str]:
    return [
        *_mark(shelves[MARK_SHELF], said),
        *_spent(shelves[SPENT_SHELF], said.spent()),
        *_named(HELD_SHELF, shelves[HELD_SHELF], {key: one[1] for key, one in said.held.items()},
                every=said.noted_from is not None),
        *_named(AGAIN_SHELF, shelves[AGAIN_SHELF], said.again, every=True),
    ]  # fmt: skip


def _mark(shelf: dict[str, bytes], said: _Said) -> list[str]:
    raw = shelf.get("read", b"0").decode("ascii", "replace")
    found = [
        f"shelf {MARK_SHELF}: {key[:60]}, which nobody wrote" for key in shelf.keys() - {"read"}
    ]
    if not raw.isdecimal() or int(raw) > said.size:
        return [*found, f"shelf {MARK_SHELF}: {raw[:40]!r} read; expected up to {said.size}"]
    return [*found, *said.passed_over(int(raw))]


def _spent(shelf: dict[str, bytes], answered: dict[str, int]) -> list[str]:
    return [
        f"shelf {SPENT_SHELF}: {key[:80]}: {held[:40]} demands answered; expected {right} from the "
        "entries"
        for key in sorted(shelf.keys() | answered.keys())
        if (held := shelf.get(key, b"0").decode("ascii", "replace"))
        != (right := str(answered.get(key, 0)))
    ]


def _named(shelf: str, lie: dict[str, bytes], named: dict[str, str], *, every: bool) -> list[str]:
    """Hold a shelf against the names in the entries; an empty name is one of an older version."""
    found = []
    for key, raw in lie.items():
        name = named.get(key)
        if name is None and every:
            found.append(f"shelf {shelf}: {key[:80]!r}, which no entry names")
        elif name and named_by(raw) != name:
            found.append(f"shelf {shelf}: {key[:80]!r} is another than the entries name")
    missing = [key for key, name in named.items() if name and key not in lie]
    return [
        *found,
        *(f"shelf {shelf}: {key[:80]!r} is not there; an entry names it" for key in missing),
    ]
