"""The review's deadlines are those of the protocol's machine, whatever people do and when."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operation.liaison_case import DUTY, INCIDENT, LIAISON, Case, actor
from review.review_case import history
from stopline.errors import StoplineError
from stopline.operation.core.commands import AcknowledgeTask, DoTask, VoiceDecision
from stopline.operation.facts.incident import DeadlinePassed
from stopline.protocol.schema import evidence_of
from stopline.review.deadlines import deadlines_from_messages, deadlines_of
from stopline.review.relative_time import Since

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.review.schema import Deadline

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["wait", "do", "acknowledge", "decide", "say", "stand down"]),
        st.integers(0, 400),
        st.integers(0, 60),
    ),
    max_size=12,
)


def act(case: Case, kind: str, seconds: int, pick: int) -> None:
    """Let time pass, or have somebody do something that the machine lists as due."""
    if kind == "wait":
        case.both.run(seconds)
        return
    incident = case.incident()
    protocol = incident.machine.protocol
    due = incident.due(case.both.now_s).tasks
    try:
        if kind == "stand down":
            for role in ("chief_of_police", "interior_minister"):
                voice = VoiceDecision(incident=INCIDENT, decision="stand_down", outcome="yes")
                case.both.do(0, voice, actor(role))
        elif kind == "say":
            name = sorted(protocol.messages)[pick % len(protocol.messages)]
            case.both.do(0, case.said(name), actor(protocol.messages[name].sent_by))
        elif kind == "decide":
            name = sorted(protocol.decisions)[pick % len(protocol.decisions)]
            for role in protocol.decisions[name].taken_by:
                voice = VoiceDecision(incident=INCIDENT, decision=name, outcome="yes")
                case.both.do(0, voice, actor(role))
        elif due:
            task = due[pick % len(due)]
            command = DoTask(incident=INCIDENT, task=task.id, evidence="done")
            if kind == "acknowledge" or task.what == "acknowledge":
                command = AcknowledgeTask(incident=INCIDENT, task=task.id)  # type: ignore[assignment]
            case.both.do(0, command, actor(task.role))
    except StoplineError:
        pass  # what the protocol does not allow now is no fact


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=ACTS)
def test_missed_and_open_are_what_the_machine_says(
    acts: list[tuple[str, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    case = Case(tmp_path_factory.mktemp("nodes"))
    try:
        case.alarm()
        for one in acts:
            act(case, *one)
        case.both.run(1.0)
        _agrees(case)
    finally:
        case.both.close()


def _agrees(case: Case) -> None:
    folded = history(case)
    now_s = case.both.now_s
    since = Since(folded.began_s)
    found = deadlines_of(folded, since, now_s)
    # 1. Missed is exactly what the node noted as missed when it was over.
    noted = {
        (e.typed().task, e.typed().what)  # type: ignore[attr-defined]
        for e in case.both.desks[0].node.journal.read()
        if e.kind == "deadline.passed" and isinstance(e.typed(), DeadlinePassed)
    }
    assert {(d.task, d.what) for d in found if d.outcome == "missed"} == noted
    assert all(d.noted == (d.outcome == "missed") for d in found)
    # The same comes out of the times alone, without the facts that say so.
    blind = dataclasses.replace(folded, steps=[
        dataclasses.replace(step, body=None) if isinstance(step.body, DeadlinePassed) else step
        for step in folded.steps
    ])  # fmt: skip
    unaided = deadlines_of(blind, since, now_s)
    assert {(d.task, d.what) for d in unaided if d.outcome == "missed"} == noted
    # 2. What is open or missed without having been done is what the machine still lists.
    due = case.incident().due(now_s)
    listed = {
        (t.id, "done" if t.what == "do" else "acknowledged")
        for t in due.tasks
        if t.deadline_s is not None
    }
    pending = {
        (d.task, d.what) for d in found if d.done_s is None and d.outcome in {"open", "missed"}
    }
    withdrawn = {t.id for t in case.incident().state.tasks.values() if t.status == "withdrawn"}
    assert {one for one in pending if one[0] not in withdrawn} == listed
    overdue = {t.id for t in due.overdue}
    assert {d.task for d in found if d.done_s is None and d.outcome == "missed"} - withdrawn == (
        overdue
    )
    # 3. By how much, and kept is in time.
    for d in found:
        if d.outcome == "kept":
            assert d.done_s is not None
            assert d.over_s is not None
            assert d.over_s <= 0
        if d.over_s is not None and d.over_s > 0:
            assert d.outcome == "missed"


def by_task(found: list[Deadline], task: str, what: str = "done") -> Deadline:
    return next(one for one in found if one.task.split("@")[0] == task and one.what == what)


def test_who_did_it_when_and_by_how_much(case: Case) -> None:
    case.liaison()
    case.both.run(100)
    case.do(0, DoTask(incident=INCIDENT, task="report_to_chief", evidence="said"), DUTY)
    case.both.run(130)
    chief = actor("chief_of_police")
    case.do(0, AcknowledgeTask(incident=INCIDENT, task="report_to_chief"), chief)
    folded = history(case)
    found = deadlines_of(folded, Since(folded.began_s), case.both.now_s)
    told = by_task(found, "report_to_chief")
    assert (told.outcome, told.role, told.by) == (
        "kept", "Duty officer of the operations centre", "Duty officer of the operations centre",
    )  # fmt: skip
    noted = by_task(found, "report_to_chief", "acknowledged")
    assert (noted.outcome, noted.by, noted.noted) == ("missed", "Chief of police", True)
    assert noted.over_s == pytest.approx(11, abs=2)
    assert by_task(found, "alert_other_side").over_s == pytest.approx(-179, abs=2)


def test_a_withdrawn_task_is_neither_kept_nor_missed(case: Case) -> None:
    case.alarm()
    for role in ("chief_of_police", "interior_minister"):
        voice = VoiceDecision(incident=INCIDENT, decision="stand_down", outcome="yes")
        case.do(0, voice, actor(role))
    folded = history(case)
    found = deadlines_of(folded, Since(folded.began_s), case.both.now_s)
    assert by_task(found, "report_to_chief").outcome == "withdrawn"


def test_the_other_side_is_judged_by_its_messages_alone(case: Case) -> None:
    case.alarm()
    case.do(0, case.said("alert", what_happened="shots", vehicle="white van"), DUTY)
    case.both.run(200)
    case.do(1, case.said("alert_understood"), DUTY)
    case.do(1, case.said("liaison_open", contact_persons="day and night"), LIAISON)
    folded = history(case)
    since = Since(folded.began_s)
    there = deadlines_from_messages(folded, since, case.both.now_s)
    confirm = by_task(there, "confirm_alert")
    assert (confirm.outcome, confirm.source, confirm.side) == (
        "missed", "messages", "Republic of Birch",
    )  # fmt: skip
    own = by_task(deadlines_of(history(case, 1), since, case.both.now_s), "confirm_alert")
    assert confirm.over_s == pytest.approx(own.over_s, abs=2.0)
    protocol = folded.incident.machine.protocol
    assert all(evidence_of(protocol.tasks[d.task]).startswith("message ") for d in there)


def test_of_a_silent_other_side_nothing_is_claimed(case: Case, tmp_path: Path) -> None:
    del tmp_path
    case.alarm()
    folded = history(case)
    assert deadlines_from_messages(folded, Since(folded.began_s), case.both.now_s) == []
