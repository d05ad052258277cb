"""The checker's integer program: may some assignment stop every route of a proof?"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import highspy
import numpy as np

from stopline.sealing.checker.seals import name_of, place_of

if TYPE_CHECKING:
    from stopline.sealing.checker.joint import OtherSide
    from stopline.sealing.checker.roads import Place
    from stopline.sealing.plan_file.schema import SitePart

_TIME_LIMIT_S = 60.0


@dataclass(slots=True)
class Program:
    """An integer program with columns of 0 or 1 and no objective."""

    hold: dict[tuple[str, Place], int] = field(default_factory=dict)
    hoped: list[tuple[str, Place, int]] = field(default_factory=list)
    _columns: int = 0
    _rows: list[tuple[float, float, list[int], list[float]]] = field(default_factory=list)

    def column(self) -> int:
        """Add a column, 0 or 1."""
        self._columns += 1
        return self._columns - 1

    def row(self, least: float, most: float, columns: list[int], values: list[float]) -> None:
        """Add a row."""
        self._rows.append((least, most, columns, values))

    def answer(self, sites: dict[Place, SitePart]) -> list[str]:
        """Solve it; say which units stop all routes, or that it could not be decided."""
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("time_limit", _TIME_LIMIT_S)
        solver.setOptionValue("threads", 1)
        for column in range(self._columns):
            solver.addVar(0.0, 1.0)
            solver.changeColIntegrality(column, highspy.HighsVarType.kInteger)
        for least, most, columns, values in self._rows:
            solver.addRow(
                least, most, len(columns), np.array(columns, dtype=np.int32), np.array(values)
            )
        solver.run()
        status = solver.getModelStatus()
        none = (
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,  # it is bounded: all columns are
        )
        if status in none:
            return []
        if status != highspy.HighsModelStatus.kOptimal:
            return [f"The proof could not be confirmed within {_TIME_LIMIT_S:g} s."]
        chosen = solver.getSolution().col_value
        held = [*((unit, place, column) for (unit, place), column in self.hold.items())]
        orders = [
            f"{who} at {name_of(sites[place])}"
            for who, place, column in (*held, *self.hoped)
            if chosen[column] > 0.5  # noqa: PLR2004  (0 or 1)
        ]
        named = ", ".join(dict.fromkeys(orders))
        return [f"All routes of the proof can be stopped: {named}."]


class Hoped:
    """Columns for what the other side may hold, and a row for each of its inequalities."""

    def __init__(self, other: OtherSide, program: Program) -> None:
        self.other, self._program = other, program
        self._counted: dict[tuple[int, int], dict[Place, list[int]]] = {}

    def at(self, site: SitePart, by_s: float) -> tuple[list[int], list[float]]:
        """A column for each strength that it may have at a site by a time, at most one of them."""
        columns: list[int] = []
        levels: list[float] = []
        for level in range(1, self.other.strength_by(site, by_s) + 1):
            column = self._program.column()
            columns.append(column)
            levels.append(float(level))
            self._program.hoped.append((self.other.name, place_of(site), column))
            for row in self.other.bounded_by(site, level, by_s):
                self._counted.setdefault(row, {}).setdefault(place_of(site), []).append(column)
        if columns:
            self._program.row(-math.inf, 1.0, columns, [1.0] * len(columns))
        return columns, levels

    def bound(self) -> None:
        """Of the sites that an inequality counts, at most so many."""
        for (_, most), places in self._counted.items():
            held: list[int] = []
            for columns in places.values():
                held.append(self._program.column())
                for column in columns:
                    self._program.row(0.0, math.inf, [held[-1], column], [1.0, -1.0])
            self._program.row(-math.inf, float(most), held, [1.0] * len(held))
