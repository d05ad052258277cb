"""Plan again after a new sighting: orders under way are kept unless moving them is worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.sealing.objectives import best_plan
from stopline.sealing.plan import SiteKind
from stopline.sealing.sealer import Sealer

if TYPE_CHECKING:
    from stopline.sealing.goal import Found, Goal
    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.session import Session


def keep_orders(
    session: Session, problem: SealingProblem, previous: Plan, until: float
) -> tuple[Found, Goal, Sealer]:
    """Find the best plan that keeps what is under way, and whether to keep it.

    The plan that keeps all orders is compared with the best plan of free hands: the latter is
    taken only if it seals where the former does not, or saves at least `rules.keep_gain` units
    for each order that it changes.
    """
    orders = standing_orders(problem, previous)
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


def standing_orders(problem: SealingProblem, previous: Plan) -> dict[str, int]:
    """Site by unit, for units that are under way or in position.

    What a unit reports now counts; where it reports nothing, what the earlier plan says of it.
    """
    number = {
        (bool(junction), index): site
        for site, (junction, index) in enumerate(
            zip(problem.sites.is_junction.tolist(), problem.sites.index.tolist(), strict=True)
        )
    }
    now = {unit.id: unit.status for unit in problem.units}
    orders: dict[str, int] = {}
    for seal in previous.seals:
        site = number.get((seal.site.kind is SiteKind.JUNCTION, seal.site.index))
        for holder in seal.holders:
            if site is None or holder.unit not in now:
                continue
            if {now[holder.unit], holder.status} != {"free"}:
                orders[holder.unit] = site
    return orders


def changed_orders(found: Found, orders: dict[str, int]) -> int:
    """How many standing orders a plan changes."""
    from stopline.sealing.explain import held_sites  # noqa: PLC0415

    now = {
        holder.unit: site for site, (holders, _) in held_sites(found).items() for holder in holders
    }
    return sum(1 for unit, site in orders.items() if now.get(unit) != site)
