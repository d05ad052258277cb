"""Orders from giving to reopening, and the closings that really were."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from stopline.network.place_names import is_file_id
from stopline.operation.facts.orders import OrderIssued, OrderMoved, PlanAdopted
from stopline.operation.orders.board import own_spans
from stopline.operation.orders.peer_seals import TheirSeals
from stopline.operation.orders.projection import Order, Orders
from stopline.review.redaction import masked
from stopline.review.schema import ReviewedOrder
from stopline.scenario.place_text import nearest_place
from stopline.sealing.claim.closing import Closing
from stopline.sealing.plan_file.schema import PlanFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.review.history import History
    from stopline.review.relative_time import Since
    from stopline.scenario.place_text import NamedPlace

_SITE: Final = re.compile(r"(?:section|junction) \d{1,9}", re.ASCII)


def order_lines(
    history: History, since: Since, places: Sequence[NamedPlace], *, own: bool
) -> list[ReviewedOrder]:
    """The orders of a side, in the order of their deadlines.

    Args:
        history: of that side's own journal.
        since: the zero of times.
        places: named places, to say where a road is that has no name.
        own: whether it is the side for which the review is made; units of the other stay out.
    """
    issued: dict[str, float] = {}
    withdrawn: dict[str, float] = {}
    for step in history.steps:
        if isinstance(step.body, OrderIssued):
            issued[step.body.order] = step.entry.time_s
        elif isinstance(step.body, OrderMoved) and step.body.state == "withdrawn":
            withdrawn[step.body.order] = step.entry.time_s
    found = [
        _line(history, since, one, places, issued, withdrawn, own=own)
        for one in history.incident.projection(Orders).orders.values()
    ]
    return sorted(found, key=lambda line: (line.deadline_s, line.site))


def _line(
    history: History,
    since: Since,
    one: Order,
    places: Sequence[NamedPlace],
    issued: dict[str, float],
    withdrawn: dict[str, float],
    *,
    own: bool,
) -> ReviewedOrder:
    told, given_s = one.issued, issued[one.issued.order]
    shut = one.closed_s
    return ReviewedOrder(
        side=history.side_name(history.side), order=told.order, site=told.site,
        road=road_text(told.road, told.lon, told.lat, places), agency=told.agency,
        unit=told.unit if own else None, lon=told.lon, lat=told.lat, ordered_s=since.t(given_s),
        deadline_s=since.t(one.deadline_s), closed_s=since.t(shut),
        took_s=None if shut is None else round(shut - given_s, 3),
        margin_s=None if shut is None else round(one.deadline_s - shut, 3),
        withdrawn_s=since.t(withdrawn.get(told.order)),
        reopened_s=since.t(one.ended_s) if one.state == "reopened" else None,
        state=one.state, reason=masked(one.reason) if one.state == "refused" else "",
    )  # fmt: skip


def road_text(road: str, lon: float | None, lat: float | None, places: Sequence[NamedPlace]) -> str:
    """A road for people: what has no name is said by the place that it is near."""
    unnamed = is_file_id(road)
    near = None
    if lon is not None and lat is not None:
        near = nearest_place(lon, lat, places)
    if near is None:
        return f"unnamed road ({road})" if unnamed else road
    return f"road near {near[0].name}" if unnamed else f"{road} near {near[0].name}"


def closings_of(
    history: History, plan: PlanFile, peer: History | None, end_s: float
) -> list[Closing]:
    """What was closed on both sides from when to when, seconds after the plan's "now".

    Args:
        history: of this side.
        plan: whose "now" is the zero.
        peer: of the other side's own journal; without it, what it said is taken.
        end_s: a road that reopened after this moment counts as closed for good.
    """
    theirs = history.incident.projection(TheirSeals).spans if peer is None else _spans(peer)
    found = []
    for site, spans in [*_spans(history).items(), *theirs.items()]:
        kind, _, index = site.partition(" ")
        for begin_s, finish_s in spans if _SITE.fullmatch(site) else ():
            from_s, until_s = begin_s - plan.now_utc_s, finish_s - plan.now_utc_s
            until_s = math.inf if until_s >= end_s else until_s
            if from_s < end_s:
                found.append(Closing(kind=kind, index=int(index), from_s=from_s, until_s=until_s))
    return found


def _spans(history: History) -> dict[str, list[tuple[float, float]]]:
    """When each site of a side was closed, by its own orders, UTC seconds."""
    orders = history.incident.projection(Orders)
    sites = dict.fromkeys(one.issued.site for one in orders.orders.values())
    return {site: own_spans(orders, site, math.inf) for site in sites}


def first_plan(history: History) -> tuple[float, PlanFile] | None:
    """When the first plan was adopted, and the plan; None if none was."""
    for step in history.steps:
        if isinstance(step.body, PlanAdopted):
            return step.entry.time_s, PlanFile.model_validate_json(step.body.plan)
    return None
