"""Which units answer a joint plan: those of the scenario, or those registered, as they are now."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from operation.readiness_case import DUTY, registered
from scenario.scenario_case import write_case
from stopline.errors import BadInput
from stopline.operation.joint.message_codec import common_of
from stopline.operation.joint.wiring import answering_from
from stopline.operation.readiness.commands import RegisterUnits, SetUnit
from stopline.operation.readiness.live_problem import LiveProblem
from stopline.scenario.loader import load_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from operation.liaison_case import Case

WEST = {"id": "w1", "side": "W", "agency": "police", "lon": 9.5, "lat": 47.1045}


def test_registered_units_answer_as_they_are_now(case: Case, tmp_path: Path) -> None:
    scenario = write_case(tmp_path, units=[WEST])
    node = case.both.desks[0].node
    live = partial(LiveProblem, case.both.desks[0], clock=lambda: case.both.now_s)
    answering = answering_from(node, scenario, live=live)
    assert answering.side == "W"
    assert answering.problem is not None
    prepared = answering.problem()
    assert [unit.id for unit in prepared.units] == ["w1"]
    assert prepared.now_utc_s == load_scenario(scenario).problem.now_utc_s  # a rehearsal's clock
    units = tuple(
        registered(name, side="W", lon=9.5, lat=47.1, may_act_in=("Westland",))
        for name in ("P1", "P2")
    )
    case.do(0, RegisterUnits(units=units), DUTY)
    now = answering.problem()
    assert {unit.id for unit in now.units} == {"P1", "P2"}
    assert now.now_utc_s == pytest.approx(case.both.now_s)
    assert common_of(now) == common_of(prepared)  # the other node still has the same files
    case.do(0, SetUnit(unit="P1", state="off duty", reason="end of shift"), DUTY)
    case.both.run(10.0)
    assert {unit.id for unit in answering.problem().units} == {"P2"}


def test_units_of_two_sides_are_no_own_units(case: Case, tmp_path: Path) -> None:
    scenario = write_case(tmp_path)
    with pytest.raises(BadInput, match="units of the own side"):
        answering_from(case.both.desks[0].node, scenario)


def test_a_node_without_a_scenario_takes_note_and_declines(case: Case) -> None:
    answering = answering_from(case.both.desks[0].node, None)
    assert answering.problem is None
    assert answering(case.both.now_s) == 0
