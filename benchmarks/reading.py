"""Compare reading a city from OpenStreetMap to a routable graph: Stopline, pyrosm, OSMnx.

All run in one process, turn about, on the same file; the table gives medians. OSMnx reads no PBF,
so it is given the same data as `.osm`; the conversion is not counted.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import osmium

from stopline.network.cache import open_network
from stopline.network.reading import read_network

if TYPE_CHECKING:
    from collections.abc import Callable

_ROUNDS = 5


def _stopline(path: Path) -> tuple[int, int]:
    network = read_network(path)
    return network.junctions, network.sections


def _stopline_cached(path: Path) -> tuple[int, int]:
    network = open_network(path)
    return network.junctions, network.sections


def _pyrosm(path: Path) -> tuple[int, int]:
    import pyrosm  # noqa: PLC0415

    reader = pyrosm.OSM(str(path))
    nodes, edges = reader.get_network(network_type="driving+service", nodes=True)
    graph = reader.to_graph(nodes, edges, graph_type="networkx")
    return graph.number_of_nodes(), graph.number_of_edges()


def _osmnx(path: Path) -> tuple[int, int]:
    import osmnx  # noqa: PLC0415

    graph = osmnx.graph_from_xml(path)
    return graph.number_of_nodes(), graph.number_of_edges()


def _as_xml(path: Path, folder: Path) -> Path:
    """The drivable ways of a file and their nodes as `.osm`."""
    target = folder / "same.osm"
    with osmium.SimpleWriter(str(target)) as writer:
        for thing in osmium.FileProcessor(str(path)):
            if thing.is_node() or (thing.is_way() and "highway" in thing.tags):
                writer.add(thing)
    return target


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="an .osm.pbf file")
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--osmnx-rounds", type=int, default=1, help="OSMnx is slow; 0 to skip")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        runs: dict[str, tuple[Callable[[Path], tuple[int, int]], Path, int]] = {
            "stopline, from the file": (_stopline, options.file, options.rounds),
            "stopline, from its copy": (_stopline_cached, options.file, options.rounds + 1),
            "pyrosm": (_pyrosm, options.file, options.rounds),
        }
        if options.osmnx_rounds:
            xml = _as_xml(options.file, Path(folder))
            runs["OSMnx (from .osm)"] = (_osmnx, xml, options.osmnx_rounds)
        times: dict[str, list[float]] = {name: [] for name in runs}
        sizes: dict[str, tuple[int, int]] = {}
        for turn in range(options.rounds + 1):
            for name, (read, path, rounds) in runs.items():
                if turn < rounds:
                    begin = time.perf_counter()
                    sizes[name] = read(path)
                    times[name].append(time.perf_counter() - begin)
    times["stopline, from its copy"].pop(0)  # the first one made the copy
    ours = statistics.median(times["stopline, from the file"])
    print(f"{'reader':<26}{'nodes':>9}{'edges':>9}{'runs':>6}{'median s':>10}{'to ours':>9}")
    for name, seconds in times.items():
        middle = statistics.median(seconds)
        nodes, edges = sizes[name]
        print(
            f"{name:<26}{nodes:>9}{edges:>9}{len(seconds):>6}{middle:>10.4f}{middle / ours:>8.2f}x"
        )


if __name__ == "__main__":
    main()
