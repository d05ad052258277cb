"""Whether a camera sees at all: frozen, dark, covered, turned away, or with a wrong clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

Blindness = Literal["frozen", "dark", "covered", "turned away", "clock off", "no pictures"]

FROZEN_S: Final = 4.0
CLOCK_S: Final = 2.0
_EVERY_S: Final = 0.25  # more often says no more, and costs as much as the motion gate
_DARK: Final = 6.0  # mean grey level below which nothing is seen, unless something shines
_FLAT: Final = 2.5  # spread of grey levels below which something covers the lens
_TURNED: Final = 0.2  # agreement of edges with those that were learned
_TURNED_S: Final = 4.0
_LEARN_S: Final = 3.0


class Health:
    """Looks at each frame, in grey and small, for what makes a camera blind."""

    def __init__(self, clock_offset_s: float = 0.0) -> None:
        self._offset_s = clock_offset_s
        self._last: Picture | None = None
        self._checked: float | None = None
        self._found: Blindness | None = None
        self._same_since: float | None = None
        self._edges: NDArray[np.float32] | None = None
        self._since_s: float | None = None
        self._turned_since: float | None = None

    def check(
        self, small: Picture, *, at_s: float, arrived_s: float, live: bool
    ) -> Blindness | None:
        """Say what makes it blind at this frame, or None.

        Args:
            small: the frame in grey.
            at_s: by the camera's clock.
            arrived_s: by ours.
            live: it comes as it is taken, so that both clocks should agree.
        """
        if live and abs(at_s + self._offset_s - arrived_s) > CLOCK_S:
            return "clock off"
        moment = arrived_s if live else at_s
        if self._checked is not None and 0 <= moment - self._checked < _EVERY_S:
            return self._found
        self._checked, self._found = moment, self._state(small, moment)
        return self._found

    def _state(self, small: Picture, moment: float) -> Blindness | None:
        if self._last is not None and np.array_equal(small, self._last):
            self._same_since = moment if self._same_since is None else self._same_since
            if moment - self._same_since >= FROZEN_S:
                return "frozen"
        else:
            self._same_since = None
        self._last = small
        brightest = float(np.percentile(small, 99.5))
        if float(small.mean()) < _DARK and brightest < 40:  # noqa: PLR2004  (no lamp, no plate)
            return "dark"
        if float(small.std()) < _FLAT:
            return "covered"
        return self._turned(small, moment)

    def _turned(self, small: Picture, moment: float) -> Blindness | None:
        edges = cv2.Laplacian(cv2.GaussianBlur(small, (0, 0), 1.5), cv2.CV_32F).astype(np.float32)
        if self._edges is None or self._since_s is None:
            self._edges, self._since_s = edges, moment
            return None
        if moment - self._since_s < _LEARN_S:
            self._edges = 0.9 * self._edges + 0.1 * edges
            return None
        apart = float(np.linalg.norm(edges) * np.linalg.norm(self._edges))
        agree = float((edges * self._edges).sum()) / apart if apart > 0 else 0.0
        if agree < _TURNED:
            self._turned_since = moment if self._turned_since is None else self._turned_since
            return "turned away" if moment - self._turned_since >= _TURNED_S else None
        self._turned_since = None
        self._edges = 0.995 * self._edges + 0.005 * edges
        return None
