"""A text sealed to named recipients' own keys; docs/formats/sealed.md describes it to the byte.

A fresh key encrypts the text (AES-256-GCM); HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM) wraps
that key for each recipient. Who may read it and under which label stands outside, in clear, and is
bound to everything inside: a changed name, key or label makes it unreadable.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stopline.documents.canonical_json import canonical, parse_json
from stopline.errors import BadInput, Fault, VerificationFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

FORM: Final = "stopline-sealed@v1"
LARGEST_BYTES: Final = 200_000
Label = Literal["CLEAR", "GREEN", "AMBER", "AMBER_STRICT", "RED"]
LABELS: Final[tuple[Label, ...]] = ("CLEAR", "GREEN", "AMBER", "AMBER_STRICT", "RED")
_NONCE_BYTES, _KEY_BYTES = 12, 32
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_Text = Annotated[str, Field(min_length=1, max_length=200)]


class CannotOpen(VerificationFailed):
    """Not for this key, or somebody changed it."""


class Recipient(BaseModel):
    """A person who may read, with the key they enrolled."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    side: _Text = Field(description="side of the protocol")
    role: _Text = Field(description="role of the protocol")
    person: _Text = Field(description="name of the person")
    key: _Text = Field(description="X25519 public key, base64")


class Sealed(BaseModel):
    """A sealed text; everything but `body` and `wrapped` can be read by all who see it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    form: Literal["stopline-sealed@v1"] = Field(description="name and version of this form")
    label: Label = Field(description="sharing label, TLP 2.0")
    recipients: Annotated[tuple[Recipient, ...], Field(min_length=1, max_length=50)] = Field(
        description="who may read"
    )
    wrapped: tuple[str, ...] = Field(description="the key, by HPKE for each recipient, base64")
    nonce: str = Field(description="twelve random bytes, base64")
    body: str = Field(description="the text, by AES-256-GCM, base64")

    @property
    def header(self) -> bytes:
        """What is bound to the text and to each wrapped key."""
        return _header(self.label, self.recipients)

    def text(self) -> str:
        """Write it as one canonical JSON text."""
        return canonical(self.model_dump(mode="json")).decode()


def seal(content: bytes, label: Label, recipients: Sequence[Recipient]) -> Sealed:
    """Seal a text to recipients.

    Raises:
        BadInput: nobody is named, somebody twice, or a key is none.
    """
    if len({r.key for r in recipients}) != len(recipients) or not recipients:
        raise BadInput.single("recipients", f"{len(recipients)}", "at least one, each key once")
    header = _header(label, tuple(recipients))
    key, nonce = os.urandom(_KEY_BYTES), os.urandom(_NONCE_BYTES)
    info = _info(header)
    wrapped = [_SUITE.encrypt(key, _public(r.key), info) for r in recipients]
    return Sealed(
        form=FORM, label=label, recipients=tuple(recipients),
        wrapped=tuple(to_base64(each) for each in wrapped), nonce=to_base64(nonce),
        body=to_base64(AESGCM(key).encrypt(nonce, content, header)),
    )  # fmt: skip


def read_sealed(text: str) -> Sealed:
    """Read a sealed text without opening it.

    Raises:
        BadInput: it is not of the form, or too large.
    """
    data = text.encode("utf-8", "surrogatepass")  # half a character is refused as no UTF-8
    if len(data) > LARGEST_BYTES:
        raise BadInput.single("sealed text", f"{len(data)} bytes", f"at most {LARGEST_BYTES}")
    value = parse_json(data, "sealed text")
    try:
        found = Sealed.model_validate_json(json.dumps(value))
    except ValidationError as error:
        raise BadInput(
            Fault(f"sealed text {e['loc']}", repr(e["input"])[:60], e["msg"])
            for e in error.errors()
        ) from error
    if len(found.wrapped) != len(found.recipients):
        seen = f"{len(found.wrapped)} wrapped keys"
        raise BadInput.single("sealed text", seen, f"{len(found.recipients)}, one a recipient")
    for each in found.recipients:
        _public(each.key)
    return found


def open_sealed(sealed: Sealed, private: X25519PrivateKey) -> bytes:
    """Open a sealed text with a recipient's private key.

    Raises:
        CannotOpen: it is not for this key, or it was changed.
    """
    own = to_base64(private.public_key().public_bytes_raw())
    places = [n for n, each in enumerate(sealed.recipients) if each.key == own]
    if not places:
        raise CannotOpen("it is not sealed to this key")
    header = sealed.header
    try:
        key = _SUITE.decrypt(from_base64(sealed.wrapped[places[0]]), private, _info(header))
        return AESGCM(key).decrypt(from_base64(sealed.nonce), from_base64(sealed.body), header)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("it was changed after it was sealed") from error


def fingerprint(key: str) -> str:
    """Show a public key in a form that two people can read out to each other."""
    digest = hashlib.sha256(from_base64(key)).hexdigest()[:24]
    return " ".join(digest[at : at + 4] for at in range(0, 24, 4))


def is_key(key: str) -> bool:
    """Whether a text is a public key to which something can be sealed."""
    try:
        _public(key)
    except BadInput:
        return False
    return True


def _header(label: str, recipients: tuple[Recipient, ...]) -> bytes:
    named = [each.model_dump(mode="json") for each in recipients]
    return canonical({"form": FORM, "label": label, "recipients": named})


def _info(header: bytes) -> bytes:
    return FORM.encode() + b"\n" + hashlib.sha256(header).digest()


def _public(key: str) -> X25519PublicKey:
    try:
        return X25519PublicKey.from_public_bytes(from_base64(key))
    except ValueError as error:
        raise BadInput.single("key", key[:60], "an X25519 public key in base64") from error


def to_base64(data: bytes) -> str:
    """Write bytes as base64."""
    return base64.b64encode(data).decode()


def from_base64(text: str) -> bytes:
    """Read base64.

    Raises:
        BadInput: it is none.
    """
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise BadInput.single("base64", text[:60], "letters, digits, + and /") from error
