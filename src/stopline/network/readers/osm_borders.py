"""Make state territories out of the border lines in an OpenStreetMap extract.

An extract cuts most states apart: it holds all borders of Liechtenstein, but of Austria and
Switzerland only the lines near by. So the lines are drawn on to the rim of a frame, the frame is
cut along them, and each face is named by elimination: a line parts the states whose boundary
relations it belongs to, so a face belongs to a state that all of its border lines have in common,
and the two sides of one line belong to different states.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium
import shapely
from osmium.osm import NODE, RELATION, WAY

from stopline.network.findings import Findings
from stopline.network.geodesy import distance_m
from stopline.network.readers.osm_source import open_source
from stopline.network.territory import Territories

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from stopline.network.readers.osm_source import OsmSource

_FRAME_DEGREES = 0.5
_TOUCH_DEGREES = 1e-9
_NAME_KEYS = ("ISO3166-1:alpha2", "ISO3166-1", "name:en", "name")
_UNKNOWN = ""


def read_borders(path: Path, bounds: tuple[float, float, float, float]) -> Territories | None:
    """Read the territories of a file alone; see `borders_of`."""
    findings = Findings()
    return borders_of(open_source(path, findings), findings, bounds)


def borders_of(
    source: OsmSource, findings: Findings, bounds: tuple[float, float, float, float]
) -> Territories | None:
    """Read the territories of states (`admin_level=2`) from an OpenStreetMap file.

    Args:
        source: the file.
        findings: where to note gaps in border lines.
        bounds: west, south, east and north of the roads to be told apart.

    Returns:
        The territories that can be told, or None if the file has no border of a state.
    """
    states = _state_members(source)
    lines, owners = _border_lines(source, states)
    if not lines:
        return None
    _note_unusable(states, lines, findings)
    lines |= _bridged(lines, owners, bounds, findings)
    whole = _whole_states(states, lines, owners)
    faces = _faces(list(lines.values()), bounds)
    sides = _faces_of_lines(faces, lines)
    candidates = _candidates(faces, sides, owners, whole)
    _settle(candidates, sides, lambda: _votes(source, faces))
    named = [
        (next(iter(names)), face)
        for names, face in zip(candidates, faces, strict=True)
        if len(names) == 1 and _UNKNOWN not in names
    ]
    return Territories(
        (*whole, *(name for name, _ in named)),
        (*whole.values(), *(face for _, face in named)),
    )


class _States:
    """Takes the border ways of each state."""

    def __init__(self) -> None:
        self.ways: dict[str, set[int]] = defaultdict(set)

    def relation(self, relation: Any) -> None:  # noqa: ANN401
        get = relation.tags.get
        name = next((get(key) for key in _NAME_KEYS if get(key)), None)
        if relation.deleted or get("type") not in ("boundary", "multipolygon") or not name:
            return
        if get("boundary") == "administrative":
            self.ways[name].update(m.ref for m in relation.members if m.type == "w")


class _Lines:
    """Takes the lines of some ways."""

    def __init__(self, wanted: Collection[int]) -> None:
        self._wanted = wanted
        self.lines: dict[int, Any] = {}

    def way(self, way: Any) -> None:  # noqa: ANN401
        if way.deleted or way.id not in self._wanted:
            return
        points = [(n.lon, n.lat) for n in way.nodes if n.location.valid()]
        if len(set(points)) > 1:
            self.lines[way.id] = shapely.LineString(points)


def _state_members(source: OsmSource) -> dict[str, set[int]]:
    """The border ways of each state that has a boundary relation in the file."""
    found = _States()
    level = osmium.filter.TagFilter(("admin_level", "2"))
    source.apply(osmium.filter.EntityFilter(RELATION), level, found)
    return found.ways


def _border_lines(
    source: OsmSource, states: dict[str, set[int]]
) -> tuple[dict[int, Any], dict[int, set[str]]]:
    """Line and states of each border way that is in the file."""
    owners: dict[int, set[str]] = defaultdict(set)
    for name, ways in states.items():
        for way in ways:
            owners[way].add(name)
    found = _Lines(owners)
    if owners:
        places = osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem"))
        places.ignore_errors()
        source.apply(places, osmium.filter.EntityFilter(WAY), found)
    return found.lines, owners


def _note_unusable(states: dict[str, set[int]], lines: dict[int, Any], findings: Findings) -> None:
    for name, ways in states.items():
        missing = len(ways - lines.keys())
        if missing:
            text = f"ways of the border of {name} that are not in the file"
            findings.note("left out", f"border_{name}", text, count=missing, matters=False)


def _bridged(
    lines: dict[int, Any],
    owners: dict[int, set[str]],
    bounds: tuple[float, float, float, float],
    findings: Findings,
) -> dict[int, Any]:
    """Straight lines over gaps inside the map, between loose ends of one state's border.

    A gap is closed only where both ends lie nearer to each other than to the rim of the roads, and
    never without being told, with its place and width.
    """
    ends: Counter[tuple[float, float]] = Counter()
    states_at: dict[tuple[float, float], set[str]] = defaultdict(set)
    for way, line in lines.items():
        if not line.is_closed:
            for point in (line.coords[0], line.coords[-1]):
                ends[point] += 1
                states_at[point] |= owners[way]
    loose = [point for point, count in ends.items() if count % 2 == 1]
    pairs = sorted(
        (float(distance_m(*one, *two)), one, two)
        for number, one in enumerate(loose)
        for two in loose[number + 1 :]
        if states_at[one] & states_at[two]
    )
    made: dict[int, Any] = {}
    used: set[tuple[float, float]] = set()
    for width_m, one, two in pairs:
        to_rim_m = min(_to_rim_m(point, bounds) for point in (one, two))
        if one in used or two in used or width_m > to_rim_m:
            continue
        used |= {one, two}
        way = -1 - len(made)
        made[way] = shapely.LineString([one, two])
        owners[way] = states_at[one] & states_at[two]
        between = " and ".join(sorted(owners[way]))
        findings.note(
            "guessed",
            "border_gap",
            "gaps in state borders, closed in a straight line",
            f"{between} at {one[0]:.5f} {one[1]:.5f}, {width_m:,.0f} m wide",
        )
    west, south, east, north = bounds
    for point in loose:
        if point not in used and west < point[0] < east and south < point[1] < north:
            findings.note(
                "doubtful",
                "border_end",
                "state borders that end inside the map, drawn on to its rim",
                f"{' and '.join(sorted(states_at[point]))} at {point[0]:.5f} {point[1]:.5f}, "
                f"{_to_rim_m(point, bounds):,.0f} m from the rim",
            )
    return made


def _to_rim_m(point: tuple[float, float], bounds: tuple[float, float, float, float]) -> float:
    """How far inside the bounds a point lies, metres; 0 outside."""
    lon, lat = point
    west, south, east, north = bounds
    if not (west < lon < east and south < lat < north):
        return 0.0
    rims = ((west, lat), (east, lat), (lon, south), (lon, north))
    return min(float(distance_m(lon, lat, *rim)) for rim in rims)


def _whole_states(
    states: dict[str, set[int]], lines: dict[int, Any], owners: dict[int, set[str]]
) -> dict[str, Any]:
    """The states whose border is closed within the file, or but for gaps that were bridged."""
    whole = {}
    for name, ways in states.items():
        bridges = [way for way in lines if way < 0 and name in owners[way]]
        if not ways or not (ways <= lines.keys() or bridges):
            continue
        own = [lines[way] for way in (*sorted(ways & lines.keys()), *bridges)]
        parts = shapely.node(shapely.GeometryCollection(own))
        _, cuts, dangles, invalid = shapely.polygonize_full([parts])
        area = shapely.build_area(parts)
        if cuts.is_empty and dangles.is_empty and invalid.is_empty and not area.is_empty:
            whole[name] = area
    return whole


def _faces(lines: list[Any], bounds: tuple[float, float, float, float]) -> list[Any]:
    """Cut a frame around all lines along them, loose ends drawn on to the rim."""
    west, south, east, north = shapely.total_bounds([*lines, shapely.box(*bounds)])
    frame = shapely.box(
        west - _FRAME_DEGREES, south - _FRAME_DEGREES, east + _FRAME_DEGREES, north + _FRAME_DEGREES
    ).exterior
    ends = Counter(
        point for line in lines if not line.is_closed for point in (line.coords[0], line.coords[-1])
    )
    loose = [shapely.Point(point) for point, count in ends.items() if count == 1]
    drawn_on = [shapely.shortest_line(point, frame) for point in loose]
    network = shapely.unary_union([*lines, *drawn_on, frame])
    return list(shapely.polygonize([network]).geoms)


def _faces_of_lines(faces: list[Any], lines: dict[int, Any]) -> dict[int, list[int]]:
    """For each line the faces on its two sides (a single one where it ends nowhere)."""
    middles = [
        shapely.line_interpolate_point(line, 0.5, normalized=True) for line in lines.values()
    ]
    tree = shapely.STRtree([face.boundary for face in faces])
    found = tree.query(middles, predicate="dwithin", distance=_TOUCH_DEGREES)
    sides: dict[int, list[int]] = {way: [] for way in lines}
    ways = list(lines)
    for line, face in found.T.tolist():
        sides[ways[line]].append(face)
    return sides


def _candidates(
    faces: list[Any],
    sides: dict[int, list[int]],
    owners: dict[int, set[str]],
    whole: dict[str, Any],
) -> list[set[str]]:
    """The states that each face may belong to."""
    candidates: list[set[str] | None] = [None] * len(faces)
    for way, around in sides.items():
        parted = owners[way] if len(owners[way]) > 1 else {*owners[way], _UNKNOWN}
        for face in around:
            known = candidates[face]
            candidates[face] = set(parted) if known is None else known & parted
    for number, face in enumerate(faces):
        inside = {
            name for name, area in whole.items() if area.contains(face.representative_point())
        }
        candidates[number] = inside or (candidates[number] or set()) - whole.keys()
    return [names or {_UNKNOWN} for names in candidates]


def _settle(candidates: list[set[str]], sides: dict[int, list[int]], votes: Any) -> None:  # noqa: ANN401
    """Name faces by elimination; where that ends, by what addresses in the face say."""
    pairs = {(a, b) for around in sides.values() for a in around for b in around if a != b}
    _eliminate(candidates, pairs)
    if all(len(names) == 1 for names in candidates):
        return
    counts: list[Counter[str]] = votes()
    by_votes = sorted(
        ((count, face, name) for face, names in enumerate(counts) for name, count in names.items()),
        reverse=True,
    )
    for _, face, name in by_votes:
        if len(candidates[face]) > 1 and name in candidates[face]:
            candidates[face] = {name}
            _eliminate(candidates, pairs)


def _eliminate(candidates: list[set[str]], pairs: set[tuple[int, int]]) -> None:
    changed = True
    while changed:
        changed = False
        for one, two in pairs:
            if len(candidates[one]) == 1 and len(candidates[two]) > 1:
                fewer = candidates[two] - candidates[one]
                changed |= fewer != candidates[two]
                candidates[two] = fewer


class _Addresses:
    """Takes the country of each address."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.lon: list[float] = []
        self.lat: list[float] = []

    def node(self, node: Any) -> None:  # noqa: ANN401
        code = node.tags.get("addr:country") or node.tags.get("is_in:country_code")
        if code and not node.deleted and node.location.valid():
            self.said.append(code.upper())
            self.lon.append(node.location.lon)
            self.lat.append(node.location.lat)


def _votes(source: OsmSource, faces: list[Any]) -> list[Counter[str]]:
    """How often addresses in each face name each country."""
    found = _Addresses()
    keys = osmium.filter.KeyFilter("addr:country", "is_in:country_code")
    source.apply(osmium.filter.EntityFilter(NODE), keys, found)
    lon, lat = np.array(found.lon), np.array(found.lat)
    counts = []
    for face in faces:
        inside = shapely.contains_xy(face, lon, lat) if found.said else []
        counts.append(Counter(found.said[row] for row in np.flatnonzero(inside)))
    return counts
