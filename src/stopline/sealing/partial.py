"""When sealing is impossible: seal off the most exits, or delay the first escape the longest."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.cut_graph import SOURCE, CutGraph, OpenRoute, contract
from stopline.sealing.deadlines import optimistic
from stopline.sealing.goal import Found, Goal, nothing
from stopline.sealing.integer_program import Outcome
from stopline.sealing.question import make_question
from stopline.sealing.static_cut import CutProgram, Refusals, ask_and_learn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.chase import Chase
    from stopline.sealing.question import Question
    from stopline.sealing.sealer import Sealer

_RESOLUTION_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Partial:
    """A plan that does not seal everything.

    Attributes:
        plan: the seals; none of them if nothing helps.
        value: weight of the exits it keeps shut (cover), or first escape in s (delay).
        bound: no plan does better.
    """

    plan: Found
    value: float
    bound: float


def delay(sealer: Sealer, goal: Goal) -> Partial:
    """Make the first escape as late as possible.

    Args:
        sealer: chase and sides.
        goal: margin and cost that hold for every seal.
    """
    core = optimistic(
        sealer.chase, sealer.free, sealer.sides, sealer.need, goal.margin_s, goal.latest_s
    )
    low = float(sealer.free.at_s[sealer.chase.way_out])
    high = float(core.at_s[sealer.chase.way_out])
    best = nothing(())
    finish = sealer.until
    while high - low > _RESOLUTION_S and time.perf_counter() < finish:
        middle = (low + high) / 2 if np.isfinite(high) else low + 600.0
        # Half of what is left for each question, so that one hard one does not take it all.
        sealer.until = time.perf_counter() + (finish - time.perf_counter()) / 2
        found = sealer.solve(replace(goal, horizon_s=middle, cheapest=False))
        if found.sealed:
            best, low = found, middle
        elif found.proven:
            high = middle
        else:
            break
    sealer.until = finish
    return Partial(best, low, high)


def cover(sealer: Sealer, goal: Goal) -> Partial:
    """Keep the vehicle from as many exits (by weight) as possible, with the fewest units.

    The plan meets the unhindered deadlines; the bound is that of the optimistic ones.

    Exits of one name are one: it is kept shut if all of them are.

    Args:
        sealer: chase and sides.
        goal: margin and cost that hold for every seal.
    """
    weights: dict[str, float] = {}
    for place in sealer.chase.exits:
        weights[place.name] = max(place.weight, weights.get(place.name, 0.0))
    weight = np.array(list(weights.values()))
    by_s = sealer.free.by_s(sealer.chase, goal.margin_s)
    by_s[np.isinf(by_s)] = np.nan
    question, graph, node_of = _exits_apart(sealer, goal, by_s)
    program = CoverProgram(question, graph, node_of, weight)
    learnt = Refusals()
    told = 0
    bound = float(weight.sum())
    while True:
        for side, row in learnt.rows[told:]:
            program.forbid(side, row)
        told = len(learnt.rows)
        solution = program.solve(sealer.until - time.perf_counter())
        if solution.values.size == 0:
            return Partial(nothing(()), 0.0, bound)
        options = program.chosen(solution.values)
        answers = ask_and_learn(question, sealer.sides, options, learnt)
        done = solution.outcome is Outcome.OPTIMAL
        if answers is not None:
            plan = Found(
                question=question,
                options=options,
                answers=answers,
                cost=options.shape[0],
                bound=0.0,
                proven=done,
            )
            value = program.value(solution.values)
            return Partial(plan, value, max(value, min(bound, program.bound(solution.bound))))
        if not done:
            return Partial(nothing(()), 0.0, bound)


def _exits_apart(
    sealer: Sealer, goal: Goal, by_s: NDArray[np.float64]
) -> tuple[Question, CutGraph, NDArray[np.int32]]:
    """The cut graph with one sink for each exit name, and the node of each."""
    chase = sealer.chase
    question = make_question(
        chase, sealer.sides, sealer.need, np.minimum(by_s, goal.latest_s), prefer=goal.prefer
    )
    names = list(dict.fromkeys(place.name for place in chase.exits))
    exits = len(names)
    group = np.array([names.index(place.name) for place in chase.exits] + [-1])
    head = np.where(chase.exit_of >= 0, chase.nodes + group[chase.exit_of], chase.head)
    more = np.full(exits, chase.first_out[-1], dtype=np.int32)
    apart = replace(
        chase,
        first_out=np.concatenate((chase.first_out, more)),
        head=head.astype(np.int32),
        start_node=_apart_starts(chase, group),
    )
    graph = contract(apart, question.capacity, keep=chase.nodes + np.arange(exits))
    if isinstance(graph, OpenRoute):
        msg = "no arc leads to the way out when exits are apart"
        raise TypeError(msg)
    return question, graph, graph.number[chase.nodes :]


def _apart_starts(chase: Chase, group: NDArray[np.int64]) -> NDArray[np.int32]:
    """Where the vehicle starts, when exits are apart: some first drives end at an exit."""
    leads_to = group[chase.exit_of[chase.start_arc]]
    at_exit = chase.start_node == chase.way_out
    return np.where(at_exit, chase.nodes + leads_to, chase.start_node).astype(np.int32)


class CoverProgram(CutProgram):
    """The cut program with a potential for each exit: 1 where the vehicle may get there."""

    def __init__(
        self,
        question: Question,
        graph: CutGraph,
        node_of: NDArray[np.int32],
        weight: NDArray[np.float64],
    ) -> None:
        super().__init__(question, graph, None)
        self._weight = weight
        self._node_of = node_of
        cost = np.zeros(self.columns)
        units = question.weight[self.options].astype(np.float64)
        # Saving units never outweighs an exit.
        self._unit_cost = float(weight[weight > 0].min(initial=1.0)) / (2.0 * (1 + units.sum()))
        cost[self.column[self.options]] = units * self._unit_cost
        self._fixed = node_of == SOURCE
        apart = ~self._fixed
        np.add.at(cost, node_of[apart], weight[apart])
        self.set_costs(cost)
        self.make_integer(node_of[apart])

    def value(self, values: NDArray[np.float64]) -> float:
        """Weight of the exits that the vehicle is kept from."""
        potential = values[self._node_of]
        return float(self._weight[potential < 0.5].sum())  # noqa: PLR2004

    def bound(self, objective: float) -> float:
        """Weight that no plan exceeds, from a bound on the objective."""
        if not np.isfinite(objective):
            return float(self._weight.sum())
        return float(self._weight[~self._fixed].sum() - objective + self._unit_cost)
