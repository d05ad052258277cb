"""Films, pictures and streams that are wrong: refused or survived, the other cameras unaffected."""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from cameras.conftest import PLATE
from cameras.films import blank, copied, scaled, sound
from stopline.cameras.calibration import calibration
from stopline.cameras.camera import Camera
from stopline.cameras.errors import CameraFailed, SourceLost
from stopline.cameras.sources import Timing, frames_of
from stopline.cameras.vision.eye import Eye
from stopline.cameras.wanted import WantedPlate, wanted_plate
from stopline.cameras.watching import Blind, Hit, watch_camera
from stopline.cli.main import app
from stopline.cli.watching import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cameras.conftest import Film
    from stopline.cameras.watching import Seen

QUICK = Timing(open_s=1.0, read_s=1.0, retry_s=0.1, tries=1)


def test_a_film_that_never_ends_in_pictures_is_given_up_in_time(
    one_vehicle: Film, tmp_path: Path
) -> None:
    path = tmp_path / "endless.ts"
    copied(one_vehicle.path, path)
    os.truncate(path, 1 << 40)  # a terabyte of nothing behind it, which takes no room
    seen: list[object] = []
    began = time.monotonic()
    with pytest.raises(SourceLost, match=r"endless\.ts"):
        seen.extend(frames_of(str(path), began_s=0.0, timing=QUICK))
    assert len(seen) > 10
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("name", ["pipe.mp4", "pipe.jpg"])
def test_what_is_no_file_of_a_disk_is_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(CameraFailed, match=name):
        list(frames_of(str(tmp_path / name)))
    (tmp_path / "endless.png").symlink_to("/dev/zero")
    told: list[str] = []
    assert list(frames_of(str(tmp_path), told=told.append)) == []
    assert "endless.png" in " ".join(told)


@pytest.mark.parametrize("name", ["none.mp4", "sound.mp4", "none.avi"])
def test_a_film_without_a_frame_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "sound.mp4":
        sound(path)
    else:
        blank(path, (64, 64), 0)
    with pytest.raises(CameraFailed, match=name):
        list(frames_of(str(path)))


@pytest.mark.parametrize("name", ["wide.avi", "wide.mkv"])
def test_a_film_of_16000_pixels_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    blank(path, (16_000, 32), 2, "mjpeg")
    with pytest.raises(CameraFailed, match=rf"{name} is 16000 x 32 pixels; at most 8192"):
        list(frames_of(str(path)))


@pytest.mark.parametrize("form", [".jpg", ".png", ".bmp", ".webp"])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    tmp_path: Path, form: str
) -> None:
    path = tmp_path / f"wide{form}"
    _, data = cv2.imencode(form, np.zeros((2, 10_000, 3), np.uint8))
    path.write_bytes(bytes(data))
    with pytest.raises(CameraFailed, match="10000 x 2 pixels"):
        list(frames_of(str(path)))


def test_another_kind_of_file_under_the_name_of_a_picture_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    _, data = cv2.imencode(".tiff", np.zeros((20, 20, 3), np.uint8))
    path.write_bytes(bytes(data))
    with pytest.raises(CameraFailed, match="no picture"):
        list(frames_of(str(path)))


def test_a_film_that_changes_its_size_is_watched_to_its_end(
    one_vehicle: Film, tmp_path: Path
) -> None:
    parts = []
    for number, size in enumerate(((480, 360), (640, 480), (320, 240))):
        part = tmp_path / f"{number}.ts"
        scaled(one_vehicle.path, part, size)
        parts.append(part.read_bytes())
    path = tmp_path / "changes.ts"
    path.write_bytes(b"".join(parts))

    class Nothing:
        def candidates(self, *_: object, **__: object) -> list[object]:
            return []

    eye = Eye(Nothing(), calibration())  # type: ignore[arg-type]
    sizes = []

    def frames() -> Iterator[object]:
        for frame in frames_of(str(path), began_s=0.0):
            sizes.append(frame.size())
            yield frame

    list(watch_camera(Camera(name="A"), frames(), eye, lambda: wanted_plate(PLATE), live=False))  # type: ignore[arg-type]
    assert set(sizes) == {(480, 360), (640, 480), (320, 240)}


