"""Verdict, optimum, bound, proof and partial plans agree with brute force on random problems."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sealing.holding import hold
from sealing.oracle import Oracle
from sealing.oracle_roads import NEVER
from sealing.truth import faults_of, seals_of
from stopline.sealing.plan import Verdict
from stopline.sealing.planner import make_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem

    Seeds = Callable[[int, int], range]
    Check = Callable[[SealingProblem], list[str]]

NEAR_S = 1.0


def planned(problem: SealingProblem, *objective: str, **rules: object) -> tuple[Plan, list[str]]:
    """The plan with these objectives, and what is wrong with it whatever they are."""
    problem = replace(problem, rules=replace(problem.rules, objective=objective, **rules))
    plan = make_plan(problem)
    return plan, faults_of(problem, plan)


def fewest_units(problem: SealingProblem) -> list[str]:
    plan, faults = planned(problem, "units")
    if plan.verdict is Verdict.SEALED:
        fewest = Oracle(problem).fewest_units(problem.rules.margin_s)
        if plan.units_used != fewest:
            faults.append(f"uses {plan.units_used} units, {fewest} are enough")
        if plan.lower_bound != fewest:
            faults.append(f"bound is {plan.lower_bound}, the optimum is {fewest}")
    return faults


def least_strength(problem: SealingProblem) -> list[str]:
    plan, faults = planned(problem, "strength")
    if plan.verdict is Verdict.SEALED:
        oracle = Oracle(problem)
        least = oracle.least_strength(problem.rules.margin_s)
        used = sum(oracle.strength[u] for seal in seals_of(oracle, plan) for u in seal.units)
        if used != least:
            faults.append(f"uses strength {used}, {least} is enough")
    return faults


def largest_margin(problem: SealingProblem) -> list[str]:
    plan, faults = planned(problem, "margin", "units", "disturbance")
    if plan.verdict is not Verdict.SEALED:
        return faults
    oracle = Oracle(problem)
    seals = seals_of(oracle, plan)
    best_s, margin_s = oracle.largest_margin(), oracle.margin_of(seals)
    if margin_s < best_s - NEAR_S:
        faults.append(f"margin is {margin_s}, {best_s} can be had")
    if min(plan.margin_s, problem.rules.enough_margin_s) > margin_s + NEAR_S:
        faults.append(f"margin is {margin_s}, not {plan.margin_s}")
    best = oracle.search(margin_s, oracle.units_then_disturbance)
    assert best is not None
    faults += units_and_disturbance(oracle, plan, best.cost)
    return faults


def earliest_last_closing(problem: SealingProblem) -> list[str]:
    plan, faults = planned(problem, "last_closing", "units", "disturbance")
    if plan.verdict is not Verdict.SEALED:
        return faults
    oracle, margin_s = Oracle(problem), problem.rules.margin_s
    earliest_s = oracle.earliest_last_closing(margin_s)
    assert earliest_s is not None
    last_s = max((seal.closed_at_s for seal in plan.seals), default=-NEVER)
    if last_s > earliest_s + NEAR_S:
        faults.append(f"last closing is {last_s}, {earliest_s} can be had")
    best = oracle.search(margin_s, oracle.units_then_disturbance, latest_s=last_s + 1e-6)
    assert best is not None
    faults += units_and_disturbance(oracle, plan, best.cost)
    return faults


def least_disturbance(problem: SealingProblem) -> list[str]:
    plan, faults = planned(problem, "units", "disturbance")
    if plan.verdict is Verdict.SEALED:
        oracle = Oracle(problem)
        best = oracle.search(problem.rules.margin_s, oracle.units_then_disturbance)
        assert best is not None
        faults += units_and_disturbance(oracle, plan, best.cost)
    return faults


def units_and_disturbance(oracle: Oracle, plan: Plan, best: tuple[float, ...]) -> list[str]:
    faults = []
    if plan.units_used != best[0]:
        faults.append(f"uses {plan.units_used} units, {best[0]} are enough")
    if plan.lower_bound != best[0]:
        faults.append(f"bound is {plan.lower_bound}, the optimum is {best[0]}")
    disturbance = sum(oracle.disturbance[seal.site] for seal in seals_of(oracle, plan))
    if not math.isclose(disturbance, best[1], abs_tol=1e-6):
        faults.append(f"disturbs {disturbance}, {best[1]} can be had with as many units")
    return faults


def best_cover(problem: SealingProblem) -> list[str]:
    plan, faults = planned(problem, "units", partial="cover")
    if plan.verdict is Verdict.IMPOSSIBLE:
        oracle, margin_s = Oracle(problem), problem.rules.margin_s
        best = oracle.best_cover(margin_s)
        open_ = oracle.reached(seals_of(oracle, plan), margin_s)
        covered = sum(e.weight for n, e in enumerate(problem.exits) if n not in open_)
        if not math.isclose(covered, best, abs_tol=1e-6):
            faults.append(f"covers weight {covered}, {best} can be covered")
        faults += [
            f"{word} is {plan.lineage[word]}, the best is {best}"
            for word in ("value", "bound")
            if not math.isclose(plan.lineage[word], best, abs_tol=1e-6)
        ]
    return faults


def longest_delay(problem: SealingProblem) -> list[str]:
    plan, faults = planned(problem, "units", partial="delay")
    if plan.verdict is Verdict.IMPOSSIBLE:
        oracle, margin_s = Oracle(problem), problem.rules.margin_s
        best_s = oracle.best_delay(margin_s)
        escape = oracle.escape(oracle.shut(seals_of(oracle, plan), margin_s))
        assert escape is not None
        if escape.end_s < best_s - NEAR_S - 0.2:
            faults.append(f"escapes at {escape.end_s}, could be put off to {best_s}")
    return faults


CHECKS = (
    fewest_units,
    least_strength,
    largest_margin,
    earliest_last_closing,
    least_disturbance,
    best_cover,
    longest_delay,
)


# Each once showed a fault that few others show.
ONCE_FAILED = {
    fewest_units: (
        45,  # a gate before a junction lost the exit behind it: sealed with nothing
        9,  # a second holder that nobody needs
        284,  # the first drive from a source passed a sealed junction
        52,  # the first drive ends at an exit: impossible, but all exits "sealed"
        75,  # arrival at an exit section from the end at which its sign forbids to enter it
        12822,  # turn bans: both directions of a section in one cut, counted twice
        238,  # a task that no unit can meet: infinity by infinity
    ),
    largest_margin: (33, 234, 301, 332, 351),
    # 6717: the margin was taken off the latest closing too, so that a plan in time was none
    earliest_last_closing: (2, 102, 385, 6717),
    least_disturbance: (19, 667),  # the least disturbing plan meets the true deadlines only
    best_cover: (113, 595),  # the best cover meets the true deadlines only
}


@pytest.mark.parametrize("check", ONCE_FAILED, ids=lambda check: check.__name__)
def test_problems_that_once_failed(check: Check) -> None:
    hold(ONCE_FAILED[check], check)


@pytest.mark.parametrize("block", range(6))
def test_verdict_and_fewest_units(seeds: Seeds, block: int) -> None:
    hold(seeds(50 * block, 50), fewest_units)


@pytest.mark.parametrize("check", CHECKS[1:], ids=lambda check: check.__name__)
def test_other_objectives(seeds: Seeds, check: Check) -> None:
    hold(seeds(300, 60), check)


@pytest.mark.long
@pytest.mark.parametrize("block", range(50))
def test_verdict_and_fewest_units_of_many(seeds: Seeds, block: int) -> None:
    hold(seeds(1000 + 100 * block, 100), fewest_units)


@pytest.mark.long
@pytest.mark.parametrize("block", range(10))
@pytest.mark.parametrize("check", CHECKS[1:], ids=lambda check: check.__name__)
def test_other_objectives_of_many(seeds: Seeds, check: Check, block: int) -> None:
    hold(seeds(6000 + 100 * block, 100), check)
