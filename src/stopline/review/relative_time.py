"""Moments of a review: seconds after the alarm, and ISO 8601."""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

from stopline.operation.core.context import iso, seconds


@dataclass(frozen=True, slots=True)
class Since:
    """Counts from the alarm.

    Attributes:
        zero_s: the alarm, UTC seconds.
    """

    zero_s: float

    @overload
    def t(self, time_s: float) -> float: ...
    @overload
    def t(self, time_s: None) -> None: ...
    def t(self, time_s: float | None) -> float | None:
        """Seconds after the alarm, to the millisecond."""
        return None if time_s is None else round(time_s - self.zero_s, 3)

    def of_iso(self, text: str) -> float:
        """The same, of a time written as ISO 8601."""
        return self.t(seconds(text))

    def iso(self, t_s: float) -> str:
        """ISO 8601 of seconds after the alarm."""
        return iso(self.zero_s + t_s)
