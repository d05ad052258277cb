"""The time graph: nodes of the pursuit with copies by time, so that late closings can count.

A copy (v, t) stands for "the vehicle can be at v by t". A plan keeps it out of some copies; what it
lets it into is closed towards later copies, holds all copies that no plan can prevent, and is left
only by arcs whose site is closed by the copy's time. The last copy of a node that can be kept out
altogether has the time infinity: "the vehicle can be there at all".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.search.pursuit import PursuitGraph

SOURCE: Final = 0
SINK: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeGraph:
    """Copies and the edges between them; v nodes, e edges.

    Attributes:
        nodes: number of nodes; 0 is the source, 1 the sink, then the copies.
        tail: int32[e].
        head: int32[e].
        arc: int32[e], the arc of the pursuit; -1 where the vehicle only waits.
        by_s: float64[e], by when closing the arc's site keeps the vehicle from this edge.
        node_of: int32[v], node of the pursuit of each copy; -1 for source and sink.
        at_s: float64[v], time of each copy.
        after: int64[e], the edge of the same arc at its next later copy, or -1.
        origin: int32[e], node of the pursuit that each edge starts from.
        origin_s: float64[e], the time of the copy it starts from.
    """

    nodes: int
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    arc: NDArray[np.int32]
    by_s: NDArray[np.float64]
    node_of: NDArray[np.int32]
    at_s: NDArray[np.float64]
    after: NDArray[np.int64]
    origin: NDArray[np.int32]
    origin_s: NDArray[np.float64]


def time_graph(
    pursuit: PursuitGraph,
    copies: list[NDArray[np.float64]],
    surely_s: NDArray[np.float64] | None,
    outside: NDArray[np.bool_] | None = None,
    inside: NDArray[np.bool_] | None = None,
) -> TimeGraph | None:
    """Make the graph.

    Args:
        pursuit: the graph of the vehicle.
        copies: for each layer float64[n], the time of a copy of each node; NaN for none. Layers
            may be in any order, equal times count once.
        surely_s: float64[n], when the vehicle can be at each node under any plan, infinite where
            it can be kept away. None for a graph in which the copies are safe deadlines: the
            starts alone are the source, and the last copy of a node stands for being there at all.
        outside: bool[n], nodes that are the sink as well.
        inside: bool[n], nodes that are the source as well, where there are safe deadlines.

    Returns:
        The graph; None where the way out is reached under any plan.
    """
    n = pursuit.nodes
    last = np.full(n, np.inf) if surely_s is None else surely_s
    out = np.zeros(n, dtype=bool) if outside is None else outside.copy()
    out[pursuit.way_out] = True
    if surely_s is not None and np.isfinite(last[out]).any():
        return None
    if surely_s is None:  # what lies outside is there, whether or not a drive gets to it
        copies = [np.where(out & ~np.isfinite(layer), 0.0, layer) for layer in copies]
    times, nodes = _copies(copies, last, safe=surely_s is None)
    count = times.shape[0]
    first = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(nodes, minlength=n), out=first[1:])
    number = (2 + np.arange(count)).astype(np.int32)
    if surely_s is not None:
        number[np.isfinite(last[nodes]) & (times >= last[nodes])] = SOURCE
    else:
        number[np.isin(nodes, pursuit.start_node)] = SOURCE
        if inside is not None:
            number[inside[nodes]] = SOURCE
    number[out[nodes]] = SINK
    if surely_s is None and out[pursuit.start_node].any():
        return None
    edges = _edges(pursuit, times, first)
    wait = np.flatnonzero(nodes[1:] == nodes[:-1])
    none = np.full(wait.shape[0], -1, dtype=np.int32)
    tail_copy = np.concatenate((edges[0], wait))
    head_copy = np.concatenate((edges[1], wait + 1))
    arc = np.concatenate((edges[2], none))
    by_s = np.concatenate((edges[3], np.full(wait.shape[0], -np.inf)))
    tail, head = number[tail_copy], number[head_copy]
    kept = np.flatnonzero((tail != head) & (tail != SINK) & (head != SOURCE))
    tail_copy = tail_copy[kept]
    used = np.unique(np.concatenate(((SOURCE, SINK), number[number > SINK])))
    lookup = np.zeros(count + 2, dtype=np.int32)
    lookup[used] = np.arange(used.shape[0])
    arc = arc[kept].astype(np.int32)
    node_of = np.full(used.shape[0], -1, dtype=np.int32)
    at_s = np.full(used.shape[0], np.nan)
    own = number > SINK
    node_of[lookup[number[own]]] = nodes[own]
    at_s[lookup[number[own]]] = times[own]
    return TimeGraph(
        nodes=int(used.shape[0]),
        tail=lookup[tail[kept]],
        head=lookup[head[kept]],
        arc=arc,
        by_s=by_s[kept],
        node_of=node_of,
        at_s=at_s,
        after=_next_of_same_arc(arc, by_s[kept]),
        origin=nodes[tail_copy].astype(np.int32),
        origin_s=times[tail_copy],
    )


def _copies(
    layers: list[NDArray[np.float64]], last: NDArray[np.float64], *, safe: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Times and nodes of all copies, sorted by node, then time; none after the last."""
    times, nodes = [], []
    if not safe:
        times.append(last)
        nodes.append(np.arange(last.shape[0]))
    for layer in layers:
        which = np.flatnonzero(~np.isnan(layer) & (layer < last) & np.isfinite(layer))
        times.append(layer[which])
        nodes.append(which)
    time, node = np.concatenate(times), np.concatenate(nodes)
    order = np.lexsort((time, node))
    time, node = time[order], node[order]
    same = np.zeros(time.shape[0], dtype=bool)
    same[1:] = (node[1:] == node[:-1]) & (time[1:] == time[:-1])
    return time[~same], node[~same]


def _edges(
    pursuit: PursuitGraph,
    times: NDArray[np.float64],
    first: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Copies at both ends, arc and deadline of each edge that an arc makes."""
    count = np.diff(first)[pursuit.tail]
    count = np.where(np.isfinite(pursuit.time_s), count, 0)
    arc = np.repeat(np.arange(pursuit.tail.shape[0], dtype=np.int32), count)
    before = np.cumsum(count) - count
    tail = first[pursuit.tail[arc]] + np.arange(arc.shape[0]) - before[arc]
    there_s = times[tail] + pursuit.time_s[arc]
    head_node = pursuit.head[arc]
    head = first[head_node].copy()
    end = first[head_node + 1]
    # A few copies at most: step on to the first that is not before the arrival.
    while True:
        early = (head < end) & (times[np.minimum(head, times.shape[0] - 1)] < there_s)
        if not early.any():
            break
        head[early] += 1
    # After the last copy: the last one stands for being there at all.
    has_copy = end > first[head_node]
    head = np.where(head == end, end - 1, head)
    kept = has_copy
    return tail[kept], head[kept], arc[kept], times[tail[kept]]


def _next_of_same_arc(arc: NDArray[np.int32], by_s: NDArray[np.float64]) -> NDArray[np.int64]:
    after = np.full(arc.shape[0], -1, dtype=np.int64)
    driven = np.flatnonzero(arc >= 0)
    order = driven[np.lexsort((by_s[driven], arc[driven]))]
    same = arc[order[1:]] == arc[order[:-1]]
    after[order[:-1][same]] = order[1:][same]
    return after
