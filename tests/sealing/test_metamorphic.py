"""What must not change, or only in one direction, when a problem is changed: for any size."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sealing.holding import hold
from sealing.instances import with_roads, with_sites, without_units
from stopline.network.road_network import NO_TERRITORY
from stopline.sealing.plan import SiteKind, Verdict
from stopline.sealing.planner import make_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem

    Seeds = Callable[[int, int], range]

NEAR = 1e-6
NEAR_S = 1.1  # the planner looks for margins and delays to a second
SHIFT_S = 1000.0


def with_rules(problem: SealingProblem, **changes: object) -> SealingProblem:
    return replace(problem, rules=replace(problem.rules, **changes))


def units_of(plan: Plan) -> float:
    """Fewest units that seal, infinite if none can."""
    return plan.units_used if plan.verdict is Verdict.SEALED else np.inf


def covered(problem: SealingProblem, plan: Plan) -> float:
    return sum(e.weight for e in problem.exits if e.name in plan.sealed_exits)


def escape_s(plan: Plan) -> float:
    return min((route.arrival_s for route in plan.open_routes), default=np.inf)


def not_better(worse: SealingProblem, better: SealingProblem) -> list[str]:
    """What shows that the first problem is easier for us than the second, in every measure."""
    faults = []
    one, two = make_plan(worse), make_plan(better)
    if units_of(one) < units_of(two):
        faults.append(f"units {units_of(one)} and {units_of(two)}")
    if covered(worse, one) > covered(better, two) + NEAR:
        faults.append(f"cover {covered(worse, one)} and {covered(better, two)}")
    one, two = (make_plan(with_rules(p, partial="delay")) for p in (worse, better))
    if escape_s(one) > escape_s(two) + NEAR_S:
        faults.append(f"escape {escape_s(one)} and {escape_s(two)}")
    one, two = (make_plan(with_rules(p, objective=("margin",))) for p in (worse, better))
    if one.verdict is two.verdict is Verdict.SEALED:
        most = worse.rules.enough_margin_s
        if min(one.margin_s, most) > min(two.margin_s, most) + NEAR_S:
            faults.append(f"margin {one.margin_s} and {two.margin_s}")
    return faults


def the_same(
    one: SealingProblem, two: SealingProblem, *, later_s: float = 0.0, near: float = NEAR
) -> list[str]:
    """In what the plans of two problems differ that are the same to us."""
    faults = []
    for objective in (("units", "disturbance"), ("margin", "units"), ("strength",)):
        a, b = (make_plan(with_rules(p, objective=objective)) for p in (one, two))
        if (a.verdict, a.proven, units_of(a)) != (b.verdict, b.proven, units_of(b)):
            faults.append(f"{objective}: {a.sentence} / {b.sentence}")
            continue
        if a.verdict is Verdict.SEALED and objective[0] == "margin":
            most = one.rules.enough_margin_s
            if abs(min(a.margin_s, most) - min(b.margin_s, most)) > NEAR_S:
                faults.append(f"margin {a.margin_s} / {b.margin_s}")
        if a.verdict is Verdict.IMPOSSIBLE and abs(covered(one, a) - covered(two, b)) > near:
            faults.append(f"cover {covered(one, a)} / {covered(two, b)}")
    a, b = (make_plan(with_rules(p, partial="delay")) for p in (one, two))
    if not np.isclose(escape_s(a) + later_s, escape_s(b), atol=NEAR_S):
        faults.append(f"escape {escape_s(a)} / {escape_s(b)}")
    return faults


def test_another_unit_never_hurts(seeds: Seeds) -> None:
    def check(problem: SealingProblem) -> list[str]:
        if not problem.units:
            return []
        return not_better(without_units(problem, [0]), problem)

    hold(seeds(2000, 20), check)


def test_another_site_never_hurts(seeds: Seeds) -> None:
    def check(problem: SealingProblem) -> list[str]:
        some = [number for number in range(problem.sites.count) if number % 3]
        return not_better(with_sites(problem, some), problem)

    hold(seeds(2100, 20), check)


def test_a_faster_vehicle_never_helps_us(seeds: Seeds) -> None:
    def check(problem: SealingProblem) -> list[str]:
        v = problem.vehicle
        by_class = v.class_speed_mps
        faster = replace(
            v,
            speed_factor=1.2 * v.speed_factor,
            min_speed_mps=1.2 * v.min_speed_mps,
            max_speed_mps=1.2 * v.max_speed_mps,
            class_speed_mps=by_class and {name: 1.2 * speed for name, speed in by_class.items()},
        )
        return not_better(replace(problem, vehicle=faster), problem)

    hold(seeds(2200, 20), check)


def test_a_road_for_the_vehicle_alone_never_helps_us(seeds: Seeds) -> None:
    """Removing a road never hurts, if no unit can use it and it is no site.

    Such a road is made by adding one: over a new junction on a territory closed to all units.
    """

    def check(problem: SealingProblem) -> list[str]:
        problem = with_rules(problem, units_cross_borders=False)
        network = problem.network
        a, b = 0, network.junctions // 2
        via = network.junctions

        def more(values: np.ndarray, *last: float) -> np.ndarray:
            return np.append(values, np.array(last, dtype=values.dtype))

        longer = with_roads(
            network,
            junction_lon=more(network.junction_lon, 9.05),
            junction_lat=more(network.junction_lat, 47.05),
            junction_territory=more(network.junction_territory, len(network.territories)),
            territories=(*network.territories, "Nomansland"),
            section_tail=more(network.section_tail, a, via),
            section_head=more(network.section_head, via, b),
            section_length_m=more(network.section_length_m, 150, 150),
            section_speed_mps=more(network.section_speed_mps, 20, 20),
            section_class=more(network.section_class, 4, 4),
            section_direction=more(network.section_direction, 0, 0),
        )
        return not_better(replace(problem, network=longer), problem)

    hold(seeds(2300, 24), check)


def test_splitting_a_section_changes_nothing(seeds: Seeds) -> None:
    """A section that is neither site nor exit is the same as its two halves.

    What stands on it stands on one of the halves. The new junction is of no territory, so that
    whoever may be at one end may go as far as the other; turning round there is banned for a
    vehicle that obeys bans, for it could not turn within the section either.
    """

    def check(problem: SealingProblem) -> list[str]:
        sites = problem.sites
        taken = set(sites.index[~sites.is_junction].tolist())
        taken |= {e.index for e in problem.exits if e.kind is SiteKind.SECTION}
        network = problem.network
        loop = network.section_tail == network.section_head
        free = [s for s in np.flatnonzero(~loop).tolist() if s not in taken]
        faults = []
        for section in free[:2]:
            faults += the_same(problem, split(problem, section, 0.4))
        return faults

    def most_are_free(problem: SealingProblem) -> list[str]:
        some = [n for n in range(problem.sites.count) if n % 4 or problem.sites.is_junction[n]]
        return check(with_sites(problem, some))

    hold(seeds(2400, 24), most_are_free)


def split(problem: SealingProblem, section: int, at: float) -> SealingProblem:
    """The problem with a section cut in two; the half at its head becomes the last section."""
    network = problem.network
    half, middle = network.sections, network.junctions
    tail, head = network.section_tail.copy(), network.section_head.copy()
    end = int(head[section])
    head[section] = middle
    length = network.section_length_m.copy()
    length[section] *= at
    rest = network.section_length_m[section] * (1 - at)

    def more(values: np.ndarray, last: float) -> np.ndarray:
        return np.append(values, np.array([last], dtype=values.dtype))

    def same(values: np.ndarray) -> np.ndarray:
        return more(values, values[section])

    def place(on: int, fraction: float) -> tuple[int, float]:
        if on != section:
            return on, fraction
        if fraction <= at:
            return section, fraction / at
        return half, (fraction - at) / (1 - at)

    turn_from, turn_to = network.turn_from.copy(), network.turn_to.copy()
    at_end = network.turn_via == end
    turn_from[at_end & (turn_from == section)] = half
    turn_to[at_end & (turn_to == section)] = half
    round_ = [section, half]
    halves: RoadNetwork = with_roads(
        network,
        junction_lon=more(network.junction_lon, 9.05),
        junction_lat=more(network.junction_lat, 47.05),
        junction_territory=more(network.junction_territory, NO_TERRITORY),
        section_tail=more(tail, middle),
        section_head=more(head, end),
        section_length_m=more(length, rest),
        section_speed_mps=same(network.section_speed_mps),
        section_class=same(network.section_class),
        section_direction=same(network.section_direction),
        turn_from=np.append(turn_from, round_),
        turn_via=np.append(network.turn_via, [middle, middle]),
        turn_to=np.append(turn_to, round_),
    )
    sources = []
    for source in problem.sources:
        if source.section is None:
            sources.append(source)
            continue
        on, fraction = place(source.section, source.fraction)
        sources.append(replace(source, section=on, fraction=fraction))
    return replace(
        problem,
        network=halves,
        sources=tuple(sources),
        unit_places=tuple(place(*there) for there in problem.unit_places or ()),
    )


@pytest.mark.parametrize("shift_s", [SHIFT_S, -SHIFT_S])
def test_counting_time_from_another_moment_changes_nothing(seeds: Seeds, shift_s: float) -> None:
    def check(problem: SealingProblem) -> list[str]:
        later = replace(
            problem,
            sources=tuple(replace(s, time_s=s.time_s + shift_s) for s in problem.sources),
            units=tuple(replace(u, ready_s=u.ready_s + shift_s) for u in problem.units),
        )
        return the_same(problem, later, later_s=shift_s)

    hold(seeds(2500, 20), check)


def test_the_order_in_which_things_are_listed_changes_nothing(seeds: Seeds) -> None:
    def check(problem: SealingProblem) -> list[str]:
        sites = range(problem.sites.count)[::-1]
        turned = replace(
            with_sites(problem, sites),
            units=problem.units[::-1],
            unit_places=(problem.unit_places or ())[::-1],
            exits=problem.exits[::-1],
            sources=problem.sources[::-1],
        )
        return the_same(problem, turned)

    hold(seeds(2600, 20), check)


def test_planning_twice_gives_the_same_plan(seeds: Seeds) -> None:
    def check(problem: SealingProblem) -> list[str]:
        one, two = (replace(make_plan(problem), seconds={}) for _ in range(2))
        return [] if one == two else ["the plans differ"]

    hold(seeds(2700, 25), check)
