"""Junctions, sections and stations by the file's own id, in what is typed and in what is shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

import stopline as sl
from stopline.cli.main import app
from stopline.network.place_names import (
    is_file_id,
    junction_id,
    road_text,
    section_id,
    section_name,
)
from stopline.network.reading import read_network

if TYPE_CHECKING:
    from pathlib import Path

RUNNER = CliRunner()
HEAD = "network: {path: %s}\nnow: 2026-06-12T21:30:00+02:00\n"
SEEN = "sightings: [{at: 2026-06-12T21:30:00+02:00, node: 13}]\n"


def unnamed(region: Path, **header: str) -> None:
    """Take the names of the roads away, and write other names of columns or ids."""
    path = region / "region" / "link.csv"
    lines = [line.rpartition(",")[0] for line in path.read_text("utf-8").splitlines()]
    text = "\n".join(lines) + "\n"
    for old, new in header.items():
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def planned(region: Path, text: str, network: str = "region") -> tuple[int, str]:
    case = region / "case.yaml"
    case.write_text(HEAD % network + text, "utf-8")
    done = RUNNER.invoke(app, ["plan", str(case), "--no-pictures", "--out", str(region / "out")])
    return done.exit_code, done.output.replace("\n", " ")


def test_a_plan_shows_the_ids_of_the_file_everywhere(region: Path) -> None:
    unnamed(region)
    exits = "exits: [{nodes: [11, 15]}, {links: [508]}]\n"
    units = "units: units.csv\nrules: {setup_s: 0, margin_s: 0}\nsites: sections\n"
    code, told = planned(region, SEEN + exits + units)
    assert code in {0, 3}, told
    out = region / "out"
    plan = json.loads((out / "plan.json").read_text("utf-8"))
    assert {one["name"] for one in plan["exits"]} == {"node 11", "node 15", "primary (link 508)"}
    shown = json.loads((out / "plan.geojson").read_text("utf-8"))["features"]
    seals = [one["properties"] for one in shown if one["properties"]["layer"] == "seal"]
    table = (out / "plan.tsv").read_text("utf-8")
    ids = {f"link {seal['site']['original_id']}" for seal in plan["seals"]}
    assert ids <= {f"link {number}" for number in range(501, 514)}
    assert ids == {seal["site"]["name"] for seal in plan["seals"]} == {one["id"] for one in seals}
    assert [one for one in ids if f"primary ({one})" not in table] == []
    assert "section" not in table


def test_stations_stand_where_their_node_or_link_is(region: Path) -> None:
    (region / "units.csv").write_text(
        "id,side,agency,node,link\nP1,Nord,police,12,\nP2,Nord,police,,503\n", "utf-8"
    )
    code, told = planned(region, SEEN + "exits: [{nodes: [11]}]\nunits: units.csv\n")
    assert code in {0, 3}, told
    plan = json.loads((region / "out" / "plan.json").read_text("utf-8"))
    first, second = plan["units"]
    assert (first["lon"], first["lat"]) == pytest.approx((0.01, 47.0))
    assert (second["lon"], second["lat"]) == pytest.approx((0.025, 47.0))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("P1,Nord,police,2,,", "units.csv line 2: node: found 2; expected the id of a node"),
        ("P1,Nord,police,,999,", "the id of a link or way of the network's file, such as 501"),
        ("P1,Nord,police,12,,0.02", "either lon and lat, or one of node, link, way"),
    ],
)
def test_a_station_that_is_nowhere_is_told(region: Path, row: str, said: str) -> None:
    header = "id,side,agency,node,link,lon\n"
    (region / "units.csv").write_text(header + row + "\n", "utf-8")
    code, told = planned(region, SEEN + "exits: [{nodes: [11]}]\nunits: units.csv\n")
    assert code == 2
    assert said in told


@pytest.mark.parametrize(
    ("old", "new"), [("link_id", "no_id"), ("\n5", "\nL5")], ids=["no ids", "words"]
)
def test_a_row_number_is_never_taken_for_an_id(region: Path, old: str, new: str) -> None:
    unnamed(region, **{old: new})
    code, told = planned(region, SEEN + "exits: [{links: [3]}]\nunits: units.csv\n")
    assert code == 2
    assert "found 3; expected longitude and latitude: the file has no whole numbers" in told
    network = read_network(region / "region")
    assert section_id(network, 3) == "section 3"
    assert junction_id(network, 0).startswith("node 1")


def test_a_way_that_is_cut_is_named_and_taken_by_its_parts(tmp_path: Path) -> None:
    nodes = "".join(f'<node id="{n}" lon="{0.01 * n}" lat="47.0"/>' for n in range(1, 5))
    nodes += '<node id="9" lon="0.02" lat="47.01"/><node id="8" lon="0.03" lat="47.01"/>'
    ways = [(70, (1, 2, 3, 4)), (71, (2, 9)), (72, (3, 8))]
    text = nodes + "".join(
        f'<way id="{way}">' + "".join(f'<nd ref="{n}"/>' for n in along)
        + '<tag k="highway" v="primary"/></way>'
        for way, along in ways
    )  # fmt: skip
    (tmp_path / "map.osm").write_text(f"<osm version='0.6'>{text}</osm>", "utf-8")
    network = read_network(tmp_path / "map.osm")
    names = [section_id(network, number) for number in range(network.sections)]
    assert sorted(names) == ["way 70/1", "way 70/2", "way 70/3", "way 71", "way 72"]
    assert all(is_file_id(name) for name in names)
    assert section_name(network, names.index("way 71")) == "primary (way 71)"
    units = "units: [{id: P, side: N, agency: police, way: 70/3}]\n"
    whole = "exits: [{ways: [71]}]\n" + units
    at = "sightings: [{at: 2026-06-12T21:30:00+02:00, way: %s}]\n"
    code, told = planned(tmp_path, at % "70" + whole, "map.osm")
    assert code == 2
    assert "way 70, which is cut into 3 sections; expected one of them: way: 70/1, 70/2" in told
    code, told = planned(tmp_path, at % "70/2" + whole, "map.osm")
    assert code in {0, 3}, told
    (source,) = json.loads((tmp_path / "out" / "plan.json").read_text("utf-8"))["sources"]
    assert source["section"] == names.index("way 70/2")


def test_an_order_says_its_road_so_that_it_can_be_read_out() -> None:
    assert road_text("Rheinstrasse", "primary") == "Rheinstrasse"
    assert road_text("link 7", "trunk_link", "E30") == "trunk link (link 7) at E30"
    assert road_text("node 32", "trunk", "E30 and E95") == "node 32 at E30 and E95"
    assert road_text("section 7", "service") == "service (section 7)"


def test_a_table_of_a_notebook_names_nodes(region: Path) -> None:
    network = sl.read_network(region / "region")
    rows = [{"id": "P1", "node": 12}, {"id": "P2", "link": 503}]
    one, other = sl.units_from_frame(rows, side="Nord", network=network)
    assert (one.lon, other.lon) == pytest.approx((0.01, 0.025))
    with pytest.raises(sl.BadInput, match="no map says where that is"):
        sl.units_from_frame(rows, side="Nord")
