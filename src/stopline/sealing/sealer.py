"""Seal completely: the cheapest plan that stops every route, or the proof that there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stopline.sealing.cut_graph import OpenRoute, contract
from stopline.sealing.goal import Found, Goal, found, nothing, shut_times
from stopline.sealing.deadlines import Arrival, optimistic, unhindered
from stopline.sealing.question import Answers, Question, make_question
from stopline.sealing.route_search import RouteSearch
from stopline.sealing.static_cut import CutResult, cheapest_cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.sealing.chase import Chase, Drive
    from stopline.sealing.cut_graph import CutGraph
    from stopline.sealing.side import Side


class Sealer:
    """Answers goals on one chase.

    Args:
        chase: the graph.
        sides: whom to ask.
        need: int32[c], strength that closes each site.
        until: `time.perf_counter()` at which to give the best so far.
    """

    def __init__(
        self,
        chase: Chase,
        sides: Sequence[Side],
        need: NDArray[np.int32],
        until: float = np.inf,
    ) -> None:
        self.chase = chase
        self.sides = sides
        self.need = need
        self.until = until
        self.free = unhindered(chase)

    def solve(self, goal: Goal) -> Found:
        """Find the cheapest plan that reaches a goal."""
        core = optimistic(
            self.chase, self.free, self.sides, self.need, goal.margin_s, goal.latest_s
        )
        if np.isfinite(core.at_s[self.chase.way_out]):
            way_out = self.chase.drive_to(core.via, core.origin, self.chase.way_out)
            return nothing((way_out,))
        sure = self._sure(goal)
        if sure.sealed and (sure.proven and sure.cost <= sure.bound) and not goal.cheapest:
            return sure
        if sure.sealed and not goal.cheapest:
            return sure
        return self._improve(goal, core, sure)

    def escape(self, shut_s: NDArray[np.float64]) -> Drive | None:
        """The earliest drive out that enters no site from its `shut_s` on, if there is one."""
        chase = self.chase
        found = chase.search.run(chase.start_node, chase.start_s, shut_s=shut_s)
        if not np.isfinite(found.arrival_s[chase.way_out]):
            return None
        return chase.drive_to(found.via, found.origin, chase.way_out)

    def _sure(self, goal: Goal) -> Found:
        """The cheapest plan that meets the unhindered deadlines: it seals whatever happens."""
        by_s = self.free.by_s(self.chase, goal.margin_s)
        by_s[np.isinf(by_s)] = np.nan  # the vehicle never comes there
        question, graph = self._contract(goal, by_s, None)
        if isinstance(graph, OpenRoute):
            return nothing(())
        result = cheapest_cut(graph, question, self.sides, until=self.until, most=goal.most)
        return found(question, result)

    def _contract(
        self, goal: Goal, by_s: NDArray[np.float64], reached: NDArray[np.bool_] | None
    ) -> tuple[Question, CutGraph | OpenRoute]:
        question = make_question(
            self.chase,
            self.sides,
            self.need,
            np.minimum(by_s, goal.latest_s),
            prefer=goal.prefer,
        )
        return question, contract(self.chase, question.capacity, reached)

    def _improve(self, goal: Goal, core: Arrival, sure: Found) -> Found:
        """Bound from the optimistic deadlines, and the plans that only they allow."""
        most = min(goal.most, sure.cost - 1) if sure.sealed else goal.most
        by_s = core.by_s(self.chase, goal.margin_s)
        by_s[~np.isfinite(self.free.at_s[self.chase.tail])] = np.nan
        question, graph = self._contract(goal, by_s, np.isfinite(core.at_s))
        if isinstance(graph, OpenRoute):  # pragma: no cover  (the core would hold the way out)
            return nothing(())
        result = cheapest_cut(graph, question, self.sides, until=self.until, most=most)
        if result.options is None and result.proven:
            if sure.sealed:
                return replace(sure, bound=float(sure.cost), proven=True)
            return replace(nothing(()), bound=result.bound)
        if result.answers is not None and result.cost <= most:
            hopeful = found(question, result)
            if self.escape(shut_times(question, result.answers, self.need, goal.margin_s)) is None:
                return hopeful
        return RouteSearch(self, goal, question, graph, most).solve(sure, result.bound)
