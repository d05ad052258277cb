"""Storage fails under a node that is really served: it stays up, says so, and goes on by itself.

Each node is a process of its own (`stopline serve`) that keeps a line to a peer which is not there,
so that the line, the duties and the API all want to write while nothing can be written.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.console.test_serving import REPORT, TAKE, Process, make

from console.served import INCIDENT
from operation.own_server import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

LED = "NOTHING IS RECORDED"
PATIENCE_S = 60.0


def until(what: Callable[[], bool], seconds: float = PATIENCE_S) -> float:
    began_s = time.monotonic()
    while not what():
        assert time.monotonic() - began_s < seconds
        time.sleep(0.2)
    return time.monotonic() - began_s


def told(client: httpx.Client) -> bool:
    """Whether the board says that nothing is recorded."""
    return LED in client.get(f"/v1/incidents/{INCIDENT}/board").text


def given(client: httpx.Client) -> int:
    return client.post(TAKE, json=REPORT).status_code


def reads(client: httpx.Client) -> list[int]:
    paths = ("/v1/me", "/v1/node", f"/v1/incidents/{INCIDENT}", f"/v1/incidents/{INCIDENT}/matters")
    return [client.get(path).status_code for path in paths]


def check_story(
    process: Process, token: str, fail: Callable[[], Any], mend: Callable[[], Any]
) -> None:
    """Storage fails and comes back; the process, the session and the facts before are there."""
    with process.client(token) as client:
        assert given(client) == 201
        before = client.get("/v1/node").json()
        fail()
        until(lambda: given(client) != 201)  # what the log of the database had room for is taken
        until(lambda: told(client))
        answer = client.post(TAKE, json=REPORT)
        assert answer.status_code in {409, 503}, answer.text
        assert reads(client) == [200] * 4
        time.sleep(3)  # the line, the duties, the sweep: each has tried to write by now
        assert process.running.poll() is None
        assert reads(client) == [200] * 4
        mend()
        until(lambda: not told(client))
        until(lambda: given(client) == 201)
        assert reads(client) == [200] * 4
        assert client.get("/v1/node").json()["name"] == before["name"]
    code, log = process.end()
    sys.stdout.write(log)
    assert code == 0, log[-3000:]
    assert len(log) < 40_000
    assert log.count("Traceback") == 0, log[-3000:]


@contextlib.contextmanager
def served(folder: Path) -> Iterator[Process]:
    """A process that is gone in the end, whatever happened."""
    process = Process.start(folder)
    try:
        yield process
    finally:
        if process.running.poll() is None:
            process.running.kill()
            process.running.communicate()
        for stream in (process.running.stdout, process.running.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of a few MiB, where this user may mount one."""
    place = Path(tempfile.mkdtemp(prefix="stopline-disk-"))
    mounting = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mounting, check=False).returncode:
        place.rmdir()
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
    place.rmdir()


def test_a_full_disk(small_disk: Path) -> None:
    both, token = make(small_disk)
    both.close()
    ballast = small_disk / "ballast"

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 12))

    with served(both.folders[0]) as process:
        check_story(process, token, fill, ballast.unlink)


def test_a_database_that_somebody_holds(tmp_path: Path) -> None:
    both, token = make(tmp_path)
    both.close()
    other = sqlite3.connect(
        both.folders[0] / "journal.db", isolation_level=None, check_same_thread=False
    )

    def hold() -> None:
        other.execute("BEGIN IMMEDIATE")

    with served(both.folders[0]) as process:
        check_story(process, token, hold, lambda: other.execute("ROLLBACK"))
    other.close()


def test_postgresql_goes_away_and_comes_back() -> None:
    with running() as server, tempfile.TemporaryDirectory() as folder:
        both, token = make(Path(folder), (server.url("a"), server.url("b")))
        both.close()
        with served(both.folders[0]) as process:
            check_story(process, token, server.stop, server.start)


@pytest.mark.long
def test_postgresql_restarts_at_once() -> None:
    """As in a fail-over to a standby under the same address: every connection is cut at once."""
    with running() as server, tempfile.TemporaryDirectory() as folder:
        both, token = make(Path(folder), (server.url("a"), server.url("b")))
        both.close()
        with served(both.folders[0]) as process, process.client(token) as client:
            for _ in range(3):
                server.kill()
                until(lambda: given(client) == 201)
                assert reads(client) == [200] * 4
                assert process.running.poll() is None
            assert process.end()[0] == 0
