"""The board of an incident as the API shows it, with what leaks now, and the watch list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from stopline.console.site_ids import WHERE, Site, Where
from stopline.operation.core.context import iso, seconds
from stopline.operation.core.happenings import Happenings
from stopline.operation.core.node_alarms import node_alarms
from stopline.operation.core.short_ids import short
from stopline.operation.orders.actual_closures import is_judged
from stopline.operation.orders.board import BoardRow, board, seal_status, state_of
from stopline.operation.orders.plan_text import read_plan_text
from stopline.operation.orders.projection import Orders
from stopline.operation.plan.board_lines import offer_lines, tell_lines, verdict_lines
from stopline.operation.plan.verdict_projection import Verdicts
from stopline.operation.runtime.failures import DutyTroubles
from stopline.operation.watch_list.camera_lines import camera_lines
from stopline.operation.watch_list.projection import WatchList
from stopline.rendering.time_text import span
from stopline.sealing.plan_file.file import zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState
    from stopline.operation.facts.orders import VerdictChanged, WayOut


class OrderShown(BaseModel):
    """One order on the board, the most urgent first."""

    order: str = Field(description="id of the order")
    short: str = Field(description="enough of the id to name it; its unit's id names it, too")
    unit: str = Field(description="unit that holds the site")
    agency: str = Field(description="its agency")
    site: Site = Field(description="by the id of the map's own file: `way 12/3`, `node 5`")
    road: str = Field(description="the road, as people name it")
    where: Where = Field(default="", description=WHERE)
    lon: float | None = Field(description="WGS 84 degrees, or null")
    lat: float | None = Field(description="WGS 84 degrees, or null")
    state: str = Field(description="ordered, under way, closed, late, open, reopened")
    reported: str = Field(description="what the unit reported last, for example `in position`")
    since: str = Field(description="since when, ISO 8601 with zone")
    reason: str = Field(description="what was said with the last report")
    deadline: str = Field(description="closed by then at the latest, ISO 8601 with zone")
    left_s: float = Field(description="seconds until the deadline; negative if it is over")
    left: str = Field(description="the same in words; empty where it is closed or open")
    ordered_by: str = Field(description="who ordered it")


class SealShown(BaseModel):
    """One site with its true state."""

    site: Site = Field(description="by the id of the map's own file: `way 12/3`, `node 5`")
    road: str = Field(description="the road, as people name it")
    where: Where = Field(default="", description=WHERE)
    state: str = Field(description="ordered, under way, closed, late, open, reopened")
    since: str = Field(description="since when, ISO 8601 with zone")


class VerdictLineShown(BaseModel):
    """One line for people, the worst first."""

    lead: str = Field(description="in capitals: LEAK, SEALED, NEW PLAN OFFERED, ...; or a word")
    text: str = Field(description="what it says")
    tone: Literal["plain", "good", "bad", "quiet"] = Field(description="how bad it is")


class WatchShown(BaseModel):
    """A watch of the incident: one vehicle, with its authority and its end."""

    watch: str = Field(description="its id")
    authority: str = Field(description="legal authority")
    since: str = Field(description="since when, ISO 8601 with zone")
    expires: str = Field(description="when it ends by itself, ISO 8601 with zone")
    ended: str | None = Field(description="when it ended, ISO 8601 with zone; null while it runs")
    plate: str = Field(description="the plate; empty for none, and when the watch is over")
    vehicle: str = Field(description="description; empty when the watch is over")


class WayOutShown(BaseModel):
    """An exit that can be reached past what is really closed."""

    exit: str = Field(description="name of the exit")
    earliest: str = Field(description="earliest time there, ISO 8601 with zone")
    roads: list[str] = Field(description="the first roads of that way")
    site: Site = Field(description="the seal that it meets open; empty: it meets none")
    why: str = Field(description="why it is open")
    still_open: bool = Field(description="false: closed by now, but it may have passed before")


class BoardShown(BaseModel):
    """Every seal as it truly stands."""

    standing: list[VerdictLineShown] = Field(
        description="the verdict from what is really closed, the new plan offered, what to tell, "
        "hits that wait for a person, cameras that are blind"
    )
    zone: str = Field(description="offset of the zone in which times are written, `+01:00`")
    now: Literal["", "sealed", "leaking", "unknown"] = Field(
        description="verdict of what is really closed; empty before the first order"
    )
    now_sentence: str = Field(description="the same in words; empty before the first order")
    now_since: str | None = Field(description="since when, ISO 8601 with zone; null: no verdict")
    now_source: str = Field(description="which sighting it counts from, in words")
    open: list[WayOutShown] = Field(description="exits that can be reached now, earliest first")
    troubles: list[str] = Field(description="duties of the node that fail, in words")
    alarms: list[str] = Field(description="what is wrong with the node or its line, in words")
    offered: str = Field(
        description="who opened the incident, where nobody here has taken it yet; else empty"
    )
    offer: str = Field(description="id of the new plan offered, for `plan.adopt`; empty for none")
    plan: str = Field(description="SHA-256 of the adopted plan; empty for none")
    verdict: str = Field(
        description="what that plan says, whatever is really closed: sealed, leaking, impossible"
    )
    sentence: str = Field(description="the same in words")
    adopted: str | None = Field(description="when, ISO 8601 with zone; null for never")
    orders: list[OrderShown] = Field(description="orders, the most urgent first")
    seals: list[SealShown] = Field(description="each of our sites once")
    theirs: list[SealShown] = Field(description="sites of the other side, as it told us")
    lessons: list[tuple[str, str]] = Field(description="what was learnt, with who says so")


def the_board(
    book: NodeState, incident: Incident, now_s: float, zone: tzinfo | None = None
) -> BoardShown:
    """Show the board, with its times in a zone; without one in that of the adopted plan."""
    orders, verdicts = incident.projection(Orders), incident.projection(Verdicts)
    here, troubles = zone or zone_of_incident(incident), book.projection(DutyTroubles).failing
    lines = [
        *verdict_lines(incident, now_s, here),
        *offer_lines(incident, now_s, here),
        *tell_lines(incident, now_s),
        *camera_lines(incident, now_s, here),
    ]
    there = incident.projection(Happenings).seals_there.values()
    fields = {"site", "road", "state"}
    offer, plan = verdicts.offer, orders.plan
    found = verdicts.now if is_judged(incident) else None
    if found is not None and (plan is None or found.plan != plan.digest):
        found = None  # a new plan is being judged
    return BoardShown(
        standing=[VerdictLineShown(lead=one.lead, text=one.text, tone=one.tone) for one in lines],
        zone=_in(now_s, here)[-6:],
        now="" if found is None else found.verdict,
        now_sentence="" if found is None else found.sentence,
        now_since=None if found is None else _in(verdicts.since_s, here),
        now_source="" if found is None else _source(found),
        open=[] if found is None else [_way(one, here) for one in found.ways],
        troubles=[f"{duty}: {error}" for duty, error in troubles.items()],
        alarms=[
            f"{one.lead} since {datetime.fromtimestamp(one.since_s, here):%H:%M:%S}: {one.text}"
            for one in node_alarms(book, now_s)
        ],
        offered=incident.opened_by if incident.is_offered else "",
        offer=offer.offer if offer is not None and offer.plan else "",
        plan=plan.digest if plan else "",
        verdict=plan.verdict if plan else "",
        sentence=plan.sentence if plan else "",
        adopted=None if orders.adopted_s is None else _in(orders.adopted_s, here),
        orders=[_order(row, orders.orders, here) for row in board(orders, now_s)],
        seals=[
            SealShown(since=_in(seconds(each.since), here), **each.model_dump(include=fields))
            for each in seal_status(orders, now_s)
        ],
        theirs=[
            SealShown(
                since=_in(seconds(each.status.since), here),
                **each.status.model_dump(include=fields),
            )
            for each in there
        ],
        lessons=list(orders.lessons),
    )


def orders_of(incident: Incident, now_s: float) -> list[OrderShown]:
    """Every order of an incident, in the order in which they were given, withdrawn ones too."""
    known, here = incident.projection(Orders).orders, zone_of_incident(incident)
    rows = (
        BoardRow(order=one, state=state_of(one, now_s), left_s=one.deadline_s - now_s)
        for one in known.values()
    )
    return [_order(row, known, here) for row in rows]


def zone_of_incident(incident: Incident) -> tzinfo:
    """The zone of the plan that an incident goes by; UTC before one is adopted."""
    adopted = incident.projection(Orders).plan
    return UTC if adopted is None else zone_of(read_plan_text(adopted.plan))


def _source(found: VerdictChanged) -> str:
    return "the last confirmed sighting" if found.sighting else "the plan's sightings"


def _way(one: WayOut, zone: tzinfo) -> WayOutShown:
    return WayOutShown(
        exit=one.exit, earliest=_in(seconds(one.earliest), zone), roads=list(one.roads),
        site=one.site, why=one.why, still_open=one.still_open,
    )  # fmt: skip


def _in(time_s: float, zone: tzinfo) -> str:
    """A time as ISO 8601 in a zone."""
    return datetime.fromtimestamp(time_s, zone).isoformat(timespec="milliseconds")


def watches(incident: Incident) -> list[WatchShown]:
    """Show the watch list; what named a vehicle is gone once its watch is over."""
    return [
        WatchShown(
            watch=one.id, authority=one.authority, since=iso(one.since_s),
            expires=iso(one.expires_s), ended=None if one.ended_s is None else iso(one.ended_s),
            plate=one.plate if one.ended_s is None else "",
            vehicle=one.vehicle if one.ended_s is None else "",
        )
        for one in incident.projection(WatchList).by_id.values()
    ]  # fmt: skip


def _order(row: BoardRow, known: Mapping[str, object], zone: tzinfo) -> OrderShown:
    issued = row.order.issued
    quiet = row.state in {"closed", "open", "reopened"}
    return OrderShown(
        order=issued.order, short=short(issued.order, known), unit=issued.unit,
        agency=issued.agency, site=issued.site, road=issued.road, lon=issued.lon, lat=issued.lat,
        state=row.state, reported=row.order.state, since=_in(row.order.since_s, zone),
        reason=row.order.reason, deadline=_in(row.order.deadline_s, zone), left_s=row.left_s,
        left="" if quiet else span(row.left_s), ordered_by=row.order.by,
    )  # fmt: skip
