"""Certificates are confirmed by the checker; altered ones never claim more than the truth."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sealing.instances import random_problem
from sealing.oracle import Oracle
from stopline.sealing.checker.check import check_plan
from stopline.sealing.plan_file.writing import form_of
from stopline.sealing.planner import make_plan
from stopline.sealing.search.objectives import first_goal
from stopline.sealing.search.price_search import PriceSearch
from stopline.sealing.search.sealer import Sealer, whole
from stopline.sealing.session import prepare

if TYPE_CHECKING:
    from stopline.sealing.plan import Certificate, Plan
    from stopline.sealing.problem import SealingProblem


def certified(problem: SealingProblem) -> tuple[float, Certificate | None]:
    """The bound by prices, with its certificate."""
    session = prepare(problem)
    sealer = Sealer(session.chase, session.sides, problem.sites.need)
    times = sealer.times()
    if times is None or not times.units:
        return 0.0, None
    search = PriceSearch(sealer, times, first_goal(problem.rules))
    bound = whole(search.prove(time.perf_counter() + 20.0, math.inf))
    return bound, search.certificate(bound if bound < math.inf else 0)


def confirmed(problem: SealingProblem, plan: Plan, certificate: Certificate) -> bool:
    verdict = plan.verdict
    plan = replace(plan, certificate=certificate)
    if verdict == "sealed":
        plan = replace(plan, lower_bound=certificate.units)
    places = dict(zip((unit.id for unit in problem.units), problem.unit_places or (), strict=False))
    found = check_plan(form_of(plan, problem), problem.network, unit_places=places)
    return found.holds


def test_certificates_are_confirmed_and_never_claim_too_much() -> None:
    kinds = {"impossible": 0, "bound": 0}
    for seed in range(120):
        problem = random_problem(seed)
        strong = problem.sites.need.max(initial=1) > min(
            (unit.strength for unit in problem.units), default=1
        )
        if problem.vehicle.obeys_turn_bans or strong or not problem.units:
            continue
        bound, certificate = certified(problem)
        if certificate is None or bound == 0:
            continue
        plan = make_plan(problem)
        truth = plan.units_used if plan.verdict == "sealed" else math.inf
        assert bound <= truth, seed
        assert confirmed(problem, plan, certificate), seed
        kinds["impossible" if certificate.units == 0 else "bound"] += 1
        rng = np.random.default_rng(seed)
        for altered in alterations(certificate, rng):
            claims = altered.units or math.inf
            if confirmed(problem, plan, altered):
                assert claims <= truth, (seed, altered)
    assert min(kinds.values()) >= 5, kinds


def alterations(given: Certificate, rng: np.random.Generator) -> list[Certificate]:
    """More than was shown, weights moved, steps taken away, the margin lowered."""
    step = int(rng.integers(len(given.steps)))
    routes = list(given.steps[step].routes)
    at = int(rng.integers(len(routes)))
    routes[at] = replace(routes[at], weight=routes[at].weight * 3)
    heavier = (
        *given.steps[:step],
        replace(given.steps[step], routes=tuple(routes)),
        *given.steps[step + 1 :],
    )
    return [
        replace(given, units=given.units + 1),
        replace(given, units=0),
        replace(given, units=given.units + 1, steps=heavier),
        replace(given, scale=max(1, given.scale // 2), units=given.units * 2 + 1),
        replace(given, steps=given.steps[1:]) if len(given.steps) > 1 else given,
    ]


def test_the_oracle_agrees_that_what_is_certified_impossible_is() -> None:
    found = 0
    for seed in range(120, 200):
        problem = random_problem(seed)
        if problem.vehicle.obeys_turn_bans or not problem.units:
            continue
        bound, certificate = certified(problem)
        if bound == math.inf and certificate is not None:
            assert not Oracle(problem).can_seal(problem.rules.margin_s), seed
            found += 1
    assert found >= 3
