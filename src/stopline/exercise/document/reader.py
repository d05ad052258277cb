"""Read an exercise document: bytes to a strict model, with all faults at once and their lines."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from stopline.errors import BadInput, Fault
from stopline.exercise.document.schema import Exercise
from stopline.protocol.reader import parse_model, read_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.documents.lines import Lines

_THEIR_PAGE, _OUR_PAGE = "docs/formats/protocol.md", "docs/formats/exercise.md"


@dataclass(frozen=True, slots=True)
class ExerciseFile:
    """An exercise document as it was read.

    Attributes:
        exercise: what it says.
        lines: where each value stands.
        folder: where the files lie that it names.
        digest: hex SHA-256 of its bytes.
    """

    exercise: Exercise
    lines: Lines
    folder: Path
    digest: str

    @property
    def scenario_path(self) -> Path:
        """The scenario's file."""
        return self.folder / self.exercise.scenario

    @property
    def protocol_path(self) -> Path:
        """The protocol's file."""
        return self.folder / self.exercise.protocol


def read_exercise(path: Path) -> ExerciseFile:
    """Read an exercise document from a file.

    Raises:
        BadInput: with all faults, if the file cannot be read or is not of the form.
    """
    data = read_bytes(path)
    exercise, lines = parse_exercise(data, path.name)
    return ExerciseFile(exercise, lines, path.parent, sha256(data).hexdigest())


def parse_exercise(data: bytes, name: str = "exercise") -> tuple[Exercise, Lines]:
    """Read an exercise from bytes; `name` stands in faults.

    Raises:
        BadInput: with all faults found.
    """
    try:
        return parse_model(Exercise, data, name)
    except BadInput as error:
        raise BadInput(
            Fault(one.where, one.seen, one.expected.replace(_THEIR_PAGE, _OUR_PAGE))
            for one in error.faults
        ) from None
