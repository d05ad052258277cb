"""The roads as the vehicle finds them: ways to an exit, and what is truly closed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.drive_graph import Vehicle, drive_graph
from stopline.network.place_names import section_id
from stopline.network.search import ArrivalSearch, path_arcs
from stopline.sealing.plan import SiteKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from stopline.exercise.document.fields import Place
    from stopline.network.drive_graph import DriveGraph
    from stopline.network.road_network import RoadNetwork
    from stopline.scenario.loader import Scenario

_EARTH_M: Final = 111_195.0  # metres in a degree of latitude
_MOST_STARTS: Final = 60


class DriverRoads:
    """Roads of a scenario for an ordinary driver who keeps to one-way signs.

    Attributes:
        graph: topology and times at the usual speed.
        network: the roads.
    """

    def __init__(self, scenario: Scenario, speed_factor: float) -> None:
        problem = scenario.problem
        self.network: RoadNetwork = problem.network
        self.scenario = scenario
        given = problem.vehicle
        vehicle = Vehicle(
            speed_factor=speed_factor,
            obeys_one_way=True,
            min_speed_mps=given.min_speed_mps,
            max_speed_mps=given.max_speed_mps,
            class_speed_mps=given.class_speed_mps,
        )
        self.graph: DriveGraph = drive_graph(self.network, vehicle)
        self._search = ArrivalSearch(self.graph.first_out, self.graph.head, self.graph.time_s)
        self._exits: list[int] | None = None
        self._exit_sections = {
            one.index: one.name for one in problem.exits if one.kind == SiteKind.SECTION
        }
        self._exit_junctions = {
            one.index: one.name for one in problem.exits if one.kind != SiteKind.SECTION
        }

    def position(self, place: Place) -> tuple[float, float]:
        """Longitude and latitude of a place of the document."""
        if place.place is not None:
            return self.scenario.places[place.place]
        return float(place.lon or 0.0), float(place.lat or 0.0)

    def node_at(self, place: Place, goals: list[int]) -> int:
        """The junction nearest to a place from which a goal can be reached; else the nearest."""
        lon, lat = self.position(place)
        near = np.argsort(self._squares(lon, lat), kind="stable")[:_MOST_STARTS].tolist()
        return next((one for one in near if self.way(one, goals)), int(near[0]))

    def exits_towards(self, place: Place) -> list[int]:
        """Arcs over which the vehicle is out, the exit nearest to a place first."""
        lon, lat = self.position(place)
        squares = self._squares(lon, lat)
        graph, arcs = self.graph, self._exit_arcs()
        return sorted(arcs, key=lambda arc: (float(squares[graph.head[arc]]), arc))

    def _exit_arcs(self) -> list[int]:
        """Arcs over which the vehicle is out, in the order of the network; found once."""
        if self._exits is None:
            graph = self.graph
            out = np.isin(graph.section, list(self._exit_sections))
            out |= np.isin(graph.head, list(self._exit_junctions))
            self._exits = np.flatnonzero(out & np.isfinite(graph.time_s)).tolist()
        return self._exits

    def exit_name(self, arc: int) -> str | None:
        """The exit that is reached by driving an arc to its end; None for none."""
        found = self._exit_sections.get(int(self.graph.section[arc]))
        if found is None:
            found = self._exit_junctions.get(int(self.graph.head[arc]))
        return found

    def way(
        self, start: int, goals: Iterable[int], time_s: NDArray[np.float64] | None = None
    ) -> list[int]:
        """Arcs of the shortest way from a node over the first goal arc that can be reached.

        Args:
            start: node.
            goals: arcs, the best first.
            time_s: float64[a], seconds by arc as the driver takes them; infinite where banned.
        """
        graph = self.graph
        times = graph.time_s if time_s is None else time_s
        search = ArrivalSearch(graph.first_out, graph.head, times)
        found = search.run([start], [0.0])
        for arc in goals:
            tail = int(graph.tail[arc])
            if math.isfinite(float(found.arrival_s[tail])) and math.isfinite(float(times[arc])):
                return [*path_arcs(found.via, graph.tail, tail), arc]
        return []

    def line(self, arc: int) -> NDArray[np.float64]:
        """Longitude and latitude along an arc, in the direction that it is driven."""
        line: NDArray[np.float64] = self.network.geometry(int(self.graph.section[arc]))
        return line if bool(self.graph.forward[arc]) else line[::-1]

    def nearest_on(self, arc: int, lon: float, lat: float) -> tuple[float, float]:
        """How near an arc passes a point: metres, and the share of the arc driven until there."""
        line = self.line(arc)
        scale = np.array([_EARTH_M * math.cos(math.radians(lat)), _EARTH_M])
        points = (line - np.array([lon, lat])) * scale
        steps = np.diff(points, axis=0)
        lengths = np.hypot(steps[:, 0], steps[:, 1])
        whole = float(lengths.sum())
        best, share, before = math.inf, 0.0, 0.0
        for point, step, length in zip(points, steps, lengths.tolist(), strict=False):
            at = 0.0 if length == 0 else float(np.clip(-(point @ step) / length**2, 0.0, 1.0))
            off = point + at * step
            far = float(math.hypot(off[0], off[1]))
            if far < best:
                best, share = far, 0.0 if whole == 0 else (before + at * length) / whole
            before += length
        return best, share

    def point_on(self, arc: int, share: float) -> tuple[float, float]:
        """Longitude and latitude when a share of an arc is driven."""
        line = self.line(arc)
        steps = np.hypot(*np.diff(line, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        at = share * float(along[-1])
        return float(np.interp(at, along, line[:, 0])), float(np.interp(at, along, line[:, 1]))

    def heading_deg(self, arc: int) -> float:
        """Degrees clockwise from north from an arc's beginning to its end."""
        line = self.line(arc)
        east = (line[-1, 0] - line[0, 0]) * math.cos(math.radians(float(line[0, 1])))
        return math.degrees(math.atan2(east, line[-1, 1] - line[0, 1])) % 360.0

    def road_name(self, arc: int) -> str:
        """What people call the road of an arc, or its class."""
        section = int(self.graph.section[arc])
        name = self.network.names[int(self.network.section_name[section])]
        return name or section_id(self.network, section)

    def _squares(self, lon: float, lat: float) -> NDArray[np.float64]:
        east = (self.network.junction_lon - lon) * math.cos(math.radians(lat))
        found: NDArray[np.float64] = east**2 + (self.network.junction_lat - lat) ** 2
        return found


