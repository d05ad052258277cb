"""A recipient's own key, locked by a passphrase that the node never sees (argon2id, RFC 9106)."""

from __future__ import annotations

import json
import os
from typing import Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stopline.documents.canonical_json import canonical, parse_json
from stopline.errors import BadInput
from stopline.operation.intelligence.sealed import CannotOpen, from_base64, to_base64

FORM: Final = "stopline-private-key@v1"
SHORTEST_PASSPHRASE: Final = 12
# The second recommended setting of RFC 9106, for machines that do not have 2 GiB to spare.
_MEMORY_KIB, _ITERATIONS, _LANES = 64 * 1024, 3, 4
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32


class LockedKey(BaseModel):
    """A private key under a passphrase; it may be stored where others can read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    form: Literal["stopline-private-key@v1"] = Field(description="name and version of this form")
    public: str = Field(max_length=100, description="X25519 public key, base64")
    salt: str = Field(max_length=100, description="of argon2id, base64")
    memory_kib: int = Field(ge=8 * 1024, le=1 << 20, description="memory of argon2id, KiB")
    iterations: int = Field(ge=1, le=20, description="passes of argon2id")
    lanes: int = Field(ge=1, le=16, description="lanes of argon2id")
    nonce: str = Field(max_length=100, description="of AES-256-GCM, base64")
    locked: str = Field(max_length=200, description="the private key by AES-256-GCM, base64")

    def text(self) -> str:
        """Write it as one canonical JSON text."""
        return canonical(self.model_dump(mode="json")).decode()


def make_locked_key(passphrase: str) -> LockedKey:
    """Make a key pair and lock its private half.

    Raises:
        BadInput: the passphrase is too short.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        seen = f"{len(passphrase)} characters"
        raise BadInput.single("passphrase", seen, f"at least {SHORTEST_PASSPHRASE}")
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    key = _derive(passphrase, salt, _MEMORY_KIB, _ITERATIONS, _LANES)
    return LockedKey(
        form=FORM, public=to_base64(public), salt=to_base64(salt), memory_kib=_MEMORY_KIB,
        iterations=_ITERATIONS, lanes=_LANES, nonce=to_base64(nonce),
        locked=to_base64(AESGCM(key).encrypt(nonce, private.private_bytes_raw(), public)),
    )  # fmt: skip


def read_locked_key(text: str) -> LockedKey:
    """Read a locked key without unlocking it.

    Raises:
        BadInput: it is not of the form.
    """
    value = parse_json(text.encode("utf-8", "surrogatepass"), "locked key")
    try:
        return LockedKey.model_validate_json(json.dumps(value))
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput.single(f"locked key {first['loc']}", "", first["msg"]) from error


def unlock(locked: LockedKey, passphrase: str) -> X25519PrivateKey:
    """Unlock a private key.

    Raises:
        CannotOpen: another passphrase locked it, or it was changed.
    """
    try:
        salt, nonce = from_base64(locked.salt), from_base64(locked.nonce)
        key = _derive(passphrase, salt, locked.memory_kib, locked.iterations, locked.lanes)
        raw = AESGCM(key).decrypt(nonce, from_base64(locked.locked), from_base64(locked.public))
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("the passphrase does not unlock this key") from error
    return X25519PrivateKey.from_private_bytes(raw)


def _derive(passphrase: str, salt: bytes, memory_kib: int, iterations: int, lanes: int) -> bytes:
    return Argon2id(
        salt=salt, length=_KEY_BYTES, iterations=iterations, lanes=lanes, memory_cost=memory_kib
    ).derive(passphrase.encode())
