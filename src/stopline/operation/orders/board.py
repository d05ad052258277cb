"""The board: each seal as it truly stands against its deadline.

Pure functions of the orders and the time. A seal counts from when it was reported closed; of a unit
under way, from when the plan expects it; of a late one, never. What is open because of it is found
by `actual`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from stopline.link.procedure_message import SealStatus
from stopline.operation.core.context import iso
from stopline.operation.orders.projection import OPEN

if TYPE_CHECKING:
    from stopline.operation.orders.projection import Order, Orders

State = Literal["ordered", "under way", "closed", "late", "open", "reopened"]
_URGENCY: dict[State, int] = {
    "late": 0, "open": 1, "ordered": 2, "under way": 3, "closed": 4, "reopened": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One order on the board.

    Attributes:
        order: the order.
        state: as both sides call it.
        left_s: seconds until the deadline; negative if it is over.
    """

    order: Order
    state: State
    left_s: float


def board(orders: Orders, now_s: float) -> list[BoardRow]:
    """The rows, the most urgent first."""
    rows = [
        BoardRow(order=one, state=state_of(one, now_s), left_s=one.deadline_s - now_s)
        for one in orders.orders.values()
        if one.state != "withdrawn" or one.closed_s is not None
    ]
    return sorted(rows, key=lambda row: (_URGENCY[row.state], row.order.deadline_s))


def state_of(order: Order, now_s: float) -> State:
    """How an order stands, as both sides call it."""
    if order.is_late(now_s):
        return "late"
    states: dict[str, State] = {
        "issued": "ordered", "acknowledged": "ordered", "under way": "under way",
        "in position": "under way", "closed": "closed", "refused": "open", "withdrawn": "open",
        "reopened": "reopened",
    }  # fmt: skip
    return states[order.state]


def seal_status(orders: Orders, now_s: float) -> tuple[SealStatus, ...]:
    """What the other side is told of our seals: each site once with its state, never a unit.

    A site is closed only when those who hold it are strong enough together.
    """
    rows = board(orders, now_s)
    sites = dict.fromkeys(row.order.issued.site for row in rows)
    found = []
    for site in sites:
        here = [row for row in rows if row.order.issued.site == site]
        state = _site_state(here, closed=orders.is_closed(site))
        issued = here[0].order.issued
        since_s = max(row.order.since_s for row in here)
        found.append(SealStatus(site=site, road=issued.road, state=state, since=iso(since_s)))
    return tuple(found)


def _site_state(rows: list[BoardRow], *, closed: bool) -> State:
    """The state of a site: those who still come if they are enough with those there, else worst."""
    if closed:
        return "closed"
    coming = [row for row in rows if row.state in {"ordered", "under way", "closed"}]
    enough = sum(row.order.issued.strength for row in coming) >= rows[0].order.issued.need
    counted = [row for row in coming if row.state != "closed"] if enough else rows
    return min((row.state for row in counted), key=_URGENCY.__getitem__)


def own_spans(
    orders: Orders, site: str, now_s: float, need: int | None = None
) -> list[tuple[float, float]]:
    """When a site is closed by our units, or will be, UTC seconds: once they are strong enough.

    Args:
        orders: of this side.
        site: `section N` or `junction N`.
        now_s: the moment, UTC seconds.
        need: strength that is enough; what the orders say if not given.
    """
    return _shut(orders.at_site(site), now_s, need)


def _shut(orders: list[Order], now_s: float, need: int | None = None) -> list[tuple[float, float]]:
    """When the units at a site are together strong enough; orders end, and others take over."""
    spans = [(*_held(one, now_s), one.issued.strength) for one in orders]
    need = orders[0].issued.need if need is None else need
    moments = sorted({t for from_s, until_s, _ in spans for t in (from_s, until_s)})
    found: list[tuple[float, float]] = []
    for begin, end in pairwise([*moments, math.inf]):
        strong = sum(s for from_s, until_s, s in spans if from_s <= begin < until_s)
        if strong < need or not math.isfinite(begin) or begin >= end:
            continue
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def _held(order: Order, now_s: float) -> tuple[float, float]:
    """When a unit holds its site: as reported, or as the plan expects it while it is in time."""
    if order.closed_s is not None:
        return order.closed_s, math.inf if order.ended_s is None else order.ended_s
    if order.state in OPEN and not order.is_late(now_s):
        return max(order.expected_s, now_s), math.inf
    return math.inf, math.inf
