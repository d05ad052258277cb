"""Parts of the live driver that need no nodes: its clock, the line, a controller's wishes."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from stopline.errors import BadInput
from stopline.exercise.live.clock import LiveClock
from stopline.exercise.live.control import STATE, ControlRoom, ask, speed_of
from stopline.exercise.live.proxy import LineProxy
from stopline.exercise.live.running import noted_as_running, the_one_running
from stopline.operation.core.exercise_clock import ExerciseClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_the_clock_is_held_and_never_goes_back(tmp_path: Path) -> None:
    nodes = (tmp_path / "a", tmp_path / "b")
    for folder in nodes:
        folder.mkdir()
    clock = LiveClock(nodes, 1000.0, 60.0)
    read = [ExerciseClock(folder) for folder in nodes]
    assert [one() for one in read] == [1000.0, 1000.0]
    clock.run()
    time.sleep(0.05)
    assert clock.t >= 3.0
    clock.hold(2.0)  # it is later already
    at = clock.t
    assert at >= 3.0
    assert [one() for one in read] == [1000.0 + at] * 2
    clock.hold(at + 5.0)
    assert clock.t == at + 5.0
    time.sleep(0.02)
    clock.change(1.0)
    assert clock.t == at + 5.0
    clock.run(at + 5.05)
    assert clock.held_s >= 0.02
    time.sleep(0.1)
    assert clock.t == at + 5.05  # something happens then: it waits
    assert read[1]() == pytest.approx(1000.0 + at + 5.05, abs=1e-6)


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that says what it hears."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(near,), daemon=True).start()

    def answer(near: socket.socket) -> None:
        with near:
            while data := near.recv(1000):
                near.sendall(data)

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.close()


def said(port: int, words: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=0.5) as line:
        line.settimeout(0.5)
        line.sendall(words)
        return line.recv(1000)


def test_the_line_is_open_slow_dead_and_cut(echo: int) -> None:
    proxy = LineProxy(echo)
    try:
        assert said(proxy.port, b"one") == b"one"
        proxy.set("slow", 0.05)
        began = time.monotonic()
        assert said(proxy.port, b"two") == b"two"
        assert time.monotonic() - began >= 0.1
        proxy.set("black hole")
        with pytest.raises(TimeoutError):
            said(proxy.port, b"three")
        proxy.set("open")
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=2) as line:
            line.sendall(b"four")
            assert line.recv(10) == b"four"
            proxy.set("cut")
            assert line.recv(10) == b""
        with contextlib.suppress(OSError):
            assert said(proxy.port, b"five") == b""
        proxy.set("open")
        assert said(proxy.port, b"six") == b"six"
    finally:
        proxy.close()
    with pytest.raises(OSError, match="refused"):
        said(proxy.port, b"seven")


def test_a_wish_is_met_or_refused_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no running exercise"):
        ask(tmp_path, "pause")
    met: list[str] = []

    def meet(wish: str, told: dict[str, object]) -> str:
        if wish == "speed":
            return f"{speed_of(told['speed']):g}x"
        met.append(wish)
        return f"{wish} done"

    room = ControlRoom(tmp_path, meet)
    room.show({"t": 1.0})
    assert json.loads((tmp_path / STATE).read_text("utf-8"))["pid"] == os.getpid()
    going = threading.Event()

    def attend() -> None:
        while not going.wait(0.01):
            room.attend()

    thread = threading.Thread(target=attend)
    thread.start()
    try:
        assert ask(tmp_path, "pause") == "pause done"
        assert ask(tmp_path, "speed", speed=60) == "60x"
        for bad in (0, 61, "fast", "nan"):
            with pytest.raises(BadInput, match="from 1 to 60"):
                ask(tmp_path, "speed", speed=bad)
    finally:
        going.set()
        thread.join()
    assert met == ["pause"]
    room.close()
    with pytest.raises(BadInput, match="no running exercise"):
        ask(tmp_path, "resume")


def test_the_one_that_runs_is_found_and_two_are_told_apart(tmp_path: Path) -> None:
    noted, one, two = (tmp_path / name for name in ("noted", "one", "two"))
    with pytest.raises(BadInput, match="none runs on this machine"):
        the_one_running(noted)
    rooms = {}
    for folder in (one, two):
        folder.mkdir()
        rooms[folder] = ControlRoom(folder, lambda wish, _: wish)
        rooms[folder].show({})
    with noted_as_running(noted, one):
        assert the_one_running(noted) == one
        (noted / "1").write_text(str(two), "utf-8")
        with pytest.raises(BadInput, match=f"2 that run: {one}, {two}.*--run with the folder"):
            the_one_running(noted)
        rooms[two].close()
        assert the_one_running(noted) == one
        # A machine that went down leaves its note behind; it is taken away.
        killed = noted / str(2**22 + 1)
        killed.write_text(str(two), "utf-8")
        assert the_one_running(noted) == one
        assert not killed.exists()
    assert not (noted / str(os.getpid())).exists()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"pid": "x"}', '{"pid": 99999999999999}'])
def test_a_state_that_says_nothing_is_no_running_exercise(tmp_path: Path, text: str) -> None:
    (tmp_path / STATE).write_text(text, "utf-8")
    with pytest.raises(BadInput, match="no running exercise"):
        ask(tmp_path, "pause")
    with pytest.raises(BadInput, match="no running exercise"):
        ask(tmp_path / STATE, "pause")  # a file where a folder should be
