"""A unit: a force that moves as one, of one agency of one side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FREE: Final = "free"
UNDER_WAY: Final = "under way"
IN_POSITION: Final = "in position"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A force that can hold one site.

    Attributes:
        id: unique among the units of a scenario.
        side: the side that commands it.
        agency: the service it belongs to, for example `police`.
        lon: position, WGS 84 degrees.
        lat: position.
        ready_s: seconds after "now" from which it can move.
        speed_factor: times the speed limit at which it drives (blue lights: 1.2); it keeps to
            one-way signs unless the rules say otherwise.
        strength: what it counts for against the strength that a site needs, a whole number >= 1.
        may_act_in: territories in which it may drive and hold sites.
        name: what people call it; the id if empty.
        status: what it is doing now: `free`, `under way` or `in position`.
        bound_to: the one site that it may hold, `section 12` or `junction 7`, as it was ordered or
            promised there; empty for any.
    """

    id: str
    side: str
    agency: str
    lon: float
    lat: float
    ready_s: float = 0.0
    speed_factor: float = 1.0
    strength: int = 1
    may_act_in: frozenset[str] = frozenset()
    name: str = ""
    status: str = FREE
    bound_to: str = ""
