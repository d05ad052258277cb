"""From the sightings of a scenario to the sources: where the vehicle can be, from when."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.errors import meant
from stopline.network.place_names import road_label
from stopline.network.snapping import junctions_within, passing_spots
from stopline.sealing.problem import Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from stopline.documents.yaml import KeyPath
    from stopline.network.drive_graph import Vehicle
    from stopline.network.main_part import MainPart
    from stopline.network.point_snapper import PointSnapper
    from stopline.network.road_network import RoadNetwork
    from stopline.scenario.context import ScenarioPart
    from stopline.scenario.schema import SightingForm


_AT_END_M: Final = 1.0  # nearer to its end than this, a point of a road is at the junction


def sources_of(part: ScenarioPart) -> tuple[Source, ...]:
    """Put the places where it was seen on the network: where the plan must take it to be.

    The vehicle was at one of them, nobody knows which, so a plan holds against each. Where a
    sighting is confirmed it was there then, and only the last confirmed place counts: whatever came
    after it is reached from there. Several sources where a place is only roughly known.
    """
    sources: list[Source] = []
    now_s = part.form.now.timestamp()
    gone = {one.retracts for one in part.form.sightings if one.retracts is not None}
    kept = []
    for number, sighting in enumerate(part.form.sightings):
        for key in ("at", "until", "known"):
            _past(part, getattr(sighting, key), ("sightings", number, key))
        if sighting.is_positive and (not sighting.name or sighting.name not in gone):
            kept.append((number, sighting))
    if not kept:
        part.fault(("sightings",), "none of the vehicle itself", "one that says where it was")
    confirmed = [pair for pair in kept if pair[1].confirmed]
    if confirmed:
        kept = [max(confirmed, key=lambda pair: pair[1].at)]
    for number, sighting in kept:
        name = sighting.name or sighting.place or f"sighting {number + 1}"
        time_s = sighting.at.timestamp() - now_s
        found = _sources_of_one(part, sighting, name, time_s, ("sightings", number))
        sources += _also_on_main(part, found, _point_of(part, sighting))
    return tuple(sources)


def _point_of(part: ScenarioPart, sighting: SightingForm) -> tuple[float, float] | None:
    """The point that a sighting names itself."""
    if sighting.lon is not None and sighting.lat is not None:
        return sighting.lon, sighting.lat
    place = part.form.places.get(sighting.place or "")
    return None if place is None else (place.lon, place.lat)


def _also_on_main(
    part: ScenarioPart, found: list[Source], point: tuple[float, float] | None
) -> list[Source]:
    """The sources of one sighting, and one on the main part where they all join nothing."""
    if not found:
        return found
    main = part.points.main(part.vehicle)
    more = beside_island(part.network, main, found, point)
    for source in more:
        nearest = main.nearest(*(point or place_of_source(part.network, found[0])))
        road = road_label(part.network, nearest[0] if nearest else 0)
        part.doubts.note(
            "doubtful",
            "sighting_apart",
            "sightings on a part of the map that joins nothing, which count on the nearest road of "
            "the main part too",
            f"{source.name}, {nearest[2] if nearest else 0:,.0f} m from {road}",
        )
    return [*leaving_closed(part.network, main, found), *more]


def beside_island(
    network: RoadNetwork,
    main: MainPart,
    found: Sequence[Source],
    point: tuple[float, float] | None = None,
    most_m: float = math.inf,
) -> list[Source]:
    """Where the vehicle can be beside an island: at once on the nearest road of the main part.

    Args:
        network: the roads.
        main: the main part for the vehicle.
        found: the sources of one sighting.
        point: longitude and latitude that it names; that of the first source if None.
        most_m: no road farther off than this is taken.

    Returns:
        One source, or none where some of `found` lie on the main part.
    """
    if any(_on_main(main, source) for source in found):
        return []
    nearest = main.nearest(*(point or place_of_source(network, found[0])))
    if nearest is None or nearest[2] > most_m:
        return []
    section, fraction, _ = nearest
    one = found[0]
    ends = network.section_tail[section], network.section_head[section]
    for end, part in zip(ends, (fraction, 1.0 - fraction), strict=True):
        if part * float(network.section_length_m[section]) <= _AT_END_M:
            return [Source(name=one.name, time_s=one.time_s, junction=int(end))]
    return [Source(name=one.name, time_s=one.time_s, section=section, fraction=fraction)]


def leaving_closed(network: RoadNetwork, main: MainPart, found: Sequence[Source]) -> list[Source]:
    """Sources on roads that signs close to the vehicle become ones at their ends: it gets out."""
    made: list[Source] = []
    for source in found:
        if source.section is None or not main.closed[source.section]:
            made.append(source)
            continue
        ends = (network.section_tail[source.section], network.section_head[source.section])
        made += [Source(name=source.name, time_s=source.time_s, junction=int(end)) for end in ends]
    return made


def place_of_source(network: RoadNetwork, source: Source) -> tuple[float, float]:
    """Longitude and latitude of a source."""
    if source.junction is not None:
        at = source.junction
        return float(network.junction_lon[at]), float(network.junction_lat[at])
    line = network.geometry(source.section or 0)
    step = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate(([0.0], np.cumsum(step)))
    at_m = source.fraction * along[-1]
    return float(np.interp(at_m, along, line[:, 0])), float(np.interp(at_m, along, line[:, 1]))


def _on_main(main: MainPart, source: Source) -> bool:
    if source.junction is not None:
        return main.has_junction(source.junction)
    return bool(main.sections[source.section or 0])


def _past(part: ScenarioPart, moment: datetime | None, keys: KeyPath) -> None:
    if moment is not None and moment > part.form.now:
        ahead_s = (moment - part.form.now).total_seconds()
        seen = f"{moment.isoformat()}, {ahead_s:.0f} s in the future"
        part.fault(keys, seen, f"a time up to now, {part.form.now.isoformat()}")


def _sources_of_one(
    part: ScenarioPart, sighting: SightingForm, name: str, time_s: float, keys: KeyPath
) -> list[Source]:
    junction, section = sighting.junction, sighting.section
    if sighting.camera is not None:
        section = sighting.camera
    if junction is not None and part.has_junction(junction, (*keys, "junction")):
        return [Source(name=name, time_s=time_s, junction=junction)]
    if section is not None and part.has_section(
        section, (*keys, "section" if sighting.camera is None else "camera")
    ):
        fraction = 0.5 if sighting.fraction is None else sighting.fraction
        return [Source(name=name, time_s=time_s, section=section, fraction=fraction)]
    circle = _circle(part, sighting, keys)
    return [] if circle is None else _sources_around(part, circle, name, time_s, keys)


def _circle(
    part: ScenarioPart, sighting: SightingForm, keys: KeyPath
) -> tuple[float, float, float] | None:
    """Longitude, latitude and radius (0 for a point) of a sighting that names a point or place."""
    lon, lat, radius_m = sighting.lon, sighting.lat, sighting.radius_m
    if sighting.place is not None:
        place = part.form.places.get(sighting.place)
        if place is None:
            part.fault((*keys, "place"), sighting.place, places_known(part, sighting.place))
            return None
        lon, lat, radius_m = place.lon, place.lat, radius_m or place.radius_m
    return None if lon is None or lat is None else (lon, lat, radius_m or 0.0)


def _sources_around(
    part: ScenarioPart, circle: tuple[float, float, float], name: str, time_s: float, keys: KeyPath
) -> list[Source]:
    most_m = max(part.form.rules.max_snap_m, circle[2])
    found = sources_around(part.network, part.points, circle, name, time_s, most_m)
    if not found:
        lon, lat, _ = circle
        (point,) = part.points.snap([(lon, lat)])
        seen = part.points.too_far(lon, lat, point.distance_m)
        part.fault(keys, seen, f"a place within {most_m:g} m of a road")
    return found


def sources_around(
    network: RoadNetwork,
    points: PointSnapper,
    circle: tuple[float, float, float],
    name: str,
    time_s: float,
    most_m: float,
    vehicle: Vehicle | None = None,
) -> list[Source]:
    """Put a circle (longitude, latitude, radius in metres; 0 for a point) on the network.

    Args:
        network: the roads.
        points: puts points on them.
        circle: where it was.
        name: of the sources.
        time_s: when, seconds after "now".
        most_m: no road farther off than this is taken.
        vehicle: how it drives; if given, a place on a part of the map that joins nothing counts
            on the nearest road of the main part too.

    Returns:
        All junctions within, and where roads without one pass through; where there is neither, the
        nearest point of a road; none if that is too far.
    """
    found = _around(network, points, circle, name, time_s, most_m)
    if vehicle is None or not found:
        return found
    main = points.main(vehicle)
    return [
        *leaving_closed(network, main, found),
        *beside_island(network, main, found, circle[:2], most_m),
    ]


def _around(
    network: RoadNetwork,
    points: PointSnapper,
    circle: tuple[float, float, float],
    name: str,
    time_s: float,
    most_m: float,
) -> list[Source]:
    lon, lat, radius_m = circle
    if radius_m:
        within = junctions_within(network, lon, lat, radius_m)
        found = [Source(name=name, time_s=time_s, junction=int(j)) for j in within]
        found += [
            Source(name=name, time_s=time_s, section=section, fraction=fraction)
            for section, fraction in passing_spots(network, lon, lat, radius_m)
        ]
        if found:
            return found
    (point,) = points.snap([(lon, lat)])
    if point.distance_m > most_m:
        return []
    return [Source(name=name, time_s=time_s, section=point.section, fraction=point.fraction)]


def places_known(part: ScenarioPart, given: str) -> str:
    """Say which names of places may be used, and which of them a mistyped one may mean."""
    known = ", ".join(part.form.places) or "(none are given)"
    return f"a name under places: {known}{meant(given, part.form.places).rstrip('.')}"
