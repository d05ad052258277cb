"""From the sightings of a scenario to the sources: where the vehicle can be, from when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.network.snapping import junctions_within
from stopline.sealing.problem import Source

if TYPE_CHECKING:
    from stopline.operation.bounded_yaml import KeyPath
    from stopline.operation.scenario_form import SightingForm
    from stopline.operation.scenario_part import ScenarioPart


def sources_of(part: ScenarioPart) -> tuple[Source, ...]:
    """Put every sighting on the network; several sources where its place is only roughly known."""
    sources: list[Source] = []
    now_s = part.form.now.timestamp()
    for number, sighting in enumerate(part.form.sightings):
        keys: KeyPath = ("sightings", number)
        time_s = sighting.at.timestamp() - now_s
        if time_s > 0:
            seen = f"{sighting.at.isoformat()}, {time_s:.0f} s in the future"
            part.fault((*keys, "at"), seen, f"a time up to now, {part.form.now.isoformat()}")
        name = sighting.name or sighting.place or f"sighting {number + 1}"
        sources += _sources_of_one(part, sighting, name, time_s, keys)
    return tuple(sources)


def _sources_of_one(
    part: ScenarioPart, sighting: SightingForm, name: str, time_s: float, keys: KeyPath
) -> list[Source]:
    junction, section = sighting.junction, sighting.section
    if junction is not None and part.has_junction(junction, (*keys, "junction")):
        return [Source(name=name, time_s=time_s, junction=junction)]
    if section is not None and part.has_section(section, (*keys, "section")):
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
    lon, lat, radius_m = circle
    within = junctions_within(part.network, lon, lat, radius_m) if radius_m else None
    if within is not None and within.size:
        return [Source(name=name, time_s=time_s, junction=int(j)) for j in within]
    (point,) = part.points.snap([(lon, lat)])
    most_m = max(part.form.rules.max_snap_m, radius_m)
    if point.distance_m > most_m:
        seen = part.points.too_far(lon, lat, point.distance_m)
        part.fault(keys, seen, f"a place within {most_m:g} m of a road")
        return []
    return [Source(name=name, time_s=time_s, section=point.section, fraction=point.fraction)]


def places_known(part: ScenarioPart) -> str:
    """Say which names of places may be used."""
    return f"a name under places: {', '.join(part.form.places) or '(none are given)'}"
