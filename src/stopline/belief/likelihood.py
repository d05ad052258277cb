"""How probable a sighting is if the vehicle is at a place: L(z | x).

A report is true with probability r (`truth_of`). A true one names a place with a Gaussian error
around the vehicle; a false one names any place of the region alike. So

    L = r N(distance; sigma) V(heading error) + (1 - r) / (A 2 pi),

N the density of a Gaussian in the plane, half of whose mass lies within the report's radius, V von
Mises with kappa = 2 (uniform where no heading is given), A the region's area.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.belief.sightings import CameraHit, truth_of
from stopline.network.geodesy import METRES_PER_DEGREE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.belief.motion import Motion
    from stopline.belief.sightings import Heading, Positive

_MEDIAN: Final = 1.1774100225154747  # median of a Rayleigh distribution with sigma 1
_KAPPA: Final = 2.0
_BESSEL: Final = 2.2795853023360673  # I0(2)
CAMERA_RADIUS_M: Final = 75.0


@dataclass(frozen=True, slots=True)
class ArcArea:
    """Where arcs lie: ends in degrees, float64[a] each, and the area of all, square metres."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    lon_2: NDArray[np.float64]
    lat_2: NDArray[np.float64]
    area_m2: float


@dataclass(frozen=True, slots=True)
class Spot:
    """A sighting as a place with an error: degrees, metres, direction in radians or None."""

    lon: float
    lat: float
    sigma_m: float
    bearing: float | None


def region_of(motion: Motion) -> ArcArea:
    """The region of a motion model's graph."""
    graph, network = motion.graph, motion.graph.network
    tail, head = graph.junction[graph.tail], graph.junction[graph.head]
    lon, lat = network.junction_lon, network.junction_lat
    wide = np.ptp(lon) * np.cos(np.radians(np.mean(lat))) * METRES_PER_DEGREE
    high = np.ptp(lat) * METRES_PER_DEGREE
    return ArcArea(lon[tail], lat[tail], lon[head], lat[head], float(max(wide * high, 1e6)))


def spot_of(sighting: Positive, motion: Motion, region: ArcArea) -> Spot:
    """Where a sighting says the vehicle was."""
    if isinstance(sighting, CameraHit):
        arc = arcs_of(sighting.section, forward=sighting.forward, motion=motion)[0]
        lon = (region.lon[arc] + region.lon_2[arc]) / 2
        lat = (region.lat[arc] + region.lat_2[arc]) / 2
        bearing = None if sighting.forward is None else float(bearings(region, np.array([arc]))[0])
        return Spot(float(lon), float(lat), CAMERA_RADIUS_M / _MEDIAN, bearing)
    spread_m = sighting.radius_m / _MEDIAN
    # It drove on during the window of time: that widens the place, at town speed.
    drift_m = (sighting.until_s - sighting.from_s) / np.sqrt(12.0) * 14.0
    bearing = None if sighting.heading_deg is None else float(np.radians(sighting.heading_deg))
    return Spot(sighting.lon, sighting.lat, float(np.hypot(spread_m, drift_m)), bearing)


def arcs_of(section: int, *, forward: bool | None, motion: Motion) -> NDArray[np.int64]:
    """The arcs of a section that may be driven, in one direction or both."""
    ways = (0, 1) if forward is None else (int(forward),)
    own = np.array([arc for way in ways if (arc := int(motion.arc_of[way, section])) >= 0])
    open_ = own[np.isfinite(motion.graph.time_s[own])] if own.size else own
    return open_ if open_.size else own


def bearings(region: ArcArea, arc: NDArray[np.int64] | NDArray[np.int32]) -> NDArray[np.float64]:
    """Direction of arcs, radians clockwise from north."""
    east = (region.lon_2[arc] - region.lon[arc]) * np.cos(np.radians(region.lat[arc]))
    found: NDArray[np.float64] = np.arctan2(east, region.lat_2[arc] - region.lat[arc])
    return found


def points(
    region: ArcArea, arc: NDArray[np.int32], part: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude of places on arcs, `part` of the way along."""
    lon = region.lon[arc] + part * (region.lon_2[arc] - region.lon[arc])
    lat = region.lat[arc] + part * (region.lat_2[arc] - region.lat[arc])
    return lon, lat


def square_distance(
    spot: Spot, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Squared distance from a spot, square metres, on the plane that touches there."""
    east = (lon - spot.lon) * (METRES_PER_DEGREE * np.cos(np.radians(spot.lat)))
    north = (lat - spot.lat) * METRES_PER_DEGREE
    square: NDArray[np.float64] = east * east + north * north
    return square


def true_density(
    spot: Spot,
    region: ArcArea,
    arc: NDArray[np.int32],
    part: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Density of a true report of a spot, if the vehicle is at places on arcs, float64[p]."""
    lon, lat = points(region, arc, part)
    variance = spot.sigma_m**2
    density: NDArray[np.float64] = np.exp(-square_distance(spot, lon, lat) / (2 * variance)) / (
        2 * np.pi * variance
    )
    if spot.bearing is None:
        anywhere: NDArray[np.float64] = density / (2 * np.pi)
        return anywhere
    turn = bearings(region, arc) - spot.bearing
    von_mises: NDArray[np.float64] = np.exp(_KAPPA * np.cos(turn)) / (2 * np.pi * _BESSEL)
    both: NDArray[np.float64] = density * von_mises
    return both


def peak_density(spot: Spot) -> float:
    """The density of a true report for a vehicle right on the spot, heading as reported."""
    turned = 1 / (2 * np.pi) if spot.bearing is None else np.exp(_KAPPA) / (2 * np.pi * _BESSEL)
    return float(turned / (2 * np.pi * spot.sigma_m**2))


def false_density(region: ArcArea) -> float:
    """Density of a false report: any place and direction alike."""
    return 1.0 / (region.area_m2 * 2 * np.pi)


def likelihood(
    sighting: Positive, density: NDArray[np.float64], region: ArcArea
) -> NDArray[np.float64]:
    """L(z | x) from the density of a true report."""
    true = truth_of(sighting)
    return true * density + (1 - true) * false_density(region)


def heading_likelihood(heading: Heading, names: tuple[str, ...]) -> NDArray[np.float64]:
    """L(z | destination), float64[d]: a false report names any destination alike."""
    true = truth_of(heading)
    named = np.array([name == heading.destination for name in names], dtype=np.float64)
    return true * named + (1 - true) / len(names)
