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
from stopline.link.errors import Fenced, LinkError, Unreachable
from stopline.link.frame import parse_header
from stopline.link.gate import LINE_LIMITS
from stopline.link.identity import certificate_fingerprint
from stopline.link.line_log import log_text
from stopline.link.line_state import Moment
from stopline.link.log_bounds import bound_logs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from starlette.requests import Request

    from stopline.link.engine import LinkEngine
    from stopline.link.gate import Gate

_T = TypeVar("_T")
PATH, CHECKPOINT_PATH = "/link/v1/frames", "/link/v1/checkpoint"
_MEDIA = "application/x-stopline-frames"
_BETWEEN_FRAMES = b"\n"  # a frame ends in a newline and holds no empty line
_MAX_HEADER = 8 << 10  # of a frame: all that is read before its signature is checked
_MAX_BODY = 4 << 20
_MAX_ANSWER = 4 << 20
_A_POST = 1 << 20  # frames beyond it go into the next call
_READ_S = 10.0
_CALLS_AT_ONCE = 4
_ANSWER_S, _WHOLE_ANSWER_S = 1.5, 10.0
_REFUSED, _FENCED, _UNAVAILABLE, _TOO_LARGE = 403, 409, 503, 413
_NOTED_EVERY_S = 60.0
_SWEEP_S = 1.0
_MOST_FRAMES = 64  # of one answer
_AFTER_FAILURE_S = 0.5
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
        witness: Callable[[], str] = str,
    ) -> None:
        """Take the engines, and the pinned certificate (PEM) of each peer that can be called.

        Stamps follow `clock`, UTC seconds; whether the line is up follows a clock that is never
        set.

        Args:
            engines: the lines.
            certificates: of peers that can be called, by name.
            chores: what else is done now and then.
            clock: UTC seconds for stamps.
            witness: gives this node's last signed checkpoint, which anybody may collect.

        Raises:
            BadInput: a certificate is not the one in the pairing file.
        """
        self._engines = {engine.peer.name: engine for engine in engines}
        self._worker = ThreadPoolExecutor(1, "stopline-link")
        self._reader = ThreadPoolExecutor(1, "stopline-link-reader")
        self._certificates = certificates
        self._chores = chores
        self._clock = clock
        for name, pem in certificates.items():
            pinned = self._engines[name].peer.offer.certificate
            if certificate_fingerprint(pem) != pinned:
                raise BadInput.single(f"certificate of {name}", "another", f"SHA-256 {pinned}")
        self.gate: Gate | None = None
        self.witness = witness
        self._noted_s, self._strangers = float("-inf"), 0
        self._told: dict[str, str] = {}
        routes = [Route(PATH, self._answer, methods=["POST"])]
        routes.append(Route(CHECKPOINT_PATH, self._checkpoint, methods=["GET"]))
        self.app = Starlette(routes=routes)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep every line until `stop` is set."""
        callers = [
            asyncio.create_task(self._keep(engine, stop)) for engine in self._engines.values()
        ]
        callers += [
            asyncio.create_task(self._repeat(index, chore, stop))
            for index, chore in enumerate(self._chores)
        ]
        callers.append(asyncio.create_task(self._sweep(stop)))
        try:
            await asyncio.gather(*callers)
        finally:
            for caller in callers:
                caller.cancel()
            self._reader.shutdown()
            self._worker.shutdown()

    async def _answer(self, request: Request) -> Response:
        """Take frames in: first the header's size and signature, then the rest."""
        body = bytearray()
        engine: LinkEngine | None = None
        try:
            async with asyncio.timeout(_READ_S):
                async for part in request.stream():
                    body += part
                    if engine is None and (b"\n" in body or len(body) > _MAX_HEADER):
                        engine = self._known(bytes(body[:_MAX_HEADER]).partition(b"\n")[0])
                        self._prove(request)
                    if len(body) > _MAX_BODY:
                        return Response(status_code=_TOO_LARGE)
        except (ClientDisconnect, TimeoutError):  # killed, cut off or idle; it repeats what it sent
            return Response(status_code=_REFUSED)
        except (LinkError, BadInput) as error:
            await self._note_stranger(error)
            return Response(status_code=_REFUSED, headers={"connection": "close"})
        if engine is None:
            return Response(status_code=_REFUSED, headers={"connection": "close"})
        return await self._take(engine, bytes(body))

    async def _take(self, engine: LinkEngine, body: bytes) -> Response:
        try:
            for frame in split_frames(body):
                await self._receive(engine, frame)
            frames = await self.work(
                partial(engine.tick, self.now(), reply=True, most_bytes=_MAX_ANSWER // 2)
            )
        except Fenced as error:
            code = _FENCED if error.for_good else _UNAVAILABLE
            return Response(log_text(error), status_code=code)
        except (LinkError, BadInput):
            return Response(status_code=_REFUSED)
        except StorageError as error:
            self._say("journal", f"the journal cannot take messages: {error}")
            return Response(status_code=_UNAVAILABLE)
        self._say("journal", "")
        return Response(join_frames(frames), media_type=_MEDIA)

    async def _receive(self, engine: LinkEngine, data: bytes) -> None:
        """Read a frame in a thread of its own; what it brings goes to the journal's."""
        loop = asyncio.get_running_loop()
        try:
            opened = await loop.run_in_executor(self._reader, engine.open_frame, data)
        except (LinkError, BadInput) as error:
            await self.work(partial(engine.note_refused, error, self.now()))
            raise
        await self.work(partial(engine.receive, opened, self.now()))

    def _known(self, header: bytes) -> LinkEngine:
        """Find the line whose peer signed a frame's header; nothing else is looked at before.

        Raises:
            BadInput: it is no header of a frame, or too long for one.
            Unreachable: it is of nobody that is paired here.
            Forged: the peer did not sign it.
        """
        head = parse_header(header)
        engine = self._engines.get(head.sender)
        if engine is None:
            raise Unreachable("no such peer")
        head.check(engine.peer.frame_keys())
        return engine

    def _prove(self, request: Request) -> None:
        if self.gate is not None:
            self.gate.prove(request.scope.get("client"))

    async def _note_stranger(self, error: StoplineError) -> None:
        """Write down once a minute that somebody else calls; the journal is not asked for more."""
        now = self.now()
        if now.mono_s < self._noted_s + _NOTED_EVERY_S:
            self._strangers += 1
            return
        more, self._noted_s, self._strangers = self._strangers, now.mono_s, 0
        _log.warning("refused: %s (and %d more since)", log_text(error), more)
        for engine in self._engines.values():
            with suppress(StoplineError):
                await self.work(partial(engine.note_stranger, error, more, now))
            return

    def _say(self, matter: str, told: str) -> None:
        """Log a trouble once, and its end."""
        if self._told.get(matter, "") != told:
            self._told[matter] = told
            if told:
                _log.error("%s", log_text(told))
            else:
                _log.warning("%s: it works again", matter)

    async def _keep(self, engine: LinkEngine, stop: asyncio.Event) -> None:
        url = engine.peer.offer.url
        pem = self._certificates.get(engine.peer.name)
        caller = _Caller(url, pem, self, engine) if url and pem else None
        try:
            while not stop.is_set():
                try:
                    if caller is not None:
                        await caller.step()
                except (StoplineError, OSError) as error:  # the journal's, say: the line goes on
                    self._say(engine.peer.name, f"the line to {engine.peer.name}: {error}")
                    await asyncio.sleep(_AFTER_FAILURE_S)
                else:
                    self._say(engine.peer.name, "")
                wait_s = min(0.05, max(0.005, engine.due_s(self.now())))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), wait_s)
        finally:
            if caller is not None:
                await caller.close()

    async def _repeat(self, index: int, chore: Chore, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self.work(partial(chore.work, self.now()))
            except (StoplineError, OSError) as error:  # a full disk, say: the lines go on
                self._say(f"chore {index}", f"a chore of the node failed: {error}")
            else:
                self._say(f"chore {index}", "")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), chore.every_s)

    def now(self) -> Moment:
        """Now, by both clocks."""
        return Moment(time.monotonic(), self._clock())

    async def _sweep(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if self.gate is not None:
                self.gate.sweep()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _SWEEP_S)

    async def _checkpoint(self, request: Request) -> Response:
        """Give the last signed checkpoint to whoever asks: a witness of this node's record."""
        del request
        text = self.witness()
        if not text:
            return Response(status_code=404)
        return Response(text, media_type="text/plain; charset=utf-8")

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
        frames = await self._server.work(
            partial(self._engine.tick, self._server.now(), most_bytes=_A_POST)
        )
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
        client, name = self._client, self._engine.peer.name
        headers = {"content-type": _MEDIA, "accept-encoding": "identity"}
        try:
            async with (
                asyncio.timeout(_WHOLE_ANSWER_S),
                client.stream("POST", self._url, content=body, headers=headers) as answer,
            ):
                data = await _bounded(answer)
        except (httpx.HTTPError, TimeoutError) as error:
            said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            self._engine.cannot_call = log_text(f"calling {self._url}: {said}")
            if client is self._client:
                await self._reconnect()
            return
        except BadInput as error:
            self._engine.cannot_call = log_text(error)
            self._server._say(f"answers of {name}", f"answer of {self._url}: {error}")  # noqa: SLF001
            return
        if answer.status_code == _FENCED:
            self._engine.fence(log_text(data.decode("utf-8", "replace")))
            return
        if answer.status_code != httpx.codes.OK:
            said = log_text(data.decode("utf-8", "replace"))
            told = f"{self._url} answered {answer.status_code}{': ' + said if said else ''}"
            self._engine.cannot_call = told
            self._server._say(f"answers of {name}", told)  # noqa: SLF001
            return
        self._engine.cannot_call = ""
        for frame in split_frames(data)[:_MOST_FRAMES]:
            try:
                await self._server._receive(self._engine, frame)  # noqa: SLF001
            except (LinkError, BadInput, StorageError) as error:
                told = f"answer of {self._url}: {error}"
                self._server._say(f"answers of {name}", told)  # noqa: SLF001
                return
        self._server._say(f"answers of {name}", "")  # noqa: SLF001

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


async def _bounded(answer: httpx.Response) -> bytes:
    """Read an answer as it came, within a limit.

    Raises:
        BadInput: it is longer, or compressed.
    """
    coded = answer.headers.get("content-encoding", "identity")
    if coded != "identity":
        raise BadInput.single("answer", f"content-encoding {coded[:40]}", "nothing compressed")
    data = bytearray()
    async for part in answer.aiter_raw():
        data += part
        if len(data) > _MAX_ANSWER:
            raise BadInput.single("answer", "a longer one", f"at most {_MAX_ANSWER} bytes")
    return bytes(data)


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

    bound_logs()
    with bound(host, port, LINE_LIMITS) as socket:
        server.gate = socket
        listening = listener(
            server.app, key_file=key_file, certificate_file=certificate_file, most_calls=1024
        )
        running = asyncio.create_task(listening.serve(sockets=[socket]))
        try:
            await server.run(stop)
        finally:
            listening.should_exit = True
            await running
