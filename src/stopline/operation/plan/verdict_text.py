"""What is said of a verdict; apart from how it is found, as that takes the roads and is heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from stopline.operation.core.context import seconds
from stopline.rendering.time_text import Clock

if TYPE_CHECKING:
    from datetime import tzinfo

    from stopline.operation.facts.orders import WayOut


class _TextParts(Protocol):
    @property
    def verdict(self) -> str: ...
    @property
    def sighting(self) -> str: ...
    @property
    def ways(self) -> tuple[WayOut, ...]: ...
    @property
    def more(self) -> int: ...
    @property
    def unreported(self) -> tuple[str, ...]: ...


def essence_of(found: _TextParts, plan: str) -> object:
    """What makes a verdict another one: the words for it may change with nothing else."""
    ways = [(w.exit, w.earliest, w.site, w.why, w.still_open) for w in found.ways]
    return found.verdict, plan, found.sighting, ways, found.more, found.unreported


def way_in_words(way: WayOut, now_s: float, zone: tzinfo, *, with_roads: bool = True) -> str:
    """One way out: exit, since when, by which roads if they are wanted, because of which seal."""
    after_s = seconds(way.earliest) - now_s
    at = Clock(now_s, zone).minute(after_s)
    by = f", by {' then '.join(way.roads)}" if way.roads and with_roads else ""
    if not way.still_open:
        return f"{way.exit} is closed by now, but it may have passed from {at}{by}, as {way.why}"
    return f"{way.exit} open {'since' if after_s <= 0 else 'from'} {at}{by}, because {way.why}"
