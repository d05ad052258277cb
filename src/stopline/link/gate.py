"""A listening socket with a bound: so many connections from one address, and so many in all.

Whoever has shown who he is (a frame that the peer signed, a session) keeps his connection; others
have one for a few seconds. Where there is no room, the oldest connection of the address that
has the most is dropped, so that an address that fills its share leaves room for all others, and
somebody at the same address still gets through.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_OUT_OF_FILES: Final = frozenset({errno.EMFILE, errno.ENFILE})
_TOLD_EVERY_S: Final = 60.0
_log = logging.getLogger("stopline.link.gate")


@dataclass(frozen=True, slots=True)
class GateLimits:
    """How many connections there may be of those that have not shown who they are.

    Attributes:
        from_one_address: at most.
        in_all: at most.
        seconds: that one may last.
        proven_in_all: connections that have shown who they are, at most.
        of_one_account: of those, at most for one account: a machine's token that somebody took
            leaves room for officers.
    """

    from_one_address: int = 1024
    in_all: int = 4096
    seconds: float = 60.0
    proven_in_all: int = 4096
    of_one_account: int = 256


DOOR_LIMITS: Final = GateLimits(from_one_address=400, in_all=800, seconds=300.0)
LINE_LIMITS: Final = GateLimits(from_one_address=32, in_all=96, seconds=5.0, proven_in_all=16)


class _Connection(socket.socket):
    """An accepted connection that tells its gate when it ends."""

    gate: Gate | None = None
    peer: tuple[str, int] = ("", 0)
    born_s: float = 0.0
    proven = False
    account = ""

    def close(self) -> None:
        gate, self.gate = self.gate, None
        if gate is not None:
            gate.ended(self)
        super().close()

    def drop(self) -> None:
        """End it from here; whoever serves it sees the end of what comes in."""
        with contextlib.suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)


class Gate(socket.socket):
    """A listening socket that bounds what it accepts; call all of it from the loop's thread."""

    limits = GateLimits()

    def __init__(
        self, family: int, *, limits: GateLimits, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.limits = limits
        self._clock = clock
        self._open: dict[tuple[str, int], _Connection] = {}
        self._spare: int | None = os.open(os.devnull, os.O_RDONLY)
        self._told_s = float("-inf")
        self.dropped = 0

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept the next connection for which there is room; the others are dropped.

        Raises:
            BlockingIOError: none waits.
        """
        while True:
            try:
                handle, address = self._accept()  # type: ignore[attr-defined]  # (of the library)
            except OSError as error:
                if error.errno not in _OUT_OF_FILES:
                    raise
                self._refuse_one()
                raise BlockingIOError from error
            made = _Connection(self.family, self.type, self.proto, fileno=handle)
            made.gate, made.peer, made.born_s = self, (address[0], address[1]), self._clock()
            self._open[made.peer] = made
            self._make_room(made)
            return made, address

    def prove(self, address: tuple[str, int] | None, account: str = "") -> None:
        """Let the connection from an address and port stay: it has shown whose it is."""
        found = None if address is None else self._open.get((address[0], address[1]))
        if found is None or found.proven:
            return
        proven = [one for one in self._open.values() if one.proven]
        own = [one for one in proven if one.account == account]
        if len(own) >= self.limits.of_one_account:
            self._drop(min(own, key=lambda one: one.born_s))
        elif len(proven) >= self.limits.proven_in_all:
            self._drop(min(proven, key=lambda one: one.born_s))
        found.proven, found.account = True, account

    def sweep(self) -> None:
        """Drop those that have not shown who they are in time."""
        late_s = self._clock() - self.limits.seconds
        for one in [one for one in self._open.values() if not one.proven]:
            if one.born_s < late_s:
                self._drop(one)

    def ended(self, connection: _Connection) -> None:
        """Forget a connection that has ended."""
        if self._open.get(connection.peer) is connection:
            del self._open[connection.peer]

    def close(self) -> None:
        """Stop listening."""
        spare, self._spare = self._spare, None
        if spare is not None:
            os.close(spare)
        super().close()

    def _make_room(self, fresh: _Connection) -> None:
        waiting: dict[str, list[_Connection]] = {}
        for one in self._open.values():
            if not one.proven:
                waiting.setdefault(one.peer[0], []).append(one)
        own = waiting[fresh.peer[0]]
        if len(own) > self.limits.from_one_address:
            self._drop(own[0])
        elif sum(map(len, waiting.values())) > self.limits.in_all:
            self._drop(max(waiting.values(), key=len)[0])

    def _drop(self, connection: _Connection) -> None:
        self.dropped += 1
        self._open.pop(connection.peer, None)
        connection.drop()

    def _refuse_one(self) -> None:
        """At the process's limit of files: take a client in by the spare one, and let it go."""
        now_s = self._clock()
        if now_s >= self._told_s + _TOLD_EVERY_S:
            self._told_s = now_s
            _log.error("the process has no file left for a new connection; clients are refused")
        self.sweep()
        if self._spare is None:
            return
        os.close(self._spare)
        self._spare = None
        with contextlib.suppress(OSError):
            handle, _ = self._accept()  # type: ignore[attr-defined]  # (of the library)
            os.close(handle)
        with contextlib.suppress(OSError):
            self._spare = os.open(os.devnull, os.O_RDONLY)
