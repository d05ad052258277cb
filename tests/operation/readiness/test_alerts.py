"""An alert level raises whole services at once, each unit answers, and who does not is named."""

from __future__ import annotations

import pytest

from operation.liaison_case import DOCUMENT, INCIDENT, Case, actor
from operation.readiness_case import ARMY, DUTY, RIOT, enrol, readiness, registered, unit
from stopline.operation.core.commands import VoiceDecision
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.readiness.alerting import AcknowledgeAlert, AlertAgencies
from stopline.operation.readiness.commands import RegisterUnits, ReleaseUnits, SetUnit
from stopline.operation.readiness.summary import not_alerted, readiness_summary, unit_list

ALERT = AlertAgencies(incident=INCIDENT)


@pytest.fixture
def alarm(case: Case) -> Case:
    enrol(case)
    case.alarm()
    return case


def states(case: Case) -> dict[str, str]:
    return {name: one.state for name, one in readiness(case).units.items()}


def test_the_level_in_force_calls_the_services_that_the_protocol_names(alarm: Case) -> None:
    alarm.do(0, SetUnit(unit="P1", state="off duty"), DUTY)
    alarm.do(0, SetUnit(unit="P2", state="under way"), DUTY)
    assert not_alerted(readiness(alarm), alarm.incident()) == ["police", "riot_police"]
    done = alarm.do(0, ALERT, DUTY)
    assert len(done.entries) == 2, "one fact for each service that has units"
    assert states(alarm) == {
        "P1": "off duty", "P2": "under way", "P3": "alerted", "R1": "alerted", "R2": "alerted",
    }  # fmt: skip
    assert not_alerted(readiness(alarm), alarm.incident()) == []
    alerts = list(readiness(alarm).alerts.values())
    assert [one.agency for one in alerts] == ["police", "riot_police"]
    assert alerts[1].demand == "on call, first units alerted"
    assert "on call, first units alerted" in DOCUMENT.read_text("utf-8")
    assert {one.level for one in alerts} == {"HIGH"}


def test_nobody_is_called_twice_at_a_level_and_those_off_duty_on_request(alarm: Case) -> None:
    alarm.do(0, SetUnit(unit="P1", state="off duty"), DUTY)
    alarm.do(0, ALERT, DUTY)
    alarm.do(0, AcknowledgeAlert(incident=INCIDENT, unit="P2"), DUTY)
    with pytest.raises(NotNow, match="no unit of police, riot_police"):
        alarm.do(0, ALERT, DUTY)
    alarm.do(0, AlertAgencies(incident=INCIDENT, off_duty=True), DUTY)
    assert states(alarm)["P1"] == "alerted"
    assert unit(alarm, "P2").answered_s is not None, "an answer stands"
    with pytest.raises(NotNow, match="acknowledged already"):
        alarm.do(0, AcknowledgeAlert(incident=INCIDENT, unit="P2"), DUTY)


def test_a_higher_level_is_acknowledged_anew(alarm: Case) -> None:
    alarm.do(0, ALERT, DUTY)
    alarm.do(0, AcknowledgeAlert(incident=INCIDENT, unit="P2"), DUTY)
    called_s = unit(alarm, "P2").called_s
    alarm.do(0, alarm.said("alert", what_happened="shots", vehicle="van"), DUTY)
    alarm.do(1, alarm.said("alert_understood"), DUTY)
    alarm.do(0, alarm.sighting(confirmed=True, towards="the border"), DUTY)
    alarm.do(0, alarm.said("heading"), actor("liaison_officer"))
    yes = VoiceDecision(incident=INCIDENT, decision="joint_sealing", outcome="yes")
    for end in (0, 1):
        alarm.do(end, yes, actor("head_of_state"))
        alarm.do(end, alarm.said("sealing_agreed"), actor("liaison_officer"))
    assert alarm.incident().state.level == "SEALED"
    with pytest.raises(NotNow, match="the level in force is SEALED"):
        alarm.do(0, AlertAgencies(incident=INCIDENT, level="HIGH"), DUTY)
    alarm.do(0, ALERT, DUTY)
    assert unit(alarm, "P2").unanswered
    assert unit(alarm, "P2").called_s == called_s, "it has been getting ready since the first call"
    assert readiness(alarm).alerts[unit(alarm, "P2").alert].level == "SEALED"


def test_who_may_call_whom(alarm: Case) -> None:
    military = AlertAgencies(incident=INCIDENT, agencies=("military",))
    for who in (RIOT, actor("head_of_state"), actor("liaison_officer")):
        with pytest.raises(NotPermitted, match="operations centre"):
            alarm.do(0, military, who)
    with pytest.raises(NotPermitted):
        alarm.do(0, ALERT, RIOT)
    with pytest.raises(NotNow, match="no unit of military"):
        alarm.do(0, military, ARMY)
    alarm.do(0, RegisterUnits(units=(registered("M1", "military"),)), ARMY)
    alarm.do(0, military, ARMY)
    alarm.do(0, AlertAgencies(incident=INCIDENT, agencies=("riot_police",)), RIOT)
    assert states(alarm)["M1"] == states(alarm)["R1"] == "alerted"
    alarm.do(0, AlertAgencies(incident=INCIDENT), actor("chief_of_police"))
    assert states(alarm)["P1"] == "alerted"


def test_who_has_not_answered_in_time_is_named_and_stands_on_top(alarm: Case) -> None:
    alarm.do(0, AlertAgencies(incident=INCIDENT, answer_within_s=120), DUTY)
    alarm.do(0, AcknowledgeAlert(incident=INCIDENT, unit="P1"), DUTY)
    alarm.do(0, SetUnit(unit="P2", state="under way"), DUTY)
    alarm.both.run(100)
    assert readiness(alarm).overdue(alarm.both.now_s) == []
    alarm.both.run(60)
    late = [one.registered.id for one in readiness(alarm).overdue(alarm.both.now_s)]
    assert late == ["P3", "R1", "R2"]
    lines = unit_list(readiness(alarm), alarm.both.now_s)
    assert [line.unit.registered.id for line in lines] == ["P3", "R1", "R2", "P1", "P2"]
    assert lines[0].said.startswith("NO ANSWER, ")
    police, riot = readiness_summary(readiness(alarm), alarm.both.now_s)
    assert police.words() == "1 called without answer (1 overdue), 1 alerted, 1 under way"
    assert riot.words() == "2 called without answer (2 overdue)"
    alarm.do(0, AcknowledgeAlert(incident=INCIDENT, unit="P3"), DUTY)
    assert len(readiness(alarm).overdue(alarm.both.now_s)) == 2


def test_a_released_unit_is_called_again_by_the_next_alarm(alarm: Case) -> None:
    alarm.do(0, ALERT, DUTY)
    alarm.do(0, ReleaseUnits(units=("P1",)), DUTY)
    assert unit(alarm, "P1").alert == ""
    with pytest.raises(NotNow, match="no alert"):
        alarm.do(0, AcknowledgeAlert(incident=INCIDENT, unit="P1"), DUTY)
    alarm.do(0, ALERT, DUTY)
    assert unit(alarm, "P1").state == "alerted"


def test_a_level_for_which_the_protocol_names_nobody_wants_names(case: Case) -> None:
    enrol(case)
    case.alarm()
    incident = case.incident()
    levels = incident.machine.protocol.levels
    assert not levels["NORMAL"].readiness
    incident.state = incident.machine.begin("alder", case.both.now_s)
    with pytest.raises(NotNow, match="names no service at level NORMAL"):
        case.do(0, ALERT, DUTY)
