"""Many origins decided together agree with each planned alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sealing.instances import random_problem
from stopline.sealing.many_origins import OriginDecision, plan_many
from stopline.sealing.plan import Verdict
from stopline.sealing.planner import make_plan
from stopline.sealing.problem import Source
from stopline.sealing.session import prepare

if TYPE_CHECKING:
    from stopline.sealing.problem import SealingProblem


def test_many_origins_agree_with_each_alone() -> None:
    verdicts = set()
    for seed in (3, 8, 21, 34):
        problem = random_problem(seed)
        taken = {(place.kind.value, place.index) for place in problem.exits}
        origins = [
            Source(name=f"junction {j}", time_s=340.0, junction=j)
            for j in range(problem.network.junctions)
            if ("junction", j) not in taken
        ]
        for decision in plan_many(problem, origins, limit_s=20.0, cheapest=True):
            alone = make_plan(replace(problem, sources=(decision.origin,)))
            assert decision.verdict is alone.verdict, (seed, decision)
            if decision.verdict is Verdict.SEALED:
                assert decision.units == alone.units_used == decision.bound
                assert _stopped(replace(problem, sources=(decision.origin,)), decision)
            else:
                assert decision.closed_s == {}
            verdicts.add(decision.verdict)
    assert verdicts == {Verdict.SEALED, Verdict.IMPOSSIBLE}


def _stopped(problem: SealingProblem, decision: OriginDecision) -> bool:
    """Whether no drive gets out past the sites that the decision closes, margin included."""
    pursuit = prepare(problem).chase
    shut_s = np.full(problem.sites.count, np.inf)
    for site, closed_s in decision.closed_s.items():
        shut_s[site] = closed_s + problem.rules.margin_s
    found = pursuit.search.run(pursuit.start_node, pursuit.start_s, shut_s=shut_s)
    return not np.isfinite(found.arrival_s[pursuit.way_out])
