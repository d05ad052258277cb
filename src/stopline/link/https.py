"""The line over HTTPS: frames are posted to the peer, its frames come back as the answer.

The peer's certificate is pinned: it is the one trust anchor, and its SHA-256 is in the pairing
file. Who calls is told by the signature of each frame, so the server needs no client certificates
and answers anybody else with 403 and nothing more.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import httpx
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route

from stopline.errors import BadInput, StoplineError
from stopline.journal.errors import StorageError
from stopline.link.errors import LinkError, Unreachable
from stopline.link.frame import parse_frame
from stopline.link.identity import certificate_fingerprint
from stopline.link.line_state import Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from starlette.requests import Request

    from stopline.link.engine import LinkEngine

_T = TypeVar("_T")
PATH = "/link/v1/frames"
_MEDIA = "application/x-stopline-frames"
_BETWEEN_FRAMES = b"\n"  # a frame ends in a newline and holds no empty line
_MAX_BODY = 16 << 20
_CALLS_AT_ONCE = 4
_ANSWER_S = 1.5
_REFUSED, _UNAVAILABLE, _TOO_LARGE = 403, 503, 413
_log = logging.getLogger("stopline.link.https")


def join_frames(frames: Sequence[bytes]) -> bytes:
    """Write frames one after another, an empty line between."""
    return _BETWEEN_FRAMES.join(frames)


def split_frames(data: bytes) -> list[bytes]:
    """Read what `join_frames` wrote."""
    parts = data.split(b"\n\n")
    return [part if part.endswith(b"\n") else part + b"\n" for part in parts if part]


@dataclass(frozen=True, slots=True)
class Chore:
    """What a node does now and then, in the one thread that may touch the journal."""

    every_s: float
    work: Callable[[Moment], None]


class LinkServer:
    """All lines of one node: answers calls, calls the peers, keeps time."""

    def __init__(
        self,
        engines: Sequence[LinkEngine],
        certificates: dict[str, str],
        chores: Sequence[Chore] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take the engines, and the pinned certificate (PEM) of each peer that can be called.

        Stamps follow `clock`, UTC seconds; whether the line is up follows a clock that is never
        set.

        Raises:
            BadInput: a certificate is not the one in the pairing file.
        """
        self._engines = {engine.peer.name: engine for engine in engines}
        self._worker = ThreadPoolExecutor(1, "stopline-link")
        self._certificates = certificates
        self._chores = chores
        self._clock = clock
        for name, pem in certificates.items():
            pinned = self._engines[name].peer.offer.certificate
            if certificate_fingerprint(pem) != pinned:
                raise BadInput.single(f"certificate of {name}", "another", f"SHA-256 {pinned}")
        self.app = Starlette(routes=[Route(PATH, self._answer, methods=["POST"])])

    async def run(self, stop: asyncio.Event) -> None:
        """Keep every line until `stop` is set."""
        callers = [
            asyncio.create_task(self._keep(engine, stop)) for engine in self._engines.values()
        ]
        callers += [asyncio.create_task(self._repeat(chore, stop)) for chore in self._chores]
        try:
            await asyncio.gather(*callers)
        finally:
            for caller in callers:
                caller.cancel()
            self._worker.shutdown()

    async def _answer(self, request: Request) -> Response:
        body = bytearray()
        try:
            async for part in request.stream():
                body += part
                if len(body) > _MAX_BODY:
                    return Response(status_code=_TOO_LARGE)
        except ClientDisconnect:  # the caller was killed or cut off; it repeats what it sent
            return Response(status_code=_REFUSED)
        try:
            engine = await self.work(partial(self._take, bytes(body)))
            frames = await self.work(partial(engine.tick, self.now(), reply=True))
        except (LinkError, BadInput):
            return Response(status_code=_REFUSED)
        except StorageError:
            _log.exception("the journal cannot take messages")
            return Response(status_code=_UNAVAILABLE)
        return Response(join_frames(frames), media_type=_MEDIA)

    def _take(self, body: bytes) -> LinkEngine:
        frames = split_frames(body)
        engine = self._engines.get(parse_frame(frames[0]).sender) if frames else None
        if engine is None:
            raise Unreachable("no such peer")
        for frame in frames:
            engine.receive(frame, self.now())
        return engine

    async def _keep(self, engine: LinkEngine, stop: asyncio.Event) -> None:
        url = engine.peer.offer.url
        pem = self._certificates.get(engine.peer.name)
        caller = _Caller(url, pem, self, engine) if url and pem else None
        try:
            while not stop.is_set():
                if caller is not None:
                    await caller.step()
                wait_s = min(0.05, max(0.005, engine.due_s(self.now())))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), wait_s)
        finally:
            if caller is not None:
                await caller.close()

    async def _repeat(self, chore: Chore, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self.work(partial(chore.work, self.now()))
            except (
                StoplineError,
                OSError,
            ):  # a full disk, say: the lines go on
                _log.exception("a chore of the node failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), chore.every_s)

    def now(self) -> Moment:
        """Now, by both clocks."""
        return Moment(time.monotonic(), self._clock())

    async def work(self, work: Callable[[], _T]) -> _T:
        """Work on the journal in the one thread that may, so that the loop keeps beating."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)


class _Caller:
    """Posts frames to one peer; a line that went silent gets fresh connections."""

    def __init__(self, url: str, pem: str, server: LinkServer, engine: LinkEngine) -> None:
        self._url = url.rstrip("/") + PATH
        self._context = pinned_context(pem)
        self._server = server
        self._engine = engine
        self._client = self._connect()
        self._calls: set[asyncio.Task[None]] = set()
        self._was_up = False

    async def step(self) -> None:
        """Send what is due; give a line that went down new connections."""
        if len(self._calls) >= _CALLS_AT_ONCE:
            return
        frames = await self._server.work(partial(self._engine.tick, self._server.now()))
        if self._was_up and not self._engine.line.up:
            await self._reconnect()
        self._was_up = self._engine.line.up
        if frames:
            call = asyncio.create_task(self._post(join_frames(frames)))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def close(self) -> None:
        """Drop all calls and connections."""
        for call in tuple(self._calls):
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        await self._client.aclose()

    async def _post(self, body: bytes) -> None:
        client = self._client
        try:
            answer = await client.post(self._url, content=body, headers={"content-type": _MEDIA})
        except httpx.HTTPError as error:
            _log.debug("%s: %s", self._url, type(error).__name__)
            if client is self._client:
                await self._reconnect()
            return
        if answer.status_code != httpx.codes.OK:
            _log.warning("%s answered %s", self._url, answer.status_code)
            return
        for frame in split_frames(answer.content):
            try:
                await self._server.work(partial(self._engine.receive, frame, self._server.now()))
            except (LinkError, BadInput, StorageError) as error:
                _log.warning("answer of %s: %s", self._url, error)

    async def _reconnect(self) -> None:
        old, self._client = self._client, self._connect()
        for call in tuple(self._calls):
            if call is not asyncio.current_task():
                call.cancel()
        await old.aclose()

    def _connect(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=self._context, timeout=_ANSWER_S, trust_env=False, follow_redirects=False
        )


def pinned_context(pem: str) -> ssl.SSLContext:
    """Trust one certificate and nothing else; the host's name does not matter, the key does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.load_verify_locations(cadata=pem)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


async def serve(
    server: LinkServer,
    *,
    host: str,
    port: int,
    key_file: Path,
    certificate_file: Path,
    stop: asyncio.Event,
) -> None:
    """Listen for the peers and call them, until `stop` is set.

    Raises:
        BadInput: the address cannot be listened on.
    """
    from stopline.link.tls_listener import bound, listener  # noqa: PLC0415  (heavy)

    with bound(host, port) as socket:
        listening = listener(
            server.app, key_file=key_file, certificate_file=certificate_file, most_calls=64
        )
        running = asyncio.create_task(listening.serve(sockets=[socket]))
        try:
            await server.run(stop)
        finally:
            listening.should_exit = True
            await running
