"""What lies beside the record of joint plans follows from it, and is verified."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from operation.joint.test_deferred_plans import Again
from operation.joint.test_malformed import send
from stopline.link.disclosure import AllKinds
from stopline.link.plan_messages import PlanAsked
from stopline.operation.joint.deferred_plans import AGAIN_SHELF
from stopline.operation.joint.disclosure_rules import Agreement
from stopline.operation.joint.pending_commitments import HELD_SHELF
from stopline.operation.joint.query_service import MARK_SHELF, SPENT_SHELF, QueryService
from stopline.operation.joint.shelf_check import check_joint_plans

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from operation.joint.joint_case import Desks
    from stopline.journal.stored import StoredJournal


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Again]:
    """Two nodes that planned together, then asked and took nothing; and north planned alone."""
    again = Again(tmp_path_factory.mktemp("lived") / "n")
    again.desks.plan("first")
    said = [body for kind, body in again.desks.crossed() if kind == "plan.asked"]
    for number, one in enumerate(said):
        asked = PlanAsked.model_validate({**one, "matter": f"second-{number}"})
        assert send(again.desks, asked) == ["plan.answered"]
    again.alone()
    yield again
    again.desks.pair.close()


def journal_of(desks: Desks, shelf: str) -> StoredJournal:
    """North planned alone; the other shelves are those of south, who answered."""
    return desks.pair.journals[0 if shelf == AGAIN_SHELF else 1]


def test_what_planning_leaves_follows_from_the_entries(lived: Again) -> None:
    for journal in lived.desks.pair.journals:
        assert check_joint_plans(journal) == []
    for shelf in (MARK_SHELF, SPENT_SHELF, HELD_SHELF, AGAIN_SHELF):
        assert list(journal_of(lived.desks, shelf).shelf(shelf)), shelf  # none is tried in vain


def other_units(raw: bytes) -> bytes:
    told = json.loads(raw)
    told["seals"][0]["units"][0]["unit"] = "another"
    return json.dumps(told).encode()


def other_scenario(raw: bytes) -> bytes:
    return json.dumps({**json.loads(raw), "scenario": "another.yaml"}).encode()


@pytest.mark.parametrize(
    ("shelf", "change", "told"),
    [
        (MARK_SHELF, lambda _: b"999999", "expected up to"),
        (MARK_SHELF, lambda _: b"-1", "expected up to"),
        (MARK_SHELF, lambda _: b"\xff", "expected up to"),
        (SPENT_SHELF, lambda _: b"1", "demands answered; expected"),
        (SPENT_SHELF, lambda _: None, "demands answered; expected"),
        (HELD_SHELF, other_units, "is another than the entries name"),
        (HELD_SHELF, lambda _: None, "is not there; an entry names it"),
        (AGAIN_SHELF, other_scenario, "is another than the entries name"),
        (AGAIN_SHELF, lambda _: None, "is not there; an entry names it"),
    ],
)  # fmt: skip
def test_what_was_altered_is_told(lived: Again, shelf: str, change: object, told: str) -> None:
    journal = journal_of(lived.desks, shelf)
    key, before = next(iter(journal.shelf(shelf)))
    after = change(before)  # type: ignore[operator]
    with journal.transaction() as work:
        work.remove(shelf, key) if after is None else work.put(shelf, key, after)
    found = check_joint_plans(journal)
    with journal.transaction() as work:
        work.put(shelf, key, before)
    assert any(told in one and shelf in one for one in found), found
    assert check_joint_plans(journal) == []


@pytest.mark.parametrize("shelf", [MARK_SHELF, SPENT_SHELF, HELD_SHELF, AGAIN_SHELF])
def test_what_was_added_is_told(lived: Again, shelf: str) -> None:
    journal = journal_of(lived.desks, shelf)
    _, value = next(iter(journal.shelf(shelf)))
    with journal.transaction() as work:
        work.put(shelf, "another", value)
    found = check_joint_plans(journal)
    with journal.transaction() as work:
        work.remove(shelf, "another")
    assert any("another" in one and shelf in one for one in found), found


def test_a_question_that_is_passed_over_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set the mark forward while a question waits, and the other side never hears of it."""
    again = Again(tmp_path / "n")
    again.desks.plan("first")
    said = next(body for kind, body in again.desks.crossed() if kind == "plan.asked")
    journal = again.desks.answering.journal
    monkeypatch.setattr(QueryService, "__call__", lambda *_: 0)
    assert send(again.desks, PlanAsked.model_validate({**said, "matter": "late"})) == []
    assert check_joint_plans(journal) == []  # it waits, and that is no fault
    with journal.transaction() as work:
        work.put(MARK_SHELF, "read", str(journal.size).encode())
    (fault,) = check_joint_plans(journal)
    assert "question 1 of late" in fault
    again.desks.pair.close()


def test_a_question_that_may_not_be_answered_is_noted(tmp_path: Path) -> None:
    again = Again(tmp_path / "n")
    again.desks.plan("first")
    said = next(body for kind, body in again.desks.crossed() if kind == "plan.asked")

    class NothingLeaves(AllKinds):
        def allows(self, kind: str, phase: str | None) -> bool:
            del kind, phase
            return False

    class Nothing:
        def at(self, incident: str | None) -> Agreement:
            del incident
            return Agreement(NothingLeaves(), None, "no protocol is in force")

    again.desks.answering.agreed = Nothing()
    assert send(again.desks, PlanAsked.model_validate({**said, "matter": "late"})) == []
    journal = again.desks.answering.journal
    (left,) = [entry.body for entry in journal.read() if entry.kind == "joint.question-left"]
    assert left is not None
    assert (left["matter"], "no protocol" in str(left["reason"])) == ("late", True)
    assert check_joint_plans(journal) == []
    again.desks.pair.close()
