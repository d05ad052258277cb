"""Points of a scenario put on the road network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.network.snapping import snap

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


def snap_points(network: RoadNetwork, points: Sequence[tuple[float, float]]) -> tuple[Snapped, ...]:
    """Put points, given as (lon, lat), on their nearest sections."""
    if not points:
        return ()
    lon, lat = np.array(points, dtype=np.float64).T
    section, fraction, distance_m = snap(network, lon, lat)
    return tuple(
        Snapped(int(section[i]), float(fraction[i]), float(distance_m[i]))
        for i in range(len(points))
    )


def too_far(network: RoadNetwork, lon: float, lat: float, distance_m: float) -> str:
    """Say how far off the roads a point is, and whether its coordinates look swapped."""
    text = f"{distance_m / 1000:.1f} km from the nearest road"
    if abs(lon) <= 90.0:  # noqa: PLR2004
        (turned,) = snap_points(network, [(lat, lon)])
        if turned.distance_m < distance_m / 10:
            return f"{text} (lon and lat look swapped)"
    return text
