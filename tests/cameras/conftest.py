"""Films with known plates, made once for all tests of cameras; a node whose cameras search."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from console.served import INCIDENT, Served
from operation.accounts.conftest import built
from operation.accounts.house import House
from stopline.cameras.signs import bare_plate, look_alike_key
from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import VoiceDecision
from stopline.operation.watch_list.commands import AddWatch
from stopline.testing.plates import PlateText
from stopline.testing.road_video import Condition, frames, passages, write_video

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["built"]
PLATE = "FL 48213"
SECOND = Actor("p.second", "second_officer", "police")
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


@pytest.fixture(scope="session")
def one_vehicle(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """The wanted vehicle alone: a third of the time to look at."""
    return make_film(tmp_path_factory.mktemp("films") / "yard.mp4", (PLATE,))


@pytest.fixture
def searching(built: tuple[Path, float], tmp_path: Path) -> Iterator[tuple[Served, Path]]:
    """A served node whose cameras search, and the token of a camera."""
    folder, now_s = built
    served = Served.of(House.copied(folder, tmp_path / "node", now_s))
    house = served.house
    served.open_incident()
    voice = VoiceDecision(incident=INCIDENT, decision="camera_search", outcome="yes")
    house.do(voice, Actor("p.prosecutor", "prosecutor", None))
    expires = datetime.fromtimestamp(house.now_s + 3600, UTC)
    house.do(AddWatch(incident=INCIDENT, plate=PLATE, vehicle="van", expires=expires), SECOND)
    token = tmp_path / "camera.token"
    token.write_text(served.token("camera"))
    yield served, token
    served.close()


def traces(plates: Iterable[str], data: bytes) -> list[str]:
    """Plates of which something stands in the data, in any way to write them."""
    return [
        plate
        for plate in plates
        if any(
            form.encode() in data
            for form in (plate, plate.lower(), bare_plate(plate), look_alike_key(bare_plate(plate)),
                         plate.replace(" ", "-"))
        )
    ]  # fmt: skip


def on_disk(*folders: Path) -> bytes:
    return b"\n".join(
        path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()
    )
