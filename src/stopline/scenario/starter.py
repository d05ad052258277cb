"""A scenario from three facts: a map, a place and units. It is written as a file to go on with."""

from __future__ import annotations

import difflib
import math
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.errors import BadInput, FaultList
from stopline.forces.reading import read_units, sides_in_file
from stopline.forces.side import Side
from stopline.network.geodesy import distance_m
from stopline.network.point_snapper import PointSnapper
from stopline.network.reading import kind_of, read_network
from stopline.network.road_network import NO_TERRITORY
from stopline.scenario.file_ids import numbers_of
from stopline.scenario.unit_spelling import check_spelling

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from stopline.network.readers.osm_places import Settlement
    from stopline.network.road_network import RoadNetwork

_FARTHEST_M = 15_000.0
_SHARES = (0.8, 0.6, 0.5, 0.7, 0.4, 0.9, 0.3)  # of the junctions that the circle may hold
_NEAR_M = 2_000.0
_MOST_NAMED = 8
_MOST_PLACES = 40
_SMALLEST = 4  # hamlets, of the ranks of places
_SNAP_M = 2_000.0  # how far units may be from a road where the scenario does not say
_FARTHEST_SNAP_M = 10_000.0
_HALF_ROUND = 180.0
_PAIR = re.compile(r"\s*([+-]?\d+[.,]?\d*)(?:\s*[,;]\s+|\s+|;|,)([+-]?\d+[.,]?\d*)\s*")


@dataclass(frozen=True, slots=True)
class _Spot:
    name: str
    lon: float
    lat: float


def starter_text(
    network_path: Path,
    place: str,
    units: Path,
    *,
    at: Path,
    now: datetime,
    as_spelt: Sequence[str] = (),
) -> str:
    """Write a scenario that plans at once, with a word on each choice.

    Args:
        network_path: the map.
        place: where the vehicle was: `LON,LAT`, the name of a town or road of the map, or `node ID`
            of its file.
        units: the CSV or GeoJSON of units.
        at: where the file will lie, so that its paths lead from there.
        now: the moment, with zone.
        as_spelt: sides and services that are right though they look like another.

    Raises:
        BadInput: the map or the place is none, or a side or service looks mistyped.
    """
    for path in (network_path, units):
        if not path.exists():
            raise BadInput.single(str(path), "no such file", "a file that exists")
    faults = FaultList()
    check_spelling(units, as_spelt, faults)
    faults.raise_if_any()
    network = read_network(network_path)
    towns: tuple[Settlement, ...] = ()
    if kind_of(network_path) == "osm":
        from stopline.network.readers.osm_places import settlements  # noqa: PLC0415

        towns = settlements(network_path)
    spot = _spot_of(network, place, towns)
    exits, why = _exits_of(network, spot)
    stamp = now.isoformat(timespec="seconds")
    return f"""\
# Written by `stopline scenario new`. Plan it: stopline plan {at.name}
# What each key may hold: docs/formats/scenario.md
name: {_quoted(spot.name)}
network:
  path: {_quoted(_relative(network_path, at))}
# Who acts where. Left out, every side that the units name may act everywhere:
# sides:
#   A: {{territories: all}}
now: {stamp}   # all times are before this moment
# zone: Europe/Vaduz   # the zone of its clocks, so that times follow summer and winter time
places:   # roads are told by the nearest of these
{_places(spot, towns)}
sightings:
  - {{at: {stamp}, place: {_quoted(spot.name)}}}
exits:
  # {why}
  - {exits}
units: {_quoted(_relative(units, at))}
rules:
  margin_s: 30   # a road is closed this long before the vehicle can be there
  setup_s: 60    # time that closing takes on the spot
{_snapping(network, units)}"""


def _places(spot: _Spot, towns: Sequence[Settlement]) -> str:
    """The place where it was seen, and the larger of the map's own, each name once."""
    named = {spot.name: (spot.lon, spot.lat)}
    for town in towns:
        if town.rank <= _SMALLEST and len(named) < _MOST_PLACES:
            named.setdefault(town.name, (town.lon, town.lat))
    return "\n".join(
        f"  {_quoted(name)}: {{lon: {lon:.6f}, lat: {lat:.6f}}}"
        for name, (lon, lat) in named.items()
    )


def _snapping(network: RoadNetwork, units: Path) -> str:
    """Let units stand as far from a road as they do, where the map has its main roads alone."""
    sides = {name: Side(id=name, territories=()) for name in sides_in_file(units)}
    try:
        placed = [(unit.lon, unit.lat) for unit in read_units(units, sides)]
    except BadInput:
        return ""  # the loader says what is wrong with the units
    far_m = max((one.distance_m for one in PointSnapper(network).snap(placed)), default=0.0)
    if not _SNAP_M < far_m <= _FARTHEST_SNAP_M:
        return ""
    most_m = math.ceil(far_m / 1000) * 1000
    return f"  max_snap_m: {most_m}   # the farthest unit is {far_m / 1000:.1f} km from a road\n"


