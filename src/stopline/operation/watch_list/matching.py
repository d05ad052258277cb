"""Whether a plate that a camera has read is the one: a pure answer, and nothing is kept.

What does not match is dropped in memory here, before anything could store, count or show it. No
cache, no log, no state stands in this file; a test looks for any.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stopline.operation.watch_list.projection import Watch

# Letters that plates of several alphabets share, by shape; a reader may give either.
_LATIN: Final = str.maketrans("АВЕІКМНОРСТУХ", "ABEIKMHOPCTYX")  # noqa: RUF001  (that is the point)


def matches(plate_read: str, watch: Watch | None, now_s: float) -> bool:
    """Whether a plate that was read is the plate that is watched for, at this moment.

    Args:
        plate_read: as the camera's reader gives it.
        watch: from `running`; None where nothing is watched for.
        now_s: UTC seconds.
    """
    if watch is None or not watch.plate or watch.ended_s is not None or now_s >= watch.expires_s:
        return False
    return bare_plate(plate_read) == bare_plate(watch.plate)


def bare_plate(text: str) -> str:
    """Letters and digits alone, in capitals, one spelling for letters of the same shape."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(_LATIN)
    return "".join(sign for sign in plain if sign.isalnum())
