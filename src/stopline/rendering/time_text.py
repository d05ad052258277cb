"""Times, spans and sentences in words for people, in the zone of the incident."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import tzinfo

_LONG_S: Final = 5400.0
_SHORT_S: Final = 120.0
_DAY_S: Final = 86400.0
_RAISED: Final = str.maketrans("+-0123456789", "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Clock:
    """Writes times that are counted in seconds after "now".

    Args:
        now_utc_s: "now" as Unix seconds.
        zone: the zone to write in.
    """

    def __init__(self, now_utc_s: float, zone: tzinfo = UTC) -> None:
        self.now = datetime.fromtimestamp(now_utc_s, tz=zone)

    def exact(self, after_now_s: float, *, late: bool = False) -> str:
        """Write HH:MM:SS, with the date if it is not the day of "now"; `never` if infinite.

        A deadline is cut to the second before it; with `late`, a time by which something is done
        is carried to the second after it, so that neither promises too much.
        """
        if not math.isfinite(after_now_s):
            return "never"
        return self._text(math.ceil(after_now_s) if late else math.floor(after_now_s), "%H:%M:%S")

    def minute(self, after_now_s: float, *, late: bool = False) -> str:
        """Write HH:MM in the same way."""
        if not math.isfinite(after_now_s):
            return "never"
        past_s = self.now.second + self.now.microsecond / 1e6
        minutes = (after_now_s + past_s) / 60
        whole = math.ceil(minutes - 1e-9) if late else math.floor(minutes)
        return self._text(whole * 60 - past_s, "%H:%M")

    def short(self, after_now_s: float, *, late: bool = False) -> str:
        """Write HH:MM:SS for a narrow column: another day is marked as in `00:38:31⁺¹`."""
        if not math.isfinite(after_now_s):
            return "never"
        at = self._at(math.ceil(after_now_s) if late else math.floor(after_now_s))
        days = (at.date() - self.now.date()).days
        mark = f"{days:+d}".translate(_RAISED) if days else ""
        return f"{at:%H:%M:%S}{mark}"

    def day(self) -> str:
        """Write date and zone of "now", for example `Fri 12 Jun 2026, UTC+02:00`."""
        return f"{self.now:%a %d %b %Y}, {_offset(self.now)}"

    def _text(self, after_now_s: float, form: str) -> str:
        at = self._at(after_now_s)
        text = at.strftime(form if at.date() == self.now.date() else f"%d %b {form}")
        # Where clocks go back, one time of day comes twice.
        here, there = self.now.utcoffset(), at.utcoffset()
        back = here is not None and there is not None and there < here
        return f"{text} {_offset(at)}" if back else text

    def _at(self, after_now_s: float) -> datetime:
        # Arithmetic in UTC: a span across the change to summer time keeps its length.
        moved = self.now.astimezone(UTC) + timedelta(seconds=after_now_s)
        return moved.astimezone(self.now.tzinfo)


def _offset(at: datetime) -> str:
    zone = at.strftime("%z")
    return "UTC" if zone == "+0000" else f"UTC{zone[:3]}:{zone[3:5]}"


def span(seconds: float, *, sign: bool = False) -> str:
    """Write a span: `75 s`, `4 min`, `2 h 05 min`, cut towards less; `no bound` if infinite."""
    if not math.isfinite(seconds):
        return "no bound"
    lead = ("+" if seconds >= 0 else "\N{MINUS SIGN}") if sign else ""
    if seconds < 0 and not sign:
        lead = "\N{MINUS SIGN}"
    size = abs(seconds)
    if size < _SHORT_S:
        return f"{lead}{math.floor(size)} s"
    if size < _LONG_S:
        return f"{lead}{math.floor(size / 60)} min"
    hours, rest = divmod(math.floor(size / 60), 60)
    if size >= 10 * _DAY_S:
        return f"{lead}{math.floor(size / _DAY_S)} days"
    return f"{lead}{hours} h {rest:02d} min"


def without_verdict(sentence: str, verdict: str) -> str:
    """The sentence of a plan where the verdict stands before it already."""
    for start in (f"{verdict}: ", f"{verdict} to seal: "):
        if sentence.lower().startswith(start):
            return as_sentence(sentence[len(start) :])
    return sentence


def as_sentence(text: str) -> str:
    """Begin with a capital and end with a stop."""
    whole = text.strip()
    return f"{whole[:1].upper()}{whole[1:]}{'' if whole[-1:] in ('.', '!', '?', '') else '.'}"
