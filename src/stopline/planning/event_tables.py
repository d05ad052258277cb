"""The tables that an event file may name: cameras or barriers that stand, shifts, rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from stopline.documents.csv_rows import read_models
from stopline.documents.validation import note_faults
from stopline.documents.yaml import read_yaml
from stopline.errors import BadInput
from stopline.event.force_rules import RuleTable
from stopline.planning.event_schema import ShiftForm, SpotForm
from stopline.scenario.fields import Form

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.documents.yaml import YamlDocument
    from stopline.errors import FaultList

_Row = TypeVar("_Row", bound=Form)


def read_spots(path: Path | None, faults: FaultList) -> list[tuple[str, SpotForm]]:
    """Read places on roads: a CSV with the columns name, lon and lat, or section and fraction."""
    return _read(path, SpotForm, faults)


def read_shifts(path: Path | None, faults: FaultList) -> list[tuple[str, ShiftForm]]:
    """Read a roster: a CSV with the columns unit, people, from, until, and service if wanted."""
    return _read(path, ShiftForm, faults)


def read_rules(path: Path, faults: FaultList) -> RuleTable | None:
    """Read a rule table; None where it has faults."""
    before = len(faults)
    try:
        document = read_yaml(path)
    except BadInput as error:
        faults.extend(error.faults)
        return None
    try:
        table = RuleTable.model_validate(_each_row_once(document, faults))
    except ValidationError as error:
        note_faults(error, RuleTable, document, faults)
        return None
    return table if len(faults) == before else None


def _each_row_once(document: YamlDocument, faults: FaultList) -> object:
    """The content of a rule table; a row that comes a second time is a fault, and renamed."""
    content = document.content
    rows = content.get("rows") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        return content
    seen: set[str] = set()
    others: list[object] = []
    for number, row in enumerate(rows):
        name = row.get("id") if isinstance(row, dict) else None
        if isinstance(name, str) and name in seen:
            where = document.where(("rows", number, "id"))
            faults.add(where, f"{name} a second time", "each row once, by its id")
            # A name that nothing refers to, so that the rest of the row is read.
            others.append({**row, "id": f"{name} ({number})"})
            continue
        seen.update([name] if isinstance(name, str) else [])
        others.append(row)
    return {**content, "rows": others}


def _read(path: Path | None, form: type[_Row], faults: FaultList) -> list[tuple[str, _Row]]:
    """Each row with where it stands, for example `roster.csv line 3`."""
    return [] if path is None else read_models(path, form, faults)
