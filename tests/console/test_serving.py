"""`stopline serve` as a process: TLS, the lines apart from the API, several servers, the end."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.link.test_https import free_ports

from console.conftest import journals
from console.served import DOCUMENT, INCIDENT, House, lines_of
from stopline.journal.sqlite import open_sqlite
from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import OpenIncident
from stopline.operation.core.node import SETTINGS_FILE
from stopline.testing.two_desks import TwoNodes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DUTY = Actor("p.duty", "duty_officer", "police")
REPORT = {"about": "search", "text": "nothing found"}
TAKE = f"/v1/incidents/{INCIDENT}/commands/report.take"


@dataclass
class Process:
    """A served node in a process of its own."""

    folder: Path
    running: subprocess.Popen[str]
    url: str
    lines: str

    @classmethod
    def start(cls, folder: Path, *options: str) -> Process:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        running = subprocess.Popen(
            [sys.executable, "-m", "stopline", "serve", str(folder), "--listen", "127.0.0.1:0",
             *options],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert running.stdout is not None
        said: dict[str, str] = {}
        for _ in range(1 if "--no-link" in options else 2):
            line = running.stdout.readline()
            assert line, running.stderr.read() if running.stderr else ""
            said["api" if "API on" in line else "lines"] = line.strip()
        lines = said.get("lines", "").partition("lines on ")[2].partition(",")[0]
        return cls(folder, running, said["api"].rpartition(" ")[2], lines)

    def client(self, token: str = "", url: str = "", **options: object) -> httpx.Client:
        trusted = ssl.create_default_context(cafile=str(self.folder / "tls.crt"))
        trusted.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        for file in options.pop("certificates", ()):  # type: ignore[attr-defined]
            trusted.load_cert_chain(*file)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(
            base_url=url or self.url, verify=trusted, headers=headers, trust_env=False, timeout=20
        )

    def end(self) -> tuple[int, str]:
        self.running.send_signal(signal.SIGTERM)
        _, told = self.running.communicate(timeout=20)
        return self.running.returncode, told


def make(folder: Path, where: tuple[str, str] | None = None) -> tuple[TwoNodes, str]:
    """A node with a duty officer who is signed in, and an incident."""
    both = TwoNodes.make(folder, DOCUMENT.read_bytes(), journals=where)
    for end, port in enumerate(free_ports(2)):
        settings = both.folders[end] / SETTINGS_FILE
        settings.write_text(settings.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    house = House.of(both)
    house.now_s = time.time()
    house.admit("p.duty", "duty_officer")
    expires = datetime.fromtimestamp(time.time() + 9e4, UTC)
    house.do(OpenIncident(incident=INCIDENT, title="x", authority="y", expires=expires), DUTY)
    return both, house.log_in("p.duty").token


@pytest.fixture
def node(tmp_path: Path) -> Iterator[tuple[Process, str]]:
    both, token = make(tmp_path)
    both.close()
    process = Process.start(both.folders[0])
    yield process, token
    if process.running.poll() is None:
        process.end()


def test_it_serves_with_its_own_certificate(node: tuple[Process, str]) -> None:
    process, token = node
    assert process.url.startswith("https://127.0.0.1:")
    with process.client(token) as client:
        assert client.get("/v1/me").json()["name"] == "p.duty"
        assert client.post(TAKE, json=REPORT).status_code == 201
    old = ssl.create_default_context(cafile=str(process.folder / "tls.crt"))
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(httpx.ConnectError), httpx.Client(verify=old, trust_env=False) as client:
        client.get(process.url + "/v1/me")
    assert process.end()[0] == 0


def test_the_other_node_reaches_nothing_but_the_link(node: tuple[Process, str]) -> None:
    """The line's port serves no API; the peer's keys and frames open nothing on the API's."""
    process, token = node
    peer = process.folder.parent / "birch"
    keys = [(str(peer / "tls.crt"), str(peer / "tls.key"))]
    with process.client(token, f"https://{process.lines}") as on_line:
        for path in ("/v1/me", "/v1/openapi.json", "/v1/events", "/", "/v1/session"):
            assert on_line.get(path).status_code == 404, path
        assert on_line.post(TAKE, json=REPORT).status_code == 404
        assert on_line.post("/link/v1/frames", content=b"x").status_code == 403
        assert on_line.get("/link/v1/frames").status_code == 405
    with process.client("", certificates=keys) as as_peer:
        for path in ("/v1/me", "/v1/node", "/v1/incidents", "/v1/journal/entries", "/v1/events"):
            assert as_peer.get(path).status_code == 401, path
        assert as_peer.post(TAKE, json=REPORT).status_code == 401
        assert as_peer.post("/link/v1/frames", content=b"x").status_code == 404
        note = (peer / "pairing.note").read_text()
        key = note.splitlines()[1]
        for token_of_peer in (key[:200], "birch.example/node"):
            answer = as_peer.get("/v1/me", headers={"authorization": f"Bearer {token_of_peer}"})
            assert answer.status_code == 401


