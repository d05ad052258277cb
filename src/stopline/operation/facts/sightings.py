"""Facts about sightings: what was seen, and what became of it."""

from __future__ import annotations

from pydantic import Field

from stopline.journal.kinds import FactBody, fact_kind
from stopline.operation.facts.incident import IncidentFact, Meaning


def _marks(*, confirmed: bool, towards: str | None) -> tuple[str, ...]:
    """Marks for the protocol; a compass heading alone does not say where the vehicle goes."""
    return ("confirmed",) * confirmed + ("heading",) * bool(towards)


@fact_kind("sighting.noted", schema=2)
class SightingNoted(IncidentFact):
    """The vehicle was seen, or a place was watched and it did not pass."""

    lon: float | None = Field(description="WGS 84 degrees; null: the section says where")
    lat: float | None = Field(description="WGS 84 degrees; null: the section says where")
    radius_m: float = Field(description="how far from there it may have been, metres")
    section: int | None = Field(description="section of the network, or null")
    place: str = Field(description="where, as people name it")
    seen: str = Field(description="when, ISO 8601 with zone")
    heading_deg: float | None = Field(description="degrees clockwise from north, or null")
    towards: str | None = Field(description="where it is heading, as people name it, or null")
    nothing_seen: bool = Field(description="the place was watched and the vehicle was not there")
    watched_from: str | None = Field(
        description="since when it was watched, until `seen`, ISO 8601 with zone; null otherwise"
    )
    source: str = Field(
        description="who or what saw it; never leaves this side; empty: a fact of its own says it"
    )
    grade: str = Field(description="reliability A to F and credibility 1 to 6, for example B2")
    confirmed: bool = Field(description="held for certain")
    confidence: float | None = Field(
        default=None, description="of a camera: probability that it was the vehicle; else null"
    )
    forward: bool | None = Field(
        default=None, description="from the section's tail to its head; null if not known"
    )
    detection: float | None = Field(
        default=None,
        description="of a camera that saw nothing: that it finds what passes; else null",
    )

    def meanings(self) -> tuple[Meaning, ...]:
        """A sighting; that nothing was seen moves no procedure."""
        if self.nothing_seen:
            return ()
        marks = _marks(confirmed=self.confirmed, towards=self.towards)
        return (Meaning("sighting", marks=marks),)


@fact_kind("sighting.source-noted", personal=True)
class SightingSourceNoted(FactBody):
    """Who or what saw it; never leaves this side, and can be erased without the sighting."""

    sighting: str = Field(description="id of the sighting")
    source: str = Field(description="who or what saw it")
    command: str = Field(description="id of the command, whose digest is erased too")


@fact_kind("sighting.confirmed")
class SightingConfirmed(IncidentFact):
    """A sighting is held for certain from now on."""

    sighting: str = Field(description="id of the sighting")
    grade: str = Field(description="its grade from now on")
    towards: str | None = Field(description="where it is heading, or null")
    reason: str = Field(description="what confirmed it")

    def meanings(self) -> tuple[Meaning, ...]:
        """A confirmed sighting."""
        return (Meaning("sighting", marks=_marks(confirmed=True, towards=self.towards)),)


@fact_kind("sighting.retracted")
class SightingRetracted(IncidentFact):
    """A sighting was wrong; it counts no more, and stays on record."""

    sighting: str = Field(description="id of the sighting")
    reason: str = Field(description="what was wrong with it")
