"""Ask the planner of one place after the other: is a vehicle that is there at a time sealed in?

Two things are carried from place to place. A plan that seals near by, or a little later, is where
the search begins, so that few rounds repair it or show that nobody can. And the routes of a proof
that none can hold for every place from which each of them can be joined in time.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.event.atlas_work import PlannerAnswer
from stopline.sealing.problem import Source
from stopline.sealing.search.goal import Goal, nothing, shut_by
from stopline.sealing.search.repair_search import RepairSearch
from stopline.sealing.search.route_weights import weigh
from stopline.sealing.search.sealer import Sealer
from stopline.sealing.search.search_context import SearchContext
from stopline.sealing.search.unit_times import unit_times
from stopline.sealing.session import prepare

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.event.atlas_work import AtlasWork
    from stopline.sealing.search.goal import Found
    from stopline.sealing.search.pursuit import PursuitGraph

_ROUNDING_S: Final = 2e-6  # a proof is not carried over on less than this
_WEIGHINGS: Final = 4  # of the routes of a proof, each for a later start
_LATER_S: Final = 120.0  # so much later at most is a proof's start
_STEP_S: Final = 0.5


class PlacePlanner:
    """Answers for places under one set of forces.

    Args:
        work: bounds, and plans that are known; answers are not put into it here.
    """

    def __init__(self, work: AtlasWork) -> None:
        self._work = work
        session = work.session
        problem = session.problem
        self._need = problem.sites.need
        self._goal = Goal(margin_s=problem.rules.margin_s, cheapest=False)
        self._times = unit_times(work.search.chase, session.sides, self._need)
        self._unit: dict[str, int] = {}
        self._row: dict[int, int] = {}
        if self._times is not None:
            names = [side.name for side in session.sides]
            pairs = zip(self._times.side.tolist(), self._times.number.tolist(), strict=True)
            for unit, (side, number) in enumerate(pairs):
                placed = session.readiness[names[side]].placed
                self._unit[placed.units[number].id] = unit
            self._row = {site: row for row, site in enumerate(self._times.site.tolist())}

    def from_nothing(self, junction: int, time_s: float, limit_s: float) -> PlannerAnswer:
        """Ask whether some plan seals a vehicle that is at a junction at a time.

        Args:
            junction: where.
            time_s: when, the alarm being at 0.
            limit_s: computing time.
        """
        started = time.perf_counter()
        session = self._work.session
        source = Source(name=f"junction {junction}", time_s=time_s, junction=junction)
        here = prepare(replace(session.problem, sources=(source,)), session)
        sealer = Sealer(here.chase, here.sides, self._need, started + limit_s)
        found = sealer.solve(self._goal)
        # Its drives are those of another graph.
        found = found if found.sealed else replace(found, drives=())
        return self._answer(found, junction, time_s, time.perf_counter() - started)

    def repaired(self, junction: int, time_s: float, limit_s: float) -> PlannerAnswer:
        """Ask the same, beginning with the plan that seals soonest there, if there is one.

        Args:
            junction: where.
            time_s: when, the alarm being at 0.
            limit_s: computing time.
        """
        started = time.perf_counter()
        work = self._work
        if self._times is None:
            return self.from_nothing(junction, time_s, limit_s)
        plan = min(work.plans, key=lambda one: float(one.latest_s[junction]), default=None)
        chase = work.search.chase
        pursuit = replace(
            chase,
            start_node=chase.graph.nodes_of(junction)[:1].astype(np.int32),
            start_s=np.array([time_s]),
            start_source=np.zeros(1, dtype=np.int32),
            start_arc=np.full(1, -1, dtype=np.int32),
        )
        context = SearchContext(pursuit, work.session.sides, self._need, started + limit_s)
        pairs = [
            (self._row[site], self._unit[unit])
            for unit, site in (plan.held.items() if plan is not None else ())
            if site in self._row and unit in self._unit
        ]
        search = RepairSearch(context, self._times, self._goal, pairs)
        found = search.solve(nothing(()), 0.0)
        if found.proven and not found.sealed:
            found, time_s = self._stretched(pursuit, found, time_s)
        return self._answer(found, junction, time_s, time.perf_counter() - started)

    def _stretched(self, pursuit: PursuitGraph, found: Found, time_s: float) -> tuple[Found, float]:
        """The routes that a proof needs, and the latest start for which they are one.

        Weights that tell most at one start mostly tell at later ones, too; there, others tell
        still more.
        """
        weights = None
        if self._times is not None:
            weights = weigh(pursuit, self._times, self._goal, found.drives)
        if weights is None:
            return found, time_s
        later_s = 0.0
        for _ in range(_WEIGHINGS):
            until_s = _last(weights.holds, later_s, _LATER_S)
            again = weights.weighed(until_s + _STEP_S)
            if again is None:
                later_s = until_s
                break
            weights, later_s = again, until_s + _STEP_S
        return replace(found, drives=weights.drives), time_s + later_s

    def _answer(self, found: Found, junction: int, time_s: float, seconds: float) -> PlannerAnswer:
        shut_s = np.empty(0)
        if found.sealed:
            shut_s = shut_by(found, self._need, self._goal.margin_s)
        rows = np.flatnonzero(np.isfinite(shut_s))
        impossible = found.proven and not found.sealed
        return PlannerAnswer(
            junction=junction,
            impossible_s=self._spread(found, junction, time_s) if impossible else {},
            shut_s={int(row): float(shut_s[row]) for row in rows},
            held=_held(found),
            seconds=seconds,
        )

    def _spread(self, found: Found, junction: int, time_s: float) -> dict[int, float]:
        """By junction, until when it is impossible for the same reason."""
        work, known = self._work, {junction: time_s}
        if not found.drives:
            return known
        until_s = work.search.joins_s(found.drives, time_s, work.earliest_s) - _ROUNDING_S
        more = np.flatnonzero(np.isfinite(until_s) & (until_s > np.maximum(work.low_s, 0.0)))
        return {int(other): float(until_s[other]) for other in more} | known


def _last(holds: Callable[[float], bool], from_s: float, most_s: float) -> float:
    """Until when something holds that holds at a time, and never again once it does not."""
    until_s = from_s + most_s
    while until_s - from_s > _STEP_S / 2:
        middle = (from_s + until_s) / 2
        from_s, until_s = (middle, until_s) if holds(middle) else (from_s, middle)
    return from_s


def _held(found: Found) -> dict[str, int]:
    """Site that each unit of a plan holds, by the unit's id."""
    held: dict[str, int] = {}
    if found.answers is None or found.question is None:
        return held
    for options, commitment in found.answers.commitments.values():
        for option, holders in zip(options.tolist(), commitment.holders, strict=False):
            held |= {holder.unit: int(found.question.site[option]) for holder in holders}
    return held
