"""The planning cell: one plan over both territories, cut into the part that each side may hold.

It knows where the vehicle was seen, as the leading side knows it, and the units of both sides as
the scenario lists them, moved to where their orders have taken them. Neither side is shown the
other's units: each gets its own part.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from stopline.exercise.engine.ports import PlanMade
from stopline.network.point_snapper import PointSnapper
from stopline.scenario.sources import sources_around
from stopline.sealing.plan_file.file import plan_text, plan_to_dict
from stopline.sealing.planner import make_plan

if TYPE_CHECKING:
    from stopline.exercise.document.load import LoadedExercise
    from stopline.exercise.engine.ports import Question
    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem

_OFF_ROAD_M = 2_000.0


@dataclass(slots=True)
class PlanningCell:
    """Makes plans for an exercise; a later plan keeps what it can of the one before."""

    loaded: LoadedExercise
    _last: Plan | None = None
    _names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._names = {self.loaded.scenario_side(side): side for side in self.loaded.sides}

    def problem(self, question: Question) -> SealingProblem:
        """What is planned: from where it was seen, with the units of both sides."""
        scenario = self.loaded.scenario
        network = scenario.problem.network
        most_m = max(_OFF_ROAD_M, question.radius_m)
        circle = (question.lon, question.lat, question.radius_m)
        after_s = question.seen_s - question.now_s
        found = sources_around(
            network, PointSnapper(network), circle, question.place, after_s, most_m
        )
        sources = tuple(found) or scenario.problem.sources
        return replace(scenario.problem, sources=sources, now_utc_s=question.now_s)

    def plan(self, question: Question) -> PlanMade:
        """Plan for both sides at a moment."""
        problem = self.problem(question)
        plan = make_plan(problem, previous=self._last)
        self._last = plan
        whole = plan_to_dict(plan, problem, settings=self.loaded.scenario.settings)
        return self._cut(whole, plan)

    def _cut(self, whole: dict[str, Any], plan: Plan) -> PlanMade:
        parts: dict[str, str] = {}
        seals: dict[str, list[dict[str, Any]]] = {side: [] for side in self.loaded.sides}
        units: dict[tuple[str, str, str], float] = {}
        needs: dict[str, int] = {}
        for name, side in self._names.items():
            part = json.loads(json.dumps(whole))
            part["seals"] = [
                seal for seal in part["seals"] if any(h["side"] == name for h in seal["holders"])
            ]
            for seal in part["seals"]:
                seal["holders"] = [one for one in seal["holders"] if one["side"] == name]
            part["units"] = [unit for unit in part["units"] if unit["side"] == name]
            parts[side] = plan_text(part)
            for seal in part["seals"]:
                site = seal["site"]
                seals[side].append(
                    {
                        "site": f"{site['kind']} {site['index']}", "road": site["name"],
                        "lon": site["lon"], "lat": site["lat"], "closed_at": seal["closed_at"],
                        "need": site["need"],
                    }
                )  # fmt: skip
        for one in plan.seals:
            where = f"{one.site.kind} {one.site.index}"
            needs[where] = int(one.site.need)
            for holder in one.holders:
                units[self._names[holder.side], holder.unit, where] = float(holder.ready_s)
        return PlanMade(
            verdict=str(plan.verdict), sentence=plan.sentence, parts=parts, seals=seals,
            units=units, needs=needs,
        )  # fmt: skip
