"""`stopline board` as an officer types it: the leak on top, and an exit code for a script."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from operation.liaison_case import DUTY, INCIDENT, Case
from operation.orders.sealing_case import SCENARIO, plan_at, until
from stopline.cli.main import app
from stopline.operation.orders.commands import IssueOrders
from stopline.operation.orders.projection import Orders
from stopline.operation.plan.adopt import AdoptPlan
from stopline.scenario.loader import load_scenario

if TYPE_CHECKING:
    from pathlib import Path

LATE = "LP-Triesen"


@pytest.mark.parametrize("leaks", [False, True])
def test_the_leak_stands_on_top(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, leaks: bool
) -> None:
    case = Case(tmp_path)
    try:
        case.seal()
        case.know_the_region()
        plan = plan_at(load_scenario(SCENARIO), case.both.now_s)
        case.do(0, AdoptPlan(incident=INCIDENT, plan=plan), DUTY)
        case.do(0, IssueOrders(incident=INCIDENT, side="LI"), DUTY)
        orders = case.incident().projection(Orders).orders.values()
        order = next(one for one in orders if one.issued.unit == LATE)
        until(case, order.deadline_s + (3.0 if leaks else -3.0), held_back=(LATE,))
        now_s = case.both.now_s
    finally:
        case.both.close()
    monkeypatch.setattr(time, "time", lambda: now_s)
    told = ["board", str(case.both.folders[0]), INCIDENT, "--zone", "Europe/Vaduz"]
    said = CliRunner().invoke(app, told)
    first = said.stdout.splitlines()[0]
    assert said.exit_code == (3 if leaks else 0), said.output
    assert first.startswith("LEAK: " if leaks else "SEALED: ")
    assert (f"{LATE} is late at" in first) is leaks
    assert ("NEW PLAN OFFERED:" in said.stdout) is leaks
    assert ("TELL THE OTHER SIDE:" in said.stdout) is leaks
    assert LATE in said.stdout.split("state\troad\tunit")[1]


def test_an_incident_that_is_not_there_is_said(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.both.close()
    said = CliRunner().invoke(app, ["board", str(case.both.folders[0]), "i-9"])
    assert said.exit_code == 2
    assert "i-9" in said.output
