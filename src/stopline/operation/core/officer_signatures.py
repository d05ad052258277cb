"""What an officer's own key signs, and how it is checked: docs/formats/officer-signature.md.

A signature covers one voice of one person in one role, in one incident of one side, at a moment.
It stands in the fact as a line: the time of signing, the public key, the signature.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stopline.documents.canonical_json import Json, canonical
from stopline.errors import BadInput, BadSignature
from stopline.journal.base import write_time
from stopline.signed_note import decode_base64

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FORM: Final = "stopline-officer-signature@v1"
LONGEST: Final = 200  # characters of a line
AGE_S: Final = 600.0  # between the signing and the fact, either way: clocks differ
_KEY_BYTES, _SIGNATURE_BYTES, _PARTS = 32, 64, 3
_WHERE: Final = "officer's signature"


@dataclass(frozen=True, slots=True)
class Signed:
    """Who says what.

    Attributes:
        kind: kind of the fact, for example `decision.voiced`.
        side: side of the node.
        incident: id of the incident; empty for none.
        person: name of the officer.
        role: the role they act in.
        fields: the fields of the fact but the signature.
    """

    kind: str
    side: str
    incident: str
    person: str
    role: str
    fields: Mapping[str, str]

    def text(self, signed: str) -> bytes:
        """Write the bytes that are signed at a time."""
        said: dict[str, Json] = {
            "fields": dict(self.fields), "form": FORM, "incident": self.incident,
            "kind": self.kind, "person": self.person, "role": self.role, "side": self.side,
            "time": signed,
        }  # fmt: skip
        return FORM.encode() + b"\n" + canonical(said)

    def sign(self, private: Ed25519PrivateKey, now_s: float) -> str:
        """Sign it now; give the line."""
        signed = write_time(now_s)
        value = private.sign(self.text(signed))
        key = private.public_key().public_bytes_raw()
        return f"{signed} {_base64(key)} {_base64(value)}"


@dataclass(frozen=True, slots=True)
class OfficerSignature:
    """A signature as it stands in a fact, taken apart; nothing is checked yet.

    Attributes:
        signed: time of signing, as written.
        signed_s: the same in UTC seconds.
        key: Ed25519 public key, base64.
        value: the signature, 64 bytes.
    """

    signed: str
    signed_s: float
    key: str
    value: bytes

    @classmethod
    def parse(cls, line: str) -> OfficerSignature:
        """Take a line apart.

        Raises:
            BadInput: it is not of the form.
        """
        parts = line.split(" ")
        if len(line) > LONGEST or len(parts) != _PARTS:
            raise BadInput.single(_WHERE, line[:60], "time, public key and signature")
        try:
            moment = datetime.fromisoformat(parts[0])
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise BadInput.single(_WHERE, parts[0][:40], "a time with zone")
        value = decode_base64(parts[2], _WHERE)
        if len(value) != _SIGNATURE_BYTES:
            raise BadInput.single(_WHERE, f"{len(value)} bytes", f"{_SIGNATURE_BYTES} bytes")
        return cls(parts[0], moment.timestamp(), signing_key(parts[1]), value)

    def check(self, said: Signed) -> None:
        """See that the key signed exactly this.

        Raises:
            BadSignature: it did not.
        """
        raw = decode_base64(self.key, _WHERE)
        try:
            Ed25519PublicKey.from_public_bytes(raw).verify(self.value, said.text(self.signed))
        except (InvalidSignature, ValueError) as error:
            raise BadSignature(_WHERE, f"{said.person} did not sign this") from error


def signing_key(text: str) -> str:
    """Read a public key, base64 of 32 bytes.

    Raises:
        BadInput: it is none.
    """
    raw = decode_base64(text, "signing key")
    if len(raw) != _KEY_BYTES:
        raise BadInput.single("signing key", f"{len(raw)} bytes", f"{_KEY_BYTES} of Ed25519")
    return text


def enrolment(key: str, side: str, person: str) -> Signed:
    """What a new key signs of itself, and the key before it of the new one."""
    return Signed("signing-key.enrolled", side, "", person, "", {"key": key})


def public_key_of(private: Ed25519PrivateKey) -> str:
    """The public half of a key, base64."""
    return _base64(private.public_key().public_bytes_raw())


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
