"""What a road without a name is called: by its class, its id in the file, the roads it meets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.reading import is_osm
from stopline.network.road_network import NO_ID

if TYPE_CHECKING:
    from stopline.network.road_network import RoadNetwork

_FILE_ID: Final = re.compile(r"(?:section|junction|link|way|node) -?\d+(?:/\d+)?")


def section_id(network: RoadNetwork, section: int) -> str:
    """A section by the id of the network's own file, as a scenario takes it: `link 7`, `way 12/3`.

    Of a way that is cut into several sections it is told which; a file without ids of its own has
    the number that Stopline gives: `section 5`.
    """
    own = int(network.section_id[section])
    if own >= NO_ID:
        return f"section {section}"
    word = "way" if is_osm(network.source) else "link"
    same = np.flatnonzero(network.section_id == own)
    part = f"/{int(np.searchsorted(same, section)) + 1}" if same.shape[0] > 1 else ""
    return f"{word} {own}{part}"


def junction_id(network: RoadNetwork, junction: int) -> str:
    """A junction by the id of the network's own file: `node 32`; else `junction 5`."""
    own = int(network.junction_id[junction])
    return f"junction {junction}" if own >= NO_ID else f"node {own}"


def site_id(network: RoadNetwork, site: str) -> str:
    """A site as both nodes name it, `section 7`, by the id of the file: `way 12/3`.

    What the network does not have, or is no such name, stays as it is.
    """
    kind, _, number = site.partition(" ")
    if not number.isdecimal():
        return site
    if kind == "section" and int(number) < network.sections:
        return section_id(network, int(number))
    if kind == "junction" and int(number) < network.junctions:
        return junction_id(network, int(number))
    return site


def is_file_id(name: str) -> bool:
    """Whether a name is none, but what `section_id` or `junction_id` gives."""
    return _FILE_ID.fullmatch(name) is not None


def road_text(name: str, road_class: str, meets: str = "") -> str:
    """A road so that it can be read out: its name, or its class with its id and what it meets.

    Args:
        name: of the road, or what `section_id` or `junction_id` gives.
        road_class: its class.
        meets: a named road that it meets; empty for none.
    """
    if not is_file_id(name):
        return name
    at_junction = name.startswith(("node ", "junction "))
    road = name if at_junction else f"{road_class.replace('_', ' ')} ({name})"
    return f"{road} at {meets}" if meets else road


def section_name(network: RoadNetwork, section: int) -> str:
    """The road's name, or its class with its id: `trunk (link 7)`."""
    kind = network.class_of(section).replace("_", " ")
    return network.name_of(section) or f"{kind} ({section_id(network, section)})"


def road_label(network: RoadNetwork, section: int) -> str:
    """The road's name, or its class and the named road that it meets."""
    name = network.name_of(section)
    if name:
        return name
    kind = network.class_of(section).replace("_", " ")
    meets = crossing_road(network, section)
    return f"{kind} at {meets}" if meets else section_name(network, section)


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
