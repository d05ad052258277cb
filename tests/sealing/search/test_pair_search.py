"""Routes alone decide where all units are known, and their weights show how many are needed."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sealing.instances import random_problem
from sealing.search.test_certificates import confirmed
from stopline.planning.atlas_input import load_region
from stopline.sealing.planner import make_plan
from stopline.sealing.problem import Source
from stopline.sealing.search.goal import Goal, nothing, shut_by
from stopline.sealing.search.objectives import first_goal
from stopline.sealing.search.pair_search import PairSearch
from stopline.sealing.search.sealer import Sealer
from stopline.sealing.session import prepare

if TYPE_CHECKING:
    import pytest

REGION = Path(__file__).parents[3] / "examples" / "liechtenstein" / "sealed.yaml"


def test_the_weights_of_the_routes_show_the_bound() -> None:
    shown = 0
    for seed in range(240):
        problem = random_problem(seed)
        session = prepare(problem)
        sealer = Sealer(session.chase, session.sides, problem.sites.need)
        times, goal = sealer.times(), first_goal(problem.rules)
        if times is None or not times.units:
            continue
        goal = replace(goal, cheapest=True)
        found = PairSearch(sealer, times, goal, math.inf).solve(nothing(()), 0.0)
        if not found.sealed or found.certificate is None:
            continue
        plan = make_plan(problem)
        assert found.certificate.units == found.bound == plan.units_used, seed
        assert confirmed(problem, plan, found.certificate), seed
        shown += 1
    assert shown >= 20, shown


def test_places_that_cuts_and_prices_leave_open_are_decided_by_routes() -> None:
    problem = load_region(REGION).problem
    session = prepare(problem)
    for place in ((9.53354, 47.1047), (9.53307, 47.11052)):
        near = problem.network
        junction = int(
            ((near.junction_lon - place[0]) ** 2 + (near.junction_lat - place[1]) ** 2).argmin()
        )
        source = Source(name="x", time_s=0.0, junction=junction)
        here = prepare(replace(problem, sources=(source,)), session)
        sealer = Sealer(here.chase, here.sides, problem.sites.need, time.perf_counter() + 60.0)
        found = sealer.solve(Goal(margin_s=problem.rules.margin_s, cheapest=False))
        assert found.proven, place
        assert not found.sealed, place


def test_a_place_is_sealed_where_shares_of_units_leave_much_to_decide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "perf_counter", time.process_time)  # a busy machine changes nothing
    problem = load_region(REGION).problem
    session = prepare(problem)
    source = Source(name="x", time_s=0.0, junction=5423)
    here = prepare(replace(problem, sources=(source,)), session)
    sealer = Sealer(here.chase, here.sides, problem.sites.need, time.perf_counter() + 60.0)
    found = sealer.solve(Goal(margin_s=problem.rules.margin_s, cheapest=False))
    assert found.sealed
    assert sealer.escape(shut_by(found, problem.sites.need, problem.rules.margin_s)) is None
