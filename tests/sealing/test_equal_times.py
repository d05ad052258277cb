"""Times that are the same but for rounding: planner and checker count them alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sealing.instances import random_problem
from sealing.test_assessment import checked, orders_of
from stopline.forces.unit import IN_POSITION
from stopline.sealing.assessment import assess_orders
from stopline.sealing.checker.roads import TOLERANCE_S
from stopline.sealing.plan import TIE_S, SiteKind, Verdict
from stopline.sealing.planner import make_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.sealing.problem import SealingProblem

PROBLEMS = (0, 2, 9, 27)


def test_both_have_one_tolerance() -> None:
    assert TIE_S == TOLERANCE_S


def tied(seed: int, late_s: float) -> Iterator[tuple[SealingProblem, dict[str, int]]]:
    """A sealing plan, one seal of which closes as much later as it may, and a little more."""
    problem = random_problem(seed)
    plan = make_plan(problem)
    for seal in plan.seals:
        spare_s = seal.arrival_s - problem.rules.margin_s - seal.closed_at_s
        last = [one.unit for one in seal.holders if one.ready_s == seal.closed_at_s]
        if not last or not np.isfinite(spare_s):
            continue
        units = tuple(
            replace(unit, ready_s=unit.ready_s + spare_s + late_s) if unit.id in last else unit
            for unit in problem.units
        )
        yield replace(problem, units=units), orders_of(problem, plan)


@pytest.mark.parametrize("late_s", [-1e-7, 1e-12, 1e-7])
def test_a_seal_that_closes_as_the_vehicle_comes_stops_it(late_s: float) -> None:
    for seed in PROBLEMS:
        for problem, orders in tied(seed, late_s):
            judged = assess_orders(problem, orders)
            assert judged.verdict is Verdict.SEALED, seed
            assert checked(problem, judged) == []
            assert checked(problem, make_plan(problem)) == []


@pytest.mark.parametrize("late_s", [1e-5, 1e-4])
def test_one_that_closes_later_does_not(late_s: float) -> None:
    leaks = 0
    for seed in PROBLEMS:
        for problem, orders in tied(seed, late_s):
            judged = assess_orders(problem, orders)
            leaks += judged.verdict is Verdict.LEAKING
            assert checked(problem, judged) == []
            assert checked(problem, make_plan(problem)) == []
    assert leaks >= 4


def test_a_unit_in_position_half_a_metre_from_a_junction_holds_it() -> None:
    found = 0
    for seed in range(60):
        problem = random_problem(seed)
        assert problem.unit_places is not None
        ends = [
            (int(problem.network.section_tail[section]), section)
            for section, _ in problem.unit_places
        ]
        sites = zip(problem.sites.is_junction.tolist(), problem.sites.index.tolist(), strict=True)
        number = {index: site for site, (junction, index) in enumerate(sites) if junction}
        for who, (end, section) in enumerate(ends):
            part = 0.5 / float(problem.network.section_length_m[section])
            if end not in number or part > 0.4:
                continue
            there = replace(problem.units[who], status=IN_POSITION, ready_s=0.0)
            units = tuple(there if n == who else unit for n, unit in enumerate(problem.units))
            places = tuple(
                (section, part) if n == who else place
                for n, place in enumerate(problem.unit_places)
            )
            near = replace(problem, units=units, unit_places=places)
            judged = assess_orders(near, {there.id: number[end]})
            assert checked(near, judged) == []
            for seal in judged.seals:
                assert seal.site.kind is SiteKind.JUNCTION
                assert [(one.drive_s, one.setup_s) for one in seal.holders] == [(0.0, 0.0)]
                found += 1
    assert found >= 3
