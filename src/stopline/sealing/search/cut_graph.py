"""The graph in which a minimum cut chooses the sites, and the maximum flow on it.

Nodes that the vehicle reaches by arcs nobody can close are one, the source; nodes from which such
arcs lead out are one, the sink. Between them stand the arcs that can be closed in time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.compiled import read_only
from stopline.network.component_kernel import strong_classes
from stopline.network.search import path_arcs
from stopline.sealing.search.cut_kernel import (
    OPEN,
    close_over,
    incoming,
    more_flow,
    residual_graph,
    residual_reach,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.search.pursuit import PursuitGraph

SOURCE: Final = 0
SINK: Final = 1
ABSENT: Final = 0  # capacity of an arc that is not there
_UNLIMITED: Final = 1 << 40


@dataclass(frozen=True, slots=True, kw_only=True)
class CutGraph:
    """What lies between the vehicle's sure reach and the exits; v nodes, e arcs.

    Attributes:
        nodes: number of nodes; 0 is the source, 1 the sink.
        tail: int32[e].
        head: int32[e].
        capacity: int32[e], units that closing takes at least, or `OPEN`.
        arc: int32[e], the arc of the chase.
        number: int32[n], node of each node of the chase.
    """

    nodes: int
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    capacity: NDArray[np.int32]
    arc: NDArray[np.int32]
    number: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class OpenRoute:
    """No cut: arcs that nobody can close lead from the source out; a start and arcs in order."""

    start_node: int
    arcs: tuple[int, ...]


def contract(
    chase: PursuitGraph,
    capacity: NDArray[np.int32],
    reached: NDArray[np.bool_] | None = None,
    keep: NDArray[np.int64] | None = None,
    beyond: NDArray[np.bool_] | None = None,
) -> CutGraph | OpenRoute:
    """Contract all that cannot be closed.

    Args:
        chase: the graph.
        capacity: int32[a], units that closing an arc takes at least, `OPEN` where nobody can
            close it, `ABSENT` where the vehicle cannot drive.
        reached: bool[n], more nodes that belong to the source.
        keep: nodes that stay apart, in place of the one sink.
        beyond: bool[n], more nodes that belong to the sink.

    Returns:
        The graph between source and sink, or the route that shows there is no cut.
    """
    nodes = chase.nodes
    queue = np.empty(nodes, dtype=np.int32)
    via = np.full(nodes, -1, dtype=np.int32)
    inside = np.zeros(nodes, dtype=bool) if reached is None else reached.copy()
    inside[chase.start_node] = True
    everywhere = np.empty(0, dtype=np.int32)
    capacities, heads = read_only(capacity), read_only(chase.head)
    starts = read_only(chase.first_out)
    close_over(starts, read_only(everywhere), heads, capacities, inside, via, queue)
    if beyond is not None and (inside & beyond).any():
        return OpenRoute(chase.way_out, ())
    if keep is None and inside[chase.way_out]:
        arcs = path_arcs(via, chase.tail, chase.way_out)
        return OpenRoute(int(chase.tail[arcs[0]]) if arcs else chase.way_out, tuple(arcs))
    outside = np.zeros(nodes, dtype=bool) if beyond is None else beyond.copy()
    outside[chase.way_out] = True
    if keep is None:
        first_in = np.empty(nodes + 1, dtype=np.int32)
        in_arc = np.empty(chase.head.shape[0], dtype=np.int32)
        incoming(nodes, heads, first_in, in_arc)
        before, tails = (read_only(first_in), read_only(in_arc)), read_only(chase.tail)
        close_over(*before, tails, capacities, outside, via, queue)
    number = np.full(nodes, -1, dtype=np.int32)
    between = ~inside & ~outside
    number[inside], number[outside] = SOURCE, SINK
    number[between] = 2 + np.arange(np.count_nonzero(between), dtype=np.int32)
    tail, head = number[chase.tail], number[chase.head]
    kept = (capacity != ABSENT) & (tail != head) & (head != SOURCE) & (tail != SINK)
    arc = np.flatnonzero(kept).astype(np.int32)
    return CutGraph(
        nodes=2 + int(np.count_nonzero(between)),
        tail=tail[arc],
        head=head[arc],
        capacity=capacity[arc],
        arc=arc,
        number=number,
    )


@dataclass(frozen=True, slots=True)
class Adjacency:
    """Residual edges by node: edge 2i is arc i, edge 2i + 1 its reverse.

    Attributes:
        first: int32[v + 1].
        edge: int32[2e].
        to: int32[2e], where each edge leads.
    """

    first: NDArray[np.int32]
    edge: NDArray[np.int32]
    to: NDArray[np.int32]


def adjacency(graph: CutGraph) -> Adjacency:
    """List the residual edges of a graph by node."""
    edges = 2 * graph.tail.shape[0]
    first = np.empty(graph.nodes + 1, dtype=np.int32)
    edge, to = np.empty(edges, dtype=np.int32), np.empty(edges, dtype=np.int32)
    residual_graph(graph.nodes, read_only(graph.tail), read_only(graph.head), first, edge)
    to[0::2], to[1::2] = graph.head, graph.tail
    return Adjacency(first, edge, to)


class Flow:
    """A maximum flow on a cut graph, with its residual graph.

    Args:
        graph: where.
        limit: stop once the flow exceeds this.
        capacity: int64[e], in place of the graph's own.
        like: an earlier flow on the same graph, whose adjacency serves again.
        begin: times this many, the earlier flow is where to begin; it must fit in.
        until: `time.perf_counter()` at which to stop; the flow is then less than a maximum.

    Attributes:
        value: of the flow; no cut costs less.
        complete: whether the flow is a maximum or beyond the limit.
    """

    def __init__(
        self,
        graph: CutGraph,
        limit: int = _UNLIMITED,
        capacity: NDArray[np.int64] | None = None,
        like: Flow | None = None,
        begin: int = 0,
        until: float = np.inf,
    ) -> None:
        self.graph = graph
        room = graph.capacity if capacity is None else capacity
        edges = 2 * graph.tail.shape[0]
        self.adjacency: Adjacency = adjacency(graph) if like is None else like.adjacency
        self.residual = np.zeros(edges, dtype=np.int64)
        self.residual[0::2] = np.where(room == OPEN, np.int64(_UNLIMITED), room.astype(np.int64))
        self.value: int = 0
        if like is not None and begin:
            carried = begin * like.residual[1::2]
            self.residual[0::2] -= carried
            self.residual[1::2] += carried
            self.value = begin * like.value
        self._queue = np.empty(2 * graph.nodes, dtype=np.int32)
        self.complete: bool = self._augment(int(limit), until)

    def _augment(self, limit: int, until: float) -> bool:
        level, current = np.empty((2, self.graph.nodes), dtype=np.int32)
        near = self.adjacency
        while self.value <= limit:
            added = more_flow(
                near.first,
                near.edge,
                near.to,
                self.residual,
                SOURCE,
                SINK,
                limit - self.value,
                level,
                current,
                self._queue,
            )
            self.value += int(added)
            if not added:
                return True
            if time.perf_counter() > until:
                return False
        return True

    def near_cut(self) -> NDArray[np.int64]:
        """Arcs (numbers in the graph) of the minimum cut nearest to the source."""
        inside = self._reach(SOURCE, backward=False)
        return self._across(inside)

    def far_cut(self) -> NDArray[np.int64]:
        """Arcs of the minimum cut nearest to the sink."""
        return self._across(~self._reach(SINK, backward=True))

    def on_some_minimum_cut(self) -> NDArray[np.int32]:
        """Class of each node, int32[v]: nodes of one class are on one side of every minimum cut.

        The classes are the strong components of the residual graph (Picard & Queyranne 1980);
        source and sink keep their numbers.
        """
        found = np.full(self.graph.nodes, -1, dtype=np.int32)
        near = self.adjacency
        strong_classes(near.first, near.edge, near.to, self.residual, found)
        found[self._reach(SOURCE, backward=False)] = found[SOURCE]
        found[self._reach(SINK, backward=True)] = found[SINK]
        return renumbered(found)

    def _across(self, inside: NDArray[np.bool_]) -> NDArray[np.int64]:
        graph = self.graph
        return np.flatnonzero(inside[graph.tail] & ~inside[graph.head])

    def _reach(self, start: int, *, backward: bool) -> NDArray[np.bool_]:
        reached = np.empty(self.graph.nodes, dtype=bool)
        residual_reach(
            self.adjacency.first,
            self.adjacency.edge,
            self.adjacency.to,
            self.residual,
            start,
            int(backward),
            reached,
            self._queue,
        )
        return reached


def merge(graph: CutGraph, number: NDArray[np.int32]) -> CutGraph:
    """Contract nodes of a cut graph; `number` is the new node of each, source and sink kept."""
    tail, head = number[graph.tail], number[graph.head]
    kept = (tail != head) & (head != SOURCE) & (tail != SINK)
    return CutGraph(
        nodes=int(number.max()) + 1,
        tail=tail[kept],
        head=head[kept],
        capacity=graph.capacity[kept],
        arc=graph.arc[kept],
        number=number[graph.number],
    )


def renumbered(found: NDArray[np.int32]) -> NDArray[np.int32]:
    """Classes in a new order, those of source and sink first."""
    first = np.array([found[SOURCE], found[SINK]])
    rest = np.setdiff1d(found, first)
    number = np.empty(int(found.max()) + 1, dtype=np.int32)
    number[rest] = 2 + np.arange(rest.shape[0], dtype=np.int32)
    number[first] = (SOURCE, SINK)
    return np.asarray(number[found], dtype=np.int32)
