"""Plan again after a new sighting: orders under way are kept unless moving them is worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.forces.unit import FREE
from stopline.sealing.plan import SiteKind
from stopline.sealing.search.objectives import best_plan
from stopline.sealing.search.sealer import Sealer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.search.goal import Found, Goal
    from stopline.sealing.session import Session


def keep_orders(
    session: Session, problem: SealingProblem, orders: Mapping[str, int], until: float
) -> tuple[Found, Goal, Sealer]:
    """Find the best plan that keeps what is under way, and whether to keep it.

    The plan that keeps all orders is compared with the best plan of free hands: the latter is
    taken only if it seals where the former does not, or saves at least `rules.keep_gain` units
    for each order that it changes.

    Args:
        session: the problem made ready.
        problem: what is asked.
        orders: site by unit, for the units under way or in position.
        until: `time.perf_counter()` at which to give the best so far.
    """
    kept = Sealer(session.chase, session.locked(orders), problem.sites.need, until)
    with_orders = best_plan(kept, problem.rules)
    if not orders:
        return (*with_orders, kept)
    free = Sealer(session.chase, session.sides, problem.sites.need, until)
    with_free_hands = best_plan(free, problem.rules)
    if not with_orders[0].sealed:
        return (*with_free_hands, free)
    gain = with_orders[0].cost - with_free_hands[0].cost
    changed = changed_orders(with_free_hands[0], orders)
    if with_free_hands[0].sealed and gain >= problem.rules.keep_gain * max(1, changed):
        return (*with_free_hands, free)
    return (*with_orders, kept)


def standing_orders(
    problem: SealingProblem, previous: Plan | None, given: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Site by unit, for units that are under way or in position.

    Args:
        problem: its units say what they do now.
        previous: an earlier plan; where the problem calls a unit free, what the plan says of the
            unit counts.
        given: orders that were given, by unit; they replace those of the earlier plan.
    """
    moving = {unit.id for unit in problem.units if unit.status != FREE}
    number = {
        (bool(junction), index): site
        for site, (junction, index) in enumerate(
            zip(problem.sites.is_junction.tolist(), problem.sites.index.tolist(), strict=True)
        )
    }
    present = {unit.id for unit in problem.units}
    orders: dict[str, int] = {}
    for seal in () if previous is None else previous.seals:
        site = number.get((seal.site.kind is SiteKind.JUNCTION, seal.site.index))
        for holder in seal.holders:
            stands = holder.status != FREE or holder.unit in moving
            if site is not None and stands and holder.unit in present:
                orders[holder.unit] = site
    return orders | {unit: site for unit, site in (given or {}).items() if unit in moving}


def status_of_units(problem: SealingProblem, previous: Plan | None = None) -> dict[str, str]:
    """What units do already, by id; an earlier plan tells where the problem calls a unit free."""
    told: dict[str, str] = {}
    for seal in () if previous is None else previous.seals:
        told.update((holder.unit, holder.status) for holder in seal.holders)
    return told | {unit.id: unit.status for unit in problem.units if unit.status != FREE}


def changed_orders(found: Found, orders: Mapping[str, int]) -> int:
    """How many standing orders a plan changes."""
    from stopline.sealing.explain import held_sites  # noqa: PLC0415

    now = {
        holder.unit: site for site, (holders, _) in held_sites(found).items() for holder in holders
    }
    return sum(1 for unit, site in orders.items() if now.get(unit) != site)
