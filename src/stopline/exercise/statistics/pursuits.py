"""Pursuits: the joint plan against many seeded drivers, without journal and line.

Each pursuit draws a driver, its destination and each unit's delay from streams of its own and meets
every plan with them: results are compared in pairs. The alarm is raised as the vehicle leaves; the
plan is there and the orders are out a while after, as in the document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from simpy import Environment

from stopline.exercise.document.truth import UnitTruthForm
from stopline.exercise.statistics.baselines import naive_plans
from stopline.exercise.statistics.intervals import Estimate, paired, rate
from stopline.exercise.statistics.joint import Question, joint_orders, problem_of
from stopline.exercise.truth.chance import ChanceStreams
from stopline.exercise.truth.journeys import needs_of
from stopline.exercise.truth.log import TruthLog
from stopline.exercise.truth.roads import Closures, DriverRoads
from stopline.exercise.truth.vehicle import FleeingVehicle

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from simpy import Event

    from stopline.exercise.document.load import LoadedExercise
    from stopline.exercise.document.truth import DriverName, VehicleTruthForm
    from stopline.exercise.statistics.baselines import Orders

JOINT: Final = "joint plan"
_ORDERED_S: Final = 120.0  # from the confirmed sighting to the orders
_RADIUS_M: Final = 50.0


@dataclass(frozen=True, slots=True)
class PursuitTable:
    """What came of all pursuits.

    Attributes:
        verdict: what the joint plan says of itself.
        rates: share of the pursuits that were stopped, by plan.
        gains: joint plan less each other plan, pair by pair.
        count: number of pursuits.
    """

    verdict: str
    rates: dict[str, Estimate]
    gains: dict[str, Estimate]
    count: int


def run_pursuits(
    loaded: LoadedExercise,
    count: int,
    *,
    seed: int,
    driver: DriverName | None = None,
    progress: Callable[[int], None] | None = None,
) -> PursuitTable:
    """Play pursuits against the joint plan and the three naive ones.

    Args:
        loaded: the exercise.
        count: of pursuits.
        seed: of all chance.
        driver: in place of the document's.
        progress: told how many are done.
    """
    form = loaded.exercise.truth.vehicle
    form = form if driver is None else form.model_copy(update={"driver": driver})
    roads = DriverRoads(loaded.scenario, form.speed_factor)
    lon, lat = roads.position(form.start)
    start_s = loaded.exercise.start_s + form.leaves_s
    question = Question(
        now_s=start_s, lon=lon, lat=lat, radius_m=_RADIUS_M, seen_s=start_s, place="start"
    )
    problem = problem_of(loaded, question)
    verdict, joint = joint_orders(problem)
    plans: dict[str, Orders] = {JOINT: joint}
    plans |= naive_plans(problem, roads, ChanceStreams(seed).of("baselines", "random"))
    strength = {one.id: one.strength for one in loaded.scenario.problem.units}
    at_once = form.model_copy(update={"leaves_s": 0.0})
    pursuit = _Pursuit(loaded, at_once, roads, strength, needs_of(loaded.scenario.problem))
    stopped: dict[str, list[bool]] = {name: [] for name in plans}
    for number in range(count):
        for name, orders in plans.items():
            stopped[name].append(pursuit.stopped(orders, seed * 1_000_003 + number))
        if progress is not None:
            progress(number + 1)
    return PursuitTable(
        verdict=verdict,
        rates={name: rate(hits) for name, hits in stopped.items()},
        gains={
            name: paired([float(h) for h in stopped[JOINT]], [float(h) for h in hits])
            for name, hits in stopped.items()
            if name != JOINT
        },
        count=count,
    )


@dataclass(frozen=True, slots=True)
class _Pursuit:
    """One driver and one day's units, against a plan."""

    loaded: LoadedExercise
    form: VehicleTruthForm
    roads: DriverRoads
    strength: dict[str, int]
    needs: dict[str, int]

    def stopped(self, orders: Orders, seed: int) -> bool:
        """Whether the vehicle does not get out."""
        chance, closures, env = ChanceStreams(seed), Closures(), Environment()
        vehicle = FleeingVehicle(env, self.form, self.roads, closures, chance, TruthLog())
        vehicle.hear_of({site for site, _ in orders.values()})
        env.process(vehicle.drive())
        units = self.loaded.exercise.truth.units
        for unit, (site, eta_s) in orders.items():
            own = units.get(unit) or units.get("default") or UnitTruthForm()
            if own.refuses is None:
                set_out_s = chance.seconds(unit, "set out", own.set_out)
                at_s = _ORDERED_S + set_out_s + eta_s * own.travel_factor + own.late_s
                env.process(self._closes(env, closures, at_s, unit, site))
        while not vehicle.fate:
            env.step()
        return vehicle.fate != "out"

    def _closes(
        self, env: Environment, closures: Closures, at_s: float, unit: str, site: str
    ) -> Generator[Event, Any, None]:
        yield env.timeout(at_s)
        closures.hold(site, unit, "", self.strength[unit], self.needs.get(site, 1))
