"""Both bounds of the atlas, around the truth on small instances and against forward searches."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sealing.instances import random_problem
from sealing.oracle import Oracle
from stopline.event.atlas import OriginState, make_atlas
from stopline.event.atlas_work import begin
from stopline.sealing.problem import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.network.search import Arrivals
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


def test_whoever_can_join_every_route_of_a_proof_in_time_is_told_and_nobody_else() -> None:
    checked = 0
    for seed, problem in enumerate(instances(25)):
        work = begin(problem)
        chase, margin_s = work.search.chase, problem.rules.margin_s
        rng = np.random.default_rng(seed)
        start = int(rng.integers(problem.network.junctions))
        free = chase.search.run(chase.graph.nodes_of(start)[:1], [40.0])
        ends = [int(node) for node in free.reached if free.via[node] >= 0]
        if not ends:
            continue
        drives = [chase.drive_to(free.via, free.origin, int(end)) for end in rng.choice(ends, 3)]
        closed_s = work.earliest_s + margin_s
        until_s = work.search.joins_s(drives, 40.0, closed_s)
        for junction in np.flatnonzero(np.isfinite(until_s)).tolist():
            node = chase.graph.nodes_of(junction)[:1]
            for apart_s in (-0.01, 0.01):
                came = chase.search.run(node, [until_s[junction] + apart_s], shut_s=closed_s)
                joins = all(
                    joined(chase.tail[list(drive.arcs)], chase.time_s[list(drive.arcs)], came)
                    for drive in drives
                )
                assert joins == (apart_s < 0)
                checked += 1
    assert checked > 100


def joined(nodes: NDArray[np.int32], time_s: NDArray[np.float64], came: Arrivals) -> bool:
    """Whether an arrival at some node of a drive that began at 40 is no later than the drive."""
    at_s = 40.0 + np.concatenate(([0.0], np.cumsum(time_s)[:-1]))
    return bool((came.arrival_s[nodes] <= at_s + 1e-9).any())
