"""How well the wanted plate fits what stands in a picture; other plates never become text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from stopline.cameras.alignment_kernel import ANY, RUN, align
from stopline.cameras.signs import ANY_RUN, ANY_SIGN, group_names
from stopline.cameras.vision.columns import HEIGHT, Columns, look
from stopline.cameras.vision.detection import Box, cut_out, find_boxes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from stopline.cameras.models import Classes
    from stopline.cameras.wanted import WantedPlate

    Picture = NDArray[np.uint8]
    Run = Callable[[NDArray[np.float32]], NDArray[np.float32]]

JOINED: Final = 3.0  # log units off when another sign stands as close as the plate's own
ENLARGED_BELOW: Final = 90.0  # pixels: narrower plates are looked for in an enlarged picture
_MOST_BOXES: Final = 8
_MOST_WHOLE: Final = 3
_HALF: Final = -13.5  # for each wanted sign: a box that scores less holds no half of the plate
UNREAD: Final = -1000.0  # the score of a box that was not looked at again
_LEAST_HEIGHT, _NARROWEST, _WIDEST = 5.0, 0.9, 11.0
_MOST_PIXELS: Final = 1_400_000
_SMALL: Final = 620_000  # pixels of a picture that costs little to enlarge
_GROUPS: Final = {name: number for number, name in enumerate(group_names())}


@dataclass(frozen=True, slots=True, repr=False)
class PlateCandidate:
    """A place with text, and how well the wanted plate fits it.

    Attributes:
        box: in the whole picture.
        score: log-ratio of the wanted plate to the best reading, 0 at best.
    """

    box: Box
    score: float


def pattern_of(wanted: WantedPlate) -> NDArray[np.int32]:
    """The wanted plate as the kernel takes it."""
    special = {ANY_SIGN: ANY, ANY_RUN: RUN}
    return np.array([special.get(s, _GROUPS.get(s, -3)) for s in wanted.key], np.int32)


class Verifier:
    """Answers one question: is it the one?

    Args:
        find: the network that finds text.
        read: the cut recogniser.
        kept: meaning of its classes.
    """

    def __init__(self, find: Run, read: Run, kept: Classes) -> None:
        self._find, self._read, self._kept = find, read, kept

    def candidates(
        self,
        picture: Picture,
        wanted: WantedPlate,
        *,
        plate_px: float | None = None,
        settled: Callable[[Box], bool] = lambda _: False,
    ) -> list[PlateCandidate]:
        """Score every place with text.

        Args:
            picture: the part that moves.
            wanted: the one plate that is searched for.
            plate_px: expected width of a plate, if known; narrow ones are looked for enlarged.
            settled: whether a box is of a vehicle that was looked at often enough.
        """
        boxes = self.boxes(picture, plate_px)
        pattern = pattern_of(wanted)
        found = [
            PlateCandidate(box, UNREAD if settled(box) else self.score(picture, box, pattern))
            for box in boxes
        ]
        return found + self._split(picture, boxes, found, pattern)

    def boxes(self, picture: Picture, plate_px: float | None = None) -> list[Box]:
        """Find places that may hold a plate, the likeliest first."""
        pixels = picture.shape[0] * picture.shape[1]
        if plate_px is None:
            scale = 1.5 if pixels < _SMALL else 1.25
        else:
            scale = 1.5 if plate_px < ENLARGED_BELOW else 1.0
        scale = min(scale, (_MOST_PIXELS / max(pixels, 1)) ** 0.5)
        boxes = [
            box
            for box in find_boxes(picture, self._find, scale)
            if box.height >= _LEAST_HEIGHT and _NARROWEST <= box.width / box.height <= _WIDEST
        ]
        return sorted(boxes, key=lambda box: -box.chance)[:_MOST_BOXES]

    def columns(self, picture: Picture, box: Box) -> Columns:
        """What the recogniser sees in a box, as probabilities."""
        return look(cut_out(picture, box, HEIGHT), self._read, self._kept, len(_GROUPS))

    def score(self, picture: Picture, box: Box, pattern: NDArray[np.int32]) -> float:
        """How well the pattern fits a box."""
        seen = self.columns(picture, box)
        return float(align(seen.signs, seen.blank, pattern, JOINED))

    def _split(
        self,
        picture: Picture,
        boxes: list[Box],
        found: list[PlateCandidate],
        pattern: NDArray[np.int32],
    ) -> list[PlateCandidate]:
        """Look once more where one plate may stand in two or three boxes, or on two lines."""
        whole: list[PlateCandidate] = []
        for one, first in zip(boxes, found, strict=True):
            for other, second in zip(boxes, found, strict=True):
                best = max(first.score, second.score)
                if one is other or not _HALF * len(pattern) < best < -2 * JOINED:
                    continue
                if len(whole) >= _MOST_WHOLE:
                    return whole
                joint = _beside(one, other)
                if joint is not None:
                    whole += [
                        PlateCandidate(each, self.score(picture, each, pattern))
                        for each in (joint, _with_a_third(joint, boxes))
                        if each is not None
                    ]
                elif _above(one, other):
                    lines = [cut_out(picture, each, HEIGHT) for each in (one, other)]
                    row = cv2.hconcat(lines).astype(np.uint8)
                    seen = look(row, self._read, self._kept, len(_GROUPS))
                    score = float(align(seen.signs, seen.blank, pattern, JOINED))
                    whole.append(PlateCandidate(_round(one, other), score))
        return whole


def crop_jpeg(picture: Picture, box: Box, *, grow: float = 1.6, quality: int = 85) -> bytes:
    """Cut out the surroundings of a box as JPEG, at most 480 pixels wide."""
    height, width = picture.shape[:2]
    x, y = box.centre
    half_w, half_h = box.width * (0.5 + grow), box.width * (0.35 + grow * 0.6)
    left, right = int(max(x - half_w, 0)), int(min(x + half_w, width))
    top, bottom = int(max(y - half_h, 0)), int(min(y + half_h, height))
    part = picture[top:bottom, left:right]
    if part.size == 0:
        return b""
    share = 480 / part.shape[1]
    if share < 1:
        part = cv2.resize(part, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", part, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(data)


def _beside(left: Box, right: Box) -> Box | None:
    """The box round two that stand on one line, close together; None if they do not."""
    (x0, y0), (x1, y1) = left.centre, right.centre
    high = max(left.height, right.height)
    gap = (x1 - right.width / 2) - (x0 + left.width / 2)
    if x1 <= x0 or abs(y1 - y0) > 0.45 * high or not -0.5 * high < gap < 1.6 * high:
        return None
    corners = [left.corners[0], right.corners[1], right.corners[2], left.corners[3]]
    return Box(np.array(corners, np.float32), min(left.chance, right.chance))


def _with_a_third(joint: Box, boxes: list[Box]) -> Box | None:
    """The box of two grown by one that stands beside them; None if none does."""
    grown = (_beside(joint, each) or _beside(each, joint) for each in boxes)
    return next((each for each in grown if each is not None), None)


def _above(upper: Box, lower: Box) -> bool:
    (x0, y0), (x1, y1) = upper.centre, lower.centre
    high = (upper.height + lower.height) / 2
    wide = max(upper.width, lower.width)
    return 0.6 * high < y1 - y0 < 1.8 * high and abs(x1 - x0) < 0.6 * wide


def _round(one: Box, other: Box) -> Box:
    points = np.vstack([one.corners, other.corners])
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
    return Box(corners, min(one.chance, other.chance))
