"""A command becomes facts on disk, once, or nothing at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stopline.link.procedure_message import ProcedureSaid, SharedSighting
from stopline.operation.core.actor import Actor
from stopline.operation.core.command import all_commands
from stopline.operation.core.commands import (
    DoTask,
    OpenIncident,
    RaiseAlarm,
    SendMessage,
    VoiceDecision,
)
from stopline.operation.core.errors import CommandTaken, NotNow, NotPermitted
from stopline.operation.core.permissions import PERMISSIONS, commands_without_rule
from stopline.testing.two_desks import TwoNodes

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = Path(__file__).parents[3] / "examples/protocols/joint_search.yaml"
DUTY = Actor("a.novak", "duty_officer", "police")


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[TwoNodes]:
    both = TwoNodes.make(tmp_path, DOCUMENT.read_bytes())
    yield both
    both.close()


def later(desks: TwoNodes, seconds: float) -> datetime:
    return datetime.fromtimestamp(desks.now_s + seconds, UTC)


def opened(desks: TwoNodes, end: int = 0) -> None:
    desks.do(
        end,
        OpenIncident(incident="i-1", title="Hall", authority="order 7", expires=later(desks, 9e4)),
        DUTY,
    )


def alarm(desks: TwoNodes) -> RaiseAlarm:
    return RaiseAlarm(
        incident="i-1", what="shots", place="hall", happened=later(desks, -60), vehicle="white van"
    )


def said(name: str, **content: object) -> SendMessage:
    return SendMessage(incident="i-1", said=ProcedureSaid(protocol="", name=name, **content))


def test_an_alarm_reaches_the_other_side_and_moves_both_procedures(desks: TwoNodes) -> None:
    opened(desks)
    desks.do(0, alarm(desks), DUTY)
    assert desks.desks[0].catch_up().incident("i-1").phase == "ALARM"
    desks.do(0, said("alert", what_happened="shots", vehicle="white van"), DUTY)
    desks.run(2.0)
    there = desks.desks[1].catch_up().incident("i-1")
    assert there.phase == "ALARM"
    assert there.state.lead == "alder"
    assert not there.authorised(desks.now_s)
    desks.do(1, said("alert_understood"), DUTY)
    desks.run(2.0)
    assert desks.desks[0].catch_up().incident("i-1").phase == "LIAISON"


def test_a_restart_folds_the_same_state(desks: TwoNodes) -> None:
    opened(desks)
    desks.do(0, alarm(desks), DUTY)
    desks.do(0, said("alert", what_happened="shots"), DUTY)
    desks.run(200.0)
    before = [d.catch_up().incident("i-1").state.to_json() for d in desks.desks]
    for end in (0, 1):
        desks.restart(end)
    after = [d.catch_up().incident("i-1").state.to_json() for d in desks.desks]
    assert after == before
    assert not any(d.catch_up().unread for d in desks.desks)


def test_a_command_given_twice_happens_once_and_another_under_its_id_is_refused(
    desks: TwoNodes,
) -> None:
    opened(desks)
    desk, now_s = desks.desks[0], desks.now_s
    command = alarm(desks)
    first = desk.do(command, DUTY, command_id="c-1", now_s=now_s)
    again = desk.do(command, DUTY, command_id="c-1", now_s=now_s + 5)
    assert again.repeated
    assert again.ids == first.ids
    with pytest.raises(CommandTaken):
        desk.do(
            DoTask(incident="i-1", task="alert_police", evidence="all"), DUTY,
            command_id="c-1", now_s=now_s + 6,
        )  # fmt: skip


def test_nothing_is_recorded_when_a_command_is_refused(desks: TwoNodes) -> None:
    opened(desks)
    desks.do(0, alarm(desks), DUTY)
    size = desks.desks[0].node.journal.size
    with pytest.raises(NotNow, match="does not allow"):
        desks.do(0, VoiceDecision(incident="i-1", decision="camera_search", outcome="yes"), DUTY)
    with pytest.raises(NotPermitted, match="duty_officer"):
        desks.do(0, alarm(desks), Actor("p.ress", "press_officer"))
    sighting = SharedSighting(
        sighting="s", lon=9.5, lat=47.1, radius_m=10, seen="2026-11-25T10:00:00+00:00",
        heading_deg=None, towards=None, grade="B2", confirmed=True,
    )  # fmt: skip
    with pytest.raises(NotNow, match="may not contain sightings"):
        desks.do(0, said("alert", sightings=(sighting,)), DUTY)
    assert desks.desks[0].node.journal.size == size


def test_missed_deadlines_become_facts_once(desks: TwoNodes) -> None:
    opened(desks)
    desks.do(0, alarm(desks), DUTY)
    desks.desks[0].tick(desks.now_s + 181)
    journal = desks.desks[0].node.journal
    late = {e.body["task"].split("@")[0] for e in journal.read() if e.kind == "deadline.passed"}
    assert {"alert_other_side", "alert_police"} <= late
    assert desks.desks[0].tick(desks.now_s + 181) == 0


def test_every_command_stands_in_the_permission_table() -> None:
    assert commands_without_rule() == []
    assert set(PERMISSIONS) == set(all_commands())
