"""The one message by which officers of both sides carry out the agreed protocol.

Its `name` is a message of the protocol document. Every other field that holds content bears the
name of a disclosure of the document: it may be filled only if the message `carries` that
disclosure, so that the document decides what crosses the line.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from stopline.documents.plain_text import without_hidden_signs
from stopline.link.messages import MessageBody, message_kind

_YEARS = range(2000, 2200)
# As long as what an officer can say by a command, and as many as a large plan has.
Words = Annotated[str, Field(max_length=8000)]
Name = Annotated[str, Field(max_length=400)]
MOST_SIGHTINGS, _MOST_SITES = 1000, 5000


def _when(value: str | None) -> str | None:
    """Let a time through that whoever receives it can read and show in any zone."""
    if value is not None:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None or moment.year not in _YEARS:
            raise ValueError("expected ISO 8601 with zone, for example 2026-11-25T21:40:00+01:00")
    return value


class MessagePart(BaseModel):
    """A part of a message: frozen, no unknown fields, every field described."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    _plain = field_validator("*", mode="before")(without_hidden_signs)


class SharedSighting(MessagePart):
    """Where the vehicle was seen, as one side tells the other: the source stays at home."""

    sighting: Name = Field(description="id of the sighting on the sender's side")
    lon: float = Field(ge=-180, le=180, description="WGS 84 degrees")
    lat: float = Field(ge=-90, le=90, description="WGS 84 degrees")
    radius_m: float = Field(
        ge=0, le=100_000, description="how far from there it may have been, metres"
    )
    seen: str = Field(description="when, ISO 8601 with zone")
    heading_deg: float | None = Field(
        ge=0, lt=360, description="degrees clockwise from north, or null"
    )
    towards: Name | None = Field(description="where it is heading, as people name it, or null")
    grade: str = Field(
        pattern=r"^[A-F][1-6]$", description="reliability A to F and credibility 1 to 6, as in B2"
    )
    confirmed: bool = Field(description="the sender holds it for certain")
    withdrawn: bool = Field(default=False, description="it was wrong, and counts no more")

    _seen = field_validator("seen")(_when)


class SharedBelief(MessagePart):
    """Where it is heading, with probabilities; no source is shown."""

    at: str = Field(description="for when, ISO 8601 with zone")
    destinations: dict[Name, float] = Field(
        max_length=1000, description="probability by destination"
    )

    _at = field_validator("at")(_when)


class WantedSection(MessagePart):
    """A site that one side asks the other to seal."""

    site: Name = Field(description="how both name it: `section N` or `junction N` of the network")
    road: Name = Field(description="name of the road, for people")
    lon: float = Field(description="WGS 84 degrees")
    lat: float = Field(description="WGS 84 degrees")
    by: str = Field(description="closed by then, ISO 8601 with zone")
    strength: int = Field(ge=1, description="strength that closes it")

    _by = field_validator("by")(_when)


class CommittedSection(MessagePart):
    """A site that a side says it holds; never by which unit."""

    site: Name = Field(description="as in the question")
    closed_by: str | None = Field(description="ISO 8601 with zone; null: it cannot be held")

    _closed_by = field_validator("closed_by")(_when)


class SealStatus(MessagePart):
    """How one of the sender's seals stands."""

    site: Name = Field(description="`section N` or `junction N` of the network")
    road: Name = Field(description="name of the road, for people")
    state: Literal["ordered", "under way", "closed", "late", "open", "reopened"] = Field(
        description="the state"
    )
    since: str = Field(description="ISO 8601 with zone")

    _since = field_validator("since")(_when)


@message_kind("procedure.said", lane="alarm")
class ProcedureSaid(MessageBody):
    """A message of the agreed protocol, with what it carries."""

    protocol: Name = Field(description="digest of the protocol the incident runs under")
    name: Name = Field(description="name of the message in the protocol")
    ref: Name | None = Field(default=None, description="id of the message this answers, or null")
    request: Name | None = Field(default=None, description="id of the request, or null")
    asked: Literal["seal sections", "send units", "information", "other"] | None = Field(
        default=None, description="what a request is for, or null"
    )
    answer: Literal["accepted", "in part", "declined", "done"] | None = Field(
        default=None, description="the answer to a request, or null"
    )
    answer_by: str | None = Field(default=None, description="ISO 8601 with zone, or null")
    text: Words = Field(default="", description="what is said, in words")
    what_happened: Words | None = Field(default=None, description="what happened, where and when")
    vehicle: Words | None = Field(default=None, description="what is known of the vehicle")
    contact_persons: Words | None = Field(default=None, description="who speaks for the sender")
    sightings: tuple[SharedSighting, ...] = Field(
        default=(), max_length=MOST_SIGHTINGS, description="sightings, no sources"
    )
    belief: SharedBelief | None = Field(default=None, description="where it is heading, or null")
    suspicions: str | None = Field(
        default=None, description="an intelligence report, encrypted to its recipients, or null"
    )
    wanted_sections: tuple[WantedSection, ...] = Field(
        default=(), max_length=_MOST_SITES, description="sites to seal"
    )
    commitments: tuple[CommittedSection, ...] = Field(
        default=(), max_length=_MOST_SITES, description="what is held"
    )
    seal_status: tuple[SealStatus, ...] = Field(
        default=(), max_length=_MOST_SITES, description="how the seals stand"
    )
    draft_statement_text: Words | None = Field(default=None, description="text of a statement")
    detention: Words | None = Field(default=None, description="where a vehicle was stopped")

    _answer_by = field_validator("answer_by")(_when)

    def contents(self) -> tuple[str, ...]:
        """The disclosures that this message makes, by name."""
        return tuple(name for name in CONTENT if getattr(self, name))


CONTENT = (
    "what_happened", "vehicle", "contact_persons", "sightings", "belief", "suspicions",
    "wanted_sections", "commitments", "seal_status", "draft_statement_text", "detention",
)  # fmt: skip
