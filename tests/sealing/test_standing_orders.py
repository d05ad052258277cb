"""Which units keep the orders of an earlier plan."""

from __future__ import annotations

from dataclasses import replace

from stopline.sealing.replanning import standing_orders
from stopline.testing.toy_plan import toy_plan, toy_problem

PROBLEM = toy_problem(4)
PLAN = toy_plan(PROBLEM)


def test_units_that_are_free_have_none() -> None:
    assert standing_orders(PROBLEM, PLAN) == {}


def test_a_unit_that_reports_to_be_under_way_keeps_its_site() -> None:
    first, *rest = PROBLEM.units
    reported = replace(PROBLEM, units=(replace(first, status="under way"), *rest))
    assert standing_orders(reported, PLAN) == {first.id: PLAN.seals[0].site.index}


def test_what_the_earlier_plan_says_of_a_unit_counts_too() -> None:
    seal = PLAN.seals[1]
    holder = replace(seal.holders[0], status="in position")
    told = replace(PLAN, seals=(PLAN.seals[0], replace(seal, holders=(holder,))))
    assert standing_orders(PROBLEM, told) == {holder.unit: seal.site.index}


def test_a_unit_that_is_not_offered_any_more_keeps_nothing() -> None:
    first, *rest = PROBLEM.units
    gone = replace(PROBLEM, units=tuple(rest))
    busy = replace(PLAN.seals[0].holders[0], status="under way")
    told = replace(PLAN, seals=(replace(PLAN.seals[0], holders=(busy,)),))
    assert busy.unit == first.id
    assert standing_orders(gone, told) == {}
