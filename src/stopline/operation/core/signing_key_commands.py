"""Commands about officers' own signing keys, and the question of each command that voices sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints

from stopline.operation.core.command import Command, Line, command
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.core.officer_signatures import (
    AGE_S,
    LONGEST,
    OfficerSignature,
    signing_key,
)
from stopline.operation.core.signing_keys import (
    SigningKeys,
    must_be_signed,
    said_by,
    why_not_enrolled,
    why_not_proven,
)
from stopline.operation.facts.signing_keys import SigningKeyEnded, SigningKeyEnrolled

if TYPE_CHECKING:
    from stopline.operation.core.context import CommandContext
    from stopline.operation.core.signing_keys import Voice
    from stopline.protocol.schema import Protocol

SignatureLine = Annotated[str, StringConstraints(max_length=LONGEST)]


def check_voice(at: CommandContext, protocol: Protocol, body: Voice) -> None:
    """Refuse a voice for want of its officer's signature.

    Raises:
        NotPermitted: it is not signed as agreed, or falsely.
    """
    said = said_by(body, at.book.side, at.scope or "", at.actor.person, at.actor.role)
    needed = must_be_signed(protocol, body)
    reason = why_not_proven(at.book.projection(SigningKeys), body, said, at.now_s, needed=needed)
    if reason:
        raise NotPermitted(f"{reason} (`stopline officer sign` makes one)")


@command("signing-key.enrol")
class EnrolSigningKey(Command):
    """Enrol one's own signing key, made where one sits; the node never sees the private half."""

    key: Annotated[str, Field(max_length=100)] = Field(description="Ed25519 public key, base64")
    signature: SignatureLine = Field(description="by this key, over its own enrolment")
    before: SignatureLine = Field(
        default="", description="by one's key before it, over the same; if there is one"
    )

    def decide(self, at: CommandContext) -> None:
        """For oneself; who has a key signs the new one with it, so that nobody else can."""
        keys, person = at.book.projection(SigningKeys), at.actor.person
        if not at.book.side:
            raise NotNow("no protocol is in force; this node is of no side yet")
        fact = SigningKeyEnrolled(
            key=signing_key(self.key), signature=self.signature, before=self.before
        )
        held = keys.held.get(person)
        reason = why_not_enrolled(fact, held, at.book.side, person)
        if reason:
            raise NotPermitted(reason)
        if abs(at.now_s - OfficerSignature.parse(self.signature).signed_s) > AGE_S:
            raise NotPermitted("it was signed too long ago, or by another clock; sign it anew")
        at.record(fact)


@command("signing-key.end")
class EndSigningKey(Command):
    """Say that a signing key is lost or stolen: one's own, or as administrator of somebody."""

    person: Line = Field(description="whose key it is")
    reason: Line = Field(description="why")

    def decide(self, at: CommandContext) -> None:
        """Nothing that it signs counts from now on; what it signed before stays proven."""
        if self.person != at.actor.person and at.actor.role != "administrator":
            raise NotPermitted(f"{self.person} ends their own key, or an administrator does")
        if self.person not in at.book.projection(SigningKeys).held:
            raise NotNow(f"{self.person} has no signing key here")
        at.record(SigningKeyEnded(person=self.person, reason=self.reason))
