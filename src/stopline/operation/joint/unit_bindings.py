"""Which of our units are bound: by an order that stands, or by our word to the other side.

A unit does one thing at a time, whichever incident asks for it. So who answers a question, or makes
a plan of our own, offers a bound unit at its one site, in the incident that it is bound in, and
nowhere else. Only an officer frees it: by withdrawing the order, or the commitment. A question is
asked to replace what the same asker's last plan of the incident built on, so that our word for that
plan does not bind against it, nor do its orders while the roads are not closed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stopline.forces.unit import IN_POSITION, UNDER_WAY
from stopline.operation.joint.projection import JointPlans
from stopline.operation.orders.projection import Orders
from stopline.operation.readiness.planner import OLDEST_FIX_S, place_at
from stopline.operation.readiness.projection import Readiness
from stopline.sealing.session import bound_units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from stopline.forces.unit import Unit
    from stopline.operation.core.state import NodeState
    from stopline.operation.facts.joint import CommitmentGiven
    from stopline.operation.joint.projection import StandingMatter
    from stopline.operation.orders.projection import Order
    from stopline.sealing.problem import SealingProblem


@dataclass(frozen=True, slots=True)
class Binding:
    """What binds a unit, as one incident sees it.

    Attributes:
        why: in words, for example `promised to south.example/node`.
        site: `section N` or `junction N`, the one that it may hold in this incident; empty: none.
        from_s: on an order, from when it holds the site, UTC seconds: closed, or expected by the
            plan; None where no order was given yet, so that it counts as its readiness says.
        closed: it holds the site already.
    """

    why: str
    site: str = ""
    from_s: float | None = None
    closed: bool = False


def units_for_answers(
    book: NodeState, incident: str | None, now_s: float, asker: str
) -> dict[str, Binding]:
    """The units that are bound when the other side asks in an incident, by id.

    Args:
        book: all that the node knows.
        incident: that of the question.
        now_s: the moment, UTC seconds.
        asker: the peer that asks; what it was promised in the incident is what it now replaces.
    """
    movable = {
        here
        for one in book.projection(JointPlans).given.values()
        if one.ordered and not one.withdrawn and (one.incident, one.body.peer) == (incident, asker)
        for here in _places(one)
    }

    def keeps(order: Order) -> bool:
        return _here(order) not in movable or not _can_move(book, order, now_s)

    ordered = _joined(_orders(book, incident, now_s, keeps))
    return _joined(_promises(book, incident, now_s, asker)) | ordered


def units_for_our_plan(book: NodeState, incident: str | None, now_s: float) -> dict[str, Binding]:
    """The units that are bound when this side plans for itself in an incident, by id.

    A plan of our own may move the orders that it gave, but not those that stand for a commitment.
    """
    standing = [one for one in book.projection(JointPlans).given.values() if not one.ended(now_s)]
    kept = {
        here
        for one in standing
        if one.ordered and one.incident == incident
        for here in _places(one)
    }
    ordered = _joined(_orders(book, incident, now_s, lambda order: _here(order) in kept))
    return _joined(_promises(book, incident, now_s, "")) | ordered


def with_bound_units(problem: SealingProblem, bound: Mapping[str, Binding]) -> SealingProblem:
    """A problem whose bound units can hold their one site alone, from when they do.

    Who is bound to no site of the problem is not in it. `unit_places` must be given.
    """
    if not any(unit.id in bound for unit in problem.units):
        return problem
    assert problem.unit_places is not None  # noqa: S101  (said above)
    placed = [
        (unit, place) if unit.id not in bound else _placed(problem, unit, place, bound[unit.id])
        for unit, place in zip(problem.units, problem.unit_places, strict=True)
    ]
    kept = [one for one in placed if one is not None]
    return replace(
        problem,
        units=tuple(unit for unit, _ in kept),
        unit_places=tuple(place for _, place in kept),
    )


def _placed(
    problem: SealingProblem, unit: Unit, place: tuple[int, float], one: Binding
) -> tuple[Unit, tuple[int, float]] | None:
    """A unit that may hold one site, from where it is or from there; None where it holds none."""
    bound = replace(unit, bound_to=one.site)
    number = bound_units(problem.sites, (bound,)).get(0, -1)
    there = place_at(problem.network, one.site)
    if number < 0 or there is None:
        return None
    if one.from_s is None:
        return bound, place
    site, after_s = problem.site(number), one.from_s - problem.now_utc_s
    if not one.closed:  # it sets up on the spot, and not in the past
        after_s = max(after_s, 0.0) - float(problem.sites.setup_s[number])
    status = IN_POSITION if one.closed else UNDER_WAY
    held = replace(bound, lon=site.lon, lat=site.lat, ready_s=after_s, status=status)
    return held, there


def _orders(
    book: NodeState, incident: str | None, now_s: float, keeps: Callable[[Order], bool]
) -> Iterator[tuple[str, Binding]]:
    """By orders that stand; of those of the incident itself, those that keep their unit."""
    for one in book.incidents.values():
        for order in one.projection(Orders).standing():
            if one.id != incident or keeps(order):
                yield order.issued.unit, _by_order(order, one.id, incident, now_s)


def _can_move(book: NodeState, order: Order, now_s: float) -> bool:
    """Whether a unit on an order may be offered elsewhere: no road closed, its place known."""
    if order.state in {"in position", "closed"} or order.is_late(now_s):
        return False
    known = book.projection(Readiness)
    unit, fix = known.units.get(order.issued.unit), known.fixes.get(order.issued.unit)
    if unit is None or order.state != "under way":
        return unit is not None
    return fix is not None and now_s - fix.at_s <= OLDEST_FIX_S


def _here(order: Order) -> tuple[str, str]:
    return order.issued.unit, order.issued.site


def _places(one: StandingMatter[CommitmentGiven]) -> Iterator[tuple[str, str]]:
    """The units behind a commitment, each with its site."""
    return ((unit.unit, seal.site) for seal in one.body.seals for unit in seal.units)


def _by_order(order: Order, of: str, incident: str | None, now_s: float) -> Binding:
    if of != incident:
        return Binding(f"ordered in incident {of}")
    if order.is_late(now_s):  # nobody knows when it will be there
        return Binding(f"late at {order.issued.road}")
    why = f"ordered to {order.issued.road}"
    if order.state == "closed" and order.closed_s is not None:
        return Binding(why, order.issued.site, order.closed_s, closed=True)
    return Binding(why, order.issued.site, order.expected_s)


def _promises(
    book: NodeState, incident: str | None, now_s: float, asker: str
) -> Iterator[tuple[str, Binding]]:
    """By commitments that count and have not become orders; from then on the orders bind."""
    for one in book.projection(JointPlans).given.values():
        replaced = (one.incident, one.body.peer) == (incident, asker)
        if not (one.ended(now_s) or one.ordered or replaced):
            yield from _by_word(one, incident)


def _by_word(
    one: StandingMatter[CommitmentGiven], incident: str | None
) -> Iterator[tuple[str, Binding]]:
    for seal in one.body.seals:
        for unit in seal.units:
            why = f"promised to {one.body.peer} at {seal.road}"
            yield unit.unit, Binding(why, seal.site if one.incident == incident else "")


def _joined(told: Iterator[tuple[str, Binding]]) -> dict[str, Binding]:
    """What binds each unit; one that is bound twice, to different sites, can hold neither."""
    found: dict[str, Binding] = {}
    for unit, one in told:
        known = found.setdefault(unit, one)
        if known.site != one.site:
            found[unit] = Binding(f"{known.why}, and {one.why}")
    return found
