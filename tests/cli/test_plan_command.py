"""`stopline plan` from end to end on a small grid: exit codes, files, rules, orders, words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from typer.testing import CliRunner

from scenario.scenario_case import write_case
from stopline.cli.main import app
from stopline.rendering import plan_map as picture

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CORNER = {"place": {"name": "Corner", "lon": 9.533, "lat": 47.1135, "radius_m": 100}}
NEAR = [
    {"id": "e1", "side": "E", "agency": "police", "lon": 9.533, "lat": 47.1115},
    {"id": "e2", "side": "E", "agency": "police", "lon": 9.5300, "lat": 47.1135},
]
FILES = ["plan.geojson", "plan.json", "plan.tsv"]
PICTURES = ["plan.png", "plan.svg"]


def plan(*args: str | Path) -> Any:
    return CliRunner().invoke(app, ["plan", *(str(arg) for arg in args)])


def sealable(folder: Path, **changes: Any) -> Path:
    return write_case(folder, **{"exits": [CORNER], "units": NEAR, **changes})


def test_sealed_ends_with_0_and_says_it_all(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = plan(sealable(tmp_path), "--out", out)
    assert result.exit_code == 0, result.output
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert rows[0][:5] == ["seal", "road", "place", "side", "units"]
    assert sorted(row[4] for row in rows[1:]) == ["e1", "e2"]
    said = result.stderr.splitlines()
    assert said[0].startswith("Sealed: 2 seals held by 2 units stop every route")
    assert "grid: now is 21:30:00, Fri 12 Jun 2026, UTC+02:00." in said
    assert f"Files in {out}: {', '.join(sorted(FILES + PICTURES))}" in said
    assert f"stopline verify {out / 'plan.json'}" in said[-1]
    assert sorted(file.name for file in out.iterdir()) == sorted(FILES + PICTURES)
    features = json.loads((out / "plan.geojson").read_text())["features"]
    assert {"seal", "unit", "source", "exit"} <= {one["properties"]["layer"] for one in features}
    assert (out / "plan.png").read_bytes().startswith(b"\x89PNG")
    assert CliRunner().invoke(app, ["verify", str(out / "plan.json")]).exit_code == 0


def test_impossible_ends_with_3_and_shows_the_open_road(tmp_path: Path) -> None:
    result = plan(write_case(tmp_path), "--out", tmp_path / "out", "--no-pictures")
    assert result.exit_code == 3, result.output
    assert "Impossible to seal" in result.stderr
    assert "Open: South Road" in result.stderr
    assert "Why: the way to South Road" in result.stderr


def test_without_out_the_files_lie_under_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert plan(sealable(tmp_path), "--no-pictures").exit_code == 0
    names = sorted(file.name for file in (tmp_path / "out" / "case").iterdir())
    assert names == FILES


def test_json_on_stdout_and_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = plan(sealable(tmp_path), "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["verdict"] == "sealed"
    assert not (tmp_path / "out").exists()


def test_options_change_the_rules(tmp_path: Path) -> None:
    options = ["--objective", "units,margin", "--time-limit", "2.5", "--partial", "delay"]
    result = plan(write_case(tmp_path), "--json", *options)
    document = json.loads(result.stdout)
    assert document["objective"] == ["units", "margin"]
    assert document["choice"] == "delay"
    assert document["rules"]["time_limit_s"] == 2.5
    assert document["rules"]["margin_s"] == 10


def test_an_earlier_plan_is_kept_where_its_units_are_under_way(tmp_path: Path) -> None:
    third = {"id": "e3", "side": "E", "agency": "police", "lon": 9.5331, "lat": 47.1114}
    assert plan(sealable(tmp_path), "--out", tmp_path / "one", "--no-pictures").exit_code == 0
    moving = [{**unit, "status": "under way"} for unit in NEAR]
    again = sealable(tmp_path, units=[third, *moving])
    earlier = tmp_path / "one" / "plan.json"
    result = plan(again, "--json", "--previous", earlier, "--objective", "units")
    assert result.exit_code == 0, result.stderr
    seals = json.loads(result.stdout)["seals"]
    before = json.loads((tmp_path / "one" / "plan.json").read_text())["seals"]
    sites = {seal["holders"][0]["unit"]: seal["site"]["index"] for seal in seals}
    assert sites == {seal["holders"][0]["unit"]: seal["site"]["index"] for seal in before}
    assert {seal["holders"][0]["status"] for seal in seals} == {"under way"}


def test_an_earlier_plan_that_is_none(tmp_path: Path) -> None:
    broken = tmp_path / "plan.json"
    broken.write_text('{"verdict": "sealed"')
    result = plan(sealable(tmp_path), "--json", "--previous", broken)
    assert result.exit_code == 2
    assert "plan.json" in result.stderr


def test_orders_are_assessed_as_they_are(tmp_path: Path) -> None:
    made = json.loads(plan(sealable(tmp_path), "--json").stdout)
    orders = [
        {"unit": seal["holders"][0]["unit"], "section": seal["site"]["index"]}
        for seal in made["seals"]
    ]
    whole = plan(sealable(tmp_path, orders=orders), "--assess", "--out", tmp_path / "out")
    assert whole.exit_code == 0, whole.output
    assert "Sealed by these orders: 2 seals" in whole.stderr
    assert CliRunner().invoke(app, ["verify", str(tmp_path / "out" / "plan.json")]).exit_code == 0

    half = plan(sealable(tmp_path, orders=orders[:1]), "--assess", "--no-pictures", "--json")
    assert half.exit_code == 3
    document = json.loads(half.stdout)
    assert document["verdict"] == "leaking"
    assert document["open_exits"] == ["Corner"]
    assert document["missing"].startswith("1 more seal: ")
    assert orders[1]["unit"] in document["missing"]


def test_assessing_without_orders_is_refused(tmp_path: Path) -> None:
    result = plan(sealable(tmp_path), "--assess")
    assert result.exit_code == 2
    assert "orders: found none" in result.stderr


def test_a_failing_picture_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_plan: object, _problem: object, paths: list[Path], **_: object) -> None:
        paths[0].write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(picture, "draw_plan", fails)
    result = plan(sealable(tmp_path), "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".*"))


def test_a_reader_that_closes_early_gets_no_traceback_and_no_clean_end(tmp_path: Path) -> None:
    path = sealable(tmp_path, description="x" * 300_000)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "stopline", "plan", str(path), "--json"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    os.close(writing)
    assert done.returncode == 141
    assert done.stderr == ""
