"""All that a search by routes has learnt, and the integer program over it.

A column for each option, and one for each node of a cut graph: 1 where the vehicle may get. A
route is stopped by one of its options, or it may get to where the route leads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.integer_program import IntegerProgram
from stopline.sealing.search.cut_graph import SINK, SOURCE
from stopline.sealing.search.cut_options import ask_for_sites

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from stopline.sealing.search.cut_graph import CutGraph
    from stopline.sealing.search.cut_options import CutOptions
    from stopline.sealing.search.goal import Goal
    from stopline.sealing.search.pursuit import Drive
    from stopline.sealing.search.search_context import SearchContext
    from stopline.sealing.side import Inequality

_HALF: Final = 0.5


@dataclass(slots=True)
class Learnt:
    """What a search by routes knows so far.

    Attributes:
        question: options, first those of the cut graph, then those of the routes.
        used: int64[u], the options in use.
        drives: the routes.
        met: for each route, the sites on it and the latest closing times that stop it.
        leads_to: node of the cut graph that each route leads to.
        refusals: inequalities, with the number of the side.
        extra: options that together cost more than their weights, and how much more.
    """

    question: CutOptions
    used: NDArray[np.int64]
    drives: list[Drive] = field(default_factory=list)
    met: list[Mapping[int, float]] = field(default_factory=list)
    leads_to: list[int] = field(default_factory=list)
    refusals: list[tuple[int, Inequality]] = field(default_factory=list)
    extra: list[tuple[NDArray[np.int64], int]] = field(default_factory=list)

    def add_route(self, context: SearchContext, goal: Goal, drive: Drive, leads_to: int) -> None:
        """Ask who could stop a drive, and remember it."""
        met = {
            site: min(when - goal.margin_s, goal.latest_s)
            for site, when in context.chase.sites_met(drive).items()
        }
        self.drives.append(drive)
        self.met.append(met)
        self.leads_to.append(leads_to)
        site = np.array(list(met), dtype=np.int32)
        by_s = np.array(list(met.values()))
        more = ask_for_sites(site, by_s, context.sides, context.need, goal.prefer)
        first = self.question.arc.shape[0]
        self.question = self.question.plus(more)
        self.used = np.concatenate((self.used, first + np.arange(more.arc.shape[0])))

    def weight(self) -> NDArray[np.float64]:
        """Units (or strength) that each option in use takes at least."""
        return self.question.weight[self.used].astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealPrices:
    """What a program minimises.

    Attributes:
        option: float64[u], price of each option in use.
        extra: price of one unit more than the options' weights say.
        node: float64[v], price of letting the vehicle get to a node of the cut graph.
    """

    option: NDArray[np.float64]
    extra: float
    node: NDArray[np.float64]


class RouteProgram(IntegerProgram):
    """The program over all that is known so far.

    Args:
        learnt: options and rows.
        graph: a cut graph that every plan has to cut.
        site: int32[e], the site of each of its arcs.
        prices: the objective.
        most: units (or strength) that a plan may take.
    """

    def __init__(
        self,
        learnt: Learnt,
        graph: CutGraph,
        site: NDArray[np.int32],
        prices: SealPrices,
        most: float,
    ) -> None:
        super().__init__()
        self._learnt = learnt
        self._used, self._weight = learnt.used, learnt.weight()
        lower, upper = np.zeros(graph.nodes), np.ones(graph.nodes)
        lower[SOURCE], upper[SINK] = 1.0, 0.0
        self.add_columns(prices.node, lower, upper, integer=False)
        self.make_integer(np.flatnonzero(prices.node))
        self._first = self.add_columns(prices.option, 0, 1, integer=True)
        self._more = self.add_columns([prices.extra], 0, np.inf, integer=False)
        self._column = np.full(learnt.question.arc.shape[0], -1, dtype=np.int64)
        self._column[learnt.used] = self._first + np.arange(learnt.used.shape[0])
        serves = _Serves(learnt, self._column)
        self._add_cut_rows(graph, serves.some(site, _deadlines(learnt.question, graph)))
        self._add_route_rows(serves)
        self._add_site_rows()
        self._add_answers()
        if np.isfinite(most):
            columns = np.append(self._column[learnt.used], self._more)
            self.add_row(-np.inf, most, columns, np.append(self._weight, 1.0))

    def chosen(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Options taken by a solution."""
        return self._used[values[self._first : self._more] > _HALF]

    def charged(self, values: NDArray[np.float64]) -> float:
        """Units (or strength) that a solution takes, as far as is known."""
        taken = values[self._first : self._more] > _HALF
        return float(self._weight[taken].sum() + values[self._more])

    def _add_cut_rows(self, graph: CutGraph, closing: _Groups) -> None:
        """For each arc: the vehicle gets from tail to head, but for the options that close it."""
        arcs = graph.arc.shape[0]
        first = closing.first + 2 * np.arange(arcs)
        columns = np.empty(closing.columns.shape[0] + 2 * arcs, dtype=np.int64)
        factor = np.full(columns.shape[0], -1.0)
        ends = np.zeros(columns.shape[0], dtype=bool)
        ends[first] = ends[first + 1] = True
        columns[first], columns[first + 1] = graph.tail, graph.head
        columns[~ends] = closing.columns
        factor[first] = 1.0
        self.add_rows(-np.inf, 0.0, first, columns, factor)

    def _add_route_rows(self, serves: _Serves) -> None:
        for met, leads_to in zip(self._learnt.met, self._learnt.leads_to, strict=True):
            stopping = serves.some(np.array(list(met), np.int32), np.array(list(met.values())))
            self.add_row(1.0, np.inf, np.append(stopping.columns, leads_to))

    def _add_site_rows(self) -> None:
        """A site is closed once."""
        used = self._learnt.used
        site = self._learnt.question.site[used]
        order = np.argsort(site, kind="stable")
        _, count = np.unique(site, return_counts=True)
        several = count > 1
        columns = self._column[used[order]][np.repeat(several, count)]
        count = count[several]
        self.add_rows(-np.inf, 1.0, np.cumsum(count) - count, columns, 1.0)

    def _add_answers(self) -> None:
        question, used = self._learnt.question, self._learnt.used
        for side, refusal in self._learnt.refusals:
            member = np.zeros(question.demands[side].count + 1, dtype=bool)
            member[refusal.members] = True
            within = member[question.demand_of[side][used]]
            self.add_row(-np.inf, refusal.most, self._column[used[within]])
        for options, extra in self._learnt.extra:
            columns = self._column[options]
            if (columns < 0).any():
                continue
            # One column for all of them: two that overlap may tell of the same unit.
            count = columns.shape[0]
            factor = np.append(np.full(count, -float(extra)), 1.0)
            self.add_row(extra * (1.0 - count), np.inf, np.append(columns, self._more), factor)


