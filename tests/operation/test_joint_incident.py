"""The scripted incident goes through the whole shipped protocol, with a broken line between."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from stopline.review.review import review_incident
from stopline.testing.two_journals import agree_on_what_was_shared, export_journals

SCRIPT = Path(__file__).parents[2] / "examples/joint_incident.py"


def test_from_alarm_to_stand_down_on_two_nodes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("joint_incident", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    story = importlib.util.module_from_spec(spec)
    sys.modules["joint_incident"] = story
    spec.loader.exec_module(story)
    told = story.play(tmp_path)
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
    names = {path.name for path in export_journals(told.both, tmp_path)}
    assert names == {"alder.jsonl", "birch.jsonl"}
    told.both.close()
    for path in tmp_path.rglob("*"):  # the watch lists have ended: no byte of the plate is left
        assert not path.is_file() or story.PLATE[3:].encode() not in path.read_bytes(), path
    for end in (0, 1):
        found = review_incident(
            told.both.folders[end], story.NAME, zone=ZoneInfo("UTC"), now_s=story.START_S + 600,
            peer_journal=tmp_path / f"{('birch', 'alder')[end]}.jsonl",
        ).file  # fmt: skip
        assert found.over
        assert [one.erased for one in found.watches] == [True, True]
        assert all(one.reopened_s is not None for one in found.orders)
        assert {one.outcome for one in found.deadlines} <= {"kept", "open", "withdrawn"}
