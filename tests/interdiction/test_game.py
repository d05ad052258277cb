"""The game against the whole table of plans and routes, its draws and its documents."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from interdiction.instances import game_value, instance, stops, table
from stopline.errors import BadInput
from stopline.interdiction.escape import best_answer
from stopline.interdiction.game import randomise
from stopline.interdiction.incidence import Meetings
from stopline.interdiction.strategy import Strategy, check_draw

NEAR = 1e-6
SEEDS = range(40)
DRAWS = 4000


@pytest.mark.parametrize("strong", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_value_is_that_of_the_whole_table(seed: int, strong: bool) -> None:
    made = instance(seed, strong=strong)
    true = game_value(table(made))
    found = randomise(made.escape, made.means, gap=0.0)
    assert found.ended == "gap"
    assert found.value == pytest.approx(true, abs=NEAR)
    assert found.bound == pytest.approx(true, abs=NEAR)
    # What is assured is what the strongest driver gets, not more.
    stopped = np.array([stops(made.routes, made.means, tuple(plan)) for plan in found.site_of])
    assert found.value <= float((found.chance @ stopped).min()) + NEAR


def test_the_games_need_mixing() -> None:
    mixed = 0
    for seed in SEEDS:
        mixed += 0.05 < game_value(table(instance(seed))) < 0.95
    assert mixed >= 5


@pytest.mark.parametrize("seed", SEEDS)
def test_driver_answers_a_mixture_exactly(seed: int) -> None:
    made = instance(seed, units=3)
    rng = np.random.default_rng(seed)
    plans = rng.integers(-1, made.means.sites, (70, 3)).astype(np.int32)  # more than one word
    chance = rng.dirichlet(np.full(70, 0.3))
    shut_s = np.array([made.means.shut_s(plan) for plan in plans])
    latest_s = np.array([made.escape.latest_s(made.means, shut) for shut in shut_s])
    found = best_answer(made.escape, made.means, shut_s, latest_s, chance)
    met = Meetings.of(made.routes, made.means)
    risk = chance @ np.array([met.stopped(shut) for shut in shut_s])
    assert found.least == pytest.approx(float(risk.min()))
    assert found.routes is not None
    own = Meetings.of(found.routes, made.means)
    taken = chance @ np.array([own.stopped(shut) for shut in shut_s])
    assert taken[0] == pytest.approx(found.least)
    few = best_answer(made.escape, made.means, shut_s, latest_s, chance, most_labels=3)
    assert few.least <= found.least + NEAR


@pytest.mark.parametrize("seed", SEEDS)
def test_gap_allowed_is_gap_kept(seed: int) -> None:
    made = instance(seed)
    found, true = randomise(made.escape, made.means, gap=0.1), game_value(table(made))
    assert found.value - NEAR <= true <= found.bound + NEAR
    assert found.gap <= 0.1 + NEAR


@pytest.mark.parametrize("seed", range(12))
def test_one_unit_less_or_more_margin_never_assures_more(seed: int) -> None:
    made = instance(seed)
    value = randomise(made.escape, made.means, gap=0.0).value
    careful = replace(made.means, margin_s=made.means.margin_s + 2)
    assert randomise(made.escape, careful, gap=0.0).value <= value + NEAR
    fewer = replace(made.means, ready_s=made.means.ready_s[:-1], strength=made.means.strength[:-1])
    assert randomise(made.escape, fewer, gap=0.0).value <= value + NEAR


def test_plans_are_drawn_as_often_as_their_chance_says() -> None:
    chance = np.array([0.5, 0.3, 0.2, 0.0])
    plans = np.array([[0, 1], [1, -1], [2, 0], [2, 2]], dtype=np.int32)
    strategy = Strategy(site_of=plans, chance=chance, value=0.0, bound=1.0)
    drawn = np.bincount([strategy.draw(seed).plan for seed in range(DRAWS)], minlength=4)
    assert drawn[3] == 0
    assert np.abs(drawn / DRAWS - chance).max() < 4 * np.sqrt(0.25 / DRAWS)
    assert np.allclose(strategy.marginals(3), [[0.5, 0.3, 0.2], [0.2, 0.5, 0.0]])


def test_a_draw_can_be_repeated_from_its_document_and_not_be_changed() -> None:
    made = instance(3)
    strategy = randomise(made.escape, made.means, gap=0.0)
    draw = strategy.draw(7)
    units, sites = ["u0", "u1"], [f"s{site}" for site in range(made.means.sites)]
    text = json.dumps(strategy.document(units, sites, draw))
    assert check_draw(json.loads(text)) == draw
    changed = json.loads(text)
    changed["draw"]["plan"] += 1
    with pytest.raises(BadInput, match="strategy: draw"):
        check_draw(changed)
    with pytest.raises(BadInput, match="strategy: form"):
        check_draw({"form": "other"})


def test_bad_input_is_named() -> None:
    made = instance(1)
    with pytest.raises(BadInput, match="randomise: gap"):
        randomise(made.escape, made.means, gap=1.5)
    with pytest.raises(BadInput) as caught:
        replace(
            made.escape,
            time_s=-made.escape.time_s,
            exit_of=np.full_like(made.escape.exit_of, -1),
            start_node=np.array([99], dtype=np.int32),
        )
    assert len(caught.value.faults) == 3
    with pytest.raises(BadInput, match=r"strategy\.chance"):
        Strategy(site_of=np.zeros((1, 1), dtype=np.int32), chance=np.array([0.4]), value=0, bound=0)
