"""How many cameras a road takes: by pixels, by blur, by pictures; or none."""

from __future__ import annotations

import pytest

from stopline.event.camera_count import PICTURE_CLASSES, CameraType, fit

PIXELS_PER_M = PICTURE_CLASSES["reader"]


def test_the_reader_needs_a_plate_of_120_pixels_across_the_road() -> None:
    kind = CameraType(name="A", cost=3, pixels=1920, shutter_s=0.0001)
    assert round(PIXELS_PER_M) == 231
    assert [fit(kind, width, 20.0, PIXELS_PER_M).count for width in (8.3, 8.4)] == [1, 2]


@pytest.mark.parametrize(("speed_mps", "will_do"), [(12.9, True), (13.1, False), (40.0, False)])
def test_a_shutter_that_blurs_more_than_the_reader_stands_takes_no_camera(
    speed_mps: float, *, will_do: bool
) -> None:
    kind = CameraType(name="A", cost=3, pixels=1920, shutter_s=0.001, frames_per_s=50)
    found = fit(kind, 7.0, speed_mps, PIXELS_PER_M)
    assert bool(found.count) is will_do
    assert ("at most 2.50 % can be read" in found.why_not) is not will_do
