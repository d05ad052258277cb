"""Both bounds of the atlas, around the truth on small instances and against forward searches."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sealing.instances import random_problem
from sealing.oracle import Oracle
from stopline.event.atlas import OriginState, begin, make_atlas
from stopline.sealing.problem import Source

if TYPE_CHECKING:
    from stopline.sealing.problem import SealingProblem

FEW_UNITS = 4
LEADS_S = (-200.0, -60.0, 0.0, 45.0, 150.0)


def instances(count: int) -> list[SealingProblem]:
    """Random problems of up to four units."""
    found: list[SealingProblem] = []
    seed = 0
    while len(found) < count:
        problem = random_problem(seed)
        seed += 1
        if len(problem.units) <= FEW_UNITS:
            found.append(problem)
    return found


def at(problem: SealingProblem, junction: int, time_s: float) -> SealingProblem:
    return replace(problem, sources=(Source(name="there", time_s=time_s, junction=int(junction)),))


def test_the_truth_lies_between_the_bounds_and_every_verdict_is_right() -> None:
    states = dict.fromkeys(OriginState, 0)
    for problem in instances(50):
        origins = np.arange(problem.network.junctions, dtype=np.int32)
        exits = {one.index for one in problem.exits if one.kind == "junction"}
        atlas = make_atlas(problem, origins, origin_limit_s=20.0)
        work = begin(problem)
        for row, junction in enumerate(origins.tolist()):
            if junction in exits:
                continue
            states[atlas.state(row)] += 1
            for time_s in LEADS_S:
                seals = Oracle(at(problem, junction, time_s)).can_seal(problem.rules.margin_s)
                if seals:
                    assert work.low_s[junction] <= time_s + 0.02
                    assert atlas.low_s[row] <= time_s + 0.02
                else:
                    assert atlas.high_s[row] > time_s
                if time_s == 0:
                    assert atlas.state(row) is (OriginState.SEALED if seals else OriginState.OPEN)
    assert states[OriginState.SEALED] > 30
    assert states[OriginState.OPEN] > 50
    assert states[OriginState.UNDECIDED] == 0


def test_one_search_back_equals_a_forward_search_from_each_place() -> None:
    checked = 0
    for seed, problem in enumerate(instances(40)):
        work = begin(problem)
        rng = np.random.default_rng(seed)
        shut_s = np.where(rng.random(problem.sites.count) < 0.5, rng.uniform(0, 200), np.inf)
        latest_s = work.search.latest_s(shut_s)
        chase = work.search.chase
        for junction in range(problem.network.junctions):
            until = float(latest_s[junction])
            node = int(chase.graph.nodes_of(junction)[0])
            for start in (until - 0.01, until + 0.01) if np.isfinite(until) else (0.0,):
                found = chase.search.run([node], [start], shut_s=shut_s)
                gets_out = bool(np.isfinite(found.arrival_s[chase.way_out]))
                assert gets_out == (start < until)
                checked += 1
    assert checked > 500
