"""The first run after installation compiles the kernels: say so, once, before it takes time."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def prepare(report: Callable[[str, float], None]) -> None:
    """Compile what this installation has not compiled yet, with progress.

    `stopline.warm.prepare(report)` does the work where it exists: it returns at once if the
    machine code lies on disk already, and otherwise reports "Preparing ..., once" with the part
    that is done. Without it the kernels compile at their first call.
    """
    if importlib.util.find_spec("stopline.warm") is not None:
        importlib.import_module("stopline.warm").prepare(report)
