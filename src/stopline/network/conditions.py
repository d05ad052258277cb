"""Signs that hold at some hours only: `no @ (22:00-06:00)` read for the time of an incident.

A sign is looked at over the next hours, as long as a chase may last. What cannot be read (weather,
holidays, sunset) may hold or not, so it is neither surely open nor surely closed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

_WINDOW: Final = timedelta(hours=2)
_OPEN: Final = "open"
_CLOSED: Final = "closed"
_ONLY_UNITS: Final = "units "
_RULE: Final = re.compile(r"\s*([^@;]+?)\s*@\s*(\([^()]*(?:\([^()]*\)[^()]*)*\)|[^;]+)\s*(?:;|$)")
# Hours that depend on a calendar or a place which nobody gave.
_UNKNOWN_HOURS: Final = re.compile(r"\b(PH|SH|easter|sunrise|sunset|dawn|dusk)\b", re.IGNORECASE)
_HOURS: Final = re.compile(
    r"\d{1,2}:\d{2}|\b(Mo|Tu|We|Th|Fr|Sa|Su|24/7)\b"
    r"|\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b"
)
_OPEN_WORDS: Final = frozenset(
    ("yes", "permissive", "designated", "destination", "public", "official", "unknown")
)
_MOST_LETTERS: Final = 255


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a section is open to motor vehicles throughout the next hours.

    Attributes:
        surely_open: no reading of the sign closes it.
        surely_closed: no reading of the sign opens it to the vehicle; None where the sign is no
            word about the vehicle.
    """

    surely_open: bool
    surely_closed: bool | None


def condition_text(*, usually_open: bool, rules: str, only_units: bool = False) -> str:
    """Write what stands on a sign with hours as one text, for `RoadNetwork.conditions`.

    Several signs of one road are such texts joined by line ends.

    Args:
        usually_open: what holds at other times.
        rules: as mapped: `no @ (22:00-06:00)`.
        only_units: whether a more special sign may outdo it, so that it closes the road to units
            but is no word about the vehicle.
    """
    usual = _OPEN if usually_open else _CLOSED
    plain = " ".join(rules.split())[:_MOST_LETTERS]
    return f"{_ONLY_UNITS if only_units else ''}{usual}|{plain}"


def sign_time(conditions: Sequence[str], utc_s: float, zone: tzinfo) -> str:
    """Wall clock at a moment, as `opening_at` takes it, in steps of ten minutes.

    Empty where there is no sign with hours, so that nothing is made anew as time goes on.
    """
    if not any(conditions):
        return ""
    there = datetime.fromtimestamp(math.floor(utc_s), tz=zone)
    whole = there.replace(minute=there.minute // 10 * 10, second=0, tzinfo=None)
    return whole.isoformat()


@lru_cache(maxsize=4096)
def opening_at(text: str, local_time: str) -> Opening:
    """Read a condition for a time.

    Args:
        text: as `condition_text` writes it.
        local_time: wall clock where the road is, ISO 8601 without a zone; empty where unknown.
    """
    signs = text.split("\n")
    told = [_sign_at(sign.removeprefix(_ONLY_UNITS), local_time) for sign in signs]
    closed = [
        one.surely_closed
        for one, sign in zip(told, signs, strict=True)
        if not sign.startswith(_ONLY_UNITS)
    ]
    return Opening(
        surely_open=all(one.surely_open for one in told),
        surely_closed=all(closed) if closed else None,
    )


def _sign_at(text: str, local_time: str) -> Opening:
    usual, _, rules = text.partition("|")
    possible = {usual == _OPEN}
    read = [(match[1], match[2]) for match in _RULE.finditer(rules)]
    if not read:
        return Opening(surely_open=False, surely_closed=False)
    for value, condition in read:
        words = {word.strip().lower() for word in value.split(";")}
        opens = bool(words & _OPEN_WORDS)
        holds = _holds(condition, local_time)
        if holds is None:
            possible = possible | {opens}
        elif holds:
            possible = {opens}
    return Opening(surely_open=possible == {True}, surely_closed=possible == {False})


def _holds(condition: str, local_time: str) -> bool | None:
    """Whether a condition holds throughout the next hours (True), at no time, or who knows."""
    hours = condition.strip()
    if hours.startswith("(") and hours.endswith(")"):
        hours = hours[1:-1]
    if not local_time or not _HOURS.search(hours) or _UNKNOWN_HOURS.search(hours):
        return None
    if re.search(r"\bAND\b|[<>=]", hours):
        return None
    begin = datetime.fromisoformat(local_time).replace(tzinfo=None)
    # Few networks have such signs, and the parser takes a while to load.
    from opening_hours import OpeningHours, ParserError, State  # type: ignore  # noqa: PLC0415, PGH003

    try:
        table = OpeningHours(hours)
        state, _ = table.state(begin)
        change = table.next_change(begin)
    except (ParserError, ValueError, OverflowError):
        return None
    lasts = change is None or change.replace(tzinfo=None) >= begin + _WINDOW
    if not lasts or state not in (State.OPEN, State.CLOSED):
        return None
    return bool(state == State.OPEN)
