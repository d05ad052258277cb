"""The story of the corridor: each moment's news changes belief and plan."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from pathlib import Path

from stopline.planning.track_files import headline
from stopline.planning.verify import verify

SCRIPT = Path(__file__).parents[2] / "examples/corridor/pursuit.py"


def test_each_moment_changes_belief_and_plan(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("pursuit", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    story = importlib.util.module_from_spec(spec)
    sys.modules["pursuit"] = story
    spec.loader.exec_module(story)
    told = story.tell(tmp_path, quick=True)
    headings = [headline(one.belief) for one in told]
    assert headings[0].startswith("not known yet; likeliest Russia to Belarus")
    assert headings[1].startswith("not known yet; likeliest Russia to Ukraine")
    assert headings[2].startswith("Rylsk")
    assert "Belarus" in headings[4]
    verdicts = [str(one.plan.plan.verdict) for one in told]
    assert verdicts == ["sealed", *["impossible"] * 4]
    assert all(len(one.plan.choices) in {5, 6} for one in told[1:])  # a ring may not be had
    plans = [{(s.site.kind, s.site.index) for s in one.plan.plan.seals} for one in told]
    assert all(one != other for one, other in itertools.pairwise(plans))
    assert all(verify(tmp_path / str(i) / "plan/plan.json").ok for i in range(1, 6))
