"""One camera's stream: frames in, answers about the one vehicle out; all else is dropped here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.cameras.errors import CameraFailed
from stopline.cameras.vision.frame import LARGEST_SIDE
from stopline.cameras.vision.gate import WHOLE, MotionGate
from stopline.cameras.vision.standing import StandingPlates
from stopline.cameras.vision.tracks import BEST, PlateTrack, Tracks
from stopline.cameras.vision.verifier import PlateCandidate, crop_jpeg

if TYPE_CHECKING:
    from stopline.cameras.calibration import Calibration, HitClass
    from stopline.cameras.vision.frame import CameraFrame
    from stopline.cameras.vision.verifier import Verifier
    from stopline.cameras.wanted import WantedPlate

PLATE_M: Final = 0.52
_TOO_WIDE, _TOO_NARROW = 2.2, 0.4  # of the width that the place of the camera makes expected


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageAnswer:
    """The wanted vehicle passed, for certain or possibly; the plate stands nowhere in it.

    Attributes:
        at_s: when, by the camera's clock.
        hit_class: certain or possible.
        score: mean of the best three frames.
        confidence: probability that it is the one.
        direction: towards the camera, away, or not known.
        plate_px: width of the plate in the best frame.
        frames: in how many frames it was looked at.
        crop: JPEG of the best frame.
        doubt: why a good score is only possible; empty for none.
        stands: where it stands still (x, y and width in pixels); None where it moved.
    """

    at_s: float
    hit_class: HitClass
    score: float
    confidence: float
    direction: str | None
    plate_px: float
    frames: int
    crop: bytes
    doubt: str = ""
    stands: tuple[float, float, float] | None = None

    def __repr__(self) -> str:
        return f"PassageAnswer({self.hit_class}, {self.score:.1f})"


class Eye:
    """Looks at the frames of one camera.

    Args:
        verifier: answers for a place in a picture.
        calibration: what a score means.
        pixels_per_m: at the place where plates are read; None if it was not measured.
    """

    def __init__(
        self, verifier: Verifier, calibration: Calibration, pixels_per_m: float | None = None
    ) -> None:
        self._verifier, self._calibration = verifier, calibration
        self._plate_px = None if pixels_per_m is None else pixels_per_m * PLATE_M
        self._gate, self._tracks = MotionGate(), Tracks()
        self._standing = StandingPlates()
        self._wanted: WantedPlate | None = None

    @property
    def in_view(self) -> int:
        """How many vehicles are in view that nothing was answered for yet, or not finally."""
        return len(self._tracks)

    def forget(self) -> None:
        """Drop all that is in view: nothing is watched for any more."""
        self._tracks.forget()
        self._standing.forget()

    def see(self, frame: CameraFrame, wanted: WantedPlate | None) -> list[PassageAnswer]:
        """Look at a frame.

        Args:
            frame: the next one.
            wanted: the plate that may be looked for at this moment; None for nothing, and then
                the frame is dropped unread.

        Raises:
            CameraFailed: something went wrong; it says what, and carries no picture.
        """
        try:
            return self._see(frame, wanted)
        except Exception as error:  # noqa: BLE001  (no error may carry a picture out of here)
            failed = type(error).__name__
        self.forget()
        del frame, wanted  # nor the frame and the plate in the locals of a traceback
        raise CameraFailed(f"a frame could not be looked at ({failed})")

    def finish(self) -> list[PassageAnswer]:
        """Answer for what was in view when the stream ended."""
        return [one for track in self._tracks.rest() if (one := self._answer(track)) is not None]

    def _see(self, frame: CameraFrame, wanted: WantedPlate | None) -> list[PassageAnswer]:
        width, height = frame.size()
        if max(width, height) > LARGEST_SIDE:
            raise CameraFailed(f"a frame is {width} x {height} pixels")
        if wanted is None:
            self.forget()
            return []
        if self._wanted is not None and wanted != self._wanted:
            self.forget()  # scores of another plate say nothing of this one
        self._wanted = wanted
        region = WHOLE if frame.still else self._gate.moving(frame.small())
        answers = [self._ended(track) for track in self._tracks.ended(frame.at_s)]
        if region is not None:
            picture = frame.picture()
            left, top, right, bottom = region.pixels(width, height)
            part = picture[top:bottom, left:right]
            seen = self._verifier.candidates(
                part, wanted, plate_px=self._plate_px,
                settled=lambda box: self._tracks.settled(box.moved(left, top), frame.at_s),
            )  # fmt: skip
            moved = [PlateCandidate(one.box.moved(left, top), one.score) for one in seen]
            boxes = [one.box for one in moved]
            self._standing.looked((left, top, right, bottom), boxes, frame.at_s)
            for track, one in self._tracks.follow(_best_of_each_place(moved), frame.at_s):
                if one.score > max(track.crop_score, self._calibration.possible):
                    track.crop, track.crop_score = crop_jpeg(picture, one.box), one.score
                if not track.answered and len(track.scores) >= 2 * BEST and track.moved:
                    answers.append(self._early(track))
        if frame.still:
            answers += self.finish()
        return [one for one in answers if one is not None]

    def _early(self, track: PlateTrack) -> PassageAnswer | None:
        """Answer while it is still in view, if that is certain by now."""
        if track.score < self._calibration.certain or track.direction is None:
            return None
        return self._answer(track)

    def _ended(self, track: PlateTrack) -> PassageAnswer | None:
        """Answer when it is out of view; one that was told and then stopped is not told again."""
        if track.answered and track.moved:
            self._standing.known(track.place, track.last_s)
        return self._answer(track)

    def _answer(self, track: PlateTrack) -> PassageAnswer | None:
        hit_class = self._calibration.hit_class(track.score)
        if hit_class is None or track.answered:
            return None
        track.answered = True
        stands = None if track.moved else track.place
        if stands is not None and self._standing.known(stands, track.last_s):
            return None
        doubt = (
            "a part of the plate is not known"
            if self._wanted is not None and self._wanted.partial
            else ""
        )
        if self._plate_px is not None:
            ratio = track.best_px / self._plate_px
            if not _TOO_NARROW < ratio < _TOO_WIDE:
                doubt = f"the plate is {ratio:.1f} times as wide as on a vehicle at this place"
        return PassageAnswer(
            at_s=track.best_at_s,
            hit_class="possible" if doubt else hit_class,
            score=round(track.score, 3),
            confidence=round(self._calibration.confidence(track.score) * (0.6 if doubt else 1), 4),
            direction=track.direction,
            plate_px=round(track.best_px, 1),
            frames=len(track.scores),
            crop=track.crop,
            doubt=doubt,
            stands=stands,
        )


def _best_of_each_place(seen: list[PlateCandidate]) -> list[PlateCandidate]:
    """Keep the best of those that lie over one another: a plate, and the same in two boxes."""
    kept: list[PlateCandidate] = []
    for one in sorted(seen, key=lambda each: -each.score):
        x, y = one.box.centre
        near = any(
            abs(x - other.box.centre[0]) < max(one.box.width, other.box.width) * 0.6
            and abs(y - other.box.centre[1]) < max(one.box.height, other.box.height)
            for other in kept
        )
        if not near:
            kept.append(one)
    return kept
