"""Three workers on the real message server: one is killed, it is restarted, nothing is lost."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from nats.errors import Error
from nats.js.api import RetentionPolicy, StorageType

from cameras.conftest import PLATE, on_disk, traces
from console.served import INCIDENT
from stopline.cameras.camera import Camera
from stopline.cameras.errors import CameraFailed
from stopline.cameras.scale.episodes import Episode, episodes
from stopline.cameras.scale.feeding import Middle
from stopline.cameras.scale.passages import ToldPassages
from stopline.cameras.scale.server import MessageServer, ServerAccess, check_config
from stopline.cameras.scale.streams import (
    FRAMES,
    WORKERS,
    check_in_memory,
    connect,
    ensure_streams,
)
from stopline.cameras.scale.work import answer_fields
from stopline.cameras.vision.eye import PassageAnswer
from stopline.cameras.vision.frame import CameraFrame
from stopline.cameras.watching import Blind, Hit
from stopline.cli.camera_client import NodeClient
from stopline.errors import BadInput
from stopline.operation.sightings.projection import Sightings
from stopline.operation.watch_list.hits import Hits
from stopline.testing.plates import PlateText
from stopline.testing.road_video import Condition, frames, passages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from console.served import Served
    from stopline.cameras.watching import Seen

RATE = 8.0
# A worker as `stopline cameras worker` runs it, that holds its first episode until a file is there.
WORKER = """
import asyncio, json, pathlib, sys, time
from stopline.cameras import models
from stopline.cameras.calibration import calibration
from stopline.cameras.camera import Camera
from stopline.cameras.scale.server import ServerAccess
from stopline.cameras.scale.work import work
from stopline.cameras.vision.verifier import Verifier
from stopline.cli.camera_client import NodeClient
url, token, node, incident, token_file, gate, names = sys.argv[1:]
client = NodeClient(node, incident, pathlib.Path(token_file), None)
gate = pathlib.Path(gate)
def wanted():
    while not gate.exists():
        time.sleep(0.05)
    return client.wanted()
cameras = {name: Camera(name=name) for name in json.loads(names)}
verifier = Verifier(models.detector(), models.recogniser(), models.classes())
asyncio.run(work(ServerAccess(url, token), cameras, verifier, calibration(), wanted))
"""
LONG_S = 300.0  # no test takes as long, on the busiest machine


def film(seed: int, plates: list[str], at_s: float) -> list[CameraFrame]:
    """A film of one camera with these plates, one after the other."""
    rng = np.random.default_rng(seed)
    vehicles = passages(rng, Condition(plate_px=110, yaw_deg=5), len(plates), every_s=2.4)
    named = [
        replace(one, plate=PlateText("FL", plate, plate), lasts_s=1.0, towards=True)
        for one, plate in zip(vehicles, plates, strict=True)
    ]
    return [
        CameraFrame.of_picture(picture, at_s + number / RATE, at_s + number / RATE)
        for number, picture in enumerate(frames(rng, named, size=(480, 360), rate=RATE))
    ]


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is true, however busy the machine is."""
    async with asyncio.timeout(LONG_S):
        while not true():  # noqa: ASYNC110  (of the outside world)
            await asyncio.sleep(0.1)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MessageServer]:
    with MessageServer(tmp_path / "nats") as made:
        yield made


def test_an_episode_is_the_same_behind_the_message() -> None:
    one = Episode("A1", [(1.0, 2.0, b"abc"), (1.5, 2.5, b"")])
    again = Episode.unpack(one.pack())
    assert again == one
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


