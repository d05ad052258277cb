"""A client of the line, written from docs/formats alone: it shares no code with the product.

It holds a node's key, as whoever is paired does, and signs whatever it is told to.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

if TYPE_CHECKING:
    from pathlib import Path

LANES = ("alarm", "routine", "bulk")


def canonical(value: object) -> bytes:
    """RFC 8785 for what is used here: no numbers but integers and short decimals."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def iso(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def uuid7(time_s: float) -> str:
    value = (int(time_s * 1000) << 80) | int.from_bytes(secrets.token_bytes(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


@dataclass
class HostileNode:
    """One node of a pair, in the hands of somebody who does what he likes."""

    name: str
    other: str
    key: Ed25519PrivateKey
    now_s: float
    session: str = field(default_factory=lambda: secrets.token_hex(16))
    seq: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LANES, 0))
    counter: int = 0
    heard: dict[str, Any] | None = None
    acks: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LANES, 0))

    @classmethod
    def from_folder(cls, folder: Path, name: str, other: str, now_s: float) -> HostileNode:
        key = load_pem_private_key((folder / "node.key").read_bytes(), None)
        assert isinstance(key, Ed25519PrivateKey)
        return cls(name, other, key, now_s)

    @property
    def key_id(self) -> str:
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return hashlib.sha256(self.name.encode() + b"\n\x01" + raw).digest()[:4].hex()

    def envelope(self, kind: str, body: object, **changes: Any) -> bytes:
        """One signed message; any field may be put to something else before it is signed."""
        lane = changes.pop("lane", "alarm")
        if "seq" not in changes:
            self.seq[lane] = self.seq.get(lane, 0) + 1
        fields = {
            "form": "stopline-envelope@v1", "from": self.name, "to": self.other, "lane": lane,
            "seq": self.seq.get(lane, 0), "id": uuid7(self.now_s), "kind": kind, "schema": 1,
            "time": iso(self.now_s), "incident": None, "body": body, "key": self.key_id, **changes,
        }  # fmt: skip
        signed = b"stopline-envelope@v1\n" + canonical(fields)
        fields["sig"] = base64.b64encode(self.key.sign(signed)).decode()
        return canonical(fields)

    def said(self, protocol: str, name: str, incident: str, **content: Any) -> bytes:
        """A message of the agreed protocol, with every field of its form."""
        changes = {k: content.pop(k) for k in ("id", "schema", "lane") if k in content}
        body = {
            "protocol": protocol, "name": name, "ref": None, "request": None, "asked": None,
            "answer": None, "answer_by": None, "text": "", "what_happened": None, "vehicle": None,
            "contact_persons": None, "sightings": [], "belief": None, "suspicions": None,
            "wanted_sections": [], "commitments": [], "seal_status": [],
            "draft_statement_text": None, "detention": None, **content,
        }  # fmt: skip
        return self.envelope("procedure.said", body, incident=incident, **changes)

    def frame(self, envelopes: list[bytes], **changes: Any) -> bytes:
        self.counter += 1
        header = {
            "form": "stopline-frame@v1", "from": self.name, "to": self.other,
            "session": self.session, "counter": self.counter, "sent": iso(self.now_s),
            "echo": self.heard, "acks": self.acks, "count": len(envelopes),
            "digest": hashlib.sha256(b"".join(e + b"\n" for e in envelopes)).hexdigest(),
            **changes,
        }  # fmt: skip
        signature = self.key.sign(b"stopline-frame@v1\n" + canonical(header))
        header["sigs"] = {self.key_id: base64.b64encode(signature).decode()}
        return b"".join(line + b"\n" for line in (canonical(header), *envelopes))

    def hear(self, data: bytes) -> list[dict[str, Any]]:
        """Take the frames of an answer in, and give their envelopes."""
        found = []
        for part in data.split(b"\n\n"):
            lines = [line for line in part.split(b"\n") if line]
            if not lines:
                continue
            header = json.loads(lines[0])
            self.heard = {
                "session": header["session"], "counter": header["counter"],
                "received": iso(self.now_s),
            }  # fmt: skip
            for line in lines[1:]:
                envelope = json.loads(line)
                self.acks[envelope["lane"]] = max(self.acks[envelope["lane"]], envelope["seq"])
                found.append(envelope)
        return found

    def false_line(self, size: int) -> str:
        """A cosignature line of the right form that signs nothing."""
        blob = struct.pack(">Q", size) + bytes(64)
        key_id = bytes.fromhex(self.key_id)
        return f"\u2014 {self.name} {base64.b64encode(key_id + blob).decode()}"
