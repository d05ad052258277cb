"""The scripted incident goes through the whole shipped protocol, and both sides are reviewed."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from stopline.review.schema import ReviewFile
from stopline.testing.two_journals import agree_on_what_was_shared, export_journals

SCRIPT = Path(__file__).parents[2] / "examples/reviewed_incident.py"
# The watched plate, as people write it or its digits alone; not five digits of a hash or a number.
NAMED = re.compile(rb"FL[ -]?90817|(?<![\w.+/-])90817(?![\w+/])")
LATE = {"LP-Schaan", "LP-Balzers"}


@pytest.fixture(scope="module")
def script() -> Any:
    sys.path.insert(0, str(SCRIPT.parent))  # its parts lie beside it
    spec = importlib.util.spec_from_file_location("reviewed_incident", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    story = importlib.util.module_from_spec(spec)
    sys.modules["reviewed_incident"] = story
    spec.loader.exec_module(story)
    return story


def test_from_alarm_to_stand_down_on_two_nodes(script: Any, tmp_path: Path) -> None:
    told = script.play(tmp_path)
    assert [told.phase(end) for end in (0, 1)] == ["CLOSED", "CLOSED"]
    assert any("THE LINE BREAKS" in line for line in told.log)
    assert agree_on_what_was_shared(told.both) >= 15
    seen = {line[11:21].strip() for line in told.log}
    assert {"ALARM / RE", "LIAISON /", "AGREE / AG", "SEAL / SEA", "SEARCH / S"} <= seen
    texts = " ".join(str(entry.body) for entry in told.both.desks[1].node.journal.read())
    units = [one.issued.unit for one in told.orders(0).orders.values()]
    assert units
    assert not any(unit in texts for unit in units)
    for desk in told.both.desks:
        assert not desk.catch_up().unread
    told_orders = [list(told.orders(end).orders.values()) for end in (0, 1)]
    export_journals(told.both, tmp_path)
    script.write_truth(tmp_path / "truth.csv")
    told.both.close()
    # What named the vehicle is on neither disk any more, nor in what is handed on.
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or not NAMED.search(path.read_bytes()), path
    reviews = [script.review(tmp_path, end, pictures=end == 0).file for end in (0, 1)]
    for end, found in enumerate(reviews):
        text = found.model_dump_json()
        theirs = [one.issued.unit for one in told_orders[1 - end]]
        assert theirs
        assert not [unit for unit in theirs if unit in text]
    _both_sides_see_the_same(reviews)
    _says_what_happened(reviews[0])
    written = json.loads((tmp_path / "review-alder/review.json").read_text("utf-8"))
    assert ReviewFile.model_validate(written) == reviews[0]


def _both_sides_see_the_same(reviews: list[ReviewFile]) -> None:
    mine, theirs = reviews
    assert mine.sides == theirs.sides[::-1]
    assert mine.alarm == theirs.alarm
    assert mine.stopped_s == theirs.stopped_s
    key = ("side", "task", "what", "due_s", "done_s", "outcome")
    both = [
        sorted(str([getattr(one, name) for name in key]) for one in each.deadlines)
        for each in reviews
    ]
    assert both[0] == both[1]
    assert {one.order for one in mine.orders} == {one.order for one in theirs.orders}
    assert {one.unit is None for one in mine.orders if one.side != mine.side} == {True}


def _says_what_happened(review: ReviewFile) -> None:
    late = [one for one in review.orders if (one.margin_s or 0) < 0]
    assert {one.unit for one in late if one.unit is not None} == LATE
    # Orders go out minutes after the plan; whom else that makes late is in how the plan was found.
    assert "Rheinstrasse near Vaduz" in {one.road for one in late if one.unit is None}
    assert review.stopped_s == pytest.approx(2110, abs=1)
    assert [one.erased for one in review.watches] == [True, True]
    assert {one.why for one in review.watches} == {"stand-down"}
    assert review.hindsight is not None
    assert review.hindsight.met == ""  # no seal lay on its way: the search found it
    assert review.hindsight.seals == 1
    assert review.hindsight.road
    assert review.plans is not None
    assert [one.verdict for one in review.plans] == ["impossible", "sealed"]
    assert review.belief is not None
    # The wrong caller's belief had not got it; the last one leans on how people drive.
    assert [one.in_90 for one in review.belief][:2] == [False, True]
    assert len(review.belief) == 3
    assert review.leaks
    assert all(one.open_until_s is not None for one in review.leaks)
    waits = {round(one.waited_s or 0, -1) for one in review.undelivered}
    assert waits == {20.0, 90.0}
    assert len([one for one in review.line if one.side == review.side]) == 2
    asked = {one.what: one.state for one in review.requests}
    assert asked["Can you help me seal it off? These sections, by these times"] == (
        "accepted, then done"
    )
    # The order of reopening: an exit of Birch only after its roads inside.
    birch = [one for one in review.orders if one.side == "Republic of Birch"]
    last = max(birch, key=lambda one: one.reopened_s or 0)
    assert last.road == "Rheinstrasse near Vaduz"
