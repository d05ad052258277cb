"""What stays the same over an incident: the vehicle's graph, the sides and their readiness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.forces.placing import PlacedUnits, SiteTable
from stopline.forces.readiness import UnitReadiness
from stopline.forces.unit import IN_POSITION
from stopline.network.drive_graph import drive_graph
from stopline.sealing.local_side import LocalSide
from stopline.sealing.problem import UNIT_RULES
from stopline.sealing.search.pursuit_graph import make_pursuit_graph

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.forces.unit import Unit
    from stopline.network.drive_graph import DriveGraph
    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.problem import Rules, SealingProblem, SiteList
    from stopline.sealing.search.pursuit import PursuitGraph
    from stopline.sealing.side import AnsweringSide


@dataclass(frozen=True, slots=True)
class Session:
    """A problem made ready for planning.

    Attributes:
        problem: what is asked.
        graph: the vehicle's graph.
        chase: sources, exits and sites on it.
        readiness: of the units of each side, by name.
        sides: who answers, in order of their names.
    """

    problem: SealingProblem
    graph: DriveGraph
    chase: PursuitGraph
    readiness: Mapping[str, UnitReadiness]
    sides: tuple[AnsweringSide, ...]

    def locked(self, orders: Mapping[str, int]) -> tuple[AnsweringSide, ...]:
        """The sides, with units that keep the site they are ordered to.

        A side whose units are not known here keeps its own orders as it sees fit. A unit that is
        bound to a site keeps that, whatever the orders say.

        Args:
            orders: site by unit id.
        """
        return tuple(
            side
            if side.name not in self.readiness
            else LocalSide(
                side.name,
                self.readiness[side.name],
                {
                    number: orders[unit.id]
                    for number, unit in enumerate(self.readiness[side.name].placed.units)
                    if unit.id in orders
                }
                | bound_units(self.problem.sites, self.readiness[side.name].placed.units),
            )
            for side in self.sides
        )


def prepare(problem: SealingProblem, earlier: Session | None = None) -> Session:
    """Make a problem ready; what an earlier session shares with it is taken from there."""
    same_roads = earlier is not None and earlier.problem.network is problem.network
    if earlier is not None and same_roads and earlier.problem.vehicle == problem.vehicle:
        graph = earlier.graph
    else:
        graph = drive_graph(problem.network, problem.vehicle)
    if earlier is not None and same_roads and _same_forces(earlier.problem, problem):
        readiness, sides = earlier.readiness, earlier.sides
    else:
        readiness = _readiness(problem)
        sides = tuple(
            LocalSide(name, ready, bound_units(problem.sites, ready.placed.units))
            for name, ready in readiness.items()
        )
    return Session(problem, graph, make_pursuit_graph(problem, graph), readiness, sides)


def bound_units(sites: SiteList, units: tuple[Unit, ...]) -> dict[int, int]:
    """Number of the site by number of the unit, for units that may hold that one site alone.

    A unit that is bound to a place which is no site has -1: it can hold nothing.
    """
    return {
        number: _site_number(sites, unit.bound_to)
        for number, unit in enumerate(units)
        if unit.bound_to
    }


def _site_number(sites: SiteList, place: str) -> int:
    kind, _, index = place.partition(" ")
    if kind not in {"section", "junction"} or not index.isdecimal():
        return -1
    found = np.flatnonzero(
        (sites.index == int(index)) & (sites.is_junction == (kind == "junction"))
    )
    return int(found[0]) if found.size else -1


def _same_forces(one: SealingProblem, other: SealingProblem) -> bool:
    return (
        one.units == other.units
        and one.unit_places == other.unit_places
        and one.sites is other.sites
        and _drives(one.rules) == _drives(other.rules)
    )


def _drives(rules: Rules) -> tuple[object, ...]:
    """What of the rules decides where units drive."""
    return tuple(getattr(rules, name) for name in UNIT_RULES)


def _readiness(problem: SealingProblem) -> dict[str, UnitReadiness]:
    table = site_table(problem.network, problem.sites)
    places = problem.unit_places or _snapped(problem)
    of_side: dict[str, list[int]] = {}
    for number, unit in enumerate(problem.units):
        of_side.setdefault(unit.side, []).append(number)
    return {
        name: UnitReadiness(
            problem.network,
            _placed(problem.units, places, of_side[name]),
            table,
            obey_one_way=problem.rules.units_obey_one_way,
            cross_borders=problem.rules.units_cross_borders,
            access=problem.rules,
        )
        for name in sorted(of_side)
    }


def _placed(
    units: tuple[Unit, ...], places: tuple[tuple[int, float], ...], numbers: list[int]
) -> PlacedUnits:
    return PlacedUnits(
        units=tuple(units[i] for i in numbers),
        section=np.array([places[i][0] for i in numbers], dtype=np.int32),
        fraction=np.array([places[i][1] for i in numbers], dtype=np.float64),
    )


def _snapped(problem: SealingProblem) -> tuple[tuple[int, float], ...]:
    """Where units stand, by their positions."""
    if not problem.units:
        return ()
    from stopline.network.main_part import UnitSnapper  # noqa: PLC0415  (heavy geometry)

    lon = np.array([unit.lon for unit in problem.units])
    lat = np.array([unit.lat for unit in problem.units])
    fixed = [unit.status == IN_POSITION for unit in problem.units]
    section, fraction, _ = UnitSnapper(problem.network, problem.rules).place(lon, lat, fixed).at
    return tuple(zip(section.tolist(), fraction.tolist(), strict=True))


def site_table(network: RoadNetwork, sites: SiteList) -> SiteTable:
    """Where sites are, for units."""
    index = sites.index
    along = np.where(sites.is_junction, 0, index)
    if network.sections:
        tail, head = network.section_tail[along], network.section_head[along]
    else:
        tail = head = along
    ends = np.column_stack(
        (np.where(sites.is_junction, index, tail), np.where(sites.is_junction, index, head))
    )
    return SiteTable(
        ends=ends.astype(np.int32),
        section=np.where(sites.is_junction, np.int32(-1), index),
        setup_s=sites.setup_s,
        need=sites.need,
    )
