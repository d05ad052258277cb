"""At most so many in any stretch of time for each source, so that nobody fills a shelf."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

_SOURCES = 4096  # more than that at once, and the one longest silent is forgotten


@dataclass(slots=True)
class MovingWindow:
    """Counts what each source does; threads may share it.

    Attributes:
        most: so many are taken in a window.
        length_s: how long the window is, seconds.
    """

    most: int
    length_s: float
    _taken: dict[str, deque[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_s(self, source: str, now_s: float) -> float:
        """Take one more of a source; seconds until it may come again if it was not taken, or 0."""
        with self._lock:
            taken = self._taken.pop(source, deque())
            while taken and taken[0] <= now_s - self.length_s:
                taken.popleft()
            self._taken[source] = taken  # last, as the one heard last
            if len(self._taken) > _SOURCES:
                del self._taken[next(iter(self._taken))]
            if len(taken) >= self.most:
                return taken[0] + self.length_s - now_s
            taken.append(now_s)
            return 0.0
