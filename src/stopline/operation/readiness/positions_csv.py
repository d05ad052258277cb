"""Positions as CSV, in and out; every fault of a text is named with its line at once.

unit,lon,lat,time,speed_mps,heading_deg
LI-POL-1,9.521500,47.141000,2026-11-25T21:40:05Z,13.9,270
"""

from __future__ import annotations

import csv
import io
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from stopline.errors import FaultList
from stopline.operation.readiness.positions import MOST_ROWS, PositionRow

if TYPE_CHECKING:
    from collections.abc import Iterable

COLUMNS: Final = {
    "unit": "the id of a unit, for example LI-POL-1",
    "lon": "longitude in degrees, -180 to 180, for example 9.5215",
    "lat": "latitude in degrees, -90 to 90, for example 47.1410",
    "time": "a time with zone, for example 2026-11-25T21:40:05Z",
    "speed_mps": "metres a second, 0 to 200, or nothing",
    "heading_deg": "degrees clockwise from north, 0 to 360, or nothing",
}
NEEDED: Final = ("unit", "lon", "lat", "time")
_LARGEST: Final = 4_000_000
_LONGEST_NAME: Final = 200
_MOST_FAULTS: Final = 200
_BOUNDS: Final = {
    "lon": (-180.0, 180.0), "lat": (-90.0, 90.0), "speed_mps": (0.0, 200.0),
    "heading_deg": (0.0, 360.0),
}  # fmt: skip


def read_positions_csv(text: str, where: str) -> tuple[PositionRow, ...]:
    """Read positions from CSV with a header.

    Args:
        text: at most 4 million characters and 5,000 rows; a byte order mark is skipped.
        where: what to call it in faults, for example the file's name.

    Raises:
        BadInput: with all faults of the text.
    """
    faults = FaultList()
    rows: list[PositionRow] = []
    if len(text) > _LARGEST:
        faults.add(where, "a text over 4 million characters", "a shorter one, in several parts")
        faults.raise_if_any()
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        if _header_serves(header, f"{where} line 1", faults):
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    line = f"{where} line {reader.line_num}"
                    row = _row(header, cells, line, faults)
                    rows += [] if row is None else [row]
                if len(faults) > _MOST_FAULTS or len(rows) > MOST_ROWS:
                    break
    except csv.Error as error:
        faults.add(f"{where} line {reader.line_num}", f"broken CSV ({error})", "CSV with commas")
    if len(faults) > _MOST_FAULTS:
        faults.add(where, "more faults than these", "these to be mended first")
    if len(rows) > MOST_ROWS:
        faults.add(where, f"more than {MOST_ROWS} rows", "fewer, in several parts")
    if not rows and not faults:
        faults.add(where, "no positions", "at least one row")
    faults.raise_if_any()
    return tuple(rows)


def write_positions_csv(rows: Iterable[PositionRow]) -> str:
    """Write positions as CSV that `read_positions_csv` reads into the very same rows."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        time = row.time.astimezone(UTC).isoformat().replace("+00:00", "Z")
        writer.writerow([row.unit, row.lon, row.lat, time, row.speed_mps, row.heading_deg])
    return out.getvalue()


def _header_serves(header: list[str], where: str, faults: FaultList) -> bool:
    before = len(faults)
    if not any(header):
        faults.add(where, "nothing", f"a header: {','.join(COLUMNS)}")
        return False
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        faults.add(where, "columns separated by semicolons or tabs", "columns separated by commas")
        return False
    for column in dict.fromkeys(header):
        if header.count(column) > 1:
            faults.add(where, f"column {column!r} twice", "each column once")
        if column not in COLUMNS:
            faults.add(where, f"column {column!r}", f"columns of {', '.join(COLUMNS)}")
    for column in NEEDED:
        if column not in header:
            faults.add(where, f"no column {column!r}", f"{column}: {COLUMNS[column]}")
    return len(faults) == before


def _row(header: list[str], cells: list[str], where: str, faults: FaultList) -> PositionRow | None:
    if len(cells) != len(header):
        faults.add(where, f"{len(cells)} cells", f"{len(header)} cells, as in the header")
        return None
    before = len(faults)
    given = {key: cell.strip() for key, cell in zip(header, cells, strict=True)}
    unit = given["unit"]
    if not 0 < len(unit) <= _LONGEST_NAME or not unit.isprintable():
        faults.add(f"{where}: unit", unit or "nothing", COLUMNS["unit"])
    numbers = {key: _number(given.get(key, ""), key, where, faults) for key in _BOUNDS}
    time = _time(given["time"], where, faults)
    if len(faults) > before or time is None:
        return None
    return PositionRow.model_validate({"unit": unit, "time": time, **numbers})


def _number(text: str, key: str, where: str, faults: FaultList) -> float | None:
    if not text and key not in NEEDED:
        return None
    try:
        value = math.nan if "_" in text else float(text)
    except ValueError:
        value = math.nan
    least, most = _BOUNDS[key]
    if not least <= value <= most:
        faults.add(f"{where}: {key}", text or "nothing", COLUMNS[key])
        return None
    return value


def _time(text: str, where: str, faults: FaultList) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    faults.add(f"{where}: time", text or "nothing", COLUMNS["time"])
    return None
