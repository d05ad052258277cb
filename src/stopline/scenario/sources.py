"""From the sightings of a scenario to the sources: where the vehicle can be, from when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.network.snapping import junctions_within
from stopline.sealing.problem import Source

if TYPE_CHECKING:
    from datetime import datetime

    from stopline.documents.yaml import KeyPath
    from stopline.network.point_snapper import PointSnapper
    from stopline.network.road_network import RoadNetwork
    from stopline.scenario.context import ScenarioPart
    from stopline.scenario.schema import SightingForm


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
        sources += _sources_of_one(part, sighting, name, time_s, ("sightings", number))
    return tuple(sources)


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
            part.fault((*keys, "place"), sighting.place, places_known(part))
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
) -> list[Source]:
    """Put a circle (longitude, latitude, radius in metres; 0 for a point) on the network.

    Args:
        network: the roads.
        points: puts points on them.
        circle: where it was.
        name: of the sources.
        time_s: when, seconds after "now".
        most_m: no road farther off than this is taken.

    Returns:
        All junctions within; where there is none, the nearest point of a road; none if that is
        too far.
    """
    lon, lat, radius_m = circle
    within = junctions_within(network, lon, lat, radius_m) if radius_m else None
    if within is not None and within.size:
        return [Source(name=name, time_s=time_s, junction=int(j)) for j in within]
    (point,) = points.snap([(lon, lat)])
    if point.distance_m > most_m:
        return []
    return [Source(name=name, time_s=time_s, section=point.section, fraction=point.fraction)]


def places_known(part: ScenarioPart) -> str:
    """Say which names of places may be used."""
    return f"a name under places: {', '.join(part.form.places) or '(none are given)'}"
