"""Rotas: rest is kept, the load is even, and what is drawn follows the strategy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.errors import BadInput
from stopline.interdiction.rota import RestRules, roster, rota
from stopline.interdiction.strategy import Strategy

SHIFTS = 2000


@given(
    seed=st.integers(0, 10_000),
    rest=st.integers(0, 4),
    most=st.integers(1, 7),
    crew=st.integers(1, 5),
)
def test_every_unit_rests_and_is_asked_only_when_it_can(
    seed: int, rest: int, most: int, crew: int
) -> None:
    rng = np.random.default_rng(seed)
    available = rng.random((60, 9)) < 0.7
    rules = RestRules(rest_shifts=rest, most_per_week=most)
    on = roster(available, crew, rules, rng)
    assert not (on & ~available).any()
    assert on.sum(axis=1).max() <= crew
    for unit in range(9):
        duty = np.flatnonzero(on[:, unit])
        assert (np.diff(duty) > rest).all()
        assert all(on[start : start + 21, unit].sum() <= most for start in range(60))


def test_the_load_is_even_and_the_crew_is_full_where_it_can_be() -> None:
    on = roster(
        np.ones((63, 12), dtype=bool), 3, RestRules(most_per_week=7), np.random.default_rng(1)
    )
    assert (on.sum(axis=1) == 3).all()
    assert np.ptp(on.sum(axis=0)) <= 2


def test_draws_follow_the_strategy_of_the_crew_and_repeat_under_the_seed() -> None:
    asked = []

    def strategy_of(crew: tuple[int, ...]) -> Strategy:
        asked.append(crew)
        plans = np.array([[0, 1], [1, 2], [2, -1]], dtype=np.int32)
        return Strategy(site_of=plans, chance=np.array([0.6, 0.3, 0.1]), value=0.0, bound=1.0)

    on = np.zeros((SHIFTS, 4), dtype=bool)
    on[0::2, :2] = True
    on[1::2, 2:] = True
    made = rota(on, strategy_of, seed=5)
    assert sorted(asked) == [(0, 1), (2, 3)]
    held = np.array([shift.site_of(4) for shift in made])
    assert (held[0::2, 2:] == -1).all()
    often = np.array([(held[0::2, 0] == site).mean() for site in range(3)])
    assert np.abs(often - [0.6, 0.3, 0.1]).max() < 4 * np.sqrt(0.25 / (SHIFTS / 2))
    # What stood yesterday tells nothing of today: draws of neighbouring shifts do not go together.
    plan = np.array([shift.draw.plan for shift in made], dtype=float)
    assert abs(np.corrcoef(plan[:-1], plan[1:])[0, 1]) < 4 / np.sqrt(SHIFTS)
    again = rota(on, strategy_of, seed=5)
    assert [shift.draw for shift in again] == [shift.draw for shift in made]
    other = rota(on, strategy_of, seed=6)
    assert [shift.draw.plan for shift in other] != [shift.draw.plan for shift in made]


def test_a_shift_without_a_crew_is_left_out() -> None:
    assert rota(np.zeros((3, 2), dtype=bool), lambda _: pytest.fail("nobody to ask for"), 1) == ()


def test_bad_input_is_named_all_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        RestRules(shifts_per_day=0, rest_shifts=-1, most_per_week=0)
    assert len(caught.value.faults) == 3
    with pytest.raises(BadInput) as caught:
        roster(np.zeros((0, 3), dtype=bool), 0, RestRules(), np.random.default_rng(1))
    assert len(caught.value.faults) == 2
