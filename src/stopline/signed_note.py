"""Signed notes, as c2sp.org/signed-note and c2sp.org/tlog-cosignature lay them down."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stopline.errors import BadInput, BadSignature

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = 0x01
COSIGNATURE_V1 = 0x04
MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 64
_KEY_ID_BYTES = 4
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_LARGEST_TIME = 2**63 - 1
_DASH = "\u2014"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that a verifier trusts: name, algorithm and 32 bytes of Ed25519."""

    name: str
    raw: bytes
    algorithm: int = ED25519

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.raw) != _KEY_BYTES:
            raise BadInput.single("public key", f"{len(self.raw)} bytes", "32 bytes of Ed25519")
        if self.algorithm not in {ED25519, COSIGNATURE_V1}:
            raise BadInput.single("public key", f"algorithm {self.algorithm}", "1 or 4")

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name, newline, algorithm, key)."""
        text = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.raw
        return hashlib.sha256(text).digest()[:_KEY_ID_BYTES]

    def encode(self) -> str:
        """Write the key as a vkey: name+key id in hex+base64(algorithm, key)."""
        body = base64.b64encode(bytes([self.algorithm]) + self.raw).decode()
        return f"{self.name}+{self.key_id.hex()}+{body}"

    @classmethod
    def decode(cls, text: str) -> PublicKey:
        """Read a vkey.

        Raises:
            BadInput: it is not one, or its key id does not fit its key.
        """
        where, expected = "vkey", "name+hex key id+base64"
        parts = text.split("+", 2)
        if len(parts) != 3:  # noqa: PLR2004
            raise BadInput.single(where, text[:60], expected)
        raw = decode_base64(parts[2], where)
        if not raw:
            raise BadInput.single(where, text[:60], expected)
        key = cls(parts[0], raw[1:], raw[0])
        if key.key_id.hex() != parts[1]:
            raise BadInput.single(where, parts[1][:60], f"key id {key.key_id.hex()}")
        return key

    def as_cosigner(self) -> PublicKey:
        """The same key in the role of a cosigner (its own key id)."""
        return replace(self, algorithm=COSIGNATURE_V1)

    def check(self, message: bytes, signature: bytes, what: str) -> None:
        """Check a bare Ed25519 signature.

        Raises:
            BadSignature: it is wrong.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise BadSignature(what, f"the signature of {self.name} is wrong") from error


class Signer:
    """A name and a private Ed25519 key; nothing prints the key."""

    __slots__ = ("_private", "key")

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.key = PublicKey(name, private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"Signer({self.key.name!r}, key {self.key.key_id.hex()})"

    def __reduce__(self) -> str:
        raise TypeError(self)

    def sign(self, message: bytes) -> bytes:
        """Sign bytes; 64 bytes of Ed25519."""
        return self._private.sign(message)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: key name, key id (4 bytes), and what the algorithm made."""

    name: str
    key_id: bytes
    value: bytes

    def line(self) -> str:
        """Write the line, with its newline."""
        return f"{_DASH} {self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and its signatures."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def encode(self) -> str:
        """Write text, empty line, signature lines."""
        return self.text + "\n" + "".join(each.line() for each in self.signatures)

    def with_signatures(self, more: Iterable[Signature]) -> Note:
        """Add signature lines that are not there yet."""
        new = [each for each in more if each not in self.signatures]
        return replace(self, signatures=(*self.signatures, *new))

    def verify(self, keys: Iterable[PublicKey]) -> list[Verified]:
        """Check the signatures of known keys and pass over the others.

        Raises:
            BadSignature: a known key's signature is wrong, or no known key signed.
        """
        known = {(key.name, key.key_id): key for key in keys}
        found: list[Verified] = []
        for each in self.signatures:
            key = known.get((each.name, each.key_id))
            if key is not None:
                found.append(Verified(key, _check_line(self.text, each, key)))
        if not found:
            raise BadSignature("note", "none of its signatures is by a trusted key")
        return found


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that held: by which key, and for a cosignature when (UTC seconds)."""

    key: PublicKey
    time_s: int | None


def sign_note(text: str, *signers: Signer) -> Note:
    """Sign a text with each signer's key (algorithm 1).

    Raises:
        BadInput: the text does not end in a newline or holds control characters.
    """
    _check_text(text)
    made = [Signature(s.key.name, s.key.key_id, s.sign(text.encode())) for s in signers]
    return Note(text, tuple(made))


def cosign(text: str, signer: Signer, time_s: int) -> Signature:
    """Cosign a checkpoint's text (cosignature/v1) at a POSIX time."""
    key = signer.key.as_cosigner()
    value = struct.pack(">Q", time_s) + signer.sign(_cosigned_message(text, time_s))
    return Signature(key.name, key.key_id, value)


def parse_note(text: str) -> Note:
    """Read a note; nothing is verified yet.

    Raises:
        BadInput: it is not of the form.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_NOTE_BYTES:
        raise BadInput.single("note", f"{len(text)} characters", f"at most {MAX_NOTE_BYTES} bytes")
    head, gap, tail = text.rpartition("\n\n")
    if not gap:
        raise BadInput.single("note", "no empty line", "text, an empty line, signature lines")
    _check_text(head + "\n")
    lines = tail.split("\n")
    if lines.pop() or not lines:
        raise BadInput.single("note", "no final newline", "signature lines, each with a newline")
    if len(lines) > MAX_SIGNATURES:
        raise BadInput.single("note", f"{len(lines)} signatures", f"at most {MAX_SIGNATURES}")
    return Note(head + "\n", tuple(_parse_line(line) for line in lines))


def check_key_name(name: str) -> None:
    """Refuse a key name that is empty or holds spaces, `+` or control characters.

    Raises:
        BadInput: it does.
    """
    bad = any(
        sign == "+" or sign.isspace() or unicodedata.category(sign) in {"Cc", "Cs"} for sign in name
    )
    if not name or bad:
        raise BadInput.single("key name", repr(name)[:60], "a name such as north.example/node")


def _parse_line(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != _DASH:  # noqa: PLR2004
        raise BadInput.single("note signature", line[:60], "em dash, key name, base64")
    check_key_name(parts[1])
    raw = decode_base64(parts[2], "note signature")
    if len(raw) <= _KEY_ID_BYTES:
        raise BadInput.single("note signature", f"{len(raw)} bytes", "key id and signature")
    return Signature(parts[1], raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])


def _check_line(text: str, line: Signature, key: PublicKey) -> int | None:
    if key.algorithm == ED25519:
        key.check(text.encode(), line.value, "note")
        return None
    if len(line.value) != 8 + _SIGNATURE_BYTES:
        raise BadSignature("cosignature", f"{len(line.value)} bytes instead of 72")
    time_s = int(struct.unpack(">Q", line.value[:8])[0])
    if time_s > _LARGEST_TIME:
        raise BadSignature("cosignature", "its time is beyond 2**63 - 1")
    key.check(_cosigned_message(text, time_s), line.value[8:], "cosignature")
    return time_s


def _cosigned_message(text: str, time_s: int) -> bytes:
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise BadInput.single("note text", text[-20:], "a final newline")
    for sign in text:
        if (sign < " " and sign != "\n") or "\ud800" <= sign <= "\udfff":
            raise BadInput.single("note text", repr(sign), "no control characters")


def decode_base64(text: str, where: str) -> bytes:
    """Read base64 in its one canonical form.

    Raises:
        BadInput: it is not of that form.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput.single(where, text[:60], "base64") from error
    if base64.b64encode(raw).decode() != text:
        raise BadInput.single(where, text[:60], "base64 in its one canonical form")
    return raw
