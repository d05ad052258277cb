"""The zero-sum game against a driver who knows the strategy but not the draw: double oracle.

Two pools grow, of plans and of routes (McMahan, Gordon, Blum 2003). A linear program solves the
game between them; then each side answers the other's mixture exactly. The driver's answer shows
what our mixture assures, ours shows what no mixture exceeds; the game ends when both meet.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stopline.errors import BadInput
from stopline.integer_program import IntegerProgram, Outcome
from stopline.interdiction.escape import BestResponse, best_answer
from stopline.interdiction.greedy import greedy_start
from stopline.interdiction.incidence import Meetings, incidence
from stopline.interdiction.intercept import best_plan
from stopline.interdiction.interception import interception
from stopline.interdiction.strategy import Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.belief.routes import Routes
    from stopline.interdiction.escape import Escape
    from stopline.interdiction.means import Means

_CLOSE = 1e-9
_RARE = 1e-9  # plans that are drawn less often are left out
_QUARTER = 0.25
_LAST_S = 0.5  # for a last bound when the time is over


def randomise(
    escape: Escape,
    means: Means,
    *,
    routes: Routes | None = None,
    gap: float = 0.01,
    time_limit_s: float = 10.0,
    most_labels: int = 2_000_000,
) -> Strategy:
    """Find the mixture of plans that assures the most.

    Args:
        escape: what the driver can do.
        means: units and sites.
        routes: routes to begin with, such as those sampled from the belief.
        gap: end when the value is this near to its bound, as a fraction; 0 for the exact value.
        time_limit_s: of computing; the best mixture by then comes with its bound.
        most_labels: of one search for the driver's answer.
    """
    if not 0.0 <= gap < 1.0:
        raise BadInput.single("randomise: gap", str(gap), "a fraction from 0 on, for example 0.01")
    if means.arc_site.shape != escape.head.shape:
        seen = f"{means.arc_site.shape[0]} arcs"
        raise BadInput.single("means.arc_site", seen, f"{escape.head.shape[0]} as in the graph")
    game = _Game(escape, means, gap, time.perf_counter() + time_limit_s, most_labels)
    return game.play(routes)


@dataclass(slots=True)
class _Pool:
    """Plans and routes found so far; k plans, r routes.

    Attributes:
        met: where the routes meet sites.
        site_of: int32[u] of each plan.
        shut_s: float64[c] of each plan.
        latest_s: float64[n] of each plan.
        stops: bool[k, r].
    """

    met: Meetings
    site_of: list[NDArray[np.int32]]
    shut_s: list[NDArray[np.float64]]
    latest_s: list[NDArray[np.float64]]
    stops: NDArray[np.bool_]


class _Game:
    """One game being solved."""

    def __init__(
        self, escape: Escape, means: Means, gap: float, until: float, most_labels: int
    ) -> None:
        self._escape, self._means, self._gap, self._until = escape, means, gap, until
        self._most_labels = most_labels
        none = Meetings(np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0))
        self._pool = _Pool(none, [], [], [], np.zeros((0, 0), dtype=np.bool_))
        self._known: set[bytes] = set()

    def play(self, routes: Routes | None) -> Strategy:
        """Let both sides answer until their values meet."""
        idle = np.full(self._means.units, -1, dtype=np.int32)
        self._add_plan(idle)
        first = self._drive(np.ones(1), np.inf)
        if first.routes is None:  # no exit can be reached: whatever we do, it is stopped
            return Strategy(site_of=idle[None], chance=np.ones(1), value=1.0, bound=1.0)
        self._add_routes(first.routes)
        if routes is not None and routes.count:
            self._add_routes(routes)
        best, bound, rounds, ended = self._mixture(np.ones(1), first.least), 1.0, 0, "gap"
        while True:
            rounds += 1
            value, ours, theirs = self._solve()
            limit = value * (1.0 - _QUARTER * self._gap) - _CLOSE
            answer = self._drive(ours, limit)
            if answer.least > best.value:
                best = self._mixture(ours, answer.least)
            bound = min(bound, self._counter(theirs, value))
            if answer.routes is not None:
                self._add_routes(answer.routes)
            if bound - best.value <= max(self._gap * bound, 4 * _CLOSE):
                break
            if time.perf_counter() > self._until:
                ended = "time"
                break
            if answer.labels >= self._most_labels and answer.routes is None:
                ended = "labels"
                break
        return replace(best, bound=max(bound, best.value), rounds=rounds, ended=ended)

    def _mixture(self, chance: NDArray[np.float64], value: float) -> Strategy:
        used = np.flatnonzero(chance > _RARE)
        left = chance[used] / chance[used].sum()
        lost = float(np.abs(left - chance[used]).sum())
        plans = np.array([self._pool.site_of[plan] for plan in used])
        return Strategy(
            site_of=plans, chance=left, value=min(1.0, max(0.0, value - lost)), bound=1.0
        )

    def _drive(self, chance: NDArray[np.float64], limit: float) -> BestResponse:
        used = np.flatnonzero(chance > _RARE)
        return best_answer(
            self._escape,
            self._means,
            np.array([self._pool.shut_s[plan] for plan in used]),
            np.array([self._pool.latest_s[plan] for plan in used]),
            chance[used],
            limit=limit,
            most_labels=self._most_labels,
        )

    def _counter(self, theirs: NDArray[np.float64], value: float) -> float:
        """Answer the driver's mixture; no plan stops more of it than what is returned.

        As long as greedy answers do better than `value`, they are enough to go on.
        """
        enough = value * (1.0 + _QUARTER * self._gap) + _CLOSE
        quick = best_plan(self._pool.met, theirs, self._means, gap=1.0)
        self._add_plan(self._filled(quick.site_of, quick.stopped))
        if quick.value > enough and not quick.proven and time.perf_counter() < self._until:
            return quick.bound
        left = max(_LAST_S, self._until - time.perf_counter())
        found = best_plan(
            self._pool.met, theirs, self._means, time_limit_s=left, gap=_QUARTER * self._gap
        )
        self._add_plan(self._filled(found.site_of, found.stopped))
        return found.bound

    def _filled(self, site_of: NDArray[np.int32], stopped: NDArray[np.bool_]) -> NDArray[np.int32]:
        """Let units that hold nothing stop further routes of the pool."""
        idle = np.flatnonzero(site_of < 0)
        if not idle.size or stopped.all():
            return site_of
        means = replace(
            self._means, ready_s=self._means.ready_s[idle], strength=self._means.strength[idle]
        )
        weight = np.where(stopped, 0.0, 1.0 / stopped.shape[0])
        made = incidence(self._pool.met, weight, means)
        start = greedy_start(made, exchanges=False)
        more = interception(start.held, made, self._pool.met, weight, means, bound=start.bound)
        out = site_of.copy()
        # A unit more at a site that is held would do no harm, so nothing else needs a look.
        out[idle] = more.site_of
        return out

    def _add_plan(self, site_of: NDArray[np.int32]) -> None:
        if site_of.tobytes() in self._known:
            return
        self._known.add(site_of.tobytes())
        pool, shut_s = self._pool, self._means.shut_s(site_of)
        pool.site_of.append(site_of)
        pool.shut_s.append(shut_s)
        pool.latest_s.append(self._escape.latest_s(self._means, shut_s))
        pool.stops = np.vstack((pool.stops, pool.met.stopped(shut_s)[None]))

    def _add_routes(self, routes: Routes) -> None:
        pool, more = self._pool, Meetings.of(routes, self._means)
        stops = np.array([more.stopped(shut_s) for shut_s in pool.shut_s])
        pool.stops = np.hstack((pool.stops, stops))
        pool.met = Meetings(
            np.concatenate((pool.met.first, pool.met.first[-1] + more.first[1:])),
            np.concatenate((pool.met.site, more.site)),
            np.concatenate((pool.met.met_s, more.met_s)),
        )

    def _solve(self) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Value and both mixtures of the game between the pools."""
        stops = self._pool.stops
        plans, routes = stops.shape
        # Routes stopped by the same plans are one row.
        columns, of = np.unique(np.packbits(stops, axis=0), axis=1, return_index=True)
        program = IntegerProgram()  # bounds on the columns would take duals from the rows
        program.add_columns(np.zeros(plans), 0.0, np.inf, integer=False)
        value = program.add_columns([-1.0], -np.inf, np.inf, integer=False)
        program.add_row(1.0, 1.0, np.arange(plans))
        table = stops[:, of].T
        row, plan = np.nonzero(table)
        first = np.searchsorted(row, np.arange(columns.shape[1]))
        at = first + np.arange(columns.shape[1])
        program.add_rows(
            -np.inf,
            0.0,
            at,
            np.insert(plan, first, value),
            np.insert(-np.ones(plan.size), first, 1.0),
        )
        solution = program.solve()
        if solution.outcome is not Outcome.OPTIMAL:  # pragma: no cover
            msg = f"the game between {plans} plans and {routes} routes has no value"
            raise ArithmeticError(msg)
        ours = np.maximum(solution.values[:plans], 0.0)
        theirs = np.zeros(routes)
        theirs[of] = np.maximum(-program.row_duals()[1:], 0.0)
        return -solution.objective, ours / ours.sum(), theirs / theirs.sum()
