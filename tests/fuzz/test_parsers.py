"""Parsers of what comes from outside, on mutated good examples; the long run is in benchmarks/."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stopline.errors import BadInput, VerificationFailed
from stopline.journal.checkpoint import EntryProof, SignedCheckpoint
from stopline.journal.entry import parse_leaf
from stopline.link.envelope import parse_envelope
from stopline.link.frame import parse_frame
from stopline.link.https import split_frames
from stopline.link.pairing import read_offer
from stopline.signed_note import PublicKey, parse_note

if TYPE_CHECKING:
    from collections.abc import Callable

SEEDS_FILE = Path(__file__).parents[2] / "benchmarks" / "fuzz" / "seeds.py"
KEY = PublicKey("north.example/node", b"\x03" * 32)


def text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def frames(data: bytes) -> None:
    for part in split_frames(data):
        parse_frame(part).opened()


TARGETS: dict[str, Callable[[bytes], object]] = {
    "envelope": parse_envelope,
    "frame": frames,
    "note": lambda data: SignedCheckpoint(None, parse_note(text(data))).verify([KEY]),  # type: ignore[arg-type]
    "proof": lambda data: EntryProof.parse(text(data)).verify(b"entry", [KEY]),
    "pairing": lambda data: read_offer(text(data)),
    "entry": parse_leaf,
}


def good_examples() -> dict[str, list[bytes]]:
    spec = importlib.util.spec_from_file_location("seeds", SEEDS_FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.seeds()
    assert isinstance(made, dict)
    return made


def mutate(chance: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(5):
            case 0:
                out[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del out[at : at + chance.randint(1, 40)]
            case 2:
                out[at:at] = out[chance.randrange(len(out) + 1) :][:30]
            case 3:
                out[at:at] = chance.choice(
                    [
                        b"\n",
                        b"\n\n",
                        b"{",
                        b"null",
                        b"-1",
                        b"1e999",
                        b'"',
                        b"\xff",
                        b"\xed\xa0\x80",
                        b"9" * 30,
                        b"+",
                        b" ",
                    ]
                )
            case _:
                out = out[:at]
    return bytes(out)


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_mutated_examples_are_refused_or_read_never_worse(target: str) -> None:
    chance, examples = random.Random(target), good_examples()[target]
    for number in range(1500):
        try:
            TARGETS[target](mutate(chance, examples[number % len(examples)]))
        except (BadInput, VerificationFailed):
            continue
