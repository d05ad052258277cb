"""Which OpenStreetMap ways a car can drive, and how: the tag rules, apart from any file format.

Each way is read twice, for the vehicle with every benefit of a doubt and for a unit with none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.network.access import Access
from stopline.network.read_settings import CLASS_FLOOR_KMH
from stopline.network.readers.maxspeed import speeds_in
from stopline.network.readers.osm_access import access_of, directions_of, explicitly_open, words_of
from stopline.network.road_network import ROAD_CLASSES, SectionFlag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.network.read_settings import ReadSettings

# The tags on which a way's rules depend, by beginning; its name is looked at apart.
RULE_KEYS: Final = re.compile(
    r"^(highway|route|oneway|maxspeed|zone:maxspeed|source:maxspeed|junction|bridge|tunnel|area"
    r"|access|vehicle|motor_vehicle|motorcar|emergency|ford|barrier|smoothness|tracktype|4wd_only"
    r"|construction|impassable|ice_road|winter_road|width|maxwidth|est_width|abandoned|disused"
    r"|flood_prone)(:|$)"
)
FERRY_MPS: Final = 20 / 3.6
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
        "no",
    ]
)
_UNBUILT: Final = frozenset(
    ["construction", "proposed", "planned", "razed", "abandoned", "demolished", "dismantled"]
)
# Keys of limits that are for lorries and the like; a unit may drive one, the vehicle need not.
_VARIABLE_SHARE: Final = 0.5
_ROUGH: Final = frozenset(["very_bad", "horrible", "very_horrible", "impassable"])
_ROUGH_TRACKS: Final = frozenset(("grade3", "grade4", "grade5"))
_NARROW_M: Final = 2.2


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
    highway = next(iter(words_of(tags.get("highway"))), "")
    if not highway:
        return _ferry_rule(tags, settings)
    out = _no_road(highway, tags, settings)
    if out is not None:
        return out
    signed_closed = highway in (*_SIGNED_CLOSED, *_PATHS) and not explicitly_open(tags)
    name = "track" if highway in _PATHS else _SIGNED_CLOSED.get(highway, highway)
    road_class = _CLASS.get(name, _CLASS["unclassified"])
    unwanted = {"service": settings.include_service, "track": settings.include_tracks}
    if not unwanted.get(name, True):
        return LeftOut(f"no_{name}", f"{name} roads, as the settings say")
    return _rule(tags, settings, road_class, signed_closed=signed_closed)


def _no_road(
    highway: str, tags: Mapping[str, str | None], settings: ReadSettings
) -> LeftOut | None:
    """Why a way of that kind is no road; None if it is one."""
    if highway in _UNBUILT or "yes" in words_of(tags.get("construction")):
        return LeftOut("unbuilt", "roads under construction or not there")
    if highway in _NO_ROADS:
        return LeftOut("no_road", "steps, platforms and the like", matters=False)
    if tags.get("area") == "yes":
        return LeftOut("area", "squares and yards drawn as areas")
    if highway in _PATHS and not explicitly_open(tags) and not settings.include_paths:
        return LeftOut("path", "paths, footways and cycleways", matters=False)
    known = highway in _CLASS or highway in _SIGNED_CLOSED or highway in _PATHS
    if known or explicitly_open(tags):
        return None
    return LeftOut("unknown_class", "ways of a kind that is no road here")


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
    if tags.get("route") != "ferry":
        return LeftOut("no_road", "steps, platforms and the like", matters=False)
    if not settings.include_ferries:
        return LeftOut("ferry", "ferries", matters=True)
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
    variable = False
    for key, value in tags.items():
        if not value:
            continue
        if key in ("zone:maxspeed", "source:maxspeed", "maxspeed:type"):
            zone += speeds_in(value, no_limit_mps=limit)
        elif key.startswith("maxspeed"):
            named = speeds_in(value, no_limit_mps=limit)
            variable |= "variable" in key and value != "no"
            variable |= value in ("variable", "signals") or ("conditional" in key and not named)
            found += named
    if not found:
        found = zone
    if not found:
        return usual, usual * (_VARIABLE_SHARE if variable else 1.0), True
    if variable:
        return max(*found, usual), min(*found, usual * _VARIABLE_SHARE), False
    return max(found), min(found), False


def _doubts(tags: Mapping[str, str | None]) -> int:
    """What makes a road physically doubtful for a unit; a desperate driver takes it."""
    access = Access(0)
    barrier = words_of(tags.get("barrier"))
    rough = (
        any(word in _ROUGH for word in words_of(tags.get("smoothness")))
        or tags.get("tracktype") in _ROUGH_TRACKS
        or tags.get("4wd_only") in ("yes", "recommended")
        or tags.get("impassable") == "yes"
        or any(tags.get(key) == "yes" for key in ("ice_road", "winter_road", "flood_prone"))
        or any(
            word not in ("no", "kerb", "guard_rail", "fence", "hedge", "wall") for word in barrier
        )
        or any(key.startswith(("abandoned", "disused")) and v == "yes" for key, v in tags.items())
        or any(_narrow(tags.get(key)) for key in ("width", "maxwidth", "est_width"))
    )
    if rough:
        access |= Access.UNSURE
    if tags.get("ford") not in (None, "no"):
        access |= Access.FORD
    return int(access)


def _narrow(text: str | None) -> bool:
    number = re.match(r"^\s*(\d+(?:[.,]\d+)?)\s*(m|)\s*$", text or "")
    return bool(number) and float(number[1].replace(",", ".")) < _NARROW_M  # type: ignore[index]


def _flags(tags: Mapping[str, str | None]) -> int:
    flags = SectionFlag(0)
    if tags.get("bridge") not in (None, "no"):
        flags |= SectionFlag.BRIDGE
    if tags.get("tunnel") not in (None, "no"):
        flags |= SectionFlag.TUNNEL
    if tags.get("junction") in ("roundabout", "circular"):
        flags |= SectionFlag.ROUNDABOUT
    return int(flags)
