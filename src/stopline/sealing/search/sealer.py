"""Seal completely: the cheapest plan that stops every route, or the proof that there is none."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.search.cut_graph import Flow, OpenRoute, contract
from stopline.sealing.search.cut_levels import HIGHEST, trimmed, within
from stopline.sealing.search.cut_options import CutOptions, ask_for_sites, make_question
from stopline.sealing.search.goal import Found, Goal, found, nothing, proven_best, shut_by
from stopline.sealing.search.held_plan import plan_of_pairs
from stopline.sealing.search.hoped_plan import hoped_plan
from stopline.sealing.search.pair_search import PairSearch
from stopline.sealing.search.price_search import PriceSearch
from stopline.sealing.search.route_search import CheapestSearch, no_graph
from stopline.sealing.search.search_context import SearchContext
from stopline.sealing.search.static_cut import cheapest_cut
from stopline.sealing.side import MoreIsKnown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.sealing.search.cut_graph import CutGraph
    from stopline.sealing.search.deadlines import Arrival
    from stopline.sealing.search.pursuit import PursuitGraph
    from stopline.sealing.side import AnsweringSide

_ROUNDS_WITH_ROUTES: Final = 12
_SHARE_OF_PLANS: Final = 0.4  # of the time that is left
_SHARE_OF_BOUND: Final = 0.5
_ROUNDING: Final = 1e-6
_SHARE_OF_PAIRS: Final = 0.5  # of the time that is left, each time
_SECONDS_INSIDE: Final = 1.0  # for improving a plan inside its own cordon


@dataclass(frozen=True, slots=True)
class _State:
    """How far one goal is: the best plan so far, what no plan costs less than, whether it ended."""

    sure: Found
    bound: float
    ended: bool = False

    def end(self, sure: Found) -> _State:
        """With a plan, or none, that is the end of the search."""
        return _State(sure, self.bound, ended=True)


def whole(bound: float) -> float:
    """The least whole number of units that a bound allows."""
    return float(np.ceil(bound - _ROUNDING)) if np.isfinite(bound) else bound


class Sealer(SearchContext):
    """Answers goals on one chase."""

    def __init__(
        self,
        chase: PursuitGraph,
        sides: Sequence[AnsweringSide],
        need: NDArray[np.int32],
        until: float = np.inf,
    ) -> None:
        super().__init__(chase, sides, need, until)
        self._looked_inside: Found | None = None

    def on(self, chase: PursuitGraph) -> Sealer:
        """The same for a part of the chase, with the unit times that are known already."""
        other = Sealer(chase, self.sides, self.need, self.until)
        other.share_times(self)
        return other

    def solve(self, goal: Goal) -> Found:
        """Find the cheapest plan that reaches a goal.

        What a side has answered only ever rules plans out, so that goals decided before stay
        decided: where an answer changes the graph, this goal alone is begun again.
        """
        while True:
            try:
                return self._solve(goal)
            except MoreIsKnown:
                self._looked_inside = None
                if time.perf_counter() > self.until:
                    return replace(nothing(()), bound=0.0, proven=False)

    def _solve(self, goal: Goal) -> Found:
        core = self.core(goal)
        goal = replace(goal, most=min(goal.most, self.everything(goal.prefer)))
        if np.isfinite(core.at_s[self.chase.way_out]):
            way_out = self.chase.drive_to(core.via, core.origin, self.chase.way_out)
            return nothing((way_out,))
        sure = self._sure(goal, quick=True)
        if sure.sealed and not goal.cheapest:
            return sure
        if np.isfinite(goal.horizon_s):
            # A detour may be long enough, so that a cut is not needed: only routes tell.
            sure = sure if sure.sealed else self._sure(goal, quick=False)
            most = sure.cost - 1 if sure.sealed else goal.most
            return self._by_routes(goal, most).solve(sure, 0.0)
        if self.chase.split:
            # One seal may stand on two arcs of a cut, so that flows bound nothing.
            sure = sure if sure.sealed else self._sure(goal, quick=False)
            most = self._most(goal, sure)
            return self._by_routes(goal, most).solve(sure, 0.0)
        if time.perf_counter() > self.until:
            return replace(sure, bound=0.0, proven=False)
        return self._improve(goal, core, sure)

    def sure_cut(self, goal: Goal) -> tuple[CutOptions, CutGraph] | None:
        """Options and graph under the unhindered deadlines; None if some route stays open."""
        chase = self.chase
        by_s = self.free.by_s(chase, goal.margin_s)
        by_s[np.isinf(by_s)] = np.nan  # the vehicle never comes there
        if np.isfinite(goal.horizon_s):
            way_s = self.free.at_s[chase.tail] + chase.time_s + self.remaining()[chase.head]
            by_s[~(way_s < goal.horizon_s)] = np.nan  # too late to matter
        question, graph = self._contract(goal, by_s, None)
        return None if isinstance(graph, OpenRoute) else (question, graph)

    def core_cut(self, goal: Goal, core: Arrival) -> tuple[CutOptions, CutGraph] | None:
        """Options and graph under the optimistic deadlines; None if some route stays open."""
        by_s = self.core_by_s(goal, core)
        question, graph = self._contract(goal, by_s, np.isfinite(core.at_s))
        return None if isinstance(graph, OpenRoute) else (question, graph)

    def _sure(self, goal: Goal, *, quick: bool) -> Found:
        """A cheap plan that meets the unhindered deadlines: it seals whatever happens."""
        cut = self.sure_cut(goal)
        if cut is None:
            return nothing(())
        question, graph = cut
        result = cheapest_cut(
            graph, question, self.sides, until=self.until, most=goal.most, quick=quick
        )
        return found(question, result)

    def _contract(
        self,
        goal: Goal,
        by_s: NDArray[np.float64],
        reached: NDArray[np.bool_] | None,
        beyond: NDArray[np.bool_] | None = None,
    ) -> tuple[CutOptions, CutGraph | OpenRoute]:
        question = make_question(
            self.chase,
            self.sides,
            self.need,
            np.minimum(by_s, goal.latest_s),
            prefer=goal.prefer,
        )
        return question, contract(self.chase, question.capacity, reached, beyond=beyond)

    def _improve(self, goal: Goal, core: Arrival, sure: Found) -> Found:
        """Bound from the optimistic deadlines, and the plans that only they allow.

        First what flows tell, which is mostly all; then routes, where all units are known; then
        prices on units; integer programs on the whole graph only for the rest.
        """
        problem = self.core_cut(goal, core)
        if problem is None:  # pragma: no cover  (the core would hold the way out)
            return nothing(())
        question, graph = problem
        state = self._try_cut(goal, question, graph, _State(sure, 0.0), quick=True)
        pairs = None if state.ended else self._pairs(goal, goal.most)
        if pairs is not None:
            state = self._by_pairs(goal, pairs, state)
        if not state.ended:
            state, surely_s = self._by_prices(goal, state)
            if not state.ended and surely_s is not None:
                # What is reached for sure is more than what nobody can close.
                later = self.core_cut(goal, replace(core, at_s=surely_s))
                question, graph = problem if later is None else later
        if not state.ended and time.perf_counter() > self.until:
            state = state.end(replace(state.sure, bound=state.bound, proven=False))
        if not state.ended:
            sure = state.sure if state.sure.sealed else self._sure(goal, quick=False)
            state = self._decided(goal, _State(sure, state.bound))
        if not state.ended:
            state = self._try_cut(goal, question, graph, state, quick=False)
        if pairs is not None and not state.ended:
            state = self._by_pairs(goal, pairs, state)
        return state.sure if state.ended else self._between(goal, question, graph, state)

    def _try_cut(
        self, goal: Goal, question: CutOptions, graph: CutGraph, state: _State, *, quick: bool
    ) -> _State:
        """The cheapest cut by optimistic deadlines: its bound, whether it seals, what is inside."""
        sure = state.sure
        most = self._most(goal, sure)
        result = cheapest_cut(graph, question, self.sides, until=self.until, most=most, quick=quick)
        bound = max(state.bound, result.bound)
        if bound > most:
            return state.end(proven_best(sure))
        hopeful = found(question, result)
        if hopeful.sealed and hopeful.cost <= most and self._seals(hopeful, goal):
            sure = hopeful
        for cut in (sure, hopeful):
            sure = self._refined(goal, cut, sure)
        self._looked_inside = sure
        return self._decided(goal, _State(sure, bound))

    @staticmethod
    def _most(goal: Goal, sure: Found) -> float:
        """What a plan that is wanted beside this one may cost."""
        return min(goal.most, sure.cost - 1) if sure.sealed else goal.most

    def _decided(self, goal: Goal, state: _State) -> _State:
        """End where the plan will do, or no plan can be cheaper."""
        sure, bound = state.sure, state.bound
        if sure.sealed and (sure.cost <= bound or not goal.cheapest):
            return state.end(replace(sure, bound=bound, proven=sure.cost <= bound))
        if not sure.sealed and bound > goal.most:
            return state.end(nothing(()))
        return state

    def _by_prices(self, goal: Goal, state: _State) -> tuple[_State, NDArray[np.float64] | None]:
        """Better plans and a better bound by prices on units, those that a side may have included.

        Returns:
            How far the goal is then, and the arrivals that no plan can prevent, if they were found.
        """
        sure = state.sure
        most = self._most(goal, sure)
        now = time.perf_counter()
        until = now + _SHARE_OF_PLANS * (self.until - now)
        if self.hidden:
            plan = hoped_plan(self, goal, until, most)
            sure = plan if plan.sealed else sure
        times = self.hoped_times() if self.hidden else self.times()
        if times is None or not times.units or (self.hidden and times.teams):
            return self._decided(goal, _State(sure, state.bound)), None
        search = PriceSearch(self, times, goal)
        held = None if self.hidden else search.plan(until, most)
        if held is not None:
            made = plan_of_pairs(self.sides, times, held.held, goal)
            # The table of times rounds off what is late; the plan is held to the true times.
            sure = made if self._seals(made, goal) else sure
        if sure.sealed and not goal.cheapest:
            return self._decided(goal, _State(sure, state.bound)), None
        now = time.perf_counter()
        enough = float(sure.cost - 1) if sure.sealed else goal.most
        proven = whole(search.prove(now + _SHARE_OF_BOUND * (self.until - now), enough))
        shown = search.certificate(proven) if proven > state.bound else None
        ended = self._decided(goal, _State(sure, max(state.bound, proven)))
        surely_s = None if search.reach is None else search.reach.at_s
        return replace(ended, sure=replace(ended.sure, certificate=shown)), surely_s

    def _seals(self, plan: Found, goal: Goal) -> bool:
        """Whether no drive escapes a plan."""
        return self.escape(shut_by(plan, self.need, goal.margin_s)) is None

    def _refined(self, goal: Goal, cut: Found, sure: Found) -> Found:
        """Look inside a cut for a plan that seals, by the arrivals that hold behind that cut.

        If the vehicle never crosses the cut, it arrives no earlier than over roads within it. A
        cut that lies inside and meets those deadlines therefore seals, and is itself a new cut.
        """
        if cut is self._looked_inside:
            return sure
        chase = self.chase
        while cut.question is not None and cut.options is not None:
            time_s = chase.time_s.copy()
            time_s[cut.question.arc[cut.options]] = np.inf
            at_s = chase.search.run(chase.start_node, chase.start_s, time_s=time_s).arrival_s.copy()
            most = self._most(goal, sure)
            inside = np.isfinite(at_s[chase.tail])
            by_s = np.where(inside, at_s[chase.tail], np.nan) - goal.margin_s
            question, graph = self._contract(goal, by_s, None, ~np.isfinite(at_s))
            if isinstance(graph, OpenRoute) or time.perf_counter() > self.until:
                break
            until = min(self.until, time.perf_counter() + _SECONDS_INSIDE)
            cut = found(question, cheapest_cut(graph, question, self.sides, until=until, most=most))
            if not cut.sealed or cut.cost > most:
                break
            sure = cut
        return sure

    def _between(self, goal: Goal, question: CutOptions, graph: CutGraph, state: _State) -> Found:
        """Search between the deadlines: by cuts near the minimum, or by routes alone first."""
        sure, bound = state.sure, state.bound
        most = self._most(goal, sure)
        search = CheapestSearch(self, goal, question, no_graph(), most)
        if not sure.sealed:
            first = search.solve(sure, bound, rounds=_ROUNDS_WITH_ROUTES)
            if first.sealed or first.proven:
                return first
        graph = trimmed(graph)
        flow = Flow(graph, until=self.until)
        if not flow.complete or time.perf_counter() > self.until:
            return replace(sure, bound=bound, proven=False)
        for level in range(max(flow.value, int(bound)), flow.value + HIGHEST + 1):
            if level >= most:
                break
            if time.perf_counter() > self.until:
                return replace(sure, bound=bound, proven=False)
            search.narrow(within(graph, flow, level - flow.value), level)
            found = search.solve(nothing(()), bound)
            if found.sealed or not found.proven:
                return found if found.sealed else replace(sure, bound=bound, proven=False)
            bound = level + 1.0
        gap = int(min(most - flow.value, HIGHEST + 1))
        search.narrow(within(graph, flow, gap), most)
        return search.solve(sure, bound)

    def _pairs(self, goal: Goal, most: float) -> PairSearch | None:
        """The search by routes alone; None where not all units are known, or there are none."""
        times = self.times()
        return PairSearch(self, times, goal, most) if times is not None and times.units else None

    def _by_pairs(self, goal: Goal, pairs: PairSearch, state: _State) -> _State:
        """What routes alone tell in a part of the time."""
        finish, now = self.until, time.perf_counter()
        self.until = now + _SHARE_OF_PAIRS * (finish - now)
        best = pairs.solve(state.sure, state.bound)
        self.until = finish
        if best.proven:
            return state.end(best)
        return self._decided(goal, _State(best, max(state.bound, best.bound)))

    def _by_routes(self, goal: Goal, most: float) -> CheapestSearch | PairSearch:
        """A search that knows of nothing but the routes that it learns."""
        pairs = self._pairs(goal, most)
        if pairs is not None:
            return pairs
        none = np.empty(0, dtype=np.int32)
        question = ask_for_sites(none, np.empty(0), self.sides, self.need, goal.prefer)
        return CheapestSearch(self, goal, question, no_graph(), most)

    def prove(self, goal: Goal) -> Found:
        """Find a family of routes that no assignment of units can stop.

        Works with routes alone, so that the result is a proof which needs nothing else.
        """
        return self._by_routes(goal, goal.most).solve(nothing(()), 0.0)
