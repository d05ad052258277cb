"""Facts about intelligence reports; what stands in a report is never among them in clear."""

from __future__ import annotations

from pydantic import Field

from stopline.journal.kinds import FactBody, fact_kind
from stopline.operation.facts.incident import IncidentFact, Meaning


@fact_kind("recipient.enrolled")
class RecipientEnrolled(FactBody):
    """A person has a key of their own: intelligence can be sealed to it from now on."""

    role: str = Field(description="role of the protocol")
    key: str = Field(description="X25519 public key, base64")
    locked: str = Field(description="the private half, locked by a passphrase nobody else has")


@fact_kind("intelligence.filed")
class IntelligenceFiled(IncidentFact):
    """A report was filed, sealed to the persons named in it."""

    label: str = Field(description="sharing label, TLP 2.0")
    ours: str = Field(description="sealed text for this side, empty for nobody")
    theirs: str = Field(description="sealed text for the other side, empty for nobody")
    signature: str = Field(
        default="", description="the officer's own: time, public key, signature; empty for none"
    )

    def meanings(self) -> tuple[Meaning, ...]:
        """The security service has a graded suspicion."""
        return (Meaning("report", "suspicion"),)


@fact_kind("intelligence.opened")
class IntelligenceOpened(IncidentFact):
    """A person named in a report asked for it, to read it."""

    report: str = Field(description="id of the report")


@fact_kind("intelligence.used")
class IntelligenceUsed(IncidentFact):
    """What follows from a report for the search, without its source and without its words."""

    report: str = Field(description="id of the report")
    at: str = Field(description="for when, ISO 8601 with zone")
    lon: float | None = Field(description="WGS 84 degrees, or null")
    lat: float | None = Field(description="WGS 84 degrees, or null")
    radius_m: float | None = Field(description="how far from there, metres, or null")
    destinations: dict[str, float] = Field(description="where it is heading, with probability")
    probability: float = Field(description="how probable it is that this holds")
