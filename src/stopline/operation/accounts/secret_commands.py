"""Commands that come with a secret: what is kept of it rides along, and is no part of the command.

A command is written down with a digest of its fields, so none of these has a field for a password,
a code or a hash of one. `Access` takes the secret, makes what may be kept, and gives the command
with it; the bare command, as anybody could send it, is refused.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, PrivateAttr

from stopline.operation.accounts.commands import ADMINISTRATOR, OperatorName, admitted, end_sessions
from stopline.operation.accounts.one_time_codes import Device
from stopline.operation.accounts.projection import Admitted, People
from stopline.operation.accounts.storage_keys import (
    CODES,
    NEW_CODES,
    PASSWORDS,
    SET_UPS,
    TOKENS,
    named_by,
)
from stopline.operation.core.command import Command, Line, command
from stopline.operation.core.context import CommandContext, iso
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.facts.accounts import (
    CodeDropped,
    CodeEnrolled,
    OperatorReset,
    PasswordSet,
    TokenIssued,
)

Seconds = Annotated[float, Field(gt=0, le=10 * 366 * 86_400)]


class SecretCommand(Command):
    """A command with something to keep that is no field of it."""

    asked_at: ClassVar[str] = ""
    _kept: bytes | None = PrivateAttr(default=None)

    def with_kept(self, value: bytes) -> Self:
        """The same command, with what is to be kept."""
        copy = self.model_copy()
        copy._kept = value  # noqa: SLF001  (of its own class)
        return copy

    def kept(self) -> bytes:
        """What is to be kept.

        Raises:
            NotNow: the command came bare.
        """
        if self._kept is None:
            raise NotNow(f"`{self.kind}` is not given bare, because of the secret: {self.asked_at}")
        return self._kept


@command("operator.reset")
class ResetOperator(SecretCommand):
    """Take an operator's password and second factor away; give out a code to set them anew."""

    asked_at = "`stopline people reset`, or the set-up codes of the API"
    name: OperatorName = Field(description="name of the operator")
    good_for_s: Seconds = Field(description="seconds for which the set-up code is good")
    reason: Line = Field(description="why")

    def decide(self, at: CommandContext) -> None:
        """For persons; their sessions end."""
        known = admitted(at.book, self.name)
        if known.kind == "machine":
            raise NotNow(f"{known.name} is a machine; issue it a token")
        if known.suspended:
            raise NotNow(f"{known.name} is suspended; restore them first")
        for shelf in (PASSWORDS, CODES, NEW_CODES):
            at.keep(shelf, known.name, None)
        at.keep(SET_UPS, known.name, self.kept())
        end_sessions(at, known.name, "reset by an administrator")
        ends = iso(at.now_s + self.good_for_s)
        at.record(
            OperatorReset(
                name=known.name, ends=ends, reason=self.reason, kept=named_by(self.kept())
            )
        )  # fmt: skip


@command("password.change")
class ChangePassword(SecretCommand):
    """Set one's own password."""

    asked_at = "the node asks for the old password with the new one, at sign-in or set-up"

    def decide(self, at: CommandContext) -> None:
        """Every session ends; one signs in again with the new one."""
        known = _oneself(at)
        at.keep(PASSWORDS, known.name, self.kept())
        at.keep(SET_UPS, known.name, None)
        end_sessions(at, known.name, "password set")
        at.record(PasswordSet(operator=known.name, kept=named_by(self.kept())))


@command("code.enrol")
class EnrolCode(SecretCommand):
    """Enrol a device for one-time codes: one's own, or as administrator for somebody."""

    asked_at = "the node shows a secret first, and asks for a code that the device made of it"
    operator: OperatorName = Field(description="whose device it is")

    def decide(self, at: CommandContext) -> None:
        """In place of an earlier device."""
        if self.operator != at.actor.person and at.actor.role != ADMINISTRATOR:
            raise NotPermitted(f"{self.operator} enrols their own device, or an administrator does")
        known = admitted(at.book, self.operator)
        if known.kind == "machine" or known.suspended:
            raise NotNow(f"{known.name} is a machine or suspended; no device is enrolled")
        at.keep(CODES, known.name, self.kept())
        at.keep(NEW_CODES, known.name, None)
        secret = Device.from_bytes(self.kept()).secret
        at.record(CodeEnrolled(operator=known.name, kept=named_by(secret.encode())))


@command("code.drop")
class DropCode(SecretCommand):
    """Sign in without one-time codes from now on."""

    asked_at = "the node asks for the password once more"

    def decide(self, at: CommandContext) -> None:
        """Only who has one."""
        self.kept()
        known = _oneself(at)
        if not known.has_code:
            raise NotNow("no device of yours is enrolled")
        at.keep(CODES, known.name, None)
        at.record(CodeDropped(operator=known.name))


@command("token.issue")
class IssueToken(SecretCommand):
    """Issue a machine a token that ends."""

    asked_at = "`stopline people token`, or the tokens of the API, which show it once"
    machine: OperatorName = Field(description="name of the machine")
    label: Line = Field(description="what it is for")
    good_for_s: Seconds = Field(description="seconds for which it is good")

    def decide(self, at: CommandContext) -> None:
        """For machines: what a person does, they do signed in."""
        known = at.book.projection(People).operators.get(self.machine)
        if known is None or known.kind != "machine":
            raise NotNow(f"no machine is admitted as {self.machine}; persons sign in by themselves")
        if known.suspended:
            raise NotNow(f"{known.name} is suspended; restore it first")
        token_id, _, kept = self.kept().partition(b" ")
        at.keep(TOKENS, token_id.decode(), kept)
        ends = iso(at.now_s + self.good_for_s)
        at.record(
            TokenIssued(
                token=token_id.decode(), machine=known.name, label=self.label, ends=ends,
                kept=named_by(kept),
            )
        )  # fmt: skip


def _oneself(at: CommandContext) -> Admitted:
    known = admitted(at.book, at.actor.person)
    if known.suspended:
        raise NotNow(f"{known.name} is suspended")
    return known
