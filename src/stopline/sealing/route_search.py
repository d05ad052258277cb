"""Exact sealing between the two deadlines: routes that escape are added until none does.

Each round solves an integer program over the options known so far (the cut under the optimistic
deadlines, and one row for each route that escaped), asks the sides, and checks the plan with one
search. The program is a relaxation, so its bound is valid at any time.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.cut_graph import SINK, SOURCE, CutGraph
from stopline.sealing.goal import Found, Goal, nothing, shut_times
from stopline.sealing.integer_program import IntegerProgram, Outcome, Solution
from stopline.sealing.question import Answers, Question, ask, ask_for_sites, cost_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from stopline.sealing.chase import Drive
    from stopline.sealing.sealer import Sealer
    from stopline.sealing.side import Inequality

_HALF: Final = 0.5
_ROUTES_A_ROUND: Final = 12
_MOST_ARCS: Final = 200_000


class RouteSearch:
    """One exact search.

    Args:
        sealer: chase, sides and needs.
        goal: what is asked.
        question: options under the optimistic deadlines.
        most: only plans that cost at most this are wanted.
    """

    def __init__(
        self,
        sealer: Sealer,
        goal: Goal,
        question: Question,
        most: float,
    ) -> None:
        self._sealer = sealer
        self._goal = goal
        self._graph: CutGraph | None = None
        self._question = question
        self._given = question.arc.shape[0]
        self._used = np.empty(0, dtype=np.int64)
        self._most = most
        self._drives: list[Drive] = []
        self._met: list[dict[int, float]] = []
        self._refusals: list[tuple[int, Inequality]] = []
        self._extra: list[tuple[NDArray[np.int64], int]] = []

    def narrow(self, graph: CutGraph, most: float) -> None:
        """Go on with a cut graph that holds every cut of at most this cost, and all learnt."""
        self._most = most
        self._graph = graph if graph.arc.shape[0] <= _MOST_ARCS else None
        own = np.flatnonzero(np.isin(self._question.arc[: self._given], graph.arc))
        later = np.arange(self._given, self._question.arc.shape[0])
        self._used = np.concatenate((own if self._graph is not None else own[:0], later))

    def solve(self, sure: Found, bound: float, rounds: int | None = None) -> Found:
        """Search until the cheapest plan is found, none is left, or time runs out.

        Args:
            sure: the best plan so far, if any.
            bound: what is known to be the least cost.
            rounds: give up after so many.
        """
        best = sure
        until = self._sealer.until
        left = np.inf if rounds is None else rounds
        while True:
            left -= 1
            if left < 0:
                return replace(best, bound=bound, proven=False)
            solution = self._program().solve(until - time.perf_counter())
            if solution.outcome is Outcome.INFEASIBLE:
                if best.sealed:
                    return replace(best, bound=float(best.cost), proven=True)
                return nothing(tuple(self._drives))
            if np.isfinite(solution.bound):
                bound = max(bound, float(np.ceil(solution.bound - 1e-6)))
            if best.sealed and best.cost <= bound:
                return replace(best, bound=float(best.cost), proven=True)
            if solution.outcome is Outcome.TIME_OUT:
                return replace(best, bound=bound, proven=False)
            options = self._used[solution.values[self._first :][: self._used.shape[0]] > _HALF]
            better = self._try(options, bound)
            if better is not None and (not best.sealed or better.cost < best.cost):
                best = better
                self._most = min(self._most, better.cost - 1)
                if not self._goal.cheapest:
                    return best

    def _try(self, options: NDArray[np.int64], bound: float) -> Found | None:
        """Ask the sides and check; learn from whatever goes wrong."""
        answers = ask(self._question, self._sealer.sides, options)
        self._refusals.extend(answers.refusals)
        if answers.refusals:
            return None
        escapes = self._escapes(answers)
        if escapes:
            self._learn(escapes)
            return None
        cost = cost_of(answers, self._question.prefer)
        expected = int(self._question.weight[options].sum())
        if cost > expected:
            self._extra.append((options, cost - expected))
        return Found(
            question=self._question,
            options=options,
            answers=answers,
            cost=cost,
            bound=bound,
            proven=cost <= bound,
        )

    def _escapes(self, answers: Answers) -> list[Drive]:
        """Drives that escape the plan, diverse: each one found is barred at its last site."""
        sealer, goal = self._sealer, self._goal
        shut_s = shut_times(self._question, answers, sealer.need, goal.margin_s)
        drives: list[Drive] = []
        while len(drives) < _ROUTES_A_ROUND:
            drive = sealer.escape(shut_s, goal.horizon_s)
            if drive is None:
                break
            drives.append(drive)
            met = sealer.chase.sites_met(drive)
            open_sites = [site for site in met if shut_s[site] > met[site]]
            if not open_sites:
                break
            shut_s[open_sites[-1]] = -np.inf
        return drives

    def _learn(self, drives: list[Drive]) -> None:
        sealer, goal = self._sealer, self._goal
        for drive in drives:
            met = {
                site: min(when - goal.margin_s, goal.latest_s)
                for site, when in sealer.chase.sites_met(drive).items()
            }
            self._drives.append(drive)
            self._met.append(met)
            site = np.array(list(met), dtype=np.int32)
            by_s = np.array(list(met.values()))
            more = ask_for_sites(site, by_s, sealer.sides, sealer.need, goal.prefer)
            first = self._question.arc.shape[0]
            self._question = self._question.plus(more)
            self._used = np.concatenate((self._used, first + np.arange(more.arc.shape[0])))

    def _program(self) -> IntegerProgram | _Impossible:
        """The program over all that is known so far."""
        question, used = self._question, self._used
        program = IntegerProgram()
        self._first = 0
        if self._graph is not None:
            lower, upper = np.zeros(self._graph.nodes), np.ones(self._graph.nodes)
            lower[SOURCE], upper[SINK] = 1.0, 0.0
            program.add_columns(np.zeros(self._graph.nodes), lower, upper, integer=False)
            self._first = self._graph.nodes
        weight = question.weight[used].astype(np.float64)
        program.add_columns(weight, 0, 1, integer=True)
        column = np.full(question.arc.shape[0], -1, dtype=np.int64)
        column[used] = self._first + np.arange(used.shape[0])
        serves = _Serves(question, used, column)
        if self._graph is not None:
            self._add_cut_rows(program, serves)
        for met in self._met:
            columns = serves.any_of(met)
            if columns.shape[0] == 0:
                return _Impossible()
            program.add_row(1.0, np.inf, columns)
        self._add_site_rows(program, column)
        for side, refusal in self._refusals:
            member = np.zeros(question.demands[side].count + 1, dtype=bool)
            member[refusal.members] = True
            within = member[question.demand_of[side][used]]
            program.add_row(-np.inf, refusal.most, column[used[within]])
        for options, extra in self._extra:
            more = program.add_columns([1.0], 0, np.inf, integer=False)
            count = options.shape[0]
            program.add_row(
                extra * (1.0 - count),
                np.inf,
                [more, *column[options]],
                [1.0, *([-float(extra)] * count)],
            )
        if np.isfinite(self._most) and used.shape[0]:
            program.add_row(-np.inf, self._most, column[used], weight)
        return program

    def _add_cut_rows(self, program: IntegerProgram, serves: _Serves) -> None:
        graph, chase = self._graph, self._sealer.chase
        if graph is None:
            return
        by_s = self._arc_by_s()
        rows: list[NDArray[np.int64]] = []
        factors: list[NDArray[np.float64]] = []
        site = chase.site[graph.arc]
        for number, (tail, head) in enumerate(
            zip(graph.tail.tolist(), graph.head.tolist(), strict=True)
        ):
            closing = serves.one(int(site[number]), by_s[number])
            rows.append(np.concatenate(([tail, head], closing)))
            factors.append(np.concatenate(([1.0, -1.0], -np.ones(closing.shape[0]))))
        lengths = np.array([row.shape[0] for row in rows])
        first = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        program.add_rows(-np.inf, 0.0, first, np.concatenate(rows), np.concatenate(factors))

    def _arc_by_s(self) -> NDArray[np.float64]:
        """Deadline of each arc of the graph; minus infinity where nobody can close it."""
        graph, question = self._graph, self._question
        assert graph is not None  # noqa: S101  (only called with a graph)
        by_s = np.full(question.capacity.shape[0], -np.inf)
        direct = question.arc >= 0
        by_s[question.arc[direct]] = question.by_s[direct]
        return by_s[graph.arc]

    def _add_site_rows(self, program: IntegerProgram, column: NDArray[np.int64]) -> None:
        """A site is closed once."""
        site = self._question.site[self._used]
        order = np.argsort(site, kind="stable")
        bounds = np.flatnonzero(np.diff(site[order])) + 1
        for group in np.split(order, bounds):
            if group.shape[0] > 1:
                program.add_row(-np.inf, 1.0, column[self._used[group]])


class _Impossible:
    """Stands for a program that has a route with nothing to stop it."""

    def solve(self, time_limit_s: float) -> Solution:
        """Say so."""
        del time_limit_s
        return Solution(Outcome.INFEASIBLE, np.empty(0), np.inf, np.inf)


class _Serves:
    """Finds the options that close a site by a time."""

    def __init__(
        self, question: Question, used: NDArray[np.int64], column: NDArray[np.int64]
    ) -> None:
        order = np.lexsort((question.by_s[used], question.site[used]))
        self._site = question.site[used][order]
        self._by_s = question.by_s[used][order]
        self._column = column[used][order]

    def one(self, site: int, by_s: float) -> NDArray[np.int64]:
        """Columns of the options that close a site by a time."""
        first, last = np.searchsorted(self._site, (site, site + 1))
        until = first + np.searchsorted(self._by_s[first:last], by_s, side="right")
        return self._column[first:until]

    def any_of(self, met: Mapping[int, float]) -> NDArray[np.int64]:
        """Columns of the options that stop a route which meets sites at times."""
        found = [self.one(site, by_s) for site, by_s in met.items()]
        return np.concatenate(found) if found else np.empty(0, dtype=np.int64)
