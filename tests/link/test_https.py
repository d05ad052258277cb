"""Two nodes over real HTTPS on this machine, through a relay that can swallow bytes."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import time
import warnings
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import pytest
from tests.link.pairs import Pair, message

from stopline.errors import BadInput
from stopline.link.https import (
    PATH,
    Chore,
    LinkServer,
    join_frames,
    pinned_context,
    serve,
    split_frames,
)
from stopline.link.line_state import Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, MutableMapping
    from pathlib import Path

    from stopline.link.engine import LinkEngine


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Relay:
    """Passes bytes on; while `hole` is set it takes them and passes nothing, sockets open."""

    def __init__(self, port: int, target: int) -> None:
        self.port, self.target, self.hole = port, target, False
        self._server: asyncio.Server | None = None
        self._meetings: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", self.port)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for meeting in tuple(self._meetings):
            meeting.cancel()
        await asyncio.gather(*self._meetings, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._meetings.add(task)
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        passing = [
            asyncio.create_task(self._pass(reader, back)),
            asyncio.create_task(self._pass(there, writer)),
        ]
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in passing:
                each.cancel()
            await asyncio.gather(*passing, return_exceptions=True)
            for end in (writer, back):
                end.close()
                with contextlib.suppress(OSError):
                    await end.wait_closed()
            self._meetings.discard(task)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if not self.hole:
                    writer.write(data)
                    await writer.drain()


class Running:
    def __init__(self, folder: Path) -> None:
        ports = free_ports(4)
        self.pair = Pair(folder, (f"https://127.0.0.1:{ports[2]}", f"https://127.0.0.1:{ports[3]}"))
        self.ports = ports
        self.relays = [Relay(ports[2], ports[0]), Relay(ports[3], ports[1])]
        self.engines: list[LinkEngine] = [self.pair.engine(0), self.pair.engine(1)]
        self.stop = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        for end in (0, 1):
            place = self.pair.folders[end]
            other = self.engines[end].peer.name
            server = LinkServer([self.engines[end]], {other: self.pair.certificates[1 - end]})
            self.tasks.append(
                asyncio.create_task(
                    serve(
                        server,
                        host="127.0.0.1",
                        port=self.ports[end],
                        key_file=place / "tls.key",
                        certificate_file=place / "tls.crt",
                        stop=self.stop,
                    )
                )
            )
            await self.relays[end].start()
        await self.until(lambda: all(engine.line.up for engine in self.engines), 15)

    async def until(self, holds: Callable[[], bool], limit_s: float) -> float:
        start = time.monotonic()
        while not holds():
            await asyncio.sleep(0.01)
            assert time.monotonic() - start < limit_s, "took too long"
        return time.monotonic() - start

    async def finish(self) -> None:
        self.stop.set()
        await asyncio.gather(*self.tasks)
        for relay in self.relays:
            await relay.close()
        await asyncio.sleep(0.2)  # TLS transports say good-bye in the next turns of the loop
        self.pair.close()


_T = TypeVar("_T")


def run_quietly(work: Coroutine[Any, Any, _T]) -> _T:
    """Run the loop; connections torn down inside a black hole cannot say good-bye, and warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        result = asyncio.run(work)
        gc.collect()
    return result


async def outage(folder: Path, messages: int, seconds: float) -> tuple[float, float, float]:
    """Give seconds: until the hole was noticed, until the line was up, until all had arrived."""
    run = Running(folder)
    await run.start()
    try:
        for relay in run.relays:
            relay.hole = True
        noticed = await run.until(lambda: not any(e.line.up for e in run.engines), 10)
        sent = []
        with run.pair.journals[0].transaction() as work:
            from stopline.link.disclosure import AllKinds  # noqa: PLC0415
            from stopline.link.mailbox import post  # noqa: PLC0415

            for number in range(messages):
                each = message(0, number)
                post(
                    work, run.pair.identities[0].signer, run.engines[0].peer.name, each, AllKinds()
                )
                sent.append(each.message_id)
        await asyncio.sleep(seconds)
        for relay in run.relays:
            relay.hole = False
        up = await run.until(lambda: run.engines[0].line.up, 10)
        arrived = up + await run.until(lambda: run.engines[0].state().unacknowledged == 0, 10)
        assert run.pair.inbox(1) == sent
        return noticed, up, arrived
    finally:
        await run.finish()


def test_a_black_hole_over_https_is_noticed_and_healed(tmp_path: Path) -> None:
    noticed, up, arrived = run_quietly(outage(tmp_path, 100, 2))
    assert noticed <= 3
    assert up <= 2
    assert arrived <= 3


@pytest.mark.long
def test_500_messages_held_back_over_30_s_arrive_within_2_s_over_https(tmp_path: Path) -> None:
    noticed, up, arrived = run_quietly(outage(tmp_path, 500, 30 - 3))
    print(f"noticed {noticed:.2f} s, up {up:.2f} s, all there {arrived:.2f} s")  # noqa: T201
    assert noticed <= 3
    assert arrived <= 2


def test_strangers_get_a_403_and_a_wrong_certificate_is_not_called(tmp_path: Path) -> None:
    async def ask() -> None:
        run = Running(tmp_path)
        await run.start()
        try:
            url = f"https://127.0.0.1:{run.ports[0]}{PATH}"
            own, other = run.pair.certificates
            forged = Pair(tmp_path / "forger").engine(1).tick(Moment(1.0, 1_795_000_000.0))
            async with httpx.AsyncClient(verify=pinned_context(own), trust_env=False) as client:
                for body in (b"", b"x", b"{}\n", *forged):
                    assert (await client.post(url, content=body)).status_code == 403
                assert (await client.get(url)).status_code == 405
                assert (await client.get(url.replace("frames", "x"))).status_code == 404
            async with httpx.AsyncClient(verify=pinned_context(other), trust_env=False) as client:
                with pytest.raises(httpx.ConnectError):
                    await client.post(url, content=b"")
        finally:
            await run.finish()

    run_quietly(ask())


def test_a_certificate_that_is_not_the_pinned_one_is_refused(pair: Pair) -> None:
    engine = pair.engine(0)
    with pytest.raises(BadInput, match="another"):
        LinkServer([engine], {engine.peer.name: pair.certificates[0]})


def test_frames_split_as_they_were_joined() -> None:
    frames = [b"a\nb\n", b"c\n", b"d\ne\n"]
    assert split_frames(join_frames(frames)) == frames
    assert split_frames(b"") == []


def test_a_chore_that_fails_is_repeated_and_does_not_end_the_lines() -> None:
    async def work() -> int:
        stop, done = asyncio.Event(), 0

        def chore(_: Moment) -> None:
            nonlocal done
            done += 1
            if done < 3:
                raise OSError(28, "No space left on device")
            loop.call_soon_threadsafe(stop.set)

        loop = asyncio.get_running_loop()
        await asyncio.wait_for(LinkServer([], {}, [Chore(0.01, chore)]).run(stop), 10)
        return done

    assert asyncio.run(work()) == 3


def test_a_caller_that_dies_in_the_middle_of_a_call_is_no_error() -> None:
    answers: list[int] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(said: MutableMapping[str, Any]) -> None:
        answers.append(said.get("status", 0))

    scope = {"type": "http", "method": "POST", "path": PATH, "headers": [], "query_string": b""}
    asyncio.run(LinkServer([], {}).app(scope, receive, send))
    assert answers[0] == 403
