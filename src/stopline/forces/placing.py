"""Units and sites on the network, and which units stand at a site already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.forces.unit import IN_POSITION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.forces.unit import Unit
    from stopline.network.road_network import RoadNetwork

AT_JUNCTION_M: Final = 1.0  # nearer to a junction than this a unit stands at it


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedUnits:
    """Units with their places on the network; u units.

    Attributes:
        units: the units.
        section: int32[u], section on which each stands.
        fraction: float64[u], how far along it from its tail.
    """

    units: tuple[Unit, ...]
    section: NDArray[np.int32]
    fraction: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteTable:
    """Where sites are and what they need, for units; c sites.

    Attributes:
        ends: int32[c, 2], junctions at either of which a unit is at the site (equal for a
            junction).
        section: int32[c], the section, or -1 for a junction.
        setup_s: float64[c].
        need: int32[c], strength.
    """

    ends: NDArray[np.int32]
    section: NDArray[np.int32]
    setup_s: NDArray[np.float64]
    need: NDArray[np.int32]


class Standing:
    """Which units stand at a site, and which of them hold it already.

    A unit stands at the section it is on, and at a junction if it is within a metre of it
    and in position. A unit in position has neither to drive nor to set up where it stands.

    Attributes:
        occupied: bool[c], sites at which some unit stands.
    """

    def __init__(self, network: RoadNetwork, placed: PlacedUnits, sites: SiteTable) -> None:
        self.occupied = np.isin(sites.section, placed.section) & (sites.section >= 0)
        self._section = sites.section
        self._on: dict[int, list[int]] = {}
        self._in_position: dict[int, list[int]] = {}
        for number, section in enumerate(placed.section.tolist()):
            self._on.setdefault(section, []).append(number)
            if placed.units[number].status != IN_POSITION:
                continue
            ends = network.section_tail[section], network.section_head[section]
            from_tail = float(placed.fraction[number])
            off_m = np.array([from_tail, 1.0 - from_tail]) * network.section_length_m[section]
            at = np.array(ends)[off_m <= AT_JUNCTION_M]
            there = (sites.section == section) | (
                (sites.section < 0) & np.isin(sites.ends[:, 0], at)
            )
            for site in np.flatnonzero(there).tolist():
                self._in_position.setdefault(site, []).append(number)
        self.occupied[list(self._in_position)] = True

    def at(self, site: int) -> set[int]:
        """Units that stand at a site."""
        return {*self._on.get(int(self._section[site]), ()), *self.in_position(site)}

    def in_position(self, site: int) -> list[int]:
        """Units that are in position at a site."""
        return self._in_position.get(site, [])
