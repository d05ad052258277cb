"""Exact search between the two deadlines: routes that escape are added until none does.

Each round solves an integer program over the options known so far (the cut under the optimistic
deadlines, and one row for each route that escaped), asks the sides, and checks the plan with one
search. The program is a relaxation, so its bound is valid at any time.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.integer_program import Outcome
from stopline.sealing.search.cut_graph import SINK, CutGraph
from stopline.sealing.search.cut_options import CutOptions, ask, cost_of
from stopline.sealing.search.goal import Found, Goal, nothing, shut_times
from stopline.sealing.search.route_program import Learnt, RouteProgram, SealPrices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.integer_program import Solution
    from stopline.sealing.search.pursuit import Drive
    from stopline.sealing.search.search_context import SearchContext

ROUNDING: Final = 1e-6
MOST_ARCS: Final = 200_000  # a larger cut graph is left out of the program
_ROUTES_A_ROUND: Final = 12


def no_graph(nodes: int = SINK + 1) -> CutGraph:
    """Source, sink and more nodes, with nothing in between."""
    none = np.empty(0, dtype=np.int32)
    return CutGraph(nodes=nodes, tail=none, head=none, capacity=none, arc=none, number=none)


class RouteSearch(ABC):
    """One exact search; what is best, and what may leak, is the matter of its kinds.

    Args:
        context: chase, sides and needs.
        goal: what is asked.
        question: options under the optimistic deadlines.
        graph: what has to be cut under them.
        most: only plans that cost at most this are wanted.

    Attributes:
        best: the best plan so far.
        score: what it scores; the less, the better.
        bound: no plan scores less.
    """

    def __init__(
        self, context: SearchContext, goal: Goal, question: CutOptions, graph: CutGraph, most: float
    ) -> None:
        self.context = context
        self.goal = goal
        self.best = nothing(())
        self.score = np.inf
        self.bound = -np.inf
        self._given = question.arc.shape[0]
        self.learnt = Learnt(question, np.empty(0, dtype=np.int64))
        self.narrow(graph, most)

    def narrow(self, graph: CutGraph, most: float) -> None:
        """Go on with a cut graph that holds every cut of at most this cost, and all learnt."""
        self.graph = graph if graph.arc.shape[0] <= MOST_ARCS else no_graph()
        self.most = most
        question = self.learnt.question
        own = np.flatnonzero(np.isin(question.arc[: self._given], self.graph.arc))
        later = np.arange(self._given, question.arc.shape[0])
        self.learnt.used = np.concatenate((own, later))

    @abstractmethod
    def prices(self) -> SealPrices:
        """What the options in use cost in the scores of this search."""

    @abstractmethod
    def score_of(
        self, plan: Found, shut_s: NDArray[np.float64], escapes: list[tuple[int, Drive]]
    ) -> float:
        """Score a plan that leaves some escapes; infinite if it does not reach the goal."""

    def enough(self) -> bool:
        """Whether the best plan so far will do."""
        return False

    def rounded(self, bound: float) -> float:
        """The least score that there can be above a bound."""
        return bound

    def drives(
        self,
        shut_s: NDArray[np.float64],
        reached: NDArray[np.float64],  # noqa: ARG002  (for kinds that let some exits be reached)
    ) -> list[tuple[int, Drive]]:
        """Escapes from closed sites, each with the node of the cut graph that it leads to.

        Args:
            shut_s: float64[c], from when on each site is closed.
            reached: float64[v], 1 where the vehicle may get.
        """
        drive = self.context.escape(shut_s, self.goal.horizon_s)
        return [] if drive is None else [(SINK, drive)]

    def run(self, rounds: float = np.inf) -> bool:
        """Search until the best plan is found and proven, time runs out or it is enough.

        Args:
            rounds: give up after so many.

        Returns:
            Whether no plan (of at most `most`) scores less than the best one.
        """
        while rounds > 0:
            rounds -= 1
            site = self.context.chase.site[self.graph.arc]
            program = RouteProgram(self.learnt, self.graph, site, self.prices(), self.most)
            solution = program.solve(self.context.until - time.perf_counter())
            if solution.outcome is Outcome.INFEASIBLE:
                return True
            if np.isfinite(solution.bound):
                self.bound = max(self.bound, self.rounded(solution.bound))
            if self.score <= self.bound + ROUNDING:
                return True
            new = solution.values.size > 0 and self._try(program, solution)
            if solution.outcome is Outcome.TIME_OUT:
                return False
            if not new:  # the program's best is a plan
                return True
            if self.enough():
                return False
        return False

    def _try(self, program: RouteProgram, solution: Solution) -> bool:
        """Ask the sides and check; whether anything was learnt."""
        learnt, options = self.learnt, program.chosen(solution.values)
        answers = ask(learnt.question, self.context.sides, options)
        learnt.refusals.extend(answers.refusals)
        if answers.refusals:
            return True
        shut_s = shut_times(learnt.question, answers, self.context.need, self.goal.margin_s)
        cost = cost_of(answers, learnt.question.prefer)
        plan = Found(
            question=learnt.question,
            options=options,
            answers=answers,
            cost=cost,
            bound=0.0,
            proven=False,
        )
        escapes = self._escapes(shut_s.copy(), solution.values[: self.graph.nodes])
        for leads_to, drive in escapes:
            learnt.add_route(self.context, self.goal, drive, leads_to)
        dear = cost > program.charged(solution.values) + ROUNDING
        if dear:
            expected = int(learnt.question.weight[options].sum())
            learnt.extra.append((options, cost - expected))
        score = self.score_of(plan, shut_s, escapes)
        if score < self.score:
            self.best, self.score = plan, score
        return dear or bool(escapes)

    def _escapes(
        self, shut_s: NDArray[np.float64], reached: NDArray[np.float64]
    ) -> list[tuple[int, Drive]]:
        """Drives that escape the plan, diverse: each one found is barred at its last site."""
        escapes: list[tuple[int, Drive]] = []
        while len(escapes) < _ROUTES_A_ROUND:
            drives = self.drives(shut_s, reached)
            escapes += drives
            last: list[int] = []
            for _, drive in drives:
                met = self.context.chase.sites_met(drive)
                last += [site for site in met if shut_s[site] > met[site]][-1:]
            if len(last) < len(drives) or not drives:
                break
            shut_s[last] = -np.inf
        return escapes


class CheapestSearch(RouteSearch):
    """The plan that seals and costs least."""

    def prices(self) -> SealPrices:
        """Units (or strength)."""
        if self.best.sealed:
            self.most = min(self.most, self.best.cost - 1)
        return SealPrices(option=self.learnt.weight(), extra=1.0, node=np.zeros(self.graph.nodes))

    def score_of(
        self,
        plan: Found,
        shut_s: NDArray[np.float64],  # noqa: ARG002
        escapes: list[tuple[int, Drive]],
    ) -> float:
        """Units (or strength)."""
        return np.inf if escapes else float(plan.cost)

    def enough(self) -> bool:
        """Any plan will do if the cheapest is not asked for."""
        return self.best.sealed and not self.goal.cheapest

    def rounded(self, bound: float) -> float:
        """Units are whole."""
        return float(np.ceil(bound - ROUNDING))

    def solve(self, sure: Found, bound: float, rounds: float = np.inf) -> Found:
        """Search until the cheapest plan is found, none is left, or time runs out.

        Args:
            sure: the best plan so far, if any.
            bound: what is known to be the least cost.
            rounds: give up after so many.
        """
        self.best, self.score = sure, float(sure.cost) if sure.sealed else np.inf
        self.bound = bound
        proven = self.run(rounds)
        if proven and self.best.sealed:
            return replace(self.best, bound=float(self.best.cost), proven=True)
        if proven:
            return nothing(tuple(self.learnt.drives))
        proven = self.best.sealed and self.best.cost <= self.bound
        return replace(self.best, bound=self.bound, proven=proven)
