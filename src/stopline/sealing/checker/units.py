"""When a unit can hold a place at the earliest, computed anew from the network and the rules."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from stopline.network.access import unit_barred, unit_closed
from stopline.network.geodesy import along, distance_m
from stopline.network.main_part import UNIT_MOVE_M, UnitSnapper
from stopline.network.road_network import NO_TERRITORY, Direction, RoadNetwork
from stopline.network.snapping import Snapper

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stopline.sealing.checker.roads import Place
    from stopline.sealing.plan_file.schema import RulesPart, UnitPart

_Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]
_AT_JUNCTION_M = 1.0  # a unit that stands at a junction may leave by every road there
_SHIFT_S = 1.0  # added to first drives and taken off again: SciPy may lose arcs that take no time


class OfferedUnits(Protocol):
    """A file that says which units were offered, and what holds for them."""

    @property
    def units(self) -> tuple[UnitPart, ...]:
        """The units."""
        ...

    @property
    def rules(self) -> RulesPart:
        """How they drive."""
        ...


class UnitDrives:
    """Where units stand, where they may act, and how long they drive.

    Args:
        network: the roads.
        plan: the file with the units and the rules.
        places: section of each unit and the fraction along it from its tail; units left out
            stand where the plan says, or on the section nearest to their position.
    """

    def __init__(
        self,
        network: RoadNetwork,
        plan: OfferedUnits,
        places: Mapping[str, tuple[int, float]] | None = None,
    ) -> None:
        self._network, self._rules = network, plan.rules
        self._closed = unit_closed(network, plan.rules)
        self._barred = unit_barred(network, plan.rules)
        self._places = dict(places or {})
        self._said: list[UnitPart] = []  # those whose place the file says
        for unit in plan.units:
            if unit.id not in self._places and unit.section is not None:
                self._places[unit.id] = unit.section, unit.fraction or 0.0
                self._said.append(unit)
        missing = [unit for unit in plan.units if unit.id not in self._places]
        if missing:
            section, fraction, _ = (
                UnitSnapper(network, plan.rules)
                .place(
                    [unit.lon for unit in missing],
                    [unit.lat for unit in missing],
                    [unit.status == "in position" for unit in missing],
                )
                .at
            )
            for unit, where, part in zip(missing, section, fraction, strict=True):
                self._places[unit.id] = int(where), float(part)
        self._graphs: dict[tuple[str, ...], csr_array] = {}
        self._may: dict[tuple[str, ...], _Flags] = {}

    def place_faults(self) -> list[str]:
        """Say which units the plan puts on a road away from their positions."""
        said = self._said
        if not said or np.isnan(self._network.junction_lon).any():
            return []
        lon, lat = [unit.lon for unit in said], [unit.lat for unit in said]
        nearest = Snapper(self._network).snap(lon, lat).distance_m.tolist()
        found = []
        for unit, nearest_m in zip(said, nearest, strict=True):
            at = along(self._network, *self._places[unit.id])
            away_m = float(distance_m(unit.lon, unit.lat, *at))
            if away_m > nearest_m + UNIT_MOVE_M + _AT_JUNCTION_M:
                found.append(
                    f"Unit {unit.id} is put on section {unit.section}, {away_m:.0f} m from its "
                    f"position; the nearest road is {nearest_m:.0f} m away."
                )
        return found

    def may_hold(self, unit: UnitPart, place: Place) -> bool:
        """Whether a unit may act at a place: one of its ends lies where it may, or is unknown.

        One that is bound to a place may act at no other.
        """
        if unit.bound_to is not None and unit.bound_to != f"{place[0]} {place[1]}":
            return False
        may_act = self._may_act(unit.may_act_in)
        return any(bool(may_act[end]) for end in self.ends(place))

    def ends(self, place: Place) -> list[int]:
        """The junctions of a place."""
        kind, index = place
        if kind == "junction":
            return [index]
        return [int(self._network.section_tail[index]), int(self._network.section_head[index])]

    def drive_s(
        self, unit: UnitPart, places: Iterable[Place], most_s: float = math.inf
    ) -> dict[Place, float]:
        """Driving time of a unit to each place, seconds; infinite where it cannot get.

        Args:
            unit: the unit.
            places: where to.
            most_s: drives longer than this may be given as infinite, which is faster.
        """
        stands_on, fraction = self._places[unit.id]
        time_s = self._time_to_junctions(unit, stands_on, fraction, most_s)
        return {
            place: 0.0
            if place == ("section", stands_on)
            else float(time_s[self.ends(place)].min()) / unit.speed_factor
            for place in places
        }

    def setup_s(self, unit: UnitPart, place: Place, usual_s: float) -> float:
        """Time a unit needs to set up at a place: none where it is in position already."""
        if unit.status != "in position":
            return usual_s
        section, fraction = self._places[unit.id]
        length_m = float(self._network.section_length_m[section])
        off_m = zip(self.ends(("section", section)), (fraction, 1.0 - fraction), strict=True)
        at = {end for end, part in off_m if part * length_m <= _AT_JUNCTION_M}
        kind, index = place
        there = section == index if kind == "section" else index in at
        return 0.0 if there else usual_s

    def _time_to_junctions(
        self, unit: UnitPart, section: int, fraction: float, most_s: float
    ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Time at the speed limit to every junction; the unit is one more node, the last."""
        network, graph = self._network, self._graph(unit.may_act_in)
        whole = float(network.section_length_m[section] / network.section_unit_speed_mps[section])
        direction = int(network.section_unit_direction[section])
        stuck = bool(self._closed[section]) or (
            self._rules.units_obey_one_way and direction == Direction.NEITHER
        )
        obeys = self._rules.units_obey_one_way
        may_be = self._may_be(unit.may_act_in)
        parts = (fraction, 1.0 - fraction)
        for place, (end, against) in enumerate(
            zip(
                self.ends(("section", section)),
                (Direction.FORWARD, Direction.BACKWARD),
                strict=True,
            )
        ):
            at_m = parts[place] * float(network.section_length_m[section])
            barred = ((obeys and direction == against) or stuck) and at_m > _AT_JUNCTION_M
            may = bool(may_be[end]) and not barred
            graph.indices[place - 2] = end
            driven_s = parts[place] * whole if at_m > _AT_JUNCTION_M else 0.0
            graph.data[place - 2] = driven_s + _SHIFT_S if may else math.inf
        limit = max(most_s, 0.0) * unit.speed_factor + _SHIFT_S
        found = dijkstra(graph, indices=network.junctions, limit=limit * (1 + 1e-9))
        time_s: np.ndarray[tuple[int], np.dtype[np.float64]] = found[:-1] - _SHIFT_S
        return time_s

    def _graph(self, may_act_in: tuple[str, ...]) -> csr_array:
        """Junctions and their arcs with times at the limit, and a last node for the unit."""
        if may_act_in not in self._graphs:
            network = self._network
            whole_s = network.section_length_m / network.section_unit_speed_mps
            time_s = whole_s[network.arc_section]
            if self._rules.units_obey_one_way:
                direction = network.section_unit_direction[network.arc_section]
                against = np.where(network.arc_forward, Direction.BACKWARD, Direction.FORWARD)
                time_s[(direction == against) | (direction == Direction.NEITHER)] = np.inf
            time_s[self._closed[network.arc_section]] = np.inf
            time_s[self._barred[network.arc_tail]] = np.inf
            time_s[~self._may_be(may_act_in)[network.arc_head]] = np.inf
            n, arcs = network.junctions, network.arcs
            self._graphs[may_act_in] = csr_array(
                (
                    np.append(time_s, (np.inf, np.inf)),
                    np.append(network.arc_head, np.array((0, 0), dtype=np.int32)),
                    np.append(network.first_out, np.int32(arcs + 2)),
                ),
                shape=(n + 1, n + 1),
            )
        return self._graphs[may_act_in]

    def _may_act(self, may_act_in: tuple[str, ...]) -> _Flags:
        """Junctions at which a unit with that permission may hold a site, bool[n]."""
        if may_act_in not in self._may:
            network = self._network
            own = [i for i, name in enumerate(network.territories) if name in may_act_in]
            self._may[may_act_in] = np.isin(network.junction_territory, [*own, NO_TERRITORY])
        return self._may[may_act_in]

    def _may_be(self, may_act_in: tuple[str, ...]) -> _Flags:
        """Junctions over which a unit with that permission may drive, bool[n]."""
        rules: RulesPart = self._rules
        may = self._may_act(may_act_in)
        return np.ones_like(may) if rules.units_cross_borders else may
