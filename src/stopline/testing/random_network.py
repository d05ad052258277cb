"""Random road networks: nearly planar, with the rare shapes that break planners.

Junctions are points in the plane joined to near neighbours, which gives degrees and detours like
those of real roads. On top come what files contain and textbooks leave out: several roads between
the same junctions, loops, dead ends, one-way roads, tunnels under everything, pieces that are not
connected, and lengths that tie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.network.builder import RawRoads, build_network
from stopline.network.road_network import ROAD_CLASSES, Direction, RoadNetwork

if TYPE_CHECKING:
    from numpy.typing import NDArray

_METRES_PER_DEGREE = 111_320.0
_NEAR = 4  # neighbours looked at: 3 to 4 roads meet at a junction of a real network
_SPREAD_DEG = 0.05


def random_network(
    rng: np.random.Generator,
    junctions: int,
    *,
    density: float = 0.7,
    one_way: float = 0.15,
    odd: float = 0.1,
    whole_seconds: bool = False,
    territories: int = 2,
) -> RoadNetwork:
    """Make a random road network.

    Args:
        rng: where chance comes from; the same state gives the same network.
        junctions: how many, >= 1.
        density: share of near neighbours that get a road, 0 to 1; below about 0.4 the network
            falls into several components.
        one_way: share of one-way roads.
        odd: loops, doubled roads and long tunnels to add, as a share of the roads.
        whole_seconds: give every road 10 m/s and a length of 10, 20, ... 100 m, so that routes
            tie and times are exact.
        territories: upright strips of equal width, each a territory; 0 for none known.

    Returns:
        The network, connected or not.
    """
    lon = 9.5 + _SPREAD_DEG * rng.random(junctions)
    lat = 47.1 + _SPREAD_DEG * rng.random(junctions)
    tail, head = _near_pairs(rng, lon, lat, density)
    tail, head = _with_odd_roads(rng, junctions, tail, head, odd)
    count = len(tail)
    flipped = rng.random(count) < 0.5  # noqa: PLR2004  (a coin)
    tail, head = np.where(flipped, head, tail), np.where(flipped, tail, head)

    classes = rng.integers(len(ROAD_CLASSES), size=count)
    if whole_seconds:
        length = 10.0 * rng.integers(1, 11, size=count)
        speed = np.full(count, 10.0)
    else:
        east = (lon[tail] - lon[head]) * np.cos(np.radians(47.1))
        straight = _METRES_PER_DEGREE * np.hypot(east, lat[tail] - lat[head])
        length = straight * rng.uniform(1.0, 1.5, count) + 20.0
        speed = rng.uniform(3.0, 36.0, count)
    sides = rng.choice([Direction.FORWARD, Direction.BACKWARD], size=count)
    direction = np.where(rng.random(count) < one_way, sides, Direction.BOTH)
    strip = np.minimum((lon - 9.5) / _SPREAD_DEG * max(territories, 1), max(territories, 1) - 1)
    return build_network(
        RawRoads(
            junction_lon=lon,
            junction_lat=lat,
            junction_territory=strip.astype(np.int16) if territories else -1,
            section_tail=tail,
            section_head=head,
            section_length_m=length,
            section_speed_mps=speed,
            section_class=classes,
            section_direction=direction,
            territories=tuple(f"T{number}" for number in range(territories)),
            source="stopline.testing.random_network",
        )
    )


def _near_pairs(
    rng: np.random.Generator, lon: NDArray[np.float64], lat: NDArray[np.float64], density: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of near junctions, each pair once, in an order that chance does not decide."""
    count = lon.shape[0]
    near = min(_NEAR, count - 1)
    if near <= 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    # Imported here: SciPy's tree is only needed by tests that make networks.
    from scipy.spatial import cKDTree  # noqa: PLC0415  (see above)

    _, found = cKDTree(np.column_stack((lon, lat))).query(
        np.column_stack((lon, lat)), k=near + 1, workers=1
    )
    a = np.repeat(np.arange(count), near)
    b = found[:, 1:].ravel()
    pairs = np.unique(np.column_stack((np.minimum(a, b), np.maximum(a, b))), axis=0)
    kept = pairs[(rng.random(pairs.shape[0]) < density) & (pairs[:, 0] != pairs[:, 1])]
    return kept[:, 0].astype(np.int64), kept[:, 1].astype(np.int64)


def _with_odd_roads(
    rng: np.random.Generator,
    junctions: int,
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    odd: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Add loops, second roads between the same junctions, and tunnels from anywhere to anywhere."""
    extra = rng.binomial(3 * max(tail.shape[0], 1), odd / 3) if odd > 0 else 0
    kind = rng.integers(3, size=extra)
    a = rng.integers(junctions, size=extra)
    b = rng.integers(junctions, size=extra)
    b[kind == 0] = a[kind == 0]
    if tail.shape[0]:
        copied = rng.integers(tail.shape[0], size=extra)
        a[kind == 1], b[kind == 1] = tail[copied[kind == 1]], head[copied[kind == 1]]
    return np.concatenate((tail, a)), np.concatenate((head, b))
