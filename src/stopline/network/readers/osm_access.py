"""Who may drive an OpenStreetMap way, and which way round: signs read twice.

The vehicle is given every benefit of a doubt, a unit none. See
https://wiki.openstreetmap.org/wiki/Key:access and Conditional_restrictions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.network.access import Access
from stopline.network.conditions import condition_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOTOR_KEYS: Final = ("motorcar", "motor_vehicle", "vehicle")
ACCESS_KEYS: Final = (*_MOTOR_KEYS, "access")
_ONE_WAY_KEYS: Final = ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway")
# How hours were told before there were conditions; they are not read.
OLD_HOUR_KEYS: Final = ("hour_on", "hour_off", "day_on", "day_off", "date_on", "date_off")
_FORBIDDEN: Final = frozenset(("no", "none", "use_sidepath", "impassable", "closed"))
# Open to whoever drives up; any other word opens it to some users only.
_OPEN: Final = frozenset(
    [
        "yes",
        "permissive",
        "designated",
        "destination",
        "public",
        "unknown",
        "discouraged",
        "variable",
        "true",
        "1",
    ]
)
_EMERGENCY: Final = frozenset(("yes", "designated", "official", "permissive"))
_FORWARD: Final = frozenset(("yes", "1", "true", "forward"))
_BACKWARD: Final = frozenset(("-1", "reverse", "backward"))
_EITHER: Final = frozenset(("no", "0", "false"))
NEITHER: Final = 2


def words_of(value: str | None) -> list[str]:
    """The values of a tag, which may hold several."""
    return [word.strip().lower() for word in (value or "").split(";") if word.strip()]


def explicitly_open(tags: Mapping[str, str | None]) -> bool:
    """Whether a tag of its own lets motor vehicles in, as on a pedestrian street for deliveries."""
    for key in _MOTOR_KEYS:
        words = words_of(tags.get(key))
        if words:
            return any(word not in _FORBIDDEN for word in words)
    return any(
        key.startswith(("motorcar:", "motor_vehicle:", "vehicle:"))
        and any(word not in _FORBIDDEN for word in words_of(value))
        for key, value in tags.items()
    )


def always_open(tags: Mapping[str, str | None]) -> bool:
    """Whether a tag of its own lets motor vehicles in at any hour and in both directions."""
    words = next((words_of(tags.get(key)) for key in _MOTOR_KEYS if words_of(tags.get(key))), [])
    return any(word not in _FORBIDDEN for word in words)


def let_through(tags: Mapping[str, str | None]) -> bool:
    """Whether a tag lets traffic through a road that is being built."""
    words = next((words_of(tags.get(key)) for key in ACCESS_KEYS if words_of(tags.get(key))), [])
    return any(word not in _FORBIDDEN for word in words) or explicitly_open(tags)


def access_of(tags: Mapping[str, str | None], *, signed_closed: bool = False) -> tuple[int, str]:
    """Read the signs at a way.

    Args:
        tags: of the way.
        signed_closed: whether the class of the road alone closes it to motor vehicles.

    Returns:
        `Access` bits, and the condition of signs with hours, empty where there are none.
    """
    rank, words = next(
        (
            (rank, words_of(tags.get(key)))
            for rank, key in enumerate(ACCESS_KEYS)
            if words_of(tags.get(key))
        ),
        (len(ACCESS_KEYS), ["no"] if signed_closed else ["yes"]),
    )
    access = Access(0)
    if all(word in _FORBIDDEN for word in words):
        access |= Access.FORBIDDEN
    elif not any(word in _OPEN for word in words):
        access |= Access.PRIVATE
    if any(word not in _OPEN for word in words):
        access |= Access.UNIT_SIGN
    for_units = set(words_of(tags.get("emergency")))
    if for_units & _EMERGENCY:
        access &= ~Access.UNIT_SIGN
    if for_units & _EMERGENCY and not access:
        return int(access), ""
    usually_open = not access & (Access.FORBIDDEN | Access.PRIVATE)
    return int(access), _hours(tags, rank, usually_open=bool(usually_open))


def _hours(tags: Mapping[str, str | None], rank: int, *, usually_open: bool) -> str:
    """Signs with hours: only the most special one is a word about the vehicle, all are to units.

    Args:
        tags: of the way.
        rank: place in `ACCESS_KEYS` of the sign without hours.
        usually_open: what that sign says.
    """
    signs: list[str] = []
    for own, key in enumerate(ACCESS_KEYS):
        for suffix in ("", ":forward", ":backward"):
            rules = tags.get(f"{key}{suffix}:conditional")
            if rules:
                outdone = bool(signs) or bool(suffix) or own > rank
                signs.append(
                    condition_text(usually_open=usually_open, rules=rules, only_units=outdone)
                )
    if any(tags.get(key) for key in OLD_HOUR_KEYS):
        rules = f"{'no' if usually_open else 'yes'} @ (hours told in an old way)"
        signs.append(condition_text(usually_open=usually_open, rules=rules))
    hours = tags.get("opening_hours")
    if hours and hours.strip() != "24/7":
        rules = f"yes @ ({hours})"
        signs.append(condition_text(usually_open=False, rules=rules, only_units=True))
    return "\n".join(signs)


def directions_of(tags: Mapping[str, str | None]) -> tuple[int, int]:
    """In which directions signs let the vehicle and a unit drive.

    Returns:
        0 both, 1 as drawn, -1 against the drawing; for units `NEITHER` where no direction is sure.
    """
    given = next((words_of(tags.get(key)) for key in _ONE_WAY_KEYS if words_of(tags.get(key))), [])
    vehicle, unit = _signed(tags, given)
    for key in _ONE_WAY_KEYS:
        rules = tags.get(f"{key}:conditional")
        if rules:
            vehicle, unit = 0, _stricter(unit, _conditional(rules))
    for suffix, way in (("forward", -1), ("backward", 1)):
        signs = [words_of(tags.get(f"{key}:{suffix}")) for key in ACCESS_KEYS]
        hours = any(tags.get(f"{key}:{suffix}:conditional") for key in ACCESS_KEYS)
        # The most special sign is the word about the vehicle, and all are to units.
        words = next((own for own in signs if own), [])
        if words and all(word not in _OPEN for word in words) and not hours:
            vehicle = _stricter(vehicle, way)
        if hours or any(word not in _OPEN for own in signs for word in own):
            unit = _stricter(unit, way)
    # A road that no direction is open on is closed by signs, which `access_of` tells of.
    return (0 if vehicle == NEITHER else vehicle), unit


def _signed(tags: Mapping[str, str | None], given: list[str]) -> tuple[int, int]:
    if not given:
        if tags.get("highway") == "motorway" or tags.get("junction") in ("roundabout", "circular"):
            return 1, 1
        # Slip roads are mostly one-way, whether or not somebody wrote it down.
        return 0, 1 if tags.get("highway") == "motorway_link" else 0
    kinds = {
        1 if word in _FORWARD else -1 if word in _BACKWARD else 0 if word in _EITHER else NEITHER
        for word in given
    }
    if len(kinds) > 1 or NEITHER in kinds:  # reversible, alternating, or contradictory
        return 0, NEITHER
    (kind,) = kinds
    return kind, kind


def _conditional(rules: str) -> int:
    """What of the directions is sure whatever the hour."""
    values = [part.split("@")[0].strip().lower() for part in rules.split(";")]
    if any(value in _BACKWARD or value in ("reversible", "alternating") for value in values):
        return -1 if all(value in _BACKWARD or not value for value in values) else NEITHER
    return 1 if any(value in _FORWARD for value in values) else 0


def _stricter(one: int, two: int) -> int:
    if one == 0 or two == 0:
        return one or two
    return one if one == two else NEITHER
