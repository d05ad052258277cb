"""The example scenarios that come with Stopline."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import stopline
from stopline.errors import BadInput

_OTHER: Final = frozenset({"events", "exercises", "protocols"})  # examples of another kind


def example_scenarios() -> tuple[Path, ...]:
    """Scenario files of all examples, in order: from the wheel, or from the source tree.

    Raises:
        BadInput: this installation has no examples.
    """
    package = Path(stopline.__file__).parent
    for folder in (package / "_examples", package.parents[1] / "examples"):
        found = sorted(p for p in folder.glob("*/*.yaml") if p.parent.name not in _OTHER)
        if found:
            return tuple(found)
    raise BadInput.single(str(package / "_examples"), "no examples", "an installation with them")
