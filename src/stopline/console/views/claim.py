"""Could it have left? A claim tested against what was really closed, by this node's journal."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, Field

from stopline.operation.core.context import iso
from stopline.operation.core.errors import NotNow
from stopline.operation.orders.projection import Orders
from stopline.planning.claim import answer_of
from stopline.review.orders_given import closings_of, first_plan
from stopline.scenario.closings_csv import Closed

if TYPE_CHECKING:
    from stopline.console.region import RegionRoads
    from stopline.planning.claim_answer import Claim
    from stopline.review.history import History
    from stopline.sealing.claim.closing import Closing

_OURS: Final = "the orders of this side"
_THEIRS: Final = "the other side, as it told us"
_NO_ROADS: Final = "the roads of the first plan are not at hand on this node"


class ClaimedDriveShown(BaseModel):
    """One road of the way; sections of one name together."""

    road: str = Field(description="its name, or its class and number")
    enters: str = Field(description="when it is entered, ISO 8601 with zone")


class ClosedShown(BaseModel):
    """A place that was closed."""

    road: str = Field(description="its name")
    begins: str = Field(description="since when, ISO 8601 with zone")
    ends: str | None = Field(description="until when, ISO 8601 with zone; null: to the end")
    theirs: bool = Field(description="by the other side, as it told us")


class ClaimShown(BaseModel):
    """A claim and its answer."""

    into: str = Field(description="where it is said to have gone")
    by: str = Field(description="by when, ISO 8601 with zone")
    sentence: str = Field(description="the answer in one sentence")
    could: bool = Field(description="whether it could have been there by then")
    holds: bool | None = Field(description="whether the claim is right; null: only asked")
    earliest: str | None = Field(description="the earliest it could be there; null: never")
    open_until: str | None = Field(
        description="when the last way there was closed; null: none was open, or one stayed open"
    )
    way: list[ClaimedDriveShown] = Field(description="the quickest way; empty if there is none")
    line: list[tuple[float, float]] = Field(description="the same as positions, WGS 84")
    closed: list[ClosedShown] = Field(description="what was closed by then, in order")


def tested(
    history: History, roads: RegionRoads, into: str, by: datetime | None, *, could: bool | None
) -> Claim:
    """Test a claim from where it was first seen, by what was really closed on both sides.

    Args:
        history: of this node's journal.
        roads: of the incident.
        into: an exit of the first plan or the beginning of its name, a territory, `section N`, or
            `LON,LAT,RADIUS_M`.
        by: by when; the last fact of the incident if None.
        could: what is claimed; None if it is only asked.

    Raises:
        NotNow: no plan was adopted, or its roads are not at hand.
        BadInput: there is no such place.
    """
    adopted = first_plan(history)
    if adopted is None:
        raise NotNow("no plan was adopted: from where and into what is not laid down")
    plan = adopted[1]
    if roads.network.digest != plan.network.digest:
        raise NotNow(_NO_ROADS)
    by = by or datetime.fromtimestamp(history.until_s, UTC)
    ours = {one.issued.site for one in history.incident.projection(Orders).orders.values()}
    closed = [
        _closed(one, roads, _OURS if f"{one.kind} {one.index}" in ours else _THEIRS)
        for one in closings_of(history, plan, None, by.timestamp() - plan.now_utc_s)
    ]
    return answer_of(plan, roads.network, into, by, closed, says_could=could)


def with_roads(roads: RegionRoads | None) -> RegionRoads:
    """Give the roads of an incident.

    Raises:
        NotNow: they are not at hand.
    """
    if roads is None:
        raise NotNow(_NO_ROADS)
    return roads


def _closed(one: Closing, roads: RegionRoads, by: str) -> Closed:
    site = f"{one.kind} {one.index}"
    lon, lat = roads.middle_of(site) or (math.nan, math.nan)
    return Closed(one, roads.name_of(site, ""), lon, lat, by)


def places_of(history: History) -> list[str]:
    """Where a claim can say that it went: exits of the first plan, by name."""
    adopted = first_plan(history)
    return [] if adopted is None else list(dict.fromkeys(one.name for one in adopted[1].exits))


def shown(claim: Claim, roads: RegionRoads) -> ClaimShown:
    """Show a claim with its answer."""
    found, zero_s = claim.answer, claim.plan.now_utc_s

    def moment(after_s: float) -> str | None:
        return iso(zero_s + after_s) if math.isfinite(after_s) else None

    way: list[ClaimedDriveShown] = []
    for drive in found.route:
        road = roads.name_of(f"section {drive.section}", "")
        if not way or way[-1].road != road:
            way.append(ClaimedDriveShown(road=road, enters=iso(zero_s + drive.enter_s)))
    return ClaimShown(
        into=claim.target.name, by=iso(claim.by_utc_s), sentence=claim.sentence, could=found.could,
        holds=None if claim.says_could is None else claim.holds,
        earliest=moment(found.earliest_s), open_until=moment(found.open_until_s), way=way,
        line=roads.line_of(drive.section for drive in found.route),
        closed=[
            ClosedShown(
                road=one.name, begins=iso(zero_s + one.closing.from_s),
                ends=moment(one.closing.until_s), theirs=one.by == _THEIRS,
            )
            for one in sorted(claim.closed, key=lambda each: each.closing.from_s)
        ],
    )  # fmt: skip
