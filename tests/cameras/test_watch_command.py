"""`stopline watch`: the one vehicle is found in films, pictures and streams; others stay unread."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from cameras.films import copied
from stopline.cameras.camera import read_cameras
from stopline.cameras.errors import CameraFailed, SourceLost
from stopline.cameras.sources import Timing, frames_of, shown_source
from stopline.cli.main import app
from stopline.testing.road_video import Condition, frames, passages, write_video

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cameras.conftest import Film


BY = ("--authority", "Order 12/2026")


def watch(*words: str) -> tuple[int, list[dict[str, Any]], str]:
    done = CliRunner().invoke(app, ["watch", *words, "--json"])
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return done.exit_code, lines, done.stdout + done.stderr


def test_the_one_vehicle_is_found_once_with_time_and_direction(film: Film) -> None:
    code, lines, text = watch(
        str(film.path), "--plate", "FL 4B213", *BY, "--began", "2026-11-30T18:00:00Z"
    )
    hits = [line for line in lines if line["kind"] == "hit"]
    assert code == 0
    assert len(hits) == 1
    assert hits[0]["class"] == "certain"
    assert hits[0]["direction"] == "away"
    assert "2026-11-30T18:00:02" < hits[0]["at"] < "2026-11-30T18:00:04"
    for plate in film.plates:
        assert plate.split()[1] not in text


READ_BY_A_PERSON = [
    *(Condition(plate_px=px, night=night) for px in (75, 90, 120, 160) for night in (False, True)),
    *(Condition(blur_px=blur, night=night) for blur in (3, 5) for night in (False, True)),
    *(Condition(yaw_deg=yaw) for yaw in (30, 45)),
    *(Condition(crf=crf) for crf in (30, 36)),
    Condition(rain=True),
]


@pytest.mark.long
@pytest.mark.parametrize("condition", READ_BY_A_PERSON, ids=lambda condition: condition.name)
def test_the_vehicle_is_found_wherever_a_person_reads_its_plate(
    condition: Condition, tmp_path: Path
) -> None:
    rng = np.random.default_rng(18)
    (vehicle,) = passages(rng, condition, 1, lasts_s=1.0)
    path, size, rate = tmp_path / "film.mp4", (960, 540), 10.0
    write_video(path, frames(rng, [vehicle], size=size, rate=rate), rate=rate, crf=condition.crf)
    code, lines, text = watch(str(path), "--plate", vehicle.plate.text, *BY)
    assert code == 0, text
    assert [line["class"] for line in lines if line["kind"] == "hit"] == ["certain"]


@pytest.mark.long
def test_another_vehicle_is_not_found_and_that_is_said_as_silence(film: Film) -> None:
    code, lines, _ = watch(str(film.path), "--plate", "FL 48219", *BY)
    assert code == 3
    assert [line["kind"] for line in lines] == ["silence"]
    assert lines[0]["from"] < lines[0]["until"]


@pytest.mark.long
def test_a_part_of_the_plate_is_enough_for_a_possible_hit(film: Film) -> None:
    code, lines, _ = watch(str(film.path), "--plate", "FL 9?257", *BY)
    hits = [line for line in lines if line["kind"] == "hit"]
    assert code == 0
    assert [(hit["class"], hit["doubt"]) for hit in hits] == [
        ("possible", "a part of the plate is not known")
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a.mp4",), "--plate"),
        (("a.mp4", "--plate", "FL 12345"), "--authority"),
        (("a.mp4", "--plate", "FL 1", *BY), "4 or more"),
        (("a.mp4", "--plate", "FL 12345", *BY, "--incident", "i-1"), "--plate, or --incident"),
        (("a.mp4", "--incident", "i-1"), "--token-file"),
        (("--plate", "FL 12345", *BY), "no source"),
        (("a.mp4", "--plate", "FL 12345", *BY, "--detector", "huge"), "tiny or small"),
        (("missing.mp4", "--plate", "FL 12345", *BY), "no file"),
    ],
)
def test_what_is_asked_wrongly(words: tuple[str, ...], said: str) -> None:
    code, _, text = watch(*words)
    assert code == 2
    assert said in text


def test_cameras_of_a_file_and_all_its_faults(one_vehicle: Film, tmp_path: Path) -> None:
    good = tmp_path / "cameras.yaml"
    good.write_text(
        f"cameras:\n- name: North\n  source: {one_vehicle.path}\n  section: 4\n"
        "  forward_towards: true\n  heading_towards_deg: 90\n  legal_basis: Order 7\n"
    )
    _, lines, _ = watch("--cameras", str(good), "--plate", "FL 48213", *BY)
    hit = next(line for line in lines if line["kind"] == "hit")
    assert (hit["camera"], hit["section"], hit["heading_deg"]) == ("North", 4, 90.0)
    bad = tmp_path / "bad.yaml"
    bad.write_text("cameras:\n- name: A\n  detection: 2\n- name: A\n  secton: 4\n  lon: 9\n")
    code, _, text = watch("--cameras", str(bad), "--plate", "FL 48213", *BY)
    assert code == 2
    assert "detection" in text
    assert "section" in text


def test_the_table_of_cameras_of_an_events_plan_is_read(one_vehicle: Film, tmp_path: Path) -> None:
    head = (
        "name,section,fraction,lon,lat,directions,detection,pixels_per_m,clock_offset_s,"
        "legal_basis,source\n"
    )
    table = tmp_path / "cameras.csv"
    table.write_text(
        f"{head}1 Gate,4,0.25,9.52,47.14,towards away,0.85,180,0,Order 7,{one_vehicle.path}\n"
        "1b Gate,4,0.25,9.52,47.14,towards,0.85,,0,Order 7,\n"
    )
    first, second = read_cameras(table)
    assert (first.name, first.section, first.lon, first.detection) == ("1 Gate", 4, 9.52, 0.85)
    assert (first.directions, first.pixels_per_m) == (("towards", "away"), 180.0)
    assert (second.directions, second.pixels_per_m, second.source) == (("towards",), None, "")
    code, lines, _ = watch("--cameras", str(table), "--plate", "FL 48213", *BY)
    assert code == 0
    assert [line["camera"] for line in lines if line["kind"] == "hit"] == ["1 Gate"]
    table.write_text(
        f"{head}A,four,0.25,9.52,47.14,towards,2,180,0,,\nA,4,0.25,,47.14,up,0.8,180,0,Order 7,\n"
    )
    code, _, text = watch("--cameras", str(table), "--plate", "FL 48213", *BY)
    assert code == 2
    for word in ("line 2: section", "line 2: detection", "line 3: directions"):
        assert word in text


def broken(tmp_path: Path, name: str) -> Path:
    path = tmp_path / name
    if name == "large.png":  # states 16,000 pixels
        head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (16000).to_bytes(4, "big") * 2
        path.write_bytes(head + b"\x08\x02\x00\x00\x00" + b"\x00" * 40)
    elif name == "noise.mp4":
        path.write_bytes(np.random.default_rng(1).bytes(20_000))
    else:
        path.write_bytes(b"")
    return path


@pytest.mark.parametrize("name", ["noise.mp4", "empty.mp4", "large.png", "empty.jpg"])
def test_what_is_no_film_is_refused_with_its_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(CameraFailed, match=name):
        list(frames_of(str(broken(tmp_path, name))))


def test_what_is_no_film_is_said_and_the_others_are_watched(
    one_vehicle: Film, tmp_path: Path
) -> None:
    path = broken(tmp_path, "noise.mp4")
    code, lines, text = watch(str(path), str(one_vehicle.path), "--plate", "FL 48213", *BY)
    assert code == 0
    assert path.name in text
    assert [line["class"] for line in lines if line["kind"] == "hit"] == ["certain"]


def test_a_film_cut_in_the_middle_gives_what_it_has(film: Film, tmp_path: Path) -> None:
    whole = film.path.read_bytes()
    cut = tmp_path / "cut.ts"
    copied(film.path, cut)
    data = cut.read_bytes()
    cut.write_bytes(data[: len(data) * 2 // 3])
    assert len(whole) > 0
    assert len(list(frames_of(str(cut), began_s=0.0))) > 10


def test_a_folder_of_pictures_with_one_broken(film: Film, tmp_path: Path) -> None:
    for number, frame in enumerate(frames_of(str(film.path), began_s=0.0)):
        if number in (12, 28):
            cv2.imwrite(str(tmp_path / f"{number}.png"), frame.picture())
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\x00")
    code, lines, text = watch(str(tmp_path), "--plate", "FL 31746", *BY)
    assert code in (0, 3)
    assert "broken.jpg" in text
    assert all(line["kind"] == "hit" for line in lines)


def test_an_address_is_shown_without_its_password() -> None:
    shown = shown_source("rtsp://user:secret@10.0.0.7:554/stream?token=abc")
    assert shown == "rtsp://10.0.0.7:554/stream"


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


def test_a_server_that_never_answers_is_given_up_in_time() -> None:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        line.listen()
        address = f"rtsp://127.0.0.1:{line.getsockname()[1]}/a"
        began = time.monotonic()
        with pytest.raises(SourceLost):
            list(frames_of(address, timing=Timing(open_s=0.7, read_s=0.7, tries=1)))
        assert time.monotonic() - began < 15


def test_nobody_is_there_and_it_is_tried_later_and_later() -> None:
    waited: list[float] = []
    with pytest.raises(CameraFailed):
        list(
            frames_of(
                f"http://127.0.0.1:{free_port()}/a.mjpg",
                timing=Timing(open_s=1, read_s=1, retry_s=0.5, tries=5), asleep=waited.append,
            )
        )  # fmt: skip
    assert waited == [0.5, 1.0, 2.0, 4.0]


SERVER = """
import asyncio, logging, sys
import aio_rtsp_toolkit.server as module
module.logger = logging.getLogger("quiet")
async def main():
    server = module.RtspServer(sys.argv[1], "127.0.0.1", int(sys.argv[2]))
    await server.start()
    print("ready", flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


@pytest.fixture
def rtsp(film: Film) -> Iterator[tuple[str, Any, list[subprocess.Popen[str]]]]:
    """An RTSP server on loopback: its address, how to start it, and its processes."""
    port, running = free_port(), []

    def start() -> subprocess.Popen[str]:
        made = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(film.path.parent), str(port)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert made.stdout is not None
        assert made.stdout.readline().strip() == "ready"
        running.append(made)
        return made

    start()
    yield f"rtsp://127.0.0.1:{port}/{film.path.name}", start, running
    for each in running:
        if each.poll() is None:
            each.send_signal(signal.SIGCONT)
        each.kill()
        each.wait(10)
        assert each.stdout is not None
        each.stdout.close()


def test_a_stream_that_hangs_and_one_that_is_killed_come_back(rtsp: Any) -> None:
    address, start, running = rtsp
    told: list[str] = []
    timing = Timing(open_s=6, read_s=1.5, retry_s=0.2, tries=60)
    frames = frames_of(address, timing=timing, told=told.append)
    assert [next(frames).size() for _ in range(5)] == [(480, 360)] * 5
    running[0].send_signal(signal.SIGSTOP)  # hangs inside a frame
    threading.Timer(4.0, running[0].send_signal, (signal.SIGCONT,)).start()
    deadline = time.monotonic() + 60
    while not told and time.monotonic() < deadline:
        next(frames)
    assert told
    running[0].kill()
    running[0].wait(10)
    start()
    assert [next(frames).size() for _ in range(60)] == [(480, 360)] * 60
    assert any("is back" in text for text in told)
    frames.close()


def test_the_vehicle_is_found_over_rtsp(rtsp: Any) -> None:
    address, _, _ = rtsp
    code, lines, _ = watch(address, "--plate", "FL 48213", *BY, "--tries", "1")
    hits = [line for line in lines if line["kind"] == "hit"]
    assert code == 0
    assert {hit["class"] for hit in hits} <= {"certain", "possible"}
    assert hits
