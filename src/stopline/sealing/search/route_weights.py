"""Weights on routes that together are more than all units can stop: which routes a proof needs.

A unit holds one site, so that of all weight it stops at most what passes its best site after it is
there. Where the routes weigh more than all units stop in this way, no plan stops every route. Whole
numbers, so that the sum is exact. The same weights tell until when the proof holds if the vehicle
is as much later everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.integer_program import IntegerProgram, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.sealing.search.goal import Goal
    from stopline.sealing.search.pursuit import Drive, PursuitGraph
    from stopline.sealing.search.unit_times import UnitTimes

_SCALE: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteWeights:
    """Weights on routes.

    Attributes:
        drives: the routes.
        weight: int64[r].
        route: int64[e], of each entry: a route meets a site that units can hold.
        row: int64[e], of the site in the table of units' times; sorted.
        by_s: float64[e], who is there by then stops the route.
        ready_s: float64[e, u], when each unit closes that site.
    """

    drives: tuple[Drive, ...]
    weight: NDArray[np.int64]
    route: NDArray[np.int64]
    row: NDArray[np.int64]
    by_s: NDArray[np.float64]
    ready_s: NDArray[np.float64]

    def holds(self, later_s: float) -> bool:
        """Whether the routes weigh more than units can stop, if they begin that much later."""
        total = int(self.weight.sum())
        if not self.row.size:
            return total > 0
        able = self.ready_s <= (self.by_s + later_s)[:, None]
        first = np.concatenate(([0], np.flatnonzero(np.diff(self.row)) + 1))
        stopped = np.add.reduceat(able * self.weight[self.route][:, None], first, axis=0)
        return total > int(stopped.max(axis=0).sum())

    def weighed(self, later_s: float) -> RouteWeights | None:
        """With the weights that tell most if routes begin that much later; None if none do."""
        units = self.ready_s.shape[1]
        program = IntegerProgram()
        for _ in range(units):
            program.add_row(-np.inf, 1.0, [], [])
        able = self.ready_s <= (self.by_s + later_s)[:, None]
        entry, unit = np.nonzero(able)
        key, column = np.unique(self.row[entry] * units + unit, return_inverse=True)
        count = key.shape[0]
        if count:
            program.add_columns_with_rows(
                np.zeros(count), 0.0, 1.0, np.arange(count), key % units, np.ones(count),
                integer=False,
            )  # fmt: skip
        routes = len(self.drives)
        open_ = program.add_columns(np.ones(routes), 0.0, 1.0, integer=False)
        order = np.argsort(self.route[entry], kind="stable")
        of_route = np.searchsorted(self.route[entry][order], np.arange(routes + 1))
        for route in range(routes):
            mine = np.unique(column[order[of_route[route] : of_route[route + 1]]])
            program.add_row(1.0, np.inf, [*mine.tolist(), open_ + route])
        solved = program.solve()
        if solved.outcome is not Outcome.OPTIMAL:
            return None
        dual = np.maximum(program.row_duals()[units:], 0.0)
        weight = np.rint(dual * _SCALE).astype(np.int64)
        found = replace(self, weight=weight)
        return found.without_idle() if found.holds(later_s) else None

    def without_idle(self) -> RouteWeights:
        """Without routes that weigh nothing."""
        kept = self.weight > 0
        number = np.cumsum(kept) - 1
        entries = kept[self.route]
        return RouteWeights(
            drives=tuple(d for d, keep in zip(self.drives, kept.tolist(), strict=True) if keep),
            weight=self.weight[kept],
            route=number[self.route[entries]],
            row=self.row[entries],
            by_s=self.by_s[entries],
            ready_s=self.ready_s[entries],
        )


def weigh(
    pursuit: PursuitGraph, times: UnitTimes, goal: Goal, drives: Sequence[Drive]
) -> RouteWeights | None:
    """Weigh routes that no plan stops all of.

    None where no weights tell: only whole units do, or a site needs several.
    """
    if times.teams or times.boundless or np.isfinite(goal.latest_s) or not drives:
        return None
    route: list[int] = []
    site: list[int] = []
    by_s: list[float] = []
    for number, drive in enumerate(drives):
        met = pursuit.sites_met(drive)
        route += [number] * len(met)
        site += list(met)
        by_s += [when - goal.margin_s for when in met.values()]
    row = np.minimum(np.searchsorted(times.site, site), max(times.site.shape[0] - 1, 0))
    known = times.site[row] == np.array(site) if times.site.size else np.zeros(len(site), bool)
    entry = np.flatnonzero(known)
    entry = entry[np.argsort(row[entry], kind="stable")]
    row = row[entry].astype(np.int64)
    whole = RouteWeights(
        drives=tuple(drives),
        weight=np.ones(len(drives), dtype=np.int64),
        route=np.array(route, dtype=np.int64)[entry],
        row=row,
        by_s=np.array(by_s)[entry],
        ready_s=times.ready_s[row],
    )
    return whole.weighed(0.0)
