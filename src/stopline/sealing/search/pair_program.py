"""The program over routes where all units are known: a column for each unit at each site it stops.

One row for each route, *some unit stops it in time*, and one for each unit, *it holds one site*. As
a linear program it is solved in milliseconds, and where even that has no solution, nobody can stop
all routes; as an integer program it chooses a plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.integer_program import IntegerProgram, Solution
from stopline.sealing.local_side import LocalSide

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from stopline.sealing.search.goal import Goal
    from stopline.sealing.search.pursuit import Drive
    from stopline.sealing.search.search_context import SearchContext
    from stopline.sealing.search.unit_times import UnitTimes

_SOME: Final = 1e-7  # of a unit
_MOST_LATE: Final = 20_000_000  # entries of a table without rounding off


class PairProgram:
    """All that a search has learnt of routes, as rows.

    Args:
        context: pursuit, sides and needs.
        times: the units of all sides.
        goal: what is asked.
        most: what all units that are sent may cost together.
        price: float64[u], what it scores that each unit holds a site, by the row of the site.

    Attributes:
        drives: the routes.
    """

    def __init__(
        self,
        context: SearchContext,
        times: UnitTimes,
        goal: Goal,
        most: float,
        price: Callable[[int], NDArray[np.float64]],
    ) -> None:
        self._context, self._times, self._goal, self._price = context, times, goal, price
        strength = goal.prefer == "strength"
        cost = times.strength if strength else np.ones(times.units, dtype=np.int64)
        self.cost = cost.astype(np.float64)
        self.drives: list[Drive] = []
        self._exact: dict[int, NDArray[np.float64]] = {}
        self._columns: dict[int, NDArray[np.int64]] = {}  # of each unit, by the row of the site
        self._row: list[int] = []  # of the site of each column, -1 where it stands for a team
        self._unit: list[int] = []
        self._sides = [side for side in context.sides if isinstance(side, LocalSide)]
        self._whole = False
        self._stoppers: list[NDArray[np.int64]] = []  # columns of each route that anybody can stop
        self._route: list[tuple[int, int]] = []  # number and row of each such route
        self._program = IntegerProgram()
        if not goal.cheapest:
            self._program.allow_gap(np.inf)  # the first plan will do
        for _ in range(times.units):
            self._program.add_row(-np.inf, 1.0, [], [])
        # What everything may cost together; columns are added as routes ask for them.
        self._program.add_row(-np.inf, most, [], [])

    @property
    def columns(self) -> int:
        """How many there are."""
        return len(self._row)

    def solve(self, time_limit_s: float, *, whole: bool) -> Solution:
        """Solve it, with whole units or with shares of them."""
        if whole != self._whole and self.columns:
            self._program.make_integer(np.arange(self.columns), whole=whole)
        self._whole = whole
        return self._program.solve(time_limit_s)

    def weights(self) -> NDArray[np.float64]:
        """What it is worth that each route need not be stopped, by the last linear program."""
        found = np.zeros(len(self.drives))
        if self._route and not self._whole:
            number, row = np.array(self._route).T
            found[number] = self._program.row_duals()[row]
        return found

    def least_units(self, weight: NDArray[np.int64], scale: int) -> int:
        """How many units the weights of the routes show to be needed; 0 if some come in teams.

        Args:
            weight: int64[r], by route.
            scale: what a unit costs.
        """
        if self._times.teams or not self.columns:
            return 0
        at_column = np.zeros(self.columns, dtype=np.int64)
        for (number, _), column in zip(self._route, self._stoppers, strict=True):
            at_column[column] += weight[number]
        load = np.zeros(self._times.units, dtype=np.int64)
        np.maximum.at(load, np.array(self._unit), at_column)
        free = np.maximum(load - scale, 0).sum()
        return int(-((free - weight.sum()) // scale))

    def taken(
        self, values: NDArray[np.float64], least: float = _SOME
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Row of the site, unit and share of each pair of which a solution takes more than that."""
        row, unit = np.array(self._row, dtype=np.int64), np.array(self._unit, dtype=np.int64)
        chosen = np.flatnonzero((values > least) & (row >= 0))
        return row[chosen], unit[chosen], values[chosen]

    def stops(
        self, row: NDArray[np.int64], unit: NDArray[np.int64], share: NDArray[np.float64]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
        """Site of each pair, from when on it stops who enters it, and how much of a route."""
        times, goal = self._times, self._goal
        ready_s = np.array([self.ready(r)[u] for r, u in zip(row, unit, strict=True)])
        need = times.need[row]
        part = np.minimum(times.strength[unit], need) / need
        return times.site[row], ready_s + goal.margin_s, share * part

    def learn(self, drive: Drive) -> bool:
        """Ask for somebody who stops a route; whether there is anybody."""
        times, goal = self._times, self._goal
        self.drives.append(drive)
        met = self._context.chase.sites_met(drive)
        if not met or not times.site.size:
            return False
        site, met_s = np.array(list(met), dtype=np.int32), np.array(list(met.values()))
        row = np.minimum(np.searchsorted(times.site, site), times.site.shape[0] - 1)
        known = times.site[row] == site
        row, met_s = row[known], met_s[known]
        if not row.size:
            return False
        ready_s = times.ready_s[row]
        for i in np.flatnonzero(met_s >= times.until_s).tolist():
            ready_s[i] = self._late(int(row[i]))
        able = ready_s <= np.minimum(met_s - goal.margin_s, goal.latest_s)[:, None]
        able &= (able @ times.strength >= times.need[row])[:, None]
        alone = ~(able & (times.strength < times.need[row][:, None])).any(axis=1)
        columns = [self.pairs(row[alone], able[alone])]
        columns += [
            np.array([self._team(int(row[i]), able[i])])
            for i in np.flatnonzero(~alone & able.any(axis=1)).tolist()
        ]
        every = np.concatenate(columns)
        if every.size:
            self._route.append((len(self.drives) - 1, self._program.rows))
            self._stoppers.append(every)
            self._program.add_row(1.0, np.inf, every)
        return bool(every.size)

    def ready(self, row: int) -> NDArray[np.float64]:
        """When each unit closes the site of a row, as far as it has been asked for."""
        known = self._exact.get(row)
        return self._times.ready_s[row] if known is None else known

    def _late(self, row: int) -> NDArray[np.float64]:
        """The same for whoever comes late, too, which the table rounds off.

        Asked for as many sites as there are units, it is as dear as all times at once.
        """
        if row not in self._exact and len(self._exact) >= self._times.units:
            self._exact |= dict(enumerate(self._every_late()))
        if row not in self._exact:
            site = int(self._times.site[row])
            self._exact[row] = np.concatenate([side.ready_at(site) for side in self._sides])
        return self._exact[row]

    def _every_late(self) -> NDArray[np.float64]:
        """The table without rounding off; no rows where it would be too large, or time is out."""
        if self._times.ready_s.size > _MOST_LATE:
            return np.empty((0, self._times.units))
        sites, until = self._times.site, self._context.until
        try:
            blocks = [side.ready_s(sites, np.inf, until) for side in self._sides]
        except TimeoutError:
            return np.empty((0, self._times.units))
        return np.ascontiguousarray(np.concatenate(blocks).T)

    def pairs(self, row: NDArray[np.int64], able: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Columns of some units, bool[k, u], at the sites of some rows, int64[k]."""
        if not row.size:
            return np.empty(0, dtype=np.int64)
        units = self._times.units
        for one in row.tolist():
            if one not in self._columns:
                self._columns[one] = np.full(units, -1, dtype=np.int64)
        column = np.stack([self._columns[one] for one in row.tolist()])
        at, unit = np.nonzero(able & (column < 0))
        if at.size:
            price = np.stack([self._price(one) for one in row.tolist()])
            first = self._program.add_columns_with_rows(
                price[at, unit],
                0.0,
                1.0,
                2 * np.arange(at.size),
                np.column_stack((unit, np.full(at.size, units))).ravel(),
                np.column_stack((np.ones(at.size), self.cost[unit])).ravel(),
                integer=self._whole,
            )
            column[at, unit] = first + np.arange(at.size)
            for i, one in enumerate(row.tolist()):
                self._columns[one] = column[i]
            self._row += row[at].tolist()
            self._unit += unit.tolist()
        return column[able]

    def _team(self, row: int, able: NDArray[np.bool_]) -> int:
        """A column that says that some units close a site together."""
        times = self._times
        unit, need = np.flatnonzero(able), int(times.need[row])
        pairs = self.pairs(np.array([row]), able[None, :])
        closed = self._program.add_columns([0.0], 0.0, 1.0, integer=self._whole)
        self._row.append(-1)
        self._unit.append(-1)
        parts = np.minimum(times.strength[unit], need).astype(np.float64)
        self._program.add_row(
            -np.inf, 0.0, [closed, *pairs], np.concatenate(([float(need)], -parts))
        )
        return closed
