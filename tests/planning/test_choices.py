"""Where sealing is impossible: plans of the same units, each best at what it aims at."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stopline.interdiction import intercept
from stopline.interdiction.incidence import Meetings
from stopline.interdiction.intercept import best_plan
from stopline.interdiction.strategy import check_draw
from stopline.planning import choices
from stopline.planning.choices import (
    NAMES,
    Choice,
    all_choices,
    choice_rows,
    chosen_plan,
)
from stopline.planning.choices_document import choices_document
from stopline.planning.interdiction import Interdiction
from stopline.planning.plan import RuleChanges, plan_scenario
from stopline.planning.track import Belief, believe
from stopline.planning.verify import verify
from stopline.scenario.loader import Scenario, load_scenario
from stopline.sealing.containment import Containment

if TYPE_CHECKING:
    from stopline.interdiction.interception import Interception

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def case() -> tuple[Scenario, Belief, dict[str, Choice]]:
    scenario = load_scenario(ROOT / "examples/liechtenstein/impossible.yaml")
    belief = believe(scenario, particles=4000)
    made = all_choices(scenario.problem, belief.routes, seed=7, limit_s=15.0)
    return scenario, belief, {one.name: one for one in made}


def test_each_is_best_at_what_it_aims_at(
    case: tuple[Scenario, Belief, dict[str, Choice]],
) -> None:
    _, _, made = case
    assert tuple(made) == tuple(name for name in NAMES if name in made)
    assert set(NAMES) - set(made) <= {"contain"}  # there may be no ring
    assert made["cover"].exits == max(one.exits for one in made.values())
    assert made["intercept"].stopped >= max(one.stopped for one in made.values()) - 1e-9
    assert made["delay"].escape_s >= max(one.escape_s for one in made.values()) - 1.0
    assert made["randomise"].assured >= max(one.assured for one in made.values()) - 1e-9


def test_odds_are_those_of_the_orders(case: tuple[Scenario, Belief, dict[str, Choice]]) -> None:
    scenario, belief, made = case
    assert belief.routes is not None
    frame = Interdiction.of(scenario.problem)
    met = Meetings.of(belief.routes, frame.means)
    for name in ("cover", "intercept", "delay"):
        again = frame.stopped(belief.routes, met, made[name].plan)
        assert again == pytest.approx(made[name].stopped, abs=1e-6)
    used = [holder.unit for seal in made["intercept"].plan.seals for holder in seal.holders]
    assert len(used) == len(set(used))


def test_the_document_can_be_drawn_again(case: tuple[Scenario, Belief, dict[str, Choice]]) -> None:
    scenario, _, made = case
    text = json.dumps(choices_document(list(made.values()), scenario.problem), allow_nan=False)
    strategy = json.loads(text)["choices"][-1]["strategy"]
    assert check_draw(strategy).seed == 7
    rows = choice_rows(list(made.values()), scenario.problem.now_utc_s, scenario.zone)
    assert [row[0] for row in rows] == list(made)


def test_a_chosen_plan_keeps_verdict_and_proof(
    case: tuple[Scenario, Belief, dict[str, Choice]],
) -> None:
    _, _, made = case
    main, other = made["cover"].plan, made["intercept"]
    chosen = chosen_plan(main, other)
    assert (chosen.verdict, chosen.proof) == (main.verdict, main.proof)
    assert chosen.seals == other.plan.seals
    assert "by the belief" in chosen.sentence


def test_the_combination_is_not_beaten_on_the_belief(
    case: tuple[Scenario, Belief, dict[str, Choice]],
) -> None:
    scenario, _, made = case
    both = made["combine"]
    assert both.stopped >= max(one.stopped for one in made.values()) - 0.005
    plans = [made[name] for name in ("cover", "intercept", "delay")]
    as_good = [one for one in plans if one.stopped >= both.stopped - 1e-9]
    assert both.ring is not None or both.escape_s >= max(one.escape_s for one in as_good) - 1e-9
    used = [holder.unit for seal in both.plan.seals for holder in seal.holders]
    assert len(used) == len(set(used))
    assert sorted([*used, *both.reserve]) == sorted(unit.id for unit in scenario.problem.units)
    sentence = chosen_plan(made["cover"].plan, both).sentence
    assert "by the belief" in sentence
    assert ("in reserve" in sentence) == bool(both.reserve)


def test_by_default_an_impossible_plan_is_the_combination(tmp_path: Path) -> None:
    scenario = ROOT / "examples/liechtenstein/impossible.yaml"
    result = plan_scenario(
        scenario, tmp_path, changes=RuleChanges(time_limit_s=8.0), pictures=False
    )
    assert result.plan.choice == "combine"
    assert verify(tmp_path / "plan.json").ok


@pytest.mark.parametrize("partial", ["intercept", "randomise"])
def test_the_plan_that_was_chosen_is_confirmed(tmp_path: Path, partial: str) -> None:
    scenario = ROOT / "examples/liechtenstein/impossible.yaml"
    result = plan_scenario(
        scenario, tmp_path, changes=RuleChanges(partial=partial, time_limit_s=8.0), pictures=False
    )
    assert result.plan.choice == partial
    assert verify(tmp_path / "plan.json").ok
    assert (tmp_path / "choices.json").exists()
    assert not math.isnan(result.choices[0].stopped)


def test_a_sealed_plan_needs_no_choices(tmp_path: Path) -> None:
    result = plan_scenario(ROOT / "examples/liechtenstein/sealed.yaml", tmp_path, pictures=False)
    assert result.choices == ()
    assert not (tmp_path / "choices.json").exists()


def test_one_more_unit_never_makes_interception_worse() -> None:
    scenario = load_scenario(ROOT / "examples/liechtenstein/checkpoints.yaml")
    belief = believe(scenario, particles=2000)
    values = []
    for count in (4, 8, 12, len(scenario.problem.units)):
        problem = dataclasses.replace(
            scenario.problem,
            units=scenario.problem.units[:count],
            unit_places=(scenario.problem.unit_places or ())[:count],
        )
        (one,) = all_choices(problem, belief.routes, seed=1, names=("intercept",))
        values.append(one.stopped)
    assert values == sorted(values)


@pytest.mark.parametrize(
    ("needed", "too_late", "words"),
    [
        (58, False, "the one within 8.0 km lacks fewest: it needs at least 58, so 44 more"),
        (0, True, "14 units can hold no ring: of those tried, each can be left before they are"),
        (0, False, "the units left can hold no ring"),
    ],
)  # fmt: skip
def test_where_no_ring_can_be_held_the_one_that_lacks_fewest_units_is_told(
    case: tuple[Scenario, Belief, dict[str, Choice]], needed: int, *, too_late: bool, words: str
) -> None:
    scenario, _, made = case
    no_ring = Containment(
        problem=scenario.problem, plan=None, edge_s=600.0, within_m=8000.0, from_s=math.inf,
        least=True, needed=needed, too_late=too_late,
    )  # fmt: skip
    main = made["cover"].plan
    choice = dataclasses.replace(made["combine"], ring=None, no_ring=no_ring)
    assert words in chosen_plan(main, choice, scenario.zone).sentence
    (told,) = choices_document([choice], scenario.problem)["choices"]
    assert told["no_ring"]["missing"] == (44 if needed else None)


def test_what_stops_most_of_the_belief_is_sought_once_and_within_its_time(
    case: tuple[Scenario, Belief, dict[str, Choice]], monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario, belief, _ = case
    limits: list[float] = []

    def noted(*args: Any, time_limit_s: float) -> Interception:
        limits.append(time_limit_s)
        return best_plan(*args, time_limit_s=time_limit_s)

    def in_vain(*_: object) -> None:
        pytest.fail("dominated pairs were looked for when time was out")

    monkeypatch.setattr(choices, "best_plan", noted)
    names = ("intercept", "randomise", "combine")
    all_choices(scenario.problem, belief.routes, seed=7, names=names, limit_s=0.5)
    assert limits == [0.5]
    monkeypatch.setattr(intercept, "thinned", in_vain)
    assert belief.routes is not None
    frame = Interdiction.of(scenario.problem)
    met = Meetings.of(belief.routes, frame.means)
    found = best_plan(met, belief.routes.weight, frame.means, time_limit_s=0.0)
    assert 0 < found.value <= found.bound
