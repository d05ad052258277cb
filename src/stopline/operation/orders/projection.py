"""The orders of an incident as they are: who holds what, since when, and the plan behind them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from stopline.operation.core.projection import Projection, folds, projection
from stopline.operation.facts.orders import (
    LessonWritten,
    OrderIssued,
    OrderMoved,
    PlanAdopted,
    SealLate,
)

if TYPE_CHECKING:
    from stopline.journal.base import Entry
    from stopline.operation.facts.orders import OrderState

# What may follow what; withdrawing is a command of its own.
FOLLOWS: Final[dict[str, frozenset[str]]] = {
    "issued": frozenset({"acknowledged", "under way", "in position", "closed", "refused"}),
    "acknowledged": frozenset({"under way", "in position", "closed", "refused"}),
    "under way": frozenset({"in position", "closed", "refused"}),
    "in position": frozenset({"closed", "refused"}),
    "closed": frozenset({"refused"}),  # it cannot hold the road any longer
    "refused": frozenset(),
    "withdrawn": frozenset({"reopened"}),
    "reopened": frozenset(),
}
OPEN: Final = frozenset({"issued", "acknowledged", "under way", "in position"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order.

    Attributes:
        issued: as it was issued.
        by: who ordered it.
        state: how it stands.
        since_s: since when, UTC seconds.
        reason: what was reported with the last change.
        closed_s: when the site was closed; None if it was not.
        ended_s: when the unit no longer held it: reopened, or it had to leave; None if it holds.
        noted_late: it was noted that the deadline was missed.
        issued_s: when it was issued, UTC seconds.
    """

    issued: OrderIssued
    by: str
    state: OrderState
    since_s: float
    reason: str = ""
    closed_s: float | None = None
    ended_s: float | None = None
    noted_late: bool = False
    issued_s: float = 0.0

    @property
    def deadline_s(self) -> float:
        """Closed by then at the latest, UTC seconds."""
        return datetime.fromisoformat(self.issued.deadline).timestamp()

    @property
    def expected_s(self) -> float:
        """Closed then by the plan, UTC seconds."""
        return datetime.fromisoformat(self.issued.expected).timestamp()

    @property
    def is_shut(self) -> bool:
        """Whether its road is closed: also while withdrawn, until its unit reports it reopened."""
        return self.closed_s is not None and self.ended_s is None

    def is_late(self, now_s: float) -> bool:
        """Whether it should be closed by now, and is not."""
        return self.state in OPEN and now_s > self.deadline_s

    @property
    def was_late(self) -> bool:
        """Whether it was withdrawn when it was late already: nobody knows where its unit is."""
        never_closed = self.state == "withdrawn" and self.closed_s is None
        return never_closed and (self.noted_late or self.since_s > self.deadline_s)


@projection("incident")
class Orders(Projection):
    """The orders of this side.

    Attributes:
        plan: the plan adopted last; None before.
        earlier: the plans adopted before it, the oldest first.
        adopted_s: when.
        adopted_by: who adopted it; empty before.
        orders: by id, in the order issued.
        lessons: what was learnt, with who says so.
    """

    def __init__(self) -> None:
        self.plan: PlanAdopted | None = None
        self.earlier: list[PlanAdopted] = []
        self.adopted_s: float | None = None
        self.adopted_by = ""
        self.orders: dict[str, Order] = {}
        self.lessons: list[tuple[str, str]] = []

    def at_site(self, site: str) -> list[Order]:
        """All orders for a site, in the order issued."""
        return [one for one in self.orders.values() if one.issued.site == site]

    def is_closed(self, site: str) -> bool:
        """Whether the units that hold a site now are strong enough."""
        held = [one.issued for one in self.at_site(site) if one.state == "closed"]
        return bool(held) and sum(one.strength for one in held) >= held[0].need

    def needed(self) -> list[str]:
        """Sites that must be closed: those of every order that was not withdrawn."""
        gone = {"withdrawn", "reopened"}
        kept = [one.issued.site for one in self.orders.values() if one.state not in gone]
        return list(dict.fromkeys(kept))

    def standing(self) -> list[Order]:
        """Orders that count: neither refused nor withdrawn."""
        gone = {"refused", "withdrawn", "reopened"}
        return [one for one in self.orders.values() if one.state not in gone]

    @folds(PlanAdopted)
    def _adopted(self, body: PlanAdopted, entry: Entry) -> None:
        if self.plan is not None:
            self.earlier.append(self.plan)
        self.plan, self.adopted_s, self.adopted_by = body, entry.time_s, entry.author

    @folds(OrderIssued)
    def _issued(self, body: OrderIssued, entry: Entry) -> None:
        self.orders[body.order] = Order(
            issued=body, by=entry.author, state="issued", since_s=entry.time_s,
            issued_s=entry.time_s,
        )  # fmt: skip

    @folds(OrderMoved)
    def _moved(self, body: OrderMoved, entry: Entry) -> None:
        order = self.orders.get(body.order)
        if order is None:
            return
        closed = entry.time_s if body.state == "closed" else order.closed_s
        ends = body.state == "reopened" or (body.state == "refused" and order.closed_s is not None)
        ended = entry.time_s if ends else order.ended_s
        self.orders[body.order] = replace(
            order, state=body.state, since_s=entry.time_s, reason=body.reason, closed_s=closed,
            ended_s=ended,
        )  # fmt: skip

    @folds(SealLate)
    def _late(self, body: SealLate, entry: Entry) -> None:
        del entry
        order = self.orders.get(body.order)
        if order is not None:
            self.orders[body.order] = replace(order, noted_late=True)

    @folds(LessonWritten)
    def _lesson(self, body: LessonWritten, entry: Entry) -> None:
        self.lessons.append((entry.author, body.text))
