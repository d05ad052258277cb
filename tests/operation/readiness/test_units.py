"""Each unit's state is known, and only its own service sets it."""

from __future__ import annotations

import pytest

from operation.liaison_case import INCIDENT, Case, actor
from operation.readiness_case import (
    ARMY,
    DUTY,
    FEED,
    RIOT,
    enrol,
    radio,
    readiness,
    registered,
    row,
    unit,
)
from stopline.operation.core.actor import Actor
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.readiness.alerting import AcknowledgeAlert, AlertAgencies
from stopline.operation.readiness.commands import (
    RegisterUnits,
    ReleaseUnits,
    RetireUnit,
    SetUnit,
)
from stopline.operation.readiness.positions import ReportPositions


def test_units_are_registered_once_and_what_they_are_can_change(case: Case) -> None:
    enrol(case)
    again = RegisterUnits(units=tuple(registered(f"P{n}", strength=n) for n in (1, 2, 3)))
    assert case.do(0, again, DUTY).entries == ()
    case.do(0, SetUnit(unit="P1", state="off duty"), DUTY)
    changed = RegisterUnits(units=(registered("P1", strength=7), registered("P2", strength=2)))
    (index,) = case.do(0, changed, DUTY).entries
    (entry,) = case.both.desks[0].node.journal.read(index, index + 1)
    assert [one["id"] for one in entry.body["units"]] == ["P1"]  # type: ignore[index,union-attr]
    assert (unit(case, "P1").registered.strength, unit(case, "P1").state) == (7, "off duty")


@pytest.mark.parametrize("written", ["riot police", "Riot-Police", " riot_police "])
def test_a_service_has_one_spelling_however_a_file_writes_it(case: Case, written: str) -> None:
    who = Actor("r", "riot_police_commander", written)
    case.do(0, RegisterUnits(units=(registered("R1", written),)), who)
    assert unit(case, "R1").registered.agency == "riot_police"


def test_a_service_that_the_procedure_does_not_know_is_refused_with_those_it_has(
    case: Case,
) -> None:
    typed = "riot polcie"
    with pytest.raises(NotNow, match=r"no service riot_polcie; it has .*; is riot_police meant"):
        case.do(
            0, RegisterUnits(units=(registered("R1", typed),)), Actor("r", "duty_officer", typed)
        )
    assert not readiness(case).units


def test_all_that_stands_against_a_registration_is_said_at_once(case: Case) -> None:
    enrol(case)
    wrong = RegisterUnits(
        units=(
            registered("R1"), registered("P9", "military"), registered("P8", side="CH"),
            registered("P7"), registered("p7"), registered("p1"),
        )
    )  # fmt: skip
    with pytest.raises(NotPermitted) as told:
        case.do(0, wrong, DUTY)
    for words in (
        "R1 is of riot_police",
        "P9 is of military",
        "P8 is of side CH",
        "p7 stands",
        "p1 differs from P1",
    ):
        assert words in str(told.value)
    assert set(readiness(case).units) == {"P1", "P2", "P3", "R1", "R2"}


@pytest.mark.parametrize(
    "who",
    [
        RIOT,
        actor("head_of_state"),
        actor("prosecutor"),
        Actor("x", "duty_officer", None),
        Actor("a", "administrator", "police"),
        FEED,
        Actor("n", "node", "police"),
        radio("P2"),
        radio("P1", "riot_police"),
        radio("R1", "riot_police"),
    ],
    ids=lambda who: f"{who.role} {who.person} of {who.agency}",
)
def test_nobody_but_its_own_service_speaks_for_a_unit(case: Case, who: Actor) -> None:
    enrol(case)
    case.alarm()
    case.do(0, AlertAgencies(incident=INCIDENT, agencies=("police",)), DUTY)
    before = dict(readiness(case).units)
    for command in (
        SetUnit(unit="P1", state="under way"),
        RetireUnit(unit="P1", reason="gone"),
        ReleaseUnits(units=("P1",)),
        AcknowledgeAlert(incident=INCIDENT, unit="P1"),
        RegisterUnits(units=(registered("P1", strength=9),)),
    ):
        with pytest.raises(NotPermitted):
            case.do(0, command, who)
    if who is not FEED:
        with pytest.raises((NotPermitted, NotNow)):
            case.do(0, ReportPositions(rows=(row("P1", case.both.now_s),)), who)
    assert readiness(case).units == before
    assert readiness(case).fixes == {}


