"""Plan, seals, open ways and the plan beside them, as data with geometry."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from stopline.console.site_ids import Site
from stopline.operation.core.context import iso, seconds
from stopline.operation.orders.actual_closures import actual_states, is_judged
from stopline.operation.orders.board import state_of
from stopline.operation.orders.labels import SealLabels
from stopline.operation.orders.peer_seals import TheirSeals
from stopline.operation.orders.plan_text import read_plan_text, rests_on_words
from stopline.operation.orders.projection import Orders
from stopline.operation.plan.comparison import compare
from stopline.operation.plan.proposal_projection import Proposals
from stopline.operation.plan.verdict_projection import Verdicts

if TYPE_CHECKING:
    from collections.abc import Collection

    from stopline.console.region import RegionRoads
    from stopline.operation.core.incident import Incident
    from stopline.operation.facts.orders import ReplanOffered, WayOut
    from stopline.operation.orders.actual_closures import Wanted
    from stopline.operation.orders.projection import Order
    from stopline.sealing.plan_file.schema import PlanFile, SealPart

State = Literal["planned", "ordered", "under way", "closed", "late", "open", "promised", "reopened"]
Line = list[tuple[float, float]]


class PlanNow(BaseModel):
    """The plan in force, in short."""

    digest: str = Field(description="hex SHA-256 of plan.json")
    number: int = Field(description="how many plans were adopted in this case, this one included")
    verdict: str = Field(description="what it says of itself: sealed, leaking or impossible")
    sentence: str = Field(description="the same in words")
    adopted: str | None = Field(description="when, ISO 8601 with zone")
    adopted_by: str = Field(description="who adopted it")
    side: str = Field(description="what its units call this side, for `orders.issue`")
    check: str = Field(description="what the independent checker found; empty: it was not asked")
    exits: int = Field(description="exits that it is to keep the vehicle from")


class WayShown(BaseModel):
    """A way out that is open."""

    letter: str = Field(description="its letter in this case")
    exit: str = Field(description="name of the exit")
    earliest: str = Field(description="earliest time there, ISO 8601 with zone")
    roads: list[str] = Field(description="the first roads of that way")
    road: str = Field(description="road of the seal that it meets open; empty for none")
    number: int | None = Field(description="number of that seal; null for none")
    unit: str = Field(description="unit of this side that should hold it; empty for none")
    why: str = Field(description="why it is open")
    still_open: bool = Field(description="false: closed by now, but it may have passed before")
    line: Line = Field(description="the way as positions, degrees; empty if not known")
    closed_by: str = Field(description="who closes it by the new plan; empty: nobody")
    order_by: str | None = Field(description="by when that must be ordered, ISO 8601 with zone")
    margin_s: float | None = Field(description="seconds that the new plan leaves there, or null")


class PictureSeal(BaseModel):
    """A seal in force as it truly stands."""

    number: int = Field(description="its number in this case")
    site: Site = Field(description="by the id of the map's own file: `way 12/3`, `node 5`")
    road: str = Field(description="the road, as people name it")
    near: str = Field(description="the nearest named place; empty for none")
    lon: float | None = Field(description="WGS 84 degrees, or null")
    lat: float | None = Field(description="WGS 84 degrees, or null")
    theirs: bool = Field(description="the other side holds it")
    units: list[str] = Field(description="units of this side that hold it; never the other side's")
    orders: list[str] = Field(description="ids of their orders")
    reported: list[str] = Field(description="what each unit reported last")
    state: State = Field(description="as it stands")
    since: str | None = Field(description="since when, ISO 8601 with zone")
    closes: str | None = Field(description="closed, or to be closed, ISO 8601; null: nobody knows")
    arrival: str | None = Field(description="earliest arrival there, ISO 8601; null: never")
    deadline: str | None = Field(description="closed by then at the latest, ISO 8601; null: theirs")
    why: str = Field(description="why it does not count as closed; empty where it does or will")
    unreported: bool = Field(description="it counts by the other side's word, over its time")
    reason: str = Field(description="what was said with the last report")


class OfferSeal(BaseModel):
    """A row of the new plan beside the plan in force."""

    number: int = Field(description="number of the seal in this case")
    site: Site = Field(description="by the id of the map's own file: `way 12/3`, `node 5`")
    road: str = Field(description="the road, as people name it")
    near: str = Field(description="the nearest named place; empty for none")
    lon: float | None = Field(description="WGS 84 degrees, or null")
    lat: float | None = Field(description="WGS 84 degrees, or null")
    theirs: bool = Field(description="the other side would hold it")
    units: list[str] = Field(description="units of this side; never the other side's")
    change: Literal["same", "new", "other", "gone"] = Field(
        description="the same as now, a new seal, another unit, or not needed any more"
    )
    closes: str | None = Field(description="closed then if ordered now, ISO 8601; null if gone")
    order_by: str | None = Field(description="latest order, ISO 8601; null where none is needed")
    margin_s: float | None = Field(description="margin in seconds; null: no bound, or gone")
    way: str = Field(description="letter of the open way that it closes; empty for none")


class OfferShown(BaseModel):
    """A new plan that is offered."""

    kind: Literal["offer", "proposal"] = Field(description="as what `plan.adopt` takes it")
    offer: str = Field(description="its id, for `plan.adopt`; empty: nothing better was found")
    verdict: str = Field(description="sealed, leaking, impossible; empty: nothing better")
    sentence: str = Field(description="what it is, in one sentence")
    note: str = Field(description="what it was computed from")
    made: str | None = Field(description="the moment that its times count from, ISO 8601")
    rests_on: str = Field(description="what of the map was left out, guessed or is doubtful")
    orders: int = Field(description="orders that it sends to our units")
    requests: int = Field(description="seals that the other side is asked for")
    withdrawn: int = Field(description="orders that it takes back")
    order_by: str | None = Field(description="latest moment for all of them, ISO 8601 with zone")
    seals: list[OfferSeal] = Field(description="its seals, and those that it gives up")


def plan_now(incident: Incident, own_units: Collection[str]) -> PlanNow | None:
    """The plan in force in short; None before one is adopted."""
    orders = incident.projection(Orders)
    if orders.plan is None:
        return None
    form = read_plan_text(orders.plan.plan)
    return PlanNow(
        digest=orders.plan.digest, number=len(orders.earlier) + 1, verdict=orders.plan.verdict,
        sentence=orders.plan.sentence,
        adopted=None if orders.adopted_s is None else iso(orders.adopted_s),
        adopted_by=orders.adopted_by, side=side_in(form, own_units),
        check=orders.plan.check, exits=len(dict.fromkeys(one.name for one in form.exits)),
    )  # fmt: skip


def side_in(form: PlanFile, own_units: Collection[str]) -> str:
    """What a plan calls the side of these units; its only side, or empty, where none is in it."""
    sides = [unit.side for unit in form.units if unit.id in own_units]
    sides = sides or list({unit.side for unit in form.units})
    return sides[0] if len(set(sides)) == 1 else ""


def seals_of(
    incident: Incident, now_s: float, own_units: Collection[str], roads: RegionRoads | None
) -> list[PictureSeal]:
    """Every seal that counts or should, the one with the least margin first."""
    orders = incident.projection(Orders)
    if orders.plan is None:
        return []
    form = read_plan_text(orders.plan.plan)
    parts = {site_of(seal): seal for seal in form.seals}
    side = side_in(form, own_units)
    if not is_judged(incident):
        ordered = dict.fromkeys(one.issued.site for one in orders.orders.values())
        sites = list(dict.fromkeys([*parts, *ordered]))
        rows = [
            _seal(incident, now_s, roads, form, side, site, parts.get(site), None) for site in sites
        ]
    else:
        actual = actual_states(incident, form, now_s, 0)
        closed = {
            f"{one.kind} {one.index}": one.from_s for one in actual.closings
            if one.until_s == math.inf
        }  # fmt: skip
        rows = [
            _seal(
                incident, now_s, roads, form, side, one.site, parts.get(one.site), one,
                closed.get(one.site),
            )
            for one in actual.wanted
        ]  # fmt: skip
    return sorted(rows, key=lambda row: (_margin(row), row.number))


def site_of(seal: SealPart) -> str:
    """The site of a seal in one word."""
    return f"{seal.site.kind} {seal.site.index}"


def _seal(
    incident: Incident,
    now_s: float,
    roads: RegionRoads | None,
    form: PlanFile,
    side: str,
    site: str,
    seal: SealPart | None,
    wanted: Wanted | None,
    closed_s: float | None = None,
) -> PictureSeal:
    orders = incident.projection(Orders)
    here = [one for one in orders.at_site(site) if one.state not in {"withdrawn", "reopened"}]
    here = here or orders.at_site(site)
    held = [one for one in seal.holders if not side or one.side == side] if seal else []
    theirs = wanted.theirs if wanted is not None else not here and not held
    units = [one.issued.unit for one in here] or [one.unit for one in held if not theirs]
    told = incident.projection(TheirSeals)
    lon, lat, near = _where(site, seal, here, roads)
    zero_s = form.now_utc_s
    closes = None if closed_s is None else iso(zero_s + closed_s)
    if closes is None and seal is not None and wanted is None:
        closes = iso(zero_s + seal.closed_at_s)
    state, since = (
        _their_state(told, site, wanted) if theirs else _our_state(orders, site, here, now_s)
    )
    road = here[0].issued.road if here else wanted.road if wanted else ""
    road = _road(site, road or (seal.site.name if seal else ""), roads)
    return PictureSeal(
        number=incident.projection(SealLabels).numbers.get(site, 0), site=site,
        road=road, near=near, lon=lon, lat=lat,
        theirs=theirs, units=units,
        orders=[one.issued.order for one in here], reported=[one.state for one in here],
        state=state, since=since, closes=closes,
        arrival=None if seal is None or seal.arrival_s is None else iso(zero_s + seal.arrival_s),
        deadline=here[0].issued.deadline if here else None,
        why="" if wanted is None else wanted.why,
        unreported=wanted is not None and wanted.unreported,
        reason=here[0].reason if here else "",
    )  # fmt: skip


def _our_state(
    orders: Orders, site: str, here: list[Order], now_s: float
) -> tuple[State, str | None]:
    if not here:
        return "planned", None
    if orders.is_closed(site):
        return "closed", iso(max(one.closed_s or 0.0 for one in here))
    rank = ("late", "open", "ordered", "under way", "closed", "reopened")
    worst = min(here, key=lambda one: rank.index(state_of(one, now_s)))
    return state_of(worst, now_s), iso(worst.since_s)


def _their_state(told: TheirSeals, site: str, wanted: Wanted | None) -> tuple[State, str | None]:
    last = told.last.get(site)
    if last is not None:
        return last.state, last.since
    if wanted is not None and wanted.why:
        return "open", None
    return "promised" if site in told.promised else "planned", None


def _where(
    site: str, seal: SealPart | None, here: list[Order], roads: RegionRoads | None
) -> tuple[float | None, float | None, str]:
    lon = here[0].issued.lon if here else seal.site.lon if seal else None
    lat = here[0].issued.lat if here else seal.site.lat if seal else None
    if (lon is None or lat is None) and roads is not None:
        middle = roads.middle_of(site)
        lon, lat = middle if middle is not None else (None, None)
    near = "" if lon is None or lat is None or roads is None else roads.near(lon, lat)
    return lon, lat, near


def _road(site: str, name: str, roads: RegionRoads | None) -> str:
    return (name or site) if roads is None else roads.name_of(site, name)


def _margin(row: PictureSeal) -> float:
    if row.arrival is None:
        return math.inf
    closes = math.inf if row.closes is None else seconds(row.closes)
    return seconds(row.arrival) - closes


def ways_of(
    incident: Incident, roads: RegionRoads | None, offer: OfferShown | None
) -> list[WayShown]:
    """The ways out that the verdict found, with who closes each by the new plan."""
    found = incident.projection(Verdicts).now
    if found is None:
        return []
    labels = incident.projection(SealLabels)
    rows = {} if offer is None else {one.way: one for one in offer.seals if one.way}
    return [_way(way, labels, rows, roads) for way in found.ways]


def _way(
    way: WayOut, labels: SealLabels, rows: dict[str, OfferSeal], roads: RegionRoads | None
) -> WayShown:
    letter = labels.letters.get(way.exit, "?")
    row = rows.get(letter)
    return WayShown(
        letter=letter, exit=way.exit, earliest=way.earliest, roads=list(way.roads), road=way.road,
        number=labels.numbers.get(way.site), unit=way.unit, why=way.why,
        still_open=way.still_open,
        line=[] if roads is None else roads.line_of(way.sections),
        closed_by="" if row is None else "*" if row.theirs else ", ".join(row.units),
        order_by=None if row is None else row.order_by,
        margin_s=None if row is None else row.margin_s,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Beside:
    """A plan that may take the place of the one in force.

    Attributes:
        kind: how `plan.adopt` names it.
        name: its id.
        verdict: of the plan.
        sentence: what it is.
        note: what it was computed from.
        form: the plan.
        added: unit and site of each order that it gives.
        dropped: site, unit and road of each order that it takes back.
    """

    kind: Literal["offer", "proposal"]
    name: str
    verdict: str
    sentence: str
    note: str
    form: PlanFile
    added: frozenset[tuple[str, str]]
    dropped: tuple[tuple[str, str, str], ...]


def offer_of(
    incident: Incident, now_s: float, own_units: Collection[str], roads: RegionRoads | None
) -> OfferShown | None:
    """The new plan beside the plan in force, row by row: asked for, or offered; None for none."""
    offer = incident.projection(Verdicts).offer
    found = _proposed(incident, now_s) or (_replanned(offer) if offer and offer.plan else None)
    if found is None or not found.form.seals:  # a plan that closes nothing is none to be adopted
        said = found or offer
        return None if said is None else OfferShown(
            kind="offer", offer="", verdict="", sentence=said.sentence, note=said.note,
            made=None, rests_on="", orders=0, requests=0, withdrawn=0, order_by=None, seals=[],
        )  # fmt: skip
    side = side_in(found.form, own_units)
    rows = [_offered(incident, found, seal, side, roads) for seal in found.form.seals]
    kept = {row.site for row in rows}
    rows += [
        _given_up(incident, site, unit, road, roads)
        for site, unit, road in found.dropped if site not in kept
    ]  # fmt: skip
    by = [row.order_by for row in rows if row.order_by is not None and row.change != "same"]
    return OfferShown(
        kind=found.kind, offer=found.name, verdict=found.verdict, sentence=found.sentence,
        note=found.note, made=iso(found.form.now_utc_s), rests_on=rests_on_words(found.form),
        orders=len(found.added), withdrawn=len(found.dropped),
        requests=sum(row.theirs and row.change == "new" for row in rows),
        order_by=min(by, default=None), seals=rows,
    )  # fmt: skip


def _proposed(incident: Incident, now_s: float) -> _Beside | None:
    """The plan that an officer asked for last, unless a newer verdict or plan has passed it by."""
    known, found = incident.projection(Proposals).newest, incident.projection(Verdicts)
    if known is None or known.adopted_s is not None:
        return None
    if known.at_s < max(
        incident.projection(Orders).adopted_s or 0.0, found.since_s if found.leak else 0
    ):
        return None
    body, form = known.body, read_plan_text(known.body.plan)
    beside = compare(form, incident.projection(Orders).standing(), body.sides, now_s)
    note = ". ".join((*body.notes, body.check.split(". ")[0].rstrip(".")))
    return _Beside(
        "proposal", body.proposal, body.verdict, body.sentence, note, form,
        frozenset((one.unit, one.site) for one in beside.given),
        tuple((one.issued.site, one.issued.unit, one.issued.road) for one in beside.withdraw),
    )  # fmt: skip


def _replanned(offer: ReplanOffered) -> _Beside:
    return _Beside(
        "offer", offer.offer, offer.verdict, offer.sentence, offer.note,
        read_plan_text(offer.plan), frozenset((one.unit, one.site) for one in offer.order),
        tuple((one.site, one.unit, one.road) for one in offer.withdraw),
    )  # fmt: skip


def _offered(
    incident: Incident, beside: _Beside, seal: SealPart, side: str, roads: RegionRoads | None
) -> OfferSeal:
    site, zero_s = site_of(seal), beside.form.now_utc_s
    ours = [one for one in seal.holders if not side or one.side == side]
    standing = any(one.issued.site == site for one in incident.projection(Orders).standing())
    known = standing or (not ours and site in incident.projection(TheirSeals).last)
    new = [one for one in ours if (one.unit, site) in beside.added]
    change: Literal["same", "new", "other"] = "same" if ours or known else "new"
    if new:
        change = "other" if standing else "new"
    by = [one.order_by_s for one in new if one.order_by_s is not None]
    lon, lat, near = _where(site, seal, [], roads)
    return OfferSeal(
        number=_number(incident, site), site=site, road=_road(site, seal.site.name, roads),
        near=near, lon=lon, lat=lat, theirs=not ours, units=[one.unit for one in ours],
        change=change, closes=iso(zero_s + seal.closed_at_s),
        order_by=iso(zero_s + min(by)) if by else None, margin_s=seal.margin_s,
        way=_closes_way(incident, site) if change != "same" else "",
    )  # fmt: skip


def _number(incident: Incident, site: str) -> int:
    return incident.projection(SealLabels).numbers.get(site, 0)


def _given_up(
    incident: Incident, site: str, unit: str, road: str, roads: RegionRoads | None
) -> OfferSeal:
    here = incident.projection(Orders).at_site(site)
    lon, lat, near = _where(site, None, here, roads)
    return OfferSeal(
        number=incident.projection(SealLabels).numbers.get(site, 0),
        site=site, road=road, near=near, lon=lon, lat=lat, theirs=False,
        units=[unit], change="gone", closes=None, order_by=None, margin_s=None, way="",
    )  # fmt: skip


def _closes_way(incident: Incident, site: str) -> str:
    """The letter of the first open way that runs over a site; empty for none."""
    found = incident.projection(Verdicts).now
    kind, _, number = site.partition(" ")
    letters = incident.projection(SealLabels).letters
    for way in () if found is None else found.ways:
        if way.site == site or (kind == "section" and int(number) in way.sections):
            return letters.get(way.exit, "")
    return ""
