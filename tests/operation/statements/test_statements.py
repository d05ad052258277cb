"""A statement goes out once everybody who must has agreed, and is set right openly."""

from __future__ import annotations

import pytest

from operation.liaison_case import DUTY, INCIDENT, Case, actor
from stopline.operation.core.commands import VoiceDecision
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.statements.clock import public_clock
from stopline.operation.statements.commands import (
    AgreeStatement,
    AnswerStatement,
    CorrectStatement,
    DraftStatement,
    ReleaseStatement,
    ShowStatement,
    changed,
)
from stopline.operation.statements.projection import Statement, Statements

PRESS, MINISTER, PRIME = (
    actor("press_officer"),
    actor("interior_minister"),
    actor("prime_minister"),
)


def draft(text: str = "Stay at home.", **changes: object) -> DraftStatement:
    told = {"incident": INCIDENT, "statement": "first", "text": text, **changes}
    return DraftStatement.model_validate(told)


def show(case: Case) -> ShowStatement:
    return ShowStatement(incident=INCIDENT, statement="first", answer_by=case.at(600))


def release(version: int = 1, statement: str = "first", without: str = "") -> ReleaseStatement:
    return ReleaseStatement(
        incident=INCIDENT, statement=statement, version=version, where="all stations",
        without=without,
    )  # fmt: skip


def agree(version: int = 1, *, agrees: bool = True, remark: str = "") -> AgreeStatement:
    return AgreeStatement(
        incident=INCIDENT, statement="first", version=version, agrees=agrees, remark=remark
    )


def decide(case: Case, end: int = 0) -> None:
    for who in (MINISTER, PRIME):
        voice = VoiceDecision(incident=INCIDENT, decision="release_statement", outcome="yes")
        case.do(end, voice, who)


def statement(case: Case, end: int = 0) -> Statement:
    return next(iter(case.incident(end).projection(Statements).by_name.values()))


def reply(case: Case, answer: str, text: str = "", remark: str = "") -> AnswerStatement:
    return AnswerStatement.model_validate(
        {"incident": INCIDENT, "statement": statement(case, 1).name, "answer": answer,
         "text": text, "remark": remark}
    )  # fmt: skip


def test_agreed_on_both_sides_it_goes_out_and_stops_the_clock_on_both(case: Case) -> None:
    case.liaison()
    case.do(0, draft(agreed_by=("chief_of_police", "prosecutor")), PRESS)
    case.do(0, show(case), PRESS)
    assert statement(case, 1).last.text == "Stay at home."
    for bad in (release(),):
        with pytest.raises(NotNow, match="chief_of_police, prosecutor must agree"):
            case.do(0, bad, PRESS)
    case.do(0, agree(), actor("chief_of_police"))
    case.do(0, agree(agrees=False, remark="names a witness"), actor("prosecutor"))
    with pytest.raises(NotNow, match="prosecutor must agree"):
        case.do(0, release(), PRESS)
    case.do(0, agree(), actor("prosecutor"))
    with pytest.raises(NotNow, match="other side has not agreed"):
        case.do(0, release(), PRESS)
    case.do(1, reply(case, "accepted"), PRESS)
    with pytest.raises(NotNow, match="release_statement"):
        case.do(0, release(), PRESS)
    decide(case)
    clock = public_clock(case.incident(), case.both.now_s)
    assert clock.left_s(case.both.now_s) is not None
    case.do(0, release(), PRESS)
    assert statement(case).public_text == "Stay at home."
    assert statement(case).released is not None
    assert public_clock(case.incident(), case.both.now_s).left_s(case.both.now_s) is None
    assert "statement_released" in case.incident().state.happened
    decide(case, 1)
    case.do(1, release(statement=statement(case, 1).name), PRESS)
    assert statement(case, 1).public_text == "Stay at home."
    case.restart_folds_the_same()


def test_the_text_that_the_other_side_proposed_needs_no_second_question(case: Case) -> None:
    case.liaison()
    case.do(0, draft(), PRESS)
    case.do(0, show(case), PRESS)
    with pytest.raises(NotNow, match="changed text"):
        case.do(1, reply(case, "in part"), PRESS)
    with pytest.raises(NotNow, match="reason"):
        case.do(1, reply(case, "declined"), PRESS)
    case.do(1, reply(case, "in part", "Stay at home; call 112."), PRESS)
    decide(case)
    with pytest.raises(NotNow, match="has not agreed"):
        case.do(0, release(), PRESS)
    case.do(0, draft("Stay at home, all of you."), PRESS)
    with pytest.raises(NotNow, match="has not agreed"):
        case.do(0, release(2), PRESS)
    case.do(0, draft("Stay at home; call 112."), PRESS)
    with pytest.raises(NotNow, match="version 3 is the last"):
        case.do(0, release(2), PRESS)
    case.do(0, release(3), PRESS)
    assert statement(case).released is not None
    assert statement(case).released.without == ""


