"""The console in numbers: size, tiles from nothing, first verdict and map, a fact to the screen.

    python benchmarks/console_page.py             Liechtenstein; needs Chromium and the page
    python benchmarks/console_page.py --tiles porto.osm.pbf --view 10 487 383 488 384
    python benchmarks/console_page.py --porto porto.osm.pbf      the first map of a city alone

Everything is measured as somebody meets it: a cold browser without a graphics card, a node of its
own. Besides seconds it prints ratios, which say the same on a busy machine.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from playwright.sync_api import Browser, sync_playwright  # noqa: E402

from browser.case import Stage  # noqa: E402  (the path is set above)
from browser.conftest import CHROMIUM, FLAGS  # noqa: E402
from browser.window import Window  # noqa: E402
from stopline.console.routes.page import FOLDER  # noqa: E402
from stopline.console.tiles.network_tiles import NetworkTiles, TileName  # noqa: E402
from stopline.network.cache import open_network  # noqa: E402
from stopline.network.read_settings import ReadSettings  # noqa: E402
from stopline.operation.core.commands import TakeReport  # noqa: E402

NAME = "i-2026-11-18"
A_SECOND = 60
ROADS = ROOT / "examples/liechtenstein/liechtenstein.osm.pbf"
RUNS = 5
SEALS = ".seals tbody tr"
FACTS = 25


def size() -> None:
    """Script and style, compressed."""
    files = [*FOLDER.glob("assets/*.js"), *FOLDER.glob("assets/*.css")]
    whole = sum(len(gzip.compress(path.read_bytes(), 9)) for path in files)
    print(f"script and style: {whole / 1000:.0f} kB compressed (at most 600)")


def tiles(roads: Path, view: list[int]) -> None:
    """The tiles of a first view from nothing, beside all roads as one GeoJSON."""
    network = open_network(roads, ReadSettings())
    zoom, west, north, east, south = view
    names = [TileName(zoom, x, y) for x in range(west, east + 1) for y in range(north, south + 1)]
    took_s, tile_bytes = [], 0
    for _ in range(RUNS):
        made = NetworkTiles(network)
        began_s = time.process_time()
        tile_bytes = sum(len(made.tile(name)) for name in names)
        took_s.append(time.process_time() - began_s)
    began_s = time.process_time()
    whole = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": s, "properties": {"n": network.name_of(s)},
             "geometry": {"type": "LineString", "coordinates": network.geometry(s).tolist()}}
            for s in range(network.sections)
        ],
    }  # fmt: skip
    packed = len(gzip.compress(json.dumps(whole).encode(), 5))
    whole_s = time.process_time() - began_s
    print(
        f"{roads.stem}, {network.sections:,} sections, {len(names)} tiles of the first view: "
        f"{statistics.median(took_s):.2f} s of a processor from nothing (at most 0.5), "
        f"{tile_bytes / 1000:.0f} kB; all roads as one GeoJSON {whole_s:.2f} s, "
        f"{packed / 1000:.0f} kB: {packed / tile_bytes:.1f} times as much"
    )


def page(chromium: Browser, stage: Stage, most_s: int = 2, first_row: str = SEALS) -> None:
    """From the address to a verdict that can be read, and to the map; nothing is kept."""
    first = Window.open(chromium, stage, "duty-officer", "main", 0)
    cookies = first.context.cookies()
    first.close()
    verdict_s, map_s = [], []
    for _ in range(RUNS):
        context = chromium.new_context(viewport={"width": 1366, "height": 768})
        context.add_cookies(cookies)  # type: ignore[arg-type]
        opened = context.new_page()
        began_s = time.perf_counter()
        opened.goto(stage.url(0) + "#/main")
        opened.locator(first_row).first.wait_for()
        verdict_s.append(time.perf_counter() - began_s)
        opened.locator(".chart canvas").wait_for()
        opened.locator(".mapword").wait_for(state="detached")
        map_s.append(time.perf_counter() - began_s)
        context.close()
    print(
        f"verdict readable {statistics.median(verdict_s):.2f} s (at most 1), map whole "
        f"{statistics.median(map_s):.2f} s (at most {most_s}) after the address; medians of {RUNS}"
    )


def porto(chromium: Browser, folder: Path, roads: Path) -> None:
    """The first map of a city at street level, whose incident has only begun."""
    region = ROOT / "examples/exercises/porto"
    text = (region / "scenario.yaml").read_text("utf-8")
    made = folder / "region"
    shutil.copytree(region, made)
    text = text.replace("porto.osm.pbf", str(roads.resolve()))
    (made / "scenario.yaml").write_text(text, "utf-8")
    stage = Stage.make(folder / "stage", scenario=made / "scenario.yaml", believes=False)
    stage.tell("alarm")
    stage.go()
    page(chromium, stage, 3, ".verdict .w")
    stage.close()


def facts(chromium: Browser, stage: Stage) -> None:
    """From a fact on disk to its row on the screen, alone and with sixty others a second."""
    window = Window.open(chromium, stage, "duty-officer", "journal", 0)
    for others in (0, A_SECOND):
        with Others(stage, others) as beside:
            took_s = []
            for number in range(FACTS):
                (index,) = stage.do(0, "duty_officer", _report(f"report {number}")).entries
                began_s = time.perf_counter()
                window.page.get_by_role("cell", name=str(index), exact=True).wait_for()
                took_s.append(time.perf_counter() - began_s)
        print(
            f"a fact from the disk to the screen, {beside.rate():.0f} others a second: median "
            f"{statistics.median(took_s) * 1000:.0f} ms (at most 300), worst of {FACTS} "
            f"{max(took_s) * 1000:.0f} ms (at most 1000)"
        )
    window.close()


class Others:
    """Facts that others give meanwhile, so many a second."""

    def __init__(self, stage: Stage, rate: int) -> None:
        self.stage, self.wanted, self.given, self.began_s, self.took_s = stage, rate, 0, 0.0, 0.0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._give, daemon=True)

    def _give(self) -> None:
        while self.wanted and not self.ended.is_set():
            self.stage.do(0, "second_officer", _report(f"beside {self.given}"))
            self.given += 1
            due_s = self.began_s + self.given / self.wanted
            self.ended.wait(max(0.0, due_s - time.perf_counter()))

    def rate(self) -> float:
        """How many a second there really were."""
        return self.given / self.took_s

    def __enter__(self) -> Self:
        self.began_s = time.perf_counter()
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()
        self.took_s = time.perf_counter() - self.began_s


def _report(text: str) -> TakeReport:
    return TakeReport(incident=NAME, about="search", text=text)


def main() -> None:
    """Measure and print."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    reader.add_argument("--tiles", type=Path, help="tiles of another network alone")
    reader.add_argument(
        "--view", type=int, nargs=5, default=[10, 538, 359, 539, 359],
        metavar=("ZOOM", "WEST", "NORTH", "EAST", "SOUTH"), help="its first view, in tiles",
    )  # fmt: skip
    reader.add_argument("--porto", type=Path, help="first map of these roads alone")
    given = reader.parse_args()
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, Python {platform.python_version()}, load {load:.1f}")
    if given.porto is None:
        size()
        tiles(given.tiles or ROADS, given.view)
    if given.tiles is not None:
        return
    with sync_playwright() as program, tempfile.TemporaryDirectory(prefix="stopline-") as name:
        chromium = program.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        if given.porto is not None:
            porto(chromium, Path(name), given.porto)
        else:
            stage = Stage.make(Path(name) / "stage")
            stage.tell("sealed")
            stage.go()
            page(chromium, stage)
            facts(chromium, stage)
            stage.close()
        chromium.close()


if __name__ == "__main__":
    main()
