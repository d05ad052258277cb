"""Facts about hits of cameras on the watched vehicle; no plate stands in any of them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stopline.journal.kinds import FactBody, fact_kind
from stopline.operation.facts.incident import IncidentFact

HitVerdict = Literal["certain", "confirmed", "rejected", "passed on"]


@fact_kind("hit.reported")
class HitReported(IncidentFact):
    """A camera saw the watched vehicle, for certain or possibly."""

    hit: str = Field(description="id of the passage, the same however often it is reported")
    watch: str = Field(description="id of the watch that ran")
    camera: str = Field(description="name of the camera")
    hit_class: Literal["certain", "possible"] = Field(description="how sure")
    confidence: float = Field(description="probability that it was the vehicle")
    doubt: str = Field(description="why a good read is only possible; empty for none")
    seen: str = Field(description="when, ISO 8601 with zone")
    section: int | None = Field(description="section of the network, or null")
    lon: float | None = Field(description="WGS 84 degrees, or null")
    lat: float | None = Field(description="WGS 84 degrees, or null")
    forward: bool | None = Field(description="from the section's tail to its head; null: unknown")
    heading_deg: float | None = Field(description="degrees clockwise from north, or null")
    crop: bool = Field(description="whether a picture was kept beside it")
    decide_by: str | None = Field(
        description="until when a person can decide, ISO 8601 with zone; null for a certain one"
    )


@fact_kind("hit.crop-kept", personal=True)
class HitCropKept(FactBody):
    """The picture of a hit; erased when the hit is rejected, and when the watch ends."""

    hit: str = Field(description="id of the passage")
    watch: str = Field(description="id of the watch")
    jpeg: str = Field(description="the picture as JPEG, base64")
    command: str = Field(description="id of the command, whose digest is erased too")


@fact_kind("hit.decided")
class HitDecided(IncidentFact):
    """What became of a hit."""

    hit: str = Field(description="id of the passage")
    watch: str = Field(description="id of the watch")
    verdict: HitVerdict = Field(
        description="certain by itself; confirmed, rejected or passed on by a person, or passed on "
        "by the node when the time was over"
    )
    confidence: float = Field(description="probability that it was the vehicle, from now on")
    reason: str = Field(description="in words; empty where nobody gave any")


@fact_kind("camera.blinded")
class CameraBlinded(IncidentFact):
    """A camera does not see; nothing follows from its silence."""

    camera: str = Field(description="name of the camera")
    why: str = Field(description="frozen, dark, covered, turned away, clock off, or what broke")
    since: str = Field(description="since when, ISO 8601 with zone")


@fact_kind("camera.restored")
class CameraRestored(IncidentFact):
    """A camera sees again."""

    camera: str = Field(description="name of the camera")
    since: str = Field(description="since when, ISO 8601 with zone")
