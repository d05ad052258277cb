"""Coverage-guided fuzzing (atheris) of everything that arrives from outside.

    python benchmarks/fuzz/parsers.py envelope -max_total_time=600
    python benchmarks/fuzz/parsers.py note -max_total_time=600
    python benchmarks/fuzz/parsers.py proof -max_total_time=600

Targets: envelope, frame, note, proof, pairing, entry. A parser may refuse (BadInput,
VerificationFailed); any other exception is a finding and ends the run. What a parser accepts must
also write back to the same bytes.
"""

from __future__ import annotations

import sys
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["stopline"]):
    from stopline.errors import BadInput, VerificationFailed
    from stopline.journal.checkpoint import EntryProof, SignedCheckpoint
    from stopline.journal.entry import parse_leaf
    from stopline.journal.keyring import parse_rotation
    from stopline.link.envelope import parse_envelope
    from stopline.link.frame import parse_frame
    from stopline.link.https import split_frames
    from stopline.link.pairing import read_offer
    from stopline.signed_note import PublicKey, parse_note

KEY = PublicKey("north.example/node", b"\x03" * 32)
KEYS = [KEY, KEY.as_cosigner()]


def envelope(data: bytes) -> None:
    """Read an envelope and check its signature by some key."""
    found = parse_envelope(data)
    assert found.text == data  # noqa: S101
    try:
        found.check(KEY)
    except Exception as error:
        if type(error).__name__ != "Forged":
            raise


def frame(data: bytes) -> None:
    """Split a body into frames, read each and what it carries."""
    for part in split_frames(data):
        parse_frame(part).opened()


def note(data: bytes) -> None:
    """Read a note, a key, a rotation note."""
    text = data.decode("utf-8", "surrogateescape")
    with suppress(BadInput):
        PublicKey.decode(text)
    found = parse_note(text)
    assert found.encode() == text  # noqa: S101
    with suppress(BadInput):
        parse_rotation(text)
    SignedCheckpoint.parse(text).verify(KEYS)


def proof(data: bytes) -> None:
    """Read a tlog-proof and check it."""
    text = data.decode("utf-8", "surrogateescape")
    found = EntryProof.parse(text)
    assert found.encode() == text  # noqa: S101
    found.verify(b"entry", KEYS)


def pairing(data: bytes) -> None:
    """Read a pairing file."""
    read_offer(data.decode("utf-8", "surrogateescape"))


def entry(data: bytes) -> None:
    """Read a leaf of the journal."""
    parse_leaf(data)


TARGETS = {f.__name__: f for f in (envelope, frame, note, proof, pairing, entry)}


def main() -> None:
    """Run the named target until the time is over."""
    target = TARGETS[sys.argv.pop(1)]

    def once(data: bytes) -> None:
        with suppress(BadInput, VerificationFailed):
            target(data)

    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
