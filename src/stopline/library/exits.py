"""Exits: roads that leave a circle or a territory, and whether exits that were given are right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from stopline.errors import FaultList
from stopline.library.given import (
    A_NETWORK,
    check_position,
    choice,
    expect,
    fields_are_right,
    is_number,
    listed,
    shown,
)
from stopline.network.place_names import section_id, section_name
from stopline.network.road_network import NO_TERRITORY, RoadNetwork
from stopline.network.snapping import junctions_within
from stopline.sealing.plan import SiteKind
from stopline.sealing.problem import Exit

_AN_EXIT: Final = "sl.Exit, as sl.exits_beyond or sl.exits_from give"
_KILOMETRE: Final = 1000.0


def exits_beyond(
    network: RoadNetwork, lon: float, lat: float, radius_m: float, *, name: str = ""
) -> tuple[Exit, ...]:
    """Every road that leaves a circle; ends of the map inside it are exits, too.

    Raises:
        BadInput: no road leaves the circle, or its centre is far from every road.
    """
    expect(network, RoadNetwork, "network", A_NETWORK)
    faults = FaultList()
    if is_number(radius_m, "radius_m", faults, what="metres") and radius_m <= 0:
        faults.add("radius_m", str(radius_m), "metres above 0, for example 5000")
    check_position(faults, "lon, lat", lon, lat)
    faults.raise_if_any()
    inside = np.zeros(network.junctions, dtype=bool)
    inside[junctions_within(network, lon, lat, radius_m)] = True
    if not inside.any():
        faults.add("circle", f"no junction within {radius_m:g} m of {lon:g}, {lat:g}",
                   _no_roads(network, lon, lat, radius_m))  # fmt: skip
    exits = _exits_across(network, inside, name)
    if inside.any() and not exits:
        faults.add("circle", "a circle that no road leaves", "a smaller radius")
    faults.raise_if_any()
    return exits


def _no_roads(network: RoadNetwork, lon: float, lat: float, radius_m: float) -> str:
    """What to give in place of a circle without a junction."""
    if junctions_within(network, lon, lat, radius_m * _KILOMETRE).size:
        metres = f"{radius_m * _KILOMETRE:g}"
        return f"a larger circle; radius_m is in metres, and {radius_m:g} km would be {metres}"
    return "a circle with roads; are lon and lat swapped?"


def exits_from(network: RoadNetwork, territory: str) -> tuple[Exit, ...]:
    """Every road that leaves a territory of the network.

    Raises:
        BadInput: there is no such territory, or no road leaves it.
    """
    expect(network, RoadNetwork, "network", A_NETWORK)
    faults = FaultList()
    code = network.territory_index(territory)
    if code == NO_TERRITORY:
        faults.add(
            "territory", str(territory), f"one of {', '.join(network.territories) or 'none'}"
        )
        faults.raise_if_any()
    exits = _exits_across(network, network.junction_territory == code, "")
    if not exits:
        faults.add("territory", f"no road that leaves {territory}", "one with crossings")
    faults.raise_if_any()
    return exits


def checked_exits(
    network: RoadNetwork, exits: object, where: str, faults: FaultList
) -> tuple[Exit, ...]:
    """The exits that are right; a fault for every other one."""
    kept: list[Exit] = []
    first: dict[tuple[SiteKind, int], int] = {}
    for number, one in enumerate(listed(exits, Exit, where, _AN_EXIT, faults)):
        at, before = f"{where}[{number}]", len(faults)
        if not fields_are_right(one, at, faults):
            continue
        if not choice(one.kind, SiteKind):
            faults.add(f"{at}: kind", shown(one.kind), f"one of {', '.join(SiteKind)}")
            continue
        most = network.junctions if one.kind == SiteKind.JUNCTION else network.sections
        if not 0 <= one.index < most:
            faults.add(at, f"{one.kind} {one.index}", f"a number from 0 to {most - 1}")
        if one.weight <= 0:
            faults.add(f"{at}: weight", str(one.weight), "a number above 0")
        if not one.name.strip():
            faults.add(f"{at}: name", "no name", "what people call it")
        place = SiteKind(one.kind), int(one.index)
        if first.setdefault(place, number) != number:
            faults.add(at, f"{one.name}, as {where}[{first[place]}] is", "each place once")
        if len(faults) == before:
            kept.append(replace(one, kind=place[0], index=place[1]))
    return tuple(kept)


def _exits_across(
    network: RoadNetwork, inside: np.ndarray[Any, np.dtype[np.bool_]], name: str
) -> tuple[Exit, ...]:
    """Sections with one end inside, each under a name of its own."""
    tail, head = network.section_tail, network.section_head
    exits, taken = [], set()
    for number in np.flatnonzero(inside[tail] != inside[head]).tolist():
        road = section_name(network, number)
        text = f"{name}: {road}" if name else road
        if text in taken:
            text = f"{text}, {section_id(network, number)}"
        taken.add(text)
        exits.append(Exit(name=text, kind=SiteKind.SECTION, index=number))
    return tuple(exits)
