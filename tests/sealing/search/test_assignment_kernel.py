"""The assignment kernel against SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from stopline.compiled import read_only
from stopline.sealing.search.assignment_kernel import cheapest_columns


def columns_of(cost: np.ndarray) -> np.ndarray:
    found = np.full(cost.shape[0], -1, dtype=np.int32)
    cheapest_columns(read_only(cost), found)
    return found


@pytest.mark.parametrize("seed", range(40))
def test_as_cheap_as_scipy(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = int(random.integers(1, 12))
    cost = random.integers(-5, 30, (rows, rows + int(random.integers(0, 8)))).astype(float)
    found = columns_of(cost)

    assert len(set(found.tolist())) == rows
    best = linear_sum_assignment(cost)
    assert cost[np.arange(rows), found].sum() == cost[best].sum()


@pytest.mark.parametrize("seed", range(40))
def test_as_many_rows_as_scipy_where_entries_may_not_be_used(seed: int) -> None:
    random = np.random.default_rng(seed)
    allowed = random.random((int(random.integers(1, 12)), int(random.integers(1, 12)))) < 0.25
    found = columns_of(np.where(allowed, 0.0, np.inf))

    matched = np.flatnonzero(found >= 0)
    assert allowed[matched, found[matched]].all()
    assert len(set(found[matched].tolist())) == matched.size
    best = maximum_bipartite_matching(csr_array(allowed), perm_type="column")
    assert matched.size == np.count_nonzero(best >= 0)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_nothing_to_assign(shape: tuple[int, int]) -> None:
    assert columns_of(np.zeros(shape)).tolist() == [-1] * shape[0]
