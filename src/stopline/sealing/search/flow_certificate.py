"""A certificate where a plain flow shows it: no plan uses fewer units than a cheapest cut has arcs.

Prices are of no use where the cheapest cut by the optimistic deadlines costs what the plan costs.
Then nobody's own times matter: an arc can be closed in time, or it cannot.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from stopline.network.search import path_arcs
from stopline.sealing.local_side import LocalSide
from stopline.sealing.search.certify import Certifier, ways_of_flow
from stopline.sealing.search.cut_options import make_question
from stopline.sealing.search.priced_graph import SCALE, PricedGraph
from stopline.sealing.search.surely_reached import Reached, SureWay
from stopline.sealing.search.time_graph import time_graph
from stopline.sealing.search.unit_times import UnitTimes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.plan import Certificate
    from stopline.sealing.search.deadlines import Arrival
    from stopline.sealing.search.goal import Goal
    from stopline.sealing.search.pursuit import PursuitGraph
    from stopline.sealing.search.search_context import SearchContext


@dataclass(frozen=True, slots=True)
class OpenReach:
    """What nobody can keep the vehicle from: the optimistic arrivals, with no unit's choice."""

    pursuit: PursuitGraph
    core: Arrival
    steps: list[Reached] = field(default_factory=list)

    @property
    def at_s(self) -> NDArray[np.float64]:
        """Arrivals that no plan can prevent, float64[n]."""
        return self.core.at_s

    def first_way(self, node: int) -> SureWay | None:
        """The earliest drive from a start that nobody can stop; None if there is none."""
        if not np.isfinite(self.core.at_s[node]):
            return None
        arcs = path_arcs(self.core.via, self.pursuit.tail, node)
        start = int(self.pursuit.tail[arcs[0]]) if arcs else node
        return SureWay(start, float(self.core.at_s[start]), tuple(arcs))


def certificate_of_flow(context: SearchContext, goal: Goal, units: int) -> Certificate | None:
    """Show that no plan uses fewer units than these, if a plain flow does.

    Args:
        context: the pursuit.
        goal: its margin holds for all plans that are meant.
        units: how many.
    """
    pursuit = context.chase
    known = all(isinstance(side, LocalSide) for side in context.sides)
    weakest = min(
        (
            int(side.strength.min(initial=1))
            for side in context.sides
            if isinstance(side, LocalSide)
        ),
        default=1,
    )
    teams = bool(context.need.max(initial=1) > weakest)
    if not known or teams or pursuit.split or goal.prefer != "units" or np.isfinite(goal.latest_s):
        return None
    core = context.core(goal)
    graph = time_graph(pursuit, [], core.at_s)
    if graph is None:
        return None
    by_s = context.core_by_s(goal, core)
    arcs = np.arange(pursuit.tail.shape[0], dtype=np.int32)
    question = make_question(pursuit, context.sides, context.need, by_s)
    ready_s = np.full(arcs.shape[0], np.inf)
    closable = question.arc[question.arc >= 0]
    ready_s[closable] = np.where(np.isfinite(by_s[closable]), by_s[closable], 0.0)
    anybody = UnitTimes(
        ready_s=ready_s[:, None],
        site=arcs,
        row=arcs,
        need=np.ones(arcs.shape[0], dtype=np.int64),
        strength=np.ones(1, dtype=np.int64),
        side=np.zeros(1, dtype=np.int32),
        number=np.zeros(1, dtype=np.int32),
    )
    nothing = np.zeros(1, dtype=np.int64)
    cost = np.ones(1, dtype=np.int64)
    priced = PricedGraph(graph, anybody, goal.margin_s, cost)
    cut = priced.cut(nothing, None, cost, context.until)
    if cut is None or cut.bound < units * SCALE:
        return None
    return Certifier(pursuit, OpenReach(pursuit, core)).bound(
        ways_of_flow(graph, cut), goal.margin_s, units
    )
