"""The hits of cameras as they stand, and which cameras are blind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from stopline.belief.sightings import jumps
from stopline.operation.core.context import seconds
from stopline.operation.core.projection import Projection, folds, projection
from stopline.operation.facts.hits import (
    CameraBlinded,
    CameraRestored,
    HitCropKept,
    HitDecided,
    HitReported,
    HitVerdict,
)

if TYPE_CHECKING:
    from stopline.journal.base import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchHit:
    """One hit.

    Attributes:
        id: of the passage.
        watch: the watch that ran.
        camera: that saw it.
        hit_class: certain or possible.
        confidence: probability that it was the vehicle.
        doubt: why a good read is only possible.
        seen_s: when, UTC seconds.
        section: of the network, or None.
        lon: WGS 84 degrees, or None.
        lat: WGS 84 degrees, or None.
        forward: from the section's tail to its head; None if not known.
        heading_deg: or None.
        decide_by_s: until when a person can decide; None for a certain one.
        crop_fact: fact that holds the picture; None if there is none, or it is gone.
        verdict: None while it waits.
    """

    id: str
    watch: str
    camera: str
    hit_class: Literal["certain", "possible"]
    confidence: float
    doubt: str
    seen_s: float
    section: int | None
    lon: float | None
    lat: float | None
    forward: bool | None
    heading_deg: float | None
    decide_by_s: float | None
    crop_fact: str | None = None
    verdict: HitVerdict | None = None


@dataclass(frozen=True, slots=True)
class CameraState:
    """Whether a camera sees.

    Attributes:
        camera: its name.
        blind: why it does not; None if it sees.
        since_s: since when, UTC seconds.
    """

    camera: str
    blind: str | None
    since_s: float


@projection("incident")
class Hits(Projection):
    """All hits of an incident by id, and every camera that was blind once."""

    def __init__(self) -> None:
        self.by_id: dict[str, WatchHit] = {}
        self.cameras: dict[str, CameraState] = {}

    def waiting(self) -> list[WatchHit]:
        """Possible hits that nobody has decided, the most urgent first."""
        open_ones = [hit for hit in self.by_id.values() if hit.verdict is None]
        return sorted(open_ones, key=lambda hit: (hit.decide_by_s or 0.0, hit.id))

    def blind(self) -> list[CameraState]:
        """Cameras that do not see now."""
        return [state for state in self.cameras.values() if state.blind is not None]

    def contradictions(self) -> list[str]:
        """Say which hits cannot all be of one vehicle: a clone drives, or one is wrong."""
        counting = [hit for hit in self.by_id.values() if hit.verdict != "rejected"]
        placed = [
            (hit.lon, hit.lat, hit.seen_s, f"the hit at {hit.camera}")
            for hit in sorted(counting, key=lambda hit: hit.seen_s)
            if hit.lon is not None and hit.lat is not None
        ]
        return jumps(placed)

    @folds(HitReported)
    def _reported(self, body: HitReported, entry: Entry) -> None:
        del entry
        self.by_id[body.hit] = WatchHit(
            id=body.hit, watch=body.watch, camera=body.camera, hit_class=body.hit_class,
            confidence=body.confidence, doubt=body.doubt, seen_s=seconds(body.seen),
            section=body.section, lon=body.lon, lat=body.lat, forward=body.forward,
            heading_deg=body.heading_deg,
            decide_by_s=None if body.decide_by is None else seconds(body.decide_by),
        )  # fmt: skip

    @folds(HitCropKept)
    def _kept(self, body: HitCropKept, entry: Entry) -> None:
        known = self.by_id.get(body.hit)
        if known is not None:
            self.by_id[known.id] = replace(known, crop_fact=entry.fact_id)

    @folds(HitDecided)
    def _decided(self, body: HitDecided, entry: Entry) -> None:
        del entry
        known = self.by_id.get(body.hit)
        if known is not None:
            self.by_id[known.id] = replace(known, verdict=body.verdict, confidence=body.confidence)

    @folds(CameraBlinded)
    def _blinded(self, body: CameraBlinded, entry: Entry) -> None:
        del entry
        self.cameras[body.camera] = CameraState(body.camera, body.why, seconds(body.since))

    @folds(CameraRestored)
    def _restored(self, body: CameraRestored, entry: Entry) -> None:
        del entry
        self.cameras[body.camera] = CameraState(body.camera, None, seconds(body.since))
