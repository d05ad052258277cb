"""A proposed plan as the API shows it: beside the plan in force, as data with geometry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from stopline.console.site_ids import WHERE, Site, Where
from stopline.operation.core.context import iso
from stopline.operation.core.short_ids import short
from stopline.operation.orders.plan_text import read_plan_text, rests_on_words
from stopline.operation.orders.projection import Orders
from stopline.operation.plan.adopt import seen_since
from stopline.operation.plan.comparison import compare
from stopline.operation.plan.proposal_projection import Proposals
from stopline.operation.plan.verdict_projection import Verdicts

if TYPE_CHECKING:
    from stopline.operation.core.incident import Incident
    from stopline.operation.orders.projection import Order
    from stopline.operation.plan.comparison import Comparison, OrderLine, TheirLine
    from stopline.operation.plan.proposal_projection import Proposal
    from stopline.sealing.plan_file.schema import PlanFile, RoutePart


class ProposedOrder(BaseModel):
    """An order that the proposal asks of our side."""

    unit: str = Field(description="id of the unit")
    agency: str = Field(description="its service")
    strength: int = Field(description="what it counts for at a site")
    site: Site = Field(description="by the id of the map's own file: `way 12/3`, `node 5`")
    road: str = Field(description="the road, as people name it")
    where: Where = Field(default="", description=WHERE)
    lon: float | None = Field(description="WGS 84 degrees, or null")
    lat: float | None = Field(description="WGS 84 degrees, or null")
    change: Literal["new", "moved", "stands"] = Field(description="against the orders in force")
    was: str = Field(description="the road that a moved unit was ordered to; else empty")
    order_by: str | None = Field(
        description="latest moment to give it, ISO 8601 with zone; null: nothing presses"
    )
    late: bool = Field(description="it is not given yet, and `order_by` has passed")
    closed_by: str = Field(description="closed then by the plan, ISO 8601 with zone")
    deadline: str = Field(description="closed by then at the latest, ISO 8601 with zone")
    margin_s: float | None = Field(description="seconds before the vehicle; null: it never comes")


class WithdrawnOrder(BaseModel):
    """An order in force that the proposal replaces, or does not ask for."""

    order: str = Field(description="id of the order")
    unit: str = Field(description="id of the unit")
    agency: str = Field(description="its service")
    site: Site = Field(description="by the id of the map's own file: `way 12/3`, `node 5`")
    road: str = Field(description="the road, as people name it")
    where: Where = Field(default="", description=WHERE)
    lon: float | None = Field(description="WGS 84 degrees, or null")
    lat: float | None = Field(description="WGS 84 degrees, or null")
    state: str = Field(description="how it stands: issued, under way, closed, ...")


class TheirSeal(BaseModel):
    """What the other side holds in the proposal."""

    side: str = Field(description="the other side")
    site: Site = Field(description="by the id of the map's own file: `way 12/3`, `node 5`")
    road: str = Field(description="the road, as people name it")
    where: Where = Field(default="", description=WHERE)
    lon: float | None = Field(description="WGS 84 degrees, or null")
    lat: float | None = Field(description="WGS 84 degrees, or null")
    strength: int = Field(description="what it counts for")
    closed_by: str = Field(description="closed then by its word, ISO 8601 with zone")


class OrdersTo(BaseModel):
    """How many orders go to a service."""

    agency: str = Field(description="the service")
    orders: int = Field(description="orders that would be given to it")
    late: int = Field(description="of these, those whose `order_by` has passed")


class ProposedWayOut(BaseModel):
    """A way out that the proposal leaves open."""

    exit: str = Field(description="name of the exit")
    arrival: str = Field(description="earliest time there, ISO 8601 with zone")
    source: str = Field(description="from where")


class ChoiceShown(BaseModel):
    """One way to use the units where not every road can be closed."""

    name: str = Field(description="cover, intercept, delay or randomise")
    exits_sealed: float = Field(description="part of the exits that is sealed off, 0 to 1")
    stopped: float | None = Field(description="probability that it is stopped, by the belief")
    first_escape: str | None = Field(description="earliest escape, ISO 8601; null: never")
    assured: float = Field(description="probability that one who knows the plan is stopped")
    units: int = Field(description="units that it uses")
    chosen: bool = Field(description="the proposal is of this kind")


class NotCountedShown(BaseModel):
    """A unit that was not counted."""

    unit: str = Field(description="id of the unit")
    why: str = Field(description="why, in words")


class PlanInForce(BaseModel):
    """The plan that is adopted, with what is really closed."""

    plan: str = Field(description="SHA-256 of plan.json")
    verdict: str = Field(description="what the plan says: sealed, leaking, impossible")
    sentence: str = Field(description="the same in words")
    adopted: str = Field(description="when, ISO 8601 with zone")
    now: str = Field(description="verdict of what is really closed; empty before the first order")
    now_sentence: str = Field(description="the same in words; empty before the first order")
    orders: int = Field(description="orders that stand")


class ProposalInShort(BaseModel):
    """A proposal among others."""

    proposal: str = Field(description="its id")
    short: str = Field(description="enough of the id to name it")
    made: str = Field(description="when, ISO 8601 with zone")
    by: str = Field(description="who had it made")
    verdict: Literal["sealed", "leaking", "impossible"] = Field(description="its verdict")
    sentence: str = Field(description="the same in words")
    adopted: str | None = Field(description="when it was adopted, ISO 8601; null: it was not")


class ProposalShown(ProposalInShort):
    """A proposed plan beside the plan in force."""

    confirmed: bool = Field(description="the independent checker confirms it")
    check: str = Field(description="what the checker found")
    seen: str = Field(description="when the vehicle was seen last, ISO 8601 with zone")
    place: str = Field(description="where that was")
    stale: str = Field(description="why it is overtaken by what came since; empty if it is not")
    in_force: PlanInForce | None = Field(description="the plan adopted now; null for none")
    decision: str = Field(
        description="what adopting and issuing it would do: orders by service, what is late"
    )
    to: list[OrdersTo] = Field(description="how many orders go to whom")
    orders: list[ProposedOrder] = Field(description="orders of our part, as the plan lists them")
    withdraw: list[WithdrawnOrder] = Field(description="orders in force that it replaces")
    beside: list[WithdrawnOrder] = Field(description="orders that it does not need and that stand")
    theirs: list[TheirSeal] = Field(description="what the other side holds")
    open: list[ProposedWayOut] = Field(description="ways out that it leaves, the earliest first")
    missing: str = Field(description="what would be needed to seal; empty if it seals")
    rests_on: str = Field(description="what of the map was left out, guessed or is doubtful")
    choices: list[ChoiceShown] = Field(description="where it leaks, what else the units can do")
    units: int = Field(description="units that were counted")
    not_counted: list[NotCountedShown] = Field(description="units that were not, with why")
    notes: list[str] = Field(description="what else to know of it")
    geometry: dict[str, Any] = Field(
        description="GeoJSON FeatureCollection; `layer` is seal, sealed road, unit, way of unit, "
        "source, exit or open route"
    )


def proposals(incident: Incident) -> list[ProposalInShort]:
    """All proposals of an incident, the newest first."""
    known = incident.projection(Proposals).by_id
    return [ProposalInShort(**_in_short(one, known)) for one in reversed(list(known.values()))]


def newest(incident: Incident, now_s: float) -> ProposalShown | None:
    """The proposal made last; None before the first."""
    found = incident.projection(Proposals).newest
    return None if found is None else shown(incident, found, now_s)


def shown(incident: Incident, proposal: Proposal, now_s: float) -> ProposalShown:
    """A proposal as it is now: what is late is late by this moment."""
    body = proposal.body
    plan = read_plan_text(body.plan)
    found = compare(plan, incident.projection(Orders).standing(), body.sides, now_s)
    known = incident.projection(Proposals).by_id
    return ProposalShown(
        **_in_short(proposal, known),
        confirmed=body.holds, check=body.check, seen=body.seen, place=body.place,
        stale=" ".join(seen_since(incident, plan)), in_force=_in_force(incident),
        decision=found.sentence, to=_to(found),
        orders=[_order(one, now_s) for one in found.orders],
        withdraw=[_withdrawn(one) for one in found.withdraw],
        beside=[_withdrawn(one) for one in found.beside],
        theirs=[_their(one) for one in found.theirs],
        open=[_way(plan, one) for one in plan.open_routes], missing=plan.missing,
        rests_on=rests_on_words(plan),
        choices=[
            ChoiceShown(**one.model_dump(), chosen=one.name == plan.choice) for one in body.choices
        ],
        units=body.units,
        not_counted=[NotCountedShown(unit=one.unit, why=one.why) for one in body.not_counted],
        notes=list(body.notes), geometry=json.loads(body.geometry),
    )  # fmt: skip


def _in_short(one: Proposal, known: dict[str, Proposal]) -> dict[str, Any]:
    body = one.body
    return {
        "proposal": body.proposal, "short": short(body.proposal, known), "made": iso(one.at_s),
        "by": one.by, "verdict": body.verdict, "sentence": body.sentence,
        "adopted": None if one.adopted_s is None else iso(one.adopted_s),
    }  # fmt: skip


def _in_force(incident: Incident) -> PlanInForce | None:
    orders, verdicts = incident.projection(Orders), incident.projection(Verdicts).now
    if orders.plan is None:
        return None
    current = verdicts is not None and verdicts.plan == orders.plan.digest
    return PlanInForce(
        plan=orders.plan.digest, verdict=orders.plan.verdict, sentence=orders.plan.sentence,
        adopted=iso(orders.adopted_s or 0.0),
        now=verdicts.verdict if current and verdicts is not None else "",
        now_sentence=verdicts.sentence if current and verdicts is not None else "",
        orders=len(orders.standing()),
    )  # fmt: skip


def _to(found: Comparison) -> list[OrdersTo]:
    late = [one.agency for one in found.late]
    return [
        OrdersTo(agency=agency, orders=count, late=late.count(agency)) for agency, count in found.to
    ]


def _order(one: OrderLine, now_s: float) -> ProposedOrder:
    return ProposedOrder(
        unit=one.unit, agency=one.agency, strength=one.strength, site=one.site, road=one.road,
        lon=one.lon, lat=one.lat, change=one.change, was=one.was,
        order_by=None if one.order_by_s is None else iso(one.order_by_s),
        late=one.is_late(now_s), closed_by=iso(one.closed_by_s), deadline=iso(one.deadline_s),
        margin_s=one.margin_s,
    )  # fmt: skip


def _withdrawn(order: Order) -> WithdrawnOrder:
    issued = order.issued
    return WithdrawnOrder(
        order=issued.order, unit=issued.unit, agency=issued.agency, site=issued.site,
        road=issued.road, lon=issued.lon, lat=issued.lat, state=order.state,
    )  # fmt: skip


def _their(one: TheirLine) -> TheirSeal:
    return TheirSeal(
        side=one.side, site=one.site, road=one.road, lon=one.lon, lat=one.lat,
        strength=one.strength, closed_by=iso(one.closed_by_s),
    )  # fmt: skip


def _way(plan: PlanFile, route: RoutePart) -> ProposedWayOut:
    return ProposedWayOut(
        exit=route.exit, arrival=iso(plan.now_utc_s + route.arrival_s), source=route.source
    )
