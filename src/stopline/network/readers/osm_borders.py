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

from stopline.network.territory import Territories

if TYPE_CHECKING:
    from pathlib import Path

_FRAME_DEGREES = 0.5
_TOUCH_DEGREES = 1e-9
_NAME_KEYS = ("ISO3166-1:alpha2", "ISO3166-1", "name:en", "name")
_UNKNOWN = ""


def read_borders(path: Path, bounds: tuple[float, float, float, float]) -> Territories | None:
    """Read the territories of states (`admin_level=2`) from an OpenStreetMap file.

    Args:
        path: the file.
        bounds: west, south, east and north of the roads to be told apart.

    Returns:
        The territories that can be told, or None if the file has no border of a state.
    """
    states = _state_members(path)
    lines, owners = _border_lines(path, states)
    if not lines:
        return None
    whole = _whole_states(states, lines)
    faces = _faces(list(lines.values()), bounds)
    sides = _faces_of_lines(faces, lines)
    candidates = _candidates(faces, sides, owners, whole)
    _settle(candidates, sides, lambda: _votes(path, faces))
    named = [
        (next(iter(names)), face)
        for names, face in zip(candidates, faces, strict=True)
        if len(names) == 1 and _UNKNOWN not in names
    ]
    return Territories(
        (*whole, *(name for name, _ in named)),
        (*whole.values(), *(face for _, face in named)),
    )


def _state_members(path: Path) -> dict[str, set[int]]:
    """The border ways of each state that has a boundary relation in the file."""
    states: dict[str, set[int]] = defaultdict(set)
    processor = osmium.FileProcessor(str(path), RELATION)
    for relation in processor.with_filter(osmium.filter.TagFilter(("admin_level", "2"))):
        get = relation.tags.get
        name = next((get(key) for key in _NAME_KEYS if get(key)), None)
        if get("type") not in ("boundary", "multipolygon") or not name:
            continue
        if get("boundary") == "administrative":
            states[name].update(m.ref for m in relation.members if m.type == "w")
    return states


def _border_lines(
    path: Path, states: dict[str, set[int]]
) -> tuple[dict[int, Any], dict[int, set[str]]]:
    """Line and states of each border way that is whole in the file."""
    owners: dict[int, set[str]] = defaultdict(set)
    for name, ways in states.items():
        for way in ways:
            owners[way].add(name)
    lines: dict[int, Any] = {}
    if not owners:
        return lines, owners
    processor = osmium.FileProcessor(str(path), NODE | WAY).with_locations("flex_mem")
    processor.with_filter(osmium.filter.EntityFilter(WAY))
    for way in processor.with_filter(osmium.filter.IdFilter(list(owners))):
        points = [(n.lon, n.lat) for n in way.nodes if n.location.valid()]
        if len(set(points)) > 1:
            lines[way.id] = shapely.LineString(points)
    return lines, owners


def _whole_states(states: dict[str, set[int]], lines: dict[int, Any]) -> dict[str, Any]:
    """The states whose border is closed within the file."""
    whole = {}
    for name, ways in states.items():
        if not ways or not ways <= lines.keys():
            continue
        parts = shapely.node(shapely.GeometryCollection([lines[way] for way in ways]))
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


def _votes(path: Path, faces: list[Any]) -> list[Counter[str]]:
    """How often addresses in each face name each country."""
    said: list[str] = []
    lon: list[float] = []
    lat: list[float] = []
    processor = osmium.FileProcessor(str(path), NODE)
    for node in processor.with_filter(
        osmium.filter.KeyFilter("addr:country", "is_in:country_code")
    ):
        code = node.tags.get("addr:country") or node.tags.get("is_in:country_code")
        said.append(code.upper())
        lon.append(node.location.lon)
        lat.append(node.location.lat)
    counts = []
    for face in faces:
        inside = shapely.contains_xy(face, np.array(lon), np.array(lat)) if said else []
        counts.append(Counter(said[row] for row in np.flatnonzero(inside)))
    return counts
