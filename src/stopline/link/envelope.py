"""A signed message on its way: what docs/formats/envelope.md describes."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from stopline.documents.canonical_json import canonical, parse_json
from stopline.errors import BadInput, FaultList
from stopline.journal.base import read_time, write_time
from stopline.link.disclosure import ENVELOPE, disclose
from stopline.link.errors import Forged
from stopline.link.messages import LANES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.documents.canonical_json import Json
    from stopline.link.messages import Lane
    from stopline.signed_note import PublicKey, Signer

FORM = "stopline-envelope@v1"
MAX_ENVELOPE_BYTES = 1 << 20
ENVELOPE_FIELDS: dict[str, str] = {
    "form": f"`{FORM}`",
    "from": "name of the sending node",
    "to": "name of the receiving node",
    "lane": "`alarm`, `routine` or `bulk`",
    "seq": "number within the lane, from 1, without gaps",
    "id": "ULID or UUIDv7 of the message",
    "kind": "kind of the message",
    "schema": "version of the body's form",
    "time": "when it was written, UTC",
    "incident": "name of the incident, or null",
    "body": "content, of the kind's form",
    "key": "id of the signing key, eight hex digits",
    "sig": "Ed25519 over `"
    + FORM
    + "`, a newline and the canonical envelope without `sig`, base64",
}
_KEY_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)
_TEXTS = ("form", "from", "to", "lane", "id", "kind", "time", "key", "sig")
_LARGEST = 2**53 - 1
_FIRST_S, _LAST_S = 946_684_800.0, 7_258_118_400.0  # the years 2000 to 2199


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One message of one lane from one node to another; see `ENVELOPE_FIELDS`."""

    sender: str
    recipient: str
    lane: Lane
    seq: int
    message_id: str
    kind: str
    schema: int
    time_s: float
    incident: str | None
    body: Mapping[str, object]
    key_id: str
    signature: bytes
    text: bytes

    def check(self, key: PublicKey) -> None:
        """Check the signature.

        Raises:
            Forged: the key did not sign this.
        """
        fields: dict[str, object] = {
            "form": FORM,
            "from": self.sender,
            "to": self.recipient,
            "lane": self.lane,
            "seq": self.seq,
            "id": self.message_id,
            "kind": self.kind,
            "schema": self.schema,
            "time": write_time(self.time_s),
            "incident": self.incident,
            "body": self.body,
            "key": self.key_id,
        }
        try:
            key.check(_signed(cast("dict[str, Json]", fields)), self.signature, "envelope")
        except ValueError as error:
            raise Forged(f"{self.lane} {self.seq} from {self.sender}: {error}") from error


def seal_envelope(
    *,
    signer: Signer,
    recipient: str,
    lane: Lane,
    seq: int,
    message_id: str,
    kind: str,
    schema: int,
    time_s: float,
    incident: str | None,
    body: Mapping[str, object],
) -> Envelope:
    """Write and sign an envelope; the body has passed `disclose`."""
    fields: dict[str, object] = {
        "form": FORM,
        "from": signer.key.name,
        "to": recipient,
        "lane": lane,
        "seq": seq,
        "id": message_id,
        "kind": kind,
        "schema": schema,
        "time": write_time(time_s),
        "incident": incident,
        "body": body,
        "key": signer.key.key_id.hex(),
    }
    signature = signer.sign(_signed(cast("dict[str, Json]", fields)))
    fields["sig"] = base64.b64encode(signature).decode()
    text = canonical(cast("dict[str, Json]", disclose(ENVELOPE, fields)))
    if len(text) > MAX_ENVELOPE_BYTES:
        raise BadInput.single("message", f"{len(text)} bytes", f"at most {MAX_ENVELOPE_BYTES}")
    return parse_envelope(text)


def parse_envelope(text: bytes) -> Envelope:  # noqa: C901  (one check a field)
    """Read an envelope; its signature is not checked yet.

    Raises:
        BadInput: it is not of the form.
    """
    if len(text) > MAX_ENVELOPE_BYTES:
        raise BadInput.single("envelope", f"{len(text)} bytes", f"at most {MAX_ENVELOPE_BYTES}")
    value = parse_json(text, "envelope")
    if not isinstance(value, dict) or set(value) != set(ENVELOPE_FIELDS):
        seen = sorted(value) if isinstance(value, dict) else type(value).__name__
        raise BadInput.single("envelope", str(seen)[:60], f"the fields {sorted(ENVELOPE_FIELDS)}")
    faults = FaultList()
    for name in _TEXTS:
        if not isinstance(value[name], str) or not value[name]:
            faults.add(f"envelope.{name}", value[name], "text")
    for name in ("seq", "schema"):
        if type(value[name]) is not int or not 1 <= value[name] <= _LARGEST:
            faults.add(f"envelope.{name}", value[name], "an integer from 1")
    if not isinstance(value["body"], dict):
        faults.add("envelope.body", value["body"], "an object")
    if not isinstance(value["incident"], (str, type(None))):
        faults.add("envelope.incident", value["incident"], "text or null")
    faults.raise_if_any()
    if value["form"] != FORM or value["lane"] not in LANES or not _KEY_ID.fullmatch(value["key"]):
        faults.add(
            "envelope", (value["form"], value["lane"], value["key"]), f"{FORM}, a lane, a key"
        )
    faults.raise_if_any()
    if canonical(value) != text:
        raise BadInput.single("envelope", "another spelling", "canonical JSON")
    return Envelope(
        sender=value["from"],
        recipient=value["to"],
        lane=value["lane"],
        seq=value["seq"],
        message_id=value["id"],
        kind=value["kind"],
        schema=value["schema"],
        time_s=read_moment(value["time"], "envelope.time"),
        incident=value["incident"],
        body=value["body"],
        key_id=value["key"],
        signature=decode_signature(value["sig"], "envelope.sig"),
        text=text,
    )


def read_moment(text: str, where: str) -> float:
    """Read a time that any program can write again and show in any zone.

    Raises:
        BadInput: it is none of the years 2000 to 2199.
    """
    time_s = read_time(text)
    if not _FIRST_S <= time_s < _LAST_S:
        raise BadInput.single(where, text[:40], "a time in the years 2000 to 2199")
    return time_s


def decode_signature(text: str, where: str) -> bytes:
    """Read 64 bytes of base64.

    Raises:
        BadInput: it is something else.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput.single(where, text[:40], "base64") from error
    if len(raw) != 64:  # noqa: PLR2004
        raise BadInput.single(where, f"{len(raw)} bytes", "64 bytes")
    return raw


def _signed(fields: dict[str, Json]) -> bytes:
    return f"{FORM}\n".encode() + canonical(fields)
