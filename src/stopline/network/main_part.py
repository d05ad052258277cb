"""The main part of a road network, and where points that belong on it stand.

Maps have cut-off pieces: yards whose gate is missing, tracks that lead nowhere. Whoever is put on
one cannot get anywhere, so it is told, and a unit near the main part is put on that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from stopline.compiled import read_only
from stopline.network.access import (
    UnitAccess,
    VehicleAccess,
    unit_barred,
    unit_closed,
    vehicle_closed,
)
from stopline.network.component_kernel import joined_classes
from stopline.network.snapping import Snapped, Snapper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from stopline.network.road_network import RoadNetwork

UNIT_MOVE_M: Final = 250.0
"""How much farther than the nearest road a unit may be put to stand on the main part."""


class UnitPlaces(NamedTuple):
    """Where units stand; n units.

    Attributes:
        at: on which section, and how far each was moved to it.
        nearest: the nearest section of all, which is another one for a unit that was moved.
        apart: bool[n], units that stand on a part of the network that joins nothing.
    """

    at: Snapped
    nearest: Snapped
    apart: NDArray[np.bool_]


def main_part(
    network: RoadNetwork,
    closed: NDArray[np.bool_] | None = None,
    barred: NDArray[np.bool_] | None = None,
) -> NDArray[np.bool_]:
    """Find the largest part of the network in which all roads are joined, signs ignored.

    Args:
        network: the roads.
        closed: bool[s], sections that cannot be driven.
        barred: bool[n], junctions that cannot be passed.

    Returns:
        bool[s], the sections of the part with the most of them.
    """
    kept = np.ones(network.sections, dtype=bool) if closed is None else ~closed
    if not kept.any():
        return kept
    tail = network.section_tail.astype(np.int64)
    head = network.section_head.astype(np.int64)
    extra = 0
    if barred is not None and barred.any():
        # A road that ends at a bar has an end of its own there.
        for ends in (tail, head):
            rows = np.flatnonzero(barred[ends])
            ends[rows] = network.junctions + extra + np.arange(rows.shape[0])
            extra += rows.shape[0]
    label = np.empty(network.junctions + extra, dtype=np.int32)
    tails, heads = tail[kept].astype(np.int32), head[kept].astype(np.int32)
    joined_classes(read_only(tails), read_only(heads), label)
    part_of = label[tail]
    largest = int(np.bincount(part_of[kept]).argmax())
    main: NDArray[np.bool_] = kept & (part_of == largest)
    return main


def vehicle_part(network: RoadNetwork, vehicle: VehicleAccess) -> NDArray[np.bool_]:
    """The main part for the vehicle, bool[s]."""
    return main_part(network, vehicle_closed(network, vehicle))


def unit_part(network: RoadNetwork, rules: UnitAccess) -> NDArray[np.bool_]:
    """The main part for units, bool[s]."""
    return main_part(network, unit_closed(network, rules), unit_barred(network, rules))


class MainPart:
    """The main part of the network as the vehicle drives it.

    Args:
        network: the roads.
        vehicle: how it drives.

    Attributes:
        sections: bool[s], sections of the part.
        closed: bool[s], sections that the vehicle does not drive.
    """

    def __init__(self, network: RoadNetwork, vehicle: VehicleAccess) -> None:
        self._network = network
        self.closed = vehicle_closed(network, vehicle)
        self.sections = main_part(network, self.closed)
        self._snapper: Snapper | None = None

    def has_junction(self, junction: int) -> bool:
        """Whether some section of the part ends at a junction."""
        first, last = self._network.first_out[junction], self._network.first_out[junction + 1]
        return bool(self.sections[self._network.arc_section[first:last]].any())

    def nearest(self, lon: float, lat: float) -> tuple[int, float, float] | None:
        """Section, fraction and distance of the nearest point of the part; None if it is empty."""
        if not self.sections.any():
            return None
        if self._snapper is None:
            self._snapper = Snapper(self._network, self.sections)
        found = self._snapper.snap(lon, lat)
        return int(found.section[0]), float(found.fraction[0]), float(found.distance_m[0])


class UnitSnapper:
    """Puts units on the roads; keeps what it prepares.

    A unit stands on the nearest road. If that joins nothing, or no unit may be sure to drive it,
    and the main part is at most `UNIT_MOVE_M` farther, it stands on the main part.

    Args:
        network: the roads.
        rules: what units drive on.
    """

    def __init__(self, network: RoadNetwork, rules: UnitAccess) -> None:
        self._main = unit_part(network, rules)
        self._all = Snapper(network)
        self._on_main = Snapper(network, self._main) if self._main.any() else None

    def place(self, lon: ArrayLike, lat: ArrayLike, fixed: Sequence[bool] = ()) -> UnitPlaces:
        """Put units on the roads.

        Args:
            lon: degrees, float64[n].
            lat: degrees, float64[n].
            fixed: units that are in position, and so stand where they stand; none if empty.
        """
        nearest = self._all.snap(lon, lat)
        apart = ~self._main[nearest.section]
        stays = np.array(fixed, dtype=bool) if len(fixed) else np.zeros(apart.shape, dtype=bool)
        rows = np.flatnonzero(apart & ~stays)
        if not rows.size or self._on_main is None:
            return UnitPlaces(nearest, nearest, apart)
        x, y = np.atleast_1d(np.asarray(lon))[rows], np.atleast_1d(np.asarray(lat))[rows]
        main = self._on_main.snap(x, y)
        close = main.distance_m <= nearest.distance_m[rows] + UNIT_MOVE_M
        at = Snapped(nearest.section.copy(), nearest.fraction.copy(), nearest.distance_m.copy())
        at.section[rows[close]] = main.section[close]
        at.fraction[rows[close]] = main.fraction[close]
        at.distance_m[rows[close]] = main.distance_m[close]
        apart[rows[close]] = False
        return UnitPlaces(at, nearest, apart)
