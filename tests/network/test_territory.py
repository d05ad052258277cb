"""Territories: Liechtenstein as it is, GeoJSON, and elimination on a toy map."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stopline.errors import BadInput
from stopline.network.read_settings import ReadSettings
from stopline.network.reading import read_network
from stopline.network.territory import locate, read_geojson
from stopline.testing.osm_text import osm_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.network.road_network import RoadNetwork
    from stopline.testing.osm_text import Relation


DATA = Path(os.environ.get("STOPLINE_DATA", "/work/shared/data"))

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}


@pytest.mark.skipif(not DATA.exists(), reason="development data is not here")
def test_liechtenstein() -> None:
    path = DATA / "liechtenstein/liechtenstein.osm.pbf"
    network = read_network(path, ReadSettings(include_service=False, include_tracks=False))
    assert network.territories == ("AT", "CH", "LI")
    assert (network.junction_territory >= 0).all()
    sides = {"AT": set(), "CH": set()}
    for section in network.crossings():
        ends = {
            network.territories[network.junction_territory[end]]
            for end in (network.section_tail[section], network.section_head[section])
        }
        assert "LI" in ends
        sides[(ends - {"LI"}).pop()].add(network.name_of(section))
    # The two carriageways at Schaan and at Schaanwald are one road each: 11 roads in all.
    assert sides["AT"] == {
        "Liechtensteiner Straße",
        "Hubstraße",
        "Oberfresch",
        "Nofler Strasse",
    }
    assert sides["CH"] == {
        "Ruggellerstrasse",
        "Rheinstrasse",  # at Schaan and at Vaduz
        "Rheinbrücke Haag-Bendern",
        "Gagoz",
        "Neue Churerstrasse",
        "Andstein",
    }
    assert network.crossings().size == 13


def border(number: int, name: str, ways: list[int]) -> Relation:
    members = [("way", way, "outer") for way in ways]
    kind = {"type": "boundary", "boundary": "administrative", "admin_level": "2"}
    return (number, members, {**kind, "ISO3166-1": name})


ROADS = [(1, [1, 2, 3], {"highway": "primary"}), (2, [2, 4], {"highway": "primary"})]
PLACES = {1: (0.5, 0.5), 2: (0.5, 1.5), 3: (1.5, 1.5), 4: (0.5, 0.6)}
PLACES |= {10: (1.0, 1.0), 11: (1.0, 3.0), 12: (-1.0, 1.0), 13: (3.0, 1.0)}


def test_three_half_known_states(read_osm_text: Callable[..., RoadNetwork]) -> None:
    ways = [*ROADS, (20, [10, 11], {}), (21, [10, 12], {}), (22, [10, 13], {})]
    relations = [border(1, "NE", [20, 22, 90]), border(2, "NW", [20, 21, 91])]
    network = read_osm_text(osm_text(PLACES, ways, [*relations, border(3, "SS", [21, 22, 92])]))
    names = {
        int(ref): network.territories[side]
        for ref, side in zip(network.junction_id, network.junction_territory, strict=True)
    }
    assert names == {1: "SS", 2: "NW", 3: "NE", 4: "SS"}


def test_two_half_known_states_are_told_by_addresses(
    read_osm_text: Callable[..., RoadNetwork],
) -> None:
    ways = [*ROADS, (21, [12, 10, 13], {})]
    relations = [border(1, "NN", [21, 90]), border(2, "SS", [21, 91])]
    blind = read_osm_text(osm_text(PLACES, ways, relations))
    assert (blind.junction_territory == -1).all()
    said = {3: {"addr:country": "NN"}}
    network = read_osm_text(osm_text(PLACES, ways, relations, said))
    side = {int(r): network.territories[t] for r, t in
            zip(network.junction_id, network.junction_territory, strict=True)}  # fmt: skip
    assert side == {1: "SS", 2: "NN", 3: "NN", 4: "SS"}


def test_geojson(tmp_path: Path, read_osm_text: Callable[..., RoadNetwork]) -> None:
    path = tmp_path / "areas.geojson"
    feature = {"type": "Feature", "properties": {"name": "Unit"}, "geometry": SQUARE}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    names, side = locate(read_geojson(path, "name"), [0.5, 2.0, np.nan], [0.5, 2.0, 0])
    assert names == ("Unit",)
    assert side.tolist() == [0, -1, -1]
    network = read_osm_text(
        osm_text(PLACES, ROADS), territories=str(path), default_territory="Rest"
    )
    assert network.territories == ("Unit", "Rest")
    assert (network.junction_territory >= 0).all()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        json.dumps({"features": [{"properties": {}, "geometry": SQUARE}]}),
        json.dumps({"features": [{"properties": {"name": "a"}, "geometry": None}]}),
        json.dumps({"features": [{"properties": {"name": "a"}, "geometry": {"type": "Point"}}]}),
        json.dumps({"features": [7]}),
    ],
)
def test_bad_geojson(tmp_path: Path, text: str) -> None:
    path = tmp_path / "areas.geojson"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"areas\.geojson"):
        read_geojson(path, "name")
