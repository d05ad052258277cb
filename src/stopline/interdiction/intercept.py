"""The plan that stops the most probability of sampled routes, by an integer program.

Columns: $x_{ts}$ units of type t at site s; $y_g$, whether gate g is closed in time; $z_p$, whether
pattern p is stopped. Rows: $z_p \\le \\sum_{g \\in p} y_g$; each type has so many units; and for the
gates of a site, from the strictest on, $y_g \\le y_{g-1} + \\sum_{t: g(t,s) = g} x_{ts}$, so that a
row does not repeat the units of the gates before. At a site that needs several units, with
strength $q_t$ and need $n$, $n y_g \\le \\sum_{t: g(t,s) \\le g} \\min(q_t, n) x_{ts}$ with whole $y_g$.
Only x (and those y) need to be whole: this is the maximal covering location problem (Church and
ReVelle 1974), whose linear relaxation is nearly whole on roads.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from stopline.integer_program import IntegerProgram, Outcome
from stopline.interdiction.greedy import greedy_start
from stopline.interdiction.incidence import Meetings, incidence
from stopline.interdiction.interception import Interception, interception

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.belief.routes import Routes
    from stopline.interdiction.greedy import Start
    from stopline.interdiction.incidence import Incidence
    from stopline.interdiction.means import Means

_CLOSE = 1e-9


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
    start = greedy_start(made)
    held, bound = start.held, start.bound
    if bound - start.value > max(gap * bound, _CLOSE):
        held, bound = _Program(made).solve(start, until - time.perf_counter(), gap)
    found = interception(held, made, met, weight, means, bound=bound)
    guarantee = 1.0 if found.proven else start.guarantee
    return Interception(found.site_of, found.stopped, found.value, found.bound, guarantee)


class _Program:
    """The integer program of an incidence."""

    def __init__(self, made: Incidence) -> None:
        self._made = made
        self._program = program = IntegerProgram()
        self._kind, self._site = np.nonzero(made.pair)
        self._count = np.array([units.shape[0] for units in made.units])
        crowd = (made.pair & ~made.alone).any(axis=0)
        gate_site = made.gate_site
        most = np.where(crowd[self._site], self._count[self._kind], 1.0)
        self._x = program.add_columns(np.zeros(self._kind.shape[0]), 0.0, most, integer=True)
        whole = crowd[gate_site]
        self._y = program.add_columns(np.zeros(gate_site.shape[0]), 0.0, 1.0, integer=False)
        if whole.any():
            program.make_integer(self._y + np.flatnonzero(whole))
        scale = made.patterns / float(made.weight.sum())
        self._scale = scale  # so that the tolerances of the program are far below one route
        self._z = program.add_columns(-scale * made.weight, 0.0, 1.0, integer=False)
        self._type_rows()
        self._gate_rows(whole)
        self._pattern_rows()

    def _type_rows(self) -> None:
        order = np.argsort(self._kind, kind="stable")
        kinds, first = np.unique(self._kind[order], return_index=True)
        self._program.add_rows(-np.inf, self._count[kinds], first, self._x + order, 1.0)

    def _gate_rows(self, whole: NDArray[np.bool_]) -> None:
        made = self._made
        first, column, factor = [], [], []
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
            columns, factors = [[self._y + gate], self._x + pairs], [[need], -parts]
            if gate > begin and not whole[gate]:
                columns.append([self._y + gate - 1])
                factors.append([-1.0])
            first.append(size)
            column.extend(columns)
            factor.extend(factors)
            size += sum(len(part) for part in columns)
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
