"""Assign units to demands: the fewest units, then the most slack; or the reason why not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import read_only
from stopline.integer_program import IntegerProgram, Outcome
from stopline.sealing.search.assignment_kernel import cheapest_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class AssignmentTask:
    """One demand with the units that can meet it.

    Attributes:
        need: strength asked.
        by_s: latest closing time.
        ready_s: closing time by unit, for all that are ready in time (or enough of them).
    """

    need: int
    by_s: float
    ready_s: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Shortage:
    """Tasks that together have too few units.

    Attributes:
        tasks: numbers of the tasks that compete.
        units: all the units that could serve any of them.
    """

    tasks: tuple[int, ...]
    units: frozenset[int]


def assign(
    tasks: Sequence[AssignmentTask], strength: NDArray[np.int32], *, prefer: str = "units"
) -> list[tuple[int, ...]] | Shortage:
    """Give each task units of enough strength, no unit twice.

    Args:
        tasks: what is asked.
        strength: int32[u], strength of every unit.
        prefer: `units` or `strength`: what to use least of; then the smallest slack is made as
            large as it can be, then closing times as early as they can be.

    Returns:
        The units of each task, or a shortage.
    """
    single = all(strength[u] >= task.need for task in tasks for u in task.ready_s)
    if not single:
        return _assign_groups(tasks, strength, prefer)
    units = sorted({u for task in tasks for u in task.ready_s})
    column = {u: i for i, u in enumerate(units)}
    ready = np.full((len(tasks), len(units)), np.inf)
    for row, task in enumerate(tasks):
        for u, when in task.ready_s.items():
            ready[row, column[u]] = when
    match = _matching(np.isfinite(ready))
    if (match < 0).any():
        return _shortage(tasks, np.isfinite(ready), match, units)
    by_s = np.array([task.by_s for task in tasks])[:, None]
    slack = np.where(np.isfinite(ready), by_s - np.where(np.isfinite(ready), ready, 0.0), -np.inf)
    allowed = _widest(slack)
    weight = strength[units] if prefer == "strength" else np.ones(len(units))
    scale = 1.0 + np.abs(ready[np.isfinite(ready)]).sum()
    cost = np.where(allowed, ready + scale * weight, np.inf)
    if prefer == "strength":
        cost = np.where(np.isfinite(ready), ready + scale * weight, np.inf)
    return [(units[c],) for c in _columns(cost).tolist()]


def _matching(eligible: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Column matched to each row in a largest matching, -1 for none."""
    return _columns(np.where(eligible, 0.0, np.inf))


def _columns(cost: NDArray[np.float64]) -> NDArray[np.int32]:
    """Column of each row in the cheapest of the largest matchings, -1 for none."""
    column_of = np.full(cost.shape[0], -1, dtype=np.int32)
    cheapest_columns(read_only(np.ascontiguousarray(cost)), column_of)
    return column_of


