"""What a planner mistypes in the first hour is told in words a person would say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from stopline.cli.main import app

if TYPE_CHECKING:
    from pathlib import Path

RUNNER = CliRunner()
HEAD = "id,side,agency,lon,lat\n"


@pytest.fixture
def begun(region: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(region)
    return region


def new(units: str = "units.csv", place: str = "0.02,47.0", network: str = "region") -> str:
    done = RUNNER.invoke(
        app,
        ["scenario", "new", "--network", network, "--place", place, "--units", units, "--force"],
    )
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    return " ".join(done.output.split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Kennung;Seite;Dienst;x;y\nP1;Nord;police;0,01;47,0\n",
            "line 1: found the columns kennung, seite, dienst, x, y; expected a first line with",
        ),
        (
            HEAD + "P1,Nord,police,2757903,1222222\n",
            "lat: found 2757903, 1222222; expected longitude and latitude in degrees; these are m",
        ),
        (
            HEAD + "P1,Nord,police,0.01,47.0\nP2,nord,police,0.03,47.0\n",
            "units: found the sides Nord and nord; expected one spelling",
        ),
        (HEAD + "P1,Nord,police,47.0,0.01\n", "look swapped"),
        (HEAD + "P1,Nord,police,-30.0,40.0\n", "km from the nearest road"),
        (HEAD, "found no units; expected at least one unit"),
        ("", "line 1: found an empty file; expected a header line with column names"),
    ],
)
def test_a_table_of_units_that_is_wrong(begun: Path, text: str, said: str) -> None:
    (begun / "units.csv").write_text(text, "utf-8")
    told = new()
    assert said in told
    assert "nothing was written" not in told  # as the scenario was
    assert (begun / "scenario.yaml").exists()


def test_a_scenario_with_faults_counts_them_and_says_that_it_is_there(begun: Path) -> None:
    (begun / "units.csv").write_text(HEAD + "P1,Nord,police,x,47.0\nP1,Nord,police,0.01,y\n")
    assert "scenario.yaml is written, with 3 faults that only you can mend:" in new()
    (begun / "units.csv").write_text(HEAD + "P1,Nord,police,0.01,47.0\n")
    done = RUNNER.invoke(
        app,
        ["scenario", "new", "--network", "region", "--place", "node 13", "--units", "units.csv",
         "--out", "one.yaml"],
    )  # fmt: skip
    assert "one.yaml: 1 unit, " in done.output


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("2757903 1222222", "expected LON,LAT in degrees; these look like metres of a projected"),
        ("", "--place: found nothing; expected LON,LAT, node ID, or the name"),
    ],
)
def test_a_place_that_is_none(begun: Path, place: str, said: str) -> None:
    assert begun.exists()
    assert said in new(place=place)


def test_a_folder_without_a_map_and_files_that_are_not_there(begun: Path) -> None:
    (begun / "empty").mkdir()
    assert "empty: found a folder without node.csv; expected a file of the roads" in new(
        network="empty"
    )
    for command in (["plan", "gone.yaml"], ["verify", "out"], ["plan", "region"]):
        (begun / "out").mkdir(exist_ok=True)
        done = RUNNER.invoke(app, command)
        assert done.exit_code == 2
        assert "No such file" not in done.output
        assert "Is a directory" not in done.output
        assert "found no such file" in done.output or "found a folder" in done.output


def test_what_is_no_plan_is_said_to_be_none(begun: Path) -> None:
    (begun / "case.yaml").write_text("name: x\n")
    done = RUNNER.invoke(app, ["verify", "case.yaml"])
    assert "case.yaml: found no JSON" in done.output
