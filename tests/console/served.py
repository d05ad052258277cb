"""A node that is served in this process, for the tests of its API: real door, real journal."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx

from operation.accounts.house import CHEAP, DOCUMENT, HERE, PASSWORD, ROOT, House
from stopline.console.app import make_app
from stopline.console.settings import ConsoleSettings
from stopline.link.tls_listener import Listener, bound, listener
from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import OpenIncident
from stopline.testing.two_desks import TwoNodes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stopline.operation.accounts.oidc import OidcDoor
    from stopline.operation.accounts.sign_in import SignIn
    from stopline.operation.core.command_handler import CommandHandler

__all__ = ["CHEAP", "HERE", "INCIDENT", "PASSWORD", "ROOT", "House", "Served", "Thread"]
INCIDENT = "i-1"
QUICK = {"round_s": 0.01, "look_s": 0.02, "heartbeat_s": 0.3}


class Thread:
    """An application behind a real server in a thread of its own; on a free port if not told."""

    def __init__(self, app: Any, port: int = 0) -> None:
        self.app, self._wanted = app, port
        self._ready = threading.Event()
        self._ended: BaseException | None = None
        self.port = 0
        self._server: Listener | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(20)
        while not (self._server is not None and self._server.started):
            time.sleep(0.005)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        assert self._server is not None
        loop = self._loop
        loop.call_soon_threadsafe(self.app.state.console.feed.close)
        self._server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        with bound("127.0.0.1", self._wanted) as socket:
            self.port = socket.getsockname()[1]
            self._server = listener(
                self.app, key_file=None, certificate_file=None, most_calls=500, lifespan="on"
            )
            self._loop = asyncio.new_event_loop()
            self._ready.set()
            self._loop.run_until_complete(self._server.serve(sockets=[socket]))
            for task in asyncio.all_tasks(self._loop):  # the library's own watcher
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    self._loop.run_until_complete(task)
            self._loop.close()


@dataclass
class Served:
    """A node with people and an incident, and its API.

    Attributes:
        house: the node.
        server: its API.
        tokens: of who has signed in, by role.
    """

    house: House
    server: Thread
    clients: list[httpx.Client] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, house: House, **settings: Any) -> Served:
        """Serve a node; a node is built once for many tests, and copied."""
        return cls(house, Thread(app_of(house.desk, house.access, house, **settings)))

    @classmethod
    def make(cls, folder: Path, where: tuple[str, str]) -> Served:
        """Serve a node that is made here, with its journal somewhere else."""
        both = TwoNodes.make(folder, DOCUMENT.read_bytes(), journals=where)
        both.desks[1].node.journal.close()
        return cls.of(House.of(both))

    @property
    def url(self) -> str:
        return self.server.url

    def token(self, role: str) -> str:
        """Sign in somebody of a role, who is admitted if need be."""
        if role not in self.tokens:
            name = f"p.{role}".replace("_", "-")
            if role in {"feed", "unit", "camera"}:
                self.tokens[role] = self.house.machine(name, role)
            else:
                self.house.admit(name, role)
                self.tokens[role] = self.house.log_in(name).token
        return self.tokens[role]

    def client(self, role: str = "", **headers: str) -> httpx.Client:
        if role:
            headers["authorization"] = f"Bearer {self.token(role)}"
        made = httpx.Client(base_url=self.url, headers=headers, timeout=20, trust_env=False)
        self.clients.append(made)
        return made

    def open_incident(self, name: str = INCIDENT) -> None:
        expires = datetime.fromtimestamp(self.house.now_s + 9e4, UTC)
        self.house.do(
            OpenIncident(incident=name, title="Hall", authority="order 1", expires=expires),
            Actor("p.duty-officer", "duty_officer", "police"),
        )

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.server.close()
        self.house.desk.node.journal.close()


def app_of(
    desk: CommandHandler,
    access: SignIn,
    house: House,
    oidc: OidcDoor | None = None,
    **settings: Any,
) -> Any:
    chosen = ConsoleSettings(**{**QUICK, **settings})
    return make_app(desk, access, clock=lambda: house.now_s, settings=chosen, oidc=oidc)


def lines_of(response: httpx.Response) -> Iterator[tuple[str, str, str]]:
    """Read a stream of events but for its heartbeats: name, id, data."""
    name, ident, data = "", "", ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("id: "):
            ident = line[4:]
        elif line.startswith("data: "):
            data = line[6:]
        elif not line:
            if name and name != "heartbeat":
                yield name, ident, data
            name, data = "", ""
