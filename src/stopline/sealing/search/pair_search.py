"""Exact search by routes where all units are known: a column for each unit at each site it stops.

Each round solves an integer program with one row for each route that escaped so far, *some unit
stops it in time*, and one for each unit, *it holds one site*; the plan is simulated, and what
escapes is the next rows. The program is a relaxation, so that its bound holds at any time; where it
has no solution the routes are the proof. Where units answer questions one by one, it takes a
refusal for every pair of sites that want the same unit; here the program knows.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.integer_program import IntegerProgram, Outcome, Solution
from stopline.sealing.local_side import LocalSide
from stopline.sealing.search.goal import nothing, proven_best, shut_by
from stopline.sealing.search.held_plan import plan_of_pairs
from stopline.sealing.search.pursuit import Drive

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.search.goal import Found, Goal
    from stopline.sealing.search.search_context import SearchContext
    from stopline.sealing.search.unit_times import UnitTimes

_ROUNDING: Final = 1e-6
_HALF: Final = 0.5
_ROUTES_A_ROUND: Final = 12


class PairSearch:
    """One search; what it has learnt of routes stays.

    Args:
        context: pursuit, sides and needs.
        times: the units of all sides.
        goal: what is asked.
        most: only plans that cost at most this are wanted.

    Attributes:
        drives: the routes that escaped.
    """

    def __init__(self, context: SearchContext, times: UnitTimes, goal: Goal, most: float) -> None:
        self._context, self._times, self._goal = context, times, goal
        self.drives: list[Drive] = []
        strength = goal.prefer == "strength"
        cost = times.strength if strength else np.ones(times.units, dtype=np.int64)
        self._cost = cost.astype(np.float64)
        self._exact: dict[int, NDArray[np.float64]] = {}
        self._pair: dict[tuple[int, int], int] = {}  # (row of the site, unit) to its column
        self._program = IntegerProgram()
        for _ in range(times.units):
            self._program.add_row(-np.inf, 1.0, [], [])
        # What everything may cost together; columns are added as routes ask for them.
        self._program.add_row(-np.inf, most, [], [])

    def solve(self, sure: Found, bound: float) -> Found:
        """Search until the cheapest plan is found, none is left, or time runs out.

        Args:
            sure: the best plan so far, if any; the search is for cheaper ones.
            bound: what is known to be the least cost.
        """
        context, best = self._context, sure
        while not (best.sealed and (best.cost <= bound or not self._goal.cheapest)):
            solved = self._solved()
            if solved.outcome is Outcome.INFEASIBLE:
                return proven_best(best) if best.sealed else nothing(tuple(self.drives))
            if self._goal.cheapest and np.isfinite(solved.bound):
                bound = max(bound, float(np.ceil(solved.bound - _ROUNDING)))
            plan, escapes = self._try(solved)
            if not escapes and not (best.sealed and plan.cost >= best.cost):
                best = plan
            late = solved.outcome is Outcome.TIME_OUT or time.perf_counter() > context.until
            if late or not escapes:
                break
            for drive in escapes:
                if not self._learn(drive):  # nobody stops it
                    return nothing((drive,))
        bound = min(bound, float(best.cost)) if best.sealed else bound
        return replace(best, bound=bound, proven=best.sealed and best.cost <= bound)

    def _solved(self) -> Solution:
        """The cheapest choice of units that stops all routes known; nobody while there are none."""
        if not self._pair:
            return Solution(Outcome.OPTIMAL, np.zeros(self._program.columns), 0.0, 0.0)
        return self._program.solve(self._context.until - time.perf_counter())

    def _try(self, solved: Solution) -> tuple[Found, list[Drive]]:
        """The plan of a solution, and what escapes it."""
        if self._pair and not solved.values.size:
            return nothing(()), [Drive(0, ())]
        taken = [pair for pair, column in self._pair.items() if solved.values[column] > _HALF]
        held = self._needed(taken)
        plan = plan_of_pairs(self._context.sides, self._times, held, self._goal)
        shut_s = shut_by(plan, self._context.need, self._goal.margin_s)
        return plan, self._escapes(shut_s.copy())

    def _needed(self, taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Without units that come when a site is closed already, or that it closes without."""
        times, teams = self._times, dict[int, list[int]]()
        for row, unit in taken:
            teams.setdefault(row, []).append(unit)
        held: list[tuple[int, int]] = []
        for row, units in teams.items():
            ready_s = self._exact.get(row, times.ready_s[row])
            team: list[int] = []
            need, have = int(times.need[row]), 0
            for unit in sorted(units, key=lambda u: (ready_s[u], -int(times.strength[u]))):
                if have < need:
                    team.append(unit)
                    have += int(times.strength[unit])
            for unit in sorted(team, key=lambda u: int(times.strength[u])):
                if have - int(times.strength[unit]) >= need:
                    team.remove(unit)
                    have -= int(times.strength[unit])
            held += [(row, unit) for unit in team]
        return held

    def _escapes(self, shut_s: NDArray[np.float64]) -> list[Drive]:
        """Drives that escape, diverse: each one found is barred at its last site."""
        found: list[Drive] = []
        while len(found) < _ROUTES_A_ROUND:
            drive = self._context.escape(shut_s, self._goal.horizon_s)
            if drive is None:
                break
            found.append(drive)
            met = self._context.chase.sites_met(drive)
            last = [site for site in met if shut_s[site] > met[site]][-1:]
            if not last:
                break
            shut_s[last] = -np.inf
        return found

    def _learn(self, drive: Drive) -> bool:
        """Ask for somebody who stops a route; whether there is anybody."""
        times, goal = self._times, self._goal
        self.drives.append(drive)
        columns: list[int] = []
        for site, met_s in self._context.chase.sites_met(drive).items():
            row = int(np.searchsorted(times.site, site))
            if row >= times.site.shape[0] or times.site[row] != site:
                continue
            ready_s = self._ready(row, site, met_s)
            able = np.flatnonzero(ready_s <= min(met_s - goal.margin_s, goal.latest_s))
            need = int(times.need[row])
            if int(times.strength[able].sum()) < need:
                continue
            pairs = [self._column(row, int(unit)) for unit in able]
            strength = times.strength[able]
            if strength.min() >= need:
                columns += pairs
                continue
            closed = self._program.add_columns([0.0], 0.0, 1.0, integer=True)
            parts = np.minimum(strength, need).astype(np.float64)
            self._program.add_row(
                -np.inf, 0.0, [closed, *pairs], np.concatenate(([float(need)], -parts))
            )
            columns.append(closed)
        if columns:
            self._program.add_row(1.0, np.inf, columns)
        return bool(columns)

    def _column(self, row: int, unit: int) -> int:
        known = self._pair.get((row, unit))
        if known is None:
            known = self._program.add_columns_with_rows(
                [self._price(row, unit)],
                0.0,
                1.0,
                [0],
                [unit, self._times.units],
                [1.0, float(self._cost[unit])],
                integer=True,
            )
            self._pair[row, unit] = known
        return known

    def _price(self, row: int, unit: int) -> float:  # noqa: ARG002  (for kinds to which it matters)
        """What it scores that a unit holds a site; also where any plan will do: nobody in vain."""
        return float(self._cost[unit])

    def _ready(self, row: int, site: int, met_s: float) -> NDArray[np.float64]:
        """When each unit closes a site; the table rounds off what is late."""
        times = self._times
        if met_s < times.until_s:
            ready_s: NDArray[np.float64] = times.ready_s[row]
            return ready_s
        if row not in self._exact:
            sides = [side for side in self._context.sides if isinstance(side, LocalSide)]
            self._exact[row] = np.concatenate([side.ready_at(site) for side in sides])
        return self._exact[row]
