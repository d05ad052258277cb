"""Seal by unit prices: what no plan can do with fewer, and plans among the cuts that prices find.

A plan that meets safe deadlines seals. Prices on units tell which cuts are cheap when units are
scarce; classes of nodes made by those cuts are few, and an integer program on them chooses a plan.
Inside the cordon of that plan arrivals are later, and the search begins again there. The bound
comes from prices on the time graph, in which what no plan can prevent is the source.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.search.certify import Certifier, ways_of_flow
from stopline.sealing.search.class_program import ClassProgram
from stopline.sealing.search.priced_graph import PricedGraph
from stopline.sealing.search.surely_reached import SureReach
from stopline.sealing.search.time_graph import SINK, SOURCE, time_graph
from stopline.sealing.search.unit_prices import Prices, least_prices, refined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.plan import Certificate
    from stopline.sealing.search.goal import Goal
    from stopline.sealing.search.search_context import SearchContext
    from stopline.sealing.search.time_graph import TimeGraph
    from stopline.sealing.search.unit_times import UnitTimes

_STEPS: Final = 12  # of the time ladder
_MOST_CLASSES: Final = 400
_A_LITTLE: Final = 1e-4
_SHORT_OF_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """A plan that seals.

    Attributes:
        held: (row of the site, unit) pairs.
        cost: units (or strength).
        inside: bool[n], nodes on the vehicle's side of its cordon.
    """

    held: tuple[tuple[int, int], ...]
    cost: int
    inside: NDArray[np.bool_]


class PriceSearch:
    """One search: a goal on a pursuit, with the times of all units.

    Args:
        context: the pursuit.
        times: when units close sites.
        goal: what is asked.
    """

    def __init__(self, context: SearchContext, times: UnitTimes, goal: Goal) -> None:
        self.context, self.times, self.goal = context, times, goal
        strength = goal.prefer == "strength"
        self.cost = times.strength.copy() if strength else np.ones(times.units, dtype=np.int64)
        self.best: HeldPlan | None = None
        self.bound = 0.0
        self.prices: Prices | None = None
        self.time_graph: TimeGraph | None = None
        self.reach: SureReach | None = None

    def _priced(self, graph: TimeGraph) -> PricedGraph:
        goal = self.goal
        return PricedGraph(graph, self.times, goal.margin_s, self.cost, goal.latest_s)

    # Plans.

    def plan(self, until: float, most: float = np.inf) -> HeldPlan | None:
        """Find a plan that meets safe deadlines and costs at most `most`, as cheap as it can."""
        at_s, outside = self.context.free.at_s, None
        most = min(most, float(self.cost.sum()))
        while time.perf_counter() < until:
            found = self.among_cuts(at_s, outside, most, until)
            if found is None:
                break
            self.best, most = found, found.cost - 1
            outside = ~found.inside
            at_s = self.arrivals_within(found.inside)
        return self.best

    def arrivals_within(self, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Arrivals over arcs inside a cordon, all of them open."""
        chase = self.context.chase
        time_s = np.where(inside[chase.head], chase.time_s, np.inf)
        starts = inside[chase.start_node]
        found = chase.search.run(chase.start_node[starts], chase.start_s[starts], time_s=time_s)
        return found.arrival_s.copy()

    def among_cuts(
        self,
        at_s: NDArray[np.float64],
        outside: NDArray[np.bool_] | None,
        most: float,
        until: float,
    ) -> HeldPlan | None:
        """A plan on classes made by cuts at safe deadlines."""
        chase, times = self.context.chase, self.times
        # Later times of units are not known: deadlines may not be later than those either.
        by_s = np.where(np.isfinite(at_s), np.minimum(at_s, times.until_s - _SHORT_OF_S), np.inf)
        graph = time_graph(chase, [by_s], None, outside)
        if graph is None:
            return None
        priced = self._priced(graph)
        prices = least_prices(priced, until=until, enough=most + _A_LITTLE)
        if prices is None or prices.bound > most + _A_LITTLE:
            return None
        found = self._on_classes(priced, prices.classes, most, prices, until)
        if found is not None:
            most = found.cost - 1
        if prices.bound <= most + _A_LITTLE and time.perf_counter() < until:
            classes = self._ladder(priced, by_s, outside, prices, until)
            found = self._on_classes(priced, classes, most, prices, until) or found
        return found

    def _on_classes(
        self,
        priced: PricedGraph,
        classes: NDArray[np.int32],
        most: float,
        prices: Prices,
        until: float,
    ) -> HeldPlan | None:
        program = ClassProgram(priced, self.cost)
        ended = program.integer(classes, most, until, prices.price > 0)
        if not ended.held:
            return None
        # A unit that stands for many holds several sites.
        many = self.times.boundless
        holders = {(unit, row if unit in many else -1) for row, unit in ended.held}
        cost = int(sum(self.cost[unit] for unit, _ in holders))
        node_of = priced.graph.node_of
        inside = np.zeros(self.context.chase.nodes, dtype=bool)
        own = node_of >= 0
        inside[node_of[own]] = ended.inside[own]
        inside[self.context.chase.start_node] = True
        plan = HeldPlan(ended.held, cost, inside)
        return plan if self.seals(plan) else None

    def _ladder(
        self,
        priced: PricedGraph,
        at_s: NDArray[np.float64],
        outside: NDArray[np.bool_] | None,
        prices: Prices,
        until: float,
    ) -> NDArray[np.int32]:
        """Classes split by cuts around all that is reached by growing times."""
        chase, times = self.context.chase, self.times
        classes, graph = prices.classes, priced.graph
        own = graph.node_of >= 0
        finite = at_s[np.isfinite(at_s)]
        nothing = np.zeros(times.prices, dtype=np.int64)
        for step in np.quantile(finite, np.linspace(0.0, 0.9, _STEPS)).tolist():
            part = time_graph(chase, [at_s], None, outside, at_s <= step)
            if part is None or time.perf_counter() > until:
                break
            there = self._priced(part)
            for price in (nothing, prices.price):
                cut = there.cut(price, None, self.cost, until)
                if cut is None:
                    return classes
                for side in (cut.near, cut.far):
                    nodes = at_s <= step
                    nodes[chase.start_node] = True
                    mine = part.node_of >= 0
                    nodes[part.node_of[mine]] = side[mine]
                    split = np.zeros(graph.nodes, dtype=bool)
                    split[own] = nodes[graph.node_of[own]]
                    split[SOURCE], split[SINK] = True, False
                    finer = refined(classes, split)
                    if finer.max() < _MOST_CLASSES:
                        classes = finer
        return classes

    def seals(self, plan: HeldPlan) -> bool:
        """Whether no drive escapes a plan."""
        return self.context.escape(self.shut_s(plan.held)) is None

    def shut_s(self, held: tuple[tuple[int, int], ...]) -> NDArray[np.float64]:
        """From when on each site cannot be entered, float64[c]."""
        times, need = self.times, self.context.need
        shut_s = np.full(need.shape[0], -np.inf)
        strength = np.zeros(need.shape[0], dtype=np.int64)
        for row, unit in held:
            site, ready_s = int(times.site[row]), float(times.ready_s[row, unit])
            shut_s[site] = max(shut_s[site], ready_s + self.goal.margin_s)
            strength[site] += times.strength[unit]
        return np.where(strength >= need, shut_s, np.inf)

    def certificate(self, units: float) -> Certificate | None:
        """Why no plan uses fewer units than these, or why there is none; None if that is unknown.

        Where some site needs more than one unit, nothing is made.
        """
        reach, goal, pursuit = self.reach, self.goal, self.context.chase
        shown = not self.times.teams and not self.times.boundless and not pursuit.split
        if reach is None or not shown or np.isfinite(goal.latest_s):
            return None
        certifier = Certifier(pursuit, reach)
        if np.isfinite(reach.at_s[pursuit.way_out]):
            return certifier.impossible(goal.margin_s)
        if self.prices is None or self.time_graph is None or goal.prefer != "units":
            return None
        ways = ways_of_flow(self.time_graph, self.prices.cut)
        return certifier.bound(ways, goal.margin_s, int(units))

    def assured_at_most(self, until: float) -> float:
        """The chance of stopping a driver who knows our mixture that no mixture exceeds.

        A driver who takes the routes of a flow, drawn by weight, is stopped with at most the sum of
        the prices over the flow. Such a driver does not change the way, so that it counts as
        reached for sure only what nobody can close.
        """
        context, goal = self.context, self.goal
        reach = SureReach(context.chase, self.times, goal.margin_s, goal.latest_s)
        nothing = np.zeros_like(self.cost)
        most = 1.0
        for layers in ([], [context.free.at_s]):
            graph = time_graph(context.chase, layers, reach.at_s)
            if graph is None:
                return 0.0
            priced = self._priced(graph)
            prices = least_prices(priced, cost=nothing, until=until)
            if prices is not None and prices.bound > 1.0:
                most = min(most, 1.0 / prices.bound)
        return most

    # Bounds.

    def prove(self, until: float, enough: float) -> float:
        """Raise the bound to more than `enough`, if it can be; infinite where there is no plan."""
        context, goal = self.context, self.goal
        self.reach = SureReach(context.chase, self.times, goal.margin_s, goal.latest_s)
        while self.reach.improve(until):
            if np.isfinite(self.reach.at_s[context.chase.way_out]):
                self.bound = np.inf
                return self.bound
        for layers in ([], [context.free.at_s]):
            graph = time_graph(context.chase, layers, self.reach.at_s)
            if graph is None:
                self.bound = np.inf
                break
            priced = self._priced(graph)
            prices = least_prices(priced, enough=enough + _A_LITTLE, until=until)
            if prices is not None and prices.bound > self.bound:
                self.bound, self.prices, self.time_graph = prices.bound, prices, graph
            if self.bound > enough + _A_LITTLE or time.perf_counter() > until:
                break
        return self.bound
