"""Roads that leave the map: where a circle is larger than the map, they lead out of it too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.access import NodeAccess
from stopline.network.geodesy import distance_m
from stopline.network.place_names import junction_id, road_label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork

_RIM_M: Final = 100.0  # a dead end so near to the rim of the map is taken to go on
_RIM_SHARE: Final = 0.01


def ends_of_map(
    network: RoadNetwork, inside: NDArray[np.bool_], centre: tuple[float, float], radius_m: float
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Find the junctions inside a circle where roads leave the map.

    Surely leave it those from which a road goes on that the file does not hold. On sides where the
    circle reaches beyond the map, dead ends at its rim may: they are taken to if the circle holds
    most of the map, for then it was drawn around it.

    Args:
        network: the roads.
        inside: bool[n], junctions inside the circle.
        centre: longitude and latitude.
        radius_m: of the circle.

    Returns:
        The junctions that count as exits, and those that may be ones and do not count.
    """
    leaves = (network.junction_access & np.uint8(NodeAccess.EDGE)) > 0
    may = np.zeros(network.junctions, dtype=bool)
    degree = np.diff(network.first_out)
    dead_end = degree == 1
    lon, lat = network.junction_lon, network.junction_lat
    west, east, south, north = lon.min(), lon.max(), lat.min(), lat.max()
    x, y = centre
    width = float(distance_m(west, y, east, y))
    height = float(distance_m(x, south, x, north))
    for rim, is_lon, span_m in (
        (west, True, width),
        (east, True, width),
        (south, False, height),
        (north, False, height),
    ):
        to_rim_m = float(distance_m(x, y, rim, y) if is_lon else distance_m(x, y, x, rim))
        if to_rim_m >= radius_m or span_m <= _RIM_M:
            continue
        away_m = distance_m(lon, lat, rim, lat) if is_lon else distance_m(lon, lat, lon, rim)
        may |= dead_end & (away_m <= max(_RIM_M, _RIM_SHARE * span_m))
    if np.count_nonzero(inside) > network.junctions / 2:
        leaves |= may
    may &= inside & ~leaves
    return (
        tuple(np.flatnonzero(leaves & inside).tolist()),
        tuple(np.flatnonzero(may).tolist()),
    )


def edge_label(network: RoadNetwork, junction: int) -> str:
    """What a road is called where it leaves the map."""
    arc = int(network.first_out[junction])
    road = road_label(network, int(network.arc_section[arc]))
    return f"{road} at the map's edge, {junction_id(network, junction)}"
