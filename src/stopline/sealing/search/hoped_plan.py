"""Plans where a side keeps its units to itself: found as if hoped-for units were there, then asked.

What such a side has not ruled out is given to units that nobody knows: each is ready wherever and
whenever it may be. Unit prices then choose cuts as they do among known units, and each plan is put
to the sides as a question. A yes is a plan; a no is one more thing that the hoped-for units cannot.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from stopline.sealing.search.cut_options import ask, cost_of, make_question
from stopline.sealing.search.goal import Found, nothing, shut_by
from stopline.sealing.search.price_search import HeldPlan, PriceSearch
from stopline.sealing.side import MoreIsKnown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.search.cut_options import CutOptions
    from stopline.sealing.search.goal import Goal
    from stopline.sealing.search.search_context import SearchContext


def hoped_plan(context: SearchContext, goal: Goal, until: float, most: float) -> Found:
    """Find a plan that meets safe deadlines and that the sides commit to.

    Args:
        context: pursuit and sides.
        goal: what is asked.
        until: `time.perf_counter()` at which to stop.
        most: only plans that cost at most this are wanted.
    """
    best = nothing(())
    at_s, outside = context.free.at_s, None
    refused: set[tuple[tuple[int, int], ...]] = set()
    while time.perf_counter() < until:
        times = context.hoped_times()
        if times is None or not times.units or times.teams:
            break
        search = PriceSearch(context, times, goal)
        plan = search.among_cuts(at_s, outside, most, until)
        if plan is None or plan.held in refused:
            break
        question = make_question(
            context.chase,
            context.sides,
            context.need,
            np.minimum(_due_s(context, at_s, goal.margin_s), goal.latest_s),
            prefer=goal.prefer,
        )
        side_of = {int(times.site[row]): int(times.side[unit]) for row, unit in plan.held}
        options = _options(context, question, plan, side_of)
        try:
            answers = ask(question, context.sides, options)
        except MoreIsKnown:
            continue
        cost = cost_of(answers, goal.prefer)
        made = Found(
            question=question, options=options, answers=answers, cost=cost, bound=0.0, proven=False
        )
        if answers.refusals or not _seals(context, made, goal.margin_s):
            refused.add(plan.held)
            continue
        if best.sealed and cost >= best.cost:
            break
        best = made
        if not goal.cheapest:
            break
        most = cost - 1
        outside, at_s = ~plan.inside, search.arrivals_within(plan.inside)
    return best


def _seals(context: SearchContext, plan: Found, margin_s: float) -> bool:
    return context.escape(shut_by(plan, context.need, margin_s)) is None


def _due_s(
    context: SearchContext, at_s: NDArray[np.float64], margin_s: float
) -> NDArray[np.float64]:
    """Latest closing time of each arc by safe arrivals, float64[a]; NaN where nobody comes."""
    by_s = at_s[context.chase.tail] - margin_s
    return np.where(np.isfinite(by_s), by_s, np.nan)


def _options(
    context: SearchContext, question: CutOptions, plan: HeldPlan, side_of: dict[int, int]
) -> NDArray[np.int64]:
    """The options by which the sides hold a plan's cut: one for each site, the earliest due."""
    chase = context.chase
    across = plan.inside[chase.tail] & ~plan.inside[chase.head]
    rows = np.flatnonzero(across[question.arc])
    chosen: dict[int, int] = {}
    for row in rows[np.argsort(question.by_s[rows], kind="stable")].tolist():
        site = int(question.site[row])
        side = side_of.get(site, -1)
        alone = side >= 0 and all(
            (number[row] >= 0) == (s == side) for s, number in enumerate(question.demand_of)
        )
        if alone:
            chosen.setdefault(site, row)
    return np.array(sorted(chosen.values()), dtype=np.int64)
