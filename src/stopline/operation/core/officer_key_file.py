"""An officer's private signing key in a file: PKCS #8 under a passphrase; openssl reads it."""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from stopline.errors import BadInput

SHORTEST_PASSPHRASE: Final = 12


def make_officer_key(passphrase: str) -> bytes:
    """Make a key pair and give its private half, encrypted.

    Raises:
        BadInput: the passphrase is too short.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        seen = f"{len(passphrase)} characters"
        raise BadInput.single("passphrase", seen, f"at least {SHORTEST_PASSPHRASE}")
    locking = BestAvailableEncryption(passphrase.encode())
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locking)


def read_officer_key(data: bytes, passphrase: str, where: str) -> Ed25519PrivateKey:
    """Unlock a private key.

    Raises:
        BadInput: it is no key, or the passphrase is not its own.
    """
    try:
        found = load_pem_private_key(data, passphrase.encode() or None)
    except (ValueError, TypeError) as error:
        expected = "an Ed25519 key in PKCS #8 and its passphrase"
        raise BadInput.single(where, "no key that this passphrase unlocks", expected) from error
    if not isinstance(found, Ed25519PrivateKey):
        raise BadInput.single(where, "a key of another kind", "Ed25519")
    return found
