"""One plan over both territories, made with the units of both sides known: for comparison.

In an exercise each node plans by itself and asks the other; the plan is the same, as a test says.
Statistics of many pursuits need it at once, without journal or line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stopline.network.point_snapper import PointSnapper
from stopline.scenario.sources import sources_around
from stopline.sealing.planner import make_plan

if TYPE_CHECKING:
    from stopline.exercise.document.load import LoadedExercise
    from stopline.sealing.problem import SealingProblem

_OFF_ROAD_M = 2_000.0


@dataclass(frozen=True, slots=True)
class Question:
    """What is planned: from where, for when.

    Attributes:
        now_s: the plan's moment, UTC seconds.
        lon: where it was seen last for certain, WGS 84 degrees.
        lat: the same.
        radius_m: how far from there it may have been.
        seen_s: when, UTC seconds.
        place: where, in words.
    """

    now_s: float
    lon: float
    lat: float
    radius_m: float
    seen_s: float
    place: str


def problem_of(loaded: LoadedExercise, question: Question) -> SealingProblem:
    """What is planned: from where it was seen, with the units of both sides."""
    scenario = loaded.scenario
    network = scenario.problem.network
    most_m = max(_OFF_ROAD_M, question.radius_m)
    circle = (question.lon, question.lat, question.radius_m)
    after_s = question.seen_s - question.now_s
    found = sources_around(network, PointSnapper(network), circle, question.place, after_s, most_m)
    sources = tuple(found) or scenario.problem.sources
    return replace(scenario.problem, sources=sources, now_utc_s=question.now_s)


def joint_orders(problem: SealingProblem) -> tuple[str, dict[str, tuple[str, float]]]:
    """Plan with all units.

    Returns:
        The verdict; and by unit its site and the seconds until it is closed.
    """
    plan = make_plan(problem)
    orders = {
        holder.unit: (f"{seal.site.kind} {seal.site.index}", float(holder.ready_s))
        for seal in plan.seals
        for holder in seal.holders
    }
    return str(plan.verdict), orders
