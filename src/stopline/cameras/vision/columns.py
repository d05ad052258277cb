"""What a recogniser sees in a crop, as probabilities per column; never as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from stopline.cameras.models import Classes

    Picture = NDArray[np.uint8]

HEIGHT: Final = 48
_STEP: Final = 8
_LEAST, _MOST = 96, 640


@dataclass(frozen=True, slots=True, repr=False)
class Columns:
    """Log-probabilities per column of one crop.

    Attributes:
        signs: of each group of look-alikes, columns x groups.
        blank: that a column holds no sign.
    """

    signs: NDArray[np.float32]
    blank: NDArray[np.float32]


def look(
    crop: Picture,
    network: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    kept: Classes,
    groups: int,
) -> Columns:
    """Look at one crop of `HEIGHT` pixels.

    Args:
        crop: height x width x 3.
        network: the cut recogniser, which gives logits after its softmax as probabilities.
        kept: meaning of its classes.
        groups: number of groups of look-alikes.
    """
    return columns_of(chances(crop, network), kept, groups)


def chances(
    crop: Picture, network: Callable[[NDArray[np.float32]], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return what the cut recogniser gives for a crop: columns x kept classes."""
    wide = int(np.clip(-(-crop.shape[1] // _STEP) * _STEP, _LEAST, _MOST))
    if crop.shape[1] > wide:
        crop = cv2.resize(crop, (wide, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.uint8)
    batch = np.zeros((1, 3, HEIGHT, max(wide, _LEAST)), np.float32)
    batch[0, :, :, : crop.shape[1]] = (crop.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)
    seen: NDArray[np.float32] = network(batch)[0]
    return seen


def columns_of(chance: NDArray[np.float32], kept: Classes, groups: int) -> Columns:
    """Add up classes: look-alikes to their group, separators to the blank."""
    summed = np.zeros((chance.shape[0], groups), np.float32)
    for group in range(groups):
        summed[:, group] = chance[:, kept.group == group].sum(axis=1)
    blank = chance[:, kept.group == -1].sum(axis=1)
    floor = np.float32(1e-9)
    return Columns(np.log(np.maximum(summed, floor)), np.log(np.maximum(blank, floor)))
