"""Who can pass where: what stops the vehicle, what stops a unit, and what is only in doubt.

One network serves both. When in doubt the vehicle can and the unit cannot: a sign stops a unit
but not a fugitive, a bollard stops a unit unless it is known to open, and only what nothing could
pass, such as a wall, stops the vehicle (its roads end there, so no flag tells of it).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING, Protocol

import numpy as np

from stopline.network.conditions import Opening, opening_at
from stopline.network.road_network import Direction, SectionFlag

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork


class Access(IntFlag):
    """What is known of who may and can drive a section."""

    FORBIDDEN = 1  # a sign closes it to motor vehicles
    PRIVATE = 2  # a sign opens it to some users only
    UNIT_SIGN = 4  # a unit cannot be sure that no sign stops it
    UNSURE = 8  # physically doubtful: rough, narrow, barred along the way, or incompletely mapped
    FORD = 16  # it runs through water


class NodeAccess(IntFlag):
    """What stands on a junction."""

    BARRED = 1  # a bollard, block or the like, which stops a unit
    GATED = 2  # a gate that is not known to be open, which stops a unit without a key
    FORD = 4  # water over the road
    EDGE = 8  # a road goes on from here that the file does not hold
    SIGN = 16  # a no-entry sign, which stops a unit that obeys signs


class VehicleAccess(Protocol):
    """What decides where the vehicle drives; part of a `Vehicle`."""

    @property
    def obeys_access_signs(self) -> bool:
        """Whether no-entry signs stop it."""

    @property
    def uses_fords(self) -> bool:
        """Whether it drives through fords."""

    @property
    def local_time(self) -> str:
        """Wall clock of the incident, which signs with hours go by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarefulUnits:
    """Units as they drive unless the rules say otherwise: only where it is sure."""

    units_obey_access_signs: bool = True
    units_open_gates: bool = False
    units_use_fords: bool = False
    units_use_ferries: bool = False
    local_time: str = ""


class UnitAccess(Protocol):
    """What decides where units drive; part of the rules of a plan."""

    @property
    def units_obey_access_signs(self) -> bool:
        """Whether no-entry signs stop units."""

    @property
    def units_open_gates(self) -> bool:
        """Whether units have keys to gates."""

    @property
    def units_use_fords(self) -> bool:
        """Whether units drive through fords."""

    @property
    def units_use_ferries(self) -> bool:
        """Whether units use car ferries."""

    @property
    def local_time(self) -> str:
        """Wall clock of the incident, which signs with hours go by."""


def vehicle_closed(network: RoadNetwork, rules: VehicleAccess) -> NDArray[np.bool_]:
    """Sections that the vehicle does not drive, bool[s]."""
    access = network.section_access
    closed = np.zeros(network.sections, dtype=bool)
    if rules.obeys_access_signs:
        closed |= (access & np.uint16(Access.FORBIDDEN | Access.PRIVATE)) > 0
        for number, opening in _openings(network, rules.local_time):
            if opening.surely_closed is not None:
                closed[network.section_condition == number] = opening.surely_closed
    if not rules.uses_fords:
        closed |= (access & np.uint16(Access.FORD)) > 0
    return closed


def unit_closed(network: RoadNetwork, rules: UnitAccess) -> NDArray[np.bool_]:
    """Sections that no unit drives through, bool[s]."""
    access = network.section_access
    closed = (access & np.uint16(Access.UNSURE)) > 0
    if rules.units_obey_access_signs:
        signs = (access & np.uint16(Access.UNIT_SIGN)) > 0
        for number, opening in _openings(network, rules.local_time):
            signs[network.section_condition == number] = not opening.surely_open
        closed |= signs
    if not rules.units_use_fords:
        closed |= (access & np.uint16(Access.FORD)) > 0
    if not rules.units_use_ferries:
        closed |= (network.section_flags & np.uint8(SectionFlag.FERRY)) > 0
    return closed


def unit_barred(network: RoadNetwork, rules: UnitAccess) -> NDArray[np.bool_]:
    """Junctions that a unit can come to but not pass, bool[n]."""
    stops = NodeAccess.BARRED
    if not rules.units_open_gates:
        stops |= NodeAccess.GATED
    if not rules.units_use_fords:
        stops |= NodeAccess.FORD
    if rules.units_obey_access_signs:
        stops |= NodeAccess.SIGN
    barred: NDArray[np.bool_] = (network.junction_access & np.uint8(stops)) > 0
    return barred


def known_course(network: RoadNetwork) -> NDArray[np.bool_]:
    """Sections that can be held and watched: no lines drawn over squares and gaps, bool[s]."""
    known: NDArray[np.bool_] = (network.section_flags & np.uint8(SectionFlag.GUESSED)) == 0
    return known


def against_unit_signs(network: RoadNetwork) -> NDArray[np.bool_]:
    """Arcs that a unit which keeps to one-way signs cannot be sure to be allowed, bool[2s]."""
    direction = network.section_unit_direction[network.arc_section]
    wrong = np.where(network.arc_forward, Direction.BACKWARD, Direction.FORWARD)
    against: NDArray[np.bool_] = (direction == wrong) | (direction == Direction.NEITHER)
    return against


def _openings(network: RoadNetwork, local_time: str) -> list[tuple[int, Opening]]:
    return [
        (number, opening_at(text, local_time))
        for number, text in enumerate(network.conditions)
        if number
    ]
