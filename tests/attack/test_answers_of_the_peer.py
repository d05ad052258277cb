"""What the peer answers to our own calls is bounded like what it sends: nothing is unpacked."""

from __future__ import annotations

import asyncio
import gzip

import httpx
import pytest

from stopline.errors import BadInput
from stopline.link.https import _MAX_ANSWER, _bounded

BOMB = gzip.compress(bytes(64 << 20))


def answered(content: bytes, **headers: str) -> bytes:
    """What the line makes of an answer."""

    def answer(_: httpx.Request) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Response(200, headers=named, stream=httpx.ByteStream(content))

    async def ask() -> bytes:
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client,
            client.stream("POST", "https://peer.example/") as response,
        ):
            return await _bounded(response)

    return asyncio.run(ask())


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity, gzip", "GZIP"])
def test_a_compressed_answer_is_refused_unread(coding: str) -> None:
    with pytest.raises(BadInput, match="nothing compressed"):
        answered(BOMB, content_encoding=coding)


def test_an_answer_has_a_longest_size() -> None:
    assert answered(b"x" * _MAX_ANSWER) == b"x" * _MAX_ANSWER
    with pytest.raises(BadInput, match="at most"):
        answered(b"x" * (_MAX_ANSWER + 1))


def test_a_compressed_answer_without_a_word_is_no_frame() -> None:
    assert answered(BOMB) == BOMB  # as it came: 64 KiB that no frame begins with
