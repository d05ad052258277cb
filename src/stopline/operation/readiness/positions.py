"""Positions as units and feeds report them: each row is taken, passed over or refused by itself.

A batch is never lost for one bad row. What is refused is said row by row to whoever reported it,
and stands in the fact as a count.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from stopline.operation.core.command import Command, command
from stopline.operation.core.errors import NotNow
from stopline.operation.core.known_places import KnownPlaces
from stopline.operation.core.placing import FIX_OFF_ROAD_M, refusals
from stopline.operation.facts.readiness import PositionsReported
from stopline.operation.readiness.ownership import may_speak_for
from stopline.operation.readiness.projection import Readiness

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from stopline.operation.core.actor import Actor
    from stopline.operation.core.command_handler import CommandHandler, CommandReceipt
    from stopline.operation.core.context import CommandContext
    from stopline.operation.core.preparation import Preparation, Regions
    from stopline.operation.readiness.projection import Fix

MOST_ROWS: Final = 5000
AHEAD_S: Final = 2.0  # clocks of radios differ; a fix farther in the future is refused
OLDEST_S: Final = 86_400.0  # a radio whose clock was never set says 1970 or 1980
STILL_S, STILL_M = 60.0, 10.0  # a unit this still is written once in this time
_PLACES = 6  # decimals of a degree: a tenth of a metre
_DEGREE_M: Final = 111_195.0

UNKNOWN, FOREIGN = "unknown unit", "unit of another service"
NO_SERVICE: Final = "who reports is of no service"
FUTURE, ANCIENT, NOWHERE = "time in the future", "more than a day old", "no place on earth"
ODD = "far from the region"
OLD, STILL = "not newer than its last", "stands still"  # no fault; the others are to be mended
_EXPECTED: Final = {
    UNKNOWN: "the id of a registered unit",
    FOREIGN: "a unit of your own service; a unit reports for itself alone",
    NO_SERVICE: "an administrator to say whose it is: `stopline people change ... --agency`",
    FUTURE: f"a time at most {AHEAD_S:g} s ahead of this node's clock",
    ANCIENT: "a time of the last 24 hours; is the radio's clock set?",
    ODD: "a place of the region; are lon and lat swapped?",
    NOWHERE: "longitude -180 to 180 and latitude -90 to 90",
}


class PositionRow(BaseModel):
    """Where a unit was at a time; fields as in the columns of positions.csv."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    unit: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="id of the unit")
    lon: float = Field(description="longitude, WGS 84 degrees")
    lat: float = Field(description="latitude, WGS 84 degrees")
    time: AwareDatetime = Field(description="when it was there, ISO 8601 with zone")
    speed_mps: Annotated[float, Field(ge=0, le=200)] | None = Field(
        default=None, description="speed in metres a second"
    )
    heading_deg: Annotated[float, Field(ge=0, le=360)] | None = Field(
        default=None, description="degrees clockwise from north"
    )


class RefusedRow(NamedTuple):
    """A row that was not taken and that somebody should mend.

    Attributes:
        row: its number in the batch, from zero.
        unit: the id it bears.
        reason: what is wrong with it.
    """

    row: int
    unit: str
    reason: str

    def __str__(self) -> str:
        return f"row {self.row + 1} ({self.unit}): {self.reason}; expected {_EXPECTED[self.reason]}"


@dataclass(frozen=True, slots=True)
class Sifted:
    """A batch, row by row.

    Attributes:
        taken: rows that say something new, with their time in UTC milliseconds.
        refused: rows that somebody should mend.
        passed_over: other rows not taken, counted by reason: old ones, and units that stand still.
    """

    taken: list[tuple[PositionRow, int]]
    refused: list[RefusedRow]
    passed_over: Counter[str]

    def left_out(self) -> dict[str, int]:
        """Rows not taken, counted by reason."""
        return dict(self.passed_over + Counter(one.reason for one in self.refused))


def sift(
    rows: Sequence[PositionRow],
    known: Readiness,
    actor: Actor,
    now_s: float,
    odd: Collection[int] = (),
) -> Sifted:
    """Say of each row of a batch whether it is taken, and why not; `odd` rows are far away."""
    found = Sifted([], [], Counter())
    last: dict[str, tuple[float, float, int]] = {}
    oldest_s, latest_s = now_s - OLDEST_S, now_s + AHEAD_S
    for number, row in enumerate(rows):
        reason = ODD if number in odd else ""
        reason = _reason(row, known, actor, oldest_s, latest_s) or reason
        if reason:
            found.refused.append(RefusedRow(number, row.unit, reason))
            continue
        at_ms = round(row.time.timestamp() * 1000)
        before = last.get(row.unit) or _last(known.fixes.get(row.unit))
        if before is not None and at_ms <= before[2]:
            found.passed_over[OLD] += 1
        elif before is not None and _is_still(before, row, at_ms):
            found.passed_over[STILL] += 1
        else:
            last[row.unit] = (row.lon, row.lat, at_ms)
            found.taken.append((row, at_ms))
    return found


