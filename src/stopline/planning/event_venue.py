"""The area of an event on the roads: which junctions lie in it, where vehicles begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.geodesy import distance_m
from stopline.network.snapping import section_points
from stopline.sealing.plan import SiteKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.documents.yaml import KeyPath
    from stopline.network.road_network import RoadNetwork
    from stopline.planning.event_schema import VenueForm
    from stopline.scenario.context import ScenarioPart
    from stopline.scenario.schema import CircleForm
    from stopline.sealing.problem import Exit

_CORNERS: Final = 48  # of a circle
_FINE: Final = 21  # points of a section at which it is looked whether it is in the area


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadSpot:
    """A place on a road.

    Attributes:
        name: what people call it.
        section: number of the section.
        fraction: part of the section from its tail.
        where: in the file, for faults.
    """

    name: str
    section: int
    fraction: float
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """Where an event is.

    Attributes:
        junctions: int32[v], where vehicles begin: those within, and the ends of roads that pass
            through or have a gate.
        outline: float64[m, 2], (lon, lat) of its outline; empty for gates alone.
        centre: (lon, lat) of its middle, and the metres to its farthest corner.
    """

    junctions: NDArray[np.int32]
    outline: NDArray[np.float64]
    centre: tuple[float, float, float]


def venue_of(part: ScenarioPart, form: VenueForm, gates: Sequence[tuple[int, float]]) -> Venue:
    """Put a venue on the network; none of its roads there is a fault."""
    network = part.network
    outline = np.empty((0, 2))
    junctions = np.empty(0, dtype=np.int32)
    centre = (0.0, 0.0, 0.0)
    if form.polygon is not None or form.circle is not None:
        outline, junctions, centre = area_of(
            part, form.polygon, form.circle, ("venue",), needs_road=not gates
        )
    if gates:
        sections = [section for section, _ in gates]
        ends = np.concatenate((network.section_tail[sections], network.section_head[sections]))
        junctions = np.union1d(junctions, ends).astype(np.int32)
        if not outline.size:
            points = np.array([point_on(part, section, at) for section, at in gates])
            centre = _centre(points)
    return Venue(junctions=junctions, outline=outline, centre=centre)


def area_of(
    part: ScenarioPart,
    polygon: list[list[float]] | None,
    circle: CircleForm | None,
    keys: KeyPath,
    *,
    needs_road: bool = True,
) -> tuple[NDArray[np.float64], NDArray[np.int32], tuple[float, float, float]]:
    """Outline of an area, the junctions that a vehicle in it comes to first, and its centre."""
    if circle is not None:
        outline = _circle(circle)
        centre = (circle.lon, circle.lat, circle.radius_m)
    else:
        outline = np.array(polygon, dtype=np.float64)
        centre = _centre(outline)
    before = len(part.faults)
    junctions = _junctions(part, outline, keys)
    if junctions.size == 0 and needs_road and len(part.faults) == before:
        (point,) = part.points.snap([centre[:2]])
        seen = part.points.too_far(centre[0], centre[1], point.distance_m)
        part.fault(keys, f"an area without road, {seen}", "an area on the road network")
    return outline, junctions, centre


def _junctions(
    part: ScenarioPart, outline: NDArray[np.float64], keys: KeyPath
) -> NDArray[np.int32]:
    import shapely  # noqa: PLC0415  (slow to import)

    network = part.network
    area = shapely.Polygon(outline)
    if not area.is_valid or area.area <= 0:
        part.fault(keys, "a polygon that crosses itself or has no area", "corners in order")
        return np.empty(0, dtype=np.int32)
    inside = shapely.contains_xy(area, network.junction_lon, network.junction_lat)
    first, lon, lat = section_points(network)
    west, south, east, north = area.bounds
    near = (lon >= west - 0.02) & (lon <= east + 0.02) & (lat >= south - 0.02)
    near &= lat <= north + 0.02
    owner = np.repeat(np.arange(network.sections), np.diff(first))
    candidates = np.unique(owner[near])
    both_out = ~inside[network.section_tail[candidates]] & ~inside[network.section_head[candidates]]
    through = [
        int(section)
        for section in candidates[both_out]
        if area.intersects(shapely.LineString(network.geometry(int(section))))
    ]
    found = inside.copy()
    found[network.section_tail[through]] = True
    found[network.section_head[through]] = True
    return np.flatnonzero(found).astype(np.int32)


def check_venue(part: ScenarioPart, venue: Venue, exits: Sequence[Exit]) -> None:
    """Note a fault if the venue touches an exit."""
    own = set(venue.junctions.tolist())
    network = part.network
    for one in exits:
        if one.kind is SiteKind.JUNCTION:
            touches = one.index in own
        else:
            ends = {int(network.section_tail[one.index]), int(network.section_head[one.index])}
            touches = ends <= own
        if touches:
            part.fault(("venue",), f"an area that touches the exit {one.name}",
                       "a venue with roads between it and every exit")  # fmt: skip
            return


def starts_outside(venue: Venue, network: RoadNetwork) -> tuple[int, float]:
    """How many junctions where vehicles begin lie outside the outline, and how far from its middle.

    They are ends of roads that pass through it without a junction there.
    """
    if not venue.outline.size:
        return 0, 0.0
    import shapely  # noqa: PLC0415  (slow to import)

    lon, lat = network.junction_lon[venue.junctions], network.junction_lat[venue.junctions]
    outside = ~shapely.contains_xy(shapely.Polygon(venue.outline), lon, lat)
    away_m = distance_m(lon[outside], lat[outside], *venue.centre[:2])
    return int(outside.sum()), float(np.max(away_m, initial=0.0))


def point_on(part: ScenarioPart, section: int, fraction: float) -> tuple[float, float]:
    """Longitude and latitude of a point on a section."""
    return point_along(part.network.geometry(section), fraction)


def point_along(line: NDArray[np.float64], fraction: float) -> tuple[float, float]:
    """Point at a fraction of the length of a line of (lon, lat)."""
    step = distance_m(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1])
    done = np.concatenate(([0.0], np.cumsum(step)))
    at = fraction * done[-1]
    return float(np.interp(at, done, line[:, 0])), float(np.interp(at, done, line[:, 1]))


def outside_part(
    line: NDArray[np.float64], outline: NDArray[np.float64], begin: float, end: float
) -> tuple[float, float]:
    """The longest piece of a part of a section that lies outside an area; all, if none does."""
    if not outline.size:
        return begin, end
    import shapely  # noqa: PLC0415  (slow to import)

    parts = np.linspace(begin, end, _FINE)
    points = np.array([point_along(line, float(part)) for part in parts])
    outside = ~shapely.contains_xy(shapely.Polygon(outline), points[:, 0], points[:, 1])
    if outside.all() or not outside.any():
        return begin, end
    edges = np.flatnonzero(np.diff(np.concatenate(([False], outside, [False])).astype(int)))
    runs = edges.reshape(-1, 2)
    first, last = runs[np.argmax(runs[:, 1] - runs[:, 0])]
    return float(parts[first]), float(parts[last - 1])


def _circle(circle: CircleForm) -> NDArray[np.float64]:
    angle = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    high = circle.radius_m / 111_195.0
    wide = high / max(float(np.cos(np.radians(circle.lat))), 1e-6)
    return np.column_stack((circle.lon + wide * np.cos(angle), circle.lat + high * np.sin(angle)))


def _centre(points: NDArray[np.float64]) -> tuple[float, float, float]:
    low, high = points.min(axis=0), points.max(axis=0)
    lon, lat = (low + high) / 2
    away = distance_m(points[:, 0], points[:, 1], float(lon), float(lat))
    return float(lon), float(lat), float(np.max(away))
