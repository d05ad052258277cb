"""Among plans that are as good, the one that disturbs traffic least."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.search.cut_graph import CutGraph, Flow
from stopline.sealing.search.cut_levels import trimmed, within
from stopline.sealing.search.route_program import SealPrices
from stopline.sealing.search.route_search import RouteSearch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.search.cut_options import CutOptions
    from stopline.sealing.search.goal import Found, Goal
    from stopline.sealing.search.pursuit import Drive
    from stopline.sealing.search.sealer import Sealer

_MOST_ARCS: Final = 20_000
_MOST_ROUNDS: Final = 20


def least_disturbance(
    sealer: Sealer, goal: Goal, found: Found, disturbance: NDArray[np.float64]
) -> Found:
    """Exchange seals for others that cost no more and disturb less.

    First among the plans that meet the unhindered deadlines, then among all. Where roads are so
    many that an integer program is hopeless, or time runs out, the best plan may be missed.

    Args:
        sealer: chase and sides.
        goal: what the plan was found for.
        found: the plan.
        disturbance: float64[c], cost of closing each site.
    """
    best = found
    for cut, rounds in (
        (sealer.sure_cut(goal), _MOST_ROUNDS),
        (sealer.core_cut(goal, sealer.core(goal)), np.inf),
    ):
        if cut is None:
            continue
        question, whole = cut
        graph = _narrowed(whole, found.cost, split=sealer.chase.split)
        if graph is None or graph.arc.shape[0] > _MOST_ARCS:
            continue
        search = _LeastDisturbance(sealer, goal, question, graph, found.cost, disturbance)
        search.consider(best)
        search.run(rounds)
        best = search.best
    return replace(best, cost=found.cost, bound=found.bound, proven=found.proven)


def _narrowed(graph: CutGraph, most: int, *, split: bool) -> CutGraph | None:
    """A graph that holds every cut of at most this cost; None if there is no such cut."""
    graph = trimmed(graph)
    if split:  # one seal may stand on two arcs of a cut, so that flows bound nothing
        return graph
    flow = Flow(graph, most)
    return within(graph, flow, most - flow.value) if flow.value <= most else None


class _LeastDisturbance(RouteSearch):
    """The plan that seals, costs no more than given, and disturbs least."""

    def __init__(
        self,
        sealer: Sealer,
        goal: Goal,
        question: CutOptions,
        graph: CutGraph,
        most: float,
        disturbance: NDArray[np.float64],
    ) -> None:
        super().__init__(sealer, goal, question, graph, most)
        self._disturbance = disturbance

    def consider(self, plan: Found) -> None:
        """Begin with a plan."""
        self.best, self.score = plan, self._of(plan)

    def prices(self) -> SealPrices:
        """What closing each option's site disturbs."""
        site = self.learnt.question.site[self.learnt.used]
        return SealPrices(
            option=self._disturbance[site], extra=0.0, node=np.zeros(self.graph.nodes)
        )

    def score_of(
        self,
        plan: Found,
        shut_s: NDArray[np.float64],  # noqa: ARG002
        escapes: list[tuple[int, Drive]],
    ) -> float:
        """The disturbance, if the plan seals."""
        return np.inf if escapes or plan.cost > self.most else self._of(plan)

    def _of(self, plan: Found) -> float:
        if plan.question is None or plan.options is None:
            return np.inf
        return float(self._disturbance[np.unique(plan.question.site[plan.options])].sum())
