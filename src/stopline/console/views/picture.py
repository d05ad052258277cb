"""The picture of an incident: all that the main screen shows of it at one moment, in one answer.

What the reader may not look at is null. The same picture is made of a past moment, from what was
known then; so a review and "look back" show nothing that came later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from stopline.console.site_ids import Site
from stopline.console.views.incident import IncidentShown, in_full
from stopline.console.views.node import TroubleShown, troubles
from stopline.console.views.picture_plan import (
    OfferShown,
    PictureSeal,
    PlanNow,
    WayShown,
    offer_of,
    plan_now,
    seals_of,
    ways_of,
)
from stopline.console.views.rooms import SightingShown, sightings
from stopline.operation.core.context import iso
from stopline.operation.core.happenings import Happenings, LineSeen
from stopline.operation.facts.whereabouts import Whereabouts
from stopline.operation.liaison.projection import Deliveries, Exchange
from stopline.operation.orders.issuing import missing_leave
from stopline.operation.orders.projection import Orders
from stopline.operation.plan.verdict_projection import Verdicts
from stopline.operation.readiness.projection import Readiness
from stopline.operation.readiness.summary import unit_list
from stopline.operation.whereabouts.projection import Beliefs

if TYPE_CHECKING:
    from stopline.console.region import RegionRoads
    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState


class SideShown(BaseModel):
    """A side as the screen names it."""

    side: str = Field(description="its name in the protocol; empty before one is adopted")
    name: str = Field(description="what people call it")
    tab: str = Field(description="the letters on a sign of its seals, two or more")


class LinkShown(BaseModel):
    """The line to the other side."""

    up: bool | None = Field(description="whether it is up; null before it ever was")
    since: str | None = Field(description="since when, ISO 8601 with zone")
    unread: int = Field(description="messages of the other side that nobody here took note of")
    waiting: int = Field(description="messages of this side that are not there yet")


class VerdictShown(BaseModel):
    """The verdict from what is really closed."""

    verdict: Literal["sealed", "leaking", "unknown"] = Field(description="the verdict")
    sentence: str = Field(description="the same in one sentence")
    at: str = Field(description="the moment it was found for, ISO 8601 with zone")
    since: str = Field(description="since when it is this, ISO 8601 with zone")
    ways: int = Field(description="ways out that are open or will be")
    exits: int = Field(description="exits of the plan in force")
    opens: str | None = Field(description="when the first way opens, ISO 8601 with zone")
    first: str = Field(description="its exit; empty for none")
    order_by: str | None = Field(
        description="latest order by which the new plan still closes all it closes, ISO 8601"
    )
    as_of: str | None = Field(
        description="the line is down and it counts their seals: as they were then, ISO 8601"
    )
    unreported: list[str] = Field(description="roads that count by the other side's word alone")


class PictureUnit(BaseModel):
    """One of our units on the map."""

    unit: str = Field(description="its id")
    agency: str = Field(description="its service")
    state: str = Field(description="what it is doing")
    said: str = Field(description="the same in words, with how long or what is wrong")
    overdue: bool = Field(description="it should have answered by now")
    lon: float | None = Field(description="its last fix or base, WGS 84 degrees")
    lat: float | None = Field(description="its last fix or base, WGS 84 degrees")
    fix: str | None = Field(description="when it was there, ISO 8601; null: its base, no fix yet")
    site: Site = Field(description="the site that it is ordered to; empty for none")


class AlarmShown(BaseModel):
    """What happened."""

    what: str = Field(description="in one sentence")
    place: str = Field(description="where, as people name it")
    vehicle: str = Field(description="what is known of the vehicle")


class LeaveShown(BaseModel):
    """What the agreed protocol asks for before orders may go: any one of these."""

    phases: list[str] = Field(description="phases in which they may")
    decisions: list[str] = Field(description="questions that may be decided first")


class PictureShown(BaseModel):
    """An incident at one moment."""

    at: str = Field(description="the moment, ISO 8601 with zone")
    entries: int = Field(description="entries of the journal that it was made from")
    live: bool = Field(description="it is now, and not a moment that was asked for")
    us: SideShown = Field(description="this side")
    them: SideShown = Field(description="the other side")
    incident: IncidentShown = Field(description="phase, tasks, decisions, reminders")
    alarm: AlarmShown | None = Field(description="what happened; null before an alarm")
    line: LinkShown = Field(description="the line to the other side")
    troubles: list[TroubleShown] = Field(description="duties that fail")
    plan: PlanNow | None = Field(description="the plan in force; null for none or not for you")
    verdict: VerdictShown | None = Field(description="null: none yet, or not for you")
    ways: list[WayShown] = Field(description="ways out that are open, the earliest first")
    seals: list[PictureSeal] = Field(description="seals in force, least margin first")
    offer: OfferShown | None = Field(description="the new plan that is offered; null for none")
    leave: LeaveShown | None = Field(description="what orders wait for; null: they may go now")
    sightings: list[SightingShown] | None = Field(description="null: not for you")
    units: list[PictureUnit] | None = Field(description="null: not for you")
    belief: Whereabouts | None = Field(description="null: none yet, or not for you")


def picture(
    book: NodeState,
    incident: Incident,
    now_s: float,
    *,
    rows: frozenset[str],
    roads: RegionRoads | None,
    live: bool,
) -> PictureShown:
    """Make the picture of an incident for somebody who may look at some rows of the table."""
    own = book.projection(Readiness).units
    board, seen = "board" in rows, "sightings" in rows
    plan = plan_now(incident, own) if board else None
    seals = seals_of(incident, now_s, own, roads) if board else []
    offer = offer_of(incident, now_s, own, roads) if board else None
    full = in_full(book, incident, now_s, rows)
    alarm = incident.projection(Happenings).alarm
    return PictureShown(
        at=iso(now_s), entries=book.size, live=live, us=side_of(book, book.side),
        them=side_of(book, book.other_side), incident=full,
        alarm=None if alarm is None else AlarmShown(
            what=alarm.what, place=alarm.place, vehicle=alarm.vehicle
        ),
        line=_line(book, incident), troubles=troubles(book), plan=plan,
        verdict=_verdict(book, incident, plan, seals, offer),
        ways=ways_of(incident, roads, offer) if board else [], seals=seals, offer=offer,
        leave=_leave(incident) if board else None,
        sightings=sightings(incident) if seen else None,
        units=units_of(book, incident, now_s) if "units" in rows else None,
        belief=incident.projection(Beliefs).now if seen else None,
    )  # fmt: skip


def _leave(incident: Incident) -> LeaveShown | None:
    missing, protocol = missing_leave(incident), incident.machine.protocol
    if not missing:
        return None
    standing = [protocol.standing[one] for one in missing if one in protocol.standing]
    return LeaveShown(
        phases=list(dict.fromkeys(phase for one in standing for phase in one.phases)),
        decisions=[protocol.decisions[one].title for one in missing if one in protocol.decisions],
    )


def side_of(book: NodeState, side: str) -> SideShown:
    """A side as people call it, with letters that tell it from the other."""
    others = [one for one in (book.side, book.other_side) if one != side]
    name = side.replace("_", " ").title()
    count = next(
        (n for n in (2, 3, 4) if all(side[:n].lower() != one[:n].lower() for one in others)), 5
    )
    return SideShown(side=side, name=name, tab=side[:count].upper())


def units_of(book: NodeState, incident: Incident, now_s: float) -> list[PictureUnit]:
    """Our units, where they are, and which site each is ordered to."""
    sites = {one.issued.unit: one.issued.site for one in incident.projection(Orders).standing()}
    return [
        PictureUnit(
            unit=line.unit.registered.id, agency=line.unit.registered.agency,
            state=line.unit.state, said=line.said, overdue=line.overdue,
            lon=line.fix.lon if line.fix else line.unit.registered.lon,
            lat=line.fix.lat if line.fix else line.unit.registered.lat,
            fix=iso(line.fix.at_s) if line.fix else None,
            site=sites.get(line.unit.registered.id, ""),
        )
        for line in unit_list(book.projection(Readiness), now_s)
    ]  # fmt: skip


def _line(book: NodeState, incident: Incident) -> LinkShown:
    line, reached = book.projection(LineSeen), book.projection(Deliveries)
    said = incident.projection(Exchange).said.values()
    return LinkShown(
        up=line.up, since=None if line.up is None else iso(line.since_s),
        unread=sum(one.received and not one.noted_by for one in said),
        waiting=sum(not one.received and reached.is_waiting(one.id) for one in said),
    )  # fmt: skip


def _verdict(
    book: NodeState,
    incident: Incident,
    plan: PlanNow | None,
    seals: list[PictureSeal],
    offer: OfferShown | None,
) -> VerdictShown | None:
    known = incident.projection(Verdicts)
    if known.now is None or plan is None:
        return None
    still = [way for way in known.now.ways if way.still_open]
    line = book.projection(LineSeen)
    stale = line.up is False and any(one.theirs for one in seals)
    return VerdictShown(
        verdict=known.now.verdict, sentence=known.now.sentence, at=known.now.at,
        since=iso(known.since_s), ways=len(still) + known.now.more,
        exits=plan.exits,
        opens=still[0].earliest if still else None, first=still[0].exit if still else "",
        order_by=None if offer is None else offer.order_by,
        as_of=iso(line.since_s) if stale else None, unreported=list(known.now.unreported),
    )  # fmt: skip
