"""Blind is not silent: what makes a camera blind, when it worked; one hit for what stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stopline.cameras.calibration import calibration
from stopline.cameras.camera import Camera
from stopline.cameras.errors import CameraFailed
from stopline.cameras.vision.detection import Box
from stopline.cameras.vision.eye import Eye
from stopline.cameras.vision.frame import CameraFrame
from stopline.cameras.vision.gate import WHOLE, MotionGate
from stopline.cameras.vision.health import Health
from stopline.cameras.vision.verifier import PlateCandidate
from stopline.cameras.wanted import wanted_plate
from stopline.cameras.watching import Blind, Hit, SeesAgain, Silent, as_line, watch_camera
from stopline.cameras.worked import Interval, Worked

if TYPE_CHECKING:
    from collections.abc import Iterator

WANTED = wanted_plate("FL 12345")
RNG = np.random.default_rng(3)
ROAD = RNG.integers(40, 200, (90, 160)).astype(np.float32)
ELSEWHERE = RNG.integers(40, 200, (90, 160)).astype(np.float32)


def small(ground: np.ndarray, number: int) -> np.ndarray:
    noise = np.random.default_rng(number).normal(0, 2, ground.shape)
    return np.clip(ground + noise, 0, 255).astype(np.uint8)


def states(pictures: Iterator[np.ndarray], **how: Any) -> list[str | None]:
    health = Health()
    late = how.get("late_s", 0.0)
    return [
        health.check(picture, at_s=n * 0.5, arrived_s=n * 0.5 + late, live=bool(how))
        for n, picture in enumerate(pictures)
    ]


def test_a_good_picture_is_no_blindness() -> None:
    assert set(states(small(ROAD, n) for n in range(60))) == {None}


@pytest.mark.parametrize(
    ("later", "why"),
    [
        (lambda _: small(ROAD, 7), "frozen"),
        (lambda n: small(ROAD * 0.02, n), "dark"),
        (lambda n: np.full((90, 160), 120 + n % 2, np.uint8), "covered"),
        (lambda n: small(ELSEWHERE, n), "turned away"),
    ],
)
def test_what_makes_it_blind(later: Any, why: str) -> None:
    def pictures() -> Iterator[np.ndarray]:
        yield from (small(ROAD, n) for n in range(20))
        yield from (later(n) for n in range(20, 50))

    found = states(pictures())
    assert set(found[:20]) == {None}
    assert found[-1] == why


def test_a_clock_that_is_off_by_two_seconds_is_blindness_of_a_stream() -> None:
    assert states((small(ROAD, n) for n in range(3)), late_s=2.5) == ["clock off"] * 3
    assert states((small(ROAD, n) for n in range(3)), late_s=1.5) == [None] * 3
    assert states((small(ROAD, n) for n in range(3)), late_s=-30.0) == ["clock off"] * 3


def test_it_worked_only_while_frames_came() -> None:
    worked = Worked(10.0)
    said = [each for n in range(25) for each in worked.frame(float(n))]
    said += worked.frame(100.0) + worked.frame(101.0) + worked.stop()
    assert said == [Interval(0.0, 10.0), Interval(10.0, 20.0), Interval(20.0, 24.0)]
    worked = Worked(60.0)
    said = [each for n in range(30) for each in worked.frame(float(n))]
    assert worked.seen(20.0) == [Interval(0.0, 18.0)]
    assert worked.stop() == []


def test_an_empty_road_moves_nothing_and_a_cloud_neither() -> None:
    gate = MotionGate()
    gate.moving(small(ROAD, 0))
    assert [gate.moving(small(ROAD - n * 0.4, n)) for n in range(1, 40)] == [None] * 39
    with_car = ROAD.copy()
    with_car[40:60, 60:90] = 250
    region = gate.moving(small(with_car, 99))
    assert region is not None
    assert region.left < 60 / 160 < 90 / 160 < region.right


class Seeing:
    """A verifier that finds the wanted plate at a place for each frame."""

    def __init__(self, places: list[tuple[float, float, float] | None]) -> None:
        self.places = iter(places)

    def candidates(self, *_: object, **__: object) -> list[PlateCandidate]:
        place = next(self.places)
        if place is None:
            return []
        x, y, wide = place
        high = wide / 4.7
        corners = np.array([[x, y], [x + wide, y], [x + wide, y + high], [x, y + high]])
        return [PlateCandidate(Box(corners.astype(np.float32), 0.9), -0.1)]


def passing(places: list[tuple[float, float, float] | None], **camera: Any) -> list[Hit]:
    """Hits of a film in which the plate stands at these places, and something always moves."""
    picture = np.random.default_rng(1).integers(30, 220, (360, 640, 3)).astype(np.uint8)
    frames = [CameraFrame.of_picture(picture, n * 0.1, n * 0.1) for n in range(len(places))]
    known = Camera(name="A", **camera)
    eye = Eye(Seeing(places), calibration(), known.pixels_per_m)  # type: ignore[arg-type]
    eye._gate.moving = lambda _: WHOLE  # type: ignore[method-assign]
    seen = watch_camera(known, frames, eye, lambda: WANTED, live=False)
    return [each for each in seen if isinstance(each, Hit)]


def test_a_plate_parked_in_view_gives_one_hit_however_often_it_is_uncovered() -> None:
    parked = (200.0, 150.0, 90.0)
    places = ([parked] * 12 + [None] * 10) * 6
    assert len(passing(places)) == 1


def test_the_same_vehicle_that_comes_again_gives_a_hit_each_time() -> None:
    drive = [(100.0 + 12 * n, 60.0 + 10 * n, 60.0 + 4 * n) for n in range(12)]
    places: list[tuple[float, float, float] | None] = [*drive, *[None] * 10, *drive[::-1]]
    hits = passing(places + [None] * 10)
    assert [hit.answer.direction for hit in hits] == ["towards", "away"]


def test_a_photo_held_to_the_camera_is_possible_only() -> None:
    drive = [(20.0 + 10 * n, 60.0, 400.0) for n in range(10)]
    (hit,) = passing(drive, pixels_per_m=180)
    assert hit.answer.hit_class == "possible"
    assert "times as wide" in hit.answer.doubt


def test_a_watch_that_ends_between_two_frames_gives_nothing() -> None:
    drive = [(100.0 + 12 * n, 60.0 + 10 * n, 60.0 + 4 * n) for n in range(5)]
    picture = np.random.default_rng(1).integers(0, 255, (360, 640, 3)).astype(np.uint8)
    frames = [CameraFrame.of_picture(picture, n * 0.1, n * 0.1) for n in range(40)]
    asked = iter([WANTED] * 5 + [None] * 35)
    eye = Eye(Seeing(drive), calibration())  # type: ignore[arg-type]
    seen = list(watch_camera(Camera(name="A"), frames, eye, lambda: next(asked), live=False))
    assert not [each for each in seen if isinstance(each, Hit | Silent)]


def test_a_camera_that_goes_blind_says_so_and_is_not_silent_for_that_time() -> None:
    class Nothing:
        def candidates(self, *_: object, **__: object) -> list[PlateCandidate]:
            return []

    road = np.repeat(np.repeat(ROAD, 2, 0), 2, 1)[:, :, None].repeat(3, 2)

    def frames() -> Iterator[CameraFrame]:
        for n in range(160):
            light = 0.01 if 60 <= n < 100 else 1.0
            noise = np.random.default_rng(n).normal(0, 3, road.shape)
            yield CameraFrame.of_picture(
                np.clip((road + noise) * light, 0, 255).astype(np.uint8), n * 0.5, n * 0.5
            )

    eye = Eye(Nothing(), calibration())  # type: ignore[arg-type]
    seen = list(watch_camera(Camera(name="A"), frames(), eye, lambda: WANTED, live=False))
    kinds = [type(each).__name__ for each in seen]
    assert kinds == ["Silent", "Blind", "SeesAgain", "Silent"]
    blind, back = (each for each in seen if isinstance(each, Blind | SeesAgain))
    assert (blind.since_s, back.since_s) == (30.0, 50.0)
    for silent in (each for each in seen if isinstance(each, Silent)):
        assert silent.interval.until_s <= 30.0 or silent.interval.from_s >= 50.0
    assert [as_line(each)["kind"] for each in seen] == ["silence", "blind", "sees again", "silence"]


def test_a_frame_of_16000_pixels_is_refused() -> None:
    eye = Eye(Seeing([None]), calibration())  # type: ignore[arg-type]
    wide = CameraFrame.of_picture(np.zeros((1, 16_000, 3), np.uint8), 0.0, 0.0)
    with pytest.raises(CameraFailed):
        eye.see(wide, WANTED)
