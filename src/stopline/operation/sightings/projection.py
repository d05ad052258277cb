"""All sightings of an incident, our own and the other side's, as they stand now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stopline.journal.facts import BodyErased
from stopline.link.procedure_message import ProcedureSaid, SharedSighting
from stopline.operation.core.context import seconds
from stopline.operation.core.projection import Projection, folds, on_message, projection
from stopline.operation.facts.sightings import (
    SightingConfirmed,
    SightingNoted,
    SightingRetracted,
    SightingSourceNoted,
)

if TYPE_CHECKING:
    from stopline.journal.base import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One sighting.

    Attributes:
        id: id of the fact that noted it; of the other side's, `theirs/` and their id.
        theirs: the other side told it.
        lon: WGS 84 degrees, or None if only the section is known.
        lat: WGS 84 degrees, or None if only the section is known.
        radius_m: how far from there it may have been.
        section: section of this node's network, or None.
        place: where, as people name it.
        seen_s: when, UTC seconds.
        heading_deg: degrees clockwise from north, or None.
        towards: where it is heading, as people name it, or None.
        nothing_seen: the place was watched and the vehicle was not there.
        watched_from_s: since when it was watched, up to `seen_s`; None if it was seen.
        source: who or what saw it; empty for the other side's, and where it was erased.
        grade: A to F and 1 to 6.
        confirmed: held for certain by the side that noted it.
        noted_s: when this node wrote it down.
        noted_by: the person, or the other node.
        retracted: why it counts no more; empty while it counts.
        retracted_s: since when this node knows that; None while it counts.
        shared: ids of the messages that told the other side.
        withdrawal_told: the other side was told that it counts no more.
        confidence: of a camera, that it was the vehicle; None for others.
        forward: from the section's tail to its head; None if not known.
        detection: of a camera that saw nothing, that it finds what passes.
    """

    id: str
    theirs: bool
    lon: float | None
    lat: float | None
    radius_m: float
    section: int | None
    place: str
    seen_s: float
    heading_deg: float | None
    towards: str | None
    nothing_seen: bool
    source: str
    grade: str
    confirmed: bool
    noted_s: float
    noted_by: str
    watched_from_s: float | None = None
    retracted: str = ""
    retracted_s: float | None = None
    shared: tuple[str, ...] = ()
    withdrawal_told: bool = False
    confidence: float | None = None
    forward: bool | None = None
    detection: float | None = None


@projection("incident")
class Sightings(Projection):
    """All sightings of an incident by id, in the order in which they became known."""

    def __init__(self) -> None:
        self.by_id: dict[str, Sighting] = {}
        self._sources: dict[str, tuple[str, str]] = {}

    def source_fact(self, sighting: str) -> tuple[str, str] | None:
        """The fact that names the source of a sighting, and its command; None if there is none."""
        return self._sources.get(sighting)

    def standing(self) -> list[Sighting]:
        """Those that count, by the time at which the vehicle was seen."""
        return sorted((s for s in self.by_id.values() if not s.retracted), key=lambda s: s.seen_s)

    def last_seen(self) -> Sighting | None:
        """The latest that counts; a confirmed one before any other; None if there is none."""
        seen = [s for s in self.standing() if not s.nothing_seen]
        return max(seen, key=lambda s: (s.confirmed, s.seen_s), default=None)

    def withdrawals_untold(self) -> list[Sighting]:
        """Those that the other side was told and that were taken back without telling it."""
        return [
            s for s in self.by_id.values() if s.shared and s.retracted and not s.withdrawal_told
        ]

    @folds(SightingNoted)
    def _noted(self, body: SightingNoted, entry: Entry) -> None:
        self.by_id[entry.fact_id] = Sighting(
            id=entry.fact_id, theirs=False, lon=body.lon, lat=body.lat, radius_m=body.radius_m,
            section=body.section, place=body.place, seen_s=seconds(body.seen),
            heading_deg=body.heading_deg, towards=body.towards, nothing_seen=body.nothing_seen,
            source=body.source, grade=body.grade, confirmed=body.confirmed, noted_s=entry.time_s,
            noted_by=entry.author,
            watched_from_s=seconds(body.watched_from) if body.watched_from else None,
            confidence=body.confidence, forward=body.forward, detection=body.detection,
        )  # fmt: skip

    @folds(SightingSourceNoted)
    def _source_noted(self, body: SightingSourceNoted, entry: Entry) -> None:
        known = self.by_id.get(body.sighting)
        if known is not None:
            self._sources[known.id] = (entry.fact_id, body.command)
            self.by_id[known.id] = replace(known, source=body.source)

    @folds(BodyErased)
    def _source_erased(self, body: BodyErased, entry: Entry) -> None:
        del entry
        for name, (fact_id, _) in tuple(self._sources.items()):
            if fact_id == body.fact_id:
                del self._sources[name]
                self.by_id[name] = replace(self.by_id[name], source="")

    @folds(SightingConfirmed)
    def _confirmed(self, body: SightingConfirmed, entry: Entry) -> None:
        del entry
        known = self.by_id.get(body.sighting)
        if known is not None:
            self.by_id[known.id] = replace(
                known, confirmed=True, grade=body.grade, towards=body.towards or known.towards
            )

    @folds(SightingRetracted)
    def _retracted(self, body: SightingRetracted, entry: Entry) -> None:
        known = self.by_id.get(body.sighting)
        if known is not None:
            self.by_id[known.id] = replace(known, retracted=body.reason, retracted_s=entry.time_s)

    @on_message(ProcedureSaid)
    def _said(self, body: ProcedureSaid, entry: Entry, *, received: bool) -> None:
        for shared in body.sightings:
            if received:
                self._take_in(shared, entry)
                continue
            known = self.by_id.get(shared.sighting)
            if known is not None:
                message = str((entry.body or {})["message"])
                self.by_id[known.id] = replace(
                    known, shared=(*known.shared, message), withdrawal_told=shared.withdrawn
                )

    def _take_in(self, shared: SharedSighting, entry: Entry) -> None:
        name = f"theirs/{shared.sighting}"
        known = self.by_id.get(name)
        withdrawn = "withdrawn by the other side" if shared.withdrawn else ""
        if withdrawn and known is not None:
            self.by_id[name] = replace(known, retracted=withdrawn, retracted_s=entry.time_s)
            return
        self.by_id[name] = Sighting(
            id=name, theirs=True, lon=shared.lon, lat=shared.lat, radius_m=shared.radius_m,
            section=None, place="", seen_s=seconds(shared.seen),
            heading_deg=shared.heading_deg, towards=shared.towards, nothing_seen=False, source="",
            grade=shared.grade, confirmed=shared.confirmed, noted_s=entry.time_s,
            noted_by=entry.author,
            retracted=withdrawn, retracted_s=entry.time_s if withdrawn else None,
        )  # fmt: skip
