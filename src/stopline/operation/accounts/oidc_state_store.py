"""Sign-ins under way at an issuer: bound to one browser by a cookie, good once, on a shelf."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from stopline.operation.accounts.errors import OidcFailed
from stopline.operation.accounts.storage_keys import OIDC_STATES
from stopline.operation.accounts.tokens import digest

if TYPE_CHECKING:
    from stopline.journal.stored import StoredJournal


@dataclass(frozen=True, slots=True)
class OidcState:
    """A sign-in under way at the issuer; kept here, bound to the browser, used once.

    Attributes:
        state: comes back in the answer.
        nonce: comes back in the ID token.
        verifier: shows that who asks for the token is who began.
        ends_s: until when it is good, UTC seconds.
    """

    state: str
    nonce: str
    verifier: str
    ends_s: float


@dataclass(frozen=True, slots=True)
class OidcStart:
    """A sign-in that began.

    Attributes:
        url: where the browser goes.
        cookie: the browser keeps it meanwhile; who has it not cannot finish.
    """

    url: str
    cookie: str


def keep_state(journal: StoredJournal, state: OidcState) -> str:
    """Keep a sign-in under way; give the cookie that finds it."""
    cookie = secrets.token_urlsafe(32)
    with journal.transaction() as work:
        work.put(OIDC_STATES, digest(cookie).hex(), json.dumps(asdict(state)).encode())
    return cookie


def take_state(journal: StoredJournal, cookie: str) -> OidcState:
    """Take a sign-in under way; the next one finds it no more.

    Raises:
        OidcFailed: there is none, or it was finished before.
    """
    key = digest(cookie).hex()
    with journal.transaction() as work:
        raw = work.get(OIDC_STATES, key)
        if raw is None:
            raise OidcFailed("no such sign-in is under way in this browser; begin again")
        work.remove(OIDC_STATES, key)
    return OidcState(**json.loads(raw))


def tidy_states(journal: StoredJournal, now_s: float) -> None:
    """Take away sign-ins that nobody finished."""
    rows = journal.shelf(OIDC_STATES)
    old = [key for key, raw in rows if now_s >= json.loads(raw)["ends_s"]]
    if old:
        with journal.transaction() as work:
            for key in old:
                work.remove(OIDC_STATES, key)
