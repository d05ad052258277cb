"""Where text stands in a picture: boxes that may hold a plate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

_MEAN: Final = np.array([0.485, 0.456, 0.406], np.float32)
_SPREAD: Final = np.array([0.229, 0.224, 0.225], np.float32)
_TEXT, _BOX = 0.2, 0.45  # probability of a pixel, and of a box, from the models' own settings
_GROW: Final = 1.5
_LEAST_SIDE: Final = 4.0
_MOST_BOXES: Final = 40
_STEP: Final = 32


@dataclass(frozen=True, slots=True, repr=False)
class Box:
    """A place that may hold a plate.

    Attributes:
        corners: clockwise from the top left, pixels, 4 x 2.
        chance: probability that it is text.
    """

    corners: NDArray[np.float32]
    chance: float

    @property
    def width(self) -> float:
        """Length of the upper side, pixels."""
        return float(np.linalg.norm(self.corners[1] - self.corners[0]))

    @property
    def height(self) -> float:
        """Length of the left side, pixels."""
        return float(np.linalg.norm(self.corners[3] - self.corners[0]))

    def moved(self, x: float, y: float) -> Box:
        """Return it at another place."""
        return Box(self.corners + np.array([x, y], np.float32), self.chance)

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, pixels."""
        x, y = self.corners.mean(axis=0)
        return float(x), float(y)


def find_boxes(
    picture: Picture, network: Callable[[NDArray[np.float32]], NDArray[np.float32]], scale: float
) -> list[Box]:
    """Find boxes with text.

    Args:
        picture: height x width x 3, blue, green, red.
        network: gives the probability of text for each pixel.
        scale: by which the picture is enlarged before it is looked at.
    """
    height, width = picture.shape[:2]
    rows, columns = _stepped(height * scale), _stepped(width * scale)
    scaled = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_LINEAR)
    batch = ((scaled.astype(np.float32) / 255.0 - _MEAN) / _SPREAD).transpose(2, 0, 1)[None]
    chance = network(np.ascontiguousarray(batch))[0, 0]
    back = np.array([width / columns, height / rows], np.float32)
    return boxes_of(chance, back)


def boxes_of(chance: NDArray[np.float32], back: NDArray[np.float32]) -> list[Box]:
    """Turn a map of probabilities into boxes (differentiable binarisation, Liao et al. 2020)."""
    mask = (chance > _TEXT).astype(np.uint8)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in sorted(outlines, key=len, reverse=True)[:_MOST_BOXES]:
        rect = cv2.minAreaRect(outline)
        (wide, high) = rect[1]
        if min(wide, high) < _LEAST_SIDE - 1:
            continue
        x, y, w, h = cv2.boundingRect(outline)
        inside = np.zeros((h, w), np.uint8)
        cv2.drawContours(inside, [outline - np.array([x, y])], -1, 1, -1)
        probable = float(cv2.mean(chance[y : y + h, x : x + w], inside)[0])
        if probable < _BOX:
            continue
        grown = wide * high * _GROW / max(2 * (wide + high), 1.0)
        corners = _ordered(cv2.boxPoints((rect[0], (wide + 2 * grown, high + 2 * grown), rect[2])))
        found.append(Box((corners * back).astype(np.float32), probable))
    return found


def cut_out(picture: Picture, box: Box, height: int, grow: float = 0.0) -> Picture:
    """Give what stands in a box, upright, at a height."""
    corners = box.corners
    if grow:
        middle = corners.mean(axis=0)
        corners = (corners - middle) * (1 + grow) + middle
    wide = max(round(box.width / max(box.height, 1.0) * height), height // 2)
    target = np.array([[0, 0], [wide, 0], [wide, height], [0, height]], np.float32)
    turn: Any = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    cut: Picture = cv2.warpPerspective(
        picture, turn, (wide, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8)
    return cut


def _ordered(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Corners clockwise from the top left, the longer side lying."""
    by_x = points[np.argsort(points[:, 0], kind="stable")]
    left, right = by_x[:2], by_x[2:]
    top_left, bottom_left = left[np.argsort(left[:, 1])]
    top_right, bottom_right = right[np.argsort(right[:, 1])]
    return np.array([top_left, top_right, bottom_right, bottom_left], np.float32)


def _stepped(length: float) -> int:
    return max(_STEP, round(length / _STEP) * _STEP)
