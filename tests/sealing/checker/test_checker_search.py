"""The checker's searches and proofs equal brute force on networks of a few junctions."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import hypothesis.strategies as st
import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from stopline.network.road_network import NO_TERRITORY, Direction, RoadNetwork
from stopline.sealing.checker.proof import _ready_times, _ways_out_of
from stopline.sealing.checker.roads import Barriers, Place, Roads, arrivals
from stopline.sealing.checker.routes import Driven, drive_again
from stopline.sealing.checker.units import UnitDrives
from stopline.sealing.plan_file.schema import (
    ExitPart,
    PlanFile,
    RoutePart,
    SitePart,
    SourcePart,
    UnitPart,
)
from stopline.testing.border_plans import content, form
from stopline.testing.strategies import road_networks

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = form(content("sealed"))
tiny = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@st.composite
def cases(draw: st.DrawFn, *, bans: bool) -> tuple[RoadNetwork, PlanFile, Barriers]:
    """A network, a plan with vehicle, sources and exits on it, and closed places."""
    network = draw(road_networks(min_junctions=2, max_junctions=4 if bans else 6))
    assume(0 < network.sections <= (7 if bans else 14))
    sections = st.integers(0, network.sections - 1)
    junctions = st.integers(0, network.junctions - 1)
    if bans:
        rows = draw(st.lists(st.tuples(sections, junctions, sections), max_size=8))
        columns = np.array(rows, dtype=np.int32).reshape(-1, 3).T
        network = replace(network, turn_from=columns[0], turn_via=columns[1], turn_to=columns[2])
    vehicle = BASE.vehicle.model_copy(
        update={"obeys_one_way": draw(st.booleans()), "obeys_turn_bans": bans}
    )
    sources = [
        SourcePart(
            name=f"S{number}",
            time_s=draw(st.sampled_from((0.0, 5.0, -20.0))),
            time="",
            junction=where if kind == "junction" else None,
            section=where % network.sections if kind == "section" else None,
            fraction=draw(st.sampled_from((0.0, 0.25, 0.5, 1.0))),
        )
        for number, (kind, where) in enumerate(draw(places(junctions, sections, 2)))
    ]
    exits = [
        ExitPart(name=f"X{number}", kind=kind, index=where, weight=1.0)
        for number, (kind, where) in enumerate(draw(places(junctions, sections, 3)))
    ]
    assume(len({(one.kind, one.index) for one in exits}) == len(exits))
    closed = draw(
        st.dictionaries(
            st.one_of(
                st.tuples(st.just("section"), sections), st.tuples(st.just("junction"), junctions)
            ),
            st.one_of(st.sampled_from((-100.0, 0.0, 10.0, 20.0)), st.floats(0.0, 300.0)),
            max_size=6,
        )
    )
    plan = BASE.model_copy(
        update={"vehicle": vehicle, "sources": tuple(sources), "exits": tuple(exits), "seals": ()}
    )
    return network, plan, Barriers(closed)


@st.composite
def places(
    draw: st.DrawFn, junctions: st.SearchStrategy[int], sections: st.SearchStrategy[int], most: int
) -> list[Place]:
    one = st.one_of(
        st.tuples(st.just("junction"), junctions), st.tuples(st.just("section"), sections)
    )
    return draw(st.lists(one, min_size=1, max_size=most))


class Walks:
    """All walks of a vehicle that come to no junction twice (by one section, if turns count).

    Written from the meaning on docs/checker.md, with none of the checker's code but the times.
    """

    def __init__(self, network: RoadNetwork, plan: PlanFile, barriers: Barriers) -> None:
        self.network, self.plan, self.barriers = network, plan, barriers
        speed = np.clip(network.section_speed_mps * plan.vehicle.speed_factor, 0.0, math.inf)
        self.time_s = network.section_length_m / speed
        self.exits = {(one.kind, one.index): one.name for one in plan.exits}
        turns = zip(network.turn_from, network.turn_via, network.turn_to, strict=True)
        self.bans = (
            {tuple(map(int, turn)) for turn in turns} if plan.vehicle.obeys_turn_bans else {}
        )
        self.out: dict[str, float] = {}
        self.at: dict[Place, float] = {}
        self.routes: list[RoutePart] = []

    def stopped(self, place: Place, now: float) -> bool:
        self.at[place] = min(now, self.at.get(place, math.inf))
        return place in self.barriers.from_s and now >= self.barriers.from_s[place] - 1e-6

    def forward(self, section: int) -> bool:
        signed = self.network.section_direction[section] != Direction.BACKWARD
        return bool(signed) or not self.plan.vehicle.obeys_one_way

    def backward(self, section: int) -> bool:
        signed = self.network.section_direction[section] != Direction.FORWARD
        return bool(signed) or not self.plan.vehicle.obeys_one_way

    def ways(self, here: int) -> Iterator[tuple[int, int]]:
        for section in range(self.network.sections):
            tail = int(self.network.section_tail[section])
            head = int(self.network.section_head[section])
            if tail == here and self.forward(section):
                yield section, head
            if head == here and self.backward(section):
                yield section, tail

    def run(self) -> Walks:
        for source in self.plan.sources:
            now = source.time_s
            if source.junction is not None:
                self.visit(source.name, source.junction, None, now, [source.junction], [], [], ())
                continue
            section = source.section
            assert section is not None
            whole = float(self.time_s[section])
            ends = []
            if self.forward(section):
                head = int(self.network.section_head[section])
                ends.append((head, now + (1 - source.fraction) * whole))
            if self.backward(section):
                ends.append(
                    (int(self.network.section_tail[section]), now + source.fraction * whole)
                )
            for end, there in ends:
                self.drive(source.name, section, end, there, [], [section], [now], ())
        return self

    def drive(
        self,
        name: str,
        section: int,
        end: int,
        there: float,
        junctions: list[int],
        sections: list[int],
        times: list[float],
        seen: tuple[object, ...],
    ) -> None:
        junctions = [*junctions, end]
        if ("section", section) in self.exits:
            self.escape(name, "section", section, there, junctions, sections, times)
        elif not self.stopped(("junction", end), there):
            self.visit(name, end, section, there, junctions, sections, times, seen)

    def visit(
        self,
        name: str,
        here: int,
        by: int | None,
        now: float,
        junctions: list[int],
        sections: list[int],
        times: list[float],
        seen: tuple[object, ...],
    ) -> None:
        if ("junction", here) in self.exits:
            self.escape(name, "junction", here, now, junctions, sections, times)
            return
        label = (here, by) if self.bans else here
        if label in seen:
            return
        for section, end in self.ways(here):
            if (by, here, section) in self.bans or self.stopped(("section", section), now):
                continue
            there = now + float(self.time_s[section])
            self.drive(
                name,
                section,
                end,
                there,
                junctions,
                [*sections, section],
                [*times, now],
                (*seen, label),
            )

    def escape(
        self,
        name: str,
        kind: str,
        index: int,
        now: float,
        junctions: list[int],
        sections: list[int],
        times: list[float],
    ) -> None:
        exit_name = self.exits[kind, index]
        self.out[exit_name] = min(now, self.out.get(exit_name, math.inf))
        self.routes.append(
            RoutePart(
                source=name,
                exit=exit_name,
                junctions=tuple(junctions),
                sections=tuple(sections),
                enter_s=tuple(times),
                arrival_s=now,
                arrival="",
            )
        )


def check_search(network: RoadNetwork, plan: PlanFile, barriers: Barriers) -> None:
    brute = Walks(network, plan, barriers).run()
    roads = Roads(network, plan.vehicle)
    everywhere = [
        *(("section", section) for section in range(network.sections)),
        *(("junction", junction) for junction in range(network.junctions)),
    ]
    found = arrivals(roads, plan.sources, plan.exits, barriers, everywhere)
    assert arrivals(roads, plan.sources, plan.exits, barriers).out == found.out
    assert {name: step.arrive_s for name, step in found.out.items()} == pytest.approx(brute.out)
    assert found.at == pytest.approx(brute.at)
    for route in brute.routes[:50]:
        assert drive_again(roads, plan, route).stopped_by(barriers) == []


@tiny
@given(cases(bans=False))
def test_the_search_equals_all_walks(case: tuple[RoadNetwork, PlanFile, Barriers]) -> None:
    check_search(*case)


@tiny
@given(cases(bans=True))
def test_the_search_equals_all_walks_where_turns_are_banned(
    case: tuple[RoadNetwork, PlanFile, Barriers],
) -> None:
    check_search(*case)


def random_units(network: RoadNetwork, seed: int, count: int) -> list[UnitPart]:
    rng = np.random.default_rng(seed)
    return [
        BASE.units[0].model_copy(
            update={
                "id": f"u{number}",
                "ready_s": float(rng.choice([-200.0, 0.0, 10.0])),
                "speed_factor": float(rng.choice([0.5, 1.0, 3.0])),
                "strength": int(rng.integers(1, 3)),
                "may_act_in": tuple(name for name in network.territories if rng.random() < 0.7),
            }
        )
        for number in range(count)
    ]


def unit_places(network: RoadNetwork, seed: int, count: int) -> dict[str, tuple[int, float]]:
    rng = np.random.default_rng(seed)
    return {
        f"u{number}": (int(rng.integers(network.sections)), float(rng.choice([0.0, 0.3, 1.0])))
        for number in range(count)
    }


def slow_drives(
    network: RoadNetwork, plan: PlanFile, unit: UnitPart, stands: tuple[int, float]
) -> dict[Place, float]:
    """The same by NetworkX on a graph that holds only what the unit may use."""
    territory = [int(t) for t in network.junction_territory]
    may_act = [t == NO_TERRITORY or network.territories[t] in unit.may_act_in for t in territory]
    may_be = [plan.rules.units_cross_borders or may for may in may_act]
    graph = nx.MultiDiGraph()
    graph.add_nodes_from([*range(network.junctions), "unit"])
    on, fraction = stands
    for section in range(network.sections):
        tail, head = int(network.section_tail[section]), int(network.section_head[section])
        speed = float(network.section_speed_mps[section]) * unit.speed_factor
        whole = float(network.section_length_m[section]) / speed
        signed, obeys = int(network.section_direction[section]), plan.rules.units_obey_one_way
        for a, b, against, part in (
            (tail, head, Direction.BACKWARD, 1 - fraction),
            (head, tail, Direction.FORWARD, fraction),
        ):
            at_b = section == on and part * float(network.section_length_m[section]) <= 1.0
            if at_b and may_be[b]:
                graph.add_edge("unit", b, weight=0.0)  # it stands there, whichever road is nearest
            if (obeys and signed == against) or not may_be[b]:
                continue
            if may_be[a]:
                graph.add_edge(a, b, weight=whole)
            if section == on:
                graph.add_edge("unit", b, weight=part * whole)
    length = nx.single_source_dijkstra_path_length(graph, "unit")
    times: dict[Place, float] = {
        ("junction", j): length.get(j, math.inf) for j in range(network.junctions)
    }
    for section in range(network.sections):
        ends = (int(network.section_tail[section]), int(network.section_head[section]))
        times["section", section] = min(times["junction", end] for end in ends)
    times["section", on] = 0.0
    return times


@tiny
@given(
    road_networks(min_junctions=2, max_junctions=12),
    st.integers(0, 2**31),
    st.tuples(st.booleans(), st.booleans()),
)
def test_unit_drives_equal_those_of_another_library(
    network: RoadNetwork, seed: int, rule: tuple[bool, bool]
) -> None:
    assume(network.sections > 0)
    rules = BASE.rules.model_copy(
        update={"units_obey_one_way": rule[0], "units_cross_borders": rule[1]}
    )
    units = random_units(network, seed, 3)
    plan = BASE.model_copy(update={"rules": rules, "units": tuple(units)})
    stands = unit_places(network, seed, 3)
    drives = UnitDrives(network, plan, stands)
    for unit in units:
        slow = slow_drives(network, plan, unit, stands[unit.id])
        found = drives.drive_s(unit, slow)
        assert found == pytest.approx(slow)
        near = drives.drive_s(unit, slow, 60.0)
        assert all(near[p] == pytest.approx(s) for p, s in slow.items() if s <= 60.0)


def can_stop_all(
    plan: PlanFile,
    sites: dict[Place, SitePart],
    routes: list[Driven],
    ready: dict[tuple[str, Place], float],
) -> bool:
    """Try every assignment of the units to sites."""
    options = [[None, *(place for who, place in ready if who == unit.id)] for unit in plan.units]
    for chosen in itertools.product(*options):
        closed: dict[Place, float] = {}
        for place in set(chosen) - {None}:
            assert place is not None
            have = 0
            held = [
                (ready[u.id, place], u)
                for u, c in zip(plan.units, chosen, strict=True)
                if c == place
            ]
            for at_s, unit in sorted(held, key=lambda one: one[0]):
                have += unit.strength
                if have >= sites[place].need:
                    closed[place] = at_s + plan.rules.margin_s
                    break
        if all(
            any(
                p in closed and closed[p] <= at_s - 1e-6 * max(1, abs(at_s))
                for p, at_s in r.met.items()
            )
            for r in routes
        ):
            return True
    return False


@tiny
@given(cases(bans=False), st.integers(0, 2**31))
def test_a_proof_holds_if_no_assignment_stops_its_routes(
    case: tuple[RoadNetwork, PlanFile, Barriers], seed: int
) -> None:
    network, plan, _ = case
    rng = np.random.default_rng(seed)
    units = tuple(random_units(network, seed, 3))
    rules = BASE.rules.model_copy(update={"margin_s": 1.0})
    plan = plan.model_copy(update={"rules": rules, "units": units})
    roads = Roads(network, plan.vehicle)
    walks = Walks(network, plan, Barriers()).run().routes[:6]
    assume(walks)
    routes = [drive_again(roads, plan, route) for route in walks]
    sites = {
        place: BASE.seals[0].site.model_copy(
            update={
                "kind": place[0],
                "index": place[1],
                "need": int(rng.integers(1, 4)),
                "setup_s": float(rng.choice([0.0, 2.0])),
            }
        )
        for place in sorted({place for route in routes for place in route.met})
        if rng.random() < 0.7
    }
    drives = UnitDrives(network, plan, unit_places(network, seed, 3))
    ready = _ready_times(plan, drives, sites, routes)
    refuted = _ways_out_of(plan, sites, routes, ready)
    assert bool(refuted) == can_stop_all(plan, sites, routes, ready)
    everywhere = {
        (unit.id, place): unit.ready_s + drive_s + sites[place].setup_s
        for unit in units
        for place, drive_s in drives.drive_s(unit, sites).items()
        if drives.may_hold(unit, place) and math.isfinite(drive_s)
    }
    assert can_stop_all(plan, sites, routes, everywhere) == bool(refuted)
