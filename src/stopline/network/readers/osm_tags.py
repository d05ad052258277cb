"""Which OpenStreetMap ways a car can drive, and how: the tag rules, apart from any file format.

Each way is read twice, for the vehicle with every benefit of a doubt and for a unit with none.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from stopline.network.access import Access
from stopline.network.read_settings import CLASS_FLOOR_KMH
from stopline.network.readers.maxspeed import speeds_in
from stopline.network.readers.osm_access import (
    access_of,
    always_open,
    directions_of,
    explicitly_open,
    let_through,
    words_of,
)
from stopline.network.readers.osm_measures import is_low, is_narrow, is_weak
from stopline.network.road_network import ROAD_CLASSES, SectionFlag

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from stopline.network.read_settings import ReadSettings

# The tags on which a way's rules depend, by beginning; its name is looked at apart.
RULE_KEYS: Final = re.compile(
    r"^(highway|route|oneway|maxspeed|zone:maxspeed|source:maxspeed|junction|bridge|tunnel|area"
    r"|access|vehicle|motor_vehicle|motorcar|emergency|ford|barrier|smoothness|tracktype|4wd_only"
    r"|construction|impassable|ice_road|winter_road|width|maxwidth|est_width|abandoned|disused"
    r"|flood_prone|seasonal|maxheight|maxweight|obstacle|opening_hours|opening_date|tidal"
    r"|intermittent|surface|locked|operational_status|status|temporary|ruins|collapsed|destroyed"
    r"|damaged|blocked|passable|hour_on|hour_off|day_on|day_off|date_on|date_off)(:|$)"
)
FERRY_MPS: Final = 20 / 3.6
FERRIES: Final = ("ferry", "shuttle_train")
# Roads that nobody uses are there all the same, as their keys tell what they were.
UNUSED_KEYS: Final = ("disused:highway", "abandoned:highway")
_CLASS = {name: index for index, name in enumerate(ROAD_CLASSES)} | {
    "road": ROAD_CLASSES.index("unclassified")
}
# No car road by law; its width is that of one, so only a sign keeps a fugitive out.
_SIGNED_CLOSED: Final = {
    "pedestrian": "living_street",
    "busway": "service",
    "emergency_bay": "service",
    "escape": "service",
    "rest_area": "service",
    "services": "service",
    "raceway": "service",
}
# Roads only where a tag says that motor vehicles may.
_PATHS: Final = ("footway", "cycleway", "path", "bridleway", "corridor")
_NO_ROADS: Final = frozenset(
    [
        "steps",
        "elevator",
        "platform",
        "bus_stop",
        "via_ferrata",
        "crossing",
        "street_lamp",
        "traffic_signals",
        "ladder",
        "bus_guideway",
        "milestone",
        "speed_camera",
        "stop",
        "give_way",
        "toll_gantry",
        "no",
        "none",
    ]
)
# Areas whether or not a tag says so, where they are closed lines.
_AREAS: Final = frozenset(("services", "rest_area"))
_UNBUILT: Final = frozenset(
    ["construction", "proposed", "planned", "razed", "demolished", "dismantled", "removed"]
)
_LIMITS_OF_CARS: Final = (
    "maxspeed", "maxspeed:motorcar", "maxspeed:motor_vehicle", "maxspeed:vehicle", "maxspeed:lanes",
)  # fmt: skip
_VARIABLE_SHARE: Final = 0.5
_ROUGH: Final = frozenset(["very_bad", "horrible", "very_horrible", "impassable"])
_ROUGH_TRACKS: Final = frozenset(("grade3", "grade4", "grade5"))
_SOFT: Final = frozenset(["mud", "sand", "ice", "snow", "water", "rock", "boulders"])
_CLOSED: Final = frozenset(["closed", "no", "broken", "inoperative", "out_of_order", "disused"])
_NO_SURE_BRIDGES: Final = frozenset(
    ["movable", "moveable", "drawbridge", "collapsed", "destroyed", "damaged", "ruined", "ruins",
     "closed", "removed", "missing"]
)  # fmt: skip
_DOUBTFUL_IF_NOT_NO: Final = (
    "seasonal", "obstacle", "ice_road", "winter_road", "flood_prone", "impassable", "tidal",
    "intermittent", "locked", "opening_date", "bridge:movable", "ruins", "collapsed", "destroyed",
    "damaged", "blocked",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WayRule:
    """How a way may be driven.

    Attributes:
        road_class: index into `ROAD_CLASSES`.
        one_way: of the vehicle: 0 both, 1 as drawn, -1 against the drawing.
        speed_mps: highest limit that could hold, above zero.
        flags: `SectionFlag` bits.
        unit_one_way: the same for a unit; 2 where no direction is sure.
        unit_speed_mps: lowest limit that could hold, above zero.
        access: `Access` bits.
        condition: signs with hours, as `conditions.condition_text` writes them.
        speed_guessed: whether no tag tells of a limit.
        area: whether it is drawn as an area, which is crossed rather than followed.
        known: whether its kind is one that is known to be a road.
    """

    road_class: int
    one_way: int
    speed_mps: float
    flags: int
    unit_one_way: int
    unit_speed_mps: float
    access: int = 0
    condition: str = ""
    speed_guessed: bool = False
    area: bool = False
    known: bool = True

    @property
    def direction(self) -> int:
        """Which way round the way must be kept: 0 where both ways are alike."""
        return self.one_way or (self.unit_one_way if self.unit_one_way in (1, -1) else 0)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a way is no road for anybody.

    Attributes:
        kind: a key that stays the same.
        text: what such ways are, in the plural.
        matters: whether a car might drive it after all, so that it is named.
    """

    kind: str
    text: str
    matters: bool = True


