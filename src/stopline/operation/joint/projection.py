"""What stands between the two sides from joint plans: commitments taken and given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from stopline.link.plan_messages import PlanAnswered, PlanAsked, PlanDecided, PlanDeclined
from stopline.operation.core.projection import Projection, folds, on_message, projection
from stopline.operation.facts.joint import (
    CommitmentGiven,
    CommitmentOrdered,
    CommitmentTaken,
    CommitmentWithdrawn,
    PlannedAlone,
    Reconciled,
)

if TYPE_CHECKING:
    from stopline.journal.base import Entry

_Body = TypeVar("_Body", CommitmentTaken, CommitmentGiven)
Key: TypeAlias = tuple[str, int]  # matter, number of the question


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingMatter(Generic[_Body]):
    """A commitment, taken or given, as it stands.

    Attributes:
        body: as it was taken or given.
        incident: the incident it belongs to, if any.
        since_s: since when, UTC seconds.
        decided_s: when the plan on it was adopted, as far as this side knows.
        ordered: our units have their orders for it.
        withdrawn: why it was withdrawn; empty if it was not.
        replaced: a later plan of the incident builds on another.
    """

    body: _Body
    incident: str | None
    since_s: float
    decided_s: float | None = None
    ordered: bool = False
    withdrawn: str = ""
    replaced: bool = False

    def ended(self, now_s: float) -> str:
        """Why it does not count any more, in words; empty while it does."""
        if self.withdrawn:
            return f"it was withdrawn: {self.withdrawn}"
        if self.replaced:
            return "a later plan took its place"
        return "it has expired" if self.body.expires_utc_s <= now_s else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedByPlan:
    """What one side asked the other for a joint plan: which roads it can hold by when.

    Attributes:
        incident: the incident it belongs to, if any.
        theirs: the other side asked.
        since_s: when the first question was sent or came, UTC seconds.
        questions: how many there were.
        answered_s: when the last answer was given; None while there is none.
        declined: why the last question was not answered; empty if it was.
    """

    incident: str | None
    theirs: bool
    since_s: float
    questions: int = 0
    answered_s: float | None = None
    declined: str = ""


@projection("node")
class JointPlans(Projection):
    """Commitments of all incidents, and plans that were made without an answer.

    Attributes:
        taken: those of the other side that our plans build on.
        given: ours that the other side's plans build on.
        alone: plans made with the last commitments, by id, with their incident.
        reconciled: what came of asking again, in order, with the incident.
        asked: what was asked for each joint plan, by its id.
    """

    def __init__(self) -> None:
        self.taken: dict[Key, StandingMatter[CommitmentTaken]] = {}
        self.given: dict[Key, StandingMatter[CommitmentGiven]] = {}
        self.alone: dict[str, tuple[str | None, PlannedAlone]] = {}
        self.reconciled: list[tuple[str | None, float, Reconciled]] = []
        self.asked: dict[str, AskedByPlan] = {}
        self._early: dict[Key, Entry] = {}

    @folds(CommitmentTaken)
    def _taken(self, body: CommitmentTaken, entry: Entry) -> None:
        _begin(self.taken, body, entry)

    @folds(CommitmentGiven)
    def _given(self, body: CommitmentGiven, entry: Entry) -> None:
        _begin(self.given, body, entry)
        decided = self._early.pop((body.matter, body.number), None)
        if decided is not None:
            _decide(self.given, (body.matter, body.number), decided)

    @folds(CommitmentOrdered)
    def _ordered(self, body: CommitmentOrdered, entry: Entry) -> None:
        del entry
        key = body.matter, body.number
        if key in self.given:
            self.given[key] = replace(self.given[key], ordered=True)

    @folds(CommitmentWithdrawn)
    def _withdrawn(self, body: CommitmentWithdrawn, entry: Entry) -> None:
        """Only who gave a commitment withdraws it."""
        del entry
        if body.ours:
            _withdraw(self.given, body)
        else:
            _withdraw(self.taken, body)

    @folds(PlannedAlone)
    def _alone(self, body: PlannedAlone, entry: Entry) -> None:
        self.alone[body.matter] = (entry.incident, body)

    @folds(Reconciled)
    def _reconciled(self, body: Reconciled, entry: Entry) -> None:
        self.alone.pop(body.alone, None)
        self.reconciled.append((entry.incident, entry.time_s, body))

    def words(self, matter: str) -> str:
        """What came of asking for a joint plan, in words."""
        asked = self.asked[matter]
        if asked.declined:
            return f"no: {asked.declined}"
        if asked.answered_s is None:
            return "not answered"
        built = [
            (len(one.body.seals), one.withdrawn)
            for key, one in self.given.items()
            if key[0] == matter and asked.theirs
        ] + [
            (len(one.body.site), one.withdrawn)
            for key, one in self.taken.items()
            if key[0] == matter and not asked.theirs
        ]
        if not built:
            return "answered; no plan builds on it"
        count, withdrawn = built[-1]
        roads = "1 road" if count == 1 else f"{count} roads"
        return f"yes, {roads}" + ("; withdrawn since" if withdrawn else "")

    @on_message(PlanAsked)
    def _asked(self, body: PlanAsked, entry: Entry, *, received: bool) -> None:
        known = self.asked.get(body.matter) or AskedByPlan(
            incident=entry.incident, theirs=received, since_s=entry.time_s
        )
        if known.theirs == received:
            self.asked[body.matter] = replace(known, questions=known.questions + 1)

    @on_message(PlanAnswered, PlanDeclined)
    def _answered(self, body: PlanAnswered | PlanDeclined, entry: Entry, *, received: bool) -> None:
        known = self.asked.get(body.matter)
        if known is None or known.theirs == received:  # who asks does not answer
            return
        if isinstance(body, PlanDeclined):
            self.asked[body.matter] = replace(known, declined=body.reason)
        else:
            self.asked[body.matter] = replace(known, answered_s=entry.time_s, declined="")

    @on_message(PlanDecided)
    def _decided(self, body: PlanDecided, entry: Entry, *, received: bool) -> None:
        key = body.matter, body.number
        if received and key not in self.given:
            # Both came at once, and it is noted in a moment that our word is built on.
            self._early[key] = entry
        elif received:
            _decide(self.given, key, entry)
        else:
            _decide(self.taken, key, entry)


def _withdraw(stand: dict[Key, StandingMatter[_Body]], body: CommitmentWithdrawn) -> None:
    known = stand.get((body.matter, body.number))
    if known is not None and known.body.peer == body.peer:
        stand[body.matter, body.number] = replace(known, withdrawn=body.reason or "no reason")


def _decide(stand: dict[Key, StandingMatter[_Body]], key: Key, entry: Entry) -> None:
    known = stand.get(key)
    if known is not None and known.incident == entry.incident:
        stand[key] = replace(known, decided_s=entry.time_s)


def _begin(stand: dict[Key, StandingMatter[_Body]], body: _Body, entry: Entry) -> None:
    """A new commitment takes the place of the one that the incident's last plan built on."""
    for key, other in stand.items():
        if other.incident == entry.incident and other.body.peer == body.peer:
            stand[key] = replace(other, replaced=True)
    stand[body.matter, body.number] = StandingMatter(
        body=body, incident=entry.incident, since_s=entry.time_s
    )
