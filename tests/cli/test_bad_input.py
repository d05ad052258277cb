"""Every kind of bad input through the command line: exit 2, a clear message, no traceback."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from stopline.cli.main import app

_spec = importlib.util.spec_from_file_location(
    "scenario_case", Path(__file__).parents[1] / "scenario" / "scenario_case.py"
)
assert _spec is not None
assert _spec.loader is not None
case = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(case)

UNIT = {"id": "a", "side": "W", "agency": "police", "lon": 9.5, "lat": 47.1}
CSV = "id,side,agency,lon,lat,ready_s\n"


def refused(*args: str | Path) -> str:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.output
    return " ".join(result.stderr.split())  # wrapped where the terminal ends


@pytest.mark.parametrize("command", ["plan", "reach"])
@pytest.mark.parametrize(
    ("changes", "part"),
    [
        (
            {"places": {"Town": {"lon": 47.0, "lat": 9.5}}},
            "places.Town: found",
        ),
        ({"units": [{**UNIT, "lon": 5.0, "lat": 43.0}]}, "km from the nearest road"),
        ({"units": [{**UNIT, "side": "X"}]}, "side: found X"),
        ({"units": [{**UNIT, "speed_factor": -1}]}, "speed_factor: found -1"),
        ({"units": [{**UNIT, "ready_s": float("nan")}]}, "ready_s: found nan"),
        ({"units": [UNIT, UNIT]}, "id: found a a second time"),
        ({"units": []}, "at least one unit"),
        ({"now": "2026-06-12T21:30:00"}, "without zone"),
        ({"exits": [{"crossings_of": "E"}]}, "at or beyond this exit"),
        (
            {"exits": [{"place": {"name": "Isle", "lon": 9.7, "lat": 47.09, "radius_m": 300}}]},
            "exits that cannot be reached: Isle",
        ),
    ],
)
def test_a_scenario_that_is_wrong(
    tmp_path: Path, command: str, changes: dict[str, Any], part: str
) -> None:
    out = tmp_path / "out"
    assert part in refused(command, case.write_case(tmp_path, **changes), "--out", out)
    assert not out.exists()
    assert not list(tmp_path.glob(".out*"))


def test_all_faults_are_counted(tmp_path: Path) -> None:
    path = case.write_case(tmp_path, units=[{**UNIT, "side": "X"}, {**UNIT, "id": "b", "lon": 999}])
    assert "2 faults; nothing was written." in refused("plan", path)


def test_a_two_gigabyte_line(tmp_path: Path) -> None:
    units = tmp_path / "units.csv"
    units.write_text(CSV)
    with units.open("r+b") as file:
        file.truncate(2_000_000_000)
    path = case.write_case(tmp_path, units="units.csv")
    assert "units.csv line 2: found a line over 1 MB" in refused("plan", path)


def test_a_yaml_bomb(tmp_path: Path) -> None:
    path = tmp_path / "bomb.yaml"
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    path.write_text("\n".join(lines))
    assert "a YAML bomb" in refused("plan", path)


def test_a_truncated_pbf(tmp_path: Path) -> None:
    roads = tmp_path / "roads.osm.pbf"
    roads.write_bytes(b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7c")
    network = {"path": "roads.osm.pbf", "kind": "osm"}
    assert "roads.osm.pbf" in refused("plan", case.write_case(tmp_path, network=network))
    assert "roads.osm.pbf" in refused("network", "info", roads)


def test_an_empty_network(tmp_path: Path) -> None:
    path = case.write_case(tmp_path)
    (tmp_path / "roads" / "link.csv").write_text(
        "link_id,from_node_id,to_node_id,directed,length,facility_type\n"
    )
    said = refused("plan", path)
    assert "roads" in said
    assert "found" in said


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--objective", "speed"], "--objective: found speed"),
        (["--time-limit", "-1"], "--time-limit: found -1"),
        (["--time-limit", "nan"], "--time-limit: found nan"),
        (
            ["--partial", "hope"],
            "--partial: found hope; expected combine, contain, cover, intercept, delay, randomise",
        ),
    ],
)
def test_options_that_cannot_be(tmp_path: Path, options: list[str], part: str) -> None:
    assert part in refused("plan", case.write_case(tmp_path), *options)


def test_minutes_that_cannot_be(tmp_path: Path) -> None:
    said = refused("reach", case.write_case(tmp_path), "--minutes", "5,x,-1")
    assert "found x" in said
    assert "found -1" in said


@pytest.mark.parametrize("command", [["plan"], ["reach"], ["verify"], ["network", "info"]])
def test_a_file_that_is_not_there(tmp_path: Path, command: list[str]) -> None:
    assert "gone" in refused(*command, tmp_path / "gone")


def test_an_output_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    said = refused("reach", case.write_case(tmp_path), "--out", tmp_path / "out")
    assert "out: found a file; expected a folder" in said
    assert (tmp_path / "out").read_text() == "mine"


def test_a_wrong_option_ends_with_2() -> None:
    result = CliRunner().invoke(app, ["plan", "--nonsense"])
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_help_does_not_import_heavy_modules() -> None:
    script = (
        "import sys\nfrom stopline.cli.main import app\n"
        "heavy = {'numpy', 'numba', 'scipy', 'matplotlib', 'pydantic', 'rich', 'yaml', 'osmium'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.strip() == "[]"
