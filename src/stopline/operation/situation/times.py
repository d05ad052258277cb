"""Moments as the reader of a page wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.operation.core.context import seconds
from stopline.rendering.time_text import Clock, span

if TYPE_CHECKING:
    from datetime import tzinfo


class Times:
    """Writes moments as a reader of the page wants them."""

    def __init__(self, now_s: float, zone: tzinfo) -> None:
        self.now_s, self.zone = now_s, zone
        self.clock = Clock(now_s, zone)

    def at(self, time_s: float) -> str:
        """HH:MM, with the date on another day."""
        return self.clock.minute(time_s - self.now_s)

    def iso(self, text: str) -> str:
        """The same, of a time written as ISO 8601."""
        return self.at(seconds(text))

    def ago(self, time_s: float) -> str:
        """HH:MM and how long ago."""
        return f"{self.at(time_s)} ({span(max(0.0, self.now_s - time_s))} ago)"
