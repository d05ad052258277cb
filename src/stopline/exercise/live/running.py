"""Which exercises run on this machine: a file for each, by the process that plays it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.exercise.live.control import is_alive, state

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def noted_as_running(noted: Path, folder: Path) -> Iterator[None]:
    """Have an exercise found while it is played.

    Args:
        noted: folder in which running exercises are noted.
        folder: of this run.
    """
    noted.mkdir(parents=True, exist_ok=True)
    own = noted / str(os.getpid())
    own.write_text(str(folder.resolve()), "utf-8")
    try:
        yield
    finally:
        own.unlink(missing_ok=True)


def the_one_running(noted: Path) -> Path:
    """The folder of the only exercise that runs on this machine.

    Raises:
        BadInput: none runs, or more than one.
    """
    found = sorted(_running(noted))
    if not found:
        expected = "a running `stopline exercise run`, or --run with its --out folder"
        raise BadInput.single("exercise", "none runs on this machine", expected)
    if len(found) > 1:
        seen = f"{len(found)} that run: {', '.join(map(str, found))}"
        raise BadInput.single("exercise", seen, "--run with the folder of one of them")
    return found[0]


def _running(noted: Path) -> Iterator[Path]:
    """Folders of the exercises that run; what a killed one left behind is taken away."""
    for one in noted.glob("*"):
        try:
            folder = Path(one.read_text("utf-8"))
            state(folder)
        except FileNotFoundError:
            continue  # it ended just now
        except BadInput:
            if not is_alive(one.name):
                one.unlink(missing_ok=True)
            continue
        yield folder
