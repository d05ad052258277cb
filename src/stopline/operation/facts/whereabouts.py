"""The fact that says where the vehicle is believed to be, and how far it can have come."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from stopline.journal.kinds import fact_kind
from stopline.operation.facts.incident import IncidentFact

Words = Annotated[str, Field(max_length=400)]
Share = Annotated[float, Field(ge=0, le=1)]
MOST: Final = 8


class Chance(BaseModel):
    """Something with its probability."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: Words = Field(description="a destination or a road, as people name it")
    probability: Share = Field(description="0 to 1")


class Whereabouts(BaseModel):
    """Where the vehicle is by all that is known of it at a moment."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    at: Words = Field(description="the moment, ISO 8601 with zone")
    basis: Words = Field(description="digest of the sightings that it rests on")
    sightings: int = Field(ge=0, description="how many of them the belief used")
    scenario: Words = Field(description="file of the region's scenario")
    heading: Words = Field(description="where it is heading, in a few words")
    destinations: Annotated[tuple[Chance, ...], Field(max_length=MOST)] = Field(
        description="where it may be heading, the most probable first"
    )
    roads: Annotated[tuple[Chance, ...], Field(max_length=MOST)] = Field(
        description="roads on which it is most probably now"
    )
    out: Share = Field(description="probability that it has got out already")
    half_km: float = Field(ge=0, description="kilometres of road that hold half the probability")
    most_km: float = Field(ge=0, description="kilometres of road that hold 90 % of it")
    reach_km: float | None = Field(
        description="farthest it can be from the last confirmed sighting and inside of the region, "
        "as the crow flies, if no road were closed; null if nothing is confirmed"
    )
    exits: int = Field(ge=0, description="exits that it can have come to, if no road were closed")
    reach_from: Words = Field(description="where it was then; empty if nothing is confirmed")
    reach_to: Words = Field(description="the farthest place; empty if nothing is confirmed")


@fact_kind("belief.computed")
class BeliefComputed(IncidentFact):
    """The node found anew where the vehicle is believed to be; nobody's opinion, and no order."""

    found: Whereabouts = Field(description="what was found")
