"""C2SP signed notes: text, a blank line, and one line per signature.

    — alder.example/protocol base64(key id, 4 bytes || Ed25519 signature, 64 bytes)

The format of Go's checksum database and of transparency logs
(https://c2sp.org/signed-note), so that other people's tools can verify what is signed here.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from stopline.errors import BadInput

MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100
_ED25519 = b"\x01"
_DASH = "\N{EM DASH} "
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line.

    Attributes:
        name: the key's name.
        key_id: four bytes that bind name, algorithm and key.
        signature: 64 bytes.
    """

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures under it; nothing is verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        lines = [
            f"{_DASH}{s.name} {base64.b64encode(s.key_id + s.signature).decode('ascii')}\n"
            for s in self.signatures
        ]
        return f"{self.text}\n{''.join(lines)}"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name: `name+keyid+base64(1 || key)`."""

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that bind name, algorithm and key."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        encoded = base64.b64encode(_ED25519 + self.key).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def verifies(self, note: Note) -> bool:
        """Whether the note bears a true signature of this key.

        A line with this name and key id whose signature is false makes the whole answer no.
        """
        mine = [s for s in note.signatures if (s.name, s.key_id) == (self.name, self.key_id)]
        try:
            public = Ed25519PublicKey.from_public_bytes(self.key)
            for signature in mine:
                public.verify(signature.signature, note.text.encode())
        except (InvalidSignature, ValueError):
            return False
        return bool(mine)


@dataclass(frozen=True, slots=True)
class SignerKey:
    """A private key under a name."""

    name: str
    private: Ed25519PrivateKey

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    def signed(self, text: str) -> Signature:
        """Sign a text that ends in a line feed."""
        _refuse_text(text)
        signature = self.private.sign(text.encode())
        return Signature(self.name, self.verifier.key_id, signature)


def new_key(name: str) -> SignerKey:
    """Make a key from the system's randomness.

    Raises:
        BadInput: if the name has spaces or a plus sign.
    """
    _refuse_name(name, "key name")
    return SignerKey(name, Ed25519PrivateKey.generate())


def parse_verifier_key(text: str) -> VerifierKey:
    """Read `name+keyid+base64`.

    Raises:
        BadInput: if it is not a key of this form, or its id does not fit.
    """
    where = "verifier key"
    expected = "a verifier key: name+8 hexadecimal digits+base64 of a byte 1 and an Ed25519 key"
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = _decoded(encoded)
    if raw is None or len(raw) != _KEY_BYTES + 1 or raw[:1] != _ED25519:
        raise BadInput.single(where, f"`{text.strip()[:40]}`", expected)
    _refuse_name(name, where)
    key = VerifierKey(name, raw[1:])
    if key.key_id.hex() != key_id:
        raise BadInput.single(where, f"id {key_id[:16]}", f"id {key.key_id.hex()}")
    return key


def parse_note(data: bytes, where: str = "signatures") -> Note:
    """Read a signed note; nothing is verified.

    Raises:
        BadInput: if it is not of the form.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise BadInput.single(where, f"{len(data)} bytes", f"at most {MAX_NOTE_BYTES} bytes")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput.single(where, "bytes beyond UTF-8", "text in UTF-8") from None
    split = whole.rfind("\n\n")
    if split < 0 or not whole.endswith("\n"):
        raise BadInput.single(where, "no blank line before signatures", "a C2SP signed note")
    text, tail = whole[: split + 1], whole[split + 2 :]
    _refuse_text(text, where)
    lines = tail.split("\n")[:-1]
    if not 1 <= len(lines) <= MAX_SIGNATURES:
        raise BadInput.single(where, f"{len(lines)} signatures", f"1 to {MAX_SIGNATURES}")
    return Note(text, tuple(_parse_signature(line, where) for line in lines))


def _parse_signature(line: str, where: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    raw = _decoded(encoded)
    fits = raw is not None and len(raw) == _ID_BYTES + _SIGNATURE_BYTES
    if raw is None or not fits or not line.startswith(_DASH):
        expected = "an em dash, a key name and base64 of 68 bytes"
        raise BadInput.single(where, f"`{line[:40]}`", expected)
    _refuse_name(name, where)
    return Signature(name, raw[:_ID_BYTES], raw[_ID_BYTES:])


def _decoded(text: str) -> bytes | None:
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        return None
    return raw if base64.b64encode(raw).decode("ascii") == text else None


def _refuse_name(name: str, where: str) -> None:
    if not name or "+" in name or any(c.isspace() for c in name) or not name.isprintable():
        raise BadInput.single(where, f"key name `{name[:40]}`", "a name without spaces or `+`")


def _refuse_text(text: str, where: str = "note") -> None:
    controls = any(ord(c) < ord(" ") and c != "\n" for c in text)
    if not text.endswith("\n") or controls:
        raise BadInput.single(where, "a text with control characters or no last line feed", "lines")