def way_rule(tags: Mapping[str, str | None], settings: ReadSettings) -> WayRule | LeftOut:
    """Tell how a way may be driven.

    Args:
        tags: the way's tags; only those whose keys match `RULE_KEYS` matter.
        settings: which roads are wanted.

    Returns:
        The rule, or why a car has no business there.
    """
    kinds = words_of(tags.get("highway"))
    unused = "" if kinds else next((tags[key] for key in UNUSED_KEYS if tags.get(key)), "")
    kinds = kinds or words_of(unused)
    if not kinds:
        return _ferry_rule(tags, settings)
    # Of several kinds the one counts that is most of a road.
    highway = min(kinds, key=lambda kind: (_CLASS.get(kind, len(_CLASS)), kind in _NO_ROADS))
    opened = highway == "construction" and let_through(tags)
    if opened:  # a building site that a sign lets people through
        highway = next(iter(words_of(tags.get("construction"))), "road")
    area = tags.get("area") == "yes" or (highway in _AREAS and tags.get("area") != "no")
    out = _no_road(highway, tags, settings, area=area)
    if out is not None:
        return out
    signed_closed = highway in (*_SIGNED_CLOSED, *_PATHS) and not always_open(tags)
    on_foot = "living_street" if area else "track"
    name = on_foot if highway in _PATHS else _SIGNED_CLOSED.get(highway, highway)
    road_class = _CLASS.get(name, _CLASS["unclassified"])
    unwanted = {"service": settings.include_service, "track": settings.include_tracks}
    if not unwanted.get(name, True):
        return LeftOut(f"no_{name}", f"{name} roads, as the settings say")
    rule = _rule(tags, settings, road_class, signed_closed=signed_closed)
    if not isinstance(rule, LeftOut) and name == "living_street" != highway:
        # What slows others down here are those on foot, and a fugitive does not mind them.
        usual, floor = settings.speeds_mps()[_CLASS["residential"]], CLASS_FLOOR_KMH["residential"]
        told = not rule.speed_guessed and _told_for_all(tags, settings.no_limit_kmh / 3.6)
        as_street = floor / 3.6 if told else usual
        rule = replace(rule, speed_mps=max(rule.speed_mps, as_street))
    known = name in _CLASS
    doubtful = area or opened or bool(unused) or not known or tags.get("route") in FERRIES
    if isinstance(rule, LeftOut) or not doubtful:
        return rule
    rule = replace(rule, access=int(rule.access | Access.UNSURE), area=area, known=known)
    if not area:
        return rule
    flags = int(rule.flags | SectionFlag.GUESSED)
    return replace(rule, one_way=0, unit_one_way=0, flags=flags)


def _no_road(
    highway: str, tags: Mapping[str, str | None], settings: ReadSettings, *, area: bool
) -> LeftOut | None:
    """Why a way of that kind is no road; None if it is one, or may be."""
    if highway in _UNBUILT:
        return LeftOut("unbuilt", "roads under construction or not there")
    if highway in _NO_ROADS:
        return LeftOut("no_road", "steps, platforms and the like", matters=False)
    wanted = area or explicitly_open(tags) or settings.include_paths
    if highway in _PATHS and not wanted:
        return LeftOut("path", "paths, footways and cycleways", matters=False)
    return None


def _rule(
    tags: Mapping[str, str | None], settings: ReadSettings, road_class: int, *, signed_closed: bool
) -> WayRule | LeftOut:
    access, condition = access_of(tags, signed_closed=signed_closed)
    if access & Access.FORBIDDEN and not settings.include_forbidden:
        return LeftOut("forbidden", "roads closed to motor vehicles by sign, as the settings say")
    if access & Access.PRIVATE and not settings.include_private:
        return LeftOut("private", "roads for some users only, as the settings say")
    access |= _doubts(tags)
    one_way, unit_one_way = directions_of(tags)
    usual = settings.speeds_mps()[road_class]
    highest, lowest, guessed = _speeds(tags, settings, usual)
    floor = CLASS_FLOOR_KMH[ROAD_CLASSES[road_class]] / 3.6
    return WayRule(
        road_class=road_class,
        one_way=one_way,
        speed_mps=max(highest, floor),
        flags=_flags(tags),
        unit_one_way=unit_one_way,
        unit_speed_mps=min(lowest, max(highest, floor)),
        access=access,
        condition=condition,
        speed_guessed=guessed,
    )


