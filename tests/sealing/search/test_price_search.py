"""Plans and bounds by prices alone, without what finds the easy answers first."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import pytest

from sealing.instances import random_problem
from sealing.oracle import Oracle
from sealing.oracle_roads import Place, Seal
from stopline.sealing.search.held_plan import plan_of_pairs
from stopline.sealing.search.objectives import first_goal
from stopline.sealing.search.price_search import PriceSearch
from stopline.sealing.search.sealer import Sealer, whole
from stopline.sealing.session import prepare


@pytest.mark.parametrize("block", range(2))
@pytest.mark.parametrize("objective", ["units", "strength"])
def test_bounds_and_plans_by_prices_agree_with_the_brute_force(objective: str, block: int) -> None:
    plans = bounds = best = 0
    for seed in range(700 + 30 * block, 730 + 30 * block):
        problem = random_problem(seed)
        problem = replace(problem, rules=replace(problem.rules, objective=(objective,)))
        session = prepare(problem)
        sealer = Sealer(session.chase, session.sides, problem.sites.need)
        times = sealer.times()
        if times is None or not times.units or session.chase.split:
            continue
        goal, margin_s = first_goal(problem.rules), problem.rules.margin_s
        oracle = Oracle(problem)
        ask = oracle.fewest_units if objective == "units" else oracle.least_strength
        answer = ask(margin_s)
        truth = math.inf if answer is None else float(answer)
        search = PriceSearch(sealer, times, goal)
        plan = search.plan(time.perf_counter() + 20.0)
        bound = whole(search.prove(time.perf_counter() + 20.0, math.inf))
        assert bound <= truth, seed
        bounds += 0 < bound < math.inf
        if plan is None:
            continue
        plans += 1
        assert plan.cost >= truth, seed
        best += plan.cost == truth
        found = plan_of_pairs(sealer.sides, times, plan.held, goal)
        assert found.cost == plan.cost, seed
        number = {unit.id: n for n, unit in enumerate(problem.units)}
        seals: dict[int, list[int]] = {}
        assert found.question is not None
        assert found.answers is not None
        for options, commitment in found.answers.commitments.values():
            for option, holders in zip(options.tolist(), commitment.holders, strict=True):
                site = int(found.question.site[option])
                place = Place(bool(problem.sites.is_junction[site]), int(problem.sites.index[site]))
                seals.setdefault(oracle.site_of[place], []).extend(number[h.unit] for h in holders)
        held = tuple(Seal(site, tuple(units)) for site, units in seals.items())
        assert oracle.escape(oracle.shut(held, margin_s)) is None, seed
    assert plans >= 3
    assert bounds >= 3
    assert best >= plans - 2  # nearly always the cheapest plan by safe deadlines is the cheapest
