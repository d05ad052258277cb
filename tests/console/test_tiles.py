"""Vector tiles of the roads: what a reader written from the specification finds in them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from console.tile_reader import read_tile
from stopline.console.tiles.network_tiles import BUDGET, NetworkTiles, TileName
from stopline.network.cache import open_network
from stopline.network.read_settings import ReadSettings
from stopline.testing.random_network import random_network

if TYPE_CHECKING:
    from stopline.network.road_network import RoadNetwork

ROADS = Path(__file__).parents[2] / "examples/liechtenstein/liechtenstein.osm.pbf"
VADUZ = (9.5209, 47.1392)


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return open_network(ROADS, ReadSettings())


def tile_of(lon: float, lat: float, z: int) -> TileName:
    y = 0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)
    return TileName(z, int((lon / 360 + 0.5) * (1 << z)), int(y * (1 << z)))


def test_feature_ids_are_sections_and_lines_lie_where_the_roads_are(network: RoadNetwork) -> None:
    name = tile_of(*VADUZ, 14)
    layer = read_tile(NetworkTiles(network).tile(name))
    assert (layer.name, layer.extent, layer.version) == ("roads", 4096, 2)
    assert layer.features
    far = 0.0
    for section, (tags, lines) in layer.features.items():
        assert tags["c"] in {1, 2, 3, 4, 5}
        assert tags.get("n", "") == network.name_of(section)
        road = network.geometry(section)
        for x, y in (point for line in lines for point in line):
            lon = ((name.x + x / 4096) / (1 << 14) - 0.5) * 360
            flat = 0.5 - (name.y + y / 4096) / (1 << 14)
            lat = math.degrees(math.atan(math.sinh(flat * 2 * math.pi)))
            far = max(far, _away(road, lon, lat))
    assert far < 1e-5  # degrees: within a tile unit of the road itself


def _away(road: np.ndarray, lon: float, lat: float) -> float:
    a, b = road[:-1], road[1:]
    d = b - a
    long = np.maximum((d * d).sum(axis=1), 1e-20)
    part = np.clip((((lon, lat) - a) * d).sum(axis=1) / long, 0, 1)
    return float(np.hypot(*((a + part[:, None] * d) - (lon, lat)).T).min())


def test_every_section_of_a_deep_tile_is_in_it(network: RoadNetwork) -> None:
    name = tile_of(*VADUZ, 14)
    layer = read_tile(NetworkTiles(network).tile(name))
    inside = {
        section for section in range(network.sections)
        if any(tile_of(lon, lat, 14) == name for lon, lat in network.geometry(section))
    }  # fmt: skip
    assert inside <= set(layer.features)


@pytest.mark.parametrize("z", [6, 8, 10])
def test_a_small_country_is_no_empty_map(network: RoadNetwork, z: int) -> None:
    layer = read_tile(NetworkTiles(network).tile(tile_of(*VADUZ, z)))
    assert BUDGET * 0.2 < len(layer.features) <= BUDGET
    assert {tags["c"] for tags, _ in layer.features.values()} == {1, 2, 3, 4, 5}


def test_a_full_tile_keeps_the_wide_and_long_roads(network: RoadNetwork) -> None:
    tiles = NetworkTiles(network)
    shown = set(tiles._chosen(TileName(0, 0, 0)).tolist())
    assert len(shown) == BUDGET
    width, length = tiles._width, network.section_length_m
    least = max((int(width[s]), -float(length[s])) for s in shown)
    left = [s for s in range(network.sections) if s not in shown]
    assert all((int(width[s]), -float(length[s])) >= least for s in left)


def test_where_no_road_is_a_tile_is_empty(network: RoadNetwork) -> None:
    assert NetworkTiles(network).tile(TileName(5, 0, 0)) == b""
    assert not TileName(15, 0, 0).exists()
    assert not TileName(3, 8, 0).exists()


def test_tiles_are_kept_by_the_digest_of_the_network(network: RoadNetwork, tmp_path: Path) -> None:
    name = tile_of(*VADUZ, 12)
    made = NetworkTiles(network, tmp_path).tile(name)
    (kept,) = (tmp_path / f"tiles-{network.digest[:16]}").iterdir()
    assert kept.read_bytes() == made
    kept.write_bytes(b"from the disk")
    assert NetworkTiles(network, tmp_path).tile(name) == b"from the disk"


@pytest.mark.parametrize("seed", range(5))
def test_any_network_gives_tiles_that_can_be_read(seed: int) -> None:
    network = random_network(np.random.default_rng(seed), 40)
    tiles = NetworkTiles(network)
    west, south, east, north = tiles.bounds()
    for z in (0, 4, 9, 14):
        data = tiles.tile(tile_of((west + east) / 2, (south + north) / 2, z))
        if data:
            layer = read_tile(data)
            assert set(layer.features) <= set(range(network.sections))
            assert all(len(line) > 1 for _, lines in layer.features.values() for line in lines)
