"""The cheapest cut that the sides can hold by given deadlines: flow first, integers where needed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.cut_graph import SINK, SOURCE, CutGraph, Flow, merge
from stopline.sealing.cut_kernel import OPEN
from stopline.sealing.integer_program import IntegerProgram, Outcome, Solution
from stopline.sealing.question import Answers, Question, ask, cost_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.sealing.side import Inequality, Side

_MOST_ARCS: Final = 400_000  # beyond this an integer program on the whole graph is not tried
_HALF: Final = 0.5


@dataclass(slots=True)
class Refusals:
    """The inequalities that the sides have answered to one question."""

    rows: list[tuple[int, Inequality]] = field(default_factory=list)
    costs: list[tuple[NDArray[np.int64], int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutResult:
    """The end of a search for a holdable cut.

    Attributes:
        options: chosen options of the question; None if there is no holdable cut.
        answers: the sides' commitments to them.
        cost: units (or strength) they take.
        bound: no holdable cut costs less; infinite if none is holdable at all.
        proven: false when time ran out before cost met bound.
    """

    options: NDArray[np.int64] | None
    answers: Answers | None
    cost: int
    bound: float
    proven: bool


class _Search:
    """One search: the question, the sides, and what has been learnt."""

    def __init__(
        self, question: Question, sides: Sequence[Side], until: float, most: float
    ) -> None:
        self.question = question
        self.sides = sides
        self.until = until
        self.most = most
        self.refusals = Refusals()
        self.best: tuple[NDArray[np.int64], Answers] | None = None
        self.cost: float = np.inf
        # Options of each arc, cheapest first.
        self._order = np.lexsort((question.weight, question.arc))
        self._arcs = question.arc[self._order]

    def options_of(self, arcs: NDArray[np.int32]) -> NDArray[np.int64]:
        """The cheapest option of each arc."""
        return np.asarray(self._order[np.searchsorted(self._arcs, arcs)], dtype=np.int64)

    def try_options(self, options: NDArray[np.int64]) -> Answers:
        """Ask the sides, and remember what they say."""
        answers = ask(self.question, self.sides, options)
        if answers.refusals:
            self.refusals.rows.extend(answers.refusals)
            return answers
        cost = cost_of(answers, self.question.prefer)
        if cost < self.cost:
            self.cost, self.best = cost, (options, answers)
        expected = int(self.question.weight[options].sum())
        if cost > expected:
            self.refusals.costs.append((options, cost - expected))
        return answers

    def result(self, bound: float, *, proven: bool) -> CutResult:
        """Close the search."""
        options, answers = self.best or (None, None)
        cost = int(self.cost) if self.best else 0
        return CutResult(options=options, answers=answers, cost=cost, bound=bound, proven=proven)


def cheapest_cut(
    graph: CutGraph,
    question: Question,
    sides: Sequence[Side],
    *,
    until: float = np.inf,
    most: float = np.inf,
) -> CutResult:
    """Find the cheapest cut that the sides commit to.

    Args:
        graph: what is left after contraction.
        question: options and deadlines.
        sides: who answers.
        until: `time.perf_counter()` at which to stop.
        most: only cuts that cost at most this are wanted.
    """
    search = _Search(question, sides, until, most)
    limit = int(min(most, 1 << 30))
    flow = Flow(graph, limit)
    if flow.value > most:
        return search.result(flow.value, proven=True)
    for cut in (flow.far_cut(), flow.near_cut()):
        search.try_options(search.options_of(graph.arc[cut]))
        if search.cost <= flow.value:
            return search.result(flow.value, proven=True)
    bound = float(flow.value)
    small = merge(graph, flow.on_some_minimum_cut())
    outcome, found = _solve(search, small, bound, exact_weight=bound)
    if outcome is Outcome.OPTIMAL and found <= bound:
        return search.result(bound, proven=True)
    if outcome is Outcome.TIME_OUT or graph.arc.shape[0] > _MOST_ARCS:
        return search.result(bound, proven=False)
    outcome, found = _solve(search, graph, bound, exact_weight=None)
    return search.result(found, proven=outcome is not Outcome.TIME_OUT)


def _solve(
    search: _Search, graph: CutGraph, bound: float, exact_weight: float | None
) -> tuple[Outcome, float]:
    """Integer programs on a graph, one for each answer, until a commitment is the cheapest.

    Returns:
        How it ended, and the proven bound (infinite if no cut of the graph is holdable).
    """
    program = _Program(search.question, graph, exact_weight)
    told, told_costs = 0, 0
    while True:
        for side, row in search.refusals.rows[told:]:
            program.forbid(side, row)
        for options, extra in search.refusals.costs[told_costs:]:
            program.surcharge(options, extra)
        told, told_costs = len(search.refusals.rows), len(search.refusals.costs)
        solution = program.solve(search.until - time.perf_counter())
        if solution.outcome is Outcome.INFEASIBLE:
            return Outcome.INFEASIBLE, np.inf
        bound = max(bound, float(np.ceil(solution.bound - 1e-6)))
        if solution.outcome is Outcome.TIME_OUT:
            return Outcome.TIME_OUT, bound
        if search.cost <= bound or bound > search.most:
            return Outcome.OPTIMAL, bound
        search.try_options(program.chosen(solution.values))
        if search.cost <= bound:
            return Outcome.OPTIMAL, bound


class _Program:
    """Minimum cut with side constraints as an integer program: potentials and options."""

    def __init__(self, question: Question, graph: CutGraph, exact_weight: float | None) -> None:
        self._question = question
        place = np.full(question.capacity.shape[0], -1, dtype=np.int64)
        place[graph.arc] = np.arange(graph.arc.shape[0])
        row = place[question.arc]
        self.options = np.flatnonzero(row >= 0)
        self._column = np.full(question.arc.shape[0], -1, dtype=np.int64)
        self._program = IntegerProgram()
        fixed = np.zeros(graph.nodes)
        fixed[SOURCE] = 1.0
        upper = np.ones(graph.nodes)
        upper[SINK] = 0.0
        self._program.add_columns(np.zeros(graph.nodes), fixed, upper, integer=False)
        weight = question.weight[self.options].astype(np.float64)
        first = self._program.add_columns(weight, 0, 1, integer=True)
        self._column[self.options] = first + np.arange(self.options.shape[0])
        self._add_cut_rows(graph, row[self.options])
        if exact_weight is not None:
            columns = self._column[self.options]
            self._program.add_rows(-np.inf, exact_weight, [0], columns, weight)

    def _add_cut_rows(self, graph: CutGraph, row: NDArray[np.int64]) -> None:
        """For each arc: potential of tail - of head <= options that close it."""
        arcs = graph.arc.shape[0]
        if not arcs:
            return
        count = np.bincount(row, minlength=arcs)
        first = np.concatenate(([0], np.cumsum(2 + count)[:-1]))
        columns = np.empty(int((2 + count).sum()), dtype=np.int64)
        factor = np.full(columns.shape[0], -1.0)
        columns[first], columns[first + 1] = graph.tail, graph.head
        factor[first] = 1.0
        order = np.argsort(row, kind="stable")
        nth = np.arange(order.shape[0]) - np.concatenate(([0], np.cumsum(count)))[row[order]]
        columns[first[row[order]] + 2 + nth] = self._column[self.options][order]
        self._program.add_rows(-np.inf, 0.0, first, columns, factor)

    def forbid(self, side: int, inequality: Inequality) -> None:
        """Of these demands at most so many."""
        member = np.zeros(self._question.demands[side].count + 1, dtype=bool)
        member[inequality.members] = True
        within = member[self._question.demand_of[side][self.options]]
        self._program.add_row(-np.inf, inequality.most, self._column[self.options[within]])

    def surcharge(self, options: NDArray[np.int64], extra: int) -> None:
        """These options together cost more than their weights say."""
        columns = self._column[options]
        if (columns < 0).any():
            return
        more = self._program.add_columns([1.0], 0, np.inf, integer=False)
        count = columns.shape[0]
        # more >= extra * (1 - number of these options not taken)
        self._program.add_row(
            extra * (1.0 - count), np.inf, [more, *columns], [1.0, *([-float(extra)] * count)]
        )

    def solve(self, time_limit_s: float) -> Solution:
        """Solve with all rows so far."""
        return self._program.solve(time_limit_s)

    def chosen(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Options taken by a solution."""
        return self.options[values[self._column[self.options]] > _HALF]
