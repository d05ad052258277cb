"""The engine: all actors of an exercise on one discrete-event clock, over two nodes.

The clock is a SimPy environment that is stepped by whoever drives the nodes: `advance` lets the
nodes' time pass until the next event, then the event happens. Nothing is dropped and nothing comes
too late: an event happens when its time has come, however long that took on the wall.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Protocol

from simpy import Environment

from stopline.exercise.engine.injects import Injects
from stopline.exercise.engine.people import SimulatedPeople
from stopline.exercise.engine.units import Units
from stopline.exercise.engine.world import World
from stopline.exercise.truth.chance import ChanceStreams
from stopline.exercise.truth.journeys import Journeys
from stopline.exercise.truth.log import TruthLog
from stopline.exercise.truth.observers import Observers, OfficerReport
from stopline.exercise.truth.roads import Closures, DriverRoads
from stopline.exercise.truth.vehicle import FleeingVehicle

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from simpy import Event

    from stopline.exercise.document.load import LoadedExercise
    from stopline.exercise.document.msel import Inject
    from stopline.exercise.engine.ports import FactSeen, SideNode

_LOOK_S: Final = 1.0
_WRITES: Final = "second_officer"
_STOPS: Final = "duty_officer"
_TOLD_S: Final = 15.0  # from the road to the officer


class Nodes(Protocol):
    """Both nodes and the line between them, however they run."""

    @property
    def sides(self) -> Mapping[str, SideNode]:
        """The node of each side."""
        ...

    def advance(self, t: float) -> None:
        """Let time pass until so many exercise seconds after STARTEX."""
        ...

    def is_up(self, side: str) -> bool:
        """Whether a node runs."""
        ...

    def start(self, side: str) -> None:
        """Start a node again."""
        ...

    def stop(self, side: str) -> None:
        """Kill a node."""
        ...

    def break_line(self, kind: str, delay_s: float | None = None) -> None:
        """Have the line cut, dead without a word, slow, or `mended`."""
        ...


class Engine:
    """One exercise.

    Attributes:
        world: what all actors share.
        vehicle: the one vehicle.
        ended: why ENDEX came; empty while it plays.
        facts: what evaluators saw in the records, in order.
    """

    def __init__(
        self, loaded: LoadedExercise, nodes: Nodes, *, seed: int | None = None,
        log: TruthLog | None = None,
    ) -> None:  # fmt: skip
        exercise = loaded.exercise
        chance = ChanceStreams(exercise.seed if seed is None else seed)
        env = Environment()
        self.nodes = nodes
        self.world = World(loaded, env, chance, log or TruthLog())
        self.world.played = {
            (side, role) for side, form in exercise.sides.items() for role in form.players
        }
        roads = DriverRoads(loaded.scenario, exercise.truth.vehicle.speed_factor)
        self.closures = Closures()
        self.vehicle = FleeingVehicle(
            env, exercise.truth.vehicle, roads, self.closures, chance, self.world.log
        )
        self.observers = Observers(env, exercise.truth, roads, chance, self.world.log, self._report)
        self.vehicle.passing.append(self.observers.passes)
        self.people = {
            side: SimulatedPeople(self.world, node) for side, node in nodes.sides.items()
        }
        self.units = Units(
            env, dict(exercise.truth.units), self.closures, chance, self.world.log,
            Journeys(loaded.scenario.problem),
        )  # fmt: skip
        self.units.dispatchers = loaded.dispatchers()
        self.units.is_played = lambda side, unit: (side, unit) in self.world.played
        self.units.strength = {one.id: one.strength for one in loaded.scenario.problem.units}
        self.injects = Injects(self.world, self.people, self._breaks)
        self.facts: list[FactSeen] = []
        self.look_again: set[str] = set()  # sides where somebody is simulated again
        self.ended = ""
        self._line_faults: list[tuple[str, float | None]] = []
        self.before_step: Callable[[], None] = lambda: None
        self._sizes: dict[str, int] = dict.fromkeys(nodes.sides, 0)

    @property
    def t(self) -> float:
        """Exercise seconds after STARTEX."""
        return float(self.world.env.now)

    def run(self) -> str:
        """Play from STARTEX to ENDEX; return why it came."""
        self.begin()
        while not self.ended:
            self.step()
        self.note_end()
        return self.ended

    def begin(self) -> None:
        """Set all actors going: STARTEX."""
        env, truth = self.world.env, self.world.exercise.truth
        self.world.log.add(0.0, "control", "STARTEX", seed=self.world.chance.seed)
        env.process(self._looks())
        env.process(self.vehicle.drive())
        env.process(self._endex())
        self.observers.begin()
        self.injects.begin()
        for fault in truth.line:
            env.process(self._line(fault.kind, fault.from_s, fault.until_s, fault.delay_s))

    def step(self) -> None:
        """Let time pass until the next event, and have it happen."""
        env = self.world.env
        self.before_step()
        if self.ended:
            return
        next_s = env.peek()
        if math.isfinite(next_s):
            self.nodes.advance(next_s)
        if not self.ended:
            env.step()

    def end(self, why: str) -> None:
        """Call ENDEX; the first call counts."""
        self.ended = self.ended or why

    def note_end(self) -> None:
        """Note ENDEX, after what the records had new."""
        self._see_facts()
        fate = self.vehicle.fate or "drives on"
        self.world.log.add(self.t, "control", "ENDEX", why=self.ended, vehicle=fate)

    # ---- what happens every second -------------------------------------------------------------

    def _looks(self) -> Generator[Event, Any, None]:
        """Everybody looks at what is new on their side's screens."""
        while True:
            yield self.world.env.timeout(_LOOK_S)
            changed = self._see_facts() | self.look_again
            self.look_again = set()
            for side, people in self.people.items():
                if side not in changed or not self.nodes.is_up(side):
                    continue
                seen = people.node.look()
                if seen is None:
                    continue
                self.units.look(people.node, seen)
                self.vehicle.hear_of({one.site for one in seen.orders if one.state == "issued"})
                people.look(seen)

    def _see_facts(self) -> set[str]:
        """Take in what the records have new; return the sides that have anything."""
        changed = set()
        for side, people in self.people.items():
            if not self.nodes.is_up(side):
                continue
            for fact in people.node.news():
                self.facts.append(fact)
                self.injects.hear(fact)
                changed.add(side)
        return changed

    # ---- the truth reaches the nodes -----------------------------------------------------------

    def _report(self, report: OfficerReport) -> None:
        self.world.env.process(self._written_down(report))

    def _written_down(self, report: OfficerReport) -> Generator[Event, Any, None]:
        people = self.people[report.side]
        yield self.world.env.timeout(people.delay_s(_WRITES, "report"))
        while not people.is_simulated(_WRITES) or not self._known(report.side):
            yield self.world.env.timeout(_LOOK_S * 5)
        people.acts.note(_WRITES, report)

    def _known(self, side: str) -> bool:
        if not self.nodes.is_up(side):
            return False
        seen = self.people[side].node.look()
        return seen is not None and bool(seen.authority)

    def _endex(self) -> Generator[Event, Any, None]:
        """Watch the fate of the vehicle, tell the side that stopped it, and call ENDEX."""
        endex = self.world.exercise.endex
        last_s = endex.at_s
        env = self.world.env
        while not self.vehicle.fate:
            if env.now >= last_s:
                self.end("the time is over")
                return
            yield env.timeout(min(_LOOK_S, last_s - env.now))
        if self.vehicle.fate == "detained":
            env.process(self._tell_detained())
            if endex.detained:
                yield env.timeout(min(endex.play_on_s, max(0.0, last_s - env.now)))
                self.end("detained")
                return
        elif self.vehicle.fate == "out" and endex.out:
            yield env.timeout(min(endex.play_on_s, max(0.0, last_s - env.now)))
            self.end("out")
            return
        yield env.timeout(max(0.0, last_s - env.now))
        self.end("the time is over")

    def _tell_detained(self) -> Generator[Event, Any, None]:
        side = self.vehicle.stopped_by
        people = self.people[side]
        road = self.vehicle.roads.road_name(self.vehicle.arc)
        yield self.world.env.timeout(_TOLD_S + people.delay_s(_STOPS, "detention"))
        while not (people.is_simulated(_STOPS) and self._known(side)):
            yield self.world.env.timeout(_LOOK_S * 5)
        people.acts.stop_vehicle(_STOPS, f"at the closed road: {road}"[:200])

    # ---- faults --------------------------------------------------------------------------------

    def _line(
        self, kind: str, from_s: float, until_s: float, delay_s: float | None
    ) -> Generator[Event, Any, None]:
        yield self.world.env.timeout(from_s)
        fault = (kind, delay_s)
        self._line_faults.append(fault)
        self._set_line()
        yield self.world.env.timeout(until_s - from_s)
        self._line_faults.remove(fault)
        self._set_line()

    def _set_line(self) -> None:
        """The fault that began last counts; as it ends, the one before it goes on."""
        kind, delay_s = self._line_faults[-1] if self._line_faults else ("mended", None)
        self.nodes.break_line(kind, delay_s)
        self.world.log.add(self.t, "line", kind)

    def _breaks(self, one: Inject) -> Generator[Event, Any, None]:
        fault = one.fault
        if fault is None:
            return
        if fault.line is not None:
            yield from self._line(fault.line, 0.0, fault.for_s, None)
            return
        side = str(fault.stops)
        self.nodes.stop(side)
        self.world.log.add(self.t, f"node of {side}", "is killed")
        yield self.world.env.timeout(fault.for_s)
        self.nodes.start(side)
        self.world.log.add(self.t, f"node of {side}", "is started again")
