"""From a position on the map to the road: the nearest section and the place along it.

Distances are exact in the plane that touches the sphere's parallel at each position, which at the
few kilometres between a position and its road is the ground itself. A first guess of the radius
is widened until the nearest road lies within it, so that no nearer one can be outside.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from stopline.errors import BadInput
from stopline.network.great_circle import METRES_PER_DEGREE, distance_m

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from stopline.network.road_network import RoadNetwork

_FIRST_RADIUS_M: Final = 300.0
_WIDEN: Final = 4.0
_HALF_EARTH_M: Final = 2.1e7
_FEW: Final = 32  # up to so many positions, comparing with all boxes beats building a tree
_SMALLEST_COSINE: Final = 1e-3


class Snapped(NamedTuple):
    """The nearest sections of n positions.

    Attributes:
        section: int32[n].
        fraction: float64[n], place along the section from its tail, 0 to 1.
        distance_m: float64[n], from the position to the section.
    """

    section: NDArray[np.int32]
    fraction: NDArray[np.float64]
    distance_m: NDArray[np.float64]


def snap(
    network: RoadNetwork,
    lon: ArrayLike,
    lat: ArrayLike,
    drivable_mask: NDArray[np.bool_] | None = None,
) -> Snapped:
    """Find the nearest section of each position; see `Snapper`, which to keep for many calls."""
    return Snapper(network, drivable_mask).snap(lon, lat)


class Snapper:
    """Finds nearest sections; keeps what it prepares, so keep it while the network is open.

    Args:
        network: the network; it must have coordinates.
        drivable_mask: bool[s], sections to consider; all if None.

    Raises:
        BadInput: the network has no coordinates, or no section may be considered.
    """

    def __init__(
        self, network: RoadNetwork, drivable_mask: NDArray[np.bool_] | None = None
    ) -> None:
        _need_coordinates(network)
        everything = np.ones(network.sections, dtype=bool)
        self._rows = np.flatnonzero(everything if drivable_mask is None else drivable_mask)
        if self._rows.size == 0:
            raise BadInput.single("snapping", "no section to snap to", "at least one drivable road")
        self._first, self._lon, self._lat = section_points(network)

    def snap(self, lon: ArrayLike, lat: ArrayLike) -> Snapped:
        """Find the nearest section of each position.

        Args:
            lon: degrees, float64[n].
            lat: degrees, float64[n].

        Returns:
            Section, fraction and distance of each; of equally near sections the first.

        Raises:
            BadInput: a position is no place on Earth.
        """
        x, y = _positions(lon, lat)
        result = Snapped(np.full(x.size, -1, np.int32), np.zeros(x.size), np.full(x.size, np.inf))
        open_rows, radius = np.arange(x.size), _FIRST_RADIUS_M
        while open_rows.size:
            point, section = self._near(x[open_rows], y[open_rows], radius)
            self._nearest(x, y, open_rows[point], section, result)
            if radius > _HALF_EARTH_M:
                break
            open_rows = open_rows[result.distance_m[open_rows] > radius]
            radius *= _WIDEN
        return result

    @cached_property
    def _boxes(self) -> NDArray[np.float64]:
        """West, south, east, north of each section considered, float64[4, m]."""
        begin = self._first[:-1]
        sides = (
            np.minimum.reduceat(self._lon, begin),
            np.minimum.reduceat(self._lat, begin),
            np.maximum.reduceat(self._lon, begin),
            np.maximum.reduceat(self._lat, begin),
        )
        return np.stack(sides)[:, self._rows]

    @cached_property
    def _tree(self) -> object:
        import shapely  # noqa: PLC0415  (a single position needs no tree)

        return shapely.STRtree(shapely.box(*self._boxes))

    def _near(
        self, x: NDArray[np.float64], y: NDArray[np.float64], radius_m: float
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Pairs of position and section whose box is within the radius, by position."""
        high = radius_m / METRES_PER_DEGREE * 1.001
        # The widest parallel of the window is the one nearest the pole.
        toward_pole = np.minimum(np.abs(y) + high, 90.0)
        wide = high / np.maximum(np.cos(np.radians(toward_pole)), _SMALLEST_COSINE)
        if x.size > _FEW:
            import shapely  # noqa: PLC0415

            windows = shapely.box(x - wide, y - high, x + wide, y + high)
            point, row = self._tree.query(windows)  # type: ignore[attr-defined]
            order = np.lexsort((row, point))
            return point[order], self._rows[row[order]]
        west, south, east, north = self._boxes
        pairs = [
            np.flatnonzero(
                (west <= a + w) & (east >= a - w) & (south <= b + high) & (north >= b - high)
            )
            for a, b, w in zip(x, y, wide, strict=True)
        ]
        point = np.repeat(np.arange(x.size), [rows.size for rows in pairs])
        return point, self._rows[np.concatenate(pairs)]

    def _nearest(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        point: NDArray[np.intp],
        section: NDArray[np.intp],
        result: Snapped,
    ) -> None:
        """Measure each pair of position and section, and keep the nearest in `result`."""
        if point.size == 0:
            return
        count = np.diff(self._first)[section] - 1
        pair = np.repeat(np.arange(point.size), count)
        begin = np.concatenate(([0], np.cumsum(count)))
        at = self._first[section][pair] + np.arange(pair.size) - begin[pair]
        owner = point[pair]
        scale = METRES_PER_DEGREE * np.cos(np.radians(y[owner]))
        x_1, y_1 = (self._lon[at] - x[owner]) * scale, (self._lat[at] - y[owner]) * METRES_PER_DEGREE
        step_x = (self._lon[at + 1] - self._lon[at]) * scale
        step_y = (self._lat[at + 1] - self._lat[at]) * METRES_PER_DEGREE
        square = step_x**2 + step_y**2
        along = np.clip(-(x_1 * step_x + y_1 * step_y) / np.where(square > 0, square, 1), 0, 1)
        off = np.hypot(x_1 + along * step_x, y_1 + along * step_y)
        order = np.lexsort((off, owner))
        owners, where = np.unique(owner[order], return_index=True)
        best = order[where]
        better = off[best] < result.distance_m[owners]
        owners, best = owners[better], best[better]
        result.section[owners] = section[pair[best]]
        result.distance_m[owners] = off[best]
        result.fraction[owners] = self._fractions(section[pair[best]], at[best], along[best])

    def _fractions(
        self, section: NDArray[np.intp], at: NDArray[np.intp], along: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Fraction of the section's length at part `along` of the step from point `at`."""
        fractions = np.empty(section.size)
        for row, (number, point, part) in enumerate(zip(section, at, along, strict=True)):
            first, last = int(self._first[number]), int(self._first[number + 1])
            lon, lat = self._lon[first:last], self._lat[first:last]
            step = distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
            done = float(step[: point - first].sum() + part * step[point - first])
            fractions[row] = done / max(float(step.sum()), 1e-9)
        return np.clip(fractions, 0.0, 1.0)


def section_points(
    network: RoadNetwork,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """All sections' points from tail to head, ends included: first[s + 1], lon, lat."""
    sections = np.arange(network.sections)
    first = network.shape_first + 2 * np.arange(network.sections + 1)
    lon, lat = np.empty(int(first[-1])), np.empty(int(first[-1]))
    inner = np.ones(lon.shape[0], dtype=bool)
    for place, junction in (
        (first[sections], network.section_tail),
        (first[sections + 1] - 1, network.section_head),
    ):
        lon[place], lat[place] = network.junction_lon[junction], network.junction_lat[junction]
        inner[place] = False
    lon[inner], lat[inner] = network.shape_lon, network.shape_lat
    return first, lon, lat


def junctions_within(
    network: RoadNetwork, lon: float, lat: float, radius_m: float
) -> NDArray[np.int32]:
    """Find the junctions within a radius of a position, the nearest first, int32[m]."""
    away = _junction_distances(network, lon, lat)
    inside = np.flatnonzero(away <= radius_m)
    return inside[np.argsort(away[inside], kind="stable")].astype(np.int32)


def nearest_junction(network: RoadNetwork, lon: float, lat: float) -> int:
    """Find the junction nearest to a position."""
    return int(np.argmin(_junction_distances(network, lon, lat)))


def _junction_distances(network: RoadNetwork, lon: float, lat: float) -> NDArray[np.float64]:
    _need_coordinates(network)
    x, y = _positions(lon, lat)
    return distance_m(network.junction_lon, network.junction_lat, x, y)


def _positions(
    lon: ArrayLike, lat: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x = np.atleast_1d(np.asarray(lon, dtype=np.float64))
    y = np.atleast_1d(np.asarray(lat, dtype=np.float64))
    usable = (np.abs(x) <= 180) & (np.abs(y) <= 90)  # noqa: PLR2004  (NaN compares false)
    if not usable.all():
        row = int(np.argmin(usable))
        raise BadInput.single(
            f"position {row}", f"{x[row]}, {y[row]}", "longitude and latitude in degrees"
        )
    return x, y


def _need_coordinates(network: RoadNetwork) -> None:
    known = np.isfinite(network.junction_lon) & np.isfinite(network.junction_lat)
    if network.junctions == 0 or not known.all():
        raise BadInput.single(
            network.source or "the network",
            "junctions without coordinates",
            "longitude and latitude of every junction, to find places on the map",
        )
