"""What the commands print and write when all is well, and what is left when writing fails."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stopline.cli.main import app
from stopline.cli.reference import command_reference
from stopline.documents.output_folder import whole_outputs
from stopline.rendering import plan_map as picture

_spec = importlib.util.spec_from_file_location(
    "scenario_case", Path(__file__).parents[1] / "scenario" / "scenario_case.py"
)
assert _spec is not None
assert _spec.loader is not None
case = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(case)


def test_reach_prints_a_plain_table_in_a_pipe(tmp_path: Path) -> None:
    path = case.write_case(tmp_path)
    result = CliRunner().invoke(app, ["reach", str(path), "--minutes", "0,1,5"])
    assert result.exit_code == 0, result.output
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert lines[0][:3] == ["after_min", "at", "junctions"]
    assert [line[0] for line in lines[1:]] == ["0", "1", "5"]
    assert lines[1][1] == "2026-06-12T21:30:00+02:00"
    assert "It can reach South Road (" in result.stderr


def test_reach_json_and_files(tmp_path: Path) -> None:
    path = case.write_case(tmp_path)
    out = tmp_path / "deep" / "out"
    result = CliRunner().invoke(app, ["reach", str(path), "--json", "--out", str(out)])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["format"] == "stopline-front/1"
    steps = document["steps"]
    assert steps[-1]["junctions"] == 26  # the island is never reached
    lengths = [step["road_km"] for step in steps]
    assert lengths == sorted(lengths)
    names = sorted(file.name for file in out.iterdir())
    assert names == ["front.geojson", "front.json", "front.png", "front.svg"]
    features = json.loads((out / "front.geojson").read_text())["features"]
    assert {feature["properties"]["what"] for feature in features} == {"front", "exit"}


def test_nothing_is_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = case.write_case(tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    (out / "front.json").write_text("earlier")

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(picture, "draw_front", full_disk)
    result = CliRunner().invoke(app, ["reach", str(path), "--out", str(out)])
    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    assert [(file.name, file.read_text()) for file in out.iterdir()] == [("front.json", "earlier")]
    assert not list(tmp_path.glob(".*"))  # no draft is left behind


def test_ctrl_c_ends_with_130(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(picture, "draw_front", interrupted)
    path = case.write_case(tmp_path)
    result = CliRunner().invoke(app, ["reach", str(path), "--out", str(tmp_path / "out")])
    assert result.exit_code == 130
    assert not (tmp_path / "out").exists()


def test_outputs_replace_those_of_the_same_kind_only(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in ("a.json", "a.png", "mine.txt"):
        (out / name).write_text("old")
    with whole_outputs(out, ("a.json", "a.png")) as draft:
        (draft / "a.json").write_text("new")
    found = {file.name: file.read_text() for file in out.iterdir()}
    assert found == {"a.json": "new", "mine.txt": "old"}


def write_both(out: Path) -> None:
    with whole_outputs(out, ("a", "b")) as draft:
        (draft / "a").write_text("new")
        (draft / "b").write_text("new")


def test_a_failed_move_puts_the_old_files_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in ("a", "b"):
        (out / name).write_text("old")
    real = Path.replace

    def fails_for_b(self: Path, target: Path) -> Path:
        if self.name == "b" and target.parent == out and self.read_text() == "new":
            raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", fails_for_b)
    with pytest.raises(OSError, match="Input/output"):
        write_both(out)
    assert {file.name: file.read_text() for file in out.iterdir()} == {"a": "old", "b": "old"}


def test_the_command_reference_is_current() -> None:
    page = Path(__file__).parents[2] / "docs" / "cli.md"
    assert page.read_text(encoding="utf-8") == command_reference()
