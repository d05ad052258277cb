"""Routes that shares of units stop least: against every way on small graphs."""

from __future__ import annotations

import numpy as np
import pytest

from sealing.instances import random_problem
from stopline.sealing.search.lightest_routes import LightestRoutes
from stopline.sealing.search.pursuit import Drive, PursuitGraph
from stopline.sealing.session import prepare

SEEDS = range(60)
MOST_WAYS = 3_000


def ways(chase: PursuitGraph) -> list[Drive] | None:
    """Every drive out that comes to no node twice; None if there are too many."""
    found: list[Drive] = []

    def follow(start: int, node: int, arcs: tuple[int, ...], seen: frozenset[int]) -> None:
        if node == chase.way_out:
            found.append(Drive(start, arcs))
            return
        for arc in range(int(chase.first_out[node]), int(chase.first_out[node + 1])):
            there = int(chase.head[arc])
            if there not in seen and np.isfinite(chase.time_s[arc]) and len(found) <= MOST_WAYS:
                follow(start, there, (*arcs, arc), seen | {there})

    for number, node in enumerate(chase.start_node.tolist()):
        follow(number, node, (), frozenset({node}))
    return found if len(found) <= MOST_WAYS else None


def weight(
    chase: PursuitGraph,
    drive: Drive,
    site: np.ndarray,  # type: ignore[type-arg]
    from_s: np.ndarray,  # type: ignore[type-arg]
    share: np.ndarray,  # type: ignore[type-arg]
) -> float:
    met = chase.sites_met(drive)
    return sum(
        float(share[k]) for k in range(len(site)) if from_s[k] <= met.get(int(site[k]), -np.inf)
    )


@pytest.mark.parametrize("crowded", [0.3, 0.8])
def test_the_lightest_way_out_is_found_and_each_found_is_as_light_as_told(crowded: float) -> None:
    compared = stopped = 0
    for seed in SEEDS:
        problem = random_problem(seed)
        session = prepare(problem)
        chase = session.chase
        every = ways(chase)
        if chase.split or every is None or not every or not problem.sites.count:
            continue
        rng = np.random.default_rng(seed)
        count = int(rng.integers(1, 4 * problem.sites.count))
        site = rng.integers(0, problem.sites.count, count).astype(np.int32)
        from_s, share = rng.uniform(-50, 250, count), rng.uniform(0, crowded, count)
        found = LightestRoutes(chase, problem.sites.count).find(site, from_s, share, 100)
        told = [weight(chase, drive, site, from_s, share) for drive in found]
        least = min(weight(chase, drive, site, from_s, share) for drive in every)
        assert all(one < 1 for one in told), seed
        assert told == sorted(told), seed
        for drive in found:
            node = int(chase.start_node[drive.start])
            for arc in drive.arcs:
                assert int(chase.tail[arc]) == node
                node = int(chase.head[arc])
            assert node == chase.way_out
        if least < 1 - 1e-5:
            assert told, seed
            assert told[0] == pytest.approx(least, abs=1e-6), seed
        elif least > 1:
            assert not told, seed
            stopped += 1
        compared += 1
    assert compared > 30
    assert stopped > (5 if crowded > 0.5 else 0)


def test_what_arrives_too_late_does_not_count() -> None:
    late = 0
    for seed in SEEDS:
        problem = random_problem(seed)
        chase = prepare(problem).chase
        none = np.empty(0)
        routes = LightestRoutes(chase, problem.sites.count)
        found = routes.find(none.astype(np.int32), none, none, 100)
        for drive in found:
            arrival_s = chase.describe(drive).arrival_s
            again = routes.find(none.astype(np.int32), none, none, 100, horizon_s=arrival_s)
            assert all(chase.describe(one).arrival_s < arrival_s for one in again)
            late += 1
    assert late > 30
