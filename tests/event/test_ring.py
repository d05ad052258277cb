"""The camera ring against brute force, against a cut on k layers, and against itself changed."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from stopline.errors import BadInput
from stopline.event.ring import RingProblem, bound_of, fewest_cameras, solve_ring

if TYPE_CHECKING:
    from numpy.typing import NDArray


def random_problem(seed: int, layers: int, *, plain: bool = False) -> RingProblem:
    """A few nodes with loops, parallel and one-way sections, several sources and exits."""
    rng = np.random.default_rng(seed)
    nodes = int(rng.integers(3, 7))
    links = int(rng.integers(3, 8))
    order = rng.permutation(nodes)
    sources = order[: int(rng.integers(1, max(2, nodes - 1)))][:2]
    exits = order[::-1][: int(rng.integers(1, nodes - sources.size))][:2]
    if plain:
        forward = backward = np.ones(links, dtype=bool)
    else:
        kind = rng.integers(0, 4, links)
        forward, backward = kind != 1, kind != 2
    most = np.ones(links, dtype=np.int64) if rng.random() < 0.6 else rng.integers(0, 4, links)
    most = np.where(rng.random(links) < 0.15, 0, most).astype(np.int64)
    existing = np.where(rng.random(links) < 0.2, 1, 0)
    return RingProblem(
        nodes=nodes,
        tail=rng.integers(0, nodes, links).astype(np.int32),
        head=rng.integers(0, nodes, links).astype(np.int32),
        forward=forward,
        backward=backward,
        price=rng.integers(0, 5, links).astype(np.int64),
        existing=existing.astype(np.int64),
        most=np.maximum(most, existing).astype(np.int64),
        sources=sources.astype(np.int32),
        exits=exits.astype(np.int32),
        layers=layers,
    )


def least_seen(problem: RingProblem, cameras: NDArray[np.int64]) -> NDArray[np.float64]:
    """Fewest cameras on a way out, by choice (rows), by relaxing until nothing changes."""
    seen = np.full((cameras.shape[0], problem.nodes), np.inf)
    seen[:, problem.sources] = 0
    for _ in range(problem.nodes):
        for e in range(cameras.shape[1]):
            a, b, count = int(problem.tail[e]), int(problem.head[e]), cameras[:, e]
            if problem.forward[e]:
                seen[:, b] = np.minimum(seen[:, b], seen[:, a] + count)
            if problem.backward[e]:
                seen[:, a] = np.minimum(seen[:, a], seen[:, b] + count)
    return seen[:, problem.exits].min(axis=1)


def brute_force(problem: RingProblem) -> int:
    """Least cost over all choices of cameras, -1 if none is a ring."""
    spans = [range(int(a), int(b) + 1) for a, b in zip(problem.existing, problem.most, strict=True)]
    cameras = np.array(list(itertools.product(*spans)), dtype=np.int64)
    rings = cameras[least_seen(problem, cameras) >= problem.layers]
    costs = ((rings - problem.existing) * problem.price).sum(axis=1)
    return int(costs.min(initial=np.iinfo(np.int64).max)) if rings.size else -1


def layered_cut(problem: RingProblem) -> int:  # noqa: C901
    """The minimum cut on k layers, by SciPy's maximum flow; -1 if every cut is unbounded."""
    k, n = problem.layers, problem.nodes
    endless = int(problem.price.sum()) * 2 * k + 1
    arcs: dict[tuple[int, int], int] = {}

    def add(u: int, i: int, v: int, j: int, capacity: int) -> None:
        if 1 <= i <= k and 1 <= j <= k and (u, i) != (v, j) and capacity:
            key = (u + n * (i - 1), v + n * (j - 1))
            arcs[key] = min(endless, arcs.get(key, 0) + capacity)

    for v, i in itertools.product(range(n), range(1, k)):
        add(v, i, v, i + 1, endless)
    for e in range(problem.tail.shape[0]):
        for allowed, a, b in (
            (problem.forward[e], int(problem.tail[e]), int(problem.head[e])),
            (problem.backward[e], int(problem.head[e]), int(problem.tail[e])),
        ):
            if allowed:
                for i in range(1, k + 1):
                    add(a, i, b, i + int(problem.existing[e]), int(problem.price[e]))
                    add(a, i, b, i + int(problem.most[e]), endless)
    source, sink = n * k, n * k + 1
    for i in range(k):
        for v in problem.sources.tolist():
            arcs[source, v + n * i] = endless
        for v in problem.exits.tolist():
            arcs[v + n * i, sink] = endless
    ends = np.array(list(arcs)).T
    matrix = csr_array((np.array(list(arcs.values()), dtype=np.int32), ends), (sink + 1, sink + 1))
    flow = int(maximum_flow(matrix, source, sink).flow_value)
    return -1 if flow >= endless else flow


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_cost_verdict_and_flow_equal_brute_force(layers: int) -> None:
    rings = 0
    for seed in range(700):
        problem = random_problem(seed * 3 + layers, layers)
        ring = solve_ring(problem)
        truth = brute_force(problem)
        assert (ring.cost if ring.exists else -1) == truth, seed
        if ring.exists:
            rings += 1
            assert bound_of(problem, ring.routes) == ring.cost
            assert (ring.cameras <= problem.most).all()
            assert least_seen(problem, ring.cameras[None, :])[0] >= layers
            assert fewest_cameras(problem, ring.cameras, layers)[1] is None
        else:
            assert ring.gap is not None
            assert sum(int(problem.most[e]) for e in ring.gap.links) == ring.gap_most < layers
    assert 150 < rings < 650


