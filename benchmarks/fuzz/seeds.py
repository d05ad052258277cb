"""Write good examples of each form for the fuzzers to start from: seeds.py FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stopline.journal.checkpoint import Checkpoint, EntryProof, SignedCheckpoint
from stopline.journal.keyring import make_rotation
from stopline.link.envelope import seal_envelope
from stopline.link.frame import Echo, Frame
from stopline.link.pairing import Offer
from stopline.signed_note import Signer, cosign

NORTH = Signer("north.example/node", Ed25519PrivateKey.from_private_bytes(b"n" * 32))
NEXT = Signer("north.example/node", Ed25519PrivateKey.from_private_bytes(b"m" * 32))


def seeds() -> dict[str, list[bytes]]:
    """Make one or two good examples for each target."""
    point = SignedCheckpoint.make(Checkpoint("north.example/node", 7, b"\2" * 32), NORTH)
    both = point.note.with_signatures([cosign(point.note.text, NEXT, 1_795_000_000)])
    sealed = seal_envelope(
        signer=NORTH, recipient="south.example/node", lane="alarm", seq=1,
        message_id="01890a5d-ac96-774b-bcce-b302099a8057", kind="text.sent", schema=1,
        time_s=1_795_000_000.5, incident=None, body={"text": "hello"},
    ).text  # fmt: skip
    framed = Frame(
        sender="north.example/node", recipient="south.example/node", session="0" * 32, counter=3,
        sent_s=1_795_000_000.5, echo=Echo("1" * 32, 2, 1_795_000_000.0),
        acks={"alarm": 0, "routine": 1, "bulk": 2}, envelopes=(sealed,),
    ).encode([NORTH])  # fmt: skip
    offer = Offer("north.example/node", NORTH.key, "https://n:1", "ab" * 32, 1_795_000_000.0)
    proof = EntryProof(3, (b"\1" * 32,) * 3, point, b"entry")
    leaf = (
        b'{"author":"a","body":{"text":"t"},"id":"01J00000000000000000000001","incident":null,'
        b'"kind":"note.written","role":"r","schema":1,"time":"2026-11-23T21:40:00.000000Z"}'
    )
    return {
        "envelope": [sealed],
        "frame": [framed, framed + b"\n" + framed],
        "note": [both.encode().encode(), make_rotation(NORTH, NEXT, 5).encode(),
                 NORTH.key.encode().encode()],
        "proof": [proof.encode().encode()],
        "pairing": [offer.sign(NORTH).encode()],
        "entry": [leaf],
    }  # fmt: skip


def main() -> None:
    """Write them."""
    for target, examples in seeds().items():
        folder = Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        for number, example in enumerate(examples):
            (folder / f"seed{number}").write_bytes(example)


if __name__ == "__main__":
    main()
