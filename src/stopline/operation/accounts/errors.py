"""Why somebody was not let in.

StoplineError
└── NotLetIn
    ├── LoginRefused      name, password or code are not right; which of them is not said
    ├── CodeWanted        the password was right; a one-time code is needed too
    ├── TooManyTries      too many wrong tries; after `retry_after_s` seconds another is heard
    ├── OidcFailed        the answer of an OpenID Connect issuer does not hold
    └── NotSignedIn       the token is unknown, forged, ended or run out
"""

from __future__ import annotations

import math

from stopline.errors import StoplineError


class NotLetIn(StoplineError):  # noqa: N818  (reads as a sentence where it is raised)
    """Somebody was not let in."""


class LoginRefused(NotLetIn):
    """Name, password or code are not right; which of them is not said."""

    def __init__(
        self, why: str = "name, password or code is not right; nothing more is said"
    ) -> None:
        super().__init__(why)


class CodeWanted(NotLetIn):
    """The password was right; a one-time code is needed too."""

    def __init__(self) -> None:
        super().__init__("a one-time code is needed too; give name, password and code together")


class TooManyTries(NotLetIn):
    """Too many wrong tries.

    Attributes:
        retry_after_s: seconds after which another try is heard.
    """

    def __init__(self, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"too many tries; the next one is heard in {math.ceil(retry_after_s)} s")


class NotSignedIn(NotLetIn):
    """The token is unknown, forged, ended or run out; which is not said."""

    def __init__(self) -> None:
        super().__init__("not signed in, or no longer; sign in again")


class OidcFailed(NotLetIn):
    """The issuer's answer does not hold, or the issuer cannot be reached."""
