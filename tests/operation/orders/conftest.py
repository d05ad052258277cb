"""The example of Liechtenstein as orders of two desks, shared by the tests of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operation.orders.sealing_case import SCENARIO, plan_at
from stopline.operation.duties import Duties, DutySettings
from stopline.operation.scenario import load_scenario

if TYPE_CHECKING:
    from operation.liaison_case import Case
    from stopline.operation.scenario import Scenario


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return load_scenario(SCENARIO)


@pytest.fixture(scope="session")
def made(scenario: Scenario) -> str:
    """The plan of the example, made for the moment at which the simulated incident begins."""
    return plan_at(scenario, 1_795_000_030.0)


@pytest.fixture
def sealing(case: Case, made: str) -> Case:
    """Phase SEAL, the plan adopted and our orders out."""
    case.orders_out(made)
    return case


@pytest.fixture
def judged(sealing: Case) -> Case:
    """The same where only the verdict is asked for: no plan is computed against a leak."""
    quiet = DutySettings(replans=False, believes=False)
    sealing.both.duties = [Duties(desk, quiet) for desk in sealing.both.desks]
    return sealing
