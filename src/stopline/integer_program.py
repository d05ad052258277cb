"""A thin hand on HiGHS: columns, rows, solve; silent, seeded, with a time limit."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from highspy.highs import HighsCallbackEvent
    from numpy.typing import ArrayLike, NDArray


_SHARE: Final = 0.95
# About what HiGHS computes for a column from one look whether to go on to the next, for an entry
# before its first look (it makes an integer program smaller), and for one of a linear program.
_LOOK_S_A_COLUMN: Final = 1e-5
_BEGIN_S_AN_ENTRY: Final = 2.5e-6
_LINEAR_S_AN_ENTRY: Final = 5e-7

_looked: ContextVar[Callable[[float], None] | None] = ContextVar("_looked", default=None)


@contextmanager
def ended_by_looks(looked: Callable[[float], None]) -> Iterator[None]:
    """End each solve by how often HiGHS looks whether to go on, and not by the wall's time.

    Two solves of one program end at one place, however busy the machine is. A linear program,
    which has no such looks, is solved to its end; an integer program that would not come to its
    first look is not begun.

    Args:
        looked: is told at each look for how many seconds it stands.
    """
    before = _looked.set(looked)
    try:
        yield
    finally:
        _looked.reset(before)


class Outcome(Enum):
    """How a solve ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    TIME_OUT = "time out"


@dataclass(frozen=True, slots=True)
class Solution:
    """The end of a solve.

    Attributes:
        outcome: how it ended.
        values: float64[columns], the best point found; empty if none was.
        objective: its objective, infinite if there is none.
        bound: no point is better than this.
    """

    outcome: Outcome
    values: NDArray[np.float64]
    objective: float
    bound: float


