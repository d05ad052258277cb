"""Orders judged as they are, held against the checker and against plans."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sealing.holding import hold
from stopline.forces.unit import IN_POSITION, UNDER_WAY
from stopline.sealing.assessment import assess_orders
from stopline.sealing.checker.check import check_plan
from stopline.sealing.plan import Plan, SiteKind, Verdict
from stopline.sealing.plan_file.writing import form_of
from stopline.sealing.planner import make_plan
from stopline.sealing.wording import ASSESS
from stopline.warm import toy_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.sealing.problem import SealingProblem

    Seeds = Callable[[int, int], range]


def checked(problem: SealingProblem, plan: Plan) -> list[str]:
    """What the checker says against a plan."""
    assert problem.unit_places is not None
    places = zip((unit.id for unit in problem.units), problem.unit_places, strict=True)
    result = check_plan(form_of(plan, problem), problem.network, unit_places=dict(places))
    return [] if result.ok else [result.sentence]


def with_statuses(problem: SealingProblem, rng: np.random.Generator) -> SealingProblem:
    """Let some units be in position, at a junction or on the road, and some under way."""
    assert problem.unit_places is not None
    units, places = [], []
    for unit, (section, fraction) in zip(problem.units, problem.unit_places, strict=True):
        if rng.random() < 0.5:
            part = float(rng.choice((0.0, 1.0, fraction)))
            units.append(replace(unit, status=IN_POSITION, ready_s=0.0))
            places.append((section, part))
        else:
            units.append(replace(unit, status=str(rng.choice(("free", UNDER_WAY)))))
            places.append((section, fraction))
    return replace(problem, units=tuple(units), unit_places=tuple(places))


def plans_with_units_in_position(problem: SealingProblem) -> list[str]:
    rng = np.random.default_rng(problem.network.sections)
    problem = with_statuses(problem, rng)
    return checked(problem, make_plan(problem))


def any_orders(problem: SealingProblem) -> list[str]:
    rng = np.random.default_rng(problem.network.sections)
    problem = with_statuses(problem, rng)
    if not problem.sites.count:
        return []
    orders = {
        unit.id: int(rng.integers(problem.sites.count))
        for unit in problem.units
        if rng.random() < 0.7
    }
    allowed = {unit.id: unit.may_act_in for unit in problem.units}
    orders = {
        unit: site
        for unit, site in orders.items()
        if set(problem.site(site).territories) & allowed[unit]
    }
    plan = assess_orders(problem, orders)
    faults = checked(problem, plan)
    if plan.verdict is Verdict.LEAKING and not plan.missing:
        faults.append("it does not say what is missing")
    held = {holder.unit for seal in plan.seals for holder in seal.holders}
    if not held <= orders.keys():
        faults.append("it uses units without an order")
    return faults


def plans_as_orders(problem: SealingProblem) -> list[str]:
    plan = make_plan(problem)
    if plan.verdict is not Verdict.SEALED:
        return []
    faults = []
    orders = orders_of(problem, plan)
    assessed = assess_orders(problem, orders)
    if assessed.verdict is not Verdict.SEALED:
        faults.append(f"its own plan leaks: {assessed.sentence}")
    for seal in plan.seals:
        if seal.witness is None or len(seal.holders) > 1:
            continue
        fewer = {unit: site for unit, site in orders.items() if unit != seal.holders[0].unit}
        assessed = assess_orders(problem, fewer)
        if assessed.verdict is not Verdict.LEAKING:
            faults.append(f"{seal.site.name} alone stops a route, but is not missed")
        if "more seal" not in assessed.missing:
            faults.append(f"nothing closes it: {assessed.missing}")
    return faults


def orders_of(problem: SealingProblem, plan: Plan) -> dict[str, int]:
    sites = zip(problem.sites.is_junction.tolist(), problem.sites.index.tolist(), strict=True)
    number = {place: site for site, place in enumerate(sites)}
    return {
        holder.unit: number[seal.site.kind is SiteKind.JUNCTION, seal.site.index]
        for seal in plan.seals
        for holder in seal.holders
    }


def test_any_orders_pass_the_checker(seeds: Seeds) -> None:
    hold(seeds(0, 60), any_orders)


def test_a_plan_given_as_orders_seals_and_every_needed_seal_is_missed(seeds: Seeds) -> None:
    hold(seeds(1000, 60), plans_as_orders)


def test_plans_with_units_in_position_pass_the_checker(seeds: Seeds) -> None:
    hold(seeds(2000, 60), plans_with_units_in_position)


def toy() -> SealingProblem:
    """The toy problem with the fewest units as its aim: the widest margin takes long to prove."""
    problem = toy_problem()
    return replace(problem, rules=replace(problem.rules, objective=("units",)))


def test_a_unit_in_position_holds_at_once_one_under_way_later() -> None:
    problem = toy()
    assert problem.unit_places is not None
    number, there = next(
        (number, section)
        for number, (section, _) in enumerate(problem.unit_places)
        if problem.sites.need[section] == 1
    )
    closed = {}
    for status in ("free", UNDER_WAY, IN_POSITION):
        units = list(problem.units)
        units[number] = replace(units[number], status=status)
        plan = assess_orders(replace(problem, units=tuple(units)), {units[number].id: there})
        (seal,) = plan.seals
        assert plan.choice == ASSESS
        closed[status] = seal.closed_at_s
        assert seal.holders[0].setup_s == (0.0 if status == IN_POSITION else 60.0)
        assert seal.holders[0].status == status
    assert closed == {"free": 60.0, UNDER_WAY: 60.0, IN_POSITION: 0.0}


def test_too_little_strength_and_no_way_there_are_told() -> None:
    problem = toy()
    strong = int(np.flatnonzero(problem.sites.need == 2)[0])
    network = problem.network
    beyond = int(np.flatnonzero(network.junction_territory[network.section_tail] == 1)[0])
    plan = assess_orders(problem, {"u0": strong, "u2": beyond})
    assert plan.seals == ()
    assert "needs strength 2, its units have 1" in plan.missing
    assert "u2 cannot get to" in plan.missing


def test_orders_of_units_that_have_not_moved_bind_nobody() -> None:
    problem = toy()
    free_hands = make_plan(problem)
    orders = orders_of(problem, free_hands)
    unit, site = next(iter(orders.items()))
    elsewhere = next(s for s in orders.values() if s != site)
    assert make_plan(problem, orders={unit: elsewhere}).units_used == free_hands.units_used


def test_orders_of_units_in_position_are_kept_without_an_earlier_plan() -> None:
    problem = toy()
    place = 1
    moving = replace(problem.units[0], status=UNDER_WAY)
    problem = replace(problem, units=(moving, *problem.units[1:]))
    plan = make_plan(problem, orders={moving.id: place})
    sent = orders_of(problem, plan).get(moving.id, place)
    assert sent == place