def _widest(slack: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Pairs to allow so that the smallest slack of a perfect matching is largest."""
    values = np.unique(slack[slack >= 0])
    if values.size and np.isinf(values[-1]):
        values[-1] = np.finfo(np.float64).max
    low, high = 0, values.size - 1
    while low < high:
        middle = (low + high + 1) // 2
        if (_matching(slack >= values[middle]) >= 0).all():
            low = middle
        else:
            high = middle - 1
    return np.asarray(slack >= values[low]) if values.size else slack >= 0


def _shortage(
    tasks: Sequence[AssignmentTask],
    eligible: NDArray[np.bool_],
    match: NDArray[np.int32],
    units: Sequence[int],
) -> Shortage:
    """The tasks that alternating paths reach from an unmatched one (Hall 1935)."""
    row_of = {int(column): row for row, column in enumerate(match) if column >= 0}
    frontier = [int(np.flatnonzero(match < 0)[0])]
    reached = set(frontier)
    columns: set[int] = set()
    while frontier:
        row = frontier.pop()
        for column in np.flatnonzero(eligible[row]).tolist():
            if column not in columns:
                columns.add(column)
                nearer = row_of[column]
                if nearer not in reached:
                    reached.add(nearer)
                    frontier.append(nearer)
    del tasks
    return Shortage(tuple(sorted(reached)), frozenset(units[c] for c in columns))


def _assign_groups(
    tasks: Sequence[AssignmentTask], strength: NDArray[np.int32], prefer: str
) -> list[tuple[int, ...]] | Shortage:
    """As `assign`, where a task may need several units: a small integer program."""
    found = _solve_groups(tasks, strength, prefer)
    if found is not None:
        return found
    # Leave out tasks one by one as long as the rest stays impossible.
    core = list(range(len(tasks)))
    for candidate in list(core):
        rest = [i for i in core if i != candidate]
        if rest and _solve_groups([tasks[i] for i in rest], strength, prefer) is None:
            core = rest
    return Shortage(tuple(core), frozenset(u for i in core for u in tasks[i].ready_s))


def _solve_groups(
    tasks: Sequence[AssignmentTask], strength: NDArray[np.int32], prefer: str
) -> list[tuple[int, ...]] | None:
    pairs = [(t, u, when) for t, task in enumerate(tasks) for u, when in task.ready_s.items()]
    if not pairs:
        return None if tasks else []
    program = IntegerProgram()
    ready = np.array([when for _, _, when in pairs])
    weight = np.array([float(strength[u]) if prefer == "strength" else 1.0 for _, u, _ in pairs])
    late = ready - ready.min()
    program.add_columns(weight + late / (1.0 + late.sum()) / 2, 0, 1, integer=True)
    of_unit: dict[int, list[int]] = {}
    of_task: list[list[int]] = [[] for _ in tasks]
    for number, (t, u, _) in enumerate(pairs):
        of_unit.setdefault(u, []).append(number)
        of_task[t].append(number)
    for numbers in of_unit.values():
        program.add_row(-np.inf, 1, numbers)
    for t, numbers in enumerate(of_task):
        strengths = [float(strength[pairs[i][1]]) for i in numbers]
        if sum(strengths) < tasks[t].need:
            return None
        program.add_row(tasks[t].need, np.inf, numbers, strengths)
    solution = program.solve()
    if solution.outcome is not Outcome.OPTIMAL:
        return None
    taken = np.flatnonzero(solution.values > 0.5).tolist()  # noqa: PLR2004
    return [tuple(pairs[i][1] for i in taken if pairs[i][0] == t) for t in range(len(tasks))]


def most_met(tasks: Sequence[AssignmentTask], strength: NDArray[np.int32]) -> int:
    """Largest number of the tasks that can be met together."""
    if all(strength[u] >= task.need for task in tasks for u in task.ready_s):
        units = sorted({u for task in tasks for u in task.ready_s})
        eligible = np.array([[u in task.ready_s for u in units] for task in tasks], dtype=bool)
        return int((_matching(eligible.reshape(len(tasks), len(units))) >= 0).sum())
    pairs = [(t, u) for t, task in enumerate(tasks) for u in task.ready_s]
    program = IntegerProgram()
    met = program.add_columns(-np.ones(len(tasks)), 0, 1, integer=True)
    used = program.add_columns(np.zeros(len(pairs)), 0, 1, integer=True)
    by_task = sorted(range(len(pairs)), key=lambda i: pairs[i])
    edges = [
        0,
        *(k for k in range(1, len(by_task)) if pairs[by_task[k]][0] != pairs[by_task[k - 1]][0]),
        len(by_task),
    ]
    served = set()
    for first, last in pairwise(edges):
        numbers = by_task[first:last]
        t = pairs[numbers[0]][0]
        served.add(t)
        factors = [float(strength[pairs[i][1]]) for i in numbers] + [-float(tasks[t].need)]
        program.add_row(0, np.inf, [used + i for i in numbers] + [met + t], factors)
    for t in set(range(len(tasks))) - served:
        program.add_row(0, 0, [met + t])
    of_unit: dict[int, list[int]] = {}
    for i, (_, u) in enumerate(pairs):
        of_unit.setdefault(u, []).append(used + i)
    for numbers in of_unit.values():
        program.add_row(-np.inf, 1, numbers)
    return round(-program.solve().objective)
