"""Two `stopline serve` processes with the TLS line between them, and exercise time for both."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import httpx

from stopline.errors import StoplineError
from stopline.exercise.engine.make_nodes import SET_UP_S, Address, make_nodes
from stopline.exercise.engine.record_seen import RecordSeen
from stopline.exercise.live.clock import LiveClock
from stopline.exercise.live.operators import admit_operators, admit_unit
from stopline.exercise.live.proxy import LineProxy
from stopline.exercise.live.side import LiveNode
from stopline.operation.runtime.exercising import COMPUTING_FILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stopline.exercise.document.load import LoadedExercise
    from stopline.exercise.live.proxy import Mode

_HOST: Final = "127.0.0.1"
_STARTS_WITHIN_S: Final = 900.0  # while its process lives; a busy machine starts nothing quickly
_ENDS_WITHIN_S: Final = 60.0  # asked to; then it is killed, which its record outlives
# A plan takes a minute of computing at most, after others asked before; on a busy machine longer.
_ANSWERS_WITHIN_S: Final = 1800.0
_NAP_S: Final = 0.02
_LONGEST_HOLD_S: Final = 1800.0  # a node that computes for longer is let go on


class NotServing(StoplineError):  # noqa: N818  (reads as a sentence where it is raised)
    """A node of the exercise did not start, or ended by itself."""


@dataclass(slots=True)
class LiveNodes:
    """Both nodes, their operators, the line between and the clock.

    Attributes:
        loaded: the exercise.
        folders: of the nodes, by side.
        ports: of the APIs, by side.
        password: of every operator.
        clock: of both.
        attend: called again and again while time passes: the controller's wishes are met there;
            true if something is to happen now, before time goes on.
        computing_s: wall seconds for which time was held as a node computed.
    """

    loaded: LoadedExercise
    folders: dict[str, Path]
    ports: dict[str, int]
    password: str
    clock: LiveClock
    proxies: dict[str, LineProxy]
    sides: dict[str, LiveNode] = field(default_factory=dict)
    attend: Callable[[], bool] = lambda: False
    computing_s: float = 0.0
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _units: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def make(cls, loaded: LoadedExercise, folder: Path, *, speed: float) -> LiveNodes:
        """Make both nodes in an empty folder, start them and sign every operator in.

        Raises:
            NotServing: a node does not start.
        """
        sides = loaded.sides
        lines = {side: _free_port() for side in sides}
        proxies = {side: LineProxy(lines[side]) for side in sides}
        addresses = {
            side: Address(f"https://{_HOST}:{proxies[side].port}", f"{_HOST}:{lines[side]}")
            for side in sides
        }
        folders = make_nodes(loaded, folder, addresses)
        password = f"exercise-{secrets.token_hex(3)}"
        roles = list(loaded.protocol.protocol.roles)
        start_s = loaded.exercise.start_s
        for place in folders.values():
            admit_operators(place, roles, password, start_s - SET_UP_S / 2)
        clock = LiveClock(tuple(folders.values()), start_s, speed)
        ports = {side: _free_port() for side in sides}
        nodes = cls(loaded, folders, ports, password, clock, proxies)
        incident = f"ex-{loaded.exercise.name}"
        try:
            for side in sides:
                client = httpx.Client(
                    base_url=f"http://{_HOST}:{ports[side]}", timeout=_ANSWERS_WITHIN_S,
                    trust_env=False,
                )  # fmt: skip
                nodes.sides[side] = LiveNode(
                    side, incident, start_s, client, RecordSeen(side, start_s),
                    loaded.scenario.problem.network,
                )  # fmt: skip
                nodes._spawn(side)
            for side in sides:
                nodes._await(side)
                nodes.sides[side].sign_in(roles, password)
        except BaseException:
            nodes.close()
            raise
        return nodes

    def address(self, side: str) -> str:
        """Where people open the node of a side: names of their own, as cookies know no ports."""
        return f"http://{side}.localhost:{self.ports[side]}/"

    def admit_unit(self, side: str, unit: str, agency: str) -> str:
        """Admit whoever plays a unit, once; return the name to sign in with."""
        if (side, unit) not in self._units:
            now_s = self.loaded.exercise.start_s + self.clock.t
            self._units[side, unit] = admit_unit(
                self.folders[side], unit, agency, self.password, now_s
            )
        return self._units[side, unit]

    # ---- time ----------------------------------------------------------------------------------

    def advance(self, t: float) -> None:
        """Let time pass until so many exercise seconds after STARTEX; hold it there."""
        while True:
            if self.attend():
                self.clock.hold()
                return
            self._hold_while_computing()
            left_s = t - self.clock.t
            if left_s <= 0:
                break
            self.clock.run(t)
            time.sleep(min(left_s / self.clock.speed, _NAP_S))
        self.clock.hold(t)

    def _hold_while_computing(self) -> None:
        if not self._computes():
            return
        self.clock.hold()
        began = time.monotonic()
        while self._computes() and time.monotonic() < began + _LONGEST_HOLD_S:
            self.attend()
            time.sleep(_NAP_S)
        self.computing_s += time.monotonic() - began

    def _computes(self) -> bool:
        return any(
            (self.folders[side] / COMPUTING_FILE).exists()
            for side in self.folders
            if self.is_up(side)
        )

    # ---- faults --------------------------------------------------------------------------------

    def break_line(self, kind: str, delay_s: float | None = None) -> None:
        """Have the line cut, dead without a word, slow, or `mended`."""
        modes: dict[str, Mode] = {"cut": "cut", "black hole": "black hole", "slow": "slow"}
        for proxy in self.proxies.values():
            proxy.set(modes.get(kind, "open"), delay_s)

    def is_up(self, side: str) -> bool:
        """Whether a node runs."""
        process = self._processes.get(side)
        return process is not None and process.poll() is None

    def stop(self, side: str) -> None:
        """Kill a node: nothing is said good-bye to."""
        process = self._processes[side]
        process.kill()
        process.wait()

    def start(self, side: str) -> None:
        """Start a node again, and wait until it answers; its people are signed in still."""
        self.clock.hold()
        self._spawn(side)
        self._await(side)

    # ---- processes -----------------------------------------------------------------------------

    def _spawn(self, side: str) -> None:
        command = [
            sys.executable, "-m", "stopline", "serve", str(self.folders[side]), "--listen",
            f"{_HOST}:{self.ports[side]}", "--plain", "--name", f"{side}.localhost",
            "--scenario", str(self.loaded.scenario.path.resolve()),
        ]  # fmt: skip
        with (self.folders[side] / "serve.log").open("ab") as log:
            # A session of its own: Ctrl-C is ours to take, and the nodes are ended in order.
            self._processes[side] = subprocess.Popen(  # noqa: S603  (our own command)
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip

    def _await(self, side: str) -> None:
        until = time.monotonic() + _STARTS_WITHIN_S
        while time.monotonic() < until:
            if not self.is_up(side):
                log = (self.folders[side] / "serve.log").read_text("utf-8", "replace")
                raise NotServing(f"the node of {side} ended: {' '.join(log.split())[-300:]}")
            with contextlib.suppress(httpx.HTTPError):
                if self.sides[side].client.get("/v1/problems/unknown", timeout=2.0).is_success:
                    return
            time.sleep(0.05)
        raise NotServing(f"the node of {side} does not answer within {_STARTS_WITHIN_S:g} s")

    def end(self) -> None:
        """End both nodes in order; `start` begins one again."""
        self.clock.hold()
        for process in self._processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._processes.values():
            try:
                process.wait(_ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def close(self) -> None:
        """End both nodes in order, then the line; no process and no port is left."""
        self.end()
        for node in self.sides.values():
            node.close()
        for proxy in self.proxies.values():
            proxy.close()


def _free_port() -> int:
    with socket.create_server((_HOST, 0)) as found:
        port: int = found.getsockname()[1]
        return port
