"""The wanted plate where it stands still, on a parked car or on a poster: it is told once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.cameras.vision.detection import Box

SAME_PLACE: Final = 0.6  # of the plate's width
_REMEMBERED_S: Final = 43_200.0
_GONE_S: Final = 30.0  # it was looked for there for so long, and it stands there no more


@dataclass(slots=True)
class StandingPlate:
    """Where the wanted plate stands.

    Attributes:
        x, y, width: pixels.
        last_s: when it was seen last, by the camera's clock.
        missed_s: since when it was looked for there in vain; None while it is seen.
    """

    x: float
    y: float
    width: float
    last_s: float
    missed_s: float | None = None

    def is_at(self, place: tuple[float, float, float]) -> bool:
        """Whether a plate at x, y and with a width is it."""
        x, y, width = place
        near = np.hypot(self.x - x, self.y - y) < SAME_PLACE * width
        return bool(near) and 0.7 < self.width / width < 1.4  # noqa: PLR2004


class StandingPlates:
    """All of one camera."""

    def __init__(self) -> None:
        self._known: list[StandingPlate] = []

    def __len__(self) -> int:
        return len(self._known)

    def forget(self) -> None:
        """Drop everything: the watch is over."""
        self._known.clear()

    def known(self, place: tuple[float, float, float], at_s: float) -> bool:
        """Whether it is known that it stands there; if not, it is from now on."""
        self._known = [each for each in self._known if at_s - each.last_s < _REMEMBERED_S]
        there = [each for each in self._known if each.is_at(place)]
        self._known = [each for each in self._known if each not in there]
        self._known.append(StandingPlate(*place, at_s))
        return bool(there)

    def looked(self, region: tuple[int, int, int, int], boxes: Iterable[Box], at_s: float) -> None:
        """Note which stand no more where they stood.

        Args:
            region: that was looked at: left, top, right, bottom, pixels.
            boxes: that were found in it.
            at_s: when.
        """
        if not self._known:
            return
        left, top, right, bottom = region
        places = [(*box.centre, box.width) for box in boxes]
        for each in self._known:
            half = each.width / 2
            inside = left <= each.x - half and each.x + half <= right
            if not inside or not top <= each.y <= bottom:
                continue
            if any(each.is_at(place) for place in places):
                each.missed_s = None
                each.last_s = at_s
            elif each.missed_s is None:
                each.missed_s = at_s
        self._known = [
            each for each in self._known
            if each.missed_s is None or at_s - each.missed_s < _GONE_S
        ]  # fmt: skip
