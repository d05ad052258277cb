"""Objectives one after the other: each is brought to its best, then held while the next one is.

Cost (units or strength) is found directly. Margin and last closing are thresholds: whether a plan
keeps them is one search, and halving the interval finds the best to within a second.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.plan import TIE_S
from stopline.sealing.search.flow_certificate import certificate_of_flow
from stopline.sealing.search.goal import Found, Goal, shut_times

if TYPE_CHECKING:
    from stopline.sealing.problem import Rules
    from stopline.sealing.search.sealer import Sealer

_RESOLUTION_S: Final = 1.0
_QUESTIONS: Final = 3  # a hard question of several takes at most this part of the time left
_ROUNDING_S: Final = 1e-6  # so that a plan still meets the threshold that it set itself
KNOWN: Final = ("margin", "last_closing", "units", "strength", "disturbance")


def first_goal(rules: Rules) -> Goal:
    """What any plan has to reach under the rules."""
    prefer = next((o for o in rules.objective if o in ("units", "strength")), "units")
    return Goal(margin_s=rules.margin_s - TIE_S, prefer=prefer)


def best_plan(sealer: Sealer, rules: Rules) -> tuple[Found, Goal]:
    """Find the best sealing plan in the order of the rules' objectives.

    Returns:
        The plan, or the reason why there is none; and the goal that it was found for.
    """
    goal = first_goal(rules)
    steps = [o for o in rules.objective if o != "disturbance"]
    best: Found | None = None
    fewest: Found | None = None
    certain, finish = True, sealer.until
    for number, step in enumerate(steps):
        sealer.until = _share(finish, len(steps) - number)
        if step == "margin":
            best, goal, sure = _widest_margin(sealer, goal, rules.enough_margin_s, best)
            certain = certain and sure
        elif step == "last_closing":
            best, goal, sure = _earliest_closing(sealer, goal, best)
            certain = certain and sure
        elif step == goal.prefer:
            best = _at_least_as_good(sealer.solve(replace(goal, cheapest=True)), best)
            certain = certain and best.proven
            fewest = best = _shown(sealer, goal, best)
            goal = replace(goal, most=float(best.cost)) if best.sealed else goal
        sealer.until = finish
        if best is not None and not best.sealed:
            return best, goal
    if best is None:
        best = sealer.solve(goal)
        certain = best.proven
    if fewest is not None and best.sealed and fewest.bound >= best.bound:
        # What holds of all plans holds of those with a wider margin or an earlier closing too.
        best = replace(best, bound=fewest.bound, certificate=fewest.certificate)
    return replace(best, proven=certain), goal


def _shown(sealer: Sealer, goal: Goal, plan: Found) -> Found:
    """A plan with a certificate of its bound, where a plain flow shows it."""
    if not plan.sealed or plan.certificate is not None or not 1 <= plan.bound < np.inf:
        return plan
    return replace(plan, certificate=certificate_of_flow(sealer, goal, int(plan.bound)))


def _share(finish: float, parts: int) -> float:
    """`time.perf_counter()` at which so many parts of the time that is left are over."""
    now = time.perf_counter()
    return now + (finish - now) / parts


def _at_least_as_good(new: Found, old: Found | None) -> Found:
    """The new plan, unless time ran out before it was as good as the old one."""
    if old is not None and not new.sealed:
        return replace(old, bound=min(new.bound, float(old.cost)), proven=False)
    return new


def _widest_margin(
    sealer: Sealer, goal: Goal, enough_s: float, before: Found | None
) -> tuple[Found, Goal, bool]:
    """The plan, the goal that holds its margin, and whether none has more."""
    low, high = goal.margin_s, max(goal.margin_s, enough_s)
    any_plan = replace(goal, cheapest=False)
    finish = sealer.until
    sealer.until = _share(finish, _QUESTIONS)
    best = sealer.solve(replace(any_plan, margin_s=high))
    sealer.until = finish
    if best.sealed:
        return best, replace(goal, margin_s=high), True
    certain = best.proven
    best = before if before is not None else sealer.solve(any_plan)
    if not best.sealed:
        return best, goal, best.proven
    low = max(low, min(margin_of(sealer, best, low) - _ROUNDING_S, high))
    while high - low > _RESOLUTION_S:
        middle = (low + high) / 2
        sealer.until = _share(finish, _QUESTIONS)
        found = sealer.solve(replace(any_plan, margin_s=middle))
        sealer.until = finish
        if found.sealed:
            widest = margin_of(sealer, found, middle) - _ROUNDING_S
            best, low = found, max(middle, min(widest, high))
        else:
            certain, high = found.proven, middle
    return best, replace(goal, margin_s=low), certain


def _earliest_closing(sealer: Sealer, goal: Goal, before: Found | None) -> tuple[Found, Goal, bool]:
    """The plan, the goal that holds its last closing, and whether none closes earlier."""
    any_plan = replace(goal, cheapest=False)
    best = before if before is not None else sealer.solve(any_plan)
    if not best.sealed:
        return best, goal, best.proven
    low, high, certain = 0.0, last_closing(best), True
    finish = sealer.until
    while high - low > _RESOLUTION_S:
        middle = (low + high) / 2
        sealer.until = _share(finish, _QUESTIONS)
        found = sealer.solve(replace(any_plan, latest_s=middle))
        sealer.until = finish
        if found.sealed:
            best, high = found, min(middle, last_closing(found))
        else:
            certain, low = found.proven, middle
    return best, replace(goal, latest_s=high + _ROUNDING_S), certain


def last_closing(plan: Found) -> float:
    """When the last seal of a plan is closed."""
    if plan.answers is None:
        return -np.inf
    times = [answer.closed_s for _, answer in plan.answers.commitments.values()]
    return max((float(t.max()) for t in times if t.size), default=-np.inf)


def margin_of(sealer: Sealer, plan: Found, at_least_s: float) -> float:
    """The smallest margin of a sealing plan's seals, given that it seals with `at_least_s`.

    Raising the margin to this value bars the same arcs, so the plan seals with it too.
    """
    if plan.question is None or plan.answers is None:
        return at_least_s
    chase = sealer.chase
    shut_s = shut_times(plan.question, plan.answers, sealer.need, at_least_s)
    found = chase.search.run(chase.start_node, chase.start_s, shut_s=shut_s)
    closed_s = shut_s - at_least_s
    arcs = np.flatnonzero(chase.site >= 0)
    site = chase.site[arcs]
    barred = np.isfinite(closed_s[site]) & np.isfinite(found.arrival_s[chase.tail[arcs]])
    # Arcs that were driven before their site closed do not count.
    slack = found.arrival_s[chase.tail[arcs[barred]]] - closed_s[site[barred]]
    slack = slack[slack >= at_least_s]
    return float(slack.min(initial=np.inf))
