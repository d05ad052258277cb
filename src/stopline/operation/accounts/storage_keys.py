"""The shelves on which secrets' hashes lie, apart from the record: their names and their forms."""

from __future__ import annotations

import hashlib
from typing import Final

PASSWORDS: Final = "people.passwords"  # argon2 hash, by operator
SET_UPS: Final = "people.set-ups"  # hash and end of a set-up code, by operator
CODES: Final = "people.codes"  # secret, last step, hashes of recovery codes, by operator
NEW_CODES: Final = "people.new-codes"  # a secret shown and not yet confirmed, by operator
SESSIONS: Final = "people.sessions"  # hash of the token and last use, by session
TOKENS: Final = "people.tokens"  # hash of the token, by token
TRIES: Final = "people.tries"  # wrong tries, by source, by name, by both
KNOWN_SOURCES: Final = "people.known-sources"  # where somebody signed in, by name and source
OIDC_STATES: Final = "people.oidc-states"  # sign-ins under way at an issuer


def named_by(kept: bytes) -> str:
    """The name that a fact gives to what lies on a shelf: its SHA-256, hex."""
    return hashlib.sha256(kept).hexdigest()