def _reason(
    row: PositionRow, known: Readiness, actor: Actor, oldest_s: float, latest_s: float
) -> str:
    """Why a row by itself is to be mended; empty if it is not."""
    unit, time_s = known.units.get(row.unit), row.time.timestamp()
    if unit is None:
        return UNKNOWN
    if not actor.agency:
        return NO_SERVICE
    if unit.registered.agency != actor.agency or not may_speak_for(actor, row.unit):
        return FOREIGN
    if time_s > latest_s:
        return FUTURE
    if time_s < oldest_s:
        return ANCIENT
    return "" if _on_earth(row) else NOWHERE


def _on_earth(row: PositionRow) -> bool:
    return -180.0 <= row.lon <= 180.0 and -90.0 <= row.lat <= 90.0  # noqa: PLR2004


@command("positions.report")
class ReportPositions(Command):
    """Report where units of one's own service are; a unit reports for itself alone."""

    rows: Annotated[tuple[PositionRow, ...], Field(min_length=1, max_length=MOST_ROWS)] = Field(
        description="the fixes, each with unit, lon, lat, time, and speed_mps, heading_deg if known"
    )

    def prepare(self, ground: Preparation) -> frozenset[int]:
        """Hold the rows against the region."""
        known = ground.look(lambda book: book.projection(KnownPlaces).all())
        return _odd_rows(self.rows, ground.regions, known)

    def decide(self, at: CommandContext) -> None:
        """Rows are judged one by one; refused only if every row is one to mend."""
        odd = at.prepared if isinstance(at.prepared, frozenset) else frozenset()
        found = sift(self.rows, at.book.projection(Readiness), at.actor, at.now_s, odd)
        if len(found.refused) == len(self.rows):
            first = "; ".join(map(str, found.refused[:3]))
            raise NotNow(f"none of {len(self.rows)} rows can be taken: {first}")
        if found.taken:
            at.record(_fact(found))


@dataclass(frozen=True, slots=True)
class PositionsOutcome:
    """What became of a batch.

    Attributes:
        done: the command's facts: one, or none if nothing in the batch was new.
        taken: rows that were written.
        refused: rows that somebody should mend.
        passed_over: other rows not taken, counted by reason.
    """

    done: CommandReceipt
    taken: int
    refused: tuple[RefusedRow, ...]
    passed_over: dict[str, int]


def report_positions(
    desk: CommandHandler,
    rows: Sequence[PositionRow],
    actor: Actor,
    *,
    command_id: str,
    now_s: float,
) -> PositionsOutcome:
    """Report a batch and say row by row what became of it.

    Raises:
        Refused: the actor may not report, or every row is one to mend; nothing was recorded.
    """
    with desk.reading:
        book = desk.catch_up()
        odd = _odd_rows(rows, desk.regions, book.projection(KnownPlaces).all())
        found = sift(rows, book.projection(Readiness), actor, now_s, odd)
        report = ReportPositions(rows=tuple(rows))
        done = desk.do(report, actor, command_id=command_id, now_s=now_s)
    taken = 0 if done.repeated else len(found.taken)
    return PositionsOutcome(done, taken, tuple(found.refused), dict(found.passed_over))


def _odd_rows(
    rows: Sequence[PositionRow], regions: Regions | None, known: Sequence[tuple[float, float]]
) -> frozenset[int]:
    """Rows that lie so far from the region that something else is meant."""
    there = [number for number, row in enumerate(rows) if _on_earth(row)]
    points = [(rows[number].lon, rows[number].lat) for number in there]
    said = refusals(regions, known, points, FIX_OFF_ROAD_M) if points else []
    return frozenset(number for number, refusal in zip(there, said, strict=True) if refusal)


def _fact(found: Sifted) -> PositionsReported:
    rows = [row for row, _ in found.taken]
    speeds = tuple(_short(row.speed_mps) for row in rows)
    headings = tuple(_short(row.heading_deg) for row in rows)
    return PositionsReported(
        unit=tuple(row.unit for row in rows),
        lon=tuple(round(row.lon, _PLACES) for row in rows),
        lat=tuple(round(row.lat, _PLACES) for row in rows),
        at_ms=tuple(at_ms for _, at_ms in found.taken),
        speed_mps=speeds if any(one is not None for one in speeds) else None,
        heading_deg=headings if any(one is not None for one in headings) else None,
        left_out=found.left_out(),
    )


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _last(fix: Fix | None) -> tuple[float, float, int] | None:
    return None if fix is None else (fix.lon, fix.lat, round(fix.at_s * 1000))


def _is_still(before: tuple[float, float, int], row: PositionRow, at_ms: int) -> bool:
    lon, lat, then_ms = before
    if at_ms - then_ms >= STILL_S * 1000:
        return False
    north_m = (row.lat - lat) * _DEGREE_M
    east_m = (row.lon - lon) * _DEGREE_M * math.cos(math.radians(lat))
    return north_m * north_m + east_m * east_m < STILL_M * STILL_M
