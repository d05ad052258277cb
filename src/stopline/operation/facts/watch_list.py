"""Facts about the watch list; what names the vehicle is personal, stored apart and erased."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stopline.journal.kinds import FactBody, fact_kind
from stopline.operation.facts.incident import IncidentFact

WhyEnded = Literal["dropped", "expired", "stand-down"]


@fact_kind("watch.added")
class WatchAdded(IncidentFact):
    """The one vehicle of the incident was put on the watch list; which, says another fact."""

    watch: str = Field(description="id of the watch")
    authority: str = Field(description="legal authority: that of the incident")
    expires: str = Field(description="end of the watch, ISO 8601 with zone")


@fact_kind("watch.vehicle-described", personal=True)
class WatchVehicleDescribed(FactBody):
    """What the cameras look for from now on; erased when the watch ends."""

    watch: str = Field(description="id of the watch")
    plate: str = Field(description="number plate as written; empty: only the description is known")
    vehicle: str = Field(description="description of the vehicle")
    reason: str = Field(description="why the plate changed; empty for the first")
    command: str = Field(description="id of the command, whose digest is erased too")


@fact_kind("watch.extended")
class WatchExtended(IncidentFact):
    """The end of a watch was moved, by a person and for a reason."""

    watch: str = Field(description="id of the watch")
    authority: str = Field(description="legal authority: that of the incident as it is now")
    expires: str = Field(description="new end, ISO 8601 with zone")
    reason: str = Field(description="why")


@fact_kind("watch.ended")
class WatchEnded(IncidentFact):
    """A watch ended: nothing is matched any more, and what named the vehicle is to be erased."""

    watch: str = Field(description="id of the watch")
    why: WhyEnded = Field(description="dropped by a person, expired, or the stand-down")
    reason: str = Field(description="in words; empty where nobody gave any")
    bodies: tuple[str, ...] = Field(description="ids of the facts whose bodies are to be erased")
    commands: tuple[str, ...] = Field(description="ids of the commands behind them")