def test_it_equals_a_minimum_cut_on_k_layers() -> None:
    for seed in range(300):
        problem = random_problem(seed, 1 + seed % 4)
        ring = solve_ring(problem)
        assert (ring.cost if ring.exists else -1) == layered_cut(problem), seed


def cost(problem: RingProblem) -> float:
    ring = solve_ring(problem)
    return ring.cost if ring.exists else np.inf


def test_another_camera_or_a_closed_road_never_costs_more_and_a_larger_k_never_less() -> None:
    for seed in range(400):
        problem = random_problem(seed, 1 + seed % 3)
        rng = np.random.default_rng(seed)
        link = int(rng.integers(problem.tail.shape[0]))
        before = cost(problem)
        existing, most = problem.existing.copy(), problem.most.copy()
        existing[link] += 1
        most[link] = max(most[link], existing[link])
        assert cost(replace(problem, existing=existing, most=most)) <= before
        shut = np.ones(problem.tail.shape[0], dtype=bool)
        shut[link] = False
        closed = replace(problem, forward=problem.forward & shut, backward=problem.backward & shut)
        assert cost(closed) <= before
        assert cost(replace(problem, layers=problem.layers + 1)) >= before


def test_venue_and_exits_swapped_cost_the_same_where_one_way_signs_are_ignored() -> None:
    for seed in range(300):
        problem = random_problem(seed, 1 + seed % 3, plain=True)
        swapped = replace(problem, sources=problem.exits, exits=problem.sources)
        assert cost(swapped) == cost(problem)


def test_all_faults_are_told_at_once() -> None:
    problem = random_problem(1, 0)
    price = problem.price.copy()
    price[0] = -3
    broken = replace(
        problem, price=price, sources=problem.exits, existing=problem.most + 1, layers=0
    )
    with pytest.raises(BadInput) as raised:
        solve_ring(broken)
    text = str(raised.value)
    for part in (
        "layers: found 0",
        "price: found -3",
        "venue does not touch",
        "existing of at most",
    ):
        assert part in text, text


def test_a_price_that_is_no_whole_number_is_refused() -> None:
    problem = random_problem(1, 1)
    with pytest.raises(BadInput, match="whole numbers"):
        solve_ring(replace(problem, price=problem.price + 0.5))
