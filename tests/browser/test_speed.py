"""What is quick: first tiles, the map at rest, a fact from the disk to the screen."""

from __future__ import annotations

import gzip
import json
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stopline.console.routes.page import FOLDER, is_built
from stopline.console.tiles.network_tiles import NetworkTiles, TileName
from stopline.network.cache import open_network
from stopline.network.read_settings import ReadSettings
from stopline.operation.core.commands import TakeReport

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.case import Stage
    from browser.window import Window

ROADS = Path(__file__).parents[2] / "examples/liechtenstein/liechtenstein.osm.pbf"
FIRST_VIEW = [TileName(10, x, 359) for x in (538, 539)]  # the whole country
MOST_BYTES = 600_000


@pytest.mark.skipif(not is_built(), reason="the console's page is not built: scripts/frontend")
def test_script_and_style_stay_small() -> None:
    files = [*FOLDER.glob("assets/*.js"), *FOLDER.glob("assets/*.css")]
    assert 0 < sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) < MOST_BYTES


def test_the_tiles_of_a_view_are_smaller_than_one_file_of_all_roads() -> None:
    network = open_network(ROADS, ReadSettings())
    whole = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": s, "properties": {"n": network.name_of(s)},
             "geometry": {"type": "LineString", "coordinates": network.geometry(s).tolist()}}
            for s in range(network.sections)
        ],
    }  # fmt: skip
    text = json.dumps(whole).encode()
    tiles = NetworkTiles(network)
    sizes = [len(tiles.tile(name)) for name in FIRST_VIEW]
    assert sum(sizes) > 20_000  # there are roads in them
    assert sum(sizes) * 3 < len(gzip.compress(text, 5))
    began_s = time.perf_counter()
    for name in FIRST_VIEW:
        tiles.tile(name)
    assert time.perf_counter() - began_s < 0.05  # what was made once is there


def test_the_map_draws_nothing_at_rest(stage: Stage, window: Callable[..., Window]) -> None:
    del stage
    one = window("duty-officer")
    one.page.locator(".chart canvas").wait_for()
    one.page.wait_for_timeout(5000)
    before = one.page.evaluate("window.stoplineFrames()")
    one.page.wait_for_timeout(10_000)
    assert one.page.evaluate("window.stoplineFrames()") == before > 0


def test_a_fact_is_on_screen_soon_after_it_is_on_disk(
    stage: Stage, window: Callable[..., Window]
) -> None:
    stage.tell("alarm")
    stage.go()
    one = window("duty-officer", "journal")
    took_s = []
    for number in range(7):
        text = f"p.report-{number}"
        began_s = time.perf_counter()
        report = TakeReport(incident="i-2026-11-18", about="search", text=text)
        (index,) = stage.do(0, "duty_officer", report).entries
        one.page.get_by_role("cell", name=str(index), exact=True).wait_for()
        took_s.append(time.perf_counter() - began_s)
    assert statistics.median(took_s) < 3.0
