"""Points of a scenario put on the road network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.network.access import CarefulUnits, UnitAccess, VehicleAccess
from stopline.network.main_part import MainPart, UnitSnapper
from stopline.network.snapping import Snapper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.network.road_network import RoadNetwork
    from stopline.network.snapping import Snapped as Columns


@dataclass(frozen=True, slots=True)
class SnappedPoint:
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
        self._units: tuple[object, UnitSnapper] | None = None
        self._vehicle: tuple[VehicleAccess, MainPart] | None = None

    def snap(self, points: Sequence[tuple[float, float]]) -> tuple[SnappedPoint, ...]:
        """Put points, given as (lon, lat), on their nearest sections."""
        if not points:
            return ()
        if self._snapper is None:
            self._snapper = Snapper(self._network)
        lon, lat = np.array(points, dtype=np.float64).T
        found = self._snapper.snap(lon, lat)
        return rows(found)

    def place_units(
        self,
        points: Sequence[tuple[float, float]],
        rules: UnitAccess,
        fixed: Sequence[bool],
    ) -> tuple[SnappedPoint, ...]:
        """Put units, given as (lon, lat), where they stand; see `main_part.UnitSnapper`.

        Args:
            points: their positions.
            rules: what units drive on.
            fixed: which of them are in position.
        """
        if not points:
            return ()
        lon, lat = np.array(points, dtype=np.float64).T
        return rows(self.unit_snapper(rules).place(lon, lat, fixed).at)

    def main(self, vehicle: VehicleAccess) -> MainPart:
        """The main part of the network for a vehicle; made once for the same vehicle."""
        if self._vehicle is None or self._vehicle[0] != vehicle:
            self._vehicle = vehicle, MainPart(self._network, vehicle)
        return self._vehicle[1]

    def unit_snapper(self, rules: UnitAccess) -> UnitSnapper:
        """What puts units on the roads; made once for the same rules."""
        key = tuple(getattr(rules, name) for name in CarefulUnits.__dataclass_fields__)
        if self._units is None or self._units[0] != key:
            self._units = key, UnitSnapper(self._network, rules)
        return self._units[1]

    def too_far(self, lon: float, lat: float, distance_m: float) -> str:
        """Say how far off the roads a point is, and whether its coordinates look swapped."""
        text = f"{distance_m / 1000:.1f} km from the nearest road"
        return f"{text} (lon and lat look swapped)" if self.swapped(lon, lat, distance_m) else text

    def swapped(self, lon: float, lat: float, distance_m: float) -> bool:
        """Whether a point that far off the roads lies on them with its coordinates exchanged."""
        if abs(lon) > 90.0:  # noqa: PLR2004
            return False
        (turned,) = self.snap([(lat, lon)])
        return turned.distance_m < distance_m / 10


def rows(found: Columns) -> tuple[SnappedPoint, ...]:
    """Points one by one."""
    columns = (found.section.tolist(), found.fraction.tolist(), found.distance_m.tolist())
    return tuple(SnappedPoint(*row) for row in zip(*columns, strict=True))
