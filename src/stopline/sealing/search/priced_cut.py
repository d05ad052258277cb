"""Minimum cuts under prices: bounds and plans for the price of a few flows (Lagrange, Kelley 1960).

Each inequality of a side gets a price for holding one of its members. The minimum cut under
prices, less the prices times what may be held, is a lower bound; the prices that make it largest
are found by a small linear program over the cuts met so far.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.integer_program import IntegerProgram, Outcome
from stopline.sealing.search.cut_graph import CutGraph, Flow
from stopline.sealing.search.cut_kernel import OPEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from stopline.sealing.search.cut_options import CutOptions
    from stopline.sealing.side import Inequality

_SCALE: Final = 240  # prices are multiples of 1 / 240, so that thirds and eighths are exact
_MOST_ROUNDS: Final = 40
_CLOSE: Final = 1e-6
_ROUNDING: Final = 1e-4


class PricedCuts:
    """A search for good cuts on one graph.

    Args:
        question: options.
        graph: where.
        rows: the sides' inequalities; the list may grow meanwhile.
        try_options: asks the sides for a cut, and adds to `rows` if they refuse.
        ceiling: a bound above this needs not be improved.
        flow: a maximum flow on the graph; prices only add room, so that all flows begin with it.
    """

    def __init__(
        self,
        question: CutOptions,
        graph: CutGraph,
        rows: list[tuple[int, Inequality]],
        try_options: Callable[[NDArray[np.int64]], None],
        ceiling: float,
        flow: Flow,
    ) -> None:
        self._question = question
        self._graph = graph
        self._rows = rows
        self._try = try_options
        self._ceiling = ceiling
        place = np.full(question.capacity.shape[0], -1, dtype=np.int64)
        place[graph.arc] = np.arange(graph.arc.shape[0])
        row = place[question.arc]
        self._options = np.flatnonzero(row >= 0)
        self._arc = row[self._options]
        self._cuts: list[NDArray[np.int64]] = []
        self._members: list[NDArray[np.bool_]] = []
        self._flow = flow
        self.bound: float = -np.inf

    def search(self, until: float, enough: Callable[[], float]) -> float:
        """Improve the bound until it meets the best plan, the ceiling, or itself.

        Args:
            until: `time.perf_counter()` at which to stop.
            enough: gives the cost of the best plan so far.

        Returns:
            The bound.
        """
        for _ in range(_MOST_ROUNDS):
            prices, hoped = self._prices()
            cut, value = self._cut(prices, until)
            self.bound = max(self.bound, value)
            least = np.ceil(self.bound - _ROUNDING)
            if least > self._ceiling or least >= enough() or time.perf_counter() > until:
                break
            if cut is None:
                break
            rows = len(self._rows)
            if all(held <= row.most for held, (_, row) in self._held(cut)):
                self._try(cut)
            self._cuts.append(cut)
            if least >= enough() or (len(self._rows) == rows and hoped - value < _CLOSE):
                break
        return float(np.ceil(self.bound - _ROUNDING))

    def _member(self, number: int) -> NDArray[np.bool_]:
        """Which options an inequality counts; bool[options of the question]."""
        while len(self._members) <= number:
            side, row = self._rows[len(self._members)]
            listed = np.zeros(self._question.demands[side].count + 1, dtype=bool)
            listed[row.members] = True
            self._members.append(listed[self._question.demand_of[side]])
        return self._members[number]

    def _held(self, cut: NDArray[np.int64]) -> list[tuple[int, tuple[int, Inequality]]]:
        return [
            (int(np.count_nonzero(self._member(number)[cut])), row)
            for number, row in enumerate(list(self._rows))
        ]

    def _prices(self) -> tuple[NDArray[np.float64], float]:
        """The best prices for the cuts known, and the bound they promise."""
        count = len(self._rows)
        if not self._cuts or not count:
            return np.zeros(count), np.inf
        top = float(min(self._ceiling, 1e6)) + 1.0
        program = IntegerProgram()
        program.add_columns([-1.0], -np.inf, 1e9, integer=False)
        program.add_columns(np.zeros(count), 0.0, top, integer=False)
        for cut in self._cuts:
            excess = [-float(held - row.most) for held, (_, row) in self._held(cut)]
            weight = float(self._question.weight[cut].sum())
            program.add_row(-np.inf, weight, np.arange(count + 1), [1.0, *excess])
        solution = program.solve()
        if solution.outcome is not Outcome.OPTIMAL:
            return np.zeros(count), np.inf
        prices = np.maximum(np.round(solution.values[1:] * _SCALE), 0.0) / _SCALE
        return prices, -solution.objective

    def _cut(
        self, prices: NDArray[np.float64], until: float
    ) -> tuple[NDArray[np.int64] | None, float]:
        """The minimum cut under prices, as options, and the bound it proves; none out of time."""
        question, graph = self._question, self._graph
        cost = question.weight.astype(np.float64)
        for number in np.flatnonzero(prices > 0).tolist():
            cost = cost + prices[number] * self._member(number)
        scaled = np.round(cost[self._options] * _SCALE).astype(np.int64)
        capacity = np.where(graph.capacity == OPEN, OPEN, graph.capacity.astype(np.int64) * _SCALE)
        best = np.full(capacity.shape[0], np.iinfo(np.int64).max)
        np.minimum.at(best, self._arc, scaled)
        priced = best < np.iinfo(np.int64).max
        capacity[priced] = best[priced]
        flow = Flow(graph, capacity=capacity, like=self._flow, begin=_SCALE, until=until)
        due = sum(
            float(prices[number]) * row.most
            for number, (_, row) in enumerate(self._rows[: prices.shape[0]])
        )
        bound = flow.value / _SCALE - due
        if not flow.complete:
            return None, bound
        arcs = flow.far_cut()
        order = np.lexsort((scaled, self._arc))
        first = order[np.searchsorted(self._arc[order], arcs)]
        return self._options[first], bound
