"""The examples load, name their data's owner, and have two sides with several agencies."""

from __future__ import annotations

from pathlib import Path

import pytest

from stopline.planning.plan import plan_scenario
from stopline.planning.verify import verify
from stopline.scenario.loader import load_scenario

EXAMPLES = Path(__file__).parents[2] / "examples"
SCENARIOS = sorted(
    p for case in ("liechtenstein", "corridor") for p in (EXAMPLES / case).glob("*.yaml")
)


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


@pytest.mark.parametrize(
    ("name", "verdict", "seals"),
    [
        ("liechtenstein/sealed", "sealed", 14),
        ("liechtenstein/impossible", "impossible", None),  # ends by its time limit
        ("liechtenstein/checkpoints", "impossible", 9),
        ("liechtenstein/leaking", "leaking", 13),
        ("corridor/sealed", "sealed", 11),
        ("corridor/leaking", "leaking", 10),
        ("corridor/impossible", "impossible", None),  # the best cover found in its time
    ],
)
def test_an_example_ends_as_its_name_says(
    tmp_path: Path, name: str, verdict: str, seals: int | None
) -> None:
    plan = plan_scenario(EXAMPLES / f"{name}.yaml", tmp_path, pictures=False).plan
    assert (str(plan.verdict), plan.proven) == (verdict, True)
    assert seals in (None, len(plan.seals))
    checked = verify(tmp_path / "plan.json")
    assert checked.ok, checked.sentence


def test_carriageways_of_one_road_are_one_exit() -> None:
    problem = load_scenario(EXAMPLES / "liechtenstein" / "sealed.yaml").problem
    names = [one.name for one in problem.exits]
    assert names.count("Rheinstrasse near Schaan (LI to CH)") == 2
    assert names.count("Rheinstrasse near Vaduz (LI to CH)") == 1
