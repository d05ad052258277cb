"""Attack two nodes that are really served, and measure what their officers notice.

Each node is a process of its own, and so is the attacker: what is measured is the node.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attack.line_client import HostileNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.synchronize import Event

MIB = 1 << 20
_TICKS = os.sysconf("SC_CLK_TCK")
NAMES = ("alder.example/node", "birch.example/node")


def is_loaded() -> bool:
    """Whether others use this machine so much that seconds say nothing."""
    return os.getloadavg()[0] > 1.5 * (os.cpu_count() or 1)


def anybody() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


@dataclass(frozen=True)
class Doors:
    """What a stranger knows of a node.

    Attributes:
        api: port of the API.
        line: port of the line.
    """

    api: int
    line: int


@dataclass
class Node:
    """A served node, as its machine sees it.

    Attributes:
        folder: of the node.
        doors: where strangers come to.
        running: the process.
        log: file with all that it wrote.
    """

    folder: Path
    doors: Doors
    running: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, folder: Path) -> Node:
        log = folder.with_suffix(".log")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        with log.open("wb") as file:
            running = subprocess.Popen(
                [sys.executable, "-m", "stopline", "serve", str(folder), "--listen", "127.0.0.1:0"],
                env=environment, stdout=file, stderr=file,
            )  # fmt: skip
        told = folder / "serving.json"
        until_s = time.monotonic() + 60
        while not told.exists():
            assert running.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < until_s
            time.sleep(0.1)
        line = int(json.loads((folder / "node.json").read_text())["listen"].rpartition(":")[2])
        doors = Doors(int(json.loads(told.read_text())["port"]), line)
        return cls(folder, doors, running, log)

    def memory(self) -> int:
        pages = int(Path(f"/proc/{self.running.pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def busy_s(self) -> float:
        told = Path(f"/proc/{self.running.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / _TICKS

    def end(self) -> None:
        self.running.terminate()
        try:
            self.running.wait(20)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()


@dataclass
class Officer:
    """Gives a command and looks at the line, five times a second, and notes how long each took."""

    node: Node
    token: str
    incident: str
    took_s: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    ups: list[bool] = field(default_factory=list)

    def work(self, stop: threading.Event) -> None:
        line = HTTPSConnection("127.0.0.1", self.node.doors.api, timeout=30, context=anybody())
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        said = json.dumps({"about": "search", "text": "nothing found"})
        path = f"/v1/incidents/{self.incident}/commands/report.take"
        while not stop.is_set():
            began_s = time.monotonic()
            try:
                line.request("POST", path, said, headers)
                answer = line.getresponse()
                text = answer.read()
                if answer.status != 201:
                    self.failed.append(f"{answer.status} {text[:100]!r}")
                self.took_s.append(time.monotonic() - began_s)
                line.request("GET", "/v1/node", headers=headers)
                self.ups.append(bool(json.loads(line.getresponse().read())["line_up"]))
            except (OSError, ValueError, KeyError) as error:
                self.failed.append(f"{type(error).__name__}: {error}")
                line.close()
            stop.wait(0.2)
        line.close()


@dataclass(frozen=True)
class Measured:
    """What an attack cost."""

    name: str
    longest_s: float
    median_s: float
    grown: int
    busy_s: float
    logged: int
    up: bool
    failed: tuple[str, ...]

    def row(self) -> str:
        up = "up" if self.up else "DOWN"
        return (
            f"| {self.name} | {self.median_s:.3f} | {self.longest_s:.2f} | {up} | "
            f"{max(0, self.grown) / MIB:.1f} | {self.busy_s:.1f} | {self.logged} |"
        )


def measure(node: Node, officer: Officer, name: str, after_s: float = 1.0) -> Measured:
    """Let an attack run beside an officer's work."""
    with beginning(name, node.doors) as attack:
        stop, highest = threading.Event(), [node.memory()]
        officer.took_s, officer.failed, officer.ups = [], [], []
        before, busy_s, size = node.memory(), node.busy_s(), node.log.stat().st_size

        def look() -> None:
            while not stop.wait(0.05):
                highest.append(node.memory())

        threads = [threading.Thread(target=work) for work in (partial(officer.work, stop), look)]
        for thread in threads:
            thread.start()
        try:
            attack()
            time.sleep(after_s)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    took = sorted(officer.took_s)
    return Measured(
        name, took[-1], took[len(took) // 2], max(highest) - before, node.busy_s() - busy_s,
        node.log.stat().st_size - size, all(officer.ups), tuple(officer.failed),
    )  # fmt: skip


@contextmanager
def beginning(name: str, doors: Doors) -> Iterator[Callable[[], None]]:
    """Give what lets an attack run to its end, in a process that has been started before."""
    spawn = multiprocessing.get_context("spawn")
    go, started = spawn.Event(), spawn.Event()
    attacker = spawn.Process(target=_attack, args=(name, doors, started, go), daemon=True)
    attacker.start()

    def attack() -> None:
        go.set()
        attacker.join(120)
        assert attacker.exitcode == 0

    try:
        assert started.wait(60)
        yield attack
    finally:
        attacker.kill()
        attacker.join()


def _attack(name: str, doors: Doors, started: Event, go: Event) -> None:
    started.set()
    go.wait()
    ATTACKS[name](doors)


# ---- the attacks of strangers ------------------------------------------------------------------


def post(body: bytes, path: str = "/link/v1/frames", **headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "host: localhost", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def connected(port: int, *, tls: bool = True) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=10)
    return anybody().wrap_socket(made) if tls else made


def call(port: int, data: bytes) -> bytes:
    with suppress(OSError), connected(port) as line:
        with suppress(OSError):
            line.sendall(data)
        return line.recv(2000)
    return b""


def idle_line(doors: Doors) -> None:
    held = []
    for number in range(200):
        with suppress(OSError):
            held.append(connected(doors.line, tls=bool(number % 2)))
    time.sleep(4)
    for one in held:
        one.close()


def big_bodies(doors: Doors) -> None:
    body = b'{"form":"stopline-frame@v1","from":"' + b"x" * (15 * MIB)
    for _ in range(8):
        call(doors.line, post(body))


def big_lines(doors: Doors) -> None:
    """A header that ends in time, and then 15 MiB that nobody signed."""
    head = stranger().frame([]).partition(b"\n")[0] + b"\n"
    for _ in range(8):
        call(doors.line, post(head + b"[" * (15 * MIB)))


def stranger() -> HostileNode:
    return HostileNode(NAMES[1], NAMES[0], Ed25519PrivateKey.generate(), time.time())


def forged(doors: Doors) -> None:
    one = stranger()
    for _ in range(40):
        for changes in ({}, {"sent": "9999-12-31T23:59:59.999999Z"}, {"from": "y" * 7000}):
            call(doors.line, post(one.frame([], **changes)))


def nonsense(doors: Doors) -> None:
    for data in (b"\x00\xff" * 500, post(b"[" * 7000 + b"\n"), post(b""), post(b"{}\n" * 2000)):
        for _ in range(30):
            call(doors.line, data)


def slow_line(doors: Doors) -> None:
    held = []
    for data in (b"POST /link/v1/frames HT", post(b"", content_type="x")[:-4]):
        for _ in range(60):
            with suppress(OSError):
                one = connected(doors.line)
                one.sendall(data)
                held.append(one)
    time.sleep(6)
    for one in held:
        one.close()


def wrong_passwords(doors: Doors) -> None:
    """Forty wrong log-ins at a time, ten times."""

    def guess(number: int) -> None:
        body = json.dumps({"name": f"p.n{number}", "password": "wrong" * 5}).encode()
        call(doors.api, post(body, "/v1/session", content_type="application/json"))

    for turn in range(10):
        threads = [threading.Thread(target=guess, args=(40 * turn + one,)) for one in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def api_connections(doors: Doors) -> None:
    held = []
    for number in range(600):
        with suppress(OSError):
            one = connected(doors.api, tls=bool(number % 2))
            held.append(one)
    time.sleep(4)
    for one in held:
        one.close()


def api_bodies(doors: Doors) -> None:
    """Bodies of 15 MiB, deep ones, and doubled keys, without a token."""
    for body in (b"x" * (15 * MIB), b"[" * 200_000, b'{"a":1,"a":2}'):
        for _ in range(6):
            call(doors.api, post(body, "/v1/session", content_type="application/json"))


ATTACKS: dict[str, Callable[[Doors], None]] = {
    "line: 200 connections that say nothing, half with TLS": idle_line,
    "line: eight bodies of 15 MiB without a header": big_bodies,
    "line: eight bodies of 15 MiB behind a forged header": big_lines,
    "line: 120 forged frames": forged,
    "line: 120 calls that are no frames": nonsense,
    "line: 120 calls that never end": slow_line,
    "door: 400 wrong log-ins, 40 at once": wrong_passwords,
    "door: 600 connections that say nothing": api_connections,
    "door: 18 bodies of up to 15 MiB without a token": api_bodies,
}
