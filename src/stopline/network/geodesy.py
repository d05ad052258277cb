"""Distances on the sphere, so that every reader and search measures in the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from stopline.network.road_network import RoadNetwork

EARTH_RADIUS_M: Final = 6_371_008.8
METRES_PER_DEGREE: Final = EARTH_RADIUS_M * np.pi / 180


def distance_m(
    lon_1: ArrayLike, lat_1: ArrayLike, lon_2: ArrayLike, lat_2: ArrayLike
) -> NDArray[np.float64]:
    """Measure the great circle between points, float64, by the haversine formula.

    Args:
        lon_1: degrees; all four arrays broadcast against each other.
        lat_1: degrees.
        lon_2: degrees.
        lat_2: degrees.

    Returns:
        Metres on a sphere of mean radius (0.5 % off the ellipsoid at most); NaN stays NaN.
    """
    phi_1, phi_2 = np.radians(lat_1), np.radians(lat_2)
    half_lat = np.sin((phi_2 - phi_1) / 2)
    half_lon = np.sin(np.radians(np.asarray(lon_2) - np.asarray(lon_1)) / 2)
    chord = half_lat**2 + np.cos(phi_1) * np.cos(phi_2) * half_lon**2
    length: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(chord, 0, 1)))
    return length


def along(network: RoadNetwork, section: int, fraction: float) -> tuple[float, float]:
    """The point at a part of a section's length from its tail; lon, lat."""
    line = network.geometry(section)
    shrink = np.array([np.cos(np.radians(line[0, 1])), 1.0])
    steps = np.linalg.norm(np.diff(line, axis=0) * shrink, axis=1)
    passed = np.concatenate(([0.0], np.cumsum(steps)))
    at = passed[-1] * fraction
    return float(np.interp(at, passed, line[:, 0])), float(np.interp(at, passed, line[:, 1]))