def _deadlines(question: CutOptions, graph: CutGraph) -> NDArray[np.float64]:
    """Deadline of each arc of a graph; minus infinity where nobody can close it."""
    by_s = np.full(question.capacity.shape[0], -np.inf)
    direct = question.arc >= 0
    by_s[question.arc[direct]] = question.by_s[direct]
    return by_s[graph.arc]


@dataclass(frozen=True, slots=True)
class _Groups:
    """Columns group by group: where each begins, int64[g], and all of them."""

    first: NDArray[np.int64]
    columns: NDArray[np.int64]


class _Serves:
    """Finds the options that close sites by given times."""

    def __init__(self, learnt: Learnt, column: NDArray[np.int64]) -> None:
        site, by_s = learnt.question.site[learnt.used], learnt.question.by_s[learnt.used]
        self._times = np.unique(by_s)
        key = self._key(site, by_s)
        order = np.argsort(key, kind="stable")
        self._keys = key[order]
        self._column = column[learnt.used][order]

    def _key(self, site: NDArray[np.int32], by_s: NDArray[np.float64]) -> NDArray[np.int64]:
        """Order by site, then by time."""
        rank = np.searchsorted(self._times, by_s, side="right")
        return np.asarray(site * np.int64(self._times.shape[0] + 1) + rank, dtype=np.int64)

    def some(self, site: NDArray[np.int32], by_s: NDArray[np.float64]) -> _Groups:
        """Columns of the options that close each site by its time."""
        begin = np.searchsorted(self._keys, self._key(site, np.full(site.shape[0], -np.inf)))
        end = np.searchsorted(self._keys, self._key(site, by_s), side="right")
        count = np.maximum(end - begin, 0)
        first = np.cumsum(count) - count
        within = np.arange(int(count.sum())) - np.repeat(first, count)
        return _Groups(first, self._column[np.repeat(begin, count) + within])
