"""A blockade without a vehicle, to close places as early as possible, is a scenario of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from stopline.cli.main import app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RUNNER = CliRunner()
HEAD = "kind: blockade\nname: Close the north\nnetwork: {path: region}\n"
NOW = "now: 2026-06-12T21:30:00+02:00\n"


def case(region: Path, text: str) -> Path:
    path = region / "close.yaml"
    path.write_text(HEAD + NOW + text, "utf-8")
    return path


def test_places_are_closed_the_last_as_early_as_can_be(region: Path) -> None:
    path = case(region, "exits: [{nodes: [12, 15]}]\nunits: units.csv\nrules: {setup_s: 30}\n")
    out = region / "out"
    made = RUNNER.invoke(app, ["plan", str(path), "--out", str(out)])
    assert made.exit_code == 0, made.output
    assert "All 2 places are closed by 21:3" in made.output
    assert "No assignment closes the last one earlier: before that" in made.output
    document = json.loads((out / "blockade.json").read_text("utf-8"))
    # P1 stands at node 12, P2 at node 14: the other way round both would drive farther.
    assert {one["unit"]: one["name"].split()[-1] for one in document["places"]}.keys() == {
        "P1", "P2",
    }  # fmt: skip
    first, last = document["places"][::-1]
    assert first["unit"] == "P1"
    assert first["closed_s"] == pytest.approx(30.0)
    assert last["closed"].endswith("+02:00")
    assert (out / "blockade.tsv").read_text("utf-8").startswith("place\twhere\tside\tunit\tclosed")


def test_more_places_than_units_says_which_cannot_be_closed(region: Path) -> None:
    path = case(region, "exits: [{nodes: [11, 13, 15]}]\nunits: units.csv\n")
    made = RUNNER.invoke(app, ["plan", str(path)])
    assert made.exit_code == 3
    assert "1 of 3 places cannot be closed: only 2 units can ever hold any of these 3" in (
        made.output.replace("\n", " ")
    )


def verified(path: Path, change: Callable[[dict[str, Any]], None] | None = None) -> tuple[int, str]:
    if change is not None:
        content = json.loads(path.read_text("utf-8"))
        change(content)
        path = path.with_name("changed.json")
        path.write_text(json.dumps(content), "utf-8")
    done = RUNNER.invoke(app, ["verify", str(path)])
    return done.exit_code, done.output.replace("\n", " ")


@pytest.mark.parametrize(
    ("exits", "said"),
    [
        ("[{nodes: [12, 15]}]", "all 2 places are closed"),
        ("[{nodes: [12, 15]}, {links: [508]}]", "1 of 3 places cannot be closed"),
        ("[{nodes: [11, 12, 13, 14, 15]}]", "3 of 5 places cannot be closed"),
    ],
)
def test_separate_code_confirms_it_and_refuses_what_was_changed(
    region: Path, exits: str, said: str
) -> None:
    out = region / "out"
    RUNNER.invoke(
        app, ["plan", str(case(region, f"exits: {exits}\nunits: units.csv\n")), "--out", str(out)]
    )
    file = out / "blockade.json"
    assert verified(file)[0] == 0
    assert said in verified(file)[1]

    def earlier(content: dict[str, Any]) -> None:
        held = next(one for one in content["places"] if one["unit"])
        held["closed_s"] -= 20.0

    def another_unit(content: dict[str, Any]) -> None:
        next(one for one in content["places"] if one["unit"])["unit"] = "P9"

    def twice(content: dict[str, Any]) -> None:
        content["places"].append(content["places"][0])

    def no_reason(content: dict[str, Any]) -> None:
        content["not_earlier"]["places"] = []

    def more_units(content: dict[str, Any]) -> None:
        content["not_earlier"]["units"] += 5

    def other_sentence(content: dict[str, Any]) -> None:
        content["sentence"] = content["sentence"].replace("2 units", "7 units") + " 77 more."

    def other_map(content: dict[str, Any]) -> None:
        content["network"]["digest"] = "0" * 64

    for change in (earlier, another_unit, twice, no_reason, more_units, other_sentence, other_map):
        code, told = verified(file, change)
        assert code == 3, change.__name__
        assert "The plan is refused." in told


def test_a_later_last_closing_than_need_be_is_refused(region: Path) -> None:
    path = case(region, "exits: [{nodes: [12, 15]}]\nunits: units.csv\nrules: {setup_s: 30}\n")
    RUNNER.invoke(app, ["plan", str(path), "--out", str(region / "out")])

    def swapped(content: dict[str, Any]) -> None:
        one, other = content["places"]
        one["unit"], other["unit"] = other["unit"], one["unit"]
        for place in content["places"]:
            place["closed_s"] = 500.0
        content["last_closing_s"] = 500.0

    code, told = verified(region / "out" / "blockade.json", swapped)
    assert code == 3
    assert "It is not shown that no assignment is better" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "exits: [{nodes: [12]}]\nunits: units.csv\nvehicle: {speed_factor: 2}\n",
            "close.yaml line 7: vehicle: found a key of scenarios with a vehicle; expected none",
        ),
        ("exits: [{nodes: [99]}]\nunits: units.csv\n", "the id of a node"),
        ("units: units.csv\n", "exits"),
    ],
)
def test_what_a_blockade_cannot_be_is_told(region: Path, text: str, said: str) -> None:
    made = RUNNER.invoke(app, ["plan", str(case(region, text))])
    assert made.exit_code == 2
    assert said in made.output.replace("\n", " ")