def test_a_worker_is_killed_and_the_server_restarted_and_the_record_has_each_passage_once(
    server: MessageServer, searching: tuple[Served, Path], tmp_path: Path
) -> None:
    served, token = searching
    house, names, gate = served.house, ["A", "B", "C"], tmp_path / "gate"
    cameras = {name: Camera(name=name, section=3) for name in names}
    others = {name: f"FL {number}1357" for number, name in enumerate(names, 3)}
    films = {
        name: film(number, [others[name], PLATE], house.now_s + 1)
        for number, name in enumerate(names, 3)
    }
    house.now_s += 30
    told: list[Seen] = []
    client = NodeClient(served.url, INCIDENT, token, None)
    words = [server.access.url, server.access.token or "", served.url, INCIDENT, str(token),
             str(gate), json.dumps(names)]  # fmt: skip
    workers = [subprocess.Popen([sys.executable, "-c", WORKER, *words]) for _ in range(3)]

    def tell(seen: Seen) -> bool:
        told.append(seen)
        return client.tell(seen)

    async def held() -> int:
        line = await connect(server.access)
        try:
            return int((await line.jetstream().consumer_info(FRAMES, WORKERS)).num_ack_pending)
        except Error:
            return 0
        finally:
            await line.close()

    async def scene() -> Middle:
        middle, stop = Middle(server.access, cameras, tell, age_s=LONG_S), asyncio.Event()
        running = asyncio.create_task(middle.run(stop))
        for name in names:
            for episode in episodes(name, films[name]):
                await middle.put(episode)
        async with asyncio.timeout(LONG_S):
            while await held() < len(workers):  # noqa: ASYNC110  (each has an episode in its hands)
                await asyncio.sleep(0.2)
        workers[0].kill()
        await asyncio.to_thread(server.stop, kill=True)
        await asyncio.to_thread(server.start)
        gate.touch()
        await until(lambda: len(hits(told)) == len(names) and middle.open_episodes == 0)
        stop.set()
        await running
        return middle

    try:
        middle = asyncio.run(scene())
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
        client.close()
    assert middle.restarts >= 1
    assert (middle.lost, [one for one in told if isinstance(one, Blind)]) == (0, [])
    incident = house.desk.read().incident(INCIDENT)
    recorded = incident.projection(Hits).by_id.values()
    assert sorted((hit.camera, hit.verdict) for hit in recorded) == [(n, "certain") for n in names]
    seen = [one for one in incident.projection(Sightings).by_id.values() if not one.nothing_seen]
    assert len(seen) == len(names)
    kept = on_disk(tmp_path)
    assert b"\xff\xd8\xff" not in kept  # no picture
    assert traces(others.values(), kept) == []


def hits(told: list[Any]) -> list[Hit]:
    return [one for one in told if isinstance(one, Hit)]


def test_what_a_restart_drops_is_told_as_blindness(server: MessageServer) -> None:
    """What there was no room to keep cannot be sent again when the server forgot it."""
    told: list[Seen] = []
    camera = Camera(name="A", clock_offset_s=0.5)

    async def scene() -> Middle:
        middle = Middle(server.access, {"A": camera}, told.append, most_kept_bytes=250)
        stop = asyncio.Event()
        running = asyncio.create_task(middle.run(stop))
        for number in range(5):
            await middle.put(Episode("A", [(10.0 * number, 0.0, b"x" * 100)]))
        await until(lambda: len(middle._sent) == 5)
        assert told == []  # a worker may still look at all of them
        await asyncio.to_thread(server.stop, kill=True)
        await asyncio.to_thread(server.start)
        await until(lambda: middle.restarts > 0 and len(middle._sent) == 2)
        stop.set()
        await running
        return middle

    middle = asyncio.run(scene())
    assert middle.lost == 3
    assert [one.since_s for one in told if isinstance(one, Blind)] == [0.5, 10.5, 20.5]
    assert [type(one).__name__ for one in told] == ["Blind", "SeesAgain"] * 3


def test_a_hit_is_told_when_the_node_is_back() -> None:
    there = iter([False, True, True])
    told: list[Seen] = []

    def tell(seen: Seen) -> bool:
        told.append(seen)
        return next(there)

    middle = Middle(ServerAccess("nats://127.0.0.1:1", None), {"A": Camera(name="A")}, tell)
    fields = answer_fields("A", "p1", answer(at_s=10.0))
    assert [middle._told(fields) for _ in range(3)] == [False, True, True]
    assert len(told) == 2


def answer(**given: Any) -> PassageAnswer:
    fields = {
        "at_s": 0.0, "hit_class": "certain", "score": 0.0, "confidence": 0.9, "direction": None,
        "plate_px": 100.0, "frames": 3, "crop": b"",
    } | given  # fmt: skip
    return PassageAnswer(**fields)


def test_a_passage_that_two_workers_saw_is_told_once() -> None:
    told = ToldPassages()
    assert told.is_new("A", answer(at_s=10.0, hit_class="possible"))
    assert not told.is_new("A", answer(at_s=10.4, hit_class="possible"))
    assert told.is_new("A", answer(at_s=10.8))  # certain now
    assert not told.is_new("A", answer(at_s=10.2))
    assert told.is_new("B", answer(at_s=10.2))
    assert told.is_new("A", answer(at_s=20.0))


def test_what_stands_in_view_all_night_is_told_once_by_many_workers() -> None:
    told, place = ToldPassages(), (300.0, 200.0, 90.0)
    new = [told.is_new("A", answer(at_s=60.0 * n, stands=place)) for n in range(600)]
    assert new == [True] + [False] * 599
    assert told.is_new("A", answer(at_s=90_000.0, stands=(100.0, 50.0, 90.0)))


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