def test_a_unit_speaks_for_itself(case: Case) -> None:
    enrol(case)
    case.alarm()
    case.do(0, AlertAgencies(incident=INCIDENT, agencies=("police",)), DUTY)
    case.do(0, AcknowledgeAlert(incident=INCIDENT, unit="P1"), radio("P1"))
    case.do(0, SetUnit(unit="P1", state="under way"), radio("p1"))
    case.do(0, ReportPositions(rows=(row("P1", case.both.now_s),)), radio("P1"))
    assert unit(case, "P1").state == "under way"
    assert readiness(case).fixes["P1"].lon == 9.53
    for command in (RetireUnit(unit="P1", reason="x"), ReleaseUnits(units=("P1",))):
        with pytest.raises(NotPermitted):
            case.do(0, command, radio("P1"))


def test_who_drops_out_says_why(case: Case) -> None:
    enrol(case)
    case.do(0, SetUnit(unit="P1", state="under way"), DUTY)
    with pytest.raises(NotNow, match="say why P1 goes from under way to off duty"):
        case.do(0, SetUnit(unit="P1", state="off duty", reason="  "), DUTY)
    case.do(0, SetUnit(unit="P1", state="off duty", reason="engine"), DUTY)
    assert unit(case, "P1").reason == "engine"
    with pytest.raises(NotNow, match="next can be alerted, on call, not under way"):
        case.do(0, SetUnit(unit="P1", state="under way"), DUTY)
    with pytest.raises(NotNow, match="no unit P77"):
        case.do(0, SetUnit(unit="P77", state="on call"), DUTY)


def test_a_retired_unit_is_gone_with_its_place_and_may_come_anew(case: Case) -> None:
    enrol(case)
    case.do(0, ReportPositions(rows=(row("P1", case.both.now_s),)), FEED)
    case.do(0, RetireUnit(unit="P1", reason="dissolved"), DUTY)
    assert "P1" not in readiness(case).units
    assert "P1" not in readiness(case).fixes
    case.do(0, RegisterUnits(units=(registered("P1"),), state="off duty"), DUTY)
    assert unit(case, "P1").state == "off duty"


def test_release_is_for_units_that_are_called(case: Case) -> None:
    enrol(case)
    with pytest.raises(NotNow, match="no unit of your service"):
        case.do(0, ReleaseUnits(), DUTY)
    with pytest.raises(NotNow, match="P1 is on call, not called"):
        case.do(0, ReleaseUnits(units=("P1",)), DUTY)
    case.do(0, SetUnit(unit="P1", state="under way"), DUTY)
    case.do(0, SetUnit(unit="P2", state="alerted"), DUTY)
    case.do(0, SetUnit(unit="R1", state="alerted"), RIOT)
    case.do(0, ReleaseUnits(reason="over"), DUTY)
    states = {name: one.state for name, one in readiness(case).units.items()}
    assert states == {
        "P1": "released", "P2": "released", "P3": "on call", "R1": "alerted", "R2": "on call",
    }  # fmt: skip
    with pytest.raises(NotNow):
        case.do(0, ReleaseUnits(), ARMY)


def test_everything_is_there_again_after_a_restart_and_nothing_left_the_node(case: Case) -> None:
    enrol(case)
    case.alarm()
    case.do(0, AlertAgencies(incident=INCIDENT), DUTY)
    case.do(0, AcknowledgeAlert(incident=INCIDENT, unit="R1"), RIOT)
    case.do(0, SetUnit(unit="P1", state="under way"), DUTY)
    case.do(0, ReportPositions(rows=(row("P1", case.both.now_s),)), FEED)
    case.do(0, case.said("alert", what_happened="shots", vehicle="white van"), DUTY)
    case.both.run(5.0)
    case.restart_folds_the_same()
    assert readiness(case, 1).units == {}
    there = case.both.desks[1].node.journal
    sent = [e for e in case.both.desks[0].node.journal.read() if e.kind.startswith("message.sent")]
    assert sent
    crossed = [entry.leaf for entry in [*sent, *there.read()]]
    names = (b'"P1"', b'P1\\"', b'"R1"', b'R1\\"')  # in quotes: a signature may hold P1 by chance
    for secret in (*names, b"47.15", b"riot_police", b"under way", b"strength"):
        assert not [leaf for leaf in crossed if secret in leaf and b"protocol.adopted" not in leaf]
