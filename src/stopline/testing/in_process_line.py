"""The line inside one process, for tests: that of the link, which exercises use too."""

from __future__ import annotations

from stopline.link.in_process import Faults, InProcessLine

__all__ = ["Faults", "InProcessLine"]
