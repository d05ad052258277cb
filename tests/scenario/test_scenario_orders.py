"""Orders of a scenario: where they send units, and every way in which they can be wrong."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from scenario.scenario_case import SOUND, write_case
from stopline.errors import BadInput
from stopline.planning.plan import plan_scenario
from stopline.scenario.loader import Scenario, load_scenario
from stopline.sealing.plan import SiteKind

if TYPE_CHECKING:
    from pathlib import Path

W1, E1 = SOUND["units"]
POSTS = {
    "kind": "sections",
    "checkpoints": [
        {"name": "South gate", "lon": 9.5, "lat": 47.0975},
        {"name": "Town square", "junction": 3},
    ],
}


def loaded(folder: Path, orders: list[dict[str, Any]], **changes: Any) -> Scenario:
    return load_scenario(write_case(folder, orders=orders, sites=POSTS, **changes))


def refused(folder: Path, orders: list[dict[str, Any]], **changes: Any) -> str:
    with pytest.raises(BadInput) as raised:
        loaded(folder, orders, **changes)
    return str(raised.value)


def place(scenario: Scenario, unit: str) -> tuple[bool, int]:
    sites, number = scenario.problem.sites, scenario.orders[unit]
    return bool(sites.is_junction[number]), int(sites.index[number])


def test_all_ways_to_say_where(tmp_path: Path) -> None:
    scenario = loaded(
        tmp_path, [{"unit": "w1", "post": "South gate"}, {"unit": "e1", "section": 4}]
    )
    sites = scenario.problem.sites
    assert sites.names[scenario.orders["w1"]] == "South gate"
    assert place(scenario, "e1") == (False, 4)

    scenario = loaded(tmp_path, [{"unit": "w1", "lon": 9.5, "lat": 47.0975}])
    assert place(scenario, "w1") == (False, int(sites.index[sites.count - 2]))


def test_a_unit_in_position_stands_at_its_order(tmp_path: Path) -> None:
    near = {**W1, "lat": 47.0985, "ready_s": 300, "status": "in position"}
    order = {"unit": "w1", "post": "South gate"}
    scenario = loaded(tmp_path, [order], units=[near, E1])
    assert scenario.problem.unit_places is not None
    assert place(scenario, "w1") == (False, scenario.problem.unit_places[0][0])
    assert scenario.problem.units[0].ready_s == 0

    far = {**near, "lon": 9.533}
    rules = {**SOUND["rules"], "max_snap_m": 200}
    said = refused(tmp_path, [order], units=[far, E1], rules=rules)
    assert "orders[0]: found w1 in position, but 2.5 km away" in said


def test_at_a_junction_it_stands_on_the_junction(tmp_path: Path) -> None:
    post = {**E1, "lon": 9.52, "lat": 47.1001, "status": "in position"}
    result = plan_scenario(
        loaded(tmp_path, [{"unit": "e1", "post": "Town square"}], units=[W1, post]), assess=True
    )
    (seal,) = result.plan.seals
    assert seal.site.kind is SiteKind.JUNCTION
    assert seal.closed_at_s == 0.0
    assert seal.holders[0].status == "in position"


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"unit": "x9", "section": 1}, "orders[0].unit: found x9; expected the id of one"),
        ({"unit": "w1", "post": "North"}, "orders[0].post: found North; expected a prepared"),
        ({"unit": "w1", "section": 9999}, "expected a section number below"),
        ({"unit": "w1", "junction": 9999}, "expected a junction number below"),
        ({"unit": "w1", "junction": 1}, "found junction 1, which is no site"),
        ({"unit": "w1", "lon": 5.0, "lat": 43.0}, "km from the nearest road"),
        ({"unit": "w1", "post": "Town square"}, "w1, which may not act in Eastland"),
        ({"unit": "w1"}, "expected exactly one of post, section, junction, lon and lat"),
        ({"unit": "w1", "section": 1, "junction": 2}, "expected exactly one of post"),
        ({"unit": "w1", "lon": 9.5}, "expected lon and lat together"),
        ({"section": 1}, "orders[0].unit"),
    ],
)
def test_orders_that_cannot_be(tmp_path: Path, order: dict[str, Any], said: str) -> None:
    assert said in refused(tmp_path, [order])


def test_a_unit_has_one_order(tmp_path: Path) -> None:
    said = refused(tmp_path, [{"unit": "e1", "section": 4}, {"unit": "e1", "section": 5}])
    assert "orders[1].unit: found e1 a second time" in said


def test_nothing_to_assess(tmp_path: Path) -> None:
    rules = {**SOUND["rules"], "assess": True}
    assert "rules.assess: found no orders" in refused(tmp_path, [], rules=rules)
    scenario = loaded(tmp_path, [])
    with pytest.raises(BadInput, match="orders: found none"):
        plan_scenario(scenario, assess=True)
    with pytest.raises(BadInput, match="an assessment keeps all orders"):
        plan_scenario(
            dataclasses.replace(scenario, orders={"e1": 0}),
            assess=True,
            previous=tmp_path / "plan.json",
        )


def test_the_scenario_can_ask_for_an_assessment(tmp_path: Path) -> None:
    rules = {**SOUND["rules"], "assess": True}
    result = plan_scenario(loaded(tmp_path, [{"unit": "e1", "section": 4}], rules=rules))
    assert result.plan.choice == "assess"
    assert plan_scenario(result.scenario, assess=False).plan.choice != "assess"
