"""Naive plans in whole exercises: made beside the nodes, adopted by each side for its own units."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stopline.exercise.statistics.baselines import naive_plans
from stopline.exercise.statistics.joint import Question, problem_of
from stopline.exercise.truth.chance import ChanceStreams
from stopline.exercise.truth.journeys import site_names
from stopline.exercise.truth.roads import DriverRoads
from stopline.sealing.assessment import assess_orders
from stopline.sealing.plan_file.file import plan_text, plan_to_dict

if TYPE_CHECKING:
    from stopline.exercise.document.load import LoadedExercise
    from stopline.exercise.engine.ports import SightingLook


class NaivePlans:
    """Makes the part of a side in a naive plan; call it.

    Args:
        loaded: the exercise.
        name: of the baseline.
        seed: of all chance.
    """

    def __init__(self, loaded: LoadedExercise, name: str, seed: int) -> None:
        self.loaded, self.name = loaded, name
        self.roads = DriverRoads(loaded.scenario, loaded.exercise.truth.vehicle.speed_factor)
        self.chance = ChanceStreams(seed)
        self._made: dict[str, dict[str, tuple[str, float]]] = {}

    def __call__(self, side: str, last: SightingLook, now_s: float) -> str:
        """The plan file with the orders of a side's own units, and what it leaves open."""
        question = Question(
            now_s=now_s, lon=float(last.lon or 0.0), lat=float(last.lat or 0.0),
            radius_m=last.radius_m, seen_s=last.seen_s, place=last.place,
        )  # fmt: skip
        problem = problem_of(self.loaded, question)
        if last.id not in self._made:  # both sides go by the same rule
            stream = self.chance.of("baselines", "random")
            self._made[last.id] = naive_plans(problem, self.roads, stream)[self.name]
        name = self.loaded.scenario_side(side)
        own = [number for number, unit in enumerate(problem.units) if unit.side == name]
        places = problem.unit_places
        ours = replace(
            problem, units=tuple(problem.units[number] for number in own),
            unit_places=None if places is None else tuple(places[number] for number in own),
        )  # fmt: skip
        numbers, ids = site_names(problem), {unit.id for unit in ours.units}
        orders = {
            unit: numbers[site] for unit, (site, _) in self._made[last.id].items() if unit in ids
        }
        plan = assess_orders(ours, orders, advise=False)
        return plan_text(plan_to_dict(plan, ours, settings=self.loaded.scenario.settings))
