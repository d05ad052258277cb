"""What the API asks of whoever knows the people of a node; `operation/people` answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from stopline.errors import StoplineError

if TYPE_CHECKING:
    from stopline.operation.desk.actor import Actor


class NotSignedIn(StoplineError):  # noqa: N818
    """No session stands behind a token."""


class LoginRefused(StoplineError):  # noqa: N818
    """Name, password or code do not fit."""


class CodeWanted(LoginRefused):
    """The password fits; the one-time code is missing."""


class TooManyTries(LoginRefused):
    """Too many tries; wait."""

    def __init__(self, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"too many tries; try again in {retry_after_s:.0f} s")


class Operator(Protocol):
    """A person or machine with an account."""

    @property
    def name(self) -> str: ...
    @property
    def display(self) -> str: ...
    @property
    def roles(self) -> tuple[str, ...]: ...
    @property
    def agency(self) -> str | None: ...
    @property
    def kind(self) -> str: ...

    def actor(self, role: str | None) -> Actor:
        """Act in a role."""
        ...


class SignedIn(Protocol):
    """A session that has just begun."""

    @property
    def token(self) -> str: ...
    @property
    def operator(self) -> Operator: ...
    @property
    def ends_s(self) -> float: ...


class Access(Protocol):
    """The door of a node."""

    def log_in(
        self, name: str, password: str, code: str | None, *, source: str, now_s: float
    ) -> SignedIn:
        """Begin a session."""
        ...

    def by_token(self, token: str, now_s: float) -> Operator:
        """Say whose session it is."""
        ...

    def log_out(self, token: str, now_s: float) -> None:
        """End a session."""
        ...
