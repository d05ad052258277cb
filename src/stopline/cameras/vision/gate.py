"""Motion, before any network looks: an empty road costs next to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from stopline.cameras.vision.frame import SMALL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

_LEARNING: Final = 0.06  # share of a frame that goes into the background
_LEAST_CHANGE: Final = 9.0  # grey levels; more where the picture is noisy
_LEAST_CELLS: Final = 14
_MARGIN: Final = 5


@dataclass(frozen=True, slots=True)
class PictureRegion:
    """A part of the picture, as shares of its sides.

    Attributes:
        left, top, right, bottom: from 0 to 1.
    """

    left: float
    top: float
    right: float
    bottom: float

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in pixels."""
        return (
            int(self.left * width), int(self.top * height),
            int(np.ceil(self.right * width)), int(np.ceil(self.bottom * height)),
        )  # fmt: skip


WHOLE: Final = PictureRegion(0.0, 0.0, 1.0, 1.0)


class MotionGate:
    """Compares each frame with a background that it learns."""

    def __init__(self) -> None:
        self._ground: NDArray[np.float32] | None = None
        self._noise = 3.0

    def moving(self, small: Picture) -> PictureRegion | None:
        """Return the part of the picture that moves, or None.

        Args:
            small: the frame in grey, 160 x 90.
        """
        seen = cv2.blur(small, (3, 3)).astype(np.float32)
        if self._ground is None:
            self._ground = seen
            return WHOLE
        apart = seen - self._ground
        apart -= np.float32(np.median(apart[::2, ::2]))  # the sun behind a cloud is no motion
        change = np.abs(apart)
        limit = max(_LEAST_CHANGE, 4.0 * self._noise)
        mask = (change > limit).astype(np.uint8)
        still = change[mask == 0]
        if still.size:
            self._noise = 0.95 * self._noise + 0.05 * float(still.mean()) * 1.25
        rate = np.where(mask == 1, np.float32(_LEARNING / 2), np.float32(_LEARNING))
        self._ground += rate * (seen - self._ground)
        rows, columns = np.nonzero(
            cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        )
        if rows.size < _LEAST_CELLS:
            return None
        wide, high = SMALL
        return PictureRegion(
            max(int(columns.min()) - _MARGIN, 0) / wide,
            max(int(rows.min()) - _MARGIN, 0) / high,
            min(int(columns.max()) + 1 + _MARGIN, wide) / wide,
            min(int(rows.max()) + 1 + _MARGIN, high) / high,
        )
