"""Search from a plan that was made for another place: as many of its seals are kept as can be.

Where a search begins with nobody, it takes many rounds until enough seals stand that the routes
which escape tell anything. From a plan that seals a little later, or from near by, few routes
escape: they ask for the few units that must go elsewhere, or soon are more than all can stop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.search.pair_search import PairSearch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.sealing.search.goal import Goal
    from stopline.sealing.search.search_context import SearchContext
    from stopline.sealing.search.unit_times import UnitTimes

_KEPT: Final = -1.0  # what a seal of the plan scores that is kept; a new one takes 1


class RepairSearch(PairSearch):
    """One search for any plan that reaches a goal; it is as exact as that which begins with nobody.

    Args:
        context: pursuit, sides and needs.
        times: the units of all sides.
        goal: what is asked; any plan must do.
        plan: (row of the site, unit) pairs of the plan to begin with.
    """

    def __init__(
        self,
        context: SearchContext,
        times: UnitTimes,
        goal: Goal,
        plan: Sequence[tuple[int, int]],
    ) -> None:
        self._units_kept: dict[int, list[int]] = {}
        for row, unit in plan:
            self._units_kept.setdefault(row, []).append(unit)
        super().__init__(context, times, goal, np.inf)
        rows = np.array(list(self._units_kept), dtype=np.int64)
        kept = np.zeros((rows.size, times.units), dtype=np.bool_)
        for number, units in enumerate(self._units_kept.values()):
            kept[number, units] = True
        self._program.pairs(rows, kept)

    def _price(self, row: int) -> NDArray[np.float64]:
        price = super()._price(row)
        if row in self._units_kept:
            price = price.copy()
            price[self._units_kept[row]] = _KEPT
        return price