def test_without_the_other_sides_yes_the_reason_stays_on_record(case: Case) -> None:
    case.liaison()
    case.do(0, draft(), PRESS)
    decide(case)
    case.do(0, release(without="the line is broken and the public must know"), PRESS)
    told = statement(case).released
    assert told is not None
    assert told.without == "the line is broken and the public must know"


def test_a_new_version_must_be_agreed_anew(case: Case) -> None:
    case.alarm()
    case.do(0, draft(agreed_by=("prosecutor",), asks_other_side=False), PRESS)
    case.do(0, agree(), actor("prosecutor"))
    case.do(0, draft("Stay.", agreed_by=("prosecutor",), asks_other_side=False), PRESS)
    decide(case)
    with pytest.raises(NotNow, match="prosecutor must agree"):
        case.do(0, release(2), PRESS)
    with pytest.raises(NotNow, match="version 2"):
        case.do(0, agree(1), actor("prosecutor"))
    with pytest.raises(NotNow, match="says why"):
        case.do(0, agree(2, agrees=False), actor("prosecutor"))
    with pytest.raises(NotPermitted, match="prosecutor agree"):
        case.do(0, agree(2), DUTY)


def test_not_before_its_time(case: Case) -> None:
    case.alarm()
    case.do(0, draft(asks_other_side=False, not_before=case.at(300)), PRESS)
    decide(case)
    with pytest.raises(NotNow, match="not before"):
        case.do(0, release(), PRESS)
    case.both.run(300)
    case.do(0, release(), PRESS)


def test_a_correction_shows_what_changed_and_what_was_said_stays(case: Case) -> None:
    case.alarm()
    correct = CorrectStatement(
        incident=INCIDENT, statement="first", text="Two men fled.\nCall 112.", reason="count"
    )
    case.do(0, draft("Three men fled.\nCall 112.", asks_other_side=False), PRESS)
    with pytest.raises(NotNow, match="not released"):
        case.do(0, correct, PRESS)
    decide(case)
    case.do(0, release(), PRESS)
    with pytest.raises(NotNow, match="corrected openly"):
        case.do(0, draft("Two men fled."), PRESS)
    with pytest.raises(NotNow, match="released already"):
        case.do(0, release(), PRESS)
    case.do(0, correct, PRESS)
    with pytest.raises(NotNow, match="nothing changed"):
        case.do(0, correct, PRESS)
    (told,) = statement(case).corrections
    assert told.body.changed == ["- Three men fled.", "+ Two men fled."]
    assert told.body.was == "Three men fled.\nCall 112."
    assert statement(case).public_text == "Two men fled.\nCall 112."
    case.restart_folds_the_same()


def test_what_changed_is_lines_taken_out_and_put_in() -> None:
    assert changed("a\nb\nc", "a\nc\nd") == ["- b", "+ d"]


def test_the_clock_of_the_public_counts_from_the_alarm(case: Case) -> None:
    case.alarm()
    began = case.incident().state.began_s
    assert began is not None
    clock = public_clock(case.incident(), began + 100)
    assert (clock.since_alarm_s, clock.due_s) == (100, began + 3600)
    assert clock.left_s(began + 3700) == -100


def test_who_may(case: Case) -> None:
    case.liaison()
    case.do(0, draft(), PRESS)
    with pytest.raises(NotNow, match="sent by press_officer"):
        case.do(0, show(case), DUTY)
    case.do(0, show(case), PRESS)
    with pytest.raises(NotNow, match="shown already"):
        case.do(0, show(case), PRESS)
    with pytest.raises(NotNow, match="sent by press_officer"):
        case.do(1, reply(case, "accepted"), DUTY)
    with pytest.raises(NotNow, match="draft is ours"):
        case.do(0, AnswerStatement(incident=INCIDENT, statement="first", answer="accepted"), PRESS)
    correct = CorrectStatement(incident=INCIDENT, statement="first", text="x", reason="y")
    for command in (draft(), release(), correct):
        with pytest.raises(NotPermitted):
            case.do(0, command, DUTY)
    for command in (draft(), show(case), agree(), reply(case, "accepted"), release(), correct):
        with pytest.raises(NotPermitted):
            case.do(0, command, actor("administrator"))
    with pytest.raises(NotNow, match="no role nobody"):
        case.do(0, draft(agreed_by=("nobody",)), PRESS)