class IntegerProgram:
    """Minimise a linear objective over integer and continuous columns under linear rows."""

    def __init__(self) -> None:
        self._highs = highspy.Highs()
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", 1)
        self._highs.setOptionValue("random_seed", 0)
        self._highs.setOptionValue("mip_rel_gap", 0.0)
        self._highs.setOptionValue("mip_abs_gap", 1e-6)
        self.columns = 0
        self._gap = 0.0
        self._whole = False  # some columns must be

    @property
    def rows(self) -> int:
        """How many there are."""
        return int(self._highs.getNumRow())

    def add_columns(
        self,
        cost: ArrayLike,
        lower: ArrayLike,
        upper: ArrayLike,
        *,
        integer: bool,
    ) -> int:
        """Add columns and return the number of the first.

        Args:
            cost: float64[k].
            lower: float64[k] or one for all.
            upper: float64[k] or one for all.
            integer: whether they must be whole.
        """
        costs = np.atleast_1d(np.asarray(cost, dtype=np.float64))
        count = costs.shape[0]
        first = self.columns
        empty = np.empty(0, dtype=np.int32)
        self._highs.addCols(
            count,
            costs,
            np.broadcast_to(np.asarray(lower, dtype=np.float64), (count,)).copy(),
            np.broadcast_to(np.asarray(upper, dtype=np.float64), (count,)).copy(),
            0,
            np.zeros(count, dtype=np.int32),
            empty,
            np.empty(0),
        )
        self.columns += count
        if integer and count:
            self.make_integer(np.arange(first, self.columns))
        return first

    def add_columns_with_rows(
        self,
        cost: ArrayLike,
        lower: float,
        upper: float,
        first: ArrayLike,
        row: ArrayLike,
        factor: ArrayLike,
        *,
        integer: bool,
    ) -> int:
        """Add columns to rows that are there, and return the number of the first.

        Args:
            cost: float64[k].
            lower: one for all.
            upper: one for all.
            first: int32[k], where each column begins in `row` and `factor`.
            row: int32[z].
            factor: float64[z].
            integer: whether they must be whole.
        """
        costs = np.atleast_1d(np.asarray(cost, dtype=np.float64))
        count, number = costs.shape[0], self.columns
        rows = np.ascontiguousarray(row, dtype=np.int32)
        self._highs.addCols(
            count,
            costs,
            np.full(count, lower),
            np.full(count, upper),
            rows.shape[0],
            np.ascontiguousarray(first, dtype=np.int32),
            rows,
            np.ascontiguousarray(factor, dtype=np.float64),
        )
        self.columns += count
        if integer:
            self.make_integer(np.arange(number, self.columns))
        return number

    def add_rows(
        self,
        lower: ArrayLike,
        upper: ArrayLike,
        first: ArrayLike,
        column: ArrayLike,
        factor: ArrayLike,
    ) -> None:
        """Add rows `lower <= sum factor * column <= upper`, given row by row.

        Args:
            lower: float64[r] or one for all.
            upper: float64[r] or one for all.
            first: int32[r], where each row begins in `column` and `factor`.
            column: int32[z].
            factor: float64[z] or one for all.
        """
        starts = np.ascontiguousarray(first, dtype=np.int32)
        columns = np.ascontiguousarray(column, dtype=np.int32)
        count = starts.shape[0]
        if count == 0:
            return
        self._highs.addRows(
            count,
            np.broadcast_to(np.asarray(lower, dtype=np.float64), (count,)).copy(),
            np.broadcast_to(np.asarray(upper, dtype=np.float64), (count,)).copy(),
            columns.shape[0],
            starts,
            columns,
            np.broadcast_to(np.asarray(factor, dtype=np.float64), columns.shape).copy(),
        )

    def add_row(
        self, lower: float, upper: float, column: ArrayLike, factor: ArrayLike = 1.0
    ) -> None:
        """Add one row."""
        self.add_rows(lower, upper, [0], column, factor)

    def set_costs(self, cost: NDArray[np.float64]) -> None:
        """Replace the objective; float64[columns]."""
        which = np.arange(self.columns, dtype=np.int32)
        self._highs.changeColsCost(self.columns, which, np.ascontiguousarray(cost))

    def set_column(self, column: int, lower: float, upper: float) -> None:
        """Let a column take other values."""
        self._highs.changeColBounds(column, lower, upper)

    def set_row(self, row: int, lower: float, upper: float) -> None:
        """Let a row take other values."""
        self._highs.changeRowBounds(row, lower, upper)

    def make_integer(self, column: ArrayLike, *, whole: bool = True) -> None:
        """Let columns take whole values only, or any again."""
        which = np.unique(np.asarray(column, dtype=np.int32))
        kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
        kinds = np.full(which.shape[0], kind.value, dtype=np.uint8)
        self._highs.changeColsIntegrality(which.shape[0], which, kinds)
        if which.size:
            self._whole = whole

    def begin_with(self, values: NDArray[np.float64]) -> None:
        """Give a point to begin with; float64[columns]. One that breaks a row is passed over."""
        point = highspy.HighsSolution()
        point.col_value = list(values)
        self._highs.setSolution(point)

    def allow_gap(self, relative: float) -> None:
        """Stop as soon as the best point is proven to lie this near the bound, as a fraction."""
        self._gap = relative
        self._highs.setOptionValue("mip_rel_gap", relative)

    def row_duals(self) -> NDArray[np.float64]:
        """What each row of the linear program just solved is worth; float64[rows]."""
        return np.array(self._highs.getSolution().row_dual)

    def column_duals(self) -> NDArray[np.float64]:
        """What raising each column by one costs in the linear program just solved; float64[n]."""
        return np.array(self._highs.getSolution().col_dual)

    def solve(self, time_limit_s: float = np.inf) -> Solution:
        """Solve; a point found before the time ran out comes with the bound proven by then."""
        if time_limit_s <= 0:
            return Solution(Outcome.TIME_OUT, np.empty(0), np.inf, -np.inf)
        # HiGHS looks at the clock now and then only, so a part of the time is kept back.
        if not self._run(_SHARE * time_limit_s):
            return Solution(Outcome.TIME_OUT, np.empty(0), np.inf, -np.inf)
        status = self._highs.getModelStatus()
        statuses = highspy.HighsModelStatus
        if status in (statuses.kInfeasible, statuses.kUnboundedOrInfeasible):
            return Solution(Outcome.INFEASIBLE, np.empty(0), np.inf, np.inf)
        info = self._highs.getInfo()
        has_point = info.primal_solution_status == 2  # noqa: PLR2004  (HiGHS: feasible point)
        values = np.array(self._highs.getSolution().col_value) if has_point else np.empty(0)
        objective = float(info.objective_function_value) if has_point else np.inf
        if status in (statuses.kOptimal, statuses.kModelEmpty):
            # Under an allowed gap the bound is not the objective; a linear program has none.
            bound = float(info.mip_dual_bound)
            ended = bound if self._gap > 0 and np.isfinite(bound) else objective
            return Solution(Outcome.OPTIMAL, values, objective, ended)
        return Solution(Outcome.TIME_OUT, values, objective, float(info.mip_dual_bound))

    def _run(self, limit_s: float) -> bool:
        """Solve; whether it was begun."""
        looked = _looked.get()
        if looked is None:
            if np.isfinite(limit_s):
                # HiGHS counts its clock over all solves of one model.
                self._highs.setOptionValue("time_limit", self._highs.getRunTime() + limit_s)
            self._highs.run()
            return True
        entries = self._highs.getNumNz()
        begin_s = entries * (_BEGIN_S_AN_ENTRY if self._whole else _LINEAR_S_AN_ENTRY)
        look_s, left_s = _LOOK_S_A_COLUMN * self.columns, limit_s - begin_s
        looked(begin_s)
        if self._whole and left_s < 0.0:
            return False

        def look(event: HighsCallbackEvent) -> None:
            nonlocal left_s
            looked(look_s)
            left_s -= look_s
            if left_s < 0.0:
                event.interrupt()

        self._highs.cbMipInterrupt.subscribe(look)
        try:
            self._highs.run()
        finally:
            self._highs.cbMipInterrupt.unsubscribe(look)
        return True
