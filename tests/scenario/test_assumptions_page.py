"""The page `What the proof rests on` is true: its defaults, and where each doubt can be seen."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from stopline.cli.main import app
from stopline.scenario.network_schema import NetworkForm
from stopline.scenario.schema import RulesForm, ScenarioForm, VehicleForm
from stopline.testing.osm_text import osm_text

PAGE = Path(__file__).parents[2] / "docs/assumptions.md"
FORMS: dict[str, Any] = {"vehicle": VehicleForm, "rules": RulesForm, "network": NetworkForm}
ROAD = {"highway": "primary", "maxspeed": "50"}
PLACES = {n: (9.5 + 0.01 * n, 47.1) for n in range(9)} | {20: (9.52, 47.11), 21: (9.52, 47.09)}
# Each row: tags of the way in the middle, of the node in it, and the kind of the finding.
DOUBTS: list[tuple[dict[str, str], dict[str, str], str]] = [
    ({"motor_vehicle": "no"}, {}, "closed_by_sign"),
    ({"access": "private"}, {}, "private"),
    ({"motor_vehicle:conditional": "no @ (22:00-06:00)"}, {}, "hours"),
    ({"smoothness": "impassable"}, {}, "unsure"),
    ({"bridge": "collapsed"}, {}, "unsure"),
    ({"highway": "minor"}, {}, "unknown_class"),
    ({"ford": "yes"}, {}, "ford"),
    ({"oneway": "reversible"}, {}, "direction"),
    ({}, {"barrier": "bollard"}, "barred"),
    ({}, {"barrier": "gate"}, "gated"),
    ({}, {"motor_vehicle": "no"}, "signed"),
    ({}, {"maxheight": "1.9"}, "barred"),
    ({}, {"barrier": "wall"}, "walls"),
    ({}, {"ford": "yes"}, "ford_node"),
    ({"highway": "construction"}, {}, "unbuilt"),
]


def rows() -> list[tuple[str, str]]:
    """Setting and default of each row of a table that has three columns."""
    lines = [
        line.strip("|").split("|") for line in PAGE.read_text().splitlines() if line[:1] == "|"
    ]
    return [(cells[1].strip(), cells[2].strip()) for cells in lines if len(cells) == 3]


def test_defaults_are_those_of_the_code() -> None:
    seen = 0
    for setting, default in rows():
        named = re.findall(r"`(?:(vehicle|rules|network): )?([a-z_]+)`", setting)
        given = re.findall(r"true|false|\d+(?:\.\d+)?", default)
        part = ""
        for number, (own, name) in enumerate(named):
            part = own or part
            form = FORMS.get(part) or (ScenarioForm if name in ScenarioForm.model_fields else None)
            if form is None or not given:  # of a unit, or by class
                continue
            seen += 1
            value = form.model_fields[name].default
            told = given[min(number, len(given) - 1)]
            assert told in (str(value).lower(), f"{value:g}"), (name, told, value)
    assert seen >= 18


def written(folder: Path, tags: dict[str, str], node: dict[str, str]) -> Path:
    ways = [
        (1, [1, 2], {**ROAD, "name": "West Road"}),
        (2, [2, 3, 4], {**ROAD, **tags}),
        (3, [4, 5], {**ROAD, "name": "East Road"}),
        (4, [2, 20, 4], ROAD),
    ]
    (folder / "map.osm").write_text(osm_text(PLACES, ways, node_tags={3: node}))
    content = {
        "network": {"path": "map.osm", "territories": {"from": "none", "default": "A"}},
        "sides": {"A": {"territories": ["A"], "agencies": ["police"]}},
        "now": "2026-06-12T21:30:00+02:00",
        "sightings": [{"at": "2026-06-12T21:30:00+02:00", "lon": 9.51, "lat": 47.1}],
        "exits": [{"place": {"name": "out", "lon": 9.55, "lat": 47.1, "radius_m": 30}}],
        "units": [{"id": "A-1", "side": "A", "agency": "police", "lon": 9.545, "lat": 47.1}],
        "rules": {"margin_s": 1, "setup_s": 1},
    }
    (folder / "case.yaml").write_text(yaml.safe_dump(content))
    return folder / "case.yaml"


@pytest.mark.parametrize(("tags", "node", "kind"), DOUBTS)
def test_what_is_in_doubt_is_seen_wherever_the_page_says(
    tmp_path: Path, tags: dict[str, str], node: dict[str, str], kind: str
) -> None:
    case, run = written(tmp_path, tags, node), CliRunner().invoke
    info = run(app, ["network", "info", str(tmp_path / "map.osm"), "--json"])
    told = {one["kind"]: one for one in json.loads(info.stdout)["findings"]}
    assert told[kind]["count"] == 1
    name = "node 3" if node else "way 2"
    assert told[kind]["names"] == [name]
    shown = " ".join(run(app, ["network", "info", str(tmp_path / "map.osm")]).stdout.split())
    assert f"1 {told[kind]['text'].split()[0].removesuffix('s')}"[:4] in shown
    assert name in shown
    planned = run(app, ["plan", str(case), "--out", str(tmp_path / "out"), "--no-pictures"])
    assert planned.exit_code == 0, planned.output
    assert "What it rests on." in planned.output
    plan = json.loads((tmp_path / "out/plan.json").read_text())
    assert kind in {one["kind"] for one in plan["rests_on"]["findings"]}
    checked = run(app, ["verify", str(tmp_path / "out/plan.json")])
    assert checked.exit_code == 0
    assert "What it rests on." in checked.output
    told_less = [one for one in plan["rests_on"]["findings"] if one["kind"] != kind]
    plan["rests_on"]["findings"] = told_less
    (tmp_path / "out/plan.json").write_text(json.dumps(plan))
    assert run(app, ["verify", str(tmp_path / "out/plan.json")]).exit_code != 0
