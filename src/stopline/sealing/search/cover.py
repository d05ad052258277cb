"""When sealing is impossible: seal off the most exits (by weight), with the fewest units."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.explain import reach
from stopline.sealing.search.cut_graph import ABSENT, SOURCE, CutGraph, OpenRoute, contract
from stopline.sealing.search.cut_options import make_question
from stopline.sealing.search.delay import Partial
from stopline.sealing.search.goal import found, nothing, shut_by
from stopline.sealing.search.pursuit import without
from stopline.sealing.search.route_program import SealPrices
from stopline.sealing.search.route_search import MOST_ARCS, RouteSearch, no_graph
from stopline.sealing.search.static_cut import cheapest_cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.search.cut_options import CutOptions
    from stopline.sealing.search.goal import Found, Goal
    from stopline.sealing.search.pursuit import Drive, PursuitGraph
    from stopline.sealing.search.sealer import Sealer

_HALF: Final = 0.5
_TRIES: Final = 6  # one more exit may take this part of the time
_FINEST: Final = 1000  # weights are told apart to this part of the largest


def cover(sealer: Sealer, goal: Goal) -> Partial:
    """Keep the vehicle from as many exits (by weight) as possible, with the fewest units.

    A plan that meets the unhindered deadlines is found first; the best one, and its bound, by a
    search between them and the optimistic ones.

    Exits of one name are one: it is kept shut if all of them are.

    Args:
        sealer: chase and sides.
        goal: margin and cost that hold for every seal.
    """
    goal = replace(goal, most=min(goal.most, sealer.everything(goal.prefer)))
    exits = _Exits.of(sealer.chase, goal.most)
    free_s = sealer.free.by_s(sealer.chase, goal.margin_s)
    core_s = sealer.core_by_s(goal, sealer.core(goal))
    free_s = np.where(np.isinf(free_s), np.nan, free_s)
    finish = sealer.until
    # A share of the time for each, so that none takes it all.
    sealer.until = time.perf_counter() + (finish - time.perf_counter()) / 3
    first, names = _one_by_one(sealer, goal, exits, free_s)
    first = _more_exits(sealer, goal, exits, first, names)
    if time.perf_counter() > finish:
        sealer.until = finish
        kept = exits.weight[~_reached(sealer, goal, exits, first)]
        return Partial(first, float(kept.sum()), float(exits.weight.sum()))
    sealer.until = time.perf_counter() + (finish - time.perf_counter()) / 2
    sure = CoverSearch(sealer, goal, exits, free_s)
    sure.consider(first)
    sure.run()
    sealer.until = finish
    search = CoverSearch(sealer, goal, exits, core_s)
    search.consider(sure.best)
    proven = search.run()
    value = search.value()
    return Partial(search.best, value, value if proven else max(value, search.most_value()))


def _more_exits(sealer: Sealer, goal: Goal, exits: _Exits, best: Found, names: list[int]) -> Found:
    """Add exits for which only prices on units, or true deadlines, find a plan."""
    chase, finish = sealer.chase, sealer.until
    name_of_arc = exits.name_of[chase.exit_of]
    name_of_start = np.where(chase.start_node == chase.way_out, name_of_arc[chase.start_arc], -1)
    missing = np.setdiff1d(np.arange(exits.weight.shape[0]), names)
    for name in missing[np.argsort(-exits.weight[missing], kind="stable")].tolist():
        if time.perf_counter() > finish:
            break
        wanted = [*names, name]
        others = (name_of_arc >= 0) & ~np.isin(name_of_arc, wanted)
        starts = (name_of_start < 0) | np.isin(name_of_start, wanted)
        if not starts.any():
            continue
        some = sealer.on(without(chase, others, starts))
        some.until = time.perf_counter() + (finish - time.perf_counter()) / _TRIES
        plan = some.solve(replace(goal, cheapest=False))
        if plan.sealed and plan.cost <= goal.most:
            best, names = plan, wanted
    return best


def _one_by_one(
    sealer: Sealer, goal: Goal, exits: _Exits, by_s: NDArray[np.float64]
) -> tuple[Found, list[int]]:
    """Add exits as long as flows find a cut before them, the cheapest first; and their names."""
    chase = sealer.chase
    question = make_question(
        chase, sealer.sides, sealer.need, np.minimum(by_s, goal.latest_s), prefer=goal.prefer
    )
    name_of_arc = exits.name_of[chase.exit_of]
    name_of_start = np.where(chase.start_node == chase.way_out, name_of_arc[chase.start_arc], -1)

    def kept_shut(names: list[int]) -> Found:
        if time.perf_counter() > sealer.until:
            return nothing(())
        others = (name_of_arc >= 0) & ~np.isin(name_of_arc, names)
        capacity = np.where(others, np.int32(ABSENT), question.capacity)
        starts = (name_of_start < 0) | np.isin(name_of_start, names)
        graph = contract(replace(chase, start_node=chase.start_node[starts]), capacity)
        if isinstance(graph, OpenRoute):
            return nothing(())
        return found(
            question,
            cheapest_cut(
                graph, question, sealer.sides, until=sealer.until, most=goal.most, quick=True
            ),
        )

    alone = {name: kept_shut([name]) for name in range(exits.weight.shape[0])}
    order = sorted(
        (name for name, plan in alone.items() if plan.sealed),
        key=lambda name: alone[name].cost / exits.weight[name],
    )
    best: Found = nothing(())
    names: list[int] = []
    for name in order:
        plan = kept_shut([*names, name])
        if plan.sealed and plan.cost <= goal.most:
            best, names = plan, [*names, name]
    return best, names


@dataclass(frozen=True, slots=True)
class _Exits:
    """The names of exits, x of them.

    Attributes:
        name_of: int64[number of exits + 1], the name of each exit; -1 at the end for no exit.
        weight: float64[x].
        price: float64[x], what reaching each costs, where a unit costs 1; no number of units
            outweighs an exit.
        step: weights are multiples of it.
    """

    name_of: NDArray[np.int64]
    weight: NDArray[np.float64]
    price: NDArray[np.float64]
    step: float

    @classmethod
    def of(cls, chase: PursuitGraph, most: float) -> _Exits:
        """Read them from a chase, for plans of at most so many units."""
        weights: dict[str, float] = {}
        for place in chase.exits:
            weights[place.name] = max(place.weight, weights.get(place.name, 0.0))
        names = list(weights)
        weight = np.array(list(weights.values()))
        finest = float(weight.max(initial=0.0)) / _FINEST
        parts = np.rint(weight / (finest or 1.0)).astype(np.int64)
        step = finest * float(np.gcd.reduce(parts)) or 1.0
        name_of = np.array([names.index(place.name) for place in chase.exits] + [-1])
        return cls(name_of, weight, weight / step * (1.0 + most), step)


class CoverSearch(RouteSearch):
    """The plan that keeps the vehicle from the most exits: each has a node in the cut graph.

    Args:
        sealer: chase, sides and needs.
        goal: what is asked.
        exits: their names and prices.
        by_s: float64[a], deadlines of arcs, NaN where the vehicle never comes.
    """

    def __init__(
        self, sealer: Sealer, goal: Goal, exits: _Exits, by_s: NDArray[np.float64]
    ) -> None:
        self._exits, self._sealer = exits, sealer
        question, graph, self._node_of = _exits_apart(sealer, goal, exits, by_s)
        self._node_price = np.zeros(graph.nodes)
        np.add.at(self._node_price, self._node_of, exits.price)
        super().__init__(sealer, goal, question, graph, goal.most)

    def consider(self, plan: Found) -> None:
        """Begin with a plan."""
        self.best, self.score = plan, self._score(plan)

    def value(self) -> float:
        """Weight of the exits that the best plan keeps the vehicle from."""
        reached = _reached(self._sealer, self.goal, self._exits, self.best)
        return float(self._exits.weight[~reached].sum())

    def most_value(self) -> float:
        """Weight that no plan exceeds."""
        weight, price = self._exits.weight, self._exits.price
        surely = self._node_of == SOURCE
        open_price = max(float(price[surely].sum()), self.bound - self.goal.most)
        return float(weight.sum() - open_price * self._exits.step / (1.0 + self.goal.most))

    def prices(self) -> SealPrices:
        """Exits that the vehicle gets to, then units (or strength)."""
        return SealPrices(option=self.learnt.weight(), extra=1.0, node=self._node_price)

    def score_of(
        self,
        plan: Found,
        shut_s: NDArray[np.float64],  # noqa: ARG002  (the plan tells of them)
        escapes: list[tuple[int, Drive]],  # noqa: ARG002  (it is no less a plan)
    ) -> float:
        """Exits that the vehicle gets to, then units (or strength)."""
        return self._score(plan)

    def _score(self, plan: Found) -> float:
        reached = _reached(self._sealer, self.goal, self._exits, plan)
        return float(self._exits.price[reached].sum()) + plan.cost

    def drives(
        self, shut_s: NDArray[np.float64], reached: NDArray[np.float64]
    ) -> list[tuple[int, Drive]]:
        """Drives to exits that the program believes to be kept shut."""
        name_of, drives = self._exits.name_of, reach(self._sealer, shut_s).drives
        led = [(int(self._node_of[name_of[exit_]]), drive) for exit_, drive in drives.items()]
        return [(node, drive) for node, drive in led if reached[node] < _HALF]


def _reached(sealer: Sealer, goal: Goal, exits: _Exits, plan: Found) -> NDArray[np.bool_]:
    """Names of exits that the vehicle gets to under a plan, bool[x]."""
    reached = np.zeros(exits.weight.shape[0], dtype=bool)
    shut_s = shut_by(plan, sealer.need, goal.margin_s)
    reached[exits.name_of[list(reach(sealer, shut_s).drives)]] = True
    return reached


def _exits_apart(
    sealer: Sealer, goal: Goal, exits: _Exits, by_s: NDArray[np.float64]
) -> tuple[CutOptions, CutGraph, NDArray[np.int32]]:
    """Options, the cut graph with one sink for each exit name, and the node of each."""
    chase, names = sealer.chase, exits.weight.shape[0]
    question = make_question(
        chase, sealer.sides, sealer.need, np.minimum(by_s, goal.latest_s), prefer=goal.prefer
    )
    head = np.where(chase.exit_of >= 0, chase.nodes + exits.name_of[chase.exit_of], chase.head)
    # Some first drives end at an exit.
    leads_to = chase.nodes + exits.name_of[chase.exit_of[chase.start_arc]]
    start_node = np.where(chase.start_node == chase.way_out, leads_to, chase.start_node)
    more = np.full(names, chase.first_out[-1], dtype=np.int32)
    apart = replace(
        chase,
        first_out=np.concatenate((chase.first_out, more)),
        head=head.astype(np.int32),
        start_node=start_node.astype(np.int32),
    )
    graph = contract(apart, question.capacity, keep=chase.nodes + np.arange(names))
    if isinstance(graph, OpenRoute):
        msg = "no arc leads to the way out when exits are apart"
        raise TypeError(msg)
    node_of = graph.number[chase.nodes :]
    if graph.arc.shape[0] <= MOST_ARCS:
        return question, graph, node_of
    apart_only = np.where(node_of == SOURCE, SOURCE, 2 + np.arange(names))
    return question, no_graph(2 + names), apart_only.astype(np.int32)