def serving(answer: Callable[[socket.socket], None]) -> tuple[str, socket.socket]:
    """A server on loopback that does something to whoever comes."""
    made = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                line, _ = made.accept()
            except OSError:
                return
            with line:
                try:
                    answer(line)
                except OSError:
                    continue

    threading.Thread(target=run, daemon=True).start()
    return f"http://127.0.0.1:{made.getsockname()[1]}/a.mjpg", made


def half_a_frame(line: socket.socket) -> None:
    """Two whole pictures, and then half a one."""
    line.recv(4000)
    _, data = cv2.imencode(".jpg", np.full((360, 480, 3), 90, np.uint8))
    jpeg = bytes(data)
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n")
    for part in (jpeg, jpeg, jpeg[: len(jpeg) // 2]):
        head = f"--b\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode()
        line.sendall(head + part + (b"\r\n" if part is jpeg else b""))
    line.settimeout(30)
    line.recv(1)


def drip(line: socket.socket) -> None:
    """An answer that comes a sign at a time and never ends."""
    line.recv(4000)
    for sign in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 600:
        line.sendall(bytes([sign]))
        time.sleep(0.1)


def nothing(line: socket.socket) -> None:
    """No answer at all."""
    line.settimeout(30)
    while line.recv(4000):
        pass


@pytest.mark.parametrize("server", [half_a_frame, drip, nothing])
def test_a_stream_that_hangs_is_given_up_and_the_others_are_watched(
    one_vehicle: Film, server: Callable[[socket.socket], None]
) -> None:
    address, made = serving(server)
    told: list[Seen] = []
    wanted: WantedPlate = wanted_plate(PLATE)
    watcher = Watcher(lambda: wanted, 0.0, QUICK, "tiny")
    cameras = [Camera(name="hangs", source=address),
               Camera(name="yard", source=str(one_vehicle.path))]  # fmt: skip
    began = time.monotonic()
    try:
        found, failed = watcher.run(cameras, told.append)
    finally:
        made.close()
    assert time.monotonic() - began < 120
    assert found
    assert [one.camera.name for one in told if isinstance(one, Hit)] == ["yard"]
    assert [name for name, _ in failed] == ["hangs"]
    assert "127.0.0.1" in failed[0][1]
    assert "hangs" in {one.camera.name for one in told if isinstance(one, Blind)}


def test_a_film_that_begins_in_the_future_is_refused(one_vehicle: Film) -> None:
    done = CliRunner().invoke(
        app,
        ["watch", str(one_vehicle.path), "--plate", PLATE, "--authority", "Order 7",
         "--began", "2199-01-01T00:00:00Z"],
    )  # fmt: skip
    assert done.exit_code == 2
    assert "--began" in done.stderr
    assert "in the future" in done.stderr


def test_files_whose_time_is_in_the_future_are_refused_by_name(
    one_vehicle: Film, tmp_path: Path
) -> None:
    film, picture = tmp_path / "later.ts", tmp_path / "later.png"
    copied(one_vehicle.path, film)
    cv2.imwrite(str(picture), np.zeros((20, 20, 3), np.uint8))
    for path in (film, picture):
        os.utime(path, (7e9, 7e9))
        with pytest.raises(CameraFailed, match=f"{path.name} is in the future"):
            list(frames_of(str(path)))
    assert next(iter(frames_of(str(film), began_s=5.0))).at_s < 6
    cv2.imwrite(str(tmp_path / "now.png"), np.zeros((20, 20, 3), np.uint8))
    told: list[str] = []
    assert len(list(frames_of(str(tmp_path), told=told.append))) == 1
    assert "later.png" in " ".join(told)
