"""The linear program over routes where all units are known: who is to hold which site, in shares.

One row for each route, *units of one whole stop it in time*, and one for each unit, *it holds one
site*. A unit at a site is a column, but only where the program may want it: of all others, what
they would be worth by the prices of the last solution is found in one sweep, and those that would
pay are taken in. Where no shares stop all routes, nobody can; where decisions are added as bounds,
nobody can who keeps to them.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from stopline.integer_program import IntegerProgram, Outcome, Solution
from stopline.sealing.local_side import LocalSide

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from stopline.sealing.search.goal import Goal
    from stopline.sealing.search.pursuit import Drive
    from stopline.sealing.search.search_context import SearchContext
    from stopline.sealing.search.unit_times import UnitTimes

    Kind = Literal["site", "column"]
    Decision = tuple[Kind, int, bool]

_SOME: Final = 1e-7  # of a unit
_LACKING: Final = 5e-7  # of a route, which counts as nothing
_PAYS: Final = 1e-6
_AT_FIRST: Final = 6  # columns that a new route brings
_EACH: Final = 3  # columns for one unit, at one time
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
        # Of each column: row of the site, -1 where it stands for a team; unit; what it scores.
        self._row: list[int] = [-1]
        self._unit: list[int] = [-1]
        self._score: list[float] = [0.0]
        self._sides = [side for side in context.sides if isinstance(side, LocalSide)]
        # Where each route meets sites: row of the site, by when it must be closed, number.
        self._met_row: list[NDArray[np.int64]] = []
        self._met_by_s: list[NDArray[np.float64]] = []
        self._met_drive: list[NDArray[np.int64]] = []
        self._at_row: dict[int, list[tuple[float, int]]] = {}  # deadline and row of each route
        self._route_row: list[int] = []  # of each drive; -1 where nobody can stop it
        self._site_rows: dict[int, tuple[int, int]] = {}  # held and not, of sites decided
        self._program = IntegerProgram()
        for _ in range(times.units):
            self._program.add_row(-np.inf, 1.0, [], [])
        # What everything may cost together; columns are added as they are wanted.
        self._program.add_row(-np.inf, most, [], [])
        # By how much every route may be stopped too little: nothing, but to find out who is needed.
        self._program.add_columns([0.0], 0.0, _LACKING, integer=False)

    @property
    def empty(self) -> bool:
        """Whether no route is known that somebody can stop."""
        return not self._at_row

    # Solving.

    def solve(self, until: float) -> Solution:
        """Solve it over all units at all sites.

        Args:
            until: `time.perf_counter()` at which to stop.
        """
        enough = False
        while True:
            solved = self._program.solve(until - time.perf_counter())
            if solved.outcome is Outcome.OPTIMAL and self._take_in(self.cost):
                enough = False
                continue
            if solved.outcome is not Outcome.INFEASIBLE:
                return solved
            if enough:  # told apart by less than numbers can tell
                return replace(solved, outcome=Outcome.TIME_OUT)
            solved, enough = self._least_lacking(until), True
            if solved.outcome is not Outcome.OPTIMAL:
                return solved

    def _least_lacking(self, until: float) -> Solution:
        """Take in who is needed that all routes can be stopped, if they can."""
        program = self._program
        program.set_column(0, 0.0, np.inf)
        nothing = np.zeros_like(self.cost)
        while True:
            program.set_costs(np.eye(1, program.columns)[0])
            solved = program.solve(until - time.perf_counter())
            if solved.outcome is not Outcome.OPTIMAL or solved.values[0] <= _LACKING:
                break
            if not self._take_in(nothing):
                solved = Solution(Outcome.INFEASIBLE, np.empty(0), np.inf, np.inf)
                break
        program.set_costs(np.array(self._score))
        program.set_column(0, 0.0, _LACKING)
        return solved

    def _take_in(self, score: NDArray[np.float64]) -> bool:
        """Add columns that pay by the prices of the last solution; whether there are any.

        Args:
            score: float64[u], what each unit scores at any site.
        """
        if self._times.teams or self.empty:
            return False
        units = self._times.units
        dual = self._program.row_duals()
        worth = dual[np.array(self._route_row)]
        worth[np.array(self._route_row) < 0] = 0.0
        price = score - dual[:units] - self.cost * dual[units]
        rows, load = self._load(worth, float(price.min()), list(self._site_rows))
        if not rows.size:
            return False
        gain = load - price
        for number, row in enumerate(rows.tolist()):
            if row in self._site_rows:
                gain[number] += dual[list(self._site_rows[row])].sum()
            if row in self._columns:
                gain[number, self._columns[row] >= 0] = 0.0
        each = min(_EACH, rows.size)
        best = np.argpartition(-gain, each - 1, axis=0)[:each]
        unit = np.broadcast_to(np.arange(units), best.shape)
        pays = gain[best, unit] > _PAYS
        if not pays.any():
            return False
        self._add(rows[best[pays]], unit[pays])
        return True

    def _load(
        self, worth: NDArray[np.float64], least: float, also: Sequence[int] = ()
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Worth of all routes that each unit stops at each site: rows of the sites, float64[k, u].

        Args:
            worth: float64[r], of each route.
            least: sites where all routes are worth no more are left out.
            also: rows of sites that are not left out.
        """
        row, by_s = np.concatenate(self._met_row), np.concatenate(self._met_by_s)
        worth = worth[np.concatenate(self._met_drive)]
        wanted = np.bincount(row, worth, minlength=max(also, default=0) + 1) > least
        wanted[list(also)] = True
        entry = np.flatnonzero(wanted[row])
        entry = entry[np.argsort(row[entry], kind="stable")]
        rows, first, place = np.unique(row[entry], return_index=True, return_inverse=True)
        if not rows.size:
            return rows, np.zeros((0, self._times.units))
        in_time = self._ready_at(rows)[place] <= by_s[entry, None]
        return rows, np.add.reduceat(in_time * worth[entry, None], first, axis=0)

    # What solutions say.

    def weights(self) -> NDArray[np.float64]:
        """What it is worth that each route need not be stopped, by the last linear program."""
        found = np.zeros(len(self.drives))
        row = np.array(self._route_row, dtype=np.int64)
        if not self.empty:
            found[row >= 0] = self._program.row_duals()[row[row >= 0]]
        return found

    def least_units(self, weight: NDArray[np.int64], scale: int) -> int:
        """How many units the weights of the routes show to be needed; 0 if some come in teams.

        Args:
            weight: int64[r], by route.
            scale: what a unit costs.
        """
        if self._times.teams or not weight.any():
            return 0
        # Whole numbers, far below 2**53.
        _, load = self._load(weight.astype(np.float64), scale)
        free = np.maximum(load.max(axis=0, initial=0.0).astype(np.int64) - scale, 0).sum()
        return int(-((free - weight.sum()) // scale))

    def taken(
        self, values: NDArray[np.float64], least: float = _SOME
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Row of the site, unit and share of each pair of which a solution takes more than that."""
        row, unit = np.array(self._row, dtype=np.int64), np.array(self._unit, dtype=np.int64)
        chosen = np.flatnonzero((values > least) & (row >= 0))
        return row[chosen], unit[chosen], values[chosen]

    def undecided(self, values: NDArray[np.float64]) -> Decision | None:
        """What a solution is least of two minds about; None where all is whole.

        Whether a site is held at all comes before the question who holds it.
        """
        row = np.array(self._row, dtype=np.int64)
        held = np.bincount(row[row >= 0], weights=values[row >= 0], minlength=1)
        kinds: tuple[Kind, ...] = ("site", "column")
        for kind, share in zip(kinds, (held, values), strict=True):
            parts = np.where(share < 1 - _PAYS, share, 0.0)
            if parts.max() > _PAYS:
                return kind, int(np.argmax(parts)), True
        return None

    def decide(self, decision: Decision) -> None:
        """Let only solutions count that keep to a decision."""
        kind, number, held = decision
        if kind == "column":
            self._program.set_column(number, float(held), float(held))
            return
        if number not in self._site_rows:
            self._site_rows[number] = (self._program.rows, self._program.rows + 1)
            columns = self._columns[number]
            columns = columns[columns >= 0]
            self._program.add_row(-np.inf, np.inf, [0, *columns])
            self._program.add_row(-np.inf, np.inf, columns)
        there, nobody = self._site_rows[number]
        if held:
            self._program.set_row(there, 1.0, np.inf)
        else:
            self._program.set_row(nobody, -np.inf, 0.0)

    def take_back(self, decision: Decision) -> None:
        """Let all solutions count again."""
        kind, number, _ = decision
        if kind == "column":
            self._program.set_column(number, 0.0, 1.0)
        else:
            for row in self._site_rows[number]:
                self._program.set_row(row, -np.inf, np.inf)

    def stops(
        self, row: NDArray[np.int64], unit: NDArray[np.int64], share: NDArray[np.float64]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
        """Site of each pair, from when on it stops who enters it, and how much of a route."""
        times, goal = self._times, self._goal
        ready_s = np.array([self.ready(r)[u] for r, u in zip(row.tolist(), unit, strict=True)])
        need = times.need[row]
        part = np.minimum(times.strength[unit], need) / need
        return times.site[row], ready_s + goal.margin_s, share * part

    # Routes.

    def learn(self, drive: Drive) -> bool:
        """Ask for somebody who stops a route; whether there is anybody."""
        times, goal = self._times, self._goal
        number = len(self.drives)
        self.drives.append(drive)
        self._route_row.append(-1)
        met = self._context.chase.sites_met(drive)
        if not met or not times.site.size:
            return False
        site, met_s = np.array(list(met), dtype=np.int32), np.array(list(met.values()))
        row = np.minimum(np.searchsorted(times.site, site), times.site.shape[0] - 1)
        known = times.site[row] == site
        row, met_s = row[known], met_s[known]
        if not row.size:
            return False
        for one in row[met_s >= times.until_s].tolist():
            self._ask_late(one)
        ready_s = self._ready_at(row)
        by_s = np.minimum(met_s - goal.margin_s, goal.latest_s)
        able = ready_s <= by_s[:, None]
        able &= (able @ times.strength >= times.need[row])[:, None]
        if not able.any():
            return False
        at = self._route_row[number] = self._program.rows
        if times.teams:
            self._learn_teams(row, able)
            return True
        self._met_row.append(row)
        self._met_by_s.append(by_s)
        self._met_drive.append(np.full(row.size, number))
        columns = [
            self._columns[one][able[i] & (self._columns[one] >= 0)]
            for i, one in enumerate(row.tolist())
            if one in self._columns
        ]
        every = np.concatenate([np.zeros(1, dtype=np.int64), *columns])
        self._program.add_row(1.0, np.inf, every)
        for one, late_s in zip(row.tolist(), by_s.tolist(), strict=True):
            self._at_row.setdefault(one, []).append((late_s, at))
        if every.size == 1:  # those who have most time to spare
            i, unit = np.nonzero(able)
            spare_s = by_s[i] - ready_s[i, unit]
            first = np.argsort(-spare_s, kind="stable")[:_AT_FIRST]
            self._add(row[i[first]], unit[first])
        return True

    def _add(self, row: NDArray[np.int64], unit: NDArray[np.int64]) -> NDArray[np.int64]:
        """Make columns of units at the sites of some rows, in every route that they stop."""
        first: list[int] = []
        entries: list[int] = []
        factors: list[float] = []
        scores: list[float] = []
        number = self._program.columns
        for nth, (one, who) in enumerate(zip(row.tolist(), unit.tolist(), strict=True)):
            if one not in self._columns:
                self._columns[one] = np.full(self._times.units, -1, dtype=np.int64)
            self._columns[one][who] = number + nth
            ready_s = self.ready(one)[who]
            rows = [at for by_s, at in self._at_row.get(one, ()) if ready_s <= by_s]
            rows += self._site_rows.get(one, ())
            first.append(len(entries))
            entries += [who, self._times.units, *rows]
            factors += [1.0, self.cost[who], *([1.0] * len(rows))]
            scores.append(float(self._price(one)[who]))
        self._row += row.tolist()
        self._unit += unit.tolist()
        self._score += scores
        self._program.add_columns_with_rows(
            np.array(scores), 0.0, 1.0, first, entries, factors, integer=False
        )
        return number + np.arange(row.size)

    def pairs(self, row: NDArray[np.int64], able: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Columns of some units, bool[k, u], at the sites of some rows, int64[k]."""
        none = np.full(self._times.units, -1, dtype=np.int64)
        column = np.array([self._columns.get(one, none) for one in row.tolist()])
        at, unit = np.nonzero(able & (column.reshape(able.shape) < 0))
        if at.size:
            self._add(row[at], unit)
        every = [self._columns[one][able[i]] for i, one in enumerate(row.tolist()) if able[i].any()]
        return np.concatenate([np.empty(0, dtype=np.int64), *every])

    def _learn_teams(self, row: NDArray[np.int64], able: NDArray[np.bool_]) -> None:
        """Make a row of all who stop a route, where some do so only together."""
        times = self._times
        alone = ~(able & (times.strength < times.need[row][:, None])).any(axis=1)
        columns = [np.zeros(1, dtype=np.int64), self.pairs(row[alone], able[alone])]
        columns += [
            np.array([self._team(int(row[i]), able[i])])
            for i in np.flatnonzero(~alone & able.any(axis=1)).tolist()
        ]
        self._route_row[-1] = self._program.rows
        self._at_row.setdefault(-1, []).append((np.nan, self._program.rows))
        self._program.add_row(1.0, np.inf, np.concatenate(columns))

    def _team(self, row: int, able: NDArray[np.bool_]) -> int:
        """A column that says that some units close a site together."""
        times = self._times
        unit, need = np.flatnonzero(able), int(times.need[row])
        pairs = self.pairs(np.array([row]), able[None, :])
        closed = self._program.add_columns([0.0], 0.0, 1.0, integer=False)
        self._row.append(-1)
        self._unit.append(-1)
        self._score.append(0.0)
        parts = np.minimum(times.strength[unit], need).astype(np.float64)
        self._program.add_row(
            -np.inf, 0.0, [closed, *pairs], np.concatenate(([float(need)], -parts))
        )
        return closed

    # Times.

    def ready(self, row: int) -> NDArray[np.float64]:
        """When each unit closes the site of a row, as far as it has been asked for."""
        known = self._exact.get(row)
        return self._times.ready_s[row] if known is None else known

    def _ready_at(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The same for several rows, float64[k, u]."""
        ready_s = self._times.ready_s[rows]
        for number, row in enumerate(rows.tolist()) if self._exact else ():
            if row in self._exact:
                ready_s[number] = self._exact[row]
        return ready_s

    def _ask_late(self, row: int) -> None:
        """Ask for whoever comes late to a site, too, which the table rounds off.

        Asked for as many sites as there are units, it is as dear as all times at once.
        """
        if row not in self._exact and len(self._exact) >= self._times.units:
            self._exact |= dict(enumerate(self._every_late()))
        if row not in self._exact:
            site = int(self._times.site[row])
            self._exact[row] = np.concatenate([side.ready_at(site) for side in self._sides])

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
