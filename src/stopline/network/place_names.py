"""What a road is called where it has no name: by its class, its number, and the roads it meets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from stopline.network.road_network import RoadNetwork


def road_label(network: RoadNetwork, section: int) -> str:
    """The road's name, or its class and the named road that it meets."""
    name = network.name_of(section)
    if name:
        return name
    kind = network.class_of(section).replace("_", " ")
    meets = crossing_road(network, section)
    return f"{kind} at {meets}" if meets else f"{kind} {section}"


def crossing_road(network: RoadNetwork, section: int) -> str:
    """Name of the widest named road that meets a section at either end; empty if there is none."""
    own = network.name_of(section)
    around: list[int] = []
    for end in (int(network.section_tail[section]), int(network.section_head[section])):
        first, last = int(network.first_out[end]), int(network.first_out[end + 1])
        around += network.arc_section[first:last].tolist()
    named = [s for s in dict.fromkeys(around) if network.name_of(s) not in ("", own)]
    if not named:
        return ""
    widest = min(named, key=lambda s: (int(network.section_class[s]), network.name_of(s)))
    return network.name_of(widest)


def compass(from_lon: float, from_lat: float, to_lon: float, to_lat: float) -> str:
    """The direction from one point to another, in words: north, north-east, and so on."""
    east = (to_lon - from_lon) * np.cos(np.radians((from_lat + to_lat) / 2))
    north = to_lat - from_lat
    turn = int(np.round(np.degrees(np.arctan2(east, north)) / 45.0)) % 8
    return (
        "north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west",
    )[turn]  # fmt: skip
