"""A question that is hard leaves time for the questions after it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from stopline.sealing.problem import Rules
from stopline.sealing.search import objectives
from stopline.sealing.search.goal import Found, Goal, nothing

if TYPE_CHECKING:
    import pytest

    from stopline.sealing.search.sealer import Sealer

HARD_S = (60.0, 200.0)  # margins between which nothing is ever decided
LIMIT_S = 2.0


class Stubborn:
    """Plans for small margins, none for large ones; between them it takes all the time it has."""

    def __init__(self) -> None:
        self.until = time.perf_counter() + LIMIT_S
        self.asked: list[tuple[float, float]] = []

    def solve(self, goal: Goal) -> Found:
        self.asked.append((goal.margin_s, self.until - time.perf_counter()))
        if goal.margin_s >= HARD_S[1]:
            return nothing(())
        if goal.margin_s > HARD_S[0]:
            time.sleep(max(0.0, self.until - time.perf_counter()))
            return replace(nothing(()), bound=0.0, proven=False)
        plan = replace(nothing(()), options=np.zeros(1, dtype=np.int64), cost=3, bound=3.0)
        return replace(plan, proven=goal.cheapest)


def test_a_hard_margin_leaves_time_for_smaller_ones_and_for_the_units(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(objectives, "margin_of", lambda *_: 0.0)
    monkeypatch.setattr(objectives, "certificate_of_flow", lambda *_: None)
    sealer = Stubborn()
    begin, finish = time.perf_counter(), sealer.until
    rules = Rules(margin_s=0.0, enough_margin_s=300.0, objective=("margin", "units"))
    found, goal = objectives.best_plan(cast("Sealer", sealer), rules)
    assert found.sealed
    assert not found.proven  # margins above 60 s were not decided
    assert 55.0 <= goal.margin_s <= HARD_S[0]
    last_margin_s, left_s = sealer.asked[-1]
    assert last_margin_s == goal.margin_s
    assert left_s > LIMIT_S / 4  # of the units step
    assert sealer.until == finish
    assert time.perf_counter() - begin < LIMIT_S
