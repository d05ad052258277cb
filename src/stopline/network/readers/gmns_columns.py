"""The columns of a GMNS link table: what their words mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.geodesy import distance_m
from stopline.network.road_network import ROAD_CLASSES, Direction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.documents.capped_faults import CappedFaults
    from stopline.documents.csv import Table
    from stopline.network.builder import RawRoads

_OTHER_WORDS: Final = {
    "freeway": "motorway",
    "interstate": "motorway",
    "expressway": "trunk",
    "highway": "trunk",
    "principal arterial": "primary",
    "major arterial": "primary",
    "arterial": "primary",
    "minor arterial": "secondary",
    "collector": "tertiary",
    "local": "residential",
    "ramp": "motorway_link",
    "road": "unclassified",
}
_DIRECTED: Final = {
    "true": Direction.FORWARD,
    "1": Direction.FORWARD,
    "yes": Direction.FORWARD,
    "t": Direction.FORWARD,
    "1.0": Direction.FORWARD,
    "false": Direction.BOTH,
    "0": Direction.BOTH,
    "no": Direction.BOTH,
    "f": Direction.BOTH,
    "0.0": Direction.BOTH,
}
_LINE_POINTS = 2
_FAR_DEGREES = 0.05


@dataclass(frozen=True, slots=True)
class LinkShapes:
    """Inner points of all links, and their lengths along them; s links, k points.

    Attributes:
        first: int64[s + 1].
        lon: float64[k].
        lat: float64[k].
        length_m: float64[s].
    """

    first: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    length_m: NDArray[np.float64]


def road_classes(table: Table) -> NDArray[np.uint8]:
    """Class of each link; words that we do not know mean `unclassified`."""
    if not table.has("facility_type"):
        return np.full(len(table.lines), ROAD_CLASSES.index("unclassified"), dtype=np.uint8)
    texts = table.columns["facility_type"]
    known = {text: _road_class(text) for text in set(texts)}
    return np.array([known[text] for text in texts], dtype=np.uint8)


def _road_class(text: str) -> int:
    word = text.strip().lower()
    joined = word.replace(" ", "_").replace("-", "_")
    name = joined if joined in ROAD_CLASSES else _OTHER_WORDS.get(word.replace("_", " "))
    return ROAD_CLASSES.index(name or "unclassified")


def directions(table: Table, faults: CappedFaults) -> NDArray[np.uint8]:
    """Direction of each link, from `directed`; both where there is no such column."""
    if not table.has("directed"):
        return np.full(len(table.lines), Direction.BOTH, dtype=np.uint8)
    texts = table.columns["directed"]
    known = {text: _DIRECTED.get(text.strip().lower(), -1) for text in set(texts)}
    values = np.array([known[text] for text in texts], dtype=np.int16)
    table.note(values < 0, "directed", faults, "True or False")
    return np.maximum(values, 0).astype(np.uint8)


def identifiers(table: Table, column: str) -> NDArray[np.int64]:
    """The ids of a column, or row numbers where they are not all whole numbers of 64 bits."""
    try:
        return np.array(list(map(int, table.columns[column])), dtype=np.int64)
    except (ValueError, OverflowError):
        return np.arange(len(table.lines), dtype=np.int64)


def named(table: Table) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Road names, the first of them empty, and the index of each link's name."""
    if not table.has("name"):
        return ("",), np.zeros(len(table.lines), dtype=np.int32)
    index = {"": 0}
    texts = table.columns["name"]
    numbers = [index.setdefault(text.strip(), len(index)) for text in texts]
    return tuple(index), np.array(numbers, dtype=np.int32)


def link_shapes(table: Table, raw: RawRoads, faults: CappedFaults) -> LinkShapes:
    """Read `geometry` as WKT lines from the link's first node to its last; blank is straight."""
    import shapely  # noqa: PLC0415  (only files with geometry need it)

    texts = np.array([text.strip() or None for text in table.columns["geometry"]], dtype=object)
    lines = shapely.from_wkt(texts, on_invalid="ignore")
    given = np.array([text is not None for text in texts])
    usable = shapely.get_type_id(lines) == 1
    usable &= shapely.get_num_points(lines) >= _LINE_POINTS
    usable &= np.isfinite(shapely.bounds(lines)).all(axis=1)
    wrong = given & ~usable
    tail, head = np.asarray(raw.section_tail), np.asarray(raw.section_head)
    lon, lat = np.asarray(raw.junction_lon), np.asarray(raw.junction_lat)
    point, owner = shapely.get_coordinates(lines[usable], return_index=True)
    count = np.zeros(len(texts), dtype=np.int64)
    rows = np.flatnonzero(usable)
    count[rows] = np.bincount(owner, minlength=rows.shape[0])
    last = np.cumsum(count) - 1
    at = rows
    far = np.zeros(len(texts), dtype=bool)
    for place, junction in ((last[at] - count[at] + 1, tail[at]), (last[at], head[at])):
        off = np.abs(point[place] - np.column_stack((lon[junction], lat[junction])))
        far[at] |= ~(off <= _FAR_DEGREES).all(axis=1)
    table.note(wrong | far, "geometry", faults, "a WKT LINESTRING from the first node to the last")
    inner = np.ones(point.shape[0], dtype=bool)
    inner[last[at]] = False
    inner[last[at] - count[at] + 1] = False
    first = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(np.maximum(count - 2, 0), out=first[1:])
    shape_lon, shape_lat = point[inner, 0], point[inner, 1]
    length = _along(first, shape_lon, shape_lat, (lon[tail], lat[tail]), (lon[head], lat[head]))
    return LinkShapes(first, shape_lon, shape_lat, length)


def _along(
    first: NDArray[np.int64],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    start: tuple[NDArray[np.float64], NDArray[np.float64]],
    end: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Length of each line from its start over its inner points to its end, metres."""
    sections = first.shape[0] - 1
    begin = first[:-1] + 2 * np.arange(sections)
    inner = np.arange(lon.shape[0]) + 2 * np.repeat(np.arange(sections), np.diff(first)) + 1
    stop = first[1:] + 2 * np.arange(sections) + 1
    x, y = np.empty(lon.shape[0] + 2 * sections), np.empty(lon.shape[0] + 2 * sections)
    x[begin], y[begin] = start
    x[stop], y[stop] = end
    x[inner], y[inner] = lon, lat
    step = np.concatenate(([0.0], distance_m(x[:-1], y[:-1], x[1:], y[1:])))
    along = np.cumsum(step)
    length: NDArray[np.float64] = along[stop] - along[begin]
    return length