def _ferry_rule(tags: Mapping[str, str | None], settings: ReadSettings) -> WayRule | LeftOut:
    if tags.get("route") not in FERRIES:
        return LeftOut("no_road", "steps, platforms and the like", matters=False)
    if not settings.include_ferries:
        return LeftOut("ferry", "ferries and trains that carry cars", matters=True)
    if access_of(tags)[0] & Access.FORBIDDEN:
        return LeftOut("ferry_on_foot", "ferries that carry no cars", matters=False)
    rule = _rule(tags, settings, _CLASS["unclassified"], signed_closed=False)
    if isinstance(rule, LeftOut):
        return rule
    highest, lowest, guessed = _speeds(tags, settings, FERRY_MPS)
    return WayRule(
        road_class=rule.road_class,
        one_way=rule.one_way,
        speed_mps=highest,
        flags=int(SectionFlag.FERRY),
        unit_one_way=rule.unit_one_way,
        unit_speed_mps=lowest,
        access=rule.access,
        condition=rule.condition,
        speed_guessed=guessed,
    )


def _speeds(
    tags: Mapping[str, str | None], settings: ReadSettings, usual: float
) -> tuple[float, float, bool]:
    """Highest and lowest limit that could hold in any direction, lane, weather or hour.

    A vehicle that ignores one-way signs drives at the limit of the other direction too.
    """
    limit = settings.no_limit_kmh / 3.6
    found: list[float] = []
    zone: list[float] = []
    variable = zoned = False
    for key, value in tags.items():
        if not value:
            continue
        zoned |= "maxspeed" in key and ":" in value.partition("@")[0]
        if key in ("zone:maxspeed", "source:maxspeed", "maxspeed:type"):
            zone += speeds_in(value, no_limit_mps=limit)
        elif key.startswith("maxspeed"):
            named = speeds_in(value, no_limit_mps=limit)
            variable |= "variable" in key and value != "no"
            variable |= value in ("variable", "signals") or ("conditional" in key and not named)
            found += named
    if not _told_for_all(tags, limit):
        # What is told of some vehicles, hours or directions leaves open what holds for the others.
        found += zone or ([usual] if found else [])
    if not found:
        return usual, usual * (_VARIABLE_SHARE if variable else 1.0), True
    if variable:
        return max(*found, usual), min(*found, usual * _VARIABLE_SHARE), False
    # Where no limit holds, or only a kind of road tells of one, a unit drives as is usual at most.
    untold = zoned or limit in found
    return max(found), min(*found, usual if untold else math.inf), False


def _told_for_all(tags: Mapping[str, str | None], no_limit_mps: float) -> bool:
    """Whether some limit is told that holds for cars in both directions, at any hour."""

    def told(*keys: str) -> bool:
        return all(speeds_in(tags.get(key), no_limit_mps=no_limit_mps) for key in keys)

    return any(told(key) for key in _LIMITS_OF_CARS) or told(
        "maxspeed:forward", "maxspeed:backward"
    )


def _doubts(tags: Mapping[str, str | None]) -> int:
    """What makes a road physically doubtful for a unit; a desperate driver takes it."""
    access = Access(0)

    def has(key: str, words: Collection[str]) -> bool:
        return any(word in words for word in words_of(tags.get(key)))

    rough = (
        has("smoothness", _ROUGH)
        or has("tracktype", _ROUGH_TRACKS)
        or has("surface", _SOFT)
        or has("4wd_only", ("yes", "recommended"))
        or has("construction", ("yes",))
        or has("bridge", _NO_SURE_BRIDGES)
        or has("passable", ("no",))
        or has("operational_status", _CLOSED)
        or has("status", _CLOSED)
        or any(word != "no" for key in _DOUBTFUL_IF_NOT_NO for word in words_of(tags.get(key)))
        or any(word not in ("no", "kerb", "guard_rail") for word in words_of(tags.get("barrier")))
        or any(
            (key.startswith(("abandoned", "disused")) and value == "yes")
            or key.startswith(("temporary:", "barrier:conditional"))
            or key.endswith(":temporary")
            for key, value in tags.items()
        )
        or is_narrow(tags)
        or is_low(tags)
        or is_weak(tags)
    )
    if rough:
        access |= Access.UNSURE
    if tags.get("ford") not in (None, "no"):
        access |= Access.FORD
    return int(access)


def _flags(tags: Mapping[str, str | None]) -> int:
    flags = SectionFlag(0)
    if tags.get("bridge") not in (None, "no"):
        flags |= SectionFlag.BRIDGE
    if tags.get("tunnel") not in (None, "no"):
        flags |= SectionFlag.TUNNEL
    if tags.get("junction") in ("roundabout", "circular"):
        flags |= SectionFlag.ROUNDABOUT
    return int(flags)
