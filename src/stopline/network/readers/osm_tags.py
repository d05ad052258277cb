"""Which OpenStreetMap ways a car can drive, and how: the tag rules, apart from any file format.

See https://wiki.openstreetmap.org/wiki/Key:access and Key:oneway.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.network.readers.maxspeed import parse_maxspeed
from stopline.network.road_network import ROAD_CLASSES, SectionFlag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.network.read_settings import ReadSettings

# The tags on which a way's rules depend; its name is looked at apart.
RULE_KEYS: Final = (
    "highway",
    "oneway",
    "maxspeed",
    "junction",
    "bridge",
    "tunnel",
    "access",
    "motor_vehicle",
    "vehicle",
    "motorcar",
    "oneway:motor_vehicle",
    "oneway:motorcar",
    "maxspeed:forward",
    "maxspeed:backward",
    "maxspeed:type",
    "area",
    "route",
)
FERRY_MPS: Final = 20 / 3.6
BARRIERS: Final = frozenset(
    [
        "border_control",
        "gate",
        "lift_gate",
        "swing_gate",
        "sliding_gate",
        "hampshire_gate",
        "toll_booth",
        "bollard",
        "rising_bollard",
        "block",
        "chain",
        "jersey_barrier",
        "sump_buster",
        "spikes",
        "checkpoint",
        "barrier",
    ]
)
_ACCESS_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")
_FOR_SOME = frozenset(
    [
        "private",
        "customers",
        "delivery",
        "permit",
        "residents",
        "agricultural",
        "forestry",
        "military",
        "emergency",
        "official",
        "employees",
        "staff",
        "agricultural;forestry",
        "forestry;agricultural",
        "psv",
        "bus",
        "taxi",
        "hov",
        "permissive;private",
    ]
)
_FORBIDDEN = frozenset(("no", "none", "use_sidepath"))
_FORWARD = frozenset(("yes", "1", "true"))
_BACKWARD = frozenset(("-1", "reverse"))
_EITHER = frozenset(("no", "0", "false", "reversible", "alternating"))
_CLASS = {name: index for index, name in enumerate(ROAD_CLASSES)} | {
    "road": ROAD_CLASSES.index("unclassified")
}


@dataclass(frozen=True, slots=True)
class WayRule:
    """How a way may be driven.

    Attributes:
        road_class: index into `ROAD_CLASSES`.
        one_way: 0 both, 1 as drawn, -1 against the drawing.
        speed_mps: above zero.
        flags: `SectionFlag` bits.
    """

    road_class: int
    one_way: int
    speed_mps: float
    flags: int


def drivable_tags(settings: ReadSettings) -> list[tuple[str, str]]:
    """List the key-value pairs of which a way must have one, for filters that run in C++."""
    left_out = set()
    if not settings.include_service:
        left_out.add("service")
    if not settings.include_tracks:
        left_out.add("track")
    tags = [("highway", name) for name in _CLASS if name not in left_out]
    return [*tags, ("route", "ferry")] if settings.include_ferries else tags


def way_rule(tags: Mapping[str, str | None], settings: ReadSettings) -> WayRule | None:
    """Tell how a way may be driven.

    Args:
        tags: the way's tags; only those of `RULE_KEYS` matter.
        settings: which roads are wanted.

    Returns:
        The rule, or None if a car has no business there.
    """
    if ("highway", tags.get("highway")) not in drivable_tags(settings):
        return _ferry_rule(tags, settings)
    if tags.get("area") == "yes" or not _allowed(tags, settings):
        return None
    road_class = _CLASS[tags["highway"] or ""]
    one_way = _one_way(tags)
    speed = _speed(tags, one_way, settings) or settings.speeds_mps()[road_class]
    return WayRule(road_class, one_way, speed, _flags(tags))


def _ferry_rule(tags: Mapping[str, str | None], settings: ReadSettings) -> WayRule | None:
    if not settings.include_ferries or tags.get("route") != "ferry" or tags.get("highway"):
        return None
    if not _allowed(tags, settings):
        return None
    speed = _speed(tags, 0, settings) or FERRY_MPS
    return WayRule(_CLASS["unclassified"], _one_way(tags), speed, int(SectionFlag.FERRY))


def _allowed(tags: Mapping[str, str | None], settings: ReadSettings) -> bool:
    """The most special access tag decides: `motor_vehicle=yes` opens what `access=no` closed."""
    for key in _ACCESS_KEYS:
        value = tags.get(key)
        if value:
            if value in _FORBIDDEN:
                return settings.include_forbidden
            return value not in _FOR_SOME or settings.include_private
    return True


def _one_way(tags: Mapping[str, str | None]) -> int:
    for key in ("oneway:motorcar", "oneway:motor_vehicle", "oneway"):
        value = tags.get(key)
        if value in _FORWARD:
            return 1
        if value in _BACKWARD:
            return -1
        if value in _EITHER:
            return 0
    implied = tags.get("highway") == "motorway" or tags.get("junction") in (
        "roundabout",
        "circular",
    )
    return 1 if implied else 0


def _speed(tags: Mapping[str, str | None], one_way: int, settings: ReadSettings) -> float | None:
    """The highest limit in any direction that may be driven: the fugitive's best case."""
    keys = ["maxspeed"]
    if one_way >= 0:
        keys.append("maxspeed:forward")
    if one_way <= 0:
        keys.append("maxspeed:backward")
    limit = settings.no_limit_kmh / 3.6
    found = [parse_maxspeed(tags.get(key), no_limit_mps=limit) for key in keys]
    known = [speed for speed in found if speed is not None]
    return max(known) if known else parse_maxspeed(tags.get("maxspeed:type"), no_limit_mps=limit)


def _flags(tags: Mapping[str, str | None]) -> int:
    flags = SectionFlag(0)
    if tags.get("bridge") not in (None, "no"):
        flags |= SectionFlag.BRIDGE
    if tags.get("tunnel") not in (None, "no"):
        flags |= SectionFlag.TUNNEL
    if tags.get("junction") in ("roundabout", "circular"):
        flags |= SectionFlag.ROUNDABOUT
    return int(flags)
