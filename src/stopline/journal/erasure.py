"""Bodies that the law may require to be erased: each under an AES-GCM key of its own.

The entry in the tree names only SHA-256 of the sealed body (nonce and ciphertext). The sealed body
and its key lie on two shelves. Destroying the key makes the content unreadable in every copy of the
sealed body; the hash in the tree, and so every root and proof, stays what it was. The hash is over
the ciphertext and not over the content, because a hash of a short content can be guessed.
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from stopline.journal.errors import StorageDamaged

SEALED_SHELF = "sealed-body"
KEY_SHELF = "sealed-key"
KEY_BYTES = 32
NONCE_BYTES = 12


def seal(fact_id: str, body: bytes) -> tuple[bytes, bytes]:
    """Encrypt a body under a fresh key; give the key and the sealed body (nonce, ciphertext)."""
    key, nonce = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(NONCE_BYTES)
    return key, nonce + AESGCM(key).encrypt(nonce, body, fact_id.encode())


def unseal(fact_id: str, key: bytes, sealed: bytes) -> bytes:
    """Decrypt a sealed body.

    Raises:
        StorageDamaged: key, body and id do not belong together.
    """
    try:
        nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        return AESGCM(key).decrypt(nonce, text, fact_id.encode())
    except (InvalidTag, ValueError) as error:
        raise StorageDamaged(f"the sealed body of {fact_id} does not open") from error


def commitment(sealed: bytes) -> str:
    """Name a sealed body in the entry: base64 of its SHA-256."""
    return base64.b64encode(hashlib.sha256(sealed).digest()).decode()
