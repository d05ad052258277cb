"""A unit's own order, as the officer in the vehicle sees it: one road, by when, and what next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from stopline.console.site_ids import Site
from stopline.operation.core.context import iso
from stopline.operation.orders.labels import SealLabels
from stopline.operation.orders.projection import FOLLOWS, Orders
from stopline.operation.readiness.projection import Readiness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stopline.console.region import RegionRoads
    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState
    from stopline.operation.orders.projection import Order

_BY_UNIT = ("acknowledged", "under way", "in position", "closed", "refused")


class OwnOrderShown(BaseModel):
    """An order to the unit that asks."""

    incident: str = Field(description="id of the incident")
    order: str = Field(description="id of the order")
    number: int = Field(description="number of the seal in the case")
    site: Site = Field(description="by the id of the map's own file: `way 12/3`, `node 5`")
    road: str = Field(description="the road, as people name it")
    near: str = Field(description="the nearest named place; empty for none")
    lon: float | None = Field(description="where, WGS 84 degrees, or null")
    lat: float | None = Field(description="where, WGS 84 degrees, or null")
    at_exit: bool = Field(description="the road is a way out itself")
    toward: str = Field(description="the other side, if the road leads there; empty: it does not")
    deadline: str = Field(description="closed by then at the latest, ISO 8601 with zone")
    ordered: str | None = Field(description="when it was ordered, ISO 8601 with zone")
    ordered_by: str = Field(description="who ordered it")
    state: str = Field(description="issued, acknowledged, under way, in position, closed, ...")
    since: str = Field(description="since when, ISO 8601 with zone")
    reason: str = Field(description="what was said with the last report")
    next: list[str] = Field(description="states that the unit may report now")


class OwnUnitShown(BaseModel):
    """A unit that asks about itself."""

    at: str = Field(description="the moment, ISO 8601 with zone")
    unit: str = Field(description="its id; empty if no unit of its name is registered")
    agency: str = Field(description="its service")
    state: str = Field(description="what it is doing")
    lon: float | None = Field(description="its last fix or base, WGS 84 degrees")
    lat: float | None = Field(description="its last fix or base, WGS 84 degrees")
    fix: str | None = Field(description="when it was there, ISO 8601; null: its base")
    unanswered: bool = Field(description="it was called and has not answered")
    alert_incident: str = Field(description="incident that it was called in; empty for none")
    orders: list[OwnOrderShown] = Field(description="its orders, those to act on first")


def own_orders(
    book: NodeState,
    people: Iterable[str],
    now_s: float,
    roads: Mapping[str, RegionRoads | None],
) -> OwnUnitShown:
    """Show a unit what it is ordered.

    Args:
        book: all that is known.
        people: names that it may be registered under.
        now_s: the moment, UTC seconds.
        roads: the roads of each incident, for names.
    """
    known, names = book.projection(Readiness), {name.casefold() for name in people}
    unit = next((u for key, u in known.units.items() if key.casefold() in names), None)
    if unit is None:
        return OwnUnitShown(
            at=iso(now_s), unit="", agency="", state="", lon=None, lat=None, fix=None,
            unanswered=False, alert_incident="", orders=[],
        )  # fmt: skip
    name = unit.registered.id
    fix = known.fixes.get(name)
    found = [
        (incident, order)
        for incident in book.incidents.values() if not incident.is_over
        for order in incident.projection(Orders).orders.values()
        if order.issued.unit == name and order.state != "reopened"
    ]  # fmt: skip
    found.sort(key=lambda pair: (not FOLLOWS[pair[1].state], -pair[1].since_s))
    alert = known.alerts.get(unit.alert)
    return OwnUnitShown(
        at=iso(now_s),
        unit=name, agency=unit.registered.agency, state=unit.state,
        lon=fix.lon if fix else unit.registered.lon, lat=fix.lat if fix else unit.registered.lat,
        fix=iso(fix.at_s) if fix else None, unanswered=unit.unanswered,
        alert_incident="" if alert is None else alert.incident,
        orders=[_order(book, incident, order, roads.get(incident.id)) for incident, order in found],
    )  # fmt: skip


def _order(
    book: NodeState, incident: Incident, order: Order, roads: RegionRoads | None
) -> OwnOrderShown:
    issued = order.issued
    road, place = issued.road or issued.site, ""
    if roads is not None:
        road = roads.name_of(issued.site, issued.road)
        if issued.lon is not None and issued.lat is not None:
            place = roads.near(issued.lon, issued.lat)
    follows = FOLLOWS[order.state]
    return OwnOrderShown(
        incident=incident.id, order=issued.order,
        number=incident.projection(SealLabels).numbers.get(issued.site, 0),
        site=issued.site, road=road,
        near=place, lon=issued.lon, lat=issued.lat, at_exit=issued.at_exit,
        toward=book.other_side.replace("_", " ").title() if issued.at_exit else "",
        deadline=issued.deadline, ordered=iso(order.issued_s) if order.issued_s else None,
        ordered_by=order.by, state=order.state, since=iso(order.since_s), reason=order.reason,
        next=[state for state in _BY_UNIT if state in follows],
    )  # fmt: skip
