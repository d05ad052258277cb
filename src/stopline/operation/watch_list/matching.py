"""Whether a plate that a camera has read is the one: a pure answer, and nothing is kept.

What does not match is dropped in memory here, before anything could store, count or show it. No
cache, no log, no state stands in this file; a test looks for any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.cameras.signs import bare_plate
from stopline.cameras.wanted import fits, wanted_plate
from stopline.errors import BadInput

if TYPE_CHECKING:
    from stopline.cameras.wanted import WantedPlate
    from stopline.operation.watch_list.projection import Watch

__all__ = ["bare_plate", "matches", "wanted_now"]


def wanted_now(watch: Watch | None, now_s: float) -> WantedPlate | None:
    """Return the plate that may be looked for at this moment; None for none.

    Args:
        watch: from `running`; None where nothing is watched for.
        now_s: UTC seconds.
    """
    if watch is None or not watch.plate or watch.ended_s is not None or watch.has_run_out(now_s):
        return None
    try:
        return wanted_plate(watch.plate)
    except BadInput:  # written down before short plates were refused
        return None


def matches(plate_read: str, watch: Watch | None, now_s: float) -> bool:
    """Whether a plate that was read is the plate that is watched for, or a look-alike of it.

    Args:
        plate_read: as the camera's reader gives it.
        watch: from `running`; None where nothing is watched for.
        now_s: UTC seconds.
    """
    wanted = wanted_now(watch, now_s)
    return wanted is not None and fits(plate_read, wanted)