def test_the_end_comes_in_order(node: tuple[Process, str]) -> None:
    """A stream is told; commands that were being given are answered and on disk; nothing hangs."""
    process, token = node
    answers: list[httpx.Response | httpx.TransportError] = []

    def keep_giving() -> None:
        with process.client(token) as client:
            for number in range(1000):
                try:
                    answers.append(client.post(TAKE, json=REPORT, headers={
                        "idempotency-key": f"k-{threading.get_ident()}-{number}"}))  # fmt: skip
                except httpx.TransportError as error:
                    answers.append(error)
                    return

    givers = [threading.Thread(target=keep_giving) for _ in range(4)]
    with process.client(token) as client, client.stream("GET", "/v1/events") as answer:
        events = lines_of(answer)
        for giver in givers:
            giver.start()
        next(events)
        began = time.monotonic()
        process.running.send_signal(signal.SIGTERM)
        assert [name for name, *_ in events][-1] == "closing"
        _, told = process.running.communicate(timeout=60)
        assert time.monotonic() - began < 40  # two on a quiet machine
    for giver in givers:
        giver.join(20)
    assert (process.running.returncode, told) == (0, "")
    given = [a for a in answers if isinstance(a, httpx.Response)]
    assert {a.status_code for a in given} <= {201, 409, 503}
    with open_sqlite(process.folder / "journal.db") as journal:
        there = {entry.fact_id for entry in journal.read()}
    answered = {i for a in given if a.status_code == 201 for i in a.json()["ids"]}
    assert answered
    assert answered <= there


def test_two_servers_of_one_side_see_the_same(postgres_server: str, tmp_path: Path) -> None:
    both, token = make(tmp_path, journals(postgres_server, "servers"))
    both.close()
    first = Process.start(both.folders[0])
    second = Process.start(both.folders[0], "--no-link")
    try:
        with first.client(token) as one, second.client(token) as two:
            with two.stream("GET", "/v1/events") as answer:
                events = lines_of(answer)
                time.sleep(0.3)
                done = one.post(TAKE, json=REPORT, headers={"idempotency-key": "k"})
                assert int(next(events)[1]) == done.json()["entries"][0]
            again = two.post(TAKE, json=REPORT, headers={"idempotency-key": "k"})
            assert (again.status_code, again.json()["ids"]) == (200, done.json()["ids"])
            sizes = {c.get("/v1/node").json()["journal_size"] for c in (one, two)}
            assert len(sizes) == 1
            # A session that ends at one server is worth nothing at the other a moment later.
            assert two.get("/v1/me").status_code == 200
            assert one.delete("/v1/session").status_code == 204
            time.sleep(1.2)
            assert two.get("/v1/me").status_code == 401
    finally:
        codes = [process.end() for process in (second, first)]
    assert [code for code, _ in codes] == [0, 0]
    assert [line for _, told in codes for line in told.splitlines()
            if not line.startswith("line to ")] == []  # fmt: skip


def test_what_it_refuses_to_serve(tmp_path: Path) -> None:
    both, _ = make(tmp_path)
    both.close()
    folder = str(both.folders[0])

    def refused(*options: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "stopline", "serve", folder, *options],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert done.returncode == 2, done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr

    assert "127.0.0.1 or ::1" in refused("--plain", "--listen", "0.0.0.0:0")
    assert "host:port" in refused("--listen", "nowhere")
    (port,) = free_ports(1)
    with socket.create_server(("127.0.0.1", port)):
        assert "already in use" in refused("--listen", f"127.0.0.1:{port}").lower()
