"""One frame of a camera; it shows nothing of itself and is dropped after its turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

SMALL: Final = (160, 90)
LARGEST_SIDE: Final = 8192


@dataclass(slots=True, repr=False)
class CameraFrame:
    """A frame, decoded no further than it is needed.

    Attributes:
        at_s: when it was taken by the camera's clock, UTC seconds.
        arrived_s: when it came in by our clock, UTC seconds.
        still: it stands alone; no other frame shows the same passage.
    """

    at_s: float
    arrived_s: float
    still: bool = False
    _decoded: Any = field(default=None)
    _picture: Picture | None = field(default=None)

    def __repr__(self) -> str:
        return "CameraFrame(hidden)"

    @classmethod
    def of_decoder(cls, decoded: Any, at_s: float, arrived_s: float) -> CameraFrame:  # noqa: ANN401
        """Wrap a frame of PyAV without converting it."""
        return cls(at_s, arrived_s, _decoded=decoded)

    @classmethod
    def of_picture(
        cls, picture: Picture, at_s: float, arrived_s: float, *, still: bool = False
    ) -> CameraFrame:
        """Wrap a picture: height x width x 3, blue, green, red."""
        return cls(at_s, arrived_s, still, _picture=picture)

    def small(self) -> Picture:
        """Return it in grey, 160 x 90."""
        if self._decoded is not None:
            little = self._decoded.reformat(*SMALL, format="gray", interpolation="AREA")
            grey: Picture = little.to_ndarray()
            return grey
        grey = cv2.cvtColor(self.picture(), cv2.COLOR_BGR2GRAY)
        scaled: Picture = cv2.resize(grey, SMALL, interpolation=cv2.INTER_AREA)
        return scaled

    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        if self._decoded is not None:
            return int(self._decoded.width), int(self._decoded.height)
        picture = self.picture()
        return picture.shape[1], picture.shape[0]

    def picture(self) -> Picture:
        """Return it in colour."""
        if self._picture is None:
            self._picture = self._decoded.to_ndarray(format="bgr24")
        picture: Picture = self._picture
        return picture


def decoded_still(data: bytes) -> Picture | None:
    """Decode a picture file; None if it is none."""
    if not data:
        return None
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return None if found is None else found.astype(np.uint8)
