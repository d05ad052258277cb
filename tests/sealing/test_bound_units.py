"""A unit that is bound to one site holds that or nothing, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sealing.bound import with_bound_units
from sealing.instances import random_problem
from sealing.oracle import Oracle
from sealing.truth import faults_of
from stopline.planning.interdiction import Interdiction
from stopline.sealing.checker.check import check_plan
from stopline.sealing.plan import Verdict
from stopline.sealing.plan_file.file import plan_from_dict, plan_to_dict
from stopline.sealing.planner import make_plan
from stopline.sealing.session import prepare
from stopline.testing.toy_plan import toy_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    Seeds = Callable[[int, int], range]


def test_verdict_optimum_and_proof_agree_with_brute_force(seeds: Seeds) -> None:
    verdicts = set()
    for seed in seeds(9000, 200):
        problem = with_bound_units(random_problem(seed), seed)
        plan = make_plan(problem)
        verdicts.add(plan.verdict)
        assert not faults_of(problem, plan), seed
        if plan.verdict is Verdict.SEALED:
            fewest = Oracle(problem).fewest_units(problem.rules.margin_s)
            assert (plan.units_used, plan.lower_bound) == (fewest, fewest), seed
    assert verdicts == {Verdict.SEALED, Verdict.IMPOSSIBLE}


def test_the_checker_reads_the_binding_from_the_file(seeds: Seeds) -> None:
    """Without it a proof of impossibility that rests on a binding would not hold."""
    shown = 0
    for seed in seeds(9000, 200):
        free = random_problem(seed)
        bound = with_bound_units(free, seed)
        sealed, plan = make_plan(free), make_plan(bound)
        if (sealed.verdict, plan.verdict) != (Verdict.SEALED, Verdict.IMPOSSIBLE):
            continue
        network, document = free.network, plan_to_dict(plan, bound)
        if not check_plan(plan_from_dict(plan_to_dict(sealed, free)), network).ok:
            continue  # places on odd roads are not in the file to the metre
        shown += 1
        assert check_plan(plan_from_dict(document), network).ok, seed
        told = check_plan(plan_from_dict(plan_to_dict(sealed, bound)), network)
        assert any("is bound to" in fault for fault in told.faults), seed
        for unit in document["units"]:
            unit.pop("bound_to", None)
        assert not check_plan(plan_from_dict(document), network).ok, seed
    assert shown > 5


def test_a_unit_that_is_bound_to_no_site_holds_nothing(seeds: Seeds) -> None:
    for seed in seeds(9300, 20):
        problem = random_problem(seed)
        units = tuple(replace(unit, bound_to="section 999999") for unit in problem.units)
        none = make_plan(replace(problem, units=units))
        assert none.units_used == 0, seed
        assert none.verdict == make_plan(replace(problem, units=(), unit_places=None)).verdict


def test_orders_do_not_move_a_bound_unit(seeds: Seeds) -> None:
    """Free hands of a re-plan are not free for it."""
    for seed in seeds(9400, 30):
        problem = with_bound_units(random_problem(seed), seed)
        units = tuple(replace(unit, status="under way") for unit in problem.units)
        moving = replace(problem, units=units)
        orders = {unit.id: 0 for unit in units} if problem.sites.count else {}
        bound = {unit.id: unit.bound_to for unit in units if unit.bound_to}
        for plan in (make_plan(moving, orders=orders), make_plan(moving)):
            for seal in plan.seals:
                here = f"{seal.site.kind} {seal.site.index}"
                assert all(bound.get(h.unit, here) == here for h in seal.holders), seed


def test_the_odds_of_many_plans_keep_to_it_too(seeds: Seeds) -> None:
    for seed in seeds(9500, 10):
        problem = with_bound_units(random_problem(seed), seed)
        known = Interdiction.of(problem)
        bound = {unit.id: unit.bound_to for unit in problem.units}
        for row, name in enumerate(known.units):
            holdable = (known.means.ready_s[row] < float("inf")).sum()
            assert not bound[name] or holdable <= 1, seed


@pytest.mark.parametrize("place", ["section 0", "junction 0"])
def test_a_session_is_made_anew_when_a_binding_changes(place: str) -> None:
    problem = toy_problem(4)
    session = prepare(problem)
    first, *rest = problem.units
    other = replace(problem, units=(replace(first, bound_to=place), *rest))
    assert prepare(other, session).sides is not session.sides
    assert prepare(problem, session).sides is session.sides
