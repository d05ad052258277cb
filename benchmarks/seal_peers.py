"""What the planner is compared with, written from the problem alone with SciPy, heapq and HiGHS.

Nothing here uses the planner, its searches or its readiness: a peer that agrees is a second
opinion.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import highspy
import numpy as np
from seal_plain import Plain, closing_times, free_arrival, plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.problem import SealingProblem

MOST_COLUMNS = 4_000_000  # of the plain integer program; above, memory runs out before time


@dataclass(frozen=True, slots=True)
class Result:
    """How a peer ended: `sealed`, `no plan` or `not finished`; its cost; its time by part."""

    verdict: str
    cost: int
    ready_s: float
    total_s: float
    note: str = ""


def integer_program(problem: SealingProblem, limit_s: float) -> Result:
    """Solve one plain integer program: potentials on junctions, a column for each unit and site."""
    begin = time.perf_counter()
    roads = plain(problem)
    at_s = free_arrival(roads)
    last_s = float(at_s[np.isfinite(at_s)].max())
    closed = closing_times(problem, last_s, begin + limit_s)
    ready = time.perf_counter() - begin
    if closed is None:
        return Result("not finished", 0, ready, ready, "driving times of the units")
    arcs = np.flatnonzero(np.isfinite(at_s[roads.tail]) & (roads.tail != roads.head))
    by_s = at_s[roads.tail[arcs]] - roads.margin_s
    latest = np.full(problem.network.sections, -np.inf)
    np.maximum.at(latest, roads.section[arcs], by_s)
    unit, site = np.nonzero(closed <= latest)
    if unit.size > MOST_COLUMNS:
        return Result("not finished", 0, ready, ready, f"{unit.size:,} columns: not tried")
    order = np.lexsort((unit, site))
    unit, site = unit[order], site[order]
    first_of = np.searchsorted(site, np.arange(problem.network.sections + 1))
    nodes = at_s.shape[0]
    model = _Model()
    lower, upper = np.zeros(nodes), np.ones(nodes)
    lower[roads.start], upper[roads.outside] = 1.0, 0.0
    model.columns(np.zeros(nodes), lower, upper, whole=False)
    model.columns(np.ones(unit.size), np.zeros(unit.size), np.ones(unit.size), whole=True)
    starts, columns, factors, count = [], [], [], 0
    when = closed[unit, site]
    for arc, by in zip(arcs.tolist(), by_s.tolist(), strict=True):
        low, high = first_of[roads.section[arc]], first_of[roads.section[arc] + 1]
        able = np.flatnonzero(when[low:high] <= by) + low + nodes
        starts.append(count)
        columns.append(np.concatenate(([roads.head[arc], roads.tail[arc]], able)))
        factors.append(np.concatenate(([1.0, -1.0], np.ones(able.size))))
        count += 2 + able.size
    if columns:
        # head - tail + seals >= 0: whoever can be at the tail can be at the head, or is stopped
        model.rows(0.0, np.inf, starts, np.concatenate(columns), np.concatenate(factors))
    by_unit = np.argsort(unit, kind="stable")
    used, first = np.unique(unit[by_unit], return_index=True)
    if used.size:
        model.rows(-np.inf, 1.0, first, by_unit + nodes, np.ones(unit.size))
    left = limit_s - (time.perf_counter() - begin)
    verdict, cost, _ = model.solve(left) if left > 0 else ("not finished", 0.0, None)
    note = f"{unit.size:,} columns"
    return Result(verdict, round(cost), ready, time.perf_counter() - begin, note)


def route_generation(problem: SealingProblem, limit_s: float) -> Result:
    """Add the route that escapes, choose units anew, until none escapes or none can be chosen."""
    begin = time.perf_counter()
    roads = plain(problem)
    at_s = free_arrival(roads)
    last_s = float(at_s[np.isfinite(at_s)].max())
    closed = closing_times(problem, last_s, begin + limit_s)
    ready = time.perf_counter() - begin
    if closed is None:
        return Result("not finished", 0, ready, ready, "driving times of the units")
    graph = tuple(a.tolist() for a in (roads.first_out, roads.head, roads.time_s, roads.section))
    model = _Model()
    pairs: dict[tuple[int, int], int] = {}
    of_unit: dict[int, int] = {}  # its row
    shut: dict[int, float] = {}
    cost, rounds = 0.0, 0
    while True:
        route = _escape(graph, roads, shut)
        if route is None:
            return Result(
                "sealed", round(cost), ready, time.perf_counter() - begin, f"{rounds} routes"
            )
        rounds += 1
        members = []
        for section, met_s in route.items():
            able = np.flatnonzero(closed[:, section] <= met_s - roads.margin_s)
            members += [_pair(model, pairs, of_unit, (u, section)) for u in able.tolist()]
        model.rows(1.0, np.inf, [0], members, np.ones(len(members)))
        left = limit_s - (time.perf_counter() - begin)
        verdict, cost, values = model.solve(left) if left > 0 else ("not finished", 0.0, None)
        if values is None:
            return Result(verdict, 0, ready, time.perf_counter() - begin, f"{rounds} routes")
        shut = {}
        for (unit, section), column in pairs.items():
            if values[column] > 0.5:
                when = float(closed[unit, section]) + roads.margin_s
                shut[section] = min(when, shut.get(section, np.inf))


def _pair(
    model: _Model,
    pairs: dict[tuple[int, int], int],
    of_unit: dict[int, int],
    pair: tuple[int, int],
) -> int:
    """The column of a unit at a section, made when first asked for."""
    if pair not in pairs:
        column = pairs[pair] = len(pairs)
        model.columns(np.ones(1), np.zeros(1), np.ones(1), whole=True)
        if pair[0] in of_unit:
            model.coefficient(of_unit[pair[0]], column)
        else:
            of_unit[pair[0]] = model.rows(-np.inf, 1.0, [0], [column], [1.0])
    return pairs[pair]


def _escape(
    graph: tuple[list[int], ...], roads: Plain, shut: dict[int, float]
) -> dict[int, float] | None:
    """Sections of the earliest way out with the time each is entered; None if there is none."""
    first_out, head, time_s, section = graph
    best, via = {roads.start: roads.start_s}, {roads.start: -1}
    heap, done = [(roads.start_s, roads.start)], set()
    while heap:
        now, node = heapq.heappop(heap)
        if node in done:
            continue
        done.add(node)
        if node == roads.outside:
            break
        for arc in range(first_out[node], first_out[node + 1]):
            if now >= shut.get(section[arc], np.inf):
                continue
            when, to = now + time_s[arc], head[arc]
            if when < best.get(to, np.inf):
                best[to], via[to] = when, arc
                heapq.heappush(heap, (when, to))
    if roads.outside not in done:
        return None
    route, arc = {}, via[roads.outside]
    while arc >= 0:
        node = int(roads.tail[arc])
        route[section[arc]] = best[node]
        arc = via[node]
    return route


class _Model:
    """HiGHS with one thread."""

    def __init__(self) -> None:
        self._highs = highspy.Highs()
        for key, value in {"output_flag": False, "threads": 1, "mip_rel_gap": 0.0}.items():
            self._highs.setOptionValue(key, value)
        self._rows = 0
        self._columns = 0

    def columns(
        self,
        cost: NDArray[np.float64],
        lower: NDArray[np.float64],
        upper: NDArray[np.float64],
        *,
        whole: bool,
    ) -> None:
        none = np.zeros(0, dtype=np.int32)
        k = cost.size
        self._highs.addCols(k, cost, lower, upper, 0, np.zeros(k, np.int32), none, np.zeros(0))
        if whole and k:
            which = np.arange(self._columns, self._columns + k, dtype=np.int32)
            self._highs.changeColsIntegrality(k, which, np.ones(k, dtype=np.uint8))
        self._columns += k

    def rows(
        self, lower: float, upper: float, first: object, column: object, factor: object
    ) -> int:
        """Add rows and give the number of the first."""
        starts = np.asarray(first, dtype=np.int32)
        columns = np.asarray(column, dtype=np.int32)
        k = starts.size
        done = self._highs.addRows(
            k,
            np.full(k, lower),
            np.full(k, upper),
            columns.size,
            starts,
            columns,
            np.asarray(factor, dtype=np.float64),
        )
        if done != highspy.HighsStatus.kOk:
            msg = "HiGHS refused rows"
            raise ValueError(msg)
        self._rows += k
        return self._rows - k

    def coefficient(self, row: int, column: int) -> None:
        self._highs.changeCoeff(row, column, 1.0)

    def solve(self, limit_s: float) -> tuple[str, float, NDArray[np.float64] | None]:
        """Give the verdict, the cost and the values if solved to the end."""
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + limit_s)
        self._highs.run()
        status, names = self._highs.getModelStatus(), highspy.HighsModelStatus
        if status in (names.kOptimal, names.kModelEmpty):
            values = np.array(self._highs.getSolution().col_value)
            return "sealed", float(self._highs.getInfo().objective_function_value), values
        if status in (names.kInfeasible, names.kUnboundedOrInfeasible):
            return "no plan", 0.0, None
        return "not finished", 0.0, None
