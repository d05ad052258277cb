"""Speed limits as OpenStreetMap writes them: numbers, units, words and legal zones.

See https://wiki.openstreetmap.org/wiki/Key:maxspeed.
"""

from __future__ import annotations

import re
from typing import Final

MPH_MPS: Final = 0.44704
KNOT_MPS: Final = 1852 / 3600
_KMH_MPS: Final = 1 / 3.6
WALK_MPS: Final = 7 / 3.6

_NUMBER = re.compile(
    r"^\s*(\d{1,3}(?:\.\d{1,3})?)\s*"
    r"(km/?h|km/hr|kph|kmph|mph|mi/h|miles|knots?|kn|kts?|m/s|mps|)\s*$",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"@\s*(?:\([^()]*(?:\([^()]*\)[^()]*)*\)|[^;|]*)")
_BETWEEN = re.compile(r"[;|]")
_MOST_LETTERS = 400
_UNIT_MPS = {
    "mph": MPH_MPS, "mi/h": MPH_MPS, "mi": MPH_MPS, "miles": MPH_MPS,
    "knot": KNOT_MPS, "knots": KNOT_MPS, "kn": KNOT_MPS, "kt": KNOT_MPS, "kts": KNOT_MPS,
    "m/s": 1.0, "mps": 1.0,
}  # fmt: skip
# Numbers with what may be their units, in a text that is no plain limit: `~100`, `120/100`.
_NUMBERS = re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d+)?)(?!\d)\s*([a-z]+(?:/[a-z]+)?)?", re.IGNORECASE)
# Zone names, in km/h; a country's own value goes before the common one.
_ZONE_KMH: Final = {
    "urban": 50.0,
    "rural": 90.0,
    "trunk": 100.0,
    "expressway": 100.0,
    "motorway": 130.0,
    "living_street": 20.0,
    "bicycle_road": 30.0,
    "nsl_single": 60 * 1.609344,
    "nsl_dual": 70 * 1.609344,
    "nsl_restricted": 30 * 1.609344,
}
_COUNTRY_ZONE_KMH: Final = {
    "at:rural": 100.0,
    "be-vlg:rural": 70.0,
    "by:urban": 60.0,
    "bg:motorway": 140.0,
    "by:motorway": 110.0,
    "ch:rural": 80.0,
    "ch:motorway": 120.0,
    "de:rural": 100.0,
    "de:living_street": 7.0,
    "dk:rural": 80.0,
    "ee:motorway": 110.0,
    "fi:rural": 80.0,
    "fr:rural": 80.0,
    "gb:motorway": 70 * 1.609344,
    "gb:urban": 30 * 1.609344,
    "gb:rural": 60 * 1.609344,
    "it:trunk": 110.0,
    "li:rural": 80.0,
    "lv:rural": 90.0,
    "nl:rural": 80.0,
    "no:rural": 80.0,
    "no:motorway": 100.0,
    "pl:motorway": 140.0,
    "pl:trunk": 100.0,
    "pt:motorway": 120.0,
    "ru:urban": 60.0,
    "ru:motorway": 110.0,
    "se:rural": 70.0,
    "se:motorway": 110.0,
    "ua:motorway": 130.0,
}


def parse_maxspeed(text: str | None, *, no_limit_mps: float) -> float | None:
    """Read one `maxspeed` value: the highest speed that it may allow.

    Args:
        text: for example `50`, `30 mph`, `walk`, `none`, `DE:urban`; of several values parted by
            semicolons or lanes the highest counts, because a fugitive may drive it.
        no_limit_mps: what `none` stands for.

    Returns:
        Metres per second above zero, or None where the text tells no limit.
    """
    return max(speeds_in(text, no_limit_mps=no_limit_mps), default=None)


def speeds_in(text: str | None, *, no_limit_mps: float) -> list[float]:
    """All limits that a value names, metres per second above zero.

    Args:
        text: values parted by semicolons, commas between hours or bars between lanes, each perhaps
            with a condition: `100|80|none`, `120 @ (06:00-20:00); 130 @ (20:00-06:00)`.
        no_limit_mps: what `none` stands for.
    """
    if not text:
        return []
    plain = _CONDITION.sub("", text[:_MOST_LETTERS])
    parts = [part.strip() for part in _BETWEEN.split(plain)]
    return [speed for part in parts if part for speed in _read(part, no_limit_mps)]


def _read(text: str, no_limit_mps: float) -> list[float]:
    """The limit of a plain text; of one that is not, all the limits that its numbers may mean."""
    plain = _one(text, no_limit_mps)
    if plain is not None:
        return [plain]
    if ":" in text or text.startswith("-"):
        return []
    numbers = _NUMBERS.findall(text)
    # A unit may stand once, at the end, for all of them; so may one that nobody knows.
    units = {_UNIT_MPS.get(word.lower(), _KMH_MPS) for _, word in numbers}
    named = [float(number) * unit for number, _ in numbers for unit in units]
    # 50,5 is one number or two.
    for whole, part in re.findall(r"(\d{1,3}),(\d{1,3})\b", text):
        named += [float(f"{whole}.{part}") * unit for unit in units]
    return [speed for speed in named if speed > 0]


def _one(text: str, no_limit_mps: float) -> float | None:
    number = _NUMBER.match(text)
    if number:
        value = float(number[1]) * _UNIT_MPS.get(number[2].lower(), _KMH_MPS)
        return value if value > 0 else None
    word = text.lower()
    if word == "walk":
        return WALK_MPS
    if word in ("none", "unlimited") or word == "de:motorway":
        return no_limit_mps
    return _zone(word)


def _zone(word: str) -> float | None:
    """A legal zone such as `at:rural`, `de:zone:30` or `be:zone30`."""
    country, colon, zone = word.partition(":")
    if not colon or not country.replace("-", "").isalpha():
        return None
    number = re.fullmatch(r"(?:zone:?)?(\d{1,3})", zone)
    if number and float(number[1]) > 0:
        return float(number[1]) / 3.6
    kmh = _COUNTRY_ZONE_KMH.get(word) or _ZONE_KMH.get(zone)
    return None if kmh is None else kmh / 3.6
