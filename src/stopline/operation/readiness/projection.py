"""The units of this side as they are now, folded from what their own services said.

Units belong to the node: they exist before and across incidents, and one unit does one thing at a
time whichever incident asks for it. Alerts and acknowledgements are facts of an incident; this area
reads them, and the orders, as they come. An order that moves is its unit's report: no second fact
says the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from stopline.operation.core.context import seconds
from stopline.operation.core.projection import Projection, folds, projection
from stopline.operation.facts.orders import OrderIssued, OrderMoved
from stopline.operation.facts.readiness import (
    AgencyAlerted,
    PositionsReported,
    UnitAcknowledged,
    UnitRetired,
    UnitSet,
    UnitsRegistered,
    UnitsReleased,
)
from stopline.operation.facts.unit_states import CALLED
from stopline.operation.readiness.held_orders import HeldOrders

if TYPE_CHECKING:
    from stopline.journal.base import Entry
    from stopline.operation.facts.readiness import RegisteredUnit
    from stopline.operation.facts.unit_states import UnitState


class Fix(NamedTuple):
    """Where a unit was.

    Attributes:
        lon: WGS 84 degrees.
        lat: WGS 84 degrees.
        at_s: when, UTC seconds.
        speed_mps: metres a second; None if not reported.
        heading_deg: degrees clockwise from north; None if not reported.
    """

    lon: float
    lat: float
    at_s: float
    speed_mps: float | None
    heading_deg: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitNow:
    """A unit as it is now.

    Attributes:
        registered: what it is: service, strength, base, and the rest of units.csv.
        state: what it is doing.
        since_s: since when, UTC seconds.
        reason: what was said with the last change.
        alert: id of the alert that called it; empty if none stands.
        called_s: when it was called, by alert or order; None if it is not called.
        answer_by_s: when it must have acknowledged; None if no alert asks for it.
        answered_s: when it acknowledged, or its service reported it; None if it has not.
        refused: it refused an order, and its service has not said since what it can do.
    """

    registered: RegisteredUnit
    state: UnitState
    since_s: float
    reason: str = ""
    alert: str = ""
    called_s: float | None = None
    answer_by_s: float | None = None
    answered_s: float | None = None
    refused: bool = False

    @property
    def unanswered(self) -> bool:
        """Whether it was called by an alert and nobody has answered for it."""
        return self.state == "alerted" and self.answered_s is None

    def is_overdue(self, now_s: float) -> bool:
        """Whether it should have acknowledged an alert by now, and has not."""
        return self.unanswered and self.answer_by_s is not None and now_s > self.answer_by_s

    def moved(self, state: UnitState, at_s: float, reason: str) -> UnitNow:
        """The unit after a report of its own service."""
        since_s = self.since_s if state == self.state else at_s
        if state not in CALLED:
            return UnitNow(registered=self.registered, state=state, since_s=since_s, reason=reason)
        return replace(
            self, state=state, since_s=since_s, reason=reason, refused=False,
            called_s=at_s if self.called_s is None else self.called_s,
            answered_s=at_s if self.answered_s is None else self.answered_s,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Units of a service, called in an incident.

    Attributes:
        id: of the fact.
        incident: which incident.
        agency: the service.
        level: the alert level in force.
        demand: what the protocol asks of the service at that level.
        by: who called.
        at_s: when, UTC seconds.
    """

    id: str
    incident: str
    agency: str
    level: str
    demand: str
    by: str
    at_s: float


