"""How an incident went: lanes over time, what was shared, and claims tested against the record."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.browser.case import Stage

from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import TakeReport
from stopline.operation.orders.board import seal_status
from stopline.operation.orders.commands import MoveOrder
from stopline.planning.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAME = "i-2026-11-18"
HERE = f"/v1/incidents/{NAME}"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An incident that is told, after which the line breaks and comes back."""
    made = Stage.make(tmp_path_factory.mktemp("course"), believes=False)
    made.tell("sealing")
    for end in (0, 1):
        status = seal_status(made.story.orders(end), made.both.now_s)
        told = [one.model_dump(mode="json") for one in status]
        made.story.tell(end, "liaison_officer", "sections_sealed", seal_status=told)
    made.cut()
    made.both.run(20.0)
    made.cut(is_cut=False)
    made.both.run(10.0)
    yield made
    made.close()


@pytest.fixture(scope="module")
def ask(stage: Stage) -> Iterator[Callable[..., Any]]:
    """Ask the first node as somebody, and give the answer; `status` is what is expected."""
    clients: dict[str, httpx.Client] = {}

    def asked(name: str, path: str, status: int = 200, **query: str) -> Any:
        if name not in clients:
            clients[name] = httpx.Client(
                base_url=stage.servers[0].url, trust_env=False, timeout=60,
                headers={"authorization": f"Bearer {stage.token(0, name)}"},
            )  # fmt: skip
        answer = clients[name].get(f"{HERE}/{path}", params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    yield asked
    for one in clients.values():
        one.close()


def test_the_lanes_hold_phases_missed_deadlines_the_line_and_what_was_closed(
    ask: Callable[..., Any],
) -> None:
    found = ask("duty-officer", "course")
    assert [one["phase"] for one in found["phases"]][:4] == ["READY", "ALARM", "LIAISON", "AGREE"]
    for one, after in zip(found["phases"], found["phases"][1:], strict=False):
        assert one["ends"] == after["begins"]
    assert found["ends"] is None  # it still runs
    (down, *_) = found["line_down"][-1:]
    lasted = datetime.fromisoformat(down["ends"]) - datetime.fromisoformat(down["begins"])
    assert 10 < lasted.total_seconds() < 31
    assert "An attack has happened" not in str(found["heard"])  # we said that
    assert any("understood" in one["text"].casefold() for one in found["heard"])
    # Of the last step: all that are closed, ours and theirs.
    board = ask("duty-officer", "picture")["seals"]
    last = found["closed"][-1]
    assert last["ours"] == sum(s["state"] == "closed" and not s["theirs"] for s in board) > 0
    assert found["moments"] == sorted(found["moments"])
    assert len(found["exits"]) > 10


def test_a_verdict_that_ways_are_open_is_a_span_of_its_lane(
    stage: Stage, ask: Callable[..., Any]
) -> None:
    before = ask("duty-officer", "course")["leaks"]
    for name in stage.orders(0)[:2]:
        order = stage.story.orders(0).orders[name].issued
        body = {"incident": NAME, "order": name, "state": "refused", "reason": "the bridge is out"}
        sergeant = Actor("sergeant", "second_officer", order.agency)
        stage.both.do(0, MoveOrder.model_validate(body), sergeant)
    found: list[dict[str, Any]] = []
    for _ in range(600):  # the node judges beside, in a thread of its own
        stage.both.run(1.0)
        found = ask("duty-officer", "course")["leaks"]
        if len(found) > len(before):
            break
        time.sleep(0.1)
    assert len(found) == len(before) + 1
    assert found[-1]["ends"] is None
    assert found[-1]["ways"] >= 1


def test_who_may_not_see_the_board_sees_no_closings(ask: Callable[..., Any]) -> None:
    found = ask("press-officer", "course")
    assert found["phases"]
    assert found["closed"] == found["leaks"] == found["exits"] == []
    assert ask("press-officer", "claim", 403, into="x")["type"].endswith("not-permitted")


def test_what_was_shared_is_named_by_what_was_agreed(ask: Callable[..., Any]) -> None:
    found = ask("liaison-officer", "shared")
    times = {one["name"]: one["times"] for one in found["agreed"]}
    assert times["what_happened"] == 1
    assert (times["seal_status"], times["suspicions"]) == (1, 0)
    asked = next(one for one in found["left"] if "wanted_sections" in one["contents"])
    assert asked["sites"] > 3
    assert asked["delivered"]
    by_name = {one["name"]: one for one in found["agreed"]}
    assert not by_name["detention"]["now"]  # nothing is stopped yet
    assert by_name["seal_status"]["to"] == ["liaison_officer", "duty_officer"]
    # No unit stands in it anywhere, nor where one is.
    text = json.dumps(found)
    units = [one["unit"] for one in ask("duty-officer", "picture")["units"]]
    assert units
    assert not [one for one in units if f'"{one}"' in text]
    # Of a message with what one may not see nothing is told, and it is not counted.
    press = ask("press-officer", "shared")
    assert not [one for one in press["left"] if "seal_status" in one["contents"]]
    assert len(press["left"]) < len(found["left"])


def test_a_claim_is_tested_against_what_was_really_closed(
    stage: Stage, ask: Callable[..., Any], tmp_path: Path
) -> None:
    exits = ask("prosecutor", "course")["exits"]
    hour = datetime.fromtimestamp(stage.both.now_s + 3600, UTC).isoformat()
    answers = [ask("prosecutor", "claim", into=name, by=hour, could="true") for name in exits]
    open_ = [one for one in answers if one["could"]]
    shut = [one for one in answers if not one["could"]]
    assert open_  # two of our roads are open
    assert shut
    for one in open_:
        assert one["holds"]
        assert one["way"]
        assert len(one["line"]) > 1
        assert one["earliest"] <= one["by"]
        assert "It could have entered" in one["sentence"]
    assert not any(one["holds"] for one in shut)
    assert {each["theirs"] for each in shut[0]["closed"]} == {True, False}
    # The file of it is checked by separate code.
    kept = ask("prosecutor", "claim.json", into=shut[0]["into"], could="false")
    path = tmp_path / "claim.json"
    path.write_text(json.dumps(kept), "utf-8")
    assert verify(path).ok
    # Before anything was closed it could not have been there yet; nowhere is not a place.
    early = ask("prosecutor", "claim", into=exits[0], by=kept["now"])
    assert (early["could"], early["holds"]) == (False, None)
    assert ask("prosecutor", "claim", 422, into="Atlantis")["faults"]
    assert ask("prosecutor", "claim", 422, into=exits[0], by="tomorrow")["faults"]


def test_the_course_goes_on_with_the_journal(stage: Stage, ask: Callable[..., Any]) -> None:
    before = ask("duty-officer", "course")["moments"]
    stage.both.run(1.0)
    stage.do(0, "duty_officer", TakeReport(incident=NAME, about="search", text="sector 3 is done"))
    assert len(ask("duty-officer", "course")["moments"]) > len(before)
