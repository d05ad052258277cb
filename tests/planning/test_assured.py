"""No mixture assures more than prices on units say."""

from __future__ import annotations

import math

from sealing.instances import random_problem
from sealing.oracle import Oracle
from stopline.interdiction.game import randomise
from stopline.planning.choices import assured_at_most
from stopline.planning.interdiction import Interdiction


def test_no_game_is_worth_more_than_the_bound_by_prices() -> None:
    below_one = exact = 0
    for seed in range(300, 400):
        problem = random_problem(seed)
        if problem.vehicle.obeys_turn_bans or not problem.units:
            continue
        frame = Interdiction.of(problem)
        most = assured_at_most(problem, frame.session, 10.0)
        found = randomise(frame.escape(), frame.means, gap=0.0, time_limit_s=60.0)
        assert found.ended == "gap", seed
        assert found.value <= most + 1e-6, (seed, found.value, most)
        # A driver is stopped for certain exactly where a plan seals.
        assert (found.value > 1.0 - 1e-6) == Oracle(problem).can_seal(problem.rules.margin_s), seed
        below_one += most < 1.0
        exact += math.isclose(found.value, most, abs_tol=1e-3)
    assert below_one >= 8
    assert exact >= 8
