"""Facts about officers' own signing keys; the private halves are never at a node."""

from __future__ import annotations

from pydantic import Field

from stopline.journal.kinds import FactBody, fact_kind


@fact_kind("signing-key.enrolled")
class SigningKeyEnrolled(FactBody):
    """A person has a key of their own: what they sign with it is proven from now on."""

    key: str = Field(description="Ed25519 public key, base64")
    signature: str = Field(description="by this key, over its own enrolment")
    before: str = Field(description="by the person's key before it, empty for the first")


@fact_kind("signing-key.ended")
class SigningKeyEnded(FactBody):
    """A person's key is good for nothing from now on: it was lost, or stolen."""

    person: str = Field(description="whose key it was")
    reason: str = Field(description="why")
