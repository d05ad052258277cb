"""The watch list of an incident as it is: which watch runs, and what is still to be erased."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stopline.journal.facts import BodyErased
from stopline.operation.core.context import seconds
from stopline.operation.core.projection import Projection, folds, projection
from stopline.operation.facts.hits import HitCropKept, HitDecided
from stopline.operation.facts.watch_list import (
    WatchAdded,
    WatchEnded,
    WatchExtended,
    WatchVehicleDescribed,
    WhyEnded,
)

if TYPE_CHECKING:
    from stopline.journal.base import Entry
    from stopline.operation.core.incident import Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One watch: one vehicle, one authority, one end.

    Attributes:
        id: of the watch.
        incident: whose it is.
        role: of the person who added it.
        authority: legal authority.
        since_s: when it began, UTC seconds.
        expires_s: when it ends by itself.
        plate: the plate that is looked for; empty for none, and when the watch is over.
        vehicle: description; empty when the watch is over.
        ended_s: when it ended; None while it runs.
        why: why it ended; None while it runs.
    """

    id: str
    incident: str
    role: str
    authority: str
    since_s: float
    expires_s: float
    plate: str = ""
    vehicle: str = ""
    ended_s: float | None = None
    why: WhyEnded | None = None

    def has_run_out(self, now_s: float) -> bool:
        """Whether it is over by itself: from the very moment of its expiry on."""
        return now_s >= self.expires_s


@projection("incident")
class WatchList(Projection):
    """The watches of an incident, of which at most one runs.

    Attributes:
        by_id: all, in the order in which they were added.
        to_erase: facts whose personal bodies must go, with the command behind each.
    """

    def __init__(self) -> None:
        self.by_id: dict[str, Watch] = {}
        self.to_erase: dict[str, str] = {}
        self._bodies: dict[str, dict[str, str]] = {}
        self._crops: dict[str, str] = {}

    def listed(self) -> Watch | None:
        """The watch that nobody has ended; whether it still matches is `running`'s answer."""
        return next((one for one in self.by_id.values() if one.ended_s is None), None)

    def bodies(self, watch: str) -> dict[str, str]:
        """Facts that name the vehicle of a watch, with the command behind each."""
        return dict(self._bodies.get(watch, {}))

    @folds(WatchAdded)
    def _added(self, body: WatchAdded, entry: Entry) -> None:
        self.by_id[body.watch] = Watch(
            id=body.watch, incident=str(entry.incident), role=entry.role, authority=body.authority,
            since_s=entry.time_s, expires_s=seconds(body.expires),
        )  # fmt: skip

    @folds(WatchVehicleDescribed)
    def _described(self, body: WatchVehicleDescribed, entry: Entry) -> None:
        known = self.by_id.get(body.watch)
        if known is not None:
            self._bodies.setdefault(body.watch, {})[entry.fact_id] = body.command
            self.by_id[known.id] = replace(known, plate=body.plate, vehicle=body.vehicle)

    @folds(WatchExtended)
    def _extended(self, body: WatchExtended, entry: Entry) -> None:
        del entry
        known = self.by_id.get(body.watch)
        if known is not None:
            ends_s = seconds(body.expires)
            self.by_id[known.id] = replace(known, authority=body.authority, expires_s=ends_s)

    @folds(WatchEnded)
    def _ended(self, body: WatchEnded, entry: Entry) -> None:
        known = self.by_id.get(body.watch)
        if known is not None:
            self._bodies.pop(body.watch, None)
            self.to_erase.update(zip(body.bodies, body.commands, strict=True))
            self.by_id[known.id] = replace(
                known, plate="", vehicle="", ended_s=entry.time_s, why=body.why
            )

    @folds(HitCropKept)
    def _crop_kept(self, body: HitCropKept, entry: Entry) -> None:
        self._crops[body.hit] = entry.fact_id
        self._bodies.setdefault(body.watch, {})[entry.fact_id] = body.command

    @folds(HitDecided)
    def _hit_decided(self, body: HitDecided, entry: Entry) -> None:
        """Another vehicle's picture goes at once, not with the watch."""
        del entry
        fact_id = self._crops.get(body.hit, "")
        bodies = self._bodies.get(body.watch, {})
        if body.verdict == "rejected" and fact_id in bodies:
            self.to_erase[fact_id] = bodies.pop(fact_id)

    @folds(BodyErased)
    def _erased(self, body: BodyErased, entry: Entry) -> None:
        del entry
        self.to_erase.pop(body.fact_id, None)


def running(incident: Incident, now_s: float) -> Watch | None:
    """The watch that cameras may match against now, or None.

    It is off from the very moment of its expiry, of the end of the incident's authority, and of
    the stand-down, whether or not that has been written down yet.
    """
    known = incident.projection(WatchList).listed()
    if known is None or known.has_run_out(now_s) or not incident.authorised(now_s):
        return None
    return None if standing_down(incident) else known


def standing_down(incident: Incident) -> bool:
    """Whether the protocol is in a phase that withdraws, or over."""
    phase = incident.machine.protocol.phases[incident.phase]
    return phase.withdraws or phase.final
