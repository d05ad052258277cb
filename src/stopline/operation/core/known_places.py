"""Where this node's units stand and where the vehicle was seen: what other places are held against.

A node that was told of no region has no roads to hold a position against; what it knows by now
serves in their stead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.operation.core.projection import Projection, folds, projection
from stopline.operation.facts.readiness import UnitRetired, UnitsRegistered
from stopline.operation.facts.sightings import SightingNoted

if TYPE_CHECKING:
    from stopline.journal.base import Entry


@projection("node")
class KnownPlaces(Projection):
    """Bases of units and places of sightings, as longitude and latitude."""

    def __init__(self) -> None:
        self.bases: dict[str, tuple[float, float]] = {}
        self.seen: list[tuple[float, float]] = []

    def all(self) -> list[tuple[float, float]]:
        """Every place that is known."""
        return [*self.bases.values(), *self.seen]

    @folds(UnitsRegistered)
    def _registered(self, body: UnitsRegistered, _entry: Entry) -> None:
        self.bases.update({one.id: (one.lon, one.lat) for one in body.units})

    @folds(UnitRetired)
    def _retired(self, body: UnitRetired, _entry: Entry) -> None:
        self.bases.pop(body.unit, None)

    @folds(SightingNoted)
    def _noted(self, body: SightingNoted, _entry: Entry) -> None:
        if body.lon is not None and body.lat is not None:
            self.seen.append((body.lon, body.lat))
