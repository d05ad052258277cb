"""Listen on an address with TLS: one way for all that a node serves, with no banner or signals."""

from __future__ import annotations

import asyncio
import socket
import ssl
from asyncio.sslproto import SSLProtocol
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Literal

import uvicorn

from stopline.errors import BadInput
from stopline.link.gate import Gate, GateLimits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from starlette.types import ASGIApp

_LEAVE_S = 0.5
# What each connection with TLS holds from its first byte on; the library's 256 KiB would let a
# thousand strangers who say nothing take as many megabytes.
_TLS_BUFFER = 16 << 10
_MOST_HEADERS = 32 << 10  # bytes of a call before its body
_WAITING = 2048  # calls that the system holds until they are taken


class Listener(uvicorn.Server):
    """A server that leaves signals to whoever started it; set `should_exit` to end it."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Take none."""
        return nullcontext()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End calls in order; then drop connections whose other end does not take leave.

        TLS waits for the other end to say goodbye, and a client that does not read never does.
        """
        ending = asyncio.create_task(super().shutdown(sockets))
        while not (await asyncio.wait({ending}, timeout=_LEAVE_S))[0]:
            if not self.server_state.tasks:  # everything asked is answered
                for connection in list(self.server_state.connections):
                    transport = getattr(connection, "transport", None)
                    if transport is not None:
                        transport.abort()
        await ending


@contextmanager
def bound(host: str, port: int, limits: GateLimits | None = None) -> Iterator[Gate]:
    """Give a socket that listens, within limits; it is closed in the end.

    Raises:
        BadInput: the address is taken, or is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, or asyncio would not know that answers are to go out at once: it sets
    # TCP_NODELAY only where it sees TCP, and each answer would wait 40 ms for an acknowledgement.
    made = Gate(family, limits=limits or GateLimits())
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(_WAITING)
    except (OSError, OverflowError) as error:
        made.close()
        why = getattr(error, "strerror", None) or str(error)
        expected = "a free port of an address of this machine"
        raise BadInput.single(f"{host}:{port}", why, expected) from error
    with made:
        yield made


def listener(
    app: ASGIApp,
    *,
    key_file: Path | None,
    certificate_file: Path | None,
    most_calls: int,
    lifespan: Literal["on", "off"] = "off",
    ending_s: int = 1,
) -> Listener:
    """Make the server of an application.

    Args:
        app: the application.
        key_file: private key of TLS 1.3; None for plain HTTP.
        certificate_file: its certificate.
        most_calls: connections and calls at once; further ones get 503.
        lifespan: whether the application is told of its begin and end.
        ending_s: how long calls may take to end when the server closes, seconds.
    """
    config = uvicorn.Config(
        app,
        ssl_keyfile=None if key_file is None else str(key_file),
        ssl_certfile=None if certificate_file is None else str(certificate_file),
        log_level="warning",
        access_log=False,
        lifespan=lifespan,
        timeout_keep_alive=30,
        limit_concurrency=most_calls,
        h11_max_incomplete_event_size=_MOST_HEADERS,
        ws="none",
        timeout_graceful_shutdown=ending_s,
        server_header=False,
        proxy_headers=False,  # who calls is who is connected; a header can say anything
        backlog=_WAITING,
    )
    SSLProtocol.max_size = _TLS_BUFFER
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_3
    return Listener(config)