@projection("node")
class Readiness(Projection):
    """Units of this side.

    Attributes:
        units: as they are now, by id, in the order registered.
        fixes: the last fix of each unit that reported one, by id.
        alerts: by id, in order.
        held: the orders that each unit holds.
    """

    def __init__(self) -> None:
        self.units: dict[str, UnitNow] = {}
        self.fixes: dict[str, Fix] = {}
        self.alerts: dict[str, Alert] = {}
        self.held = HeldOrders()

    def of_agency(self, agency: str) -> list[UnitNow]:
        """The units of a service."""
        return [one for one in self.units.values() if one.registered.agency == agency]

    def overdue(self, now_s: float) -> list[UnitNow]:
        """Who should have acknowledged an alert and has not, the longest overdue first."""
        late = [one for one in self.units.values() if one.is_overdue(now_s)]
        return sorted(late, key=lambda one: (one.answer_by_s or 0.0, one.registered.id))

    @folds(UnitsRegistered)
    def _registered(self, body: UnitsRegistered, entry: Entry) -> None:
        for one in body.units:
            known = self.units.get(one.id)
            if known is None:
                self.units[one.id] = UnitNow(registered=one, state=body.state, since_s=entry.time_s)
            else:
                self.units[one.id] = replace(known, registered=one)

    @folds(UnitRetired)
    def _retired(self, body: UnitRetired, entry: Entry) -> None:
        del entry
        self.units.pop(body.unit, None)
        self.fixes.pop(body.unit, None)

    @folds(UnitSet)
    def _set(self, body: UnitSet, entry: Entry) -> None:
        known = self.units.get(body.unit)
        if known is not None:
            self.units[body.unit] = known.moved(body.state, entry.time_s, body.reason)

    @folds(UnitsReleased)
    def _released(self, body: UnitsReleased, entry: Entry) -> None:
        for name in body.units:
            known = self.units.get(name)
            if known is not None:
                self.units[name] = known.moved("released", entry.time_s, body.reason)

    def remains(self) -> dict[str, Any]:
        """The last fixes."""
        return {"fixes": {name: list(fix) for name, fix in self.fixes.items()}}

    def begin_from(self, remains: dict[str, Any]) -> None:
        """Go on from the last fixes."""
        self.fixes = {name: Fix(*fix) for name, fix in remains.get("fixes", {}).items()}

    @folds(PositionsReported, fleeting=True)
    def _reported(self, body: PositionsReported, entry: Entry) -> None:
        del entry
        none = (None,) * len(body.unit)
        columns = (body.lon, body.lat, body.at_ms, body.speed_mps or none, body.heading_deg or none)
        for name, lon, lat, at_ms, speed, heading in zip(body.unit, *columns, strict=False):
            self.fixes[name] = Fix(lon, lat, at_ms / 1000, speed, heading)

    @folds(AgencyAlerted)
    def _alerted(self, body: AgencyAlerted, entry: Entry) -> None:
        self.alerts[entry.fact_id] = Alert(
            id=entry.fact_id, incident=entry.incident or "", agency=body.agency, level=body.level,
            demand=body.demand, by=entry.author, at_s=entry.time_s,
        )  # fmt: skip
        answer_by_s = seconds(body.answer_by)
        for name in body.units:
            known = self.units.get(name)
            if known is not None:
                again = known.state == "alerted"
                self.units[name] = replace(
                    known, state="alerted", reason="", alert=entry.fact_id,
                    since_s=known.since_s if again else entry.time_s,
                    called_s=known.called_s if again else entry.time_s,
                    answer_by_s=answer_by_s, answered_s=None,
                )  # fmt: skip

    @folds(UnitAcknowledged)
    def _acknowledged(self, body: UnitAcknowledged, entry: Entry) -> None:
        known = self.units.get(body.unit)
        if known is not None and known.alert == body.alert and known.answered_s is None:
            self.units[body.unit] = replace(known, answered_s=entry.time_s)

    @folds(OrderIssued)
    def _ordered(self, body: OrderIssued, entry: Entry) -> None:
        self.held.issued(body)
        known = self.units.get(body.unit)
        if known is not None and known.state not in CALLED:
            self.units[body.unit] = replace(
                known, state="alerted", since_s=entry.time_s, reason="", called_s=entry.time_s
            )

    @folds(OrderMoved)
    def _order_moved(self, body: OrderMoved, entry: Entry) -> None:
        unit = self.held.moved(body)
        known = self.units.get(unit)
        if known is not None:
            stands = self.held.state(unit)
            self.units[unit] = _after_order(known, body, stands, entry.time_s)


def _after_order(unit: UnitNow, body: OrderMoved, stands: UnitState | None, at_s: float) -> UnitNow:
    """The unit after a report on an order; `stands` is what its remaining orders make of it."""
    if stands is not None:
        if body.state == "withdrawn":  # our own centre said so, not the unit: it has not answered
            return replace(unit, state=stands)
        return unit.moved(stands, at_s, body.reason)
    if body.state == "reopened":  # its road is open again, its work is done
        return unit.moved("released", at_s, body.reason)
    # Refused, or withdrawn before a road was closed: what called it besides still does.
    before: UnitState = "alerted" if unit.alert else "on call"
    after = unit.moved(before, at_s, body.reason)
    if body.state == "refused":
        return replace(after, refused=True)
    return replace(after, refused=unit.refused, answered_s=unit.answered_s if unit.alert else None)
