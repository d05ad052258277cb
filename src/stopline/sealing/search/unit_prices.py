"""Prices on units: what they prove of every plan, found by refining classes of copies.

Each unit has a price. An edge of the time graph costs what the cheapest unit in time for it costs;
then the cheapest cut, less the sum of all prices, is a lower bound on every plan, whatever the
prices are. The best prices come from a small linear program on classes of copies: cuts of the whole
graph at the prices found so far split the classes, until classes and whole agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.search.class_program import ClassProgram, ClassSolution
from stopline.sealing.search.priced_graph import SCALE, UNLIMITED, PriceCut, PricedGraph
from stopline.sealing.search.time_graph import SINK, SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_NEAR: Final = 1e-3
_STEPS: Final = (0.25, 1.0)  # of the way to the prices of the classes


@dataclass(slots=True)
class Prices:
    """What a search for prices has found.

    Attributes:
        bound: no plan costs less; infinite where there is no plan at all.
        price: int64[u], the best prices, in parts of `SCALE`.
        carried: int64[e] or None, what edges are to carry there at least.
        cost: int64[u], what units cost there: 0 in a search for more than everything.
        cut: at the best prices.
        classes: int32[v], the last classes.
        rounds: how many rounds it took.
        exact: whether these are the best prices, as far as whole numbers tell.
    """

    bound: float
    price: NDArray[np.int64]
    carried: NDArray[np.int64] | None
    cost: NDArray[np.int64]
    cut: PriceCut
    classes: NDArray[np.int32]
    rounds: int = 0
    exact: bool = False
    cuts: list[NDArray[np.bool_]] = field(default_factory=list)


def _between_prices(
    best: Prices, price: NDArray[np.int64], carried: NDArray[np.int64], part: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Prices and shares so far on the way from the best ones to those of the classes."""
    if part >= 1.0 or best.carried is None:
        return price, carried
    mixed = np.rint(part * price + (1.0 - part) * best.price).astype(np.int64)
    return mixed, (part * carried + (1.0 - part) * best.carried).astype(np.int64)


def refined(classes: NDArray[np.int32], *cuts: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Split classes by cuts; source and sink keep their numbers and are alone."""
    number = classes.astype(np.int64)
    for inside in cuts:
        number = 2 * number + inside
        _, number = np.unique(number, return_inverse=True)
    number += 2
    number[SOURCE], number[SINK] = SOURCE, SINK
    _, dense = np.unique(number, return_inverse=True)
    return np.asarray(dense, dtype=np.int32)


def least_prices(
    priced: PricedGraph,
    *,
    cost: NDArray[np.int64] | None = None,
    enough: float = np.inf,
    until: float = np.inf,
    rounds: int = 60,
    begin: Prices | None = None,
    on_cut: Callable[[NDArray[np.bool_]], object] | None = None,
) -> Prices | None:
    """Find the prices that prove most.

    Args:
        priced: the graph.
        cost: int64[u], what units cost; None for the cost of the graph. With zeros, the bound is
            the least factor by which every unit would have to be there (`overload`).
        enough: stop when the bound is above this.
        until: `time.perf_counter()` at which to stop.
        rounds: stop after so many.
        begin: prices and classes to begin with.
        on_cut: told every cut that is found.

    Returns:
        The best found; None if not even one cut was found in time.
    """
    search = _Search(priced, priced.cost if cost is None else cost, until, on_cut)
    return search.run(enough, rounds, begin)


class _Search:
    def __init__(
        self,
        priced: PricedGraph,
        cost: NDArray[np.int64],
        until: float,
        on_cut: Callable[[NDArray[np.bool_]], object] | None,
    ) -> None:
        self.priced, self.cost, self.until, self.on_cut = priced, cost, until, on_cut
        self.overload = not cost.any()

    def run(self, enough: float, rounds: int, begin: Prices | None) -> Prices | None:
        priced = self.priced
        price = np.full(priced.times.prices, SCALE if self.overload else 0, dtype=np.int64)
        classes = np.full(priced.graph.nodes, 2, dtype=np.int32)
        classes[SOURCE], classes[SINK] = SOURCE, SINK
        carried = None
        if begin is not None:
            price, carried, classes = begin.price.copy(), begin.carried, begin.classes
        cut = priced.cut(price, carried, self.cost, self.until)
        if cut is None:
            return None
        best = Prices(self._bound(cut, price), price, carried, self.cost, cut, classes)
        program = ClassProgram(priced, self.cost)
        seen = [cut]
        while best.rounds < rounds:
            best.rounds += 1
            if best.bound >= enough or cut.value >= UNLIMITED:
                break
            for one in seen:
                best.classes = refined(best.classes, one.near, one.far)
                best.cuts += [one.near, one.far]
            solution = program.linear(best.classes, best.price, self.until, overload=self.overload)
            if solution is None:
                break
            if solution.value <= best.bound + _NEAR:
                best.exact = True
                break
            seen = self._steps(best, solution)
            sides = [side for one in seen for side in (one.near, one.far)]
            if not seen or refined(best.classes, *sides).max() == best.classes.max():
                best.exact = bool(seen)
                break
        return best

    def _steps(self, best: Prices, solution: ClassSolution) -> list[PriceCut]:
        """Cuts at prices on the way to those of the classes."""
        there = np.rint(solution.price * SCALE).astype(np.int64)
        carried_there = np.zeros(self.priced.row.shape[0], dtype=np.int64)
        carried_there[solution.edges] = np.floor(solution.carried * SCALE)
        seen = []
        for part in _STEPS if best.rounds > 1 else (1.0,):
            price, carried = _between_prices(best, there, carried_there, part)
            cut = self.priced.cut(price, carried, self.cost, self.until)
            if cut is None:
                return []
            seen.append(cut)
            bound = self._bound(cut, price)
            if bound > best.bound:
                best.bound, best.price, best.carried, best.cut = bound, price, carried, cut
        return seen

    def _bound(self, cut: PriceCut, price: NDArray[np.int64]) -> float:
        if cut.value >= UNLIMITED:
            return np.inf
        if self.overload:
            return cut.value / max(1, int(price.sum()))
        return cut.bound / SCALE
