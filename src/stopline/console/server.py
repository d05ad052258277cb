"""One process that serves a node: the API, the lines on a port of their own, and its duties."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import math
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from stopline.console.app import make_app
from stopline.console.settings import ConsoleSettings
from stopline.errors import BadInput, StoplineError
from stopline.link.gate import DOOR_LIMITS
from stopline.link.https import serve as serve_lines
from stopline.link.identity import TLS_CERTIFICATE_FILE, TLS_KEY_FILE
from stopline.link.log_bounds import bound_logs
from stopline.link.tls_listener import Listener, bound, listener

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from stopline.console.region import Region
    from stopline.link.gate import Gate
    from stopline.link.https import LinkServer
    from stopline.operation.accounts.oidc import OidcDoor
    from stopline.operation.accounts.sign_in import SignIn
    from stopline.operation.core.command_handler import CommandHandler
    from stopline.operation.whereabouts.kept_bands import KeptBands

SERVING_FILE: Final = "serving.json"
_DUTIES_S: Final = 1.0
_GATE_S: Final = 5.0
_SWEEP_S: Final = 60.0  # sessions that ran out are ended
_MOST_CALLS: Final = 4096
_ENDING_S: Final = 5  # who does not read what is sent is cut off then
_log = logging.getLogger("stopline.console")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What one process serves.

    Attributes:
        desk: the desk of the node.
        access: who may sign in.
        oidc: the OpenID Connect issuer that is trusted; None for none.
        host: address of the API.
        port: its port; 0 for any that is free.
        names: further names by which the API is called.
        plain: without TLS, for this machine alone.
        proxied: without TLS, as a proxy in front ends it.
        lines: the lines to keep; None leaves them to another process.
        duties: what is done every second, given UTC seconds.
        region: finds the roads for the map; None for those that plans name.
        bands: beliefs by section that the duties find.
        clock: UTC seconds, to which facts, deadlines and duties hold.
        wall: UTC seconds of the machine, by which sessions and log-in waits go.
        pace_s: wall seconds from one round of duties to the next.
        preparing: does the long part of commands; None for a pool of the process.
        say: tells where it listens.
    """

    desk: CommandHandler
    access: SignIn
    oidc: OidcDoor | None = None
    host: str
    port: int
    names: tuple[str, ...] = ()
    plain: bool = False
    proxied: bool = False
    lines: LinkServer | None
    duties: Callable[[float], None]
    region: Region | None = None
    bands: KeptBands | None = None
    clock: Callable[[], float]
    wall: Callable[[], float] = time.time
    pace_s: Callable[[], float] = lambda: _DUTIES_S
    preparing: Executor | None = None
    say: Callable[[str], None]


async def serve_node(serving: Serving, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; then end streams, answer what was asked, and go.

    Raises:
        BadInput: an address cannot be listened on, or plain HTTP was asked for one that others
            can reach.
    """
    node = serving.desk.node
    if serving.plain and not serving.proxied and not _is_loopback(serving.host):
        expected = "127.0.0.1 or ::1; others are served with TLS alone"
        raise BadInput.single("--plain", serving.host, expected)
    names = (*ConsoleSettings().hosts, serving.host.lower(), *serving.names)
    app = make_app(
        serving.desk,
        serving.access,
        clock=serving.clock,
        wall=serving.wall,
        oidc=serving.oidc,
        region=serving.region,
        bands=serving.bands,
        preparing=serving.preparing,
        settings=ConsoleSettings(hosts=names, proxied=serving.proxied),
    )
    bound_logs()
    with bound(serving.host, serving.port, DOOR_LIMITS) as socket:
        app.state.gate = socket
        api = listener(
            app,
            key_file=None if serving.plain else node.folder / TLS_KEY_FILE,
            certificate_file=None if serving.plain else node.folder / TLS_CERTIFICATE_FILE,
            most_calls=_MOST_CALLS,
            lifespan="on",
            ending_s=_ENDING_S,
        )
        scheme = "http" if serving.plain else "https"
        shown = f"[{serving.host}]" if ":" in serving.host else serving.host
        tasks: set[asyncio.Task[Any]] = {
            asyncio.create_task(api.serve(sockets=[socket]), name="api"),
            asyncio.create_task(_duties(serving, stop), name="duties"),
            asyncio.create_task(stop.wait(), name="stop"),
            asyncio.create_task(_sweep(socket, stop), name="gate"),
        }
        if serving.lines is not None:
            tasks.add(asyncio.create_task(_lines(serving.lines, serving, stop), name="lines"))
        # The server has no event that says it has begun.
        while not api.started and not any(task.done() for task in tasks):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        if api.started:
            port = socket.getsockname()[1]
            _leave_address(serving, port)
            serving.say(f"{node.identity.name}: API on {scheme}://{shown}:{port}")
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await _end(api, app.state.console.feed.close if api.started else None, stop, tasks)
        finally:
            _take_address(serving)


def _leave_address(serving: Serving, port: int) -> None:
    """Leave in the node's folder where terminals on this machine reach it."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  (no bind)
    told = {
        "host": near.get(serving.host, serving.host), "port": port, "tls": not serving.plain,
        "process": os.getpid(),
    }  # fmt: skip
    place = serving.desk.node.folder / SERVING_FILE
    with suppress(OSError):  # without it terminals open the journal themselves
        fresh = place.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(told, file)
        fresh.replace(place)


def _take_address(serving: Serving) -> None:
    """Take it away, if another process has not left its own there since."""
    place = serving.desk.node.folder / SERVING_FILE
    with suppress(OSError, ValueError):
        if json.loads(place.read_text("utf-8")).get("process") == os.getpid():
            place.unlink()


async def _end(
    api: Listener,
    close_streams: Callable[[], None] | None,
    stop: asyncio.Event,
    tasks: set[asyncio.Task[Any]],
) -> None:
    """End in order: streams, then what was asked, then the lines; then say what went wrong."""
    stop.set()
    if close_streams is not None:
        close_streams()
    api.should_exit = True
    told = await asyncio.gather(*tasks, return_exceptions=True)
    for error in told:
        if isinstance(error, BaseException):
            raise error


async def _lines(lines: LinkServer, serving: Serving, stop: asyncio.Event) -> None:
    node = serving.desk.node
    host, _, port = node.listen.rpartition(":")
    serving.say(f"{node.identity.name}: lines on {node.listen}, {len(node.peers())} of them")
    await serve_lines(
        lines,
        host=host,
        port=int(port),
        key_file=node.folder / TLS_KEY_FILE,
        certificate_file=node.folder / TLS_CERTIFICATE_FILE,
        stop=stop,
    )


async def _sweep(gate: Gate, stop: asyncio.Event) -> None:
    """Drop connections of those who have not shown in time who they are."""
    while not stop.is_set():
        gate.sweep()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _GATE_S)


async def _duties(serving: Serving, stop: asyncio.Event) -> None:
    """Do every second what a node owes by itself, and each minute end sessions that ran out.

    In an exercise it is every exercise second, or twenty times a wall second if that is rarer.

    A failure is logged, and the next second comes. Several processes of one side may all do it:
    who is second finds it done.
    """
    swept_s = -math.inf
    while not stop.is_set():
        now_s = serving.clock()
        try:
            await asyncio.to_thread(serving.duties, now_s)
            wall_s = serving.wall()
            if wall_s >= swept_s + _SWEEP_S:
                await asyncio.to_thread(serving.access.sweep, wall_s)
                swept_s = wall_s
        except (StoplineError, OSError):
            _log.exception("a duty of the node failed")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), serving.pace_s())


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
