"""Strangers before the port of the line: the paired nodes do not notice.

Each attack runs for a few seconds against a node of two that keep their line over HTTPS, and is
measured: whether the line stayed up, how long a message took, memory, lines of log.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import ssl
import sys
import time
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.link.pairs import NAMES, message
from tests.link.test_https import Running, run_quietly

from attack.line_client import HostileNode
from attack.measured import is_loaded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

MIB = 1 << 20


def memory() -> int:
    """Bytes that this process holds now."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def context() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


def stranger() -> HostileNode:
    """Somebody who knows both names and has a key of his own."""
    return HostileNode(NAMES[1], NAMES[0], Ed25519PrivateKey.generate(), time.time())


def post(body: bytes, **headers: str) -> bytes:
    lines = ["POST /link/v1/frames HTTP/1.1", "host: x", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def call(port: int, data: bytes) -> bytes:
    """Send bytes over TLS and give what comes back, as much as comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context())
    try:
        with contextlib.suppress(OSError):
            for first in range(0, len(data), 1 << 16):  # the attacker's memory is not measured
                writer.write(data[first : first + (1 << 16)])
                await writer.drain()
        async with asyncio.timeout(10):
            return await reader.read(2000)
    finally:
        writer.close()
        with contextlib.suppress(OSError, ssl.SSLError):
            await writer.wait_closed()


async def idle(port: int) -> None:
    """Hold connections open and say nothing, without and with TLS."""
    held = []
    for number in range(140):
        with contextlib.suppress(OSError):
            tls = context() if number % 2 else None
            held.append(await asyncio.open_connection("127.0.0.1", port, ssl=tls))
    await asyncio.sleep(3)
    for _, writer in held:
        writer.close()


async def big_bodies(port: int) -> None:
    """Bodies of 15 MiB that nobody signed."""
    body = b'{"form":"stopline-frame@v1","from":"' + b"x" * (15 * MIB)
    for _ in range(4):
        with contextlib.suppress(OSError, TimeoutError):
            answer = await call(port, post(body))
            assert answer.startswith(b"HTTP/1.1 403") or not answer


async def forged(port: int) -> None:
    """Frames with the right form and another key, with odd times and long names."""
    node = stranger()
    for changes in (
        {}, {"sent": "9999-12-31T23:59:59.999999Z"}, {"sent": "0001-01-01T00:00:00.000000Z"},
        {"from": "y" * 5000}, {"count": 10**15}, {"acks": {"alarm": 1}},
        {"session": "\u202e\n" * 9},
    ):  # fmt: skip
        frame = node.frame([], **changes)
        with contextlib.suppress(OSError, TimeoutError):
            assert (await call(port, post(frame))).startswith(b"HTTP/1.1 403")


async def nonsense(port: int) -> None:
    """What is no HTTP, no JSON, or too deep."""
    deep = b"[" * 7000 + b"\n"
    for data in (b"\x00\xff" * 500, post(deep), post(b""), post(b"\n\n\n"), post(b"{}\n" * 2000)):
        for _ in range(10):
            with contextlib.suppress(OSError, TimeoutError, ssl.SSLError):
                await call(port, data)


async def slow(port: int) -> None:
    """A header a byte at a time, and a body that never ends."""
    ends = []
    for data in (b"POST /link/v1/frames HT", post(b"", **{"content-type": "x"})[:-4]):
        for _ in range(40):
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context())
                writer.write(data)
                ends.append((reader, writer))
    await asyncio.sleep(6.5)
    closed = 0
    for reader, writer in ends:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(0.5):
                closed += not await reader.read(100)
        writer.close()
    assert closed > len(ends) * 0.8  # nobody may stay who has not shown who he is


ATTACKS = [idle, big_bodies, forged, nonsense, slow]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.__name__)
def test_strangers_do_not_disturb_the_line(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    attack: Callable[[int], Awaitable[None]],
) -> None:
    async def story() -> tuple[float, int, float]:
        run = Running(tmp_path)
        await run.start()
        try:
            ups, longest, number = [], 0.0, 0
            await run.until(lambda: run.engines[0].state().unacknowledged == 0, 60)
            before, busy_s = memory(), time.process_time()
            work = asyncio.create_task(attack(run.ports[0]))
            while not work.done():
                number += 1
                began_s = time.monotonic()
                run.engines[1].post(message(1, number))
                await run.until(lambda: run.engines[1].state().unacknowledged == 0, 60)
                longest = max(longest, time.monotonic() - began_s)
                ups.append(all(engine.line.up for engine in run.engines))
                await asyncio.sleep(0.05)
            await work
            assert all(ups) or is_loaded()
            return longest, memory() - before, time.process_time() - busy_s
        finally:
            await run.finish()

    with caplog.at_level(logging.WARNING):
        longest_s, grown, busy_s = run_quietly(story())
    logged = sum(len(one.getMessage()) for one in caplog.records)
    said = f"{longest_s:.2f} s, {grown / MIB:.1f} MiB, {busy_s:.1f} s CPU, {logged} bytes of log"
    sys.stdout.write(f"{attack.__name__}: {said}\n")
    assert grown < 100 * MIB
    assert logged < 20_000
    assert longest_s < 60  # a second on a quiet machine
    assert not [one for one in caplog.records if one.exc_info]
