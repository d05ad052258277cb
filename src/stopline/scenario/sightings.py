"""From the sightings of a scenario to those of the belief, and where it may be heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.belief.motion import Destination
from stopline.belief.sightings import (
    CameraHit,
    Heading,
    Retraction,
    Sighting,
    Silence,
    Witness,
    check_sightings,
)
from stopline.errors import BadInput
from stopline.network.snapping import junctions_within
from stopline.scenario.sources import places_known
from stopline.sealing.plan import SiteKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork
    from stopline.scenario.context import ScenarioPart
    from stopline.scenario.schema import SightingForm
    from stopline.sealing.problem import Exit

_POINT_M = 100.0  # how exact a place without a radius is meant
_TOWN_M = 3000.0


def sightings_of(part: ScenarioPart, destinations: Sequence[Destination]) -> tuple[Sighting, ...]:
    """Make the sightings; faults are noted with the file's keys where the form cannot see them."""
    found = []
    for number, form in enumerate(part.form.sightings):
        one = _sighting(part, form, form.name or f"sighting {number + 1}", number)
        if one is not None:
            found.append(one)
    try:
        check_sightings(
            found,
            now_s=part.form.now.timestamp(),
            sections=part.network.sections,
            destinations=[one.name for one in destinations],
        )
    except BadInput as error:
        part.faults.extend(error.faults)
    return tuple(found)


def destinations_of(
    part: ScenarioPart, exits: Sequence[Exit], arrival_s: NDArray[np.float64]
) -> tuple[Destination, ...]:
    """The exits, the places that the file names as destinations, and those of hearsay.

    `arrival_s` is float64[n], the earliest time at each junction.
    """
    network = part.network
    found = {one.name: one for one in exit_destinations(network, exits, arrival_s)}
    wanted = {one.place: one.prior for one in part.form.belief.destinations}
    for form in part.form.sightings:
        if form.heading is not None and form.heading not in found:
            wanted.setdefault(form.heading, 1.0)
    for number, (name, prior) in enumerate(wanted.items()):
        place = part.form.places.get(name)
        if place is None:
            part.fault(("belief", "destinations", number), name, places_known(part, name))
            continue
        nodes = junctions_within(network, place.lon, place.lat, place.radius_m or _TOWN_M)
        if not nodes.size:
            (point,) = part.points.snap([(place.lon, place.lat)])
            nodes = network.section_tail[[point.section]]
        found[name] = Destination(
            name=name, nodes=tuple(int(node) for node in nodes), prior=prior, is_exit=False
        )
    return tuple(found.values())


def exit_destinations(
    network: RoadNetwork, exits: Sequence[Exit], arrival_s: NDArray[np.float64]
) -> list[Destination]:
    """Exits as destinations, each under a name of its own.

    A section is an exit when it has been driven to its other end: the one that is reached later.
    """
    found: dict[str, Destination] = {}
    for number, one in enumerate(exits):
        if one.kind == SiteKind.SECTION:
            ends = [int(network.section_tail[one.index]), int(network.section_head[one.index])]
            node = max(ends, key=lambda end: float(arrival_s[end]))
        else:
            node = one.index
        name, again = one.name, 2
        while name in found:
            name, again = f"{one.name} ({again})", again + 1
        found[name] = Destination(name=name, nodes=(node,), prior=one.weight, exit=number)
    return list(found.values())


def _sighting(  # noqa: PLR0911  (one for each kind)
    part: ScenarioPart, form: SightingForm, name: str, number: int
) -> Sighting | None:
    at_s = form.at.timestamp()
    until_s = at_s if form.until is None else form.until.timestamp()
    known_s = until_s if form.known is None else form.known.timestamp()
    source = form.source or "not named"
    if form.retracts is not None:
        return Retraction(id=name, source=source, known_s=known_s, of=form.retracts)
    reliability, credibility = form.grade[0], int(form.grade[1])
    if form.heading is not None:
        return Heading(
            id=name, source=source, known_s=known_s, destination=form.heading, at_s=at_s,
            reliability=reliability, credibility=credibility,
        )  # fmt: skip
    if form.silent is not None:
        if not part.has_section(form.silent, ("sightings", number, "silent")):
            return None
        return Silence(
            id=name, source=source, known_s=known_s, section=form.silent, from_s=at_s,
            until_s=until_s, forward=form.forward, detection=form.detection, visible=form.visible,
        )  # fmt: skip
    if form.camera is not None:
        if form.camera >= part.network.sections:
            return None  # noted with the sources
        return CameraHit(
            id=name, source=source, known_s=known_s, section=form.camera, forward=form.forward,
            at_s=at_s, confidence=form.confidence,
        )  # fmt: skip
    where = _where(part, form)
    if where is None:
        return None
    lon, lat, radius_m = where
    return Witness(
        id=name, source=source, known_s=known_s, lon=lon, lat=lat, radius_m=radius_m, from_s=at_s,
        until_s=until_s, heading_deg=form.heading_deg, reliability=reliability,
        credibility=credibility,
    )  # fmt: skip


def _where(  # noqa: PLR0911  (one for each way to say where)
    part: ScenarioPart, form: SightingForm
) -> tuple[float, float, float] | None:
    """Longitude, latitude and radius; None where the place is noted as a fault elsewhere."""
    network = part.network
    if form.junction is not None:
        if form.junction >= network.junctions:
            return None
        here = form.junction
        return float(network.junction_lon[here]), float(network.junction_lat[here]), _POINT_M
    if form.section is not None:
        if form.section >= network.sections:
            return None
        tail, head = (
            int(network.section_tail[form.section]),
            int(network.section_head[form.section]),
        )
        share = 0.5 if form.fraction is None else form.fraction
        lon = network.junction_lon[tail] * (1 - share) + network.junction_lon[head] * share
        lat = network.junction_lat[tail] * (1 - share) + network.junction_lat[head] * share
        return float(lon), float(lat), _POINT_M
    if form.place is not None:
        place = part.form.places.get(form.place)
        if place is None:
            return None
        return place.lon, place.lat, form.radius_m or place.radius_m or _POINT_M
    if form.lon is None or form.lat is None:
        return None
    return form.lon, form.lat, form.radius_m or _POINT_M
