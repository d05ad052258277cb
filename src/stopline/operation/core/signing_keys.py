"""Officers' own signing keys: who has which, and whether a voice is signed by it.

Where the agreed protocol says `signed_by_person`, a voice without its officer's signature is not
taken, and one that somebody wrote into the record beside the commands counts for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.errors import BadInput, BadSignature, StoplineError
from stopline.journal.kinds import kind_of
from stopline.operation.core.officer_signatures import (
    AGE_S,
    OfficerSignature,
    Signed,
    enrolment,
)
from stopline.operation.core.projection import Projection, folds, projection
from stopline.operation.facts.incident import DecisionVoiced
from stopline.operation.facts.intelligence import IntelligenceFiled
from stopline.operation.facts.signing_keys import SigningKeyEnded, SigningKeyEnrolled

if TYPE_CHECKING:
    from stopline.journal.base import Entry
    from stopline.protocol.schema import Protocol

Voice = DecisionVoiced | IntelligenceFiled


class NotSigned(StoplineError):  # noqa: N818  (reads as a sentence where it is raised)
    """A voice that its officer did not sign, where that is agreed or claimed; it counts nothing."""


@dataclass(frozen=True, slots=True)
class HeldSigningKey:
    """The key of a person that counts now.

    Attributes:
        key: Ed25519 public key, base64.
        entry: index of its enrolment in the journal.
    """

    key: str
    entry: int


@projection("node")
class SigningKeys(Projection):
    """Who has a signing key.

    Attributes:
        held: the key that counts, by person.
        used: signatures of voices that stand in the record: each counts once.
    """

    def __init__(self) -> None:
        self.held: dict[str, HeldSigningKey] = {}
        self.used: set[str] = set()

    @folds(SigningKeyEnrolled)
    def _enrolled(self, body: SigningKeyEnrolled, entry: Entry) -> None:
        self.held[entry.author] = HeldSigningKey(body.key, entry.index)

    @folds(SigningKeyEnded)
    def _ended(self, body: SigningKeyEnded, entry: Entry) -> None:
        del entry
        self.held.pop(body.person, None)

    @folds(DecisionVoiced, IntelligenceFiled)
    def _voiced(self, body: Voice, entry: Entry) -> None:
        del entry
        if body.signature:
            self.used.add(body.signature)


def must_be_signed(protocol: Protocol, body: Voice) -> bool:
    """Whether the agreed protocol asks for the officer's own signature of a voice."""
    if protocol.signed_by_person:
        return True
    if isinstance(body, DecisionVoiced):
        decision = protocol.decisions.get(body.decision)
        return decision is not None and decision.signed_by_person
    shown = protocol.disclosures.get("suspicions")
    return shown is not None and shown.signed_by_person


def said_by(body: Voice, side: str, incident: str, person: str, role: str) -> Signed:
    """What an officer signs of a voice."""
    fields = body.model_dump(mode="json", exclude={"signature"})
    return Signed(kind_of(body).name, side, incident, person, role, fields)


def why_not_proven(  # noqa: PLR0911  (one reason each)
    keys: SigningKeys, body: Voice, said: Signed, at_s: float, *, needed: bool
) -> str:
    """Say why a voice does not count for want of a signature; empty if it counts.

    Args:
        keys: who has which key.
        body: the voice.
        said: what its officer must have signed.
        at_s: when it is recorded, UTC seconds.
        needed: the agreed protocol asks for the signature.
    """
    if not body.signature:
        return "the agreed protocol asks for the officer's own signature" if needed else ""
    held = keys.held.get(said.person)
    if held is None:
        return f"{said.person} has no signing key here; `signing-key.enrol` comes first"
    try:
        signature = OfficerSignature.parse(body.signature)
        signature.check(said)
    except (BadInput, BadSignature) as error:
        return str(error)
    if signature.key != held.key:
        return f"it is signed by another key than {said.person} has enrolled"
    if body.signature in keys.used:
        return "that signature was used before; each voice is signed anew"
    if abs(at_s - signature.signed_s) > AGE_S:
        return f"it was signed {at_s - signature.signed_s:.0f} s before; sign it anew"
    return ""


def why_not_enrolled(
    fact: SigningKeyEnrolled, held: HeldSigningKey | None, side: str, person: str
) -> str:
    """Say why a key cannot be that of a person; empty if it can."""
    said = enrolment(fact.key, side, person)
    try:
        own = OfficerSignature.parse(fact.signature)
        own.check(said)
        if own.key != fact.key:
            return "the key did not sign its own enrolment"
        if held is None:
            return "" if not fact.before else "there is no key before it to sign it"
        if not fact.before:
            return (
                f"{person} has a key; the new one is signed by that, or an administrator ends it "
                "first (`signing-key.end`)"
            )
        before = OfficerSignature.parse(fact.before)
        before.check(said)
    except (BadInput, BadSignature) as error:
        return str(error)
    return "" if before.key == held.key else "it is signed by another key than the one before"
