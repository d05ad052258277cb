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
_PLANAR: Final = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "nv12", "yuv444p"})
_WHOLE_RANGE: Final = 2  # of ITU-T H.273 as FFmpeg numbers it; else 16 is black and 235 white
_STRETCHED: Final = np.clip((np.arange(256) - 16) * (255 / 219) + 0.5, 0, 255).astype(np.uint8)


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
    _small: Picture | None = field(default=None)

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
        """Return it in grey, 160 x 90; of a film the colours are not even decoded for it."""
        if self._small is None:
            if self._decoded is None:
                grey = cv2.cvtColor(self.picture(), cv2.COLOR_BGR2GRAY)
                self._small = _scaled(grey)
            else:
                self._small = _small_luma(self._decoded)
        return self._small

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


def _small_luma(decoded: Any) -> Picture:  # noqa: ANN401  (of PyAV)
    """Scale the plane of brightness alone: a quarter of the time of a conversion."""
    if decoded.format.name not in _PLANAR:
        grey: Picture = decoded.reformat(*SMALL, format="gray", interpolation="AREA").to_ndarray()
        return grey
    plane = decoded.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    small = _scaled(rows[: decoded.height, : decoded.width])
    whole = decoded.format.name.startswith("yuvj") or int(decoded.color_range) == _WHOLE_RANGE
    return small if whole else cv2.LUT(small, _STRETCHED).astype(np.uint8, copy=False)


def _scaled(grey: Picture) -> Picture:
    small: Picture = cv2.resize(grey, SMALL, interpolation=cv2.INTER_AREA).astype(
        np.uint8, copy=False
    )
    return small


def decoded_still(data: bytes) -> Picture | None:
    """Decode a picture file; None if it is none."""
    if not data:
        return None
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return None if found is None else found.astype(np.uint8)
