r"""A border network small enough to check by hand.

```
        WEST           river           EAST
                         :
   W1 ====10==== W2 ====11:==== E1 ====12==== E2      === trunk road, bridge 11
   |             |       :      | \            |
   20           21       :     22  23         24      --- secondary roads
   |             |       :      |    \         |
   W3 ----30---- W4 --31-:----- E3 -> E4 ------+      31 the old crossing (border post)
   |  \          |       :      |  32  ^              32 one way, from E3 to E4
   40  41        42      :      43     | 34
   |    \        |       :      |      |
   W5    W6      W7 --44-:-45-> E5 ----+              45 a forest track, one way west to east
 (dead end)   (dead end) :
                         :
                         M is a junction in the river meadow, between 44 and 45: no territory
```

Numbers are section ids. Trunk roads have 25 m/s, secondary roads 15 m/s, the track 5 m/s; junctions
in a row or column are 1,500 m apart, so every length is written below and none is measured.
Loops, second roads between the same junctions and a piece of road on its own are there too:
50 is a turning loop at W5, 51 a second road from W1 to W2, 60 joins X1 and X2 and nothing else.
"""

from __future__ import annotations

from stopline.network.builder import RawRoads, build_network
from stopline.network.road_network import (
    NO_TERRITORY,
    ROAD_CLASSES,
    Direction,
    RoadNetwork,
    SectionFlag,
)

_WEST, _EAST = 0, 1
_STEP_LON, _STEP_LAT = 0.0198, 0.0135  # 1,500 m at 47.1 degrees north

# name: column, row, territory; the id of a junction is its place in this table, from 101.
_JUNCTIONS: dict[str, tuple[float, float, int]] = {
    "W1": (0, 3, _WEST),
    "W2": (1, 3, _WEST),
    "W3": (0, 2, _WEST),
    "W4": (1, 2, _WEST),
    "W5": (0, 1, _WEST),
    "W6": (0.5, 1, _WEST),
    "W7": (1, 1, _WEST),
    "E1": (2, 3, _EAST),
    "E2": (3, 3, _EAST),
    "E3": (2, 2, _EAST),
    "E4": (2.5, 2, _EAST),
    "E5": (2, 1, _EAST),
    "M": (1.5, 1, NO_TERRITORY),
    "X1": (4, 0, _EAST),
    "X2": (4.5, 0, _EAST),
}

_BOTH, _FORWARD = Direction.BOTH, Direction.FORWARD
_BRIDGE, _POST = SectionFlag.BRIDGE, SectionFlag.BARRIER

# id, tail, head, length in metres, class, direction, flags, name
_Row = tuple[int, str, str, float, str, Direction, int, str]
_SECTIONS: tuple[_Row, ...] = (
    (10, "W1", "W2", 1500, "trunk", _BOTH, 0, "Westring"),
    (11, "W2", "E1", 1500, "trunk", _BOTH, _BRIDGE, "New Bridge"),
    (12, "E1", "E2", 1500, "trunk", _BOTH, 0, "Eastring"),
    (20, "W1", "W3", 1500, "secondary", _BOTH, 0, "Mill Road"),
    (21, "W2", "W4", 1500, "secondary", _BOTH, 0, "Church Road"),
    (22, "E1", "E3", 1500, "secondary", _BOTH, 0, "School Road"),
    (23, "E1", "E4", 1700, "secondary", _BOTH, 0, "Station Road"),
    (24, "E4", "E2", 1700, "secondary", _BOTH, 0, "Lake Road"),
    (30, "W3", "W4", 1500, "secondary", _BOTH, 0, "Market Street"),
    (31, "W4", "E3", 1500, "secondary", _BOTH, _BRIDGE | _POST, "Old Bridge"),
    (32, "E3", "E4", 750, "secondary", _FORWARD, 0, "High Street"),
    (34, "E5", "E4", 1700, "secondary", _BOTH, 0, "Quarry Road"),
    (40, "W3", "W5", 1500, "secondary", _BOTH, 0, "Valley Road"),
    (41, "W3", "W6", 1700, "secondary", _BOTH, 0, "Farm Lane"),
    (42, "W4", "W7", 1500, "secondary", _BOTH, 0, "River Road"),
    (43, "E3", "E5", 1500, "secondary", _BOTH, 0, "Forest Road"),
    (44, "W7", "M", 750, "track", _BOTH, 0, ""),
    (45, "M", "E5", 750, "track", _FORWARD, 0, ""),
    (50, "W5", "W5", 200, "secondary", _BOTH, 0, "Valley Road"),
    (51, "W1", "W2", 1800, "secondary", _BOTH, 0, "Old Westring"),
    (60, "X1", "X2", 750, "secondary", _BOTH, 0, "Alp Road"),
)
_SPEED_MPS = {"trunk": 25.0, "secondary": 15.0, "track": 5.0}


def toy_network() -> RoadNetwork:
    """Make the network drawn at the top of this file.

    Find a junction or a section with `junction_named` and `section_numbered`; turning from Church
    Road (21) into the Old Bridge (31) at W4 is banned.
    """
    place = {name: number for number, name in enumerate(_JUNCTIONS)}
    names = ("", *dict.fromkeys(row[7] for row in _SECTIONS if row[7]))
    number = {row[0]: at for at, row in enumerate(_SECTIONS)}
    # The Old Bridge bends; all other roads are straight.
    bend = number[31]
    return build_network(
        RawRoads(
            junction_lon=[9.5 + _STEP_LON * x for x, _, _ in _JUNCTIONS.values()],
            junction_lat=[47.1 + _STEP_LAT * y for _, y, _ in _JUNCTIONS.values()],
            junction_id=[101 + i for i in place.values()],
            junction_territory=[side for _, _, side in _JUNCTIONS.values()],
            section_tail=[place[row[1]] for row in _SECTIONS],
            section_head=[place[row[2]] for row in _SECTIONS],
            section_length_m=[row[3] for row in _SECTIONS],
            section_speed_mps=[_SPEED_MPS[row[4]] for row in _SECTIONS],
            section_class=[ROAD_CLASSES.index(row[4]) for row in _SECTIONS],
            section_direction=[int(row[5]) for row in _SECTIONS],
            section_flags=[int(row[6]) for row in _SECTIONS],
            section_name=[names.index(row[7]) for row in _SECTIONS],
            section_id=[row[0] for row in _SECTIONS],
            shape_first=[int(at > bend) for at in range(len(_SECTIONS) + 1)],
            shape_lon=[9.5 + _STEP_LON * 1.5],
            shape_lat=[47.1 + _STEP_LAT * 1.95],
            turn_from=[number[21]],
            turn_via=[place["W4"]],
            turn_to=[number[31]],
            names=names,
            territories=("West", "East"),
            attribution="made by hand for tests",
            source="stopline.testing.toy_network",
            digest="0" * 64,
        )
    )


def junction_named(network: RoadNetwork, name: str) -> int:
    """Find the junction that the drawing calls `name`, for example `W1`."""
    wanted = 101 + list(_JUNCTIONS).index(name)
    return [int(given) for given in network.junction_id].index(wanted)


def section_numbered(network: RoadNetwork, number: int) -> int:
    """Find the section that the drawing gives `number`, for example 31 for the Old Bridge."""
    return [int(given) for given in network.section_id].index(number)
