"""Commands about hits of cameras: a machine reports; a person confirms, rejects, or passes on."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AwareDatetime, Field

from stopline.operation.core.command import IncidentCommand, Line, command
from stopline.operation.core.context import iso
from stopline.operation.core.errors import NotNow
from stopline.operation.core.placing import Placed, placed_by_point, placed_by_section
from stopline.operation.core.short_ids import pick
from stopline.operation.facts.hits import (
    CameraBlinded,
    CameraRestored,
    HitCropKept,
    HitDecided,
    HitReported,
    HitVerdict,
)
from stopline.operation.facts.sightings import SightingNoted
from stopline.operation.watch_list.hits import Hits, WatchHit
from stopline.operation.watch_list.projection import running

if TYPE_CHECKING:
    from stopline.operation.core.context import CommandContext
    from stopline.operation.core.preparation import Preparation

DECIDE_WITHIN_S: Final = 120.0
_FUTURE_S: Final = 2.0
_CAMERA_OFF_ROAD_M: Final = 2_000.0  # a mast sees far
_SURE: Final = ((0.95, "B1"), (0.8, "B2"), (0.6, "C3"), (0.0, "D4"))
HitId = Annotated[str, Field(min_length=1, max_length=120)]
_NAMED = "id of the passage, or how it ends"
Probability = Annotated[float, Field(ge=0, le=1)]


class _Placed(IncidentCommand):
    """Where a camera stands."""

    camera: Line = Field(description="name of the camera")
    section: int | None = Field(default=None, ge=0, description="section of the network")
    lon: float | None = Field(default=None, ge=-180, le=180, description="WGS 84 degrees")
    lat: float | None = Field(default=None, ge=-90, le=90, description="WGS 84 degrees")
    forward: bool | None = Field(
        default=None, description="from the section's tail to its head; null if not known"
    )

    def prepare(self, ground: Preparation) -> Placed | None:
        """Hold the place against the roads of the region."""
        no_section = placed_by_section(ground, self.section)
        if no_section is not None or self.lon is None or self.lat is None:
            return no_section
        return placed_by_point(ground, self.lon, self.lat, _CAMERA_OFF_ROAD_M)

    def check_place(self, at: CommandContext) -> None:
        """Refuse half a place, none, or one that cannot be meant."""
        if (self.lon is None) != (self.lat is None):
            raise NotNow("a place has both lon and lat; expected both, or neither and a section")
        if self.lon is None and self.section is None:
            raise NotNow("it says nowhere; expected lon and lat, or a section of the network")
        if isinstance(at.prepared, Placed) and at.prepared.refusal:
            raise NotNow(f"camera {self.camera}: {at.prepared.refusal}")


@command("hit.report")
class ReportHit(_Placed):
    """Report that a camera saw the watched vehicle; only while a watch runs."""

    hit: HitId = Field(description="id of the passage, the same however often it is reported")
    seen: AwareDatetime = Field(description="when, with zone")
    heading_deg: float | None = Field(
        default=None, ge=0, lt=360, description="degrees clockwise from north"
    )
    hit_class: Literal["certain", "possible"] = Field(description="how sure")
    confidence: Probability = Field(description="probability that it was the vehicle")
    doubt: Annotated[str, Field(max_length=200)] = Field(
        default="", description="why a good read is only possible"
    )
    crop: Annotated[str, Field(max_length=300_000)] = Field(
        default="", description="the picture as JPEG, base64; kept encrypted, erased with the watch"
    )

    def decide(self, at: CommandContext) -> None:
        """A certain one becomes a sighting; a possible one waits for a person."""
        incident = at.incident()
        watch = running(incident, at.now_s)
        if watch is None:
            raise NotNow("no vehicle is watched for; what the camera saw is dropped")
        self.check_place(at)
        if self.hit in incident.projection(Hits).by_id:
            raise NotNow("this passage is reported already")
        if self.seen.timestamp() > at.now_s + _FUTURE_S:
            raise NotNow(f"it was seen in the future, at {self.seen.isoformat()}: a wrong clock?")
        if self.seen.timestamp() < watch.since_s - _FUTURE_S:
            raise NotNow("it was seen before the watch began, which covers nothing earlier")
        _check_jpeg(self.crop)
        seen = iso(min(self.seen.timestamp(), at.now_s))
        waits = self.hit_class == "possible"
        at.record(
            HitReported(
                hit=self.hit, watch=watch.id, camera=self.camera, hit_class=self.hit_class,
                confidence=self.confidence, doubt=self.doubt, seen=seen, section=self.section,
                lon=self.lon, lat=self.lat, forward=self.forward, heading_deg=self.heading_deg,
                crop=bool(self.crop),
                decide_by=iso(at.now_s + DECIDE_WITHIN_S) if waits else None,
            )
        )  # fmt: skip
        if self.crop:
            at.record(
                HitCropKept(hit=self.hit, watch=watch.id, jpeg=self.crop, command=at.command_id)
            )
        if not waits:
            at.record(
                HitDecided(
                    hit=self.hit, watch=watch.id, verdict="certain", confidence=self.confidence,
                    reason="",
                )
            )  # fmt: skip
            _record_sighting(
                at, self, seen=seen, heading_deg=self.heading_deg, confidence=self.confidence,
                confirmed=True,
            )  # fmt: skip


@command("hit.confirm")
class ConfirmHit(IncidentCommand):
    """Say, having seen the picture, that it is the watched vehicle."""

    hit: HitId = Field(description=_NAMED)
    reason: Annotated[str, Field(max_length=400)] = Field(default="", description="what shows it")

    def decide(self, at: CommandContext) -> None:
        """Only one that waits."""
        known = _waiting(at, self.hit)
        _decide(at, known, "confirmed", 0.99, self.reason)


@command("hit.reject")
class RejectHit(IncidentCommand):
    """Say that it is another vehicle; its picture is destroyed at once."""

    hit: HitId = Field(description=_NAMED)
    reason: Annotated[str, Field(max_length=400)] = Field(default="", description="what shows it")

    def decide(self, at: CommandContext) -> None:
        """Only one that waits."""
        known = _waiting(at, self.hit)
        at.record(
            HitDecided(
                hit=known.id, watch=known.watch, verdict="rejected", confidence=0.0,
                reason=self.reason,
            )
        )  # fmt: skip


@command("hit.pass-on")
class PassHitOn(IncidentCommand):
    """Let it count with its probability, as it cannot be told from the picture."""

    hit: HitId = Field(description=_NAMED)
    reason: Annotated[str, Field(max_length=400)] = Field(default="", description="why")

    def decide(self, at: CommandContext) -> None:
        """Only one that waits; the node does so by itself when the time is over."""
        known = _waiting(at, self.hit)
        early = known.decide_by_s is not None and at.now_s < known.decide_by_s
        if at.actor.role == "node" and early:
            raise NotNow("a person can still decide")
        _decide(at, known, "passed on", known.confidence, self.reason)


@command("silence.report")
class ReportSilence(_Placed):
    """Report that a camera worked for a time and the vehicle did not pass."""

    watched_from: AwareDatetime = Field(description="since when, with zone")
    until: AwareDatetime = Field(description="until when, with zone")
    detection: Probability = Field(description="probability that it finds a vehicle that passes")

    def decide(self, at: CommandContext) -> None:
        """It says nothing of a time in which nothing was watched for."""
        watch = running(at.incident(), at.now_s)
        if watch is None:
            raise NotNow("no vehicle is watched for; silence says nothing")
        self.check_place(at)
        begins_s = max(self.watched_from.timestamp(), watch.since_s)
        ends_s = self.until.timestamp()
        if ends_s > at.now_s + _FUTURE_S:
            raise NotNow(f"it ends in the future, at {self.until.isoformat()}: a wrong clock?")
        ends_s = min(ends_s, at.now_s)
        if begins_s >= ends_s:
            raise NotNow("it was watched from a time before its end, within the watch")
        at.record(
            SightingNoted(
                lon=self.lon, lat=self.lat, radius_m=50.0, section=self.section,
                place=f"camera {self.camera}", seen=iso(ends_s), heading_deg=None, towards=None,
                nothing_seen=True, watched_from=iso(begins_s), source=f"camera {self.camera}",
                grade="B2", confirmed=False, forward=self.forward, detection=self.detection,
            )
        )  # fmt: skip


@command("camera.report")
class ReportCamera(IncidentCommand):
    """Report that a camera is blind, or sees again."""

    camera: Line = Field(description="name of the camera")
    blind: Annotated[str, Field(max_length=200)] = Field(
        default="", description="why it does not see; empty: it sees again"
    )
    since: AwareDatetime = Field(description="since when, with zone")

    def decide(self, at: CommandContext) -> None:
        """Each change once."""
        known = at.incident().projection(Hits).cameras.get(self.camera)
        before = "" if known is None or known.blind is None else known.blind
        if before == self.blind:
            raise NotNow("this is known already")
        since = iso(min(self.since.timestamp(), at.now_s))
        if self.blind:
            at.record(CameraBlinded(camera=self.camera, why=self.blind, since=since))
        else:
            at.record(CameraRestored(camera=self.camera, since=since))


def _waiting(at: CommandContext, name: str) -> WatchHit:
    incident = at.incident()
    hits = incident.projection(Hits).by_id
    if not hits:
        raise NotNow(f"there is no hit in incident {at.scope}")
    known = hits[pick(name, hits, "hit")]
    if known.verdict is not None:
        raise NotNow(f"this hit is {known.verdict} already")
    watch = running(incident, at.now_s)
    if watch is None or watch.id != known.watch:
        raise NotNow("the watch that it belongs to is over; its picture is gone")
    return known


def _decide(
    at: CommandContext, known: WatchHit, verdict: HitVerdict, confidence: float, reason: str
) -> None:
    at.record(
        HitDecided(
            hit=known.id, watch=known.watch, verdict=verdict, confidence=confidence, reason=reason
        )
    )
    _record_sighting(
        at, known, seen=iso(known.seen_s), heading_deg=known.heading_deg, confidence=confidence,
        confirmed=verdict == "confirmed",
    )  # fmt: skip


def _record_sighting(
    at: CommandContext,
    placed: _Placed | WatchHit,
    *,
    seen: str,
    heading_deg: float | None,
    confidence: float,
    confirmed: bool,
) -> None:
    """Record the sighting that follows from a hit; no plate stands in it."""
    grade = next(grade for least, grade in _SURE if confidence >= least)
    at.record(
        SightingNoted(
            lon=placed.lon, lat=placed.lat, radius_m=50.0, section=placed.section,
            place=f"camera {placed.camera}", seen=seen, heading_deg=heading_deg, towards=None,
            nothing_seen=False, watched_from=None,
            source=f"camera {placed.camera} read the watched vehicle", grade=grade,
            confirmed=confirmed, confidence=confidence, forward=placed.forward,
        )
    )  # fmt: skip


def _check_jpeg(crop: str) -> None:
    if not crop:
        return
    try:
        data = base64.b64decode(crop, validate=True)
    except (binascii.Error, ValueError):
        raise NotNow("the picture is not base64") from None
    if not data.startswith(b"\xff\xd8\xff"):
        raise NotNow("the picture is no JPEG")
