"""Three workers on the real message server: one is killed, it is restarted, nothing is lost."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from nats.js.api import RetentionPolicy, StorageType

from stopline.cameras.camera import Camera
from stopline.cameras.errors import CameraFailed
from stopline.cameras.scale.episodes import Episode, episodes
from stopline.cameras.scale.feeding import Middle
from stopline.cameras.scale.server import MessageServer, ServerAccess, check_config
from stopline.cameras.scale.streams import FRAMES, check_in_memory, connect, ensure_streams
from stopline.cameras.vision.frame import CameraFrame
from stopline.cameras.watching import Blind, Hit
from stopline.errors import BadInput
from stopline.testing.plates import PlateText
from stopline.testing.road_video import Condition, frames, passages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stopline.cameras.watching import Seen

RATE = 8.0
WORKER = """
import asyncio, json, sys
from stopline.cameras import models
from stopline.cameras.calibration import calibration
from stopline.cameras.camera import Camera
from stopline.cameras.scale.server import Access
from stopline.cameras.scale.work import work
from stopline.cameras.vision.verifier import Verifier
from stopline.cameras.wanted import wanted_plate
url, token, plate, names = sys.argv[1:5]
wanted = wanted_plate(plate)
cameras = {name: Camera(name=name) for name in json.loads(names)}
verifier = Verifier(models.detector(), models.recogniser(), models.classes())
print("ready", flush=True)
asyncio.run(work(Access(url, token), cameras, verifier, calibration(), lambda: wanted))
"""


def film(seed: int, plates: list[str], at_s: float) -> Iterator[CameraFrame]:
    """A film of one camera with these plates, one after the other."""
    rng = np.random.default_rng(seed)
    vehicles = passages(rng, Condition(plate_px=110, yaw_deg=5), len(plates), every_s=2.4)
    named = [
        type(one)(PlateText("FL", plate, plate), one.begins_s, 1.0, one.lane, True, one.condition)
        for one, plate in zip(vehicles, plates, strict=True)
    ]
    pictures = frames(rng, named, size=(480, 360), rate=RATE)
    for number, picture in enumerate(pictures):
        yield CameraFrame.of_picture(picture, at_s + number / RATE, at_s + number / RATE)


def start(access: ServerAccess, plate: str, names: list[str]) -> subprocess.Popen[str]:
    made = subprocess.Popen(
        [sys.executable, "-c", WORKER, access.url, access.token or "", plate, json.dumps(names)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert made.stdout is not None
    assert made.stdout.readline().strip() == "ready"
    return made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MessageServer]:
    with MessageServer(tmp_path / "nats") as made:
        yield made


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_an_episode_is_the_same_behind_the_message() -> None:
    one = Episode("A1", [(1.0, 2.0, b"abc"), (1.5, 2.5, b"")])
    again = Episode.unpack(one.pack())
    assert (again.camera, again.frames) == (one.camera, one.frames)
    for bad in (b"", b"\x05\x00\x00\x00{}", b"\xff" * 40, one.pack()[:9]):
        with pytest.raises(CameraFailed):
            Episode.unpack(bad)


@pytest.mark.parametrize(
    ("line", "refused"),
    [("trace: true", True), ("debug = on", True), ('log_file: "/tmp/a"', True),
     ("trace: false", False), ("port: 4222", False)],
)  # fmt: skip
def test_a_server_that_writes_down_what_passes_is_refused(line: str, refused: bool) -> None:  # noqa: FBT001
    if refused:
        with pytest.raises(BadInput, match="left out"):
            check_config(f"port: 1\n{line}\n")
    else:
        check_config(line)


@pytest.mark.parametrize("url", ["nats://10.0.0.1:4222", "http://a", "ws://127.0.0.1:1", ""])
def test_another_machine_only_with_tls(url: str) -> None:
    with pytest.raises(BadInput, match="tls"):
        ServerAccess.of_url(url)


def test_a_stream_of_frames_on_disk_is_refused(server: MessageServer) -> None:
    async def attempt() -> None:
        line = await connect(server.access)
        jetstream = line.jetstream()
        await jetstream.add_stream(
            name=FRAMES, subjects=["stopline.frames"], storage=StorageType.FILE,
            retention=RetentionPolicy.WORK_QUEUE,
        )  # fmt: skip
        try:
            with pytest.raises(CameraFailed, match="lies on a disk"):
                await ensure_streams(jetstream)
        finally:
            await line.close()

    asyncio.run(attempt())


def test_a_stream_without_a_limit_is_refused() -> None:
    class Config:
        name, max_bytes = "X", -1

    Config.storage, Config.retention = StorageType.MEMORY, RetentionPolicy.WORK_QUEUE  # type: ignore[attr-defined]
    with pytest.raises(CameraFailed, match="no limit"):
        check_in_memory(Config)


def test_a_worker_is_killed_and_the_server_restarted_and_each_passage_comes_once(
    server: MessageServer, tmp_path: Path
) -> None:
    plate, names = "FL 48213", ["A", "B", "C"]
    told: list[Seen] = []
    cameras = {name: Camera(name=name) for name in names}
    films = {
        name: [f"FL {number}1357", plate, f"FL {number}2468"]
        for number, name in enumerate(names, 3)
    }
    workers = [start(server.access, plate, names) for _ in range(3)]

    async def scene() -> Middle:
        middle, stop = Middle(server.access, cameras, told.append), asyncio.Event()
        running = asyncio.create_task(middle.run(stop))
        for number, name in enumerate(names):
            for episode in episodes(name, film(number, films[name], 1000.0)):
                await middle.put(episode)
        await asyncio.sleep(1.0)
        workers[0].kill()
        await asyncio.sleep(0.5)
        await asyncio.to_thread(server.stop, kill=True)
        await asyncio.to_thread(server.start)
        ends = time.monotonic() + 240
        while time.monotonic() < ends and not (hits(told) and middle.open_episodes == 0):
            await asyncio.sleep(0.3)
            if sorted(hit.camera.name for hit in hits(told)) == names and not middle.open_episodes:
                break
        await asyncio.sleep(0.5)
        stop.set()
        await running
        return middle

    try:
        middle = asyncio.run(scene())
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    assert sorted(hit.camera.name for hit in hits(told)) == names
    assert middle.restarts >= 1
    assert not [one for one in told if isinstance(one, Blind)] or middle.lost
    kept = bytes_below(tmp_path)
    assert b"\xff\xd8\xff" not in kept  # no picture
    for others in films.values():
        for other in others:
            assert other.replace(" ", "").encode() not in kept
            assert other.encode() not in kept


def hits(told: list[Any]) -> list[Hit]:
    return [one for one in told if isinstance(one, Hit)]


def test_what_nobody_looked_at_is_told_as_blindness(server: MessageServer) -> None:
    told: list[Seen] = []
    camera = Camera(name="A")

    async def scene() -> None:
        middle, stop = Middle(server.access, {"A": camera}, told.append), asyncio.Event()
        for number in range(205):  # more than there is room for, before anything is sent
            await middle.put(Episode("A", [(float(number), 0.0, b"x")]))
        stop.set()

    asyncio.run(scene())
    blind = [one.since_s for one in told if isinstance(one, Blind)]
    assert blind == [0.0, 1.0, 2.0, 3.0, 4.0]
