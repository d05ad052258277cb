"""Weights that prove that routes cannot all be stopped: true, few, and for how much later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sealing.instances import random_problem
from sealing.oracle import Oracle
from stopline.sealing.search.goal import Goal, nothing
from stopline.sealing.search.pair_search import PairSearch
from stopline.sealing.search.route_weights import weigh
from stopline.sealing.search.sealer import Sealer
from stopline.sealing.session import prepare

FEW_UNITS = 4
SEEDS = range(150)


def test_what_the_weights_say_is_so_and_altered_ones_never_say_more() -> None:
    """Also when every source begins as much later."""
    weighed = altered = fewer = 0
    for seed in SEEDS:
        problem = random_problem(seed)
        if len(problem.units) > FEW_UNITS or problem.vehicle.obeys_turn_bans:
            continue
        margin_s = problem.rules.margin_s
        session = prepare(problem)
        sealer = Sealer(session.chase, session.sides, problem.sites.need)
        times = sealer.times()
        goal = Goal(margin_s=margin_s, cheapest=False)
        if times is None or not times.units:
            continue
        found = PairSearch(sealer, times, goal, np.inf).solve(nothing(()), 0.0)
        if found.sealed:
            continue
        weights = weigh(session.chase, times, goal, found.drives)
        if weights is None:
            continue
        weighed += 1
        fewer += len(weights.drives) < len(found.drives)
        assert weights.holds(0.0), seed
        assert not Oracle(problem).can_seal(margin_s), seed
        rng = np.random.default_rng(seed)
        for later_s in (0.0, 20.0, 60.0, 150.0):
            other = replace(
                problem,
                sources=tuple(replace(s, time_s=s.time_s + later_s) for s in problem.sources),
            )
            seals = Oracle(other).can_seal(margin_s)
            again = weights.weighed(later_s)
            assert not (seals and (weights.holds(later_s) or again is not None)), (seed, later_s)
            for _ in range(5):
                turned = rng.integers(0, 9, weights.weight.shape[0])
                claims = replace(weights, weight=turned).holds(later_s)
                altered += claims
                assert not (seals and claims), (seed, later_s)
    assert weighed > 20
    assert fewer > 0
    assert altered > 20
