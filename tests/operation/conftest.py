"""What tests of the operation share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import Case
from operation.orders.sealing_case import SCENARIO, plan_at
from operation.own_server import OwnServer, running
from stopline.operation.runtime.scheduler import Scheduler, SchedulerSettings
from stopline.scenario.loader import load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stopline.scenario.loader import Scenario


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    """Two desks for the rooms where the sides meet."""
    made = Case(tmp_path)
    yield made
    made.both.close()


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> Callable[[int, int], range]:
    """Seeds of a block of problems: `seeds(first, count)`; another `--seed`, other problems."""
    offset = (request.config.getoption("--seed") - 1) * 1_000_000
    return lambda first, count: range(offset + first, offset + first + count)


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    """A PostgreSQL server that may be killed."""
    with running() as server:
        yield server


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
    quiet = SchedulerSettings(replans=False, believes=False)
    sealing.both.duties = [Scheduler(desk, quiet) for desk in sealing.both.desks]
    return sealing
