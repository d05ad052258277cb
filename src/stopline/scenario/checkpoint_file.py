"""Read prepared checkpoints from CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.documents.csv_rows import read_models
from stopline.scenario.schema import CheckpointForm

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.errors import FaultList


def read_checkpoints(path: Path, faults: FaultList) -> list[tuple[str, CheckpointForm]]:
    """Read a CSV with the columns name, lon and lat or section or junction, need, setup_s.

    Returns:
        Each checkpoint with where it stands, for example `posts.csv line 3`.
    """
    return read_models(path, CheckpointForm, faults, nothing="no checkpoints")