@dataclass(slots=True)
class Closures:
    """What is truly closed: strength that stands at each site, against what it takes.

    Attributes:
        need: strength that closes a site, by its name `section N` or `junction N`.
        held: side and strength by unit, by site.
    """

    need: dict[str, int] = field(default_factory=dict)
    held: dict[str, dict[str, tuple[str, int]]] = field(default_factory=dict)

    def hold(self, site: str, unit: str, side: str, strength: int, need: int) -> None:
        """A unit has closed its part of a site."""
        self.need[site] = max(1, need)
        self.held.setdefault(site, {})[unit] = (side, strength)

    def leave(self, site: str, unit: str) -> None:
        """A unit has left a site."""
        self.held.get(site, {}).pop(unit, None)

    def closed_by(self, site: str) -> str | None:
        """The side whose unit stops what comes to a site; None while it is open."""
        units = self.held.get(site, {})
        if not units or sum(strength for _, strength in units.values()) < self.need[site]:
            return None
        return next(iter(units.values()))[0]

    def before(self, roads: DriverRoads, arc: int) -> tuple[str, str] | None:
        """The closed site that a vehicle meets as it enters an arc, and the side that holds it."""
        section = f"section {int(roads.graph.section[arc])}"
        junction = f"junction {int(roads.graph.junction[roads.graph.head[arc]])}"
        for site in (section, junction):
            side = self.closed_by(site)
            if side is not None:
                return site, side
        return None
