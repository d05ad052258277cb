"""The CSV tables that an event file may name: cameras or barriers that stand, and shifts."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import ValidationError

from stopline.documents.bounded_lines import bounded_lines
from stopline.documents.validation import faults_of
from stopline.planning.event_schema import ShiftForm, SpotForm
from stopline.scenario.fields import Form

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.errors import FaultList

_MOST_FAULTS: Final = 200
_Row = TypeVar("_Row", bound=Form)


def read_spots(path: Path, faults: FaultList) -> list[tuple[str, SpotForm]]:
    """Read places on roads: a CSV with the columns name, lon and lat, or section and fraction."""
    return _read(path, SpotForm, faults)


def read_shifts(path: Path, faults: FaultList) -> list[tuple[str, ShiftForm]]:
    """Read a roster: a CSV with the columns unit, people, from, until, and service if wanted."""
    return _read(path, ShiftForm, faults)


def _read(path: Path, form: type[_Row], faults: FaultList) -> list[tuple[str, _Row]]:
    """Each row with where it stands, for example `roster.csv line 3`."""
    rows: list[tuple[str, _Row]] = []
    if not path.exists():
        faults.add(str(path), "no such file", "a file that exists")
        return rows
    reader = csv.reader(bounded_lines(path, faults), strict=True)
    before = len(faults)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        for cells in reader:
            where = f"{path} line {reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                faults.add(where, f"{len(cells)} cells", f"{len(header)} cells, as in the header")
                continue
            given = {key: cell.strip() for key, cell in zip(header, cells, strict=True)}
            try:
                # The columns are text, so numbers are read from text here and nowhere else.
                made = form.model_validate_strings({k: cell for k, cell in given.items() if cell})
                rows.append((where, made))
            except ValidationError as error:
                for key, seen, expected in faults_of(error, form, given):
                    faults.add(f"{where}: {key}" if key else where, seen, expected)
            if len(faults) > before + _MOST_FAULTS:
                break
    except csv.Error as error:
        faults.add(f"{path} line {reader.line_num}", f"broken CSV ({error})", "CSV with commas")
    if not rows and len(faults) == before:
        faults.add(str(path), "no rows", "a header and at least one row")
    return rows
