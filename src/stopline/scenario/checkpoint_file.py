"""Read prepared checkpoints from CSV."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from stopline.documents.bounded_lines import bounded_lines
from stopline.documents.validation import faults_of
from stopline.scenario.schema import CheckpointForm

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.errors import FaultList

_MOST_FAULTS: Final = 200


def read_checkpoints(path: Path, faults: FaultList) -> list[tuple[str, CheckpointForm]]:
    """Read a CSV with the columns name, lon and lat or section or junction, need, setup_s.

    Returns:
        Each checkpoint with where it stands, for example `posts.csv line 3`.
    """
    rows: list[tuple[str, CheckpointForm]] = []
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
                point = CheckpointForm.model_validate_strings(
                    {key: cell for key, cell in given.items() if cell}
                )
                rows.append((where, point))
            except ValidationError as error:
                for key, seen, expected in faults_of(error, CheckpointForm, given):
                    faults.add(f"{where}: {key}" if key else where, seen, expected)
            if len(faults) > before + _MOST_FAULTS:
                break
    except csv.Error as error:
        faults.add(f"{path} line {reader.line_num}", f"broken CSV ({error})", "CSV with commas")
    if not rows and len(faults) == before:
        faults.add(str(path), "no checkpoints", "a header and at least one checkpoint")
    return rows
