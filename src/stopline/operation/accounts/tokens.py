"""Tokens: 256 bits of chance; the node keeps only SHA-256 of them.

`sls.ID.SECRET` opens a session, `slm.ID.SECRET` a machine's door. The id is no secret: it finds
the row; the secret is compared in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import uuid
from dataclasses import dataclass
from typing import Final, Literal

from stopline.operation.accounts.errors import NotSignedIn

_BYTES: Final = 32
_FORM: Final = re.compile(r"sl([sm])\.([0-9a-f]{32})\.([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Presented:
    """A token as somebody presents it.

    Attributes:
        kind: of a session or of a machine.
        id: where to look it up, a UUID.
        hash: SHA-256 of the whole token.
    """

    kind: Literal["session", "machine"]
    id: str
    hash: bytes


def make_token(kind: Literal["session", "machine"], token_id: str) -> tuple[str, bytes]:
    """Make a token under an id (a UUID); give it and what the node keeps of it."""
    sign = "s" if kind == "session" else "m"
    token = f"sl{sign}.{uuid.UUID(token_id).hex}.{secrets.token_urlsafe(_BYTES)}"
    return token, digest(token)


def read_token(token: str) -> Presented:
    """Take a token apart.

    Raises:
        NotSignedIn: it is not of the form.
    """
    match = _FORM.fullmatch(token)
    if match is None:
        raise NotSignedIn
    kind: Literal["session", "machine"] = "session" if match[1] == "s" else "machine"
    return Presented(kind, str(uuid.UUID(match[2])), digest(token))


def digest(secret: str) -> bytes:
    """What is kept of a secret that is too long to guess."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def same(one: bytes, other: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one, other)
