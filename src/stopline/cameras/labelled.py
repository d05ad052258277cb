"""Pictures and films of a user with known plates, as cases of an evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.cameras import models
from stopline.cameras.errors import CameraFailed
from stopline.cameras.evaluation import Case, SeenPlace
from stopline.cameras.signs import bare_plate
from stopline.cameras.sources import frames_of
from stopline.cameras.vision.columns import HEIGHT, chances
from stopline.cameras.vision.detection import cut_out
from stopline.cameras.vision.verifier import Verifier
from stopline.cameras.wanted import wanted_plate
from stopline.documents.capped_faults import CappedFaults
from stopline.documents.csv import read_table
from stopline.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LABELS: Final = "plates.csv"
_DIGITS, _LETTERS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def labelled_cases(folder: Path, others: int, seed: int) -> Iterator[Case]:
    """Look at every labelled picture or film of a folder.

    Args:
        folder: with `plates.csv`, whose columns are file and plate.
        others: how many other plates of the same form are asked for in each.
        seed: of these.

    Raises:
        BadInput: with all faults of the labels.
    """
    labels = _labels(folder)
    find, read, kept = models.detector(), models.recogniser(), models.classes()
    verifier, rng = Verifier(find, read, kept), np.random.default_rng(seed)
    for name, plate in labels:
        frames = []
        try:
            for frame in frames_of(str(folder / name), began_s=0.0):
                picture = frame.picture()
                boxes = verifier.boxes(picture)
                frames.append(
                    [SeenPlace.of(chances(cut_out(picture, b, HEIGHT), read), kept) for b in boxes]
                )
        except CameraFailed as error:
            raise BadInput.single(f"{folder / name}", str(error), "a picture or a film") from None
        bare = bare_plate(plate)
        yield Case(plate, frames, [_other(rng, bare) for _ in range(others)], _one_off(bare))


def _labels(folder: Path) -> list[tuple[str, str]]:
    path = folder / LABELS
    faults = CappedFaults(str(path))
    table = read_table(path, faults)
    found: list[tuple[str, str]] = []
    if table.require(("file", "plate"), faults):
        for row in range(len(table.lines)):
            name, plate = table.columns["file"][row].strip(), table.columns["plate"][row].strip()
            if not (folder / name).is_file() or "/" in name or "\\" in name:
                faults.add(table.place(row, "file"), name, f"a picture or film in {folder}")
            try:
                wanted_plate(plate)
            except BadInput as error:
                faults.add(table.place(row, "plate"), plate, error.faults[0].expected)
            found.append((name, plate))
        if not found:
            faults.add(str(path), "no row", "file and plate of each picture")
    faults.raise_if_any()
    return found


def _other(rng: np.random.Generator, plate: str) -> str:
    while True:
        made = "".join(_pool(sign)[int(rng.integers(0, len(_pool(sign))))] for sign in plate)
        if made != plate:
            return made


def _one_off(plate: str) -> list[str]:
    return [
        plate[:at] + sign + plate[at + 1 :]
        for at, here in enumerate(plate)
        for sign in _pool(here)
        if sign != here
    ]


def _pool(sign: str) -> str:
    return _DIGITS if sign.isdigit() else _LETTERS
