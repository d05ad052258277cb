"""The exercises that come with Stopline."""

from __future__ import annotations

from pathlib import Path

import stopline
from stopline.errors import BadInput


def shipped_exercises() -> dict[str, Path]:
    """The documents by name: from the wheel, or from the source tree.

    Raises:
        BadInput: this installation has none.
    """
    package = Path(stopline.__file__).parent
    for folder in (package / "_examples", package.parents[1] / "examples"):
        found = sorted((folder / "exercises").glob("*.yaml"))
        if found:
            return {path.stem: path for path in found}
    raise BadInput.single(str(package), "no exercises", "an installation with examples")


def shipped_exercise(name: str) -> Path:
    """One document by its name.

    Raises:
        BadInput: there is none of that name.
    """
    known = shipped_exercises()
    if name not in known:
        raise BadInput.single("exercise", name, f"one of {', '.join(known)}")
    return known[name]
