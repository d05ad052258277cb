"""Roads that are reached later, or never, once other roads are closed: between the two deadlines.

Times below are seconds; each unit stands on one site and is too slow to be of use at another.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sealing.instances import random_problem
from sealing.oracle import Oracle
from sealing.oracle_roads import Place
from sealing.truth import faults_of
from stopline.forces.unit import Unit
from stopline.network.builder import RawRoads, build_network
from stopline.network.drive_graph import Vehicle
from stopline.sealing.plan import SiteKind, Verdict
from stopline.sealing.planner import make_plan
from stopline.sealing.problem import Exit, Rules, SealingProblem, SiteList, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SPEED_MPS = 10.0
Road = tuple[str, str, float]  # from, to, seconds


def hand_made(
    roads: Sequence[Road],
    *,
    source: str,
    exits: Sequence[str],
    sites: Sequence[int],
    ready_s: Sequence[tuple[int, float]],
    unit_speed: float = 1e-6,
    need: Sequence[int] | None = None,
) -> SealingProblem:
    """A problem from roads; units are given as (section on which they stand, ready)."""
    names = list(dict.fromkeys(name for begin, end, _ in roads for name in (begin, end)))
    network = build_network(
        RawRoads(
            junction_lon=[9 + n / 100 for n in range(len(names))],
            junction_lat=[47.0] * len(names),
            section_tail=[names.index(begin) for begin, _, _ in roads],
            section_head=[names.index(end) for _, end, _ in roads],
            section_length_m=[SPEED_MPS * seconds for _, _, seconds in roads],
            section_speed_mps=SPEED_MPS,
            source="made by hand",
        ),
        reorder=False,
    )
    c = len(sites)
    return SealingProblem(
        network=network,
        vehicle=Vehicle(speed_factor=1.0),
        sources=(Source(name="sighting", time_s=0.0, junction=names.index(source)),),
        exits=tuple(Exit(name=e, kind=SiteKind.JUNCTION, index=names.index(e)) for e in exits),
        sites=SiteList(
            is_junction=np.zeros(c, dtype=bool),
            index=np.array(sites, dtype=np.int32),
            need=np.array(need or [1] * c, dtype=np.int32),
            setup_s=np.zeros(c),
            disturbance=np.ones(c),
        ),
        units=tuple(
            Unit(
                id=f"unit {n}",
                side="north",
                agency="police",
                lon=9.0,
                lat=47.0,
                ready_s=s,
                speed_factor=unit_speed,
            )
            for n, (_, s) in enumerate(ready_s)
        ),
        unit_places=tuple((section, 0.5) for section, _ in ready_s),
        rules=Rules(margin_s=0.0, objective=("units",), partial="cover"),
    )


# The old road over the hill has no site. The pass can be closed at 100 s; the vehicle is there at
# 20 s by the valley, but at 215 s over the hill. A seal in the valley delays it and stops nothing.
INNER_SEAL = {
    "roads": [
        ("start", "valley", 10.0),
        ("valley", "fork", 10.0),  # 1: closed at 5
        ("start", "hill", 105.0),
        ("hill", "fork", 110.0),
        ("fork", "border", 30.0),  # 4: closed at 100
    ],
    "source": "start",
    "exits": ["border"],
    "sites": [1, 4],
    "ready_s": [(1, 5.0), (4, 100.0)],
}

# The lane leads out of the cordon. From inside it is reached at 90 s; the vehicle is there at 40 s
# if it leaves the cordon by the bridge and comes back by the lane's far end.
COME_BACK = {
    "roads": [
        ("start", "bridge", 10.0),
        ("bridge", "outside", 20.0),  # 1: closed at 8
        ("outside", "motorway", 300.0),
        ("outside", "lane's end", 10.0),
        ("lane's end", "farm", 25.0),  # 4: closed at 60
        ("start", "farm", 90.0),
        ("lane's end", "town", 300.0),
        ("farm", "tunnel", 15.0),  # 7: closed at 70
        ("tunnel", "abroad", 10.0),
    ],
    "source": "start",
    "exits": ["motorway", "town", "abroad"],
    "sites": [1, 4, 7],
    "ready_s": [(1, 8.0), (4, 60.0), (7, 70.0)],
}


@pytest.mark.parametrize("roads", [INNER_SEAL, COME_BACK], ids=["inner seal", "come back"])
def test_a_plan_is_found_where_unhindered_deadlines_allow_none(roads: dict) -> None:
    problem = hand_made(**roads)
    oracle = Oracle(problem)
    assert not oracle.unhindered_says_possible(0.0)
    plan = make_plan(problem)
    assert faults_of(problem, plan) == []
    assert plan.verdict is Verdict.SEALED
    assert plan.units_used == plan.lower_bound == oracle.fewest_units(0.0) == len(roads["sites"])


@pytest.mark.parametrize("roads", [INNER_SEAL, COME_BACK], ids=["inner seal", "come back"])
def test_margin_and_last_closing_know_true_deadlines(roads: dict) -> None:
    problem = hand_made(**roads)
    oracle = Oracle(problem)
    for objective in ("margin", "last_closing"):
        plan = make_plan(
            replace(problem, rules=replace(problem.rules, objective=(objective, "units")))
        )
        assert faults_of(problem, plan) == []
        assert plan.margin_s == pytest.approx(oracle.largest_margin(), abs=1.0)


# As above, but with one unit fewer, or one that is too late by a second.
TRULY_IMPOSSIBLE = {
    "one unit for the inner and the outer seal": {**INNER_SEAL, "ready_s": [(4, 100.0)]},
    "the outer seal is late even so": {**INNER_SEAL, "ready_s": [(1, 5.0), (4, 216.0)]},
    "the inner seal is late": {**INNER_SEAL, "ready_s": [(1, 11.0), (4, 100.0)]},
    "the lane is late even so": {**COME_BACK, "ready_s": [(1, 8.0), (4, 91.0), (7, 70.0)]},
    "two units of three": {**COME_BACK, "ready_s": [(1, 8.0), (4, 60.0)]},
    "either of two units can be anywhere, three are needed": {
        "roads": [("start", name, 50.0) for name in ("a", "b", "c")]
        + [(name, f"{name} abroad", 50.0) for name in ("a", "b", "c")],
        "source": "start",
        "exits": ["a abroad", "b abroad", "c abroad"],
        "sites": [3, 4, 5],
        "ready_s": [(0, 0.0), (1, 0.0)],
        "unit_speed": 9.0,
    },
    "three units, but one road needs two of them": {
        "roads": [("start", name, 50.0) for name in ("a", "b", "c")]
        + [(name, f"{name} abroad", 50.0) for name in ("a", "b", "c")],
        "source": "start",
        "exits": ["a abroad", "b abroad", "c abroad"],
        "sites": [3, 4, 5],
        "ready_s": [(0, 0.0), (1, 0.0), (2, 0.0)],
        "unit_speed": 9.0,
        "need": [1, 2, 1],
    },
}


@pytest.mark.parametrize("roads", TRULY_IMPOSSIBLE.values(), ids=TRULY_IMPOSSIBLE)
def test_the_proof_of_impossibility_holds_for_every_assignment(roads: dict) -> None:
    problem = hand_made(**roads)
    oracle = Oracle(problem)
    plan = make_plan(problem)
    assert plan.verdict is Verdict.IMPOSSIBLE
    assert plan.proven
    assert faults_of(problem, plan) == []  # the routes are real, and no team stops them all
    proof = [
        [(Place(False, s), at) for s, at in zip(r.sections, r.enter_s, strict=True)]
        for r in (step.route for step in plan.proof)
    ]
    for seals in oracle.every_assignment():
        shut = oracle.shut(seals, 0.0)
        assert oracle.escape(shut) is not None
        assert any(
            all(at_s < shut.get(place, np.inf) for place, at_s in events) for events in proof
        )


@pytest.mark.long
def test_random_problems_between_the_two_deadlines(seeds: Callable[[int, int], range]) -> None:
    between = 0
    for seed in seeds(20_000, 10_000):
        problem = random_problem(seed)
        oracle, margin_s = Oracle(problem), problem.rules.margin_s
        fewest = oracle.fewest_units(margin_s)
        if fewest is not None and not oracle.unhindered_says_possible(margin_s):
            between += 1
            plan = make_plan(problem)
            assert faults_of(problem, plan) == [], seed
            assert plan.units_used == plan.lower_bound == fewest, seed
    assert between >= 20
