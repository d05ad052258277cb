"""What an earlier version wrote is read: a journal, a plan and a scenario of version 0.1.0.

They lie in `before/` as that version left them: the journal of the first side of
`examples/joint_incident.py`, and the plan of `examples/liechtenstein/sealed.yaml`. Whoever changes
a format must go on reading these.
"""

from __future__ import annotations

import gzip
from pathlib import Path

from stopline.journal.sqlite import open_sqlite
from stopline.journal.verify import verify_journal
from stopline.operation.core.state import NodeState
from stopline.operation.orders.projection import Orders
from stopline.scenario.loader import load_scenario
from stopline.sealing.plan_file.file import read_plan

BEFORE = Path(__file__).parent / "before"


def unpacked(name: str, folder: Path) -> Path:
    path = folder / name.removesuffix(".gz")
    path.write_bytes(gzip.decompress((BEFORE / name).read_bytes()))
    return path


def test_a_journal_verifies_and_folds_to_the_same_incident(tmp_path: Path) -> None:
    journal = open_sqlite(unpacked("journal.db.gz", tmp_path))
    try:
        assert journal.size == 97
        assert verify_journal(journal).holds
        state = NodeState()
        state.fold(journal.read())
        assert state.unread == {}
        assert (state.side, state.other_side) == ("alder", "birch")
        (incident,) = state.incidents.values()
        assert incident.phase == "CLOSED"
        assert incident.is_over
        assert incident.projection(Orders).orders
    finally:
        journal.close()


def test_a_plan_is_read(tmp_path: Path) -> None:
    plan = read_plan(unpacked("plan.json.gz", tmp_path))
    assert plan.verdict == "sealed"
    assert plan.units_used == 8
    assert plan.lower_bound == 8
    assert len(plan.seals) == 8


def test_a_scenario_is_loaded() -> None:
    scenario = load_scenario(BEFORE / "sealed.yaml")
    assert scenario.name == "Vaduz, both sides together"
    assert sorted(scenario.sides) == ["CH", "LI"]
    assert scenario.problem.rules.margin_s == 30.0
    assert len(scenario.problem.units) == 23
