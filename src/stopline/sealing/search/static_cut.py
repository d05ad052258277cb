"""The cheapest cut that the sides can hold by given deadlines: flow first, then integers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.integer_program import IntegerProgram, Outcome
from stopline.sealing.search.cut_graph import SINK, SOURCE, CutGraph, Flow
from stopline.sealing.search.cut_levels import HIGHEST, trimmed, within
from stopline.sealing.search.cut_options import Answers, CutOptions, ask, cost_of
from stopline.sealing.search.priced_cut import PricedCuts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.sealing.side import AnsweringSide, Inequality

_MOST_ARCS: Final = 150_000  # beyond this an integer program on the whole graph is not tried
_HALF: Final = 0.5
_ROUNDING: Final = 1e-6


@dataclass(slots=True)
class Refusals:
    """The inequalities that the sides have answered to one question."""

    rows: list[tuple[int, Inequality]] = field(default_factory=list)
    costs: list[tuple[NDArray[np.int64], int]] = field(default_factory=list)


def ask_and_learn(
    question: CutOptions,
    sides: Sequence[AnsweringSide],
    options: NDArray[np.int64],
    learnt: Refusals,
) -> Answers | None:
    """Ask the sides to hold options; remember refusals, and costs above what weights say."""
    answers = ask(question, sides, options)
    if answers.refusals:
        learnt.rows.extend(answers.refusals)
        return None
    expected = int(question.weight[options].sum())
    cost = cost_of(answers, question.prefer)
    if cost > expected:
        learnt.costs.append((options, cost - expected))
    return answers


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


class _QuestionSearch:
    """One search: the question, the sides, and what has been learnt."""

    def __init__(
        self, question: CutOptions, sides: Sequence[AnsweringSide], until: float, most: float
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

    def try_options(self, options: NDArray[np.int64]) -> None:
        """Ask the sides, and remember what they say."""
        answers = ask_and_learn(self.question, self.sides, options, self.refusals)
        if answers is not None:
            cost = cost_of(answers, self.question.prefer)
            if cost < self.cost:
                self.cost, self.best = cost, (options, answers)

    def result(self, bound: float, *, proven: bool) -> CutResult:
        """Close the search."""
        options, answers = self.best or (None, None)
        cost = int(self.cost) if self.best else 0
        return CutResult(options=options, answers=answers, cost=cost, bound=bound, proven=proven)


def cheapest_cut(
    graph: CutGraph,
    question: CutOptions,
    sides: Sequence[AnsweringSide],
    *,
    until: float = np.inf,
    most: float = np.inf,
    quick: bool = False,
) -> CutResult:
    """Find the cheapest cut that the sides commit to.

    Args:
        graph: what is left after contraction.
        question: options and deadlines.
        sides: who answers.
        until: `time.perf_counter()` at which to stop.
        most: only cuts that cost at most this are wanted.
        quick: flows and prices only; the cheapest is not needed.
    """
    search = _QuestionSearch(question, sides, until, most)
    graph = trimmed(graph)
    limit = int(min(most, 1 << 30))
    flow = Flow(graph, limit, until=until)
    if not flow.complete:
        return search.result(flow.value, proven=False)
    for cut in (flow.far_cut(), flow.near_cut()) if flow.value <= most else ():
        search.try_options(search.options_of(graph.arc[cut]))
        if search.cost <= flow.value:
            return search.result(flow.value, proven=True)
    bound = float(flow.value)
    if bound > most:
        return search.result(bound, proven=True)
    prices = PricedCuts(question, graph, search.refusals.rows, search.try_options, most, flow)
    bound = max(bound, prices.search(until, lambda: search.cost))
    if search.cost <= bound or bound > most:
        return search.result(bound, proven=True)
    if quick:
        return search.result(bound, proven=False)
    return _exact(search, graph, flow, bound)


def _exact(search: _QuestionSearch, graph: CutGraph, flow: Flow, bound: float) -> CutResult:
    """Integer programs on graphs that hold dearer and dearer cuts, until the cheapest is found."""
    while True:
        # With a plan at hand the one question is whether there is a cheaper one.
        level = bound if np.isinf(search.cost) else search.cost - 1
        gap = int(level) - flow.value
        if level > search.most:
            return search.result(bound, proven=True)
        too_large = gap > HIGHEST and graph.arc.shape[0] > _MOST_ARCS
        if too_large or time.perf_counter() > search.until:
            return search.result(bound, proven=False)
        whole = gap > HIGHEST and np.isinf(search.cost)
        small = graph if gap > HIGHEST else within(graph, flow, gap)
        outcome, bound = _solve(search, small, bound, None if whole else float(level))
        if outcome is Outcome.TIME_OUT or search.cost <= bound or np.isinf(bound):
            return search.result(bound, proven=outcome is not Outcome.TIME_OUT)


def _solve(
    search: _QuestionSearch, graph: CutGraph, bound: float, level: float | None
) -> tuple[Outcome, float]:
    """Integer programs on a graph, one for each answer, until a commitment is the cheapest.

    Args:
        search: question and sides.
        graph: where; it holds all cuts that weigh at most `level`.
        bound: what is known to be the least cost.
        level: the largest weight of interest; None for all.

    Returns:
        How it ended (infeasible: no plan costs as little as `level`), and the proven bound.
    """
    program = CutProgram(search.question, graph, level)
    told, told_costs = 0, 0
    while True:
        for side, row in search.refusals.rows[told:]:
            program.forbid(side, row)
        for options, extra in search.refusals.costs[told_costs:]:
            program.surcharge(options, extra)
        told, told_costs = len(search.refusals.rows), len(search.refusals.costs)
        solution = program.solve(search.until - time.perf_counter())
        beyond = level is not None and np.ceil(solution.bound - _ROUNDING) > level
        if solution.outcome is Outcome.INFEASIBLE or beyond:
            bound = np.inf if level is None else level + 1
            found = search.cost <= bound
            return (Outcome.OPTIMAL if found else Outcome.INFEASIBLE), bound
        bound = max(bound, float(np.ceil(solution.bound - _ROUNDING)))
        if solution.outcome is Outcome.TIME_OUT:
            return Outcome.TIME_OUT, bound
        if search.cost <= bound or bound > search.most:
            return Outcome.OPTIMAL, bound
        search.try_options(program.chosen(solution.values))
        if search.cost <= bound:
            return Outcome.OPTIMAL, bound


class CutProgram(IntegerProgram):
    """Minimum cut with side constraints as an integer program: potentials and options."""

    def __init__(self, question: CutOptions, graph: CutGraph, exact_weight: float | None) -> None:
        self._question = question
        place = np.full(question.capacity.shape[0], -1, dtype=np.int64)
        place[graph.arc] = np.arange(graph.arc.shape[0])
        row = place[question.arc]
        self.options = np.flatnonzero(row >= 0)
        self.column = np.full(question.arc.shape[0], -1, dtype=np.int64)
        super().__init__()
        fixed = np.zeros(graph.nodes)
        fixed[SOURCE] = 1.0
        upper = np.ones(graph.nodes)
        upper[SINK] = 0.0
        self.add_columns(np.zeros(graph.nodes), fixed, upper, integer=False)
        weight = question.weight[self.options].astype(np.float64)
        first = self.add_columns(weight, 0, 1, integer=True)
        self.column[self.options] = first + np.arange(self.options.shape[0])
        self._add_cut_rows(graph, row[self.options])
        if exact_weight is not None:
            columns = self.column[self.options]
            self.add_rows(-np.inf, exact_weight, [0], columns, weight)

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
        columns[first[row[order]] + 2 + nth] = self.column[self.options][order]
        self.add_rows(-np.inf, 0.0, first, columns, factor)

    def forbid(self, side: int, inequality: Inequality) -> None:
        """Of these demands at most so many."""
        member = np.zeros(self._question.demands[side].count + 1, dtype=bool)
        member[inequality.members] = True
        within = member[self._question.demand_of[side][self.options]]
        self.add_row(-np.inf, inequality.most, self.column[self.options[within]])

    def surcharge(self, options: NDArray[np.int64], extra: int) -> None:
        """These options together cost more than their weights say."""
        columns = self.column[options]
        if (columns < 0).any():
            return
        more = self.add_columns([1.0], 0, np.inf, integer=False)
        count = columns.shape[0]
        # more >= extra * (1 - number of these options not taken)
        self.add_row(
            extra * (1.0 - count), np.inf, [more, *columns], [1.0, *([-float(extra)] * count)]
        )

    def chosen(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Options taken by a solution."""
        return self.options[values[self.column[self.options]] > _HALF]
