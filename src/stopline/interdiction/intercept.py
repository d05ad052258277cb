"""The plan that stops the most probability of sampled routes, by an integer program.

Columns: x[t, s], units of type t at site s; y[g], whether gate g is closed in time; z[p], whether
pattern p is stopped. Rows: z[p] <= the sum of y over the gates of p; each type has so many units;
and for the gates of a site, from the strictest on, y[g] <= y[g - 1] + the x of the pairs that are
in time from g on, so that no row repeats the units of the gates before. At a site that needs
several units, n y[g] <= the sum of min(strength, n) x over the pairs in time for g, with whole y.
Only x (and those y) need to be whole: this is the maximal covering location problem (Church and
ReVelle 1974), whose linear relaxation is often nearly whole on roads.
"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

import numpy as np

from stopline.integer_program import IntegerProgram, Outcome
from stopline.interdiction.greedy import greedy_start
from stopline.interdiction.incidence import Meetings, incidence, thinned
from stopline.interdiction.interception import Interception, interception
from stopline.interdiction.relaxation import Relaxation, relax_by_cuts, stopped_weight

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.belief.routes import Routes
    from stopline.interdiction.greedy import Start
    from stopline.interdiction.incidence import Incidence
    from stopline.interdiction.means import Means

_CLOSE = 1e-9
_SURELY = 1e-6
_PARTS = 4


def intercept(
    routes: Routes, means: Means, *, time_limit_s: float = 10.0, gap: float = 0.0
) -> Interception:
    """Choose the seals that stop the most probability.

    Args:
        routes: weighted, timed routes.
        means: units and sites.
        time_limit_s: of computing; the best plan by then comes with the bound proven by then.
        gap: stop as soon as the plan is proven to lie this near the best, as a fraction.
    """
    return best_plan(
        Meetings.of(routes, means), routes.weight, means, time_limit_s=time_limit_s, gap=gap
    )


def best_plan(
    met: Meetings,
    weight: NDArray[np.float64],
    means: Means,
    *,
    time_limit_s: float = 10.0,
    gap: float = 0.0,
) -> Interception:
    """Do so for routes whose meetings with sites are known; weights float64[r], >= 0."""
    until = time.perf_counter() + time_limit_s
    made = incidence(met, weight, means)
    start = greedy_start(made, exchanges=False)
    if _in_doubt(start, gap, until):
        made = thinned(made)
        start = greedy_start(made)
    held, bound = start.held, start.bound
    if _in_doubt(start, gap, until):
        held, bound = _decided(made, start, until, gap)
    found = interception(held, made, met, weight, means, bound=bound)
    guarantee = 1.0 if found.proven else start.guarantee
    return Interception(found.site_of, found.stopped, found.value, found.bound, guarantee)


def _in_doubt(start: Start, gap: float, until: float) -> bool:
    """Whether a better plan is not ruled out, and there is time to look for it."""
    wide = start.bound - start.value > max(gap * start.bound, _CLOSE)
    return wide and time.perf_counter() < until


def _decided(
    made: Incidence, start: Start, until: float, gap: float
) -> tuple[NDArray[np.int32], float]:
    """The best numbers of units, int32[t, s], and the bound.

    What no plan in parts exceeds says which pairs a better plan can use: first those that the
    bound itself uses are tried, then all that are left by the better plan.
    """
    if not made.simple:
        return _Program(made).solve(start, until - time.perf_counter(), gap)
    relaxed = relax_by_cuts(made, start, until)
    if relaxed is None:
        relaxed = _Program(made, whole=False).relaxed(until - time.perf_counter())
    if relaxed is None:
        return _Program(made).solve(start, until - time.perf_counter(), gap)
    step = _step(made.weight)
    bound = _rounded(min(start.bound, relaxed.bound), step)
    for used in (relaxed.parts > _CLOSE, made.pair):
        if bound - start.value <= max(gap * bound, _CLOSE):
            return start.held, max(bound, start.value)
        better = relaxed.with_pair > start.value + max(_CLOSE, step / 2)
        start, left = _among(made, start, made.pair & used & better, until, gap)
    # Whoever uses another pair stops no more than the best plan so far.
    return start.held, min(bound, max(left, start.value))


def _step(weight: NDArray[np.float64]) -> float:
    """What all weights are multiples of, as those of routes sampled alike are; 0 if of nothing."""
    some = weight[weight > 0]
    for parts in range(1, _PARTS + 1) if some.size else ():
        step = float(some.min()) / parts
        if np.abs(some / step - np.rint(some / step)).max() < _CLOSE / step:
            return step
    return 0.0


def _rounded(bound: float, step: float) -> float:
    """The most that a sum of weights can be, given that it is at most a bound."""
    return float(np.floor(bound / step + _SURELY) * step) if step > _SURELY else bound


def _among(
    made: Incidence, start: Start, pairs: NDArray[np.bool_], until: float, gap: float
) -> tuple[Start, float]:
    """A plan on some of the pairs, or the old one if it is better; and the bound on these pairs."""
    few = thinned(dataclasses.replace(made, pair=pairs))
    if not few.patterns:
        return start, start.value
    nothing = np.zeros(few.pair.shape, dtype=np.int32)
    begin = dataclasses.replace(start, held=nothing, value=0.0, bound=float(few.weight.sum()))
    held, bound = _Program(few).solve(begin, until - time.perf_counter(), gap)
    there = np.zeros(made.pair.shape, dtype=np.int32)
    there[:, np.searchsorted(made.sites, few.sites)] = held
    value = stopped_weight(made, there)
    if value <= start.value:
        return start, bound
    return dataclasses.replace(start, held=there, value=value), bound


class _Program:
    """The integer program of an incidence; its linear relaxation if nothing need be whole."""

    def __init__(self, made: Incidence, *, whole: bool = True) -> None:
        self._whole = whole
        self._made = made
        self._program = program = IntegerProgram()
        self._kind, self._site = np.nonzero(made.pair)
        self._count = np.array([units.shape[0] for units in made.units])
        crowd: NDArray[np.bool_] = np.logical_or.reduce(made.pair & ~made.alone, axis=0)
        gate_site = made.gate_site
        most = np.where(crowd[self._site], self._count[self._kind], 1.0)
        self._x = program.add_columns(np.zeros(self._kind.shape[0]), 0.0, most, integer=whole)
        several = crowd[gate_site]
        self._y = program.add_columns(np.zeros(gate_site.shape[0]), 0.0, 1.0, integer=False)
        if several.any() and whole:
            program.make_integer(self._y + np.flatnonzero(several))
        scale = made.patterns / float(made.weight.sum())
        self._scale = scale  # so that the tolerances of the program are far below one route
        self._z = program.add_columns(-scale * made.weight, 0.0, 1.0, integer=False)
        self._type_rows()
        self._gate_rows(several)
        self._pattern_rows()

    def _type_rows(self) -> None:
        order = np.argsort(self._kind, kind="stable")
        kinds, first = np.unique(self._kind[order], return_index=True)
        self._program.add_rows(-np.inf, self._count[kinds], first, self._x + order, 1.0)

    def _gate_rows(self, whole: NDArray[np.bool_]) -> None:
        made = self._made
        first: list[int] = []
        column: list[NDArray[np.int64]] = []
        factor: list[NDArray[np.float64]] = []
        own = made.unit_gate[self._kind, self._site]
        order = np.argsort(own, kind="stable")
        at = np.searchsorted(own[order], np.arange(whole.shape[0] + 1))
        size = 0
        begins = made.gate_first[made.gate_site]
        for gate in range(whole.shape[0]):
            begin = int(begins[gate])
            pairs = order[at[begin] if whole[gate] else at[gate] : at[gate + 1]]
            need = float(made.need[made.gate_site[gate]]) if whole[gate] else 1.0
            parts = np.minimum(made.strength[self._kind[pairs]], need)
            before = [gate - 1] if gate > begin and not whole[gate] else []
            columns = np.concatenate(
                ([self._y + gate], self._x + pairs, self._y + np.array(before, dtype=np.int64))
            )
            first.append(size)
            column.append(columns.astype(np.int64))
            factor.append(np.concatenate(([need], -parts, [-1.0] * len(before))))
            size += columns.shape[0]
        self._program.add_rows(-np.inf, 0.0, first, np.concatenate(column), np.concatenate(factor))

    def _pattern_rows(self) -> None:
        made = self._made
        sizes = np.diff(made.first)
        first = made.first[:-1] + np.arange(made.patterns)
        columns = np.insert(
            self._y + made.gate.astype(np.int64), made.first[:-1], self._z + np.arange(sizes.size)
        )
        factors = np.insert(np.full(made.gate.shape[0], -1.0), made.first[:-1], 1.0)
        self._program.add_rows(-np.inf, 0.0, first, columns, factors)

    def relaxed(self, time_limit_s: float) -> Relaxation | None:
        """The bound of the linear relaxation; None if time ran out."""
        solution = self._program.solve(time_limit_s)
        if solution.outcome is not Outcome.OPTIMAL:
            return None
        bound, shape = -solution.objective / self._scale, self._made.pair.shape
        costs, parts = np.full(shape, np.inf), np.zeros(shape)
        own = slice(self._x, self._y)
        costs[self._kind, self._site] = self._program.column_duals()[own] / self._scale
        parts[self._kind, self._site] = solution.values[own]
        return Relaxation(bound, bound - np.maximum(costs, 0.0), parts)

    def solve(
        self, start: Start, time_limit_s: float, gap: float
    ) -> tuple[NDArray[np.int32], float]:
        """Find the best numbers of units, int32[t, s], and the bound."""
        self._program.allow_gap(gap)
        solution = self._program.solve(time_limit_s)
        bound = min(start.bound, -solution.bound / self._scale)
        if solution.outcome is Outcome.INFEASIBLE or solution.values.size == 0:
            return start.held, bound
        if -solution.objective / self._scale <= start.value:
            return start.held, max(bound, start.value)
        held = np.zeros(start.held.shape, dtype=np.int32)
        chosen = np.rint(solution.values[self._x : self._y]).astype(np.int32)
        held[self._kind, self._site] = chosen
        return held, bound