def _spot_of(network: RoadNetwork, place: str, towns: Sequence[Settlement]) -> _Spot:
    text = " ".join(place.split())
    pair = _pair_of(text)
    if pair is not None:
        return _point(network, text, *pair)
    word, _, number = text.partition(" ")
    if word == "node":
        found = numbers_of(network, word, number)
        if found:
            return _Spot(text, *_position(network, found[0]))
        if number.strip().lstrip("-").isdigit():
            some = ", ".join(network.junction_id[:: max(1, network.junctions // 3)][:3].astype(str))
            expected = f"the id of a node that the map's file has, such as {some}"
            raise BadInput.single("--place", text, expected)
    for town in towns:
        if town.name.casefold() == text.casefold():
            return _Spot(town.name, town.lon, town.lat)
    return _road(network, text, towns)


def _pair_of(text: str) -> tuple[float, float] | None:
    """Two numbers as people write them: `9.52,47.14`, `9.52 47.14`, `9,52 47,14`."""
    found = _PAIR.fullmatch(text)
    if found is None:
        return None
    lon, lat = (float(part.replace(",", ".")) for part in found.groups())
    return lon, lat


def _point(network: RoadNetwork, text: str, lon: float, lat: float) -> _Spot:
    if abs(lon) > _HALF_ROUND or abs(lat) > _HALF_ROUND:
        expected = "LON,LAT in degrees; these look like metres of a projected map"
        raise BadInput.single("--place", text, expected)
    points = PointSnapper(network)
    (near,) = points.snap([(lon, lat)])
    if near.distance_m <= _NEAR_M:
        return _Spot("last seen", lon, lat)
    seen = points.too_far(lon, lat, near.distance_m)
    expected = f"LON,LAT within {_NEAR_M:g} m of a road of the map"
    if points.swapped(lon, lat, near.distance_m):
        expected += f"; do you mean {lat:g},{lon:g}?"
    raise BadInput.single("--place", f"{text}: {seen}", expected)


def _road(network: RoadNetwork, text: str, towns: Sequence[Settlement]) -> _Spot:
    names = {name.casefold(): number for number, name in enumerate(network.names) if name}
    number = names.get(text.casefold())
    if number is None:
        every = {**{one.name.casefold(): one.name for one in towns},
                 **{key: network.names[number] for key, number in names.items()}}  # fmt: skip
        key = text.casefold()
        known = sorted(every[name] for name in every if text and key in name)[:_MOST_NAMED]
        known = known or [every[name] for name in difflib.get_close_matches(key, every, n=3)]
        hint = f"; near to it: {', '.join(known)}" if known else ""
        kinds = "a town or road" if towns else "a road"
        expected = f"LON,LAT, node ID, or the name of {kinds} of the map{hint}"
        raise BadInput.single("--place", text or "nothing", expected)
    sections = np.flatnonzero(network.section_name == number)
    middle = network.geometry(int(sections[sections.size // 2])).mean(axis=0)
    return _Spot(network.names[number], float(middle[0]), float(middle[1]))


def _exits_of(network: RoadNetwork, spot: _Spot) -> tuple[str, str]:
    """The crossings of the territory if the map has borders, else a circle well inside the map."""
    (near,) = PointSnapper(network).snap([(spot.lon, spot.lat)])
    code = int(network.junction_territory[network.section_tail[near.section]])
    used = np.unique(network.junction_territory[network.junction_territory != NO_TERRITORY])
    radius_m = _radius_m(network, spot, near.section)
    circle = f"beyond: {{lon: {spot.lon:.6f}, lat: {spot.lat:.6f}, radius_m: {radius_m:.0f}}}"
    if code != NO_TERRITORY and used.size > 1:
        name = network.territories[code]
        return circle, (
            f"Every road out of the circle. For the borders of {name}: name the sides above, then "
            f"crossings_of: {name}"
        )
    return circle, "Every road out of the circle: the vehicle must not get beyond it."


def _radius_m(network: RoadNetwork, spot: _Spot, section: int) -> float:
    """A circle that has the vehicle's road well inside and roads that leave it.

    Raises:
        BadInput: the map has no such circle around the place.
    """
    far_m = distance_m(network.junction_lon, network.junction_lat, spot.lon, spot.lat)
    tail, head = network.section_tail, network.section_head
    own_m = max(far_m[tail[section]], far_m[head[section]])
    for share in _SHARES:
        radius_m = float(np.ceil(min(_FARTHEST_M, np.quantile(far_m, share))))
        inside = far_m <= radius_m
        if own_m < radius_m and (inside[tail] != inside[head]).any():
            return radius_m
    raise BadInput.single("--place", spot.name, "a place with roads around it, inside the map")


def _position(network: RoadNetwork, junction: int) -> tuple[float, float]:
    return float(network.junction_lon[junction]), float(network.junction_lat[junction])


def _relative(path: Path, at: Path) -> str:
    return os.path.relpath(path.resolve(), at.resolve().parent).replace(os.sep, "/")


def _quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{plain}"'
