"""A plate in several boxes, another plate that is nearly it, and a watch whose plate changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from stopline.cameras import models
from stopline.cameras.calibration import calibration
from stopline.cameras.vision.detection import Box
from stopline.cameras.vision.eye import Eye
from stopline.cameras.vision.frame import CameraFrame
from stopline.cameras.vision.gate import WHOLE, MotionGate
from stopline.cameras.vision.verifier import PlateCandidate, Verifier
from stopline.cameras.wanted import WantedPlate, wanted_plate

if TYPE_CHECKING:
    from stopline.cameras.vision.frame import Picture


def drawn(lines: list[str], gap: int) -> Picture:
    """A plate on a grey vehicle: its parts side by side with a gap, or on two lines."""
    picture = np.full((240, 520, 3), 95, np.uint8)
    font, x, y = cv2.FONT_HERSHEY_SIMPLEX, 90, 110
    for number, text in enumerate(lines):
        (wide, high), _ = cv2.getTextSize(text, font, 1.3, 4)
        if number and gap == 0:  # the line below
            x, y = 90, y + high + 22
        cv2.rectangle(picture, (x - 10, y - high - 9), (x + wide + 10, y + 10), (235,) * 3, -1)
        cv2.putText(picture, text, (x, y), font, 1.3, (15, 15, 15), 4, cv2.LINE_AA)
        x += wide + gap
    noise = np.random.default_rng(5).normal(0, 4, picture.shape)
    seen: Picture = np.clip(cv2.GaussianBlur(picture, (3, 3), 0) + noise, 0, 255).astype(np.uint8)
    return seen


def best(picture: Picture, plate: str) -> float:
    verifier = Verifier(models.detector(), models.recogniser(), models.classes())
    return max(one.score for one in verifier.candidates(picture, wanted_plate(plate)))


@pytest.mark.parametrize(
    ("lines", "gap"),
    [(["FL48", "2137"], 34), (["FL48", "2137"], 0), (["FL", "48", "2137"], 34)],
)
def test_a_plate_in_several_boxes_is_one_plate(lines: list[str], gap: int) -> None:
    picture = drawn(lines, gap)
    assert best(picture, "FL 482137") >= calibration().possible
    assert best(picture, "FL 482937") < calibration().certain
    assert best(picture, "ZH 715064") < calibration().possible


class Reading:
    """A verifier that sees one plate, and scores it for the one that is wanted."""

    def __init__(self, plate: str) -> None:
        self._plate, self._frames = plate, 0

    def candidates(self, _: object, wanted: WantedPlate, **__: object) -> list[PlateCandidate]:
        self._frames += 1
        x = 60.0 + 12 * self._frames
        corners = np.array([[x, 50], [x + 60, 50], [x + 60, 64], [x, 64]], np.float32)
        score = 0.0 if wanted.pattern == self._plate else -40.0
        return [PlateCandidate(Box(corners, 0.9), score)]


@pytest.mark.parametrize("changed_at", [2, 5])
def test_a_plate_that_is_no_longer_wanted_gives_nothing_after_the_change(changed_at: int) -> None:
    rng = np.random.default_rng(2)
    eye = Eye(Reading("FL48213"), calibration())  # type: ignore[arg-type]
    answers: list[Any] = []
    for number in range(12):
        picture = rng.integers(0, 255, (180, 320, 3)).astype(np.uint8)
        wanted = wanted_plate("FL 48213" if number < changed_at else "GR 4455")
        answers += eye.see(CameraFrame.of_picture(picture, number * 0.1, number * 0.1), wanted)
    assert answers + eye.finish() == []


def test_a_vehicle_that_passed_and_then_stops_in_view_is_told_once() -> None:
    class Stopping(Reading):
        def candidates(self, *_: object, **__: object) -> list[PlateCandidate]:
            self._frames += 1
            x = 60.0 + 12 * min(self._frames, 12)
            wide = 60.0 + 3 * min(self._frames, 12)
            corners = np.array([[x, 50], [x + wide, 50], [x + wide, 64], [x, 64]], np.float32)
            hidden = 20 <= self._frames < 30  # behind a bus
            return [] if hidden else [PlateCandidate(Box(corners, 0.9), 0.0)]

    rng = np.random.default_rng(2)
    eye = Eye(Stopping("FL48213"), calibration())  # type: ignore[arg-type]
    answers: list[Any] = []
    for number in range(60):
        picture = rng.integers(0, 255, (180, 320, 3)).astype(np.uint8)
        frame = CameraFrame.of_picture(picture, number * 0.1, number * 0.1)
        answers += eye.see(frame, wanted_plate("FL 48213"))
    answers += eye.finish()
    assert [one.direction for one in answers] == ["towards"]


def test_a_place_that_was_left_may_be_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MotionGate, "moving", lambda *_: WHOLE)

    class Parked(Reading):
        def candidates(self, *_: object, **__: object) -> list[PlateCandidate]:
            self._frames += 1
            corners = np.array([[90, 50], [150, 50], [150, 64], [90, 64]], np.float32)
            there = self._frames <= 10 or self._frames > 60
            return [PlateCandidate(Box(corners, 0.9), 0.0)] if there else []

    eye = Eye(Parked("FL48213"), calibration())  # type: ignore[arg-type]
    answers: list[Any] = []
    picture = np.zeros((180, 320, 3), np.uint8)
    for number in range(80):  # a frame a second: it is away for fifty
        answers += eye.see(
            CameraFrame.of_picture(picture, number, number), wanted_plate("FL 48213")
        )
    assert len(answers + eye.finish()) == 2
