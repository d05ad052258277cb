"""What the console's page costs its browser: a busy map, a map at rest, tiles beside one GeoJSON.

    python benchmarks/console_work.py
    python benchmarks/console_work.py --roads porto.osm.pbf    tiles beside one GeoJSON alone

Chromium without a graphics card. The main thread is counted in processor time, so that a busy
machine tells the same; both ways to draw all roads run in one page, one after the other.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from playwright.sync_api import Browser, Page, Route, sync_playwright  # noqa: E402

from browser.case import Stage  # noqa: E402  (the path is set above)
from browser.conftest import CHROMIUM, FLAGS  # noqa: E402
from browser.window import Window  # noqa: E402
from stopline.console.tiles.network_tiles import NetworkTiles, TileName  # noqa: E402
from stopline.network.cache import open_network  # noqa: E402
from stopline.network.read_settings import ReadSettings  # noqa: E402
from stopline.operation.core.actor import Actor  # noqa: E402
from stopline.operation.readiness.positions import ReportPositions  # noqa: E402
from stopline.operation.sightings.commands import NoteSighting  # noqa: E402

ROADS = ROOT / "examples/liechtenstein/liechtenstein.osm.pbf"
NAME = "i-2026-11-18"
BUSY_S, REST_S = 10, 10
UNITS, SECTIONS = 500, 5_000
RUNS = 3
# Draws all roads from one source, and says how many milliseconds that took. The library is the
# page's own: the map of its module is built once for its class and put away.
DRAW = """async ([source, layer, box]) => {
    const at = performance.getEntriesByType('resource').map(one => one.name)
        .find(one => /\\/assets\\/view-.*\\.js$/.test(one));
    const found = await import(at);
    const View = Object.values(found).find(one => one.prototype?.fitRegion);
    const region = await fetch('/v1/region').then(one => one.json());
    const place = () => { const made = document.createElement('div');
        made.style.cssText = 'position:fixed;left:0;top:0;width:814px;height:584px;z-index:99';
        document.body.append(made); return made; };
    const told = {moved() {}, clicked() {}, lost() {}, ready() {}};
    const first = new View(place(), region, told);
    const Chart = first.chart.constructor;
    first.chart.remove();
    const began = performance.now();
    const chart = new Chart({container: place(), bounds: box, attributionControl: false,
        fadeDuration: 0, canvasContextAttributes: {antialias: false},
        style: {version: 8, sources: {roads: source}, layers: [
            {id: 'roads', type: 'line', source: 'roads', ...layer,
                paint: {'line-color': '#888888', 'line-width': 1}}]}});
    await new Promise(end => chart.once('idle', end));
    const took = performance.now() - began;
    const drawn = chart.queryRenderedFeatures().length;
    chart.remove();
    return [took, drawn]; }"""


def whole(chromium: Browser, stage: Stage, roads: Path) -> dict[str, float]:
    """Draw the same roads from vector tiles and from one GeoJSON; seconds of each."""
    network = open_network(roads, ReadSettings())
    tiles = NetworkTiles(network)
    features = [
        {"type": "Feature", "id": s, "properties": {"n": network.name_of(s)},
         "geometry": {"type": "LineString", "coordinates": network.geometry(s).tolist()}}
        for s in range(network.sections)
    ]  # fmt: skip
    text = json.dumps({"type": "FeatureCollection", "features": features})
    lon, lat = network.junction_lon, network.junction_lat
    box = [float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())]
    window = Window.open(chromium, stage, "duty-officer", "keys", 0)
    window.go("main")
    window.page.locator(".mapword").wait_for(state="detached")
    window.page.route("**/one.geojson", lambda route: route.fulfill(
        body=text, content_type="application/geo+json"
    ))  # fmt: skip
    window.page.route("**/tile/*/*/*", lambda route: _tile(route, tiles))
    origin = stage.url(0)
    ways: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
        "tiles": (
            {"type": "vector", "tiles": [f"{origin}tile/{{z}}/{{x}}/{{y}}"], "maxzoom": 14},
            {"source-layer": "roads"},
        ),
        "one GeoJSON": ({"type": "geojson", "data": f"{origin}one.geojson"}, {}),
    }  # fmt: skip
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(RUNS):
        for name, (source, layer) in ways.items():
            took_ms, drawn = window.page.evaluate(DRAW, [source, layer, box])
            if not drawn:
                sys.exit(f"{name} drew nothing")
            took[name].append(took_ms / 1000)
    window.close()
    middle = {name: statistics.median(found) for name, found in took.items()}
    print(
        f"{roads.stem}, {network.sections:,} sections, to the first map whole: tiles "
        f"{middle['tiles']:.2f} s, one GeoJSON {middle['one GeoJSON']:.2f} s: "
        f"{middle['one GeoJSON'] / middle['tiles']:.1f} times as long (at least 3); "
        f"medians of {RUNS}"
    )
    return middle


def _tile(route: Route, tiles: NetworkTiles) -> None:
    zoom, x, y = (int(part) for part in route.request.url.rsplit("/", 3)[1:])
    packed = tiles.tile(TileName(zoom, x, y))  # what is answered here is not unpacked on the way
    body = gzip.decompress(packed) if packed else b""
    route.fulfill(body=body, content_type="application/x-protobuf")


def busy(chromium: Browser, stage: Stage) -> float:
    """What 500 positions and 5,000 belief sections a second cost the page's main thread.

    Returns:
        Milliseconds of a processor in each second.
    """
    window = Window.open(chromium, stage, "duty-officer", "main", 0)
    page = window.page
    page.locator(".mapword").wait_for(state="detached")
    read = _many(page)
    session = window.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.wait_for_timeout(2000)

    def worked_s() -> float:
        found = session.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in found if one["name"] == "TaskDuration"))

    unit = stage.story.orders(0).orders[stage.orders(0)[0]].issued
    before_s, began_s = worked_s(), time.perf_counter()
    for second in range(BUSY_S):
        # What the node tells is one position and one sighting; what the page then reads is many.
        row = {
            "unit": unit.unit, "lon": 9.52 + second / 1000, "lat": 47.14,
            "time": stage.story.at(0).isoformat(),
        }  # fmt: skip
        sergeant = Actor("sergeant", "second_officer", unit.agency)
        with stage.lock:
            stage.both.do(0, ReportPositions.model_validate({"rows": [row]}), sergeant)
        stage.do(0, "duty_officer", NoteSighting(
            incident=NAME, lon=9.52, lat=47.14, place="Vaduz", seen=stage.story.at(-1),
            source="a caller", grade="C3", confirmed=False,
        ))  # fmt: skip
        page.wait_for_timeout(max(1.0, (began_s + second + 1 - time.perf_counter()) * 1000))
    took_s = time.perf_counter() - began_s
    spent_ms = (worked_s() - before_s) / took_s * 1000
    window.close()
    print(
        f"main thread with {UNITS} positions and {SECTIONS:,} belief sections a second: "
        f"{spent_ms:.0f} ms of a processor each second (at most 100); in {took_s:.0f} s it read "
        f"{', '.join(f'{name} {times} times' for name, times in read.items())}"
    )
    return spent_ms


def _many(page: Page) -> dict[str, int]:
    """Have the page read 500 units that move and a belief that changes; counts what is read."""
    dice, read = random.Random(7), {"units": 0, "belief": 0, "picture": 0}
    places = [(9.5 + dice.random() * 0.1, 47.06 + dice.random() * 0.2) for _ in range(UNITS)]

    def picture(route: Route) -> None:
        read["picture"] += 1
        found = _of_the_node(route)
        one = found["units"][0]
        found["units"] = [
            one | {"unit": f"U-{n}", "lon": lon + dice.random() * 0.01, "lat": lat}
            for n, (lon, lat) in enumerate(places)
        ]  # fmt: skip
        route.fulfill(json=found)

    def units(route: Route) -> None:
        read["units"] += 1
        rows = [
            {"unit": f"U-{n}", "lon": lon + dice.random() * 0.01, "lat": lat, "fix": None}
            for n, (lon, lat) in enumerate(places)
        ]
        route.fulfill(json=rows)

    def belief(route: Route) -> None:
        read["belief"] += 1
        found = _of_the_node(route)
        chosen = dice.sample(range(8_000), SECTIONS)
        cuts = (SECTIONS // 5, SECTIONS // 2)
        found |= {
            "half": chosen[: cuts[0]], "ninety": chosen[cuts[0] : cuts[1]],
            "ninety_nine": chosen[cuts[1] :],
        }  # fmt: skip
        route.fulfill(json=found)

    page.route("**/picture*", picture)
    page.route("**/v1/units*", units)
    page.route("**/belief*", belief)
    return read


def _of_the_node(route: Route) -> dict[str, Any]:
    """What the node answers. Chromium alone knows names under localhost: it is asked by address."""
    parts = urlsplit(route.request.url)
    here = parts._replace(netloc=f"127.0.0.1:{parts.port}").geturl()
    headers = route.request.all_headers() | {"host": parts.netloc}
    found: dict[str, Any] = route.fetch(url=here, headers=headers).json()
    return found


def rest(chromium: Browser, stage: Stage) -> None:
    """How many frames the map draws while nothing happens."""
    window = Window.open(chromium, stage, "duty-officer", "main", 0)
    window.page.locator(".mapword").wait_for(state="detached")
    window.page.wait_for_timeout(5000)
    before = window.page.evaluate("window.stoplineFrames()")
    window.page.wait_for_timeout(REST_S * 1000)
    drawn = window.page.evaluate("window.stoplineFrames()") - before
    window.close()
    print(f"at rest the map drew {drawn} frames in {REST_S} s (none)")


def main() -> None:
    """Measure and print."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    reader.add_argument("--roads", type=Path, help="another network; tiles beside GeoJSON alone")
    given = reader.parse_args()
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, Python {platform.python_version()}, load {load:.1f}")
    with sync_playwright() as program, tempfile.TemporaryDirectory(prefix="stopline-") as name:
        chromium = program.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        stage = Stage.make(Path(name))
        stage.tell("sealed")
        whole(chromium, stage, given.roads or ROADS)
        if given.roads is None:
            rest(chromium, stage)  # before the clock goes: nothing happens at all
            stage.go()
            busy(chromium, stage)
        chromium.close()
        stage.close()


if __name__ == "__main__":
    main()
