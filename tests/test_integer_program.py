"""What ends an integer program: its time, or, where that is asked for, its looks alone."""

from __future__ import annotations

import time

import numpy as np
import pytest

from stopline.integer_program import IntegerProgram, Outcome, Solution, ended_by_looks
from stopline.operation.runtime.exercising import computing_by_looks

_LIMIT_S = 0.05


def _market_split() -> IntegerProgram:
    """A small program that keeps HiGHS for minutes: halve four lists of numbers by one choice."""
    rows, columns = 4, 30
    numbers = np.random.default_rng(1).integers(0, 100, (rows, columns)).astype(np.float64)
    program = IntegerProgram()
    program.add_columns(np.zeros(columns), 0, 1, integer=True)
    off = program.add_columns(np.ones(2 * rows), 0, np.inf, integer=False)
    for row, own in enumerate(numbers):
        half = float(own.sum() // 2)
        where = [*range(columns), off + 2 * row, off + 2 * row + 1]
        program.add_row(half, half, where, [*own, 1.0, -1.0])
    return program


def _by_looks(look_takes_s: float) -> tuple[Solution, list[float]]:
    looks: list[float] = []

    def looked(seconds: float) -> None:
        looks.append(seconds)
        time.sleep(look_takes_s)

    with ended_by_looks(looked):
        return _market_split().solve(_LIMIT_S), looks


def test_ended_by_looks_it_ends_at_one_place_however_long_a_look_takes() -> None:
    quick, looks = _by_looks(0.0)
    slow, again = _by_looks(0.01)
    assert quick.outcome is slow.outcome is Outcome.TIME_OUT
    assert looks == again
    assert len(looks) > 20
    assert sum(looks) == pytest.approx(_LIMIT_S, rel=0.1)
    assert slow.bound == quick.bound
    assert slow.objective == quick.objective
    np.testing.assert_array_equal(slow.values, quick.values)


def test_the_looks_of_a_program_pass_on_the_clock_of_a_headless_exercise() -> None:
    with computing_by_looks():
        began_s = time.perf_counter()
        assert _market_split().solve(_LIMIT_S).outcome is Outcome.TIME_OUT
        assert 0.9 * _LIMIT_S < time.perf_counter() - began_s < 2 * _LIMIT_S
        began_s = time.perf_counter()
        assert _market_split().solve(-1.0).outcome is Outcome.TIME_OUT
        assert time.perf_counter() - began_s < 0.1 * _LIMIT_S + 0.005


def test_by_looks_a_program_that_would_not_come_to_its_first_look_is_not_begun() -> None:
    passed: list[float] = []
    with ended_by_looks(passed.append):
        solved = _market_split().solve(1e-9)
    assert solved.outcome is Outcome.TIME_OUT
    assert solved.values.size == 0
    assert len(passed) == 1


def test_else_it_is_ended_by_its_time() -> None:
    began_s = time.monotonic()
    assert _market_split().solve(0.2).outcome is Outcome.TIME_OUT
    assert 0.1 < time.monotonic() - began_s < 60.0
