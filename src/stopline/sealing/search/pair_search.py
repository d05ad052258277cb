"""Exact search by routes where all units are known: a column for each unit at each site it stops.

Each round solves the linear program over the routes known so far, then looks for the routes that
its shares of units stop least, until there is none. Shares that are not whole are decided one by
one, with routes learnt on the way, and the search turns back where no shares are left; a plan is
simulated, and what escapes is the next rows. Every program is a relaxation, so that the bound of
the first holds at any time; where both ways of every decision are done the routes are the proof.
Where units answer questions one by one, it takes a refusal for every pair of sites that want the
same unit; here the program knows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.integer_program import Outcome, Solution
from stopline.sealing.search.certify import Certifier
from stopline.sealing.search.flow_certificate import OpenReach
from stopline.sealing.search.goal import nothing, proven_best, shut_by
from stopline.sealing.search.held_plan import plan_of_pairs
from stopline.sealing.search.lightest_routes import LightestRoutes
from stopline.sealing.search.pair_program import PairProgram
from stopline.sealing.search.surely_reached import SureWay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.plan import Certificate
    from stopline.sealing.search.goal import Found, Goal
    from stopline.sealing.search.pair_program import Decision
    from stopline.sealing.search.pursuit import Drive
    from stopline.sealing.search.search_context import SearchContext
    from stopline.sealing.search.unit_times import UnitTimes

_ROUNDING: Final = 1e-6
_HALF: Final = 0.5
_ROUTES_A_ROUND: Final = 16
_SCALE: Final = 1_000_000  # weights of a certificate are whole numbers of this part of a unit
_NO_WAY: Final = Solution(Outcome.INFEASIBLE, np.empty(0), np.inf, np.inf)


class PairSearch:
    """One search; what it has learnt of routes stays.

    Args:
        context: pursuit, sides and needs.
        times: the units of all sides.
        goal: what is asked.
        most: only plans that cost at most this are wanted.
    """

    def __init__(self, context: SearchContext, times: UnitTimes, goal: Goal, most: float) -> None:
        self._context, self._times, self._goal = context, times, goal
        self._program = PairProgram(context, times, goal, most, self._price)
        self._lightest = LightestRoutes(context.chase, context.need.shape[0])
        self._known: set[Drive] = set()
        self._unstopped: Drive | None = None
        self._decisions: list[tuple[Decision, bool]] = []  # and whether the other way is done
        self._weights = np.empty(0)  # of the routes in the linear program that gave the bound

    @property
    def drives(self) -> list[Drive]:
        """The routes that were learnt."""
        return self._program.drives

    def solve(self, sure: Found, bound: float) -> Found:
        """Search until the cheapest plan is found, none is left, or time runs out.

        Args:
            sure: the best plan so far, if any; the search is for cheaper ones.
            bound: what is known to be the least cost.
        """
        best, cheapest = sure, self._goal.cheapest
        while not (best.sealed and (best.cost <= bound or not cheapest)):
            solved = self._shares()
            if solved.outcome is Outcome.TIME_OUT:
                break
            least = float(np.ceil(solved.objective - _ROUNDING)) if cheapest else -np.inf
            if not self._decisions and np.isfinite(least):
                bound, self._weights = max(bound, least), self._program.weights()
            if solved.outcome is Outcome.INFEASIBLE or (best.sealed and least >= best.cost):
                if self._unstopped is not None:
                    return nothing((self._unstopped,))
                if not self._turn():
                    return proven_best(best) if best.sealed else nothing(tuple(self.drives))
                continue
            decision = self._program.undecided(solved.values)
            if decision is not None:
                self._decide(decision)
                continue
            plan, escapes = self._try(solved)
            best = best if escapes else plan
            if escapes and not self._learn_some(escapes):
                break  # times that were rounded off
        bound = min(bound, float(best.cost)) if best.sealed else bound
        shown = self._certificate(bound) or best.certificate
        return replace(
            best, bound=bound, proven=best.sealed and best.cost <= bound, certificate=shown
        )

    def _certificate(self, units: float) -> Certificate | None:
        """Why no plan uses fewer units than these, if the weights of the linear program show it."""
        goal, chase = self._goal, self._context.chase
        limited = np.isfinite(goal.latest_s) or np.isfinite(goal.horizon_s)
        if limited or goal.prefer != "units" or chase.split or not 1 <= units < np.inf:
            return None
        weight = np.zeros(len(self.drives), dtype=np.int64)
        weight[: self._weights.shape[0]] = np.rint(np.maximum(self._weights, 0.0) * _SCALE)
        if self._program.least_units(weight, _SCALE) < units:
            return None
        starts, ways = chase.start_node, []
        for number in np.flatnonzero(weight).tolist():
            drive = self.drives[number]
            node, at_s = int(starts[drive.start]), float(chase.start_s[drive.start])
            ways.append((int(weight[number]), SureWay(node, at_s, drive.arcs)))
        certifier = Certifier(chase, OpenReach(chase, self._context.core(goal)))
        return certifier.bound(ways, goal.margin_s, int(units), _SCALE)

    def _shares(self) -> Solution:
        """Shares of units that stop every route, learning routes as they are lacking."""
        while True:
            if self._unstopped is not None:
                return _NO_WAY
            solved = self._program.solve(self._context.until)
            if solved.outcome is not Outcome.OPTIMAL:
                return solved
            chosen = self._program.stops(*self._program.taken(solved.values))
            drives = self._lightest.find(*chosen, _ROUTES_A_ROUND, self._goal.horizon_s)
            if not self._learn_some(drives):
                return solved

    def _decide(self, decision: Decision) -> None:
        """Go on with what keeps to a decision; the other way is left for later."""
        self._program.decide(decision)
        self._decisions.append((decision, False))

    def _turn(self) -> bool:
        """Go the other way from the last decision that has one left; whether there is any."""
        while self._decisions:
            decision, turned = self._decisions.pop()
            self._program.take_back(decision)
            if not turned:
                kind, number, held = decision
                decision = (kind, number, not held)
                self._program.decide(decision)
                self._decisions.append((decision, True))
                return True
        return False

    def _try(self, solved: Solution) -> tuple[Found, list[Drive]]:
        """The plan of a solution, and what escapes it."""
        row, unit, _ = self._program.taken(solved.values, _HALF)
        held = self._needed(list(zip(row.tolist(), unit.tolist(), strict=True)))
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
            ready_s = self._program.ready(row)
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

    def _learn_some(self, drives: list[Drive]) -> bool:
        """Learn routes; whether any of them was not known."""
        new = [drive for drive in drives if drive not in self._known]
        for drive in new:
            self._learn(drive)
        return bool(new)

    def _learn(self, drive: Drive) -> None:
        """Ask for somebody who stops a route."""
        self._known.add(drive)
        if not self._program.learn(drive):
            self._unstopped = drive

    def _price(self, row: int) -> NDArray[np.float64]:  # noqa: ARG002  (for kinds to which it matters)
        """What it scores that each unit holds a site; where any plan will do: nobody in vain."""
        return self._program.cost
