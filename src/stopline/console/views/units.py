"""Units as the API shows them: many, asked for often, and few change between two looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from stopline.operation.core.context import iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.operation.readiness.summary import UnitLine


class UnitShown(BaseModel):
    """A unit as it is now."""

    unit: str = Field(description="its id")
    agency: str = Field(description="its service")
    strength: int = Field(description="what it counts for at a site")
    state: str = Field(description="off duty, on call, alerted, under way, in position, released")
    said: str = Field(description="the same in words, with how long or what is wrong")
    since: str = Field(description="since when, ISO 8601 with zone")
    overdue: bool = Field(description="it should have answered an alert by now")
    road: str = Field(description="the road of its order; empty for none")
    lon: float | None = Field(description="its last fix, WGS 84 degrees; null before the first")
    lat: float | None = Field(description="its last fix, WGS 84 degrees; null before the first")
    fix: str | None = Field(description="when it was there, ISO 8601 with zone")
    speed_mps: float | None = Field(description="metres a second, or null")
    heading_deg: float | None = Field(description="degrees clockwise from north, or null")


class WrittenUnits:
    """Writes lists of units as JSON and remembers how each unit was written last.

    Threads may share it: they would at worst write the same unit twice.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[UnitLine, bytes]] = {}

    def write(self, lines: Sequence[UnitLine]) -> bytes:
        """The list as JSON."""
        return b"[" + b",".join(self._written(line) for line in lines) + b"]"

    def _written(self, line: UnitLine) -> bytes:
        name = line.unit.registered.id
        known = self._known.get(name)
        if known is not None and _is_same(known[0], line):
            return known[1]
        text = unit_shown(line).model_dump_json().encode()
        self._known[name] = line, text
        return text


def _is_same(one: UnitLine, other: UnitLine) -> bool:
    """Whether two lines say the same; units and fixes are never changed, only replaced."""
    return (
        one.unit is other.unit
        and one.fix is other.fix
        and (one.said, one.road, one.overdue) == (other.said, other.road, other.overdue)
    )


def unit_shown(line: UnitLine) -> UnitShown:
    """Show a unit."""
    unit, fix = line.unit, line.fix
    return UnitShown(
        unit=unit.registered.id, agency=unit.registered.agency, strength=unit.registered.strength,
        state=unit.state, said=line.said, since=iso(unit.since_s), overdue=line.overdue,
        road=line.road, lon=fix and fix.lon, lat=fix and fix.lat, fix=fix and iso(fix.at_s),
        speed_mps=fix and fix.speed_mps, heading_deg=fix and fix.heading_deg,
    )  # fmt: skip
