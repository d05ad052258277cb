"""The columns of a GMNS link table: what their words mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.network.geodesy import distance_m
from stopline.network.readers.gmns_uses import class_words
from stopline.network.road_network import NO_ID, ROAD_CLASSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.documents.capped_faults import CappedFaults
    from stopline.documents.csv import Table
    from stopline.network.builder import RawRoads
    from stopline.network.findings import Findings

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
_LINE_POINTS = 2
_MULTI = 5
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
    texts = class_words(table)
    if texts is None:
        return np.full(len(table.lines), ROAD_CLASSES.index("unclassified"), dtype=np.uint8)
    slip = table.columns.get("is_link", ("",) * len(texts))
    known = {pair: _road_class(*pair) for pair in set(zip(texts, slip, strict=True))}
    return np.array([known[pair] for pair in zip(texts, slip, strict=True)], dtype=np.uint8)


def _road_class(text: str, slip: str) -> int:
    if slip.strip() in ("1", "1.0") and f"{text.strip()}_link" in ROAD_CLASSES:
        return ROAD_CLASSES.index(f"{text.strip()}_link")
    word = text.strip().lower()
    joined = word.replace(" ", "_").replace("-", "_")
    name = joined if joined in ROAD_CLASSES else _OTHER_WORDS.get(word.replace("_", " "))
    return ROAD_CLASSES.index(name or "unclassified")


def identifiers(table: Table, column: str) -> NDArray[np.int64]:
    """The ids of a column; numbers from `NO_ID` on where not all are whole numbers below it.

    Also where two that differ, as 07 and 7, would be the same number.
    """
    texts = [text.strip() for text in table.columns[column]]
    try:
        numbers = np.array(list(map(int, texts)), dtype=np.int64)
    except (ValueError, OverflowError):
        return no_ids(len(texts))
    alike = np.unique(numbers).shape[0] < len(set(texts))
    return no_ids(len(texts)) if alike or (numbers >= NO_ID).any() else numbers


def no_ids(count: int) -> NDArray[np.int64]:
    """Ids for what the file gives none: a row number is never taken for an id."""
    return NO_ID + np.arange(count, dtype=np.int64)


def named(table: Table) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Road names, the first of them empty, and the index of each link's name."""
    if not table.has("name"):
        return ("",), np.zeros(len(table.lines), dtype=np.int32)
    index = {"": 0}
    texts = table.columns["name"]
    numbers = [index.setdefault(text.strip(), len(index)) for text in texts]
    return tuple(index), np.array(numbers, dtype=np.int32)


def link_shapes(
    table: Table,
    raw: RawRoads,
    faults: CappedFaults,
    to_degrees: Any = None,  # noqa: ANN401  (pyproj's transformer)
    findings: Findings | None = None,
) -> LinkShapes:
    """Read `geometry` as WKT lines along the links, drawn either way; blank is straight.

    Shapes that do not lead from one end of their link to the other are left out and noted: lengths
    and ends do not depend on them.
    """
    import shapely  # noqa: PLC0415  (only files with geometry need it)

    texts = np.array([text.strip() or None for text in table.columns["geometry"]], dtype=object)
    lines = shapely.from_wkt(texts, on_invalid="ignore")
    several = shapely.get_type_id(lines) == _MULTI
    lines[several] = shapely.line_merge(lines[several])
    if to_degrees is not None:
        lines = shapely.transform(
            lines, lambda xy: np.column_stack(to_degrees.transform(xy[:, 0], xy[:, 1]))
        )
    given = np.array([text is not None for text in texts])
    usable = shapely.get_type_id(lines) == 1
    usable &= shapely.get_num_points(lines) >= _LINE_POINTS
    usable &= np.isfinite(shapely.bounds(lines)).all(axis=1)
    west, south, east, north = np.nan_to_num(shapely.bounds(lines)).T
    usable &= (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)  # noqa: PLR2004
    wrong = given & ~usable
    tail, head = np.asarray(raw.section_tail), np.asarray(raw.section_head)
    lon, lat = np.asarray(raw.junction_lon), np.asarray(raw.junction_lat)
    table.note(wrong, "geometry", faults, "a WKT LINESTRING from the first node to the last")
    lines = _along_links(lines, usable, (lon[tail], lat[tail]), (lon[head], lat[head]))
    usable &= ~_far(lines, usable, (lon[tail], lat[tail]), (lon[head], lat[head]))
    astray = int((given & ~wrong & ~usable).sum())
    if astray and findings is not None:
        text = "shapes that do not lead along their link, which is taken as straight"
        findings.note("left out", "shapes", text, count=astray, matters=False)
    point, owner = shapely.get_coordinates(lines[usable], return_index=True)
    count = np.zeros(len(texts), dtype=np.int64)
    rows = np.flatnonzero(usable)
    count[rows] = np.bincount(owner, minlength=rows.shape[0])
    last = np.cumsum(count) - 1
    at = rows
    inner = np.ones(point.shape[0], dtype=bool)
    inner[last[at]] = False
    inner[last[at] - count[at] + 1] = False
    first = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(np.maximum(count - 2, 0), out=first[1:])
    shape_lon, shape_lat = point[inner, 0], point[inner, 1]
    length = _along(first, shape_lon, shape_lat, (lon[tail], lat[tail]), (lon[head], lat[head]))
    return LinkShapes(first, shape_lon, shape_lat, length)


def _along_links(
    lines: NDArray[np.object_],
    usable: NDArray[np.bool_],
    start: tuple[NDArray[np.float64], NDArray[np.float64]],
    end: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> NDArray[np.object_]:
    """Turn the lines round that are drawn from the last node to the first, as `dir_flag` -1."""
    import shapely  # noqa: PLC0415

    rows = np.flatnonzero(usable)
    first, last = shapely.get_point(lines[rows], 0), shapely.get_point(lines[rows], -1)
    as_is = _off(first, start, rows) + _off(last, end, rows)
    turned = _off(last, start, rows) + _off(first, end, rows)
    back = rows[turned < as_is]
    lines = lines.copy()
    lines[back] = shapely.reverse(lines[back])
    return lines


def _far(
    lines: NDArray[np.object_],
    usable: NDArray[np.bool_],
    start: tuple[NDArray[np.float64], NDArray[np.float64]],
    end: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> NDArray[np.bool_]:
    """Lines that begin or end far from their link's ends."""
    import shapely  # noqa: PLC0415

    rows = np.flatnonzero(usable)
    far = np.zeros(lines.shape[0], dtype=bool)
    for place, ends in ((0, start), (-1, end)):
        off = _off(shapely.get_point(lines[rows], place), ends, rows)
        far[rows] |= ~(off <= _FAR_DEGREES)
    return far


def _off(
    points: NDArray[np.object_],
    ends: tuple[NDArray[np.float64], NDArray[np.float64]],
    rows: NDArray[np.intp],
) -> NDArray[np.float64]:
    import shapely  # noqa: PLC0415

    east = np.abs(shapely.get_x(points) - ends[0][rows])
    north = np.abs(shapely.get_y(points) - ends[1][rows])
    off: NDArray[np.float64] = np.maximum(east, north)
    return off


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
