"""What no plan exceeds, by cuts of the stopped probability, and which pairs the best may use.

A plan given in parts, x of each (unit, site) pair, stops at most the sum over patterns of weight
times min(1, parts that stop it). That is concave, so each plan seen gives a linear bound on all
(Benders 1962; for covering, Cordeau, Furini and Ljubic 2019): patterns stopped wholly count fully,
any other as the parts that stop it. A small linear program takes the best under all bounds so far,
and where it lies is the next plan seen. With few units a few rounds do, and no pattern ever becomes
a row.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

from stopline.integer_program import IntegerProgram, Outcome

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.interdiction.greedy import Start
    from stopline.interdiction.incidence import Incidence

_ROUNDS: Final = 8
_NEAR: Final = 1e-9
_PARTS: Final = (1.0, 0.3)  # of the way from the best plan in parts to that of the program
_WHOLE: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A bound on all plans, and on those that use each pair.

    Attributes:
        bound: no plan stops more.
        with_pair: float64[t, s], no plan that uses the pair stops more.
        parts: float64[t, s], where the bound was taken.
    """

    bound: float
    with_pair: NDArray[np.float64]
    parts: NDArray[np.float64]


def relax_by_cuts(made: Incidence, start: Start, until: float) -> Relaxation | None:
    """Find it in a few rounds, or nothing, if these are not enough to be as good as any.

    Every pair must close its site alone.

    Args:
        made: what stops what.
        start: a plan to begin with.
        until: `time.perf_counter()` at which to stop.
    """
    kind, site = np.nonzero(made.pair)
    stops = _stops(made)
    by_pair = stops.T.tocsr()
    program = _master(made, kind)
    total = float(made.weight.sum())
    most = program.add_columns([-1.0], 0.0, total, integer=False)

    def see(parts: NDArray[np.float64]) -> float:
        """Add the bound of a plan in parts; what that plan stops."""
        times = stops @ parts
        partly = times < 1.0 - _WHOLE
        gain = by_pair @ np.where(partly, made.weight, 0.0)
        used = np.flatnonzero(gain)
        program.add_row(
            -np.inf, float(made.weight[~partly].sum()),
            np.append(used, most), np.append(-gain[used], 1.0),
        )  # fmt: skip
        return float((made.weight * np.minimum(times, 1.0)).sum())

    best = start.held[kind, site].astype(np.float64)
    value = see(best)
    for _ in range(_ROUNDS):
        solved = program.solve(until - time.perf_counter())
        if solved.outcome is not Outcome.OPTIMAL:
            return None
        bound, parts = -solved.objective, solved.values[: kind.shape[0]]
        if bound - value <= _NEAR * max(1.0, total):
            costs = np.full(made.pair.shape, np.inf)
            costs[kind, site] = program.column_duals()[: kind.shape[0]]
            where = np.zeros(made.pair.shape)
            where[kind, site] = parts
            return Relaxation(bound, bound - np.maximum(costs, 0.0), where)
        for part in _PARTS:
            mixed = part * parts + (1.0 - part) * best
            reached = see(mixed)
            if reached > value:
                value, best = reached, mixed
    return None


def stopped_weight(made: Incidence, held: NDArray[np.int32]) -> float:
    """Weight of the patterns that a plan stops, where every pair closes its site alone."""
    kind, site = np.nonzero(made.pair)
    return float(made.weight[_stops(made) @ held[kind, site] > 0].sum())


def _stops(made: Incidence) -> csr_array:
    """Which patterns each pair stops, float64[p, pairs], pairs in the order of `np.nonzero`."""
    number = np.full(made.pair.shape, -1, dtype=np.int64)
    kind, site = np.nonzero(made.pair)
    number[kind, site] = np.arange(kind.shape[0])
    pattern = np.repeat(np.arange(made.patterns), np.diff(made.first))
    at = made.gate_site[made.gate]
    rows, columns = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for one in range(made.pair.shape[0]):
        able = made.pair[one, at] & (made.unit_gate[one, at] <= made.gate)
        rows.append(pattern[able])
        columns.append(number[one, at[able]])
    row, column = np.concatenate(rows), np.concatenate(columns)
    return csr_array((np.ones(row.shape[0]), (row, column)), shape=(made.patterns, kind.shape[0]))


def _master(made: Incidence, kind: NDArray[np.int64]) -> IntegerProgram:
    """Parts of pairs, as many of each type of units as there are."""
    program = IntegerProgram()
    program.add_columns(np.zeros(kind.shape[0]), 0.0, 1.0, integer=False)
    kinds, first = np.unique(kind, return_index=True)  # sorted by type already
    count = np.array([made.units[k].shape[0] for k in kinds.tolist()], dtype=np.float64)
    program.add_rows(-np.inf, count, first, np.arange(kind.shape[0]), 1.0)
    return program
