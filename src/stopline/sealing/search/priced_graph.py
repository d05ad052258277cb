"""What cheapest cuts of a time graph cost at prices on units.

An edge costs what the cheapest unit in time for it costs. Whatever the prices are, the cheapest cut
less the sum of all prices is a lower bound on every plan, because a plan pays each price once.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.compiled import read_only
from stopline.sealing.search.cut_kernel import more_flow, residual_graph, residual_reach
from stopline.sealing.search.price_kernel import closing_prices
from stopline.sealing.search.time_graph import SINK, SOURCE, TimeGraph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.search.unit_times import UnitTimes

SCALE: Final = 10_080  # prices are whole numbers of this part of a unit
UNLIMITED: Final = 1 << 46


@dataclass(frozen=True, slots=True)
class PriceCut:
    """A cheapest cut at some prices.

    Attributes:
        bound: no plan costs less, in parts of `SCALE`; `UNLIMITED` and more where none exists.
        value: the weight of the cut.
        near: bool[v], what is on the source's side of the cut nearest to it.
        far: bool[v], the same of the cut nearest to the sink.
        residual: int64[2e], of the flow: edge 2i is edge i, 2i + 1 its reverse.
        capacity: int64[e], what each edge may carry.
    """

    bound: int
    value: int
    near: NDArray[np.bool_]
    far: NDArray[np.bool_]
    residual: NDArray[np.int64]
    capacity: NDArray[np.int64]


class PricedGraph:
    """Cheapest cuts of one time graph at any prices.

    Args:
        graph: the time graph.
        times: when units close sites.
        margin_s: required margin.
        cost: int64[u], what each unit costs, in units (or strength).
        latest_s: no site may be closed later than this, whatever the margin.
    """

    def __init__(
        self,
        graph: TimeGraph,
        times: UnitTimes,
        margin_s: float,
        cost: NDArray[np.int64],
        latest_s: float = np.inf,
    ) -> None:
        self.graph, self.times, self.cost = graph, times, cost
        self.row = np.where(graph.arc >= 0, times.row[graph.arc], np.int32(-1)).astype(np.int32)
        self.by_s = np.minimum(graph.by_s - margin_s, latest_s)
        edges = graph.tail.shape[0]
        self._first = np.empty(graph.nodes + 1, dtype=np.int32)
        self._edge = np.empty(2 * edges, dtype=np.int32)
        residual_graph(
            graph.nodes, read_only(graph.tail), read_only(graph.head), self._first, self._edge
        )
        self._to = np.empty(2 * edges, dtype=np.int32)
        self._to[0::2], self._to[1::2] = graph.head, graph.tail
        self._chains = _chains(graph.after)
        self._needs, kind = np.unique(times.need, return_inverse=True)
        self._kind = kind.astype(np.int32)
        self._known_s = times.ready_s
        if times.boundless:
            self._known_s = times.ready_s.copy()
            self._known_s[:, list(times.boundless)] = np.inf
        # How many sites each unit, and all units of each limit, may hold.
        most = [limit.most for _, limit in times.limits]
        self._held = np.array([1] * times.units + most, dtype=np.int64)
        self.limited = self._counted()

    def _counted(self) -> NDArray[np.bool_]:
        """Edges that count in each limit, however late their arc is closed; bool[e, r]."""
        limits = self.times.limits
        counted = np.zeros((self.row.shape[0], len(limits)), dtype=bool)
        own = np.flatnonzero(self.row >= 0)
        if not limits or not own.size:
            return counted
        latest_s = np.full(int(self.graph.arc.max()) + 1, -np.inf)
        np.maximum.at(latest_s, self.graph.arc[own], self.by_s[own])
        for number, (_, limit) in enumerate(limits):
            counted[own, number] = latest_s[self.graph.arc[own]] <= limit.latest_s[self.row[own]]
        return counted

    def closing(self, price: NDArray[np.int64]) -> NDArray[np.int64]:
        """What closing each edge costs at prices (in parts of `SCALE`), int64[e].

        Args:
            price: int64[u + r], of units and limits.
        """
        result = np.empty(self.row.shape[0], dtype=np.int64)
        times = self.times
        own = np.ascontiguousarray(price[: times.units])
        orders = [
            np.argsort(own / np.minimum(times.strength, need), kind="stable")
            for need in self._needs.tolist()
        ]
        closing_prices(
            read_only(self.row),
            read_only(self.by_s),
            read_only(self._known_s),
            read_only(times.need),
            self._kind,
            np.array(orders, dtype=np.int32).reshape(len(orders), times.units),
            own,
            times.strength,
            UNLIMITED,
            result,
        )
        for unit in times.boundless:
            mine = [number for number, (who, _) in enumerate(times.limits) if who == unit]
            dear = own[unit] + self.limited[:, mine] @ price[times.units :][mine]
            timely = (self.row >= 0) & (times.ready_s[self.row, unit] <= self.by_s)
            result = np.where(timely, np.minimum(result, dear), result)
        return result

    def capacities(
        self, closing: NDArray[np.int64], carried: NDArray[np.int64] | None
    ) -> NDArray[np.int64]:
        """Share what closing an arc costs between its copies, int64[e].

        However it is shared, what an edge and all later ones of its arc may carry together is at
        most what closing that edge costs: then the bound holds.

        Args:
            closing: int64[e], what closing each edge costs.
            carried: int64[e], what each edge is to carry at least, as far as that can be.
        """
        own = closing.copy()
        chains = self._chains
        if not chains.size:
            return own
        there = chains >= 0
        most = np.where(there, closing[chains], 0)
        together = np.zeros(most.shape, dtype=np.int64)
        if carried is not None:
            wanted = np.where(there, carried[chains], 0)
            together = np.cumsum(wanted[:, ::-1], axis=1)[:, ::-1]
            together = np.minimum(together, most)
        left = np.minimum.accumulate(np.where(there, most - together, UNLIMITED), axis=1)
        both = np.where(there, together + left, 0)
        both[:, :-1] -= both[:, 1:]
        both[most >= UNLIMITED] = UNLIMITED
        own[chains[there]] = both[there]
        return own

    def cut(
        self,
        price: NDArray[np.int64],
        carried: NDArray[np.int64] | None,
        cost: NDArray[np.int64],
        until: float = np.inf,
    ) -> PriceCut | None:
        """The cheapest cut at prices; None if time runs out."""
        graph = self.graph
        dear = price.copy()
        dear[: cost.shape[0]] += cost * SCALE
        closing = self.closing(dear)
        capacity = self.capacities(closing, carried)
        residual = np.zeros(2 * capacity.shape[0], dtype=np.int64)
        residual[0::2] = capacity
        level, current, queue = np.empty((3, 2 * graph.nodes), dtype=np.int32)
        value = 0
        while value < UNLIMITED:
            added = more_flow(
                self._first,
                self._edge,
                self._to,
                residual,
                SOURCE,
                SINK,
                UNLIMITED,
                level[: graph.nodes],
                current[: graph.nodes],
                queue,
            )
            value += int(added)
            if not added:
                break
            if time.perf_counter() > until:
                return None
        near = self._reach(residual, SOURCE, backward=False)
        far = ~self._reach(residual, SINK, backward=True)
        bound = value - int(price @ self._held)
        return PriceCut(bound, value, near, far, residual, capacity)

    def _reach(
        self, residual: NDArray[np.int64], start: int, *, backward: bool
    ) -> NDArray[np.bool_]:
        reached = np.empty(self.graph.nodes, dtype=bool)
        residual_reach(
            self._first,
            self._edge,
            self._to,
            residual,
            start,
            int(backward),
            reached,
            np.empty(self.graph.nodes, dtype=np.int32),
        )
        return reached

    @property
    def adjacency(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """First edge of each node, edges, and where they lead; reverses included."""
        return self._first, self._edge, self._to


def _chains(after: NDArray[np.int64]) -> NDArray[np.int64]:
    """The edges of each arc that has several, earliest first, padded with -1."""
    has_before = np.zeros(after.shape[0], dtype=bool)
    has_before[after[after >= 0]] = True
    columns = [np.flatnonzero(~has_before & (after >= 0))]
    while (columns[-1] >= 0).any():
        columns.append(np.where(columns[-1] >= 0, after[columns[-1]], -1))
    return np.column_stack(columns[:-1]) if len(columns) > 1 else np.empty((0, 0), np.int64)
