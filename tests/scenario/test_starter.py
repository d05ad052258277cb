"""A planner's first hour: a scenario from three facts, without borders, by the file's own ids."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from stopline.cli.main import app
from stopline.errors import BadInput
from stopline.planning.plan import plan_scenario
from stopline.scenario.loader import load_scenario

if TYPE_CHECKING:
    from pathlib import Path

RUNNER = CliRunner()


def scenario(region: Path, **more: str) -> Path:
    parts = {
        "network": "{path: region}",
        "now": "2026-06-12T21:30:00+02:00",
        "sightings": "[{at: 2026-06-12T21:30:00+02:00, node: 13}]",
        "exits": "[{nodes: [11]}, {links: [512]}]",
        "units": "units.csv",
    } | more
    path = region / "case.yaml"
    path.write_text("".join(f"{key}: {value}\n" for key, value in parts.items() if value), "utf-8")
    return path


def test_ids_of_the_file_are_taken_and_sides_come_from_the_units(region: Path) -> None:
    loaded = load_scenario(scenario(region))
    problem = loaded.problem
    network = problem.network
    (source,) = problem.sources
    assert source.junction is not None
    assert network.junction_id[source.junction] == 13
    assert {one.kind for one in problem.exits} == {"junction", "section"}
    assert sorted(loaded.sides) == ["Nord"]
    assert plan_scenario(loaded).plan.verdict in {"sealed", "impossible"}


def test_an_id_that_the_file_lacks_is_told_with_some_that_it_has(region: Path) -> None:
    path = scenario(region, sightings="[{at: 2026-06-12T21:30:00+02:00, node: 2}]")
    with pytest.raises(BadInput, match=r"found 2; expected the id of a node .* such as 11"):
        load_scenario(path)


def test_territories_all_means_every_territory(region: Path) -> None:
    loaded = load_scenario(scenario(region, sides="{Nord: {territories: all}}"))
    assert loaded.sides["Nord"].territories == loaded.problem.network.territories


FROM_THREE_FACTS = [
    "scenario", "new", "--network", "region", "--place", "0.02,47.0", "--units", "units.csv",
]  # fmt: skip


def test_a_scenario_from_three_facts_plans_at_once(
    region: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(region)
    made = RUNNER.invoke(app, FROM_THREE_FACTS)
    assert made.exit_code == 0, made.output
    assert "2 units" in made.output
    text = (region / "scenario.yaml").read_text("utf-8")
    assert text.startswith("# Written by `stopline scenario new`")
    planned = RUNNER.invoke(app, ["plan", "scenario.yaml", "--no-pictures", "--out", "out"])
    assert planned.exit_code in {0, 3}, planned.output
    again = RUNNER.invoke(
        app,
        ["scenario", "new", "--network", "region", "--place", "Road 1", "--units", "units.csv"],
    )
    assert again.exit_code == 2
    assert "--force" in again.output


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("47.0,0.02", "do you mean 0.02,47?"),
        ("node 4711", "the id of a node that the map's file has, such as 11"),
        ("Raod", "the name of a road of the map"),
        ("road 1", ""),
        ("node 14", ""),
    ],
)
def test_places_are_found_or_asked_back(
    region: Path, monkeypatch: pytest.MonkeyPatch, place: str, said: str
) -> None:
    monkeypatch.chdir(region)
    made = RUNNER.invoke(
        app,
        ["scenario", "new", "--network", "region", "--place", place, "--units", "units.csv",
         "--out", "other.yaml"],
    )  # fmt: skip
    assert made.exit_code == (2 if said else 0), made.output
    assert said in made.output.replace("\n", " ")


@pytest.mark.parametrize(
    "place", ["Neustadt", "neustadt", "0,02, 47,0", "0.02 47.0", "0.02, 47.0", "0,02;47,0"]
)
def test_a_place_is_taken_as_people_write_it(
    region: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.chdir(region)
    town = '<tag k="place" v="town"/><tag k="name" v="Neustadt"/></node>'
    osm = [f'<node id="99" lon="0.02" lat="47.001">{town}']
    osm += [
        f'<node id="{n + 1}" lon="{0.01 * (n % 5):.2f}" lat="{47.0 + 0.01 * (n // 5):.2f}"/>'
        for n in range(10)
    ]
    ways = [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], *([n, n + 5] for n in range(1, 6))]
    for number, nodes in enumerate(ways, start=1):
        ends = "".join(f'<nd ref="{n}"/>' for n in nodes)
        tags = f'<tag k="highway" v="primary"/><tag k="name" v="Road {number}"/>'
        osm.append(f'<way id="{number}">{ends}{tags}</way>')
    (region / "map.osm").write_text(f"<osm version='0.6'>{''.join(osm)}</osm>", "utf-8")
    made = RUNNER.invoke(
        app,
        ["scenario", "new", "--network", "map.osm", "--place", place, "--units", "units.csv"],
    )
    assert made.exit_code == 0, made.output
    text = (region / "scenario.yaml").read_text("utf-8")
    assert '"Neustadt": {lon: 0.020000, lat: 47.001000}' in text


def test_units_far_from_the_main_roads_of_a_coarse_map_plan_at_once(
    region: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(region)
    far = "id,side,agency,lon,lat\nP1,Nord,police,0.01,47.045\nP2,Nord,police,0.03,47.0\n"
    (region / "units.csv").write_text(far, "utf-8")
    made = RUNNER.invoke(app, FROM_THREE_FACTS)
    assert made.exit_code == 0, made.output
    assert "max_snap_m: 4000   # the farthest unit is 3.9 km" in (
        region / "scenario.yaml"
    ).read_text("utf-8")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("Nord,police Nord,polcie", "line 3: agency: found polcie; expected one of police, riot"),
        ("Nord,Border-Servcie", "is border service meant? If not: --as-spelt 'Border-Servcie'"),
        ("Nord,fire Nord,fire Nord,fiire", "is fire meant?"),
        ("Nordland,police Nordland,police Nrodland,police", "line 4: side: found Nrodland"),
        ("Nord,district 1 Nord,district 1 Nord,district 2", ""),
        ("Nord,Border_Service", ""),
        ("Nord,Feuerwehr Sued,gendarmerie", ""),
    ],
)
def test_a_mistyped_side_or_service_is_asked_back(
    region: Path, monkeypatch: pytest.MonkeyPatch, rows: str, said: str
) -> None:
    monkeypatch.chdir(region)
    lines = [f"P{n},{row},0.01,47.0" for n, row in enumerate(re.split(r" (?=[A-Z])", rows))]
    (region / "units.csv").write_text("\n".join(["id,side,agency,lon,lat", *lines]), "utf-8")
    words = ["scenario", "new", "--network", "region", "--place", "0.02,47.0", "--units",
             "units.csv"]  # fmt: skip
    made = RUNNER.invoke(app, words)
    assert made.exit_code == (2 if said else 0), made.output
    assert said in " ".join(made.output.split())
    name = re.search(r"--as-spelt '(.*)'", " ".join(made.output.split()))
    if said and made.output.count("found") == 1:
        assert name is not None
        assert RUNNER.invoke(app, [*words, "--as-spelt", name[1]]).exit_code == 0


@pytest.mark.parametrize("kind", ["csv", "geojson"])
def test_a_unit_far_from_any_road_is_told_by_the_line_of_its_own_file(
    region: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(region)
    made = RUNNER.invoke(app, FROM_THREE_FACTS)
    assert made.exit_code == 0, made.output
    rows = "Nord;police;0,01;47,0", "Nord;police;47,0;0,01"
    lines = ["id;side;agency;lon;lat", "", *(f"P{n};{row}" for n, row in enumerate(rows))]
    (region / "units.csv").write_text("\n".join(lines), "utf-8")
    point = {"type": "Point", "coordinates": [47.0, 0.01]}
    told = {"id": "P1", "side": "Nord", "agency": "police"}
    features = [{"type": "Feature", "geometry": point, "properties": told}]
    (region / "units.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), "utf-8"
    )
    file = region / "scenario.yaml"
    file.write_text(file.read_text("utf-8").replace("units.csv", f"units.{kind}"), "utf-8")
    planned = RUNNER.invoke(app, ["plan", "scenario.yaml", "--no-pictures", "--out", "out"])
    assert planned.exit_code == 2
    shown = " ".join(planned.output.split())
    where = "units.csv line 4" if kind == "csv" else "units.geojson feature 1"
    assert f"{where}: lon, lat: found P1" in shown, shown
    assert "lon and lat look swapped" in shown
