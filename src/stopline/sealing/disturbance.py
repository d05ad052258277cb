"""Among plans that are as good, the one that disturbs traffic least."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.cut_graph import CutGraph, Flow, merge
from stopline.sealing.integer_program import Outcome
from stopline.sealing.question import cost_of
from stopline.sealing.static_cut import CutProgram, Refusals, ask_and_learn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.goal import Found, Goal
    from stopline.sealing.question import Question
    from stopline.sealing.sealer import Sealer

_MOST_ARCS: Final = 20_000
_MOST_ROUNDS: Final = 20


def least_disturbance(
    sealer: Sealer, goal: Goal, found: Found, disturbance: NDArray[np.float64]
) -> Found:
    """Exchange seals for others that cost no more and disturb less.

    Only plans that meet the unhindered deadlines are considered: they need no further check.

    Args:
        sealer: chase and sides.
        goal: what the plan was found for.
        found: the plan.
        disturbance: float64[c], cost of closing each site.
    """
    problem = sealer.sure_cut(goal)
    if problem is None or found.question is None or found.options is None:
        return found
    question, graph = problem
    flow = Flow(graph, found.cost)
    if flow.value > found.cost:
        return found
    if flow.value == found.cost:
        graph = merge(graph, flow.on_some_minimum_cut())
    if graph.arc.shape[0] > _MOST_ARCS:
        return found
    now = float(disturbance[found.question.site[found.options]].sum())
    return _search(sealer, question, graph, found, disturbance, now)


def _search(
    sealer: Sealer,
    question: Question,
    graph: CutGraph,
    found: Found,
    disturbance: NDArray[np.float64],
    now: float,
) -> Found:
    program = CutProgram(question, graph, float(found.cost))
    cost = np.zeros(program.columns)
    cost[program.column[program.options]] = disturbance[question.site[program.options]]
    program.set_costs(cost)
    learnt = Refusals()
    told = 0
    for _ in range(_MOST_ROUNDS):
        solution = program.solve(sealer.until - time.perf_counter())
        if solution.outcome is not Outcome.OPTIMAL or solution.objective >= now - 1e-6:
            return found
        options = program.chosen(solution.values)
        answers = ask_and_learn(question, sealer.sides, options, learnt)
        if answers is not None and cost_of(answers, question.prefer) <= found.cost:
            return replace(found, question=question, options=options, answers=answers)
        for side, row in learnt.rows[told:]:
            program.forbid(side, row)
        told = len(learnt.rows)
        if answers is not None:
            columns = program.column[options]
            program.add_row(-np.inf, columns.shape[0] - 1, columns)
    return found
