"""Points of a scenario put on the road network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.network.snapping import Snapper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.network.road_network import RoadNetwork


@dataclass(frozen=True, slots=True)
class Snapped:
    """A point on the nearest section.

    Attributes:
        section: number of the section.
        fraction: part of its length from its tail.
        distance_m: how far the point was moved.
    """

    section: int
    fraction: float
    distance_m: float


class PointSnapper:
    """Puts points on the network; what that needs is prepared once, at the first point."""

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        self._snapper: Snapper | None = None

    def snap(self, points: Sequence[tuple[float, float]]) -> tuple[Snapped, ...]:
        """Put points, given as (lon, lat), on their nearest sections."""
        if not points:
            return ()
        if self._snapper is None:
            self._snapper = Snapper(self._network)
        lon, lat = np.array(points, dtype=np.float64).T
        found = self._snapper.snap(lon, lat)
        columns = (found.section.tolist(), found.fraction.tolist(), found.distance_m.tolist())
        return tuple(Snapped(*row) for row in zip(*columns, strict=True))

    def too_far(self, lon: float, lat: float, distance_m: float) -> str:
        """Say how far off the roads a point is, and whether its coordinates look swapped."""
        text = f"{distance_m / 1000:.1f} km from the nearest road"
        if abs(lon) <= 90.0:  # noqa: PLR2004
            (turned,) = self.snap([(lat, lon)])
            if turned.distance_m < distance_m / 10:
                return f"{text} (lon and lat look swapped)"
        return text
