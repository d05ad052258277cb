"""The examples load, name their data's owner, and have two sides with several agencies."""

from __future__ import annotations

from pathlib import Path

import pytest

from stopline.operation.scenario import load_scenario

EXAMPLES = Path(__file__).parents[2] / "examples"
SCENARIOS = sorted(EXAMPLES.glob("*/*.yaml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_example_loads(path: Path) -> None:
    scenario = load_scenario(path)
    assert "OpenStreetMap" in scenario.problem.network.attribution
    assert "ODbL" in (path.parent / "NOTICE.md").read_text(encoding="utf-8")
    assert len(scenario.sides) == 2
    assert all(len(side.agencies) > 1 for side in scenario.sides.values())
    assert scenario.places
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert f"`{path.parent.name}/{path.name}`" in readme


def test_every_example_comes_in_three_versions() -> None:
    for case in ("liechtenstein", "corridor"):
        names = {path.stem for path in SCENARIOS if path.parent.name == case}
        assert {"sealed", "leaking", "impossible"} <= names
