"""Expected actions: met, late, missed or not asked for."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from stopline.errors import BadInput
from stopline.exercise.engine.ports import FactSeen
from stopline.exercise.evaluation import evaluate, write_evaluation
from stopline.review.expected_actions import read_evaluation

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.exercise.document.load import LoadedExercise

GIVEN = {1: 0.0, 2: 8.0, 3: 160.0, 4: 160.0}


def fact(t: float, kind: str, *words: str, role: str = "duty_officer") -> FactSeen:
    return FactSeen("alder", 1, t, kind, "eva", role, words)


def test_each_expected_action_is_met_late_missed_or_not_asked_for(whole: LoadedExercise) -> None:
    facts = [
        fact(40.0, "alarm.raised"),
        fact(50.0, "message.sent", "procedure.said", "liaison_open"),
        fact(250.0, "message.sent", "procedure.said", "alert", role="second_officer"),
        fact(150.0, "plan.adopted"),  # before it was asked for: of another plan
    ]
    found = evaluate(whole, GIVEN, facts)
    assert {row.number: row.result for row in found.rows} == {
        1: "met", 2: "late", 3: "missed", 4: "missed", 5: "not given", 6: "not given"
    }  # fmt: skip
    late = found.rows[1]
    assert (late.took_s, late.by) == (242.0, "eva")
    assert found.objectives["alert"].endswith("1 of 2 met, 1 late")
    assert found.objectives["seal"].endswith("0 of 1 met, 1 missed")
    assert found.objectives["report"].endswith("nothing was asked for it")


def test_the_wrong_role_or_side_does_not_count(whole: LoadedExercise) -> None:
    others = [
        fact(10.0, "alarm.raised", role="press_officer"),
        FactSeen("birch", 1, 10.0, "alarm.raised", "jan", "duty_officer"),
    ]
    assert evaluate(whole, GIVEN, others).rows[0].result == "missed"


@pytest.mark.parametrize(
    "text", ["", "[]", '{"form": "stopline-evaluation/2"}', '{"form": "stopline-evaluation/1"}'],
)  # fmt: skip
def test_a_bad_evaluation_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "evaluation.json"
    path.write_text(text, "utf-8")
    with pytest.raises(BadInput, match=re.escape(str(path))):
        read_evaluation(path)
    with pytest.raises(BadInput):
        read_evaluation(tmp_path / "none.json")


def test_what_is_written_is_what_is_read(short: LoadedExercise, tmp_path: Path) -> None:
    found = evaluate(short, GIVEN, [fact(40.0, "alarm.raised")])
    write_evaluation(found, tmp_path / "e.json")
    read = read_evaluation(tmp_path / "e.json")
    assert [one.result for one in read.expected_actions] == [row.result for row in found.rows]
    assert json.loads((tmp_path / "e.json").read_text("utf-8"))["objectives"] == read.objectives
