"""The cameras of an incident as the API shows them: hits, and which cameras are blind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from stopline.operation.core.context import iso
from stopline.operation.sightings.projection import Sightings
from stopline.operation.watch_list.hits import Hits
from stopline.operation.watch_list.matching import wanted_now
from stopline.operation.watch_list.projection import running

if TYPE_CHECKING:
    from stopline.console.region import RegionRoads
    from stopline.operation.core.incident import Incident


class WantedShown(BaseModel):
    """What a camera may look for at this moment."""

    plate: str | None = Field(description="the one plate; null: nothing may be looked for")
    expires: str | None = Field(description="end of the watch, ISO 8601 with zone; null: none runs")


class HitShown(BaseModel):
    """A hit of a camera on the watched vehicle."""

    hit: str = Field(description="id of the passage")
    camera: str = Field(description="that saw it")
    hit_class: Literal["certain", "possible"] = Field(description="how sure")
    confidence: float = Field(description="probability that it was the vehicle")
    doubt: str = Field(description="why a good read is only possible; empty for none")
    seen: str = Field(description="when, ISO 8601 with zone")
    section: int | None = Field(description="section of the network, or null")
    lon: float | None = Field(description="WGS 84 degrees, or null")
    lat: float | None = Field(description="WGS 84 degrees, or null")
    heading_deg: float | None = Field(description="degrees clockwise from north, or null")
    verdict: str | None = Field(
        description="certain, confirmed, rejected, passed on; null while a person can decide"
    )
    left_s: float | None = Field(
        description="seconds left to decide; then it is passed on with its probability; null: none"
    )
    crop: bool = Field(description="whether its picture can be seen")


class CameraShown(BaseModel):
    """A camera of this side that was heard of in this case, and whether it sees."""

    camera: str = Field(description="its name")
    blind: str | None = Field(description="why it does not see; null if it does")
    since: str = Field(description="since when, or last heard of, ISO 8601 with zone")
    lon: float | None = Field(description="where it stands, WGS 84 degrees; null: not known")
    lat: float | None = Field(description="where it stands, WGS 84 degrees; null: not known")


class CamerasShown(BaseModel):
    """Hits and cameras of an incident."""

    hits: list[HitShown] = Field(description="those that wait first, then the latest")
    cameras: list[CameraShown] = Field(description="cameras heard of, blind ones first")
    contradictions: list[str] = Field(
        description="hits that cannot all be of one vehicle: a clone drives, or one is wrong"
    )


def wanted(incident: Incident, now_s: float) -> WantedShown:
    """Say what may be looked for at this moment."""
    watch = running(incident, now_s)
    if watch is None or wanted_now(watch, now_s) is None:
        return WantedShown(plate=None, expires=None)
    return WantedShown(plate=watch.plate, expires=iso(watch.expires_s))


def cameras(incident: Incident, now_s: float, roads: RegionRoads | None = None) -> CamerasShown:
    """Show the hits and the cameras; `roads` places those that told a section alone."""
    known = incident.projection(Hits)
    watch = running(incident, now_s)
    shown = [
        HitShown(
            hit=hit.id, camera=hit.camera, hit_class=hit.hit_class, confidence=hit.confidence,
            doubt=hit.doubt, seen=iso(hit.seen_s), section=hit.section, lon=hit.lon, lat=hit.lat,
            heading_deg=hit.heading_deg, verdict=hit.verdict,
            left_s=None if hit.decide_by_s is None or hit.verdict is not None
            else hit.decide_by_s - now_s,
            crop=hit.crop_fact is not None and hit.verdict != "rejected"
            and watch is not None and watch.id == hit.watch,
        )
        for hit in sorted(
            known.by_id.values(), key=lambda hit: (hit.verdict is not None, -hit.seen_s)
        )
    ]  # fmt: skip
    return CamerasShown(
        hits=shown,
        cameras=_cameras(incident, known, roads),
        contradictions=known.contradictions(),
    )


def _cameras(incident: Incident, known: Hits, roads: RegionRoads | None) -> list[CameraShown]:
    """Every camera that hit, was silent or was blind, with where it stood when last heard of."""
    heard: dict[str, tuple[float, tuple[float, float] | None]] = {}

    def hear(name: str, at_s: float, lon: float | None, lat: float | None, site: str) -> None:
        place = None if lon is None or lat is None else (lon, lat)
        if place is None and roads is not None:
            place = roads.middle_of(site)
        before = heard.get(name)
        if before is None or at_s >= before[0]:
            heard[name] = (at_s, place or (before[1] if before else None))

    for hit in known.by_id.values():
        hear(hit.camera, hit.seen_s, hit.lon, hit.lat, f"section {hit.section}")
    for one in incident.projection(Sightings).standing():
        if not one.theirs and one.detection is not None:
            name = one.source.removeprefix("camera ")
            hear(name, one.seen_s, one.lon, one.lat, f"section {one.section}")
    shown = []
    for name in sorted({*heard, *known.cameras}):
        at_s, place = heard.get(name, (0.0, None))
        state = known.cameras.get(name)
        lon, lat = place or (None, None)
        shown.append(
            CameraShown(
                camera=name, blind=None if state is None else state.blind,
                since=iso(at_s if state is None else state.since_s), lon=lon, lat=lat,
            )
        )  # fmt: skip
    return sorted(shown, key=lambda one: (one.blind is None, one.camera))


def crop_fact(incident: Incident, hit: str, now_s: float) -> str | None:
    """Return the fact that holds the picture of a hit, while it may be seen."""
    known = incident.projection(Hits).by_id.get(hit)
    watch = running(incident, now_s)
    if known is None or watch is None or watch.id != known.watch or known.verdict == "rejected":
        return None
    return known.crop_fact
