"""Units from the command line: registered, called, set, placed, and listed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from operation.liaison_case import INCIDENT, Case
from stopline.cli.main import app
from stopline.testing import two_desks

if TYPE_CHECKING:
    from click.testing import Result

UNITS = Path(__file__).parents[2] / "examples/liechtenstein/units-li.csv"
DUTY = ("--person", "N. Novak", "--role", "duty_officer")
RIOT = ("--person", "R. Rau", "--role", "riot_police_commander")


def run(*words: object, typed: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["units", *map(str, words)], input=typed)


def good(*words: object, typed: bytes = b"") -> str:
    done = run(*words, typed=typed)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node with an incident that began just now."""
    monkeypatch.setattr(two_desks, "START_S", datetime.now(UTC).timestamp() - 60.0)
    (tmp_path / "nodes").mkdir()
    case = Case(tmp_path / "nodes")
    case.both.line.utc_s = [two_desks.START_S, two_desks.START_S]
    case.alarm()
    case.both.close()
    return case.both.folders[0]


def test_from_the_file_to_the_list(node: Path) -> None:
    told = good("register", node, UNITS, *DUTY, "--side", "LI")
    assert told == "11 units of police registered; 3 units of other services were left to them\n"
    again = good("register", node, UNITS, *DUTY, "--side", "LI")
    assert again.startswith("11 units of police registered already, nothing changed")
    assert good("register", node, UNITS, *RIOT, "--side", "LI", "--off-duty").startswith("2 units")
    alerted = good("alert", node, INCIDENT, *DUTY)
    assert alerted.startswith("police: 11 units called at HIGH; the protocol asks: every patrol")
    assert "riot" not in alerted, "they are off duty"
    good("acknowledge", node, INCIDENT, "LP-Schaan", *DUTY)
    good("set", node, "LP-Schaan", "under way", *DUTY)
    itself = ("--person", "LP-Eschen", "--role", "unit", "--agency", "police")
    good("acknowledge", node, INCIDENT, "LP-Eschen", *itself)
    good("retire", node, "LP-Ruggell", *DUTY, "--reason", "dissolved")
    good("release", node, "LP-Eschen", *DUTY)
    rows = [line.split("\t") for line in good("list", node).splitlines()]
    assert rows[0][:4] == ["unit", "service", "is", "strength"]
    assert [line[0] for line in rows[1:]][:2] == [
        "LP-Balzers Patrol Balzers", "LP-Nendeln Patrol Nendeln",
    ]  # fmt: skip
    assert rows[1][2].startswith("alerted, no answer yet, 4 min left")
    assert "LP-Ruggell Patrol Ruggell" not in {line[0] for line in rows}
    listed = json.loads(good("list", node, "--agency", "riot_police", "--json"))
    assert {one["state"] for one in listed} == {"off duty"}
    assert {one["agency"] for one in listed} == {"riot_police"}
    numbers = run("list", node).stderr
    assert "police: 8 not answered, 1 under way, 1 released" in numbers
    assert f"{INCIDENT}: level HIGH, and nobody has alerted riot_police" in numbers


def test_positions_from_a_file_and_from_stdin(node: Path, tmp_path: Path) -> None:
    good("register", node, UNITS, *DUTY, "--side", "LI")
    seen = datetime.now(UTC).isoformat(timespec="seconds")
    text = f"unit,lon,lat,time\nLP-Schaan,9.51,47.17,{seen}\nnobody,9.5,47.1,{seen}\n"
    feed = ("--person", "avl.police", "--agency", "police")
    done = run("positions", node, "-", *feed, typed=text.encode())
    assert done.stdout == "1 positions taken, 1 refused\n"
    assert "row 2 (nobody): unknown unit" in done.stderr
    file = tmp_path / "positions.csv"
    file.write_text(text)
    assert good("positions", node, file, *feed) == (
        "0 positions taken, 1 refused, 1 not newer than its last\n"
    )
    (first,) = [one for one in json.loads(good("list", node, "--json")) if one["id"] == "LP-Schaan"]
    assert (first["position"]["lon"], first["position"]["lat"]) == (9.51, 47.17)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("set", "LP-Schaan", "flying", *DUTY), "expected 'off duty'"),
        (("set", "LP-Schaan", "under way", *RIOT), "belongs to police"),
        (("set", "nobody", "under way", *DUTY), "no unit nobody"),
        (("set", "LP-Schaan", "under way", *DUTY, "--agency", "military"), "--agency"),
        (("set", "LP-Schaan", "under way", "--person", "x", "--role", "x"), "may not give"),
        (("alert", "i-9", *DUTY), "knows no"),
        (("register", UNITS, *DUTY, "--side", "XX"), "side: found LI"),
        (("register", UNITS, "--person", "x", "--role", "military_duty", "--side", "LI"), "units"),
        (("positions", UNITS, "--person", "x", "--agency", "police"), "no column 'unit'"),
        (("positions", UNITS.parent / "liechtenstein.osm.pbf", "--person", "x"), "not UTF-8"),
        (("positions", "none.csv", "--person", "x"), "No such file"),
    ],
)  # fmt: skip
def test_what_will_not_do_says_why(node: Path, words: tuple[object, ...], told: str) -> None:
    good("register", node, UNITS, *DUTY, "--side", "LI")
    first, *rest = words
    done = run(first, node, *rest)
    assert done.exit_code == 2, done.output
    assert told in done.stderr
