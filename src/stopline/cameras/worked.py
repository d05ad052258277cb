"""When a camera really worked: only what it did not see then is news."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LONGEST_GAP_S: Final = 2.0
PERIOD_S: Final = 60.0
_SHORTEST_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Interval:
    """A time in which a camera worked and the vehicle did not pass, UTC seconds."""

    from_s: float
    until_s: float


class Worked:
    """Adds up the time in which frames came and were looked at.

    Args:
        period_s: how often it says so.
    """

    def __init__(self, period_s: float = PERIOD_S) -> None:
        self._period_s = period_s
        self._from_s: float | None = None
        self._last_s = 0.0

    def frame(self, at_s: float) -> list[Interval]:
        """Note a frame that was looked at; return what is over by it."""
        said: list[Interval] = []
        if self._from_s is not None and not 0 <= at_s - self._last_s <= LONGEST_GAP_S:
            said += self.stop()
        if self._from_s is None:
            self._from_s = at_s
        self._last_s = at_s
        if at_s - self._from_s >= self._period_s:
            said.append(Interval(self._from_s, at_s))
            self._from_s = at_s
        return said

    def seen(self, at_s: float, spread_s: float = 2.0) -> list[Interval]:
        """The vehicle passed: the time until shortly before counts, that around it does not."""
        if self._from_s is None:
            return []
        until_s = min(self._last_s, at_s) - spread_s
        said = [Interval(self._from_s, until_s)] if until_s - self._from_s >= _SHORTEST_S else []
        self._from_s = max(self._last_s, at_s)
        return said

    def stop(self) -> list[Interval]:
        """It works no more, or is blind: return what it worked until now."""
        began_s, self._from_s = self._from_s, None
        if began_s is None or self._last_s - began_s < _SHORTEST_S:
            return []
        return [Interval(began_s, self._last_s)]
