"""The example scenarios that come with Stopline."""

from __future__ import annotations

from pathlib import Path

import stopline
from stopline.errors import BadInput


def example_scenarios() -> tuple[Path, ...]:
    """Scenario files of all examples, in order: from the wheel, or from the source tree.

    Raises:
        BadInput: this installation has no examples.
    """
    package = Path(stopline.__file__).parent
    for folder in (package / "_examples", package.parents[1] / "examples"):
        found = sorted(folder.glob("*/*.yaml"))
        if found:
            return tuple(found)
    raise BadInput.single(str(package / "_examples"), "no examples", "an installation with them")
