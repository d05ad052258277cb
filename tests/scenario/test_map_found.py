"""`stopline verify` finds the map of a plan from any folder; a copied cache does not mislead it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from stopline.cli.main import app
from stopline.network.cache import open_network

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

RUNNER = CliRunner()

CASE = """network: {path: region}
now: 2026-06-12T21:30:00+02:00
sightings: [{at: 2026-06-12T21:30:00+02:00, node: 13}]
exits: [{nodes: [11]}]
units: units.csv
"""


def planned(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plan made as people do: in the folder, by relative names."""
    monkeypatch.chdir(folder)
    (folder / "case.yaml").write_text(CASE, "utf-8")
    made = RUNNER.invoke(app, ["plan", "case.yaml", "--no-pictures", "--no-choices"])
    assert made.exit_code in {0, 3}, made.output
    return folder / "out" / "case" / "plan.json"


def verify(plan: Path) -> str:
    result = RUNNER.invoke(app, ["verify", str(plan)])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_plan_is_verified_from_any_folder(
    region: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(region, monkeypatch)
    assert "Confirmed" in verify(plan)
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert "Confirmed" in verify(plan)


def test_a_folder_that_is_moved_whole_brings_its_map_along(
    region: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(region, monkeypatch)
    there = tmp_path_factory.mktemp("moved") / "night"
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    shutil.move(str(region), there)
    assert not plan.exists()
    assert "Confirmed" in verify(there / "out" / "case" / "plan.json")


def test_a_cache_that_was_copied_along_says_where_the_map_lies_now(
    region: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_network(region / "region")
    there = tmp_path_factory.mktemp("copied") / "case"
    shutil.copytree(region, there)
    assert (there / "region.stopline-cache").is_dir()
    plan = planned(there, monkeypatch)
    assert json.loads(plan.read_text("utf-8"))["network"]["path"] == str(there / "region")
    shutil.rmtree(region)
    assert "Confirmed" in verify(plan)
