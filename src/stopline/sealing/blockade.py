"""A blockade without a vehicle: close these places as early as possible.

The last closing is as early as it can be: a bottleneck assignment of units to places. For a time t
a unit fits a place that it can hold by t; all can be closed by t if a matching covers every place.
The least such t is one of the ready times, found by bisection. That no assignment is earlier is
shown by Hall's condition just before it: places that together are held by fewer units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Blockade:
    """Who closes which place by when.

    Attributes:
        site_of: int32[u], the place of each unit, -1 for none.
        last_closing_s: when the last place is closed; infinite if not all can be.
        crowded: places of which, before that time, fewer units could hold any; where not all can
            be closed, fewer by as many as stay open.
        too_few: how many units could.
    """

    site_of: NDArray[np.int32]
    last_closing_s: float
    crowded: tuple[int, ...]
    too_few: int

    @property
    def complete(self) -> bool:
        """Whether every place is closed."""
        return bool(np.isfinite(self.last_closing_s))


def earliest_blockade(ready_s: NDArray[np.float64]) -> Blockade:
    """Close every place with one unit, the last as early as possible.

    Args:
        ready_s: float64[u, c], when each unit can hold each place; infinite for never.

    Returns:
        The assignment with its proof; where no assignment closes all, as many as can be, each as
        little late as the bisection leaves it, and the places that no units are left for.
    """
    times = np.unique(ready_s[np.isfinite(ready_s)])
    low, high = 0, times.shape[0]  # the first time at which all are closed lies in [low, high]
    while low < high:
        middle = (low + high) // 2
        if _matched(ready_s <= times[middle])[0] == ready_s.shape[1]:
            high = middle
        else:
            low = middle + 1
    whole = low < times.shape[0]
    at_s = float(times[low]) if whole else np.inf
    _, unit_of = _matched(ready_s <= at_s) if whole else _matched(np.isfinite(ready_s))
    site_of = np.full(ready_s.shape[0], -1, dtype=np.int32)
    held = np.flatnonzero(unit_of >= 0)
    site_of[unit_of[held]] = held
    fits = ready_s < at_s if whole else np.isfinite(ready_s)
    crowded, units = _violation(fits, every=not whole)
    return Blockade(site_of, at_s if ready_s.shape[1] else 0.0, crowded, units)


def _matched(fits: NDArray[np.bool_]) -> tuple[int, NDArray[np.int32]]:
    """How many places a largest matching covers, and the unit of each, int32[c]."""
    if 0 in fits.shape:
        return 0, np.full(fits.shape[1], -1, dtype=np.int32)
    unit_of = maximum_bipartite_matching(csr_matrix(fits), perm_type="row")
    return int((unit_of >= 0).sum()), unit_of


def _violation(fits: NDArray[np.bool_], *, every: bool) -> tuple[tuple[int, ...], int]:
    """Places that together fit fewer units than they are, by alternating paths; and how many.

    From one place that is left over, or from every such place.
    """
    _, unit_of = _matched(fits)
    free = np.flatnonzero(unit_of < 0)
    if not free.size:
        return (), 0
    site_of = np.full(fits.shape[0], -1, dtype=np.int64)
    held = np.flatnonzero(unit_of >= 0)
    site_of[unit_of[held]] = held
    open_ = free.tolist() if every else [int(free[0])]
    places, units = set(open_), set()
    while open_:
        for unit in np.flatnonzero(fits[:, open_.pop()]).tolist():
            if unit not in units:
                units.add(unit)
                other = int(site_of[unit])
                if other not in places:
                    places.add(other)
                    open_.append(other)
    return tuple(sorted(places)), len(units)
