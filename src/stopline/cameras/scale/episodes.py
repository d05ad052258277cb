"""Episodes: the moving part of a few seconds of one camera, so that any worker can look at it.

An episode goes through memory only. It is cut where nothing moves, or after four seconds; what
follows then begins a little earlier, so that no passage falls between two.
"""

from __future__ import annotations

import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from stopline.cameras.errors import CameraFailed
from stopline.cameras.vision.frame import CameraFrame, decoded_still
from stopline.cameras.vision.gate import MotionGate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_S: Final = 4.0
OVERLAP_S: Final = 1.0
_QUIET_S: Final = 0.8
_LARGEST: Final = 7_000_000
_QUALITY: Final = 92
_HEAD: Final = struct.Struct("<I")


@dataclass(slots=True, repr=False)
class Episode:
    """A few seconds of one camera.

    Attributes:
        camera: its name.
        frames: time by the camera's clock, time of arrival, and the whole frame as JPEG.
        id: by which a worker says that it is done with it.
    """

    camera: str
    frames: list[tuple[float, float, bytes]] = field(default_factory=list)
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def from_s(self) -> float:
        """When it begins, by the camera's clock."""
        return self.frames[0][0]

    @property
    def until_s(self) -> float:
        """When it ends."""
        return self.frames[-1][0]

    @property
    def size(self) -> int:
        """Bytes of its pictures."""
        return sum(len(jpeg) for _, _, jpeg in self.frames)

    def pack(self) -> bytes:
        """Return it as a message."""
        head = json.dumps(
            {
                "camera": self.camera, "id": self.id,
                "frames": [[a, b, len(j)] for a, b, j in self.frames],
            }
        ).encode()  # fmt: skip
        return _HEAD.pack(len(head)) + head + b"".join(jpeg for _, _, jpeg in self.frames)

    @classmethod
    def unpack(cls, data: bytes) -> Episode:
        """Read a message.

        Raises:
            CameraFailed: it is none.
        """
        try:
            (length,) = _HEAD.unpack_from(data)
            head = json.loads(data[4 : 4 + length])
            place, frames = 4 + length, []
            for at_s, arrived_s, size in head["frames"]:
                frames.append((float(at_s), float(arrived_s), data[place : place + int(size)]))
                place += int(size)
            return cls(str(head["camera"]), frames, str(head["id"]))
        except (struct.error, ValueError, KeyError, TypeError):
            raise CameraFailed("a message is no episode") from None

    def pictures(self) -> Iterator[CameraFrame]:
        """Give its frames; a broken one is passed over."""
        for at_s, arrived_s, jpeg in self.frames:
            picture = decoded_still(jpeg)
            if picture is not None:
                yield CameraFrame.of_picture(picture, at_s, arrived_s)


def episodes(camera: str, frames: Iterable[CameraFrame]) -> Iterator[Episode]:
    """Cut the frames of a camera into episodes in which something moves."""
    gate, now = MotionGate(), Episode(camera)
    moved_s = -1e18
    for frame in frames:
        moving = gate.moving(frame.small()) is not None
        moved_s = frame.at_s if moving else moved_s
        if frame.at_s - moved_s > _QUIET_S:
            if now.frames:
                yield now
            now = Episode(camera)
            continue
        _, jpeg = cv2.imencode(".jpg", frame.picture(), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        now.frames.append((frame.at_s, frame.arrived_s, np.asarray(jpeg).tobytes()))
        if now.until_s - now.from_s >= LONGEST_S or now.size > _LARGEST:
            yield now
            kept = [each for each in now.frames if each[0] > now.until_s - OVERLAP_S]
            now = Episode(camera, kept if now.size <= _LARGEST else [])
    if now.frames:
        yield now
