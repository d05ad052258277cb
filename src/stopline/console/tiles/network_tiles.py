"""The roads of a network as vector tiles: which sections a tile shows, and how coarse.

A tile has a budget of features. Where more sections lie in it, the wide roads come first and
within a class the long ones, so that a small country is never an empty map, and a city never a
tile of megabytes. Everything is prepared once for each network; a tile is a selection of it.
"""

from __future__ import annotations

import gzip
import math
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from stopline.console.tiles.encoder import EXTENT, line_layer
from stopline.network.road_network import ROAD_CLASSES
from stopline.network.snapping import section_points

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork

DEEPEST: Final = 14  # further in, the page enlarges these
BUDGET: Final = 5000  # features of a tile
_NAMES_FROM: Final = 11
_BUFFER: Final = 64  # tile units drawn beyond the edge
_COARSE: Final = 6.0  # tile units that may be left out of a line
_KEPT: Final = 512  # tiles in memory
_MERCATOR_LAT: Final = 85.051129
# Width classes of the map: 1 the widest.
_WIDTH: Final = {
    "motorway": 1, "trunk": 1, "primary": 1, "motorway_link": 1, "trunk_link": 1,
    "primary_link": 1, "secondary": 2, "secondary_link": 2, "tertiary": 3, "tertiary_link": 3,
    "unclassified": 4, "residential": 4, "living_street": 4, "service": 5, "track": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TileName:
    """Zoom, column and row of a tile, counted as on the web: row 0 in the north."""

    z: int
    x: int
    y: int

    def exists(self) -> bool:
        """Whether there is such a tile."""
        most = 1 << max(self.z, 0)
        return 0 <= self.z <= DEEPEST and 0 <= self.x < most and 0 <= self.y < most


class NetworkTiles:
    """Tiles of one network; threads may share it.

    Args:
        network: the roads.
        folder: where tiles are kept on disk, under the network's digest; None to keep none there.
    """

    def __init__(self, network: RoadNetwork, folder: Path | None = None) -> None:
        self.network = network
        digest = network.digest
        self._folder = None if folder is None or not digest else folder / f"tiles-{digest[:16]}"
        self._lock = threading.Lock()
        self._known: OrderedDict[TileName, bytes] = OrderedDict()

    def tile(self, name: TileName) -> bytes:
        """Give a tile, compressed by gzip; empty bytes where no road is."""
        with self._lock:
            if name in self._known:
                self._known.move_to_end(name)
                return self._known[name]
        data = self._from_disk(name)
        if data is None:
            layer = self._encode(name)
            data = gzip.compress(layer, 5, mtime=0) if layer else b""
            self._to_disk(name, data)
        with self._lock:
            self._known[name] = data
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return data

    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the roads, degrees."""
        lon, lat = self.network.junction_lon, self.network.junction_lat
        west, east = float(np.nanmin(lon)), float(np.nanmax(lon))
        return west, float(np.nanmin(lat)), east, float(np.nanmax(lat))

    @cached_property
    def _points(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Points of all sections in Web Mercator, 0 to 1 from the north-west."""
        first, lon, lat = section_points(self.network)
        radians = np.radians(np.clip(lat, -_MERCATOR_LAT, _MERCATOR_LAT) * -1.0)
        y = 0.5 + np.arcsinh(np.tan(radians)) / (2 * math.pi)
        return first, lon / 360.0 + 0.5, y

    @cached_property
    def _boxes(self) -> NDArray[np.float64]:
        """West, north, east, south of each section, float64[4, s]."""
        first, x, y = self._points
        begin = first[:-1]
        return np.stack(
            (
                np.minimum.reduceat(x, begin), np.minimum.reduceat(y, begin),
                np.maximum.reduceat(x, begin), np.maximum.reduceat(y, begin),
            )
        )  # fmt: skip

    @property
    def widths(self) -> NDArray[np.uint8]:
        """Width of each section on the map, 1 the widest to 5."""
        return self._width

    @cached_property
    def _width(self) -> NDArray[np.uint8]:
        by_class = np.array([_WIDTH[name] for name in ROAD_CLASSES], np.uint8)
        return by_class[self.network.section_class]

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        """Rank of each section: wide before narrow, then long before short."""
        by_rank = np.lexsort((-self.network.section_length_m, self._width))
        rank = np.empty(len(by_rank), np.int64)
        rank[by_rank] = np.arange(len(by_rank))
        return rank

    def _encode(self, name: TileName) -> bytes:
        chosen = self._chosen(name)
        if not chosen.size:
            return b""
        lines = self._lines(chosen, name)
        named = name.z >= _NAMES_FROM
        tags: list[list[tuple[str, str | int]]] = []
        for section in chosen.tolist():
            tag: list[tuple[str, str | int]] = [("c", int(self._width[section]))]
            road = self.network.name_of(section) if named else ""
            tags.append([*tag, ("n", road)] if road else tag)
        return line_layer("roads", chosen.astype(np.int64), lines, tags)

    def _chosen(self, name: TileName) -> NDArray[np.int64]:
        """The sections of a tile, at most its budget, the least important first."""
        tiles, edge = 1 << name.z, _BUFFER / EXTENT
        west, north, east, south = self._boxes
        inside = np.flatnonzero(
            (east * tiles >= name.x - edge) & (west * tiles <= name.x + 1 + edge)
            & (south * tiles >= name.y - edge) & (north * tiles <= name.y + 1 + edge)
        )  # fmt: skip
        rank = self._order[inside]
        if inside.size > BUDGET:
            kept = np.argpartition(rank, BUDGET)[:BUDGET]
            inside, rank = inside[kept], rank[kept]
        drawn: NDArray[np.int64] = inside[np.argsort(-rank)]
        return drawn

    def _lines(self, chosen: NDArray[np.int64], name: TileName) -> NDArray[Any]:
        """The sections as lines in tile coordinates, cut at its edge and made coarser."""
        first, x, y = self._points
        count = first[chosen + 1] - first[chosen]
        owner = np.repeat(np.arange(chosen.size), count)
        inner = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        at = np.repeat(first[chosen], count) + inner
        scale = float((1 << name.z) * EXTENT)
        points = np.column_stack((x[at] * scale - name.x * EXTENT, y[at] * scale - name.y * EXTENT))
        lines = shapely.linestrings(points, indices=owner)
        if name.z < DEEPEST:
            lines = shapely.simplify(lines, _COARSE, preserve_topology=False)
        edge = float(_BUFFER)
        cut: NDArray[Any] = shapely.clip_by_rect(lines, -edge, -edge, EXTENT + edge, EXTENT + edge)
        return cut

    def _path(self, name: TileName) -> Path | None:
        return None if self._folder is None else self._folder / f"{name.z}-{name.x}-{name.y}.mvt.gz"

    def _from_disk(self, name: TileName) -> bytes | None:
        path = self._path(name)
        try:
            return None if path is None else path.read_bytes()
        except OSError:
            return None

    def _to_disk(self, name: TileName, data: bytes) -> None:
        """Keep a tile; where that fails (a full or read-only disk) it is made again next time."""
        path = self._path(name)
        if path is None:
            return
        part = path.with_suffix(f".{threading.get_ident()}.part")
        try:
            path.parent.mkdir(exist_ok=True)
            part.write_bytes(data)
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
