"""Which boxes of one frame and the next are the same plate: nearest neighbour with velocity."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.cameras.vision.verifier import PlateCandidate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.cameras.vision.detection import Box

ENDS_AFTER_S: Final = 0.7
BEST: Final = 3
ONE_FRAME: Final = 1.5  # log units that one frame alone costs
_ENOUGH: Final = 5  # looks at a vehicle that is not the one
_LOOKS_AGAIN: Final = 4  # then every fourth frame: it may come nearer
_HOPELESS: Final = -14.0


def passage_score(scores: Sequence[float]) -> float:
    """Return the mean of the best three frames; one frame alone counts, at a price.

    A small plate may be legible in the nearest frame only; the price keeps one lucky frame from
    counting as much as three.
    """
    best = sorted(scores, reverse=True)[:BEST]
    return max(sum(best) / len(best), best[0] - ONE_FRAME) if best else -1e9


@dataclass(slots=True, repr=False)
class PlateTrack:
    """One plate through its frames.

    Attributes:
        scores: one for each frame in which it was looked at.
        first_s, last_s: by the camera's clock.
        crop: JPEG of its best frame, only if that may be the wanted one.
        answered: an answer was given; there is one for each passage.
    """

    centre: tuple[float, float]
    width: float
    first_s: float
    last_s: float
    scores: list[float] = field(default_factory=list)
    velocity: tuple[float, float] = (0.0, 0.0)
    places: list[tuple[float, float, float, float]] = field(default_factory=list)
    crop: bytes = b""
    crop_score: float = -1e9
    best_at_s: float = 0.0
    best_px: float = 0.0
    answered: bool = False

    @property
    def score(self) -> float:
        """Of the passage, from those of its frames."""
        return passage_score(self.scores)

    @property
    def moved(self) -> bool:
        """Whether it went anywhere, measured by its own width."""
        xs = [place[1] for place in self.places]
        ys = [place[2] for place in self.places]
        return float(np.hypot(max(xs) - min(xs), max(ys) - min(ys))) > 0.35 * self.width

    @property
    def place(self) -> tuple[float, float, float]:
        """Where it is, and how wide, pixels."""
        return (*self.centre, self.width)

    @property
    def direction(self) -> str | None:
        """`towards` if it grew, `away` if it shrank, None if neither is plain."""
        if len(self.places) < BEST:
            return None
        data = np.array(self.places)
        times, widths, rows = data[:, 0] - data[0, 0], data[:, 3], data[:, 2]
        if times[-1] <= 0:
            return None
        grew = float(np.polyfit(times, widths, 1)[0]) * times[-1] / widths.mean()
        sank = (rows[-1] - rows[0]) / widths.mean()
        if abs(grew) > 0.06:  # noqa: PLR2004
            return "towards" if grew > 0 else "away"
        if abs(sank) > 0.5:  # noqa: PLR2004
            return "towards" if sank > 0 else "away"
        return None

    def add(self, seen: PlateCandidate, at_s: float) -> None:
        """Go on with a frame."""
        x, y = seen.box.centre
        past = at_s - self.last_s
        if past > 0 and self.scores:
            self.velocity = ((x - self.centre[0]) / past, (y - self.centre[1]) / past)
        if not self.scores or seen.score > max(self.scores):
            self.best_at_s, self.best_px = at_s, seen.box.width
        self.centre, self.width, self.last_s = (x, y), seen.box.width, at_s
        self.scores.append(seen.score)
        self.places.append((at_s, x, y, seen.box.width))
        del self.places[:-60], self.scores[:-200]


class Tracks:
    """All plates in view."""

    def __init__(self) -> None:
        self._open: list[PlateTrack] = []

    def __len__(self) -> int:
        return len(self._open)

    def forget(self) -> None:
        """Drop everything: the watch is over."""
        self._open.clear()

    def follow(
        self, seen: list[PlateCandidate], at_s: float
    ) -> list[tuple[PlateTrack, PlateCandidate]]:
        """Give each candidate to the track that it fits best, or to a new one."""
        pairs = sorted(
            (
                (far, number, place)
                for number, track in enumerate(self._open)
                for place, each in enumerate(seen)
                if (far := _apart(track, each, at_s)) is not None
            ),
        )
        given: dict[int, PlateTrack] = {}
        used: set[int] = set()
        for _, number, place in pairs:
            if number not in used and place not in given:
                used.add(number)
                given[place] = self._open[number]
        found = []
        for place, each in enumerate(seen):
            track = given.get(place)
            if track is None:
                track = PlateTrack(each.box.centre, each.box.width, at_s, at_s)
                self._open.append(track)
            track.add(each, at_s)
            found.append((track, each))
        return found

    def settled(self, box: Box, at_s: float) -> bool:
        """Whether a box is of a vehicle that was looked at often enough and is not the one."""
        seen = PlateCandidate(box, 0.0)
        return any(
            len(track.scores) >= _ENOUGH
            and max(track.scores) < _HOPELESS
            and len(track.scores) % _LOOKS_AGAIN
            and _apart(track, seen, at_s) is not None
            for track in self._open
        )

    def ended(self, at_s: float) -> list[PlateTrack]:
        """Take out those that have not been seen for a while."""
        over = [each for each in self._open if at_s - each.last_s > ENDS_AFTER_S]
        self._open = [each for each in self._open if at_s - each.last_s <= ENDS_AFTER_S]
        return over

    def rest(self) -> list[PlateTrack]:
        """Take out all: the stream is over."""
        over, self._open = self._open, []
        return over


def _apart(track: PlateTrack, seen: PlateCandidate, at_s: float) -> float | None:
    """Distance from where it should be, in widths; None if it cannot be the same."""
    past = at_s - track.last_s
    x = track.centre[0] + track.velocity[0] * past
    y = track.centre[1] + track.velocity[1] * past
    far = float(np.hypot(seen.box.centre[0] - x, seen.box.centre[1] - y)) / max(track.width, 1.0)
    ratio = seen.box.width / max(track.width, 1.0)
    limit = 1.6 if len(track.scores) > 1 else 2.2
    return far if far < limit and 0.55 < ratio < 1.8 else None  # noqa: PLR2004
