"""Components against SciPy's, on random graphs with loops and parallel edges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from stopline.compiled import read_only
from stopline.network.component_kernel import joined_classes, strong_classes


def random_edges(seed: int) -> tuple[int, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    nodes = int(random.integers(1, 40))
    edges = int(random.integers(0, 2 * nodes))
    return nodes, *random.integers(0, nodes, (2, edges), dtype=np.int32)


def same_partition(one: np.ndarray, other: np.ndarray) -> bool:
    pairs = set(zip(one.tolist(), other.tolist(), strict=True))
    return len(pairs) == len(set(one.tolist())) == len(set(other.tolist()))


def by_scipy(nodes: int, tail: np.ndarray, head: np.ndarray, connection: str) -> np.ndarray:
    matrix = coo_array((np.ones(tail.size), (tail, head)), shape=(nodes, nodes)).tocsr()
    return connected_components(matrix, directed=True, connection=connection)[1]


@pytest.mark.parametrize("seed", range(60))
def test_joined_classes(seed: int) -> None:
    nodes, one, other = random_edges(seed)
    found = np.empty(nodes, dtype=np.int32)
    count = joined_classes(read_only(one), read_only(other), found)

    assert count == len(set(found.tolist()))
    assert same_partition(found, by_scipy(nodes, one, other, "weak"))


@pytest.mark.parametrize("seed", range(60))
def test_strong_classes_leave_out_edges_without_residual(seed: int) -> None:
    nodes, tail, head = random_edges(seed)
    residual = np.random.default_rng(seed).integers(0, 3, tail.size)
    edge = np.argsort(tail, kind="stable").astype(np.int32)
    first = np.searchsorted(tail[edge], np.arange(nodes + 1)).astype(np.int32)
    found = np.full(nodes, -1, dtype=np.int32)
    count = strong_classes(first, edge, head, residual, found)

    assert count == len(set(found.tolist()))
    kept = residual > 0
    assert same_partition(found, by_scipy(nodes, tail[kept], head[kept], "strong"))
