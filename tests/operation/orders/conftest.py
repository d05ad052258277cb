"""The example of Liechtenstein as orders of two desks, shared by the tests of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import DUTY, INCIDENT
from operation.orders.sealing_case import SCENARIO, plan_at
from stopline.operation.orders.adopting import AdoptPlan
from stopline.operation.orders.commands import IssueOrders
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
    case.seal()
    case.do(0, AdoptPlan(incident=INCIDENT, plan=made), DUTY)
    case.do(0, IssueOrders(incident=INCIDENT, side="LI"), DUTY)
    return case
