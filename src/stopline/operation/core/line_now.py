"""The state of the line as it is now: from the process that keeps it, never from an old record."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from stopline.operation.core.happenings import LineSeen
from stopline.operation.core.node_alarms import NodeAlarm, tells_alarms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.journal.base import Journal
    from stopline.operation.core.state import NodeState

LINE_SHELF: Final = "line-now"
STALE_S: Final = 10.0  # the process that keeps the line writes each three seconds
_FASTEST: Final = 60.0  # of an exercise's clock
LINE_DOWN: Final = "LINE DOWN"
_NOBODY: Final = "no process of this node keeps the line"


@dataclass(frozen=True, slots=True)
class LineNow:
    """How the line is.

    Attributes:
        up: frames pass both ways; None if it never was and nobody keeps it.
        hears: frames of the other node arrive here.
        heard: the other node answers frames of ours.
        since_s: since when, UTC seconds.
        why: what is wrong, in words; empty if nothing is known.
    """

    up: bool | None
    hears: bool | None
    heard: bool | None
    since_s: float
    why: str = ""


def read_lines(journal: Journal) -> dict[str, dict[str, Any]]:
    """Read what the process that keeps the lines wrote last, by peer."""
    return {name: json.loads(raw) for name, raw in journal.shelf(LINE_SHELF)}


def line_now(book: NodeState, now_s: float) -> LineNow:
    """Say how the line is at a time."""
    told = next(iter(book.lines.values()), None)
    if told is None:
        seen = book.projection(LineSeen)
        return LineNow(seen.up, seen.up, seen.up, seen.since_s)
    if abs(now_s - told["written_s"]) > STALE_S * min(told.get("speed", 1.0), _FASTEST):
        return LineNow(False, False, False, told["written_s"], _NOBODY)
    up = bool(told["up"])
    return LineNow(up, bool(told["hears"]), up, told["since_s"], told["why"])


@tells_alarms
def _line(book: NodeState, now_s: float) -> Iterator[NodeAlarm]:
    """A line that is down is an alarm while an incident runs, with its direction and its reason."""
    if not book.lines:
        return
    now = line_now(book, now_s)
    if now.up and not now.why:
        return
    if now.up:
        yield NodeAlarm("LINE HELD BACK", f"{now.why}.", now.since_s)
    else:
        ways = (
            "the other node's frames arrive, ours are not answered" if now.hears
            else "nothing arrives from the other node"
        )  # fmt: skip
        why = f": {now.why}" if now.why else ""
        told = f"{ways}{why}. Telephone; what is sent waits in order."
        yield NodeAlarm(LINE_DOWN, told, now.since_s)
