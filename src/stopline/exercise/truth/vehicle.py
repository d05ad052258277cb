"""The vehicle: a process that drives, meets closed roads, turns or is stopped, and may get out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.exercise.truth.drivers import Driver

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from numpy.typing import NDArray
    from simpy import Environment, Event

    from stopline.exercise.document.fields import Place
    from stopline.exercise.document.truth import VehicleTruthForm
    from stopline.exercise.truth.chance import ChanceStreams
    from stopline.exercise.truth.log import TruthLog
    from stopline.exercise.truth.roads import Closures, DriverRoads

_MOST_TURNS: Final = 200  # a vehicle that turns for ever is a fault of ours


class FleeingVehicle:
    """The one vehicle.

    Attributes:
        fate: what became of it: empty while it drives, `detained`, `out` or `gave up`.
        stopped_by: the side that detained it.
        arc: the arc that it is on; -1 before it left.
    """

    def __init__(
        self,
        env: Environment,
        form: VehicleTruthForm,
        roads: DriverRoads,
        closures: Closures,
        chance: ChanceStreams,
        log: TruthLog,
    ) -> None:
        self.env, self.form, self.roads, self.closures = env, form, roads, closures
        self.chance, self.log = chance, log
        self.driver = Driver.make(form.driver, roads, chance.of("vehicle", "driver"))
        self.fate, self.stopped_by, self.arc = "", "", -1
        self.planned: set[str] = set()
        self.passing: list[Callable[[int, float, float], None]] = []
        self._banned: NDArray[np.bool_] = np.zeros(roads.graph.arcs, dtype=bool)
        self._goals: list[int] = []
        self._news = False

    @property
    def where(self) -> tuple[float, float]:
        """Longitude and latitude of the beginning of the road that it is on."""
        if self.arc < 0:
            return self.roads.position(self.form.start)
        return self.roads.point_on(self.arc, 0.0)

    def hear_of(self, sites: set[str]) -> None:
        """Seals are planned there: only a driver who knows the strategy minds."""
        if self.driver.habits.knows and not sites <= self.planned:
            self.planned |= sites
            self._news = True

    def drive(self) -> Generator[Event, Any, None]:
        """Drive until it is detained or out."""
        yield self.env.timeout(self.form.leaves_s)
        self._head_for(self._drawn())
        node = self.roads.node_at(self.form.start, self._goals)
        way = self._way(node)
        lon, lat = self.roads.position(self.form.start)
        self._note("sets out", lon=round(lon, 5), lat=round(lat, 5))
        turns = 0
        while way:
            way = self._minds_changed(node, way)
            arc = way[0]
            met = self.closures.before(self.roads, arc)
            if met is not None:
                if turns < _MOST_TURNS and self._turns_before(arc, met[0]):
                    turns += 1
                    way = self._way(node)
                    continue
                self._stopped(arc, *met)
                return
            takes_s = float(self.roads.graph.time_s[arc]) / self.driver.speed
            self.arc = arc
            for look in self.passing:
                look(arc, self.env.now, takes_s)
            yield self.env.timeout(takes_s)
            out = self.roads.exit_name(arc)
            if out is not None:
                self.fate = "out"
                lon, lat = self.roads.point_on(arc, 1.0)
                self._note("is out", exit=out, lon=round(lon, 5), lat=round(lat, 5))
                return
            node = int(self.roads.graph.head[arc])
            way = way[1:]
        self.fate = "gave up"
        lon, lat = self.where
        self._note("finds no way on", lon=round(lon, 5), lat=round(lat, 5))

    def _drawn(self) -> Place:
        places = self.form.destinations
        stream = self.chance.of("vehicle", "destination")
        return stream.choices(places, [one.weight for one in places])[0]

    def _head_for(self, place: Place) -> None:
        self._goals = self.roads.exits_towards(place)
        name = place.place or f"{place.lon:.4f}, {place.lat:.4f}"
        self._note("heads for", place=name)

    def _minds_changed(self, node: int, way: list[int]) -> list[int]:
        """The way on, after what was decided for this time or heard meanwhile."""
        due = [one for one in self.form.changes_mind if one.at_s <= self.env.now]
        if due and due[-1].to != getattr(self, "_last_mind", None):
            self._last_mind = due[-1].to
            self._head_for(due[-1].to)
            return self._way(node) or way
        if self._news:
            self._news = False
            return self._way(node) or way
        return way

    def _way(self, node: int) -> list[int]:
        times = np.where(self._banned, np.inf, self.driver.perceived_s)
        if self.planned:
            avoided = np.where(self._planned_arcs(), np.inf, times)
            found = self.roads.way(node, self._goals, avoided)
            if found:
                return found
        return self.roads.way(node, self._goals, times)

    def _planned_arcs(self) -> NDArray[np.bool_]:
        graph = self.roads.graph
        sections = [int(one.split()[1]) for one in self.planned if one.startswith("section")]
        junctions = [int(one.split()[1]) for one in self.planned if one.startswith("junction")]
        heads = graph.junction[graph.head]
        found: NDArray[np.bool_] = np.isin(graph.section, sections) | np.isin(heads, junctions)
        return found

    def _turns_before(self, arc: int, site: str) -> bool:
        """Whether it sees the closed road in time, turns and knows another way."""
        if not self.driver.habits.turns:
            return False
        if not self.chance.happens("vehicle", "sees a checkpoint", self.form.sees):
            return False
        graph = self.roads.graph
        self._banned[graph.section == graph.section[arc]] = True
        lon, lat = self.roads.point_on(arc, 0.0)
        self._note("turns", before=site, lon=round(lon, 5), lat=round(lat, 5))
        return True

    def _stopped(self, arc: int, site: str, side: str) -> None:
        self.fate, self.stopped_by, self.arc = "detained", side, arc
        lon, lat = self.roads.point_on(arc, 0.0)
        road = self.roads.road_name(arc)
        self._note("is detained", site=site, by=side, road=road, lon=round(lon, 5),
                   lat=round(lat, 5))  # fmt: skip

    def _note(self, what: str, **about: object) -> None:
        self.log.add(self.env.now, "vehicle", what, **about)
