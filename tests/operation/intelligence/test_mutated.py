"""Sealed texts and locked keys that were bent on the way: refused with a reason, never a crash."""

from __future__ import annotations

import base64
import random
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from stopline.errors import BadInput
from stopline.operation.intelligence.recipient_key import LockedKey, read_locked_key
from stopline.operation.intelligence.sealed import (
    CannotOpen,
    Recipient,
    open_sealed,
    read_sealed,
    seal,
)

if TYPE_CHECKING:
    from numpy.random import Generator

_PIECES = (
    "\x00",
    "\ud800",
    "é",
    '"',
    "{",
    "}",
    "[",
    "null",
    "1e999",
    "-1",
    "A" * 70,
    "=",
    "\\u0000",
)


def mutated(chance: random.Random, text: str) -> str:
    signs = list(text)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(signs) + 1)
        what = chance.randrange(3)
        if what == 0 and signs:
            del signs[at : at + chance.randint(1, 12)]
        elif what == 1:
            signs[at:at] = chance.choice(_PIECES)
        else:
            signs[at : at + 1] = chr(chance.randrange(32, 127))
    return "".join(signs)


def test_no_bent_text_opens_as_another_or_crashes(rng: Generator) -> None:
    seed = int(rng.integers(1 << 32))
    chance = random.Random(seed)
    private = X25519PrivateKey.generate()
    key = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    content = b"They mean to cross."
    recipient = Recipient(side="alder", role="head_of_state", person="A. Adler", key=key)
    good = seal(content, "RED", [recipient])
    refused = 0
    for _ in range(3000):
        bent = mutated(chance, good.text())
        try:
            opened = open_sealed(read_sealed(bent), private)
        except (BadInput, CannotOpen):
            refused += 1
        else:
            # Only spaces between the signs of JSON can have changed.
            assert (opened, read_sealed(bent)) == (content, good), f"seed {seed}: {bent}"
    assert refused > 2500, f"seed {seed}"


def test_no_bent_locked_key_crashes(rng: Generator) -> None:
    seed = int(rng.integers(1 << 32))
    chance = random.Random(seed)
    good = LockedKey(
        form="stopline-private-key@v1", public="AAAA", salt="AAAA", memory_kib=65536,
        iterations=3, lanes=4, nonce="AAAA", locked="AAAA",
    )  # fmt: skip
    refused = 0
    for _ in range(3000):
        try:
            read = read_locked_key(mutated(chance, good.text()))
        except BadInput:
            refused += 1
        else:
            assert read.memory_kib <= 1 << 20, f"seed {seed}"
            assert read.iterations <= 20, f"seed {seed}"
    assert refused > 1000, f"seed {seed}"
