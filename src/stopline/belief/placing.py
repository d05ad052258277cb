"""Samples where a sighting says the vehicle is: on the roads around, by distance and length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.belief.likelihood import arcs_of, square_distance, true_density
from stopline.belief.sightings import CameraHit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.belief.likelihood import ArcArea, Spot
    from stopline.belief.motion import Motion
    from stopline.belief.sightings import Positive

_FAR: Final = 4.0  # sigmas
_MOST_PIECES: Final = 2000


def place_on_arcs(
    sighting: Positive,
    spot: Spot,
    motion: Motion,
    region: ArcArea,
    open_: NDArray[np.bool_],
    count: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int32], NDArray[np.float64]] | None:
    """Draw places, arcs and parts of their lengths; None if no open arc is near.

    `open_` is bool[a], the arcs that may be used.
    """
    if isinstance(sighting, CameraHit):
        arcs = arcs_of(sighting.section, forward=sighting.forward, motion=motion)
        arcs = arcs[open_[arcs]]
        if not arcs.size:
            return None
        return rng.choice(arcs, count).astype(np.int32), np.full(count, 0.5)
    near = _near(spot, region, open_)
    if not near.size:
        return None
    metres = motion.graph.network.section_length_m[motion.graph.section[near]]
    pieces = np.clip(np.ceil(metres / (spot.sigma_m / 2)), 1, _MOST_PIECES).astype(np.int64)
    owner = np.repeat(np.arange(near.size), pieces)
    number = np.arange(owner.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    wide = 1.0 / pieces[owner]
    part = (number + 0.5) * wide
    arc = near[owner].astype(np.int32)
    weight = true_density(spot, region, arc, part) * metres[owner] * wide
    if weight.sum() <= 0:
        return None
    drawn = rng.choice(owner.size, count, p=weight / weight.sum())
    return arc[drawn], part[drawn] + (rng.random(count) - 0.5) * wide[drawn]


def _near(spot: Spot, region: ArcArea, open_: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Open arcs within a few sigmas of a spot, by their nearest point; else the nearest arcs."""
    dx, dy = region.lon_2 - region.lon, region.lat_2 - region.lat
    stretch = np.cos(np.radians(spot.lat))
    along = (spot.lon - region.lon) * dx * stretch**2 + (spot.lat - region.lat) * dy
    length = (dx * stretch) ** 2 + dy**2
    part = np.clip(along / np.maximum(length, 1e-18), 0, 1)
    square = square_distance(spot, region.lon + part * dx, region.lat + part * dy)
    square[~open_] = np.inf
    near = np.flatnonzero(square <= (_FAR * spot.sigma_m) ** 2)
    if near.size or not np.isfinite(square.min()):
        return near
    return np.flatnonzero(square <= square.min() * 1.0001 + 1.0)
