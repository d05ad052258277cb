"""A scenario from three facts: a map, a place and units. It is written as a file to go on with."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.errors import BadInput
from stopline.network.geodesy import distance_m
from stopline.network.point_snapper import PointSnapper
from stopline.network.reading import read_network
from stopline.network.road_network import NO_TERRITORY

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from stopline.network.road_network import RoadNetwork

_FARTHEST_M = 15_000.0
_SHARES = (0.8, 0.6, 0.5, 0.7, 0.4, 0.9, 0.3)  # of the junctions that the circle may hold
_NEAR_M = 2_000.0
_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class _Spot:
    name: str
    lon: float
    lat: float


def starter_text(network_path: Path, place: str, units: Path, *, at: Path, now: datetime) -> str:
    """Write a scenario that plans at once, with a word on each choice.

    Args:
        network_path: the map.
        place: where the vehicle was: `LON,LAT`, the name of a road, or `node ID` of the map's file.
        units: the CSV or GeoJSON of units.
        at: where the file will lie, so that its paths lead from there.
        now: the moment, with zone.

    Raises:
        BadInput: the map or the place is none.
    """
    for path in (network_path, units):
        if not path.exists():
            raise BadInput.single(str(path), "no such file", "a file that exists")
    network = read_network(network_path)
    spot = _spot_of(network, place)
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
places:
  {_quoted(spot.name)}: {{lon: {spot.lon:.6f}, lat: {spot.lat:.6f}}}
sightings:
  - {{at: {stamp}, place: {_quoted(spot.name)}}}
exits:
  # {why}
  - {exits}
units: {_quoted(_relative(units, at))}
rules:
  margin_s: 30   # a road is closed this long before the vehicle can be there
  setup_s: 60    # time that closing takes on the spot
"""


def _spot_of(network: RoadNetwork, place: str) -> _Spot:
    text = place.strip()
    parts = text.split(",")
    if len(parts) == 2 and all(_is_number(part) for part in parts):  # noqa: PLR2004
        lon, lat = (float(part) for part in parts)
        (near,) = PointSnapper(network).snap([(lon, lat)])
        if not near.distance_m <= _NEAR_M:
            seen = PointSnapper(network).too_far(lon, lat, near.distance_m)
            raise BadInput.single("--place", f"{text}: {seen}", f"LON,LAT within {_NEAR_M:g} m")
        return _Spot("last seen", lon, lat)
    word, _, number = text.partition(" ")
    if word == "node":
        found = np.flatnonzero(network.junction_id.astype(str) == number.strip())
        if found.size:
            return _Spot(text, *_position(network, int(found[0])))
    return _road(network, text)


def _road(network: RoadNetwork, text: str) -> _Spot:
    names = {name.casefold(): number for number, name in enumerate(network.names) if name}
    number = names.get(text.casefold())
    if number is None:
        inside = [name for key, name in ((n.casefold(), n) for n in network.names)
                  if text and text.casefold() in key]  # fmt: skip
        known = ", ".join(sorted(inside)[:_MOST_NAMED])
        hint = f"; roads with that in their name: {known}" if known else ""
        expected = f"LON,LAT, node ID, or the name of a road of the map{hint}"
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


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
