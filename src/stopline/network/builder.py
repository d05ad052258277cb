"""Build a `RoadNetwork` from plain section arrays: order junctions in space, sort arcs by tail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from stopline.network.road_network import NO_TERRITORY, RoadNetwork

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from stopline.network.findings import Finding

_HILBERT_ORDER = 16
_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(slots=True, kw_only=True)
class RawRoads:
    """What a reader hands over, in any junction order; names as in `RoadNetwork`.

    Only the first four fields are needed; the others have the neutral value as default.
    Turn bans are given by section and junction index, as in `RoadNetwork`. Where nothing else is
    said of units, they drive as signs tell the vehicle.
    """

    junction_lon: ArrayLike
    junction_lat: ArrayLike
    section_tail: ArrayLike
    section_head: ArrayLike
    section_length_m: ArrayLike
    section_speed_mps: ArrayLike | float = 50 / 3.6
    section_unit_speed_mps: ArrayLike | float | None = None
    section_class: ArrayLike | int = 4
    section_direction: ArrayLike | int = 0
    section_unit_direction: ArrayLike | int | None = None
    section_access: ArrayLike | int = 0
    section_condition: ArrayLike | int = 0
    section_flags: ArrayLike | int = 0
    section_name: ArrayLike | int = 0
    section_id: ArrayLike | None = None
    junction_id: ArrayLike | None = None
    junction_territory: ArrayLike | int = NO_TERRITORY
    junction_access: ArrayLike | int = 0
    shape_first: ArrayLike | None = None
    shape_lon: ArrayLike = ()
    shape_lat: ArrayLike = ()
    turn_from: ArrayLike = ()
    turn_via: ArrayLike = ()
    turn_to: ArrayLike = ()
    names: tuple[str, ...] = ("",)
    conditions: tuple[str, ...] = ("",)
    findings: tuple[Finding, ...] = ()
    ways_in_file: int = 0
    ways_read: int = 0
    territories: tuple[str, ...] = ()
    attribution: str = ""
    source: str = ""
    digest: str = field(default="")


def build_network(raw: RawRoads, *, reorder: bool = True) -> RoadNetwork:
    """Make the network of `raw`.

    Args:
        raw: the roads, in any junction order.
        reorder: renumber junctions along a space-filling curve, so that neighbours lie near each
            other in memory. Sections keep their order.

    Returns:
        The network, with its arcs sorted by tail.
    """
    lon = np.asarray(raw.junction_lon, dtype=np.float64)
    lat = np.asarray(raw.junction_lat, dtype=np.float64)
    tail = np.asarray(raw.section_tail, dtype=np.int32)
    head = np.asarray(raw.section_head, dtype=np.int32)
    n, s = lon.shape[0], tail.shape[0]
    order = _spatial_order(lon, lat, tail, head) if reorder else np.arange(n)
    rank = np.empty(n, dtype=np.int32)
    rank[order] = np.arange(n, dtype=np.int32)
    tail, head = rank[tail], rank[head]

    arc_tail = np.concatenate((tail, head))
    arc_section = np.tile(np.arange(s, dtype=np.int32), 2)
    arc_forward = np.repeat(np.array([True, False]), s)
    by_tail = np.argsort(arc_tail, kind="stable")
    first_out = np.zeros(n + 1, dtype=np.int32)
    np.cumsum(np.bincount(arc_tail, minlength=n), out=first_out[1:])
    ids = np.arange(n) if raw.junction_id is None else np.asarray(raw.junction_id)
    section_ids = np.arange(s) if raw.section_id is None else np.asarray(raw.section_id)
    turn_via = np.asarray(raw.turn_via, dtype=np.int32)
    return RoadNetwork(
        junction_lon=lon[order],
        junction_lat=lat[order],
        junction_id=ids.astype(np.int64)[order],
        junction_territory=_filled(raw.junction_territory, n, np.int16)[order],
        junction_access=_filled(raw.junction_access, n, np.uint8)[order],
        section_tail=tail,
        section_head=head,
        section_length_m=np.asarray(raw.section_length_m, dtype=np.float64),
        section_speed_mps=_filled(raw.section_speed_mps, s, np.float64),
        section_unit_speed_mps=_filled(
            raw.section_speed_mps
            if raw.section_unit_speed_mps is None
            else raw.section_unit_speed_mps,
            s,
            np.float64,
        ),
        section_class=_filled(raw.section_class, s, np.uint8),
        section_direction=_filled(raw.section_direction, s, np.uint8),
        section_unit_direction=_filled(
            raw.section_direction
            if raw.section_unit_direction is None
            else raw.section_unit_direction,
            s,
            np.uint8,
        ),
        section_access=_filled(raw.section_access, s, np.uint16),
        section_condition=_filled(raw.section_condition, s, np.int32),
        section_flags=_filled(raw.section_flags, s, np.uint8),
        section_name=_filled(raw.section_name, s, np.int32),
        section_id=section_ids.astype(np.int64),
        shape_first=(
            np.zeros(s + 1, dtype=np.int64)
            if raw.shape_first is None
            else np.asarray(raw.shape_first, dtype=np.int64)
        ),
        shape_lon=np.asarray(raw.shape_lon, dtype=np.float64),
        shape_lat=np.asarray(raw.shape_lat, dtype=np.float64),
        first_out=first_out,
        arc_tail=arc_tail[by_tail],
        arc_head=np.concatenate((head, tail))[by_tail],
        arc_section=arc_section[by_tail],
        arc_forward=arc_forward[by_tail],
        turn_from=np.asarray(raw.turn_from, dtype=np.int32),
        turn_via=rank[turn_via] if turn_via.size else turn_via,
        turn_to=np.asarray(raw.turn_to, dtype=np.int32),
        names=raw.names,
        conditions=raw.conditions,
        findings=raw.findings,
        ways_in_file=raw.ways_in_file,
        ways_read=raw.ways_read,
        territories=raw.territories,
        attribution=raw.attribution,
        source=raw.source,
        digest=raw.digest,
    )


def _filled(value: ArrayLike, size: int, dtype: type[_Scalar]) -> NDArray[_Scalar]:
    """Array of `size` elements from an array or one value for all."""
    return np.array(np.broadcast_to(np.asarray(value, dtype=dtype), (size,)))


def _spatial_order(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
) -> NDArray[np.intp]:
    """Order along a Hilbert curve, or by reverse Cuthill-McKee where there are no coordinates."""
    n = lon.shape[0]
    if n == 0:
        return np.arange(0)
    if np.isfinite(lon).all() and np.isfinite(lat).all() and np.ptp(lon) > 0:
        return np.argsort(_hilbert_index(lon, lat), kind="stable")
    # Few files have no coordinates, and scipy.sparse takes a third of a second to import.
    from scipy.sparse import coo_array  # noqa: PLC0415
    from scipy.sparse.csgraph import reverse_cuthill_mckee  # noqa: PLC0415

    ends = (np.concatenate((tail, head)), np.concatenate((head, tail)))
    matrix = coo_array((np.ones(2 * tail.shape[0], dtype=np.int8), ends), shape=(n, n))
    return np.asarray(reverse_cuthill_mckee(matrix.tocsr(), symmetric_mode=True))


def _hilbert_index(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Position of each point along a Hilbert curve over their bounding box (Hilbert 1891)."""
    side = 1 << _HILBERT_ORDER
    x = _grid(lon, side)
    y = _grid(lat, side)
    index = np.zeros(lon.shape[0], dtype=np.int64)
    step = side >> 1
    while step:
        right = (x & step) > 0
        upper = (y & step) > 0
        index += step * step * ((3 * right.astype(np.int64)) ^ upper.astype(np.int64))
        flip = ~upper & right
        x = np.where(flip, side - 1 - x, x)
        y = np.where(flip, side - 1 - y, y)
        x, y = np.where(upper, x, y), np.where(upper, y, x)
        step >>= 1
    return index


def _grid(value: NDArray[np.float64], side: int) -> NDArray[np.int64]:
    span = max(float(np.ptp(value)), 1e-9)
    cell: NDArray[np.int64] = ((value - value.min()) / span * (side - 1)).astype(np.int64)
    return cell
