"""Masts that see several roads, and cameras that miss some vehicles, against brute force."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from event.test_ring import random_problem
from stopline.errors import BadInput
from stopline.event.mast_ring import Mast, solve_mast_ring

if TYPE_CHECKING:
    from stopline.event.ring import RingProblem


def simple_ways(problem: RingProblem) -> set[frozenset[int]]:
    """The links of every route without a circle."""
    ways: set[frozenset[int]] = set()
    arcs: dict[int, list[tuple[int, int]]] = {}
    for e in range(problem.tail.shape[0]):
        a, b = int(problem.tail[e]), int(problem.head[e])
        if problem.forward[e]:
            arcs.setdefault(a, []).append((e, b))
        if problem.backward[e]:
            arcs.setdefault(b, []).append((e, a))
    exits = set(problem.exits.tolist())

    def drive(node: int, links: tuple[int, ...], been: frozenset[int]) -> None:
        if node in exits:
            ways.add(frozenset(links))
            return
        for link, there in arcs.get(node, ()):
            if there not in been:
                drive(there, (*links, link), been | {there})

    for source in problem.sources.tolist():
        drive(source, (), frozenset({source}))
    return ways


def random_masts(problem: RingProblem, seed: int) -> list[Mast]:
    rng = np.random.default_rng(seed)
    links = problem.tail.shape[0]
    return [
        Mast(
            name=f"m{i}",
            price=int(rng.integers(0, 6)),
            links=tuple(rng.choice(links, int(rng.integers(1, 4)), replace=False).tolist()),
            detection=float(rng.choice([1.0, 0.9, 0.7, 0.5])),
        )
        for i in range(int(rng.integers(3, 8)))
    ]


def enough(masts: list[Mast], chosen: tuple[int, ...], way: frozenset[int], k: int,
           q: float | None) -> bool:  # fmt: skip
    on_it = [masts[m] for m in chosen if way & set(masts[m].links)]
    if q is None:
        return len(on_it) >= k
    return 1 - math.prod(1 - mast.detection for mast in on_it) >= q - 1e-9


@pytest.mark.parametrize("q", [None, 0.5, 0.85, 0.97])
def test_masts_and_probabilities_equal_brute_force(q: float | None) -> None:
    rings = 0
    for seed in range(90):
        problem = random_problem(seed, 1 + seed % 3)
        masts, ways = random_masts(problem, seed), simple_ways(problem)
        truth = min(
            (
                sum(masts[m].price for m in chosen)
                for size in range(len(masts) + 1)
                for chosen in itertools.combinations(range(len(masts)), size)
                if all(enough(masts, chosen, way, problem.layers, q) for way in ways)
            ),
            default=-1,
        )
        found = solve_mast_ring(problem, masts, probability=q)
        assert found.cost == truth, seed
        assert found.proven
        if truth >= 0:
            rings += 1
            assert found.bound == truth
            assert all(enough(masts, found.chosen, way, problem.layers, q) for way in ways)
        else:
            everything = tuple(range(len(masts)))
            assert not enough(masts, everything, frozenset(found.worst), problem.layers, q)
    assert rings > 15


def test_all_faults_of_masts_are_told_at_once() -> None:
    problem = random_problem(3, 1)
    masts = [
        Mast(name="a", price=-1, links=(0,)),
        Mast(name="b", price=1, links=(99,), detection=1.5),
    ]
    with pytest.raises(BadInput) as raised:
        solve_mast_ring(problem, masts, probability=1.0)
    text = str(raised.value)
    assert all(part in text for part in ("price", "links below", "detection", "between 0 and 1"))
