"""The CSV tables that an event file may name: cameras or barriers that stand, and shifts."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from stopline.documents.csv_rows import read_models
from stopline.planning.event_schema import ShiftForm, SpotForm
from stopline.scenario.fields import Form

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.errors import FaultList

_Row = TypeVar("_Row", bound=Form)


def read_spots(path: Path, faults: FaultList) -> list[tuple[str, SpotForm]]:
    """Read places on roads: a CSV with the columns name, lon and lat, or section and fraction."""
    return _read(path, SpotForm, faults)


def read_shifts(path: Path, faults: FaultList) -> list[tuple[str, ShiftForm]]:
    """Read a roster: a CSV with the columns unit, people, from, until, and service if wanted."""
    return _read(path, ShiftForm, faults)


def _read(path: Path, form: type[_Row], faults: FaultList) -> list[tuple[str, _Row]]:
    """Each row with where it stands, for example `roster.csv line 3`."""
    if not path.exists():
        faults.add(str(path), "no such file", "a file that exists")
        return []
    return read_models(path, form, faults)
