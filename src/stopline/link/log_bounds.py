"""What strangers can make a node log is bounded: so many lines a minute, each one cut."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from stopline.link.line_log import log_text

if TYPE_CHECKING:
    from collections.abc import Callable

_BOUNDED: Final = ("uvicorn.error", "uvicorn.asgi", "asyncio")
_A_MINUTE: Final = 10
_MINUTE_S: Final = 60.0


class BoundedLog(logging.Filter):
    """Lets ten lines a minute of one kind through; the next one that passes tells the rest."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: dict[str, list[float]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a line is written; it is made one short line, without a traceback."""
        kind = f"{record.name} {record.levelno} {record.msg!s:.80}"
        now_s = self._clock()
        began_s, count = self._kinds.get(kind, [now_s, 0.0])
        if now_s - began_s >= _MINUTE_S:
            left = int(count) - _A_MINUTE
            began_s, count = now_s, 0.0
        else:
            left = 0
        if len(self._kinds) > 100:  # noqa: PLR2004  (kinds are few; a flood of kinds is none)
            self._kinds.clear()
        self._kinds[kind] = [began_s, count + 1]
        if count >= _A_MINUTE:
            return False
        told = f" (and {left} more like the last)" if left > 0 else ""
        error = record.exc_info[1] if record.exc_info else None
        what = f": {type(error).__name__}: {error}" if error is not None else ""
        record.msg, record.args = log_text(f"{record.getMessage()}{what}") + told, ()
        record.exc_info, record.exc_text = None, None
        return True


def bound_logs() -> None:
    """Bound what the libraries of a server log of its clients; once is enough."""
    for name in _BOUNDED:
        logger = logging.getLogger(name)
        if not any(isinstance(one, BoundedLog) for one in logger.filters):
            logger.addFilter(BoundedLog())
