"""The scripted incident goes through the whole shipped protocol, with a broken line between."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

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
    assert story.agree_on_what_was_shared(told) >= 15
    seen = {line[11:21].strip() for line in told.log}
    assert {"ALARM / RE", "LIAISON /", "AGREE / AG", "SEAL / SEA", "SEARCH / S"} <= seen
    texts = " ".join(str(entry.body) for entry in told.both.desks[1].node.journal.read())
    units = [one.issued.unit for one in told.orders(0).orders.values()]
    assert units
    assert not any(unit in texts for unit in units)
    for desk in told.both.desks:
        assert not desk.catch_up().unread
    told.both.close()
