"""Compute the border along a river from the roads of its banks, as examples/exercises/porto has it.

    python benchmarks/river_border.py porto.osm.pbf territories.geojson

Roads are joined where they share a point. Without the bridges over the river the roads of either
bank are a piece of their own; a small piece that hangs on bridges alone counts for neither. The
border is as far from the nearest road of one bank as from the nearest of the other, so that each
road that crosses it is a bridge, a ferry or a dam.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import contourpy
import numpy as np
import osmium
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

BANKS: Final = {"North Bank": (-8.6095, 41.1520), "South Bank": (-8.6110, 41.1250)}
# Roughly where the river is: bridges farther off are over something else. West to east.
ROUGH: Final = [
    (-8.80, 41.1475), (-8.70, 41.1455), (-8.64, 41.1455), (-8.6109, 41.1398), (-8.565, 41.136),
    (-8.52, 41.108), (-8.4866, 41.0727), (-8.4594, 41.0620), (-8.3809, 41.0495), (-8.30, 41.06),
]  # fmt: skip
NEAR_DEG: Final = 0.012
WEST, EAST, NORTH, SOUTH = -8.80, -8.30, 41.50, 40.80
GRID_DEG, STEP_DEG, SIMPLER_DEG = 0.0003, 0.0002, 0.0002
SOURCE: Final = (
    "The border is the middle of the Douro: the line as far from every road that is joined to the "
    "north bank without a bridge over the river as from every road joined so to the south bank, "
    "within 25 m. Computed by benchmarks/river_border.py from roads of OpenStreetMap, (c) "
    "OpenStreetMap contributors, ODbL 1.0."
)
Line = list[tuple[int, float, float]]


def roads_of(path: Path) -> tuple[list[Line], list[Line]]:
    """All roads of a map, and apart from them the bridges near the river: points with their ids."""
    river = shapely.LineString(ROUGH)
    roads: list[Line] = []
    bridges: list[Line] = []
    ways = osmium.FileProcessor(str(path)).with_locations()
    for way in ways.with_filter(osmium.filter.KeyFilter("highway")):
        if not way.is_way() or way.tags["highway"] in {"proposed", "construction", "platform"}:
            continue
        line = [(n.ref, n.lon, n.lat) for n in way.nodes if n.location.valid()]
        if len(line) > 1:
            over = way.tags.get("bridge", "no") != "no"
            near = over and shapely.LineString([p[1:] for p in line]).distance(river) < NEAR_DEG
            (bridges if near else roads).append(line)
    return roads, bridges


def pieces_of(lines: list[Line]) -> dict[int, int]:
    """The piece that each point belongs to, by its id."""
    number: dict[int, int] = defaultdict(lambda: len(number))
    ends = [(number[a[0]], number[b[0]]) for line in lines for a, b in pairwise(line)]
    tail, head = np.array(ends).T
    matrix = coo_matrix((np.ones(len(ends)), (tail, head)), shape=(len(number),) * 2)
    _, piece = connected_components(matrix, directed=False)
    return {name: int(piece[row]) for name, row in number.items()}


def banks_of(roads: list[Line], bridges: list[Line]) -> list[list[Line]]:
    """The roads of either bank, with what hangs on it by bridges over something else."""
    piece = pieces_of(roads)
    points = [(p[1], p[2], piece[p[0]]) for line in roads for p in line]
    tree = cKDTree([p[:2] for p in points])
    banks = [points[int(tree.query(place)[1])][2] for place in BANKS.values()]
    # One bridge is often several ways, and may come with its ramps.
    chain = pieces_of(bridges)
    chains: dict[int, set[int]] = defaultdict(set)
    for line in bridges:
        chains[chain[line[0][0]]] |= {piece[p[0]] for p in line if p[0] in piece}
    river = shapely.LineString(ROUGH)
    off: dict[int, float] = defaultdict(lambda: np.inf)
    for line in bridges:
        name = chain[line[0][0]]
        off[name] = min(off[name], shapely.LineString([p[1:] for p in line]).distance(river))
    joined = {one: {one} for one in piece.values()}
    for name in sorted(chains, key=lambda one: -off[one]):  # those over the river come last
        reached = set().union(*(joined[one] for one in chains[name]))
        if not reached.issuperset(banks):
            joined |= dict.fromkeys(reached, reached)
    own = [joined[bank] for bank in banks]
    return [
        [line for line in roads if piece[line[0][0]] in bank]
        + [line for line in bridges if chains[chain[line[0][0]]] <= bank]
        for bank in own
    ]


def middle_of(banks: list[list[Line]]) -> Any:  # noqa: ANN401  (shapely is untyped here)
    """The line that is as far from one bank as from the other, from west to east."""
    scale = np.array([np.cos(np.radians(41.12)), 1.0])
    trees = [cKDTree(np.concatenate([_dense(line) for line in bank]) * scale) for bank in banks]
    lon, lat = np.arange(WEST, EAST, GRID_DEG), np.arange(41.00, 41.20, GRID_DEG)
    grid = np.stack(np.meshgrid(lon, lat), axis=-1)
    far = [tree.query(grid.reshape(-1, 2) * scale)[0] for tree in trees]
    field = (far[0] - far[1]).reshape(grid.shape[:2])
    lines = contourpy.contour_generator(lon, lat, field).lines(0.0)
    longest = max(map(shapely.LineString, lines), key=lambda line: float(line.length))
    points = np.round(longest.simplify(SIMPLER_DEG).coords, 4)
    points = points if points[0][0] < points[-1][0] else points[::-1]
    points[0][0], points[-1][0] = WEST, EAST
    return points


def _dense(line: Line) -> Any:  # noqa: ANN401
    points = shapely.LineString([p[1:] for p in line]).segmentize(STEP_DEG)
    return np.array(points.coords)


def text_of(river: Any) -> str:  # noqa: ANN401
    """Both territories as GeoJSON, eight points on a line."""
    parts = []
    for name, far in zip(BANKS, (NORTH, SOUTH), strict=True):
        ring = [*river, (EAST, far), (WEST, far), river[0]]
        points = [f"[{x:.4f}, {y:.4f}]" for x, y in ring]
        rows = [", ".join(points[at : at + 8]) for at in range(0, len(points), 8)]
        inner = ",\n       ".join(rows)
        parts.append(
            f'    {{"type": "Feature", "properties": {{"name": "{name}"}},\n'
            f'     "geometry": {{"type": "Polygon", "coordinates": [[\n       {inner}]]}}}}'
        )
    both = ",\n".join(parts)
    head = f'{{\n  "type": "FeatureCollection",\n  "source": {json.dumps(SOURCE)},\n'
    return f'{head}  "features": [\n{both}\n  ]\n}}\n'


def main() -> None:
    """Read a map, write the territories."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("map", type=Path, help="OpenStreetMap extract, .osm.pbf")
    parser.add_argument("out", type=Path, help="GeoJSON to write")
    given = parser.parse_args()
    river = middle_of(banks_of(*roads_of(given.map)))
    given.out.write_text(text_of(river), "utf-8")
    print(f"{len(river)} points")


if __name__ == "__main__":
    main()
