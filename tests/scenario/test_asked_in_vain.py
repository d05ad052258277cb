"""What was asked for and cannot be done is said: no other plan stands in its place silently."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from stopline.cli.main import app

if TYPE_CHECKING:
    from pathlib import Path

RUNNER = CliRunner()


def test_a_ring_that_cannot_be_held_is_said_in_the_plan(region: Path) -> None:
    case = region / "case.yaml"
    case.write_text(
        "network: {path: region}\nnow: 2026-06-12T21:30:00+02:00\n"
        "sightings: [{at: 2026-06-12T21:30:00+02:00, node: 13}]\n"
        "exits: [{nodes: [11, 15, 16, 20]}]\nunits: units.csv\n",
        "utf-8",
    )
    out = region / "out"
    made = RUNNER.invoke(
        app, ["plan", str(case), "--partial", "contain", "--no-pictures", "--out", str(out)]
    )
    assert made.exit_code == 3, made.output
    plan = json.loads((out / "plan.json").read_text("utf-8"))
    assert plan["choice"] == "cover"
    assert "; contain was asked for, but " in plan["sentence"]
    assert "can hold no ring" in plan["sentence"]
    assert plan["sentence"].endswith("this is cover.")
    assert plan["sentence"].split("; contain")[1] in made.output.replace("\n", " ")
    checked = RUNNER.invoke(app, ["verify", str(out / "plan.json")])
    assert checked.exit_code == 0, checked.output
