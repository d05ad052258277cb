"""From a position on the map to the road: the nearest section and the place along it.

Distances are exact in the plane that touches the sphere's parallel at each position, which at the
few kilometres between a position and its road is the ground itself. A good guess bounds the
distance; then every section whose bounding box is not farther is measured, so none is missed.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from stopline.errors import BadInput
from stopline.network.geodesy import METRES_PER_DEGREE, distance_m

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from stopline.network.road_network import RoadNetwork

_BLOCK: Final = 256
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
            where = network.source or "the network"
            raise BadInput.single(where, "no section to snap to", "at least one drivable road")
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
        for begin in range(0, x.size, _BLOCK):
            rows = np.arange(begin, min(begin + _BLOCK, x.size))
            few = x.size <= _FEW
            guess = self._guess_of_all(x[rows], y[rows]) if few else self._guess(x[rows], y[rows])
            self._nearest(x, y, rows, self._rows[guess], result)
            reach = result.distance_m[rows] * 1.000001 + 1e-6
            near = self._near_of_all if few else self._near
            point, row = near(x[rows], y[rows], reach)
            self._nearest(x, y, rows[point], self._rows[row], result)
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
    def _tree(self) -> Any:  # noqa: ANN401  (shapely is untyped here)
        import shapely  # noqa: PLC0415  (a single position needs no tree)

        return shapely.STRtree(shapely.box(*self._boxes))

    def _guess(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.intp]:
        """A section for each position, whose box is nearest in degrees."""
        import shapely  # noqa: PLC0415

        found = self._tree.query_nearest(shapely.points(x, y), all_matches=False)
        guess: NDArray[np.intp] = found[1]
        return guess

    def _guess_of_all(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.intp]:
        """The same by comparing with every box."""
        return np.array(
            [int(np.argmin(self._away(a, b, slice(None)))) for a, b in zip(x, y, strict=True)]
        )

    def _near(
        self, x: NDArray[np.float64], y: NDArray[np.float64], reach_m: NDArray[np.float64]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Pairs of position and section whose box is within the position's reach."""
        import shapely  # noqa: PLC0415

        high = reach_m / METRES_PER_DEGREE
        wide = high / _cosine(y)
        point, row = self._tree.query(shapely.box(x - wide, y - high, x + wide, y + high))
        order = np.lexsort((row, point))
        point, row = point[order], row[order]
        close = self._away(x[point], y[point], row) <= reach_m[point]
        return point[close], row[close]

    def _near_of_all(
        self, x: NDArray[np.float64], y: NDArray[np.float64], reach_m: NDArray[np.float64]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The same by comparing with every box."""
        found = [
            np.flatnonzero(self._away(a, b, slice(None)) <= reach)
            for a, b, reach in zip(x, y, reach_m, strict=True)
        ]
        return np.repeat(np.arange(x.size), [row.size for row in found]), np.concatenate(found)

    def _away(
        self,
        x: NDArray[np.float64] | float,
        y: NDArray[np.float64] | float,
        row: NDArray[np.intp] | slice,
    ) -> NDArray[np.float64]:
        """Metres from positions to boxes; no point of a section is nearer than its box."""
        west, south, east, north = self._boxes[:, row]
        off_x = np.maximum(np.maximum(west - x, x - east), 0) * _cosine(y)
        off_y = np.maximum(np.maximum(south - y, y - north), 0)
        away: NDArray[np.float64] = np.hypot(off_x, off_y) * METRES_PER_DEGREE
        return away

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
        scale = METRES_PER_DEGREE * _cosine(y[owner])
        x_1, y_1 = (
            (self._lon[at] - x[owner]) * scale,
            (self._lat[at] - y[owner]) * METRES_PER_DEGREE,
        )
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


def passing_spots(
    network: RoadNetwork, lon: float, lat: float, radius_m: float
) -> list[tuple[int, float]]:
    """Find where roads without a junction in a circle enter and leave it.

    Returns:
        Sections that pass through it with both ends outside, each with the fraction of its length
        where it first meets the circle, and with that where it last does.
    """
    _need_coordinates(network)
    first, x, y = section_points(network)
    east = (x - lon) * METRES_PER_DEGREE * _cosine(lat)
    north = (y - lat) * METRES_PER_DEGREE
    step = np.column_stack((np.diff(east), np.diff(north)))
    square = np.maximum((step**2).sum(axis=1), 1e-12)
    # Where the line through both points meets the circle, in parts of the way between them.
    middle = -(step[:, 0] * east[:-1] + step[:, 1] * north[:-1]) / square
    off = (east[:-1] + middle * step[:, 0]) ** 2 + (north[:-1] + middle * step[:, 1]) ** 2
    half = np.sqrt(np.maximum(radius_m**2 - off, 0.0) / square)
    meets = (off <= radius_m**2) & (middle + half >= 0) & (middle - half <= 1)
    meets[first[1:-1] - 1] = False  # from one section to the next
    rows = np.flatnonzero(meets)
    away = _junction_distances(network, lon, lat)
    outside = (away[network.section_tail] > radius_m) & (away[network.section_head] > radius_m)
    spots: list[tuple[int, float]] = []
    for section in np.unique(np.searchsorted(first, rows, side="right") - 1).tolist():
        if not outside[section]:
            continue
        begin, end = int(first[section]), int(first[section + 1]) - 1
        length = np.sqrt(square[begin:end])
        own = rows[(rows >= begin) & (rows < end)]
        along = np.concatenate(([0.0], np.cumsum(length)))
        enters = np.clip(middle[own[0]] - half[own[0]], 0, 1) * length[own[0] - begin]
        leaves = np.clip(middle[own[-1]] + half[own[-1]], 0, 1) * length[own[-1] - begin]
        spots.append((section, float((along[own[0] - begin] + enters) / along[-1])))
        spots.append((section, float((along[own[-1] - begin] + leaves) / along[-1])))
    return spots


def nearest_junction(network: RoadNetwork, lon: float, lat: float) -> int:
    """Find the junction nearest to a position."""
    return int(np.argmin(_junction_distances(network, lon, lat)))


def _junction_distances(network: RoadNetwork, lon: float, lat: float) -> NDArray[np.float64]:
    _need_coordinates(network)
    x, y = _positions(lon, lat)
    return distance_m(network.junction_lon, network.junction_lat, x, y)


def _cosine(lat: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.maximum(np.cos(np.radians(lat)), _SMALLEST_COSINE)


def _positions(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x = np.atleast_1d(np.asarray(lon, dtype=np.float64))
    y = np.atleast_1d(np.asarray(lat, dtype=np.float64))
    usable = (np.abs(x) <= 180) & (np.abs(y) <= 90)  # noqa: PLR2004  (NaN compares false)
    if not usable.all():
        row = int(np.argmin(usable))
        where = f"position {row}"
        raise BadInput.single(where, f"{x[row]}, {y[row]}", "longitude and latitude in degrees")
    return x, y


def _need_coordinates(network: RoadNetwork) -> None:
    known = np.isfinite(network.junction_lon) & np.isfinite(network.junction_lat)
    if network.junctions == 0 or not known.all():
        raise BadInput.single(
            network.source or "the network",
            "junctions without coordinates",
            "longitude and latitude of every junction, to find places on the map",
        )
