"""Films with known plates, made once for all tests of cameras."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stopline.testing.plates import PlateText
from stopline.testing.road_video import Condition, frames, passages, write_video

if TYPE_CHECKING:
    from pathlib import Path

SIZE, RATE = (480, 360), 8.0


@dataclass(frozen=True)
class Film:
    """A film and the plates in it, in their order."""

    path: Path
    plates: tuple[str, ...]


def make_film(path: Path, plates: tuple[str, ...], seed: int = 5) -> Film:
    rng = np.random.default_rng(seed)
    vehicles = [
        replace(one, plate=PlateText("FL", plate, plate), towards=number % 2 == 0)
        for number, (one, plate) in enumerate(
            zip(
                passages(
                    rng, Condition(plate_px=115, yaw_deg=5), len(plates), every_s=1.9, lasts_s=1.0
                ),
                plates,
                strict=True,
            )
        )
    ]
    write_video(path, frames(rng, vehicles, size=SIZE, rate=RATE), rate=RATE)
    return Film(path, plates)


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    folder = tmp_path_factory.mktemp("films")
    return make_film(folder / "gate.mp4", ("FL 31746", "FL 48213", "FL 90257"))
