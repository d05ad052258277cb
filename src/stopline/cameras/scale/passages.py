"""One passage, one answer, also where several workers saw parts of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.cameras.vision.standing import StandingPlates

if TYPE_CHECKING:
    from stopline.cameras.vision.eye import PassageAnswer

_SAME_PASSAGE_S: Final = 1.5
_REMEMBERED: Final = 20


class ToldPassages:
    """What was told of each camera: a passage in two episodes, and what stands there, is told once.

    A certain answer is told also where the same passage was only possible before.

    Args:
        within_s: answers of one camera no further apart are of one passage.
    """

    def __init__(self, within_s: float = _SAME_PASSAGE_S) -> None:
        self._within_s = within_s
        self._moving: dict[str, list[tuple[float, bool]]] = {}
        self._standing: dict[str, StandingPlates] = {}

    def is_new(self, camera: str, answer: PassageAnswer) -> bool:
        """Whether it is not told yet; it is remembered."""
        certain = answer.hit_class == "certain"
        told = self._moving.setdefault(camera, [])
        same = any(
            abs(answer.at_s - at_s) < self._within_s and (sure or not certain)
            for at_s, sure in told
        )
        told.append((answer.at_s, certain))
        del told[:-_REMEMBERED]
        if answer.stands is not None:
            standing = self._standing.setdefault(camera, StandingPlates())
            same = standing.known(answer.stands, answer.at_s) or same
        return not same

    def forget(self, camera: str) -> None:
        """Drop what moved past a camera: it could not be told."""
        self._moving.pop(camera, None)
