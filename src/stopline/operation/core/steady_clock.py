"""A clock of hours that does not jump: what ends by time ends by time that has really passed.

It follows the machine's clock while that goes by itself. When it is set by more than some seconds,
either way, it goes on as if it had not been, until the process begins anew: a clock that somebody
set wrong ends no session and erases nothing.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_STEP_S: Final = 5.0


class SteadyClock:
    """UTC seconds; call it as a function.

    Args:
        utc_s: the machine's clock, which may be set.
        mono_s: a clock that is never set.
    """

    def __init__(
        self,
        utc_s: Callable[[], float] = time.time,
        mono_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._utc_s, self._mono_s = utc_s, mono_s
        self._last_mono_s = mono_s()
        self._now_s = utc_s()

    def __call__(self) -> float:
        """Give UTC seconds, without the jumps."""
        return self.at(self._utc_s())

    def at(self, utc_s: float) -> float:
        """Give UTC seconds without the jumps, where the machine's clock shows `utc_s`."""
        mono_s = self._mono_s()
        expected_s = self._now_s + (mono_s - self._last_mono_s)
        self._last_mono_s = mono_s
        near = abs(utc_s - expected_s) < _STEP_S
        self._now_s = utc_s if near else expected_s
        return self._now_s
