"""A plan is adopted when its proof holds; without that, only by an officer who says why."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import DUTY, INCIDENT, Case
from operation.orders.sealing_case import ROOT, orders, verdict
from stopline.operation.core.actor import Actor
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.orders.commands import IssueOrders
from stopline.operation.plan.adopt import AdoptPlan, check_text
from stopline.scenario.network_store import NetworkStore

if TYPE_CHECKING:
    from pathlib import Path


def changed(text: str, **network: object) -> str:
    content = json.loads(text)
    content["network"].update(network)
    return json.dumps(content)


def without_a_seal(text: str) -> str:
    content = json.loads(text)
    del content["seals"][0]
    return json.dumps(content)


def test_a_plan_whose_proof_holds_is_adopted_with_the_finding(case: Case, made: str) -> None:
    case.seal()
    case.do(0, AdoptPlan(incident=INCIDENT, plan=made), DUTY)
    adopted = orders(case).plan
    assert adopted is not None
    assert adopted.check.startswith("Confirmed: ")
    assert adopted.unchecked_because == ""


def test_a_plan_that_leaves_a_road_open_is_refused_with_the_road(case: Case, made: str) -> None:
    case.seal()
    with pytest.raises(NotNow, match=r"refused.*exit Rheinstrasse .* but it can be reached"):
        case.do(0, AdoptPlan(incident=INCIDENT, plan=without_a_seal(made)), DUTY)
    assert orders(case).plan is None


def test_a_reason_takes_it_all_the_same_and_stands_on_record(case: Case, made: str) -> None:
    case.seal()
    reason = "the other side's part is not in it"
    command = AdoptPlan(incident=INCIDENT, plan=without_a_seal(made), unchecked_because=reason)
    case.do(0, command, DUTY)
    adopted = orders(case).plan
    assert adopted is not None
    assert adopted.unchecked_because == reason
    assert "refused" in adopted.check


def test_without_the_network_it_is_refused_unless_said_why(case: Case, made: str) -> None:
    case.seal()
    away = changed(made, path="nowhere/roads.osm.pbf")
    with pytest.raises(NotNow, match=r"cannot be checked.*not found"):
        case.do(0, AdoptPlan(incident=INCIDENT, plan=away), DUTY)
    command = AdoptPlan(incident=INCIDENT, plan=away, unchecked_because="verified on the laptop")
    case.do(0, command, DUTY)
    case.do(0, IssueOrders(incident=INCIDENT, side="LI"), DUTY)
    found = verdict(case)
    assert found.verdict == "unknown"
    assert "cannot be recomputed" in found.sentence
    assert "nowhere/roads.osm.pbf is not found" in found.sentence
    # The network is laid where the node looks: it is judged within a minute, without a new fact.
    network = ROOT / "examples/liechtenstein/liechtenstein.osm.pbf"
    case.both.desks[0].networks.files = (network,)
    case.both.run(61.0)
    assert verdict(case).verdict == "sealed"


def test_another_network_is_not_taken_for_the_plans(tmp_path: Path, made: str) -> None:
    other = changed(made, digest="0" * 64)
    found = check_text(other, NetworkStore(tmp_path, [ROOT / "examples/liechtenstein"]))
    assert found.holds is None
    assert "another network" in found.text or "cannot be read" in found.text


def test_who_may_not_adopt_does_not_make_the_checker_work(
    case: Case, made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.seal()
    asked: list[str] = []
    monkeypatch.setattr("stopline.operation.plan.adopt.check_text",
                        lambda text, _networks: asked.append(text))  # fmt: skip
    with pytest.raises(NotPermitted):
        case.do(0, AdoptPlan(incident=INCIDENT, plan=made), Actor("x", "press_officer"))
    assert asked == []


def test_the_checker_runs_while_the_desk_is_free(
    case: Case, made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.seal()
    desk = case.both.desks[0]
    free: list[bool] = []

    def look(text: str, networks: NetworkStore) -> object:
        def take() -> None:
            if desk.reading.acquire(timeout=5.0):
                free.append(True)
                desk.reading.release()

        other = threading.Thread(target=take)
        other.start()
        other.join()
        return check_text(text, networks)

    monkeypatch.setattr("stopline.operation.plan.adopt.check_text", look)
    case.do(0, AdoptPlan(incident=INCIDENT, plan=made), DUTY)
    assert free == [True]
