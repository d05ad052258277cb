"""The board of an incident as the API shows it, with what leaks now, and the watch list."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from stopline.operation.core.context import iso
from stopline.operation.core.happenings import Happenings
from stopline.operation.orders.board import Row, board, seal_status
from stopline.operation.orders.projection import Orders
from stopline.operation.plan.board_lines import offer_lines, tell_lines, verdict_lines
from stopline.operation.plan.verdict_projection import Verdicts
from stopline.operation.watch_list.projection import WatchList

if TYPE_CHECKING:
    from stopline.operation.core.incident import Incident


class OrderShown(BaseModel):
    """One order on the board, the most urgent first."""

    order: str = Field(description="id of the order")
    unit: str = Field(description="unit that holds the site")
    agency: str = Field(description="its agency")
    site: str = Field(description="site of the network, `section 7`")
    road: str = Field(description="the road, as people name it")
    lon: float | None = Field(description="WGS 84 degrees, or null")
    lat: float | None = Field(description="WGS 84 degrees, or null")
    state: str = Field(description="ordered, under way, closed, late, open, reopened")
    reported: str = Field(description="what the unit reported last, for example `in position`")
    since: str = Field(description="since when, ISO 8601 with zone")
    reason: str = Field(description="what was said with the last report")
    deadline: str = Field(description="closed by then at the latest, ISO 8601 with zone")
    left_s: float = Field(description="seconds until the deadline; negative if it is over")
    ordered_by: str = Field(description="who ordered it")


class SealShown(BaseModel):
    """One site with its true state."""

    site: str = Field(description="site of the network")
    road: str = Field(description="the road, as people name it")
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


class BoardShown(BaseModel):
    """Every seal as it truly stands."""

    standing: list[VerdictLineShown] = Field(
        description="the verdict from what is really closed, the new plan offered, what to tell"
    )
    offer: str = Field(description="id of the new plan offered, for `plan.adopt`; empty for none")
    plan: str = Field(description="SHA-256 of the adopted plan; empty for none")
    verdict: str = Field(description="what that plan says: sealed, leaking, impossible")
    sentence: str = Field(description="the same in words")
    adopted: str | None = Field(description="when, ISO 8601 with zone; null for never")
    orders: list[OrderShown] = Field(description="orders, the most urgent first")
    seals: list[SealShown] = Field(description="each of our sites once")
    theirs: list[SealShown] = Field(description="sites of the other side, as it told us")
    lessons: list[tuple[str, str]] = Field(description="what was learnt, with who says so")


def the_board(incident: Incident, now_s: float) -> BoardShown:
    """Show the board."""
    orders, offer = incident.area(Orders), incident.area(Verdicts).offer
    lines = [
        *verdict_lines(incident, now_s, UTC),
        *offer_lines(incident, now_s, UTC),
        *tell_lines(incident, now_s),
    ]
    there = incident.area(Happenings).seals_there.values()
    fields = {"site", "road", "state", "since"}
    return BoardShown(
        standing=[VerdictLineShown(lead=one.lead, text=one.text, tone=one.tone) for one in lines],
        offer=offer.offer if offer is not None and offer.plan else "",
        plan=orders.plan.digest if orders.plan else "",
        verdict=orders.plan.verdict if orders.plan else "",
        sentence=orders.plan.sentence if orders.plan else "",
        adopted=None if orders.adopted_s is None else iso(orders.adopted_s),
        orders=[_order(row) for row in board(orders, now_s)],
        seals=[SealShown(**each.model_dump(include=fields)) for each in seal_status(orders, now_s)],
        theirs=[SealShown(**each.status.model_dump(include=fields)) for each in there],
        lessons=list(orders.lessons),
    )


def watches(incident: Incident) -> list[WatchShown]:
    """Show the watch list; what named a vehicle is gone once its watch is over."""
    return [
        WatchShown(
            watch=one.id, authority=one.authority, since=iso(one.since_s),
            expires=iso(one.expires_s), ended=None if one.ended_s is None else iso(one.ended_s),
            plate=one.plate if one.ended_s is None else "",
            vehicle=one.vehicle if one.ended_s is None else "",
        )
        for one in incident.area(WatchList).by_id.values()
    ]  # fmt: skip


def _order(row: Row) -> OrderShown:
    issued = row.order.issued
    return OrderShown(
        order=issued.order, unit=issued.unit, agency=issued.agency, site=issued.site,
        road=issued.road, lon=issued.lon, lat=issued.lat, state=row.state,
        reported=row.order.state, since=iso(row.order.since_s), reason=row.order.reason,
        deadline=issued.deadline, left_s=row.left_s, ordered_by=row.order.by,
    )  # fmt: skip
