"""How fast one core watches: the figures of docs/cameras.md.

    python benchmarks/camera_speed.py

Films of 720p are drawn and pressed as H.264, then decoded and watched as by `stopline watch`; times
are those of the processor, so that a busy machine does not count. The first frame is looked at
whole, which costs as much as many of an empty road: it is told apart.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stopline.cameras import models
from stopline.cameras.calibration import calibration
from stopline.cameras.camera import Camera
from stopline.cameras.sources import frames_of
from stopline.cameras.vision.eye import PLATE_M, Eye
from stopline.cameras.vision.verifier import Verifier
from stopline.cameras.wanted import fitting, wanted_plate
from stopline.cameras.watching import watch_camera
from stopline.testing.road_video import Condition, frames, passages, write_video

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.cameras.vision.frame import CameraFrame

RATE, SIZE, PLATE_PX = 12.5, (1280, 720), 110.0
READS = 200_000


def film(path: Path, seed: int, vehicles: int, seconds: float) -> None:
    """Draw a road: empty, or with one vehicle after the other."""
    rng = np.random.default_rng(seed)
    passing = passages(rng, Condition(plate_px=PLATE_PX), vehicles, every_s=1.0, lasts_s=1.2)
    pictures = frames(rng, passing, size=SIZE, rate=RATE, lasts_s=seconds)
    write_video(path, pictures, rate=RATE)


def watched(path: Path, verifier: Verifier, pixels_per_m: float | None) -> tuple[float, float]:
    """Return seconds of the processor for the first frame, and frames a second behind it."""
    eye, wanted = Eye(verifier, calibration(), pixels_per_m), wanted_plate("FL 12345")
    marks: list[float] = []

    def marked() -> Iterator[CameraFrame]:
        for frame in frames_of(str(path), began_s=0.0):
            yield frame
            marks.append(time.process_time())

    began = time.process_time()
    list(watch_camera(Camera(name="A"), marked(), eye, lambda: wanted, live=False))
    return marks[0] - began, (len(marks) - 1) / (marks[-1] - marks[0])


def main() -> None:
    """Measure."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    cv2.setNumThreads(1)
    verifier = Verifier(models.detector(), models.recogniser(), models.classes())
    with tempfile.TemporaryDirectory() as folder:
        for name, vehicles, seconds in (("empty road", 0, 24.0), ("busy road", 8, 9.0)):
            path = Path(folder) / "film.mp4"
            film(path, 4, vehicles, seconds)
            for place, pixels_per_m in (("unmeasured", None), ("measured", PLATE_PX / PLATE_M)):
                first_s, rate = watched(path, verifier, pixels_per_m)
                print(f"{name}, place {place}: {rate:.0f} frames/s, first frame {first_s:.2f} s")
    rng = np.random.default_rng(4)
    reads = [f"FL {number:05d}" for number in rng.integers(0, 99_999, READS)]
    began = time.process_time()
    fitting(reads, wanted_plate("FL 12345"))
    print(f"ready-made reads: {READS / (time.process_time() - began):,.0f} a second")


if __name__ == "__main__":
    main()
