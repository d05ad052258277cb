"""A post is handed over with what is open, and stays open until the successor takes it by name."""

from __future__ import annotations

import pytest

from operation.liaison_case import CHIEF, DUTY, INCIDENT, LIAISON, Case, actor
from stopline.operation.accounts.projection import Admitted
from stopline.operation.core.commands import DoTask
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.liaison.commands import AskOtherSide
from stopline.operation.shifts import listing as listing_module
from stopline.operation.shifts.commands import (
    BeginShift,
    HandOverShift,
    TakeOverShift,
    account_of,
)
from stopline.operation.shifts.listing import listing
from stopline.operation.shifts.projection import HandOver, Shifts

NEXT = actor("duty_officer", "N. Next")


def shifts(case: Case, end: int = 0) -> Shifts:
    return case.both.desks[end].catch_up().projection(Shifts)


def handed_over(case: Case) -> HandOver:
    case.do(0, HandOverShift(to="n. next ", note="the van may have changed plates"), DUTY)
    return shifts(case).open()[-1]


def test_the_hand_over_says_what_is_open_overdue_and_changed(case: Case) -> None:
    case.do(0, BeginShift(), DUTY)
    case.agree()
    ask = AskOtherSide(
        incident=INCIDENT, message="can_you_seal", asked="seal sections",
        wanted_sections=(case.wanted(),), answer_by=case.at(200),
    )  # fmt: skip
    case.do(0, ask, LIAISON)
    case.both.run(300)
    body = handed_over(case).body
    assert any("we ask (overdue" in line and "seal it off" in line for line in body.matters)
    assert any(line.startswith("i-1: decision wanted from head_of_state") for line in body.matters)
    assert any("nobody there has taken note" in line for line in body.matters)
    assert any(line.startswith("i-1: Alert all patrols") for line in body.overdue)
    told = "\n".join(body.changed)
    assert "alarm raised: shots fired; Crocus hall p.duty_officer (duty_officer)" in told
    assert "we told the other side: An attack has happened" in told
    assert "the other side told us: Understood" in told
    assert "sighting noted" in told
    assert "patrol 7" not in told, "the source of a sighting is not copied around"


def test_only_what_changed_in_the_shift_is_listed(case: Case) -> None:
    case.alarm()
    case.both.run(60)
    case.do(0, BeginShift(), DUTY)
    case.do(0, case.said("alert", what_happened="shots"), DUTY)
    told = handed_over(case).body.changed
    assert len(told) == 1
    assert "An attack has happened" in told[0]


def test_it_stays_open_until_the_named_successor_takes_over(case: Case) -> None:
    case.do(0, BeginShift(), DUTY)
    known = handed_over(case)
    take = TakeOverShift(handover=known.id)
    for wrong in (DUTY, CHIEF, actor("duty_officer", "somebody"), actor("liaison_officer",
                                                                        "N. Next")):  # fmt: skip
        with pytest.raises(NotPermitted, match=r"n\. next as duty_officer"):
            case.do(0, take, wrong)
    case.both.run(3600)
    assert [h.id for h in shifts(case).open()] == [known.id]
    assert shifts(case).shift_of("duty_officer", DUTY.person) is not None
    with pytest.raises(NotNow, match="take over"):
        case.do(0, BeginShift(), NEXT)
    case.do(0, take, NEXT)
    assert shifts(case).open() == []
    assert shifts(case).shift_of("duty_officer", DUTY.person) is None
    assert shifts(case).shift_of("duty_officer", "n. next") is not None
    with pytest.raises(NotNow, match="was taken over"):
        case.do(0, take, NEXT)
    before = shifts(case).handovers
    case.both.restart(0)
    assert shifts(case).handovers == before


def test_a_hand_over_that_waits_is_an_open_matter_of_every_other(case: Case) -> None:
    case.do(0, BeginShift(), DUTY)
    case.do(0, BeginShift(), LIAISON)
    handed_over(case)
    case.do(0, HandOverShift(to="M. Miller"), LIAISON)
    (line,) = shifts(case).open()[-1].body.matters
    assert line.startswith("n. next has not taken over as duty_officer from p.duty_officer, since")


def test_a_later_hand_over_of_the_same_shift_takes_the_place_of_the_first(case: Case) -> None:
    case.do(0, BeginShift(), DUTY)
    first, second = handed_over(case), handed_over(case)
    assert [h.id for h in shifts(case).open()] == [second.id]
    with pytest.raises(NotNow, match="later one"):
        case.do(0, TakeOverShift(handover=first.id), NEXT)


def test_a_successor_is_meant_by_account_or_by_the_name_that_is_shown() -> None:
    people = {
        name: Admitted(name=name, display=shown, roles=(), agency=None, kind="person")
        for name, shown in (("ida", "Ida Late"), ("m.one", "Max"), ("m.two", "Max"))
    }
    assert account_of("IDA", people) == account_of(" ida late", people) == "ida"
    assert account_of("N. Next", people) == "N. Next"  # known to no list yet
    with pytest.raises(NotNow, match=r"m\.one and m\.two are both shown as Max"):
        account_of("Max", people)


def test_a_shift_begins_once_and_is_handed_to_somebody_else(case: Case) -> None:
    with pytest.raises(NotNow, match="begin one first"):
        case.do(0, HandOverShift(to="N. Next"), DUTY)
    case.do(0, BeginShift(), DUTY)
    with pytest.raises(NotNow, match="goes on already"):
        case.do(0, BeginShift(), DUTY)
    with pytest.raises(NotNow, match="somebody else"):
        case.do(0, HandOverShift(to=DUTY.person.upper()), DUTY)
    with pytest.raises(NotNow, match="no hand-over none"):
        case.do(0, TakeOverShift(handover="none"), NEXT)
    for command in (BeginShift(), HandOverShift(to="x"), TakeOverShift(handover="x")):
        with pytest.raises(NotPermitted):
            case.do(0, command, actor("administrator"))


def test_a_long_list_says_how_much_it_leaves_out(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.liaison()
    for task in ("alert_police",):
        case.do(0, DoTask(incident=INCIDENT, task=task, evidence="all"), actor("second_officer"))
    monkeypatch.setattr(listing_module, "LONGEST_LIST", 2)
    found = listing(case.both.desks[0].catch_up(), 0.0, case.both.now_s)
    assert found.changed[0].startswith("and ")
    assert "task done: Alert all patrols" in found.changed[-1]
    assert found.matters[-1].startswith("and ")
