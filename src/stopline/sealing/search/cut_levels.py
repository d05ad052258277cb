"""Small graphs that still hold every cut near the minimum, so that integer programs stay small.

If residual paths could carry g + 1 more from u to v and back, no cut within g of the minimum parts
u and v: they are one node. For g = 0 these are the strong components of the residual graph; for
g = 1 and 2, what two or three edge-disjoint paths join among the roads that carry no flow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.compiled import read_only
from stopline.network.component_kernel import joined_classes
from stopline.sealing.search.connectivity_kernel import cycle_labels, dead_ends
from stopline.sealing.search.cut_graph import (
    SINK,
    SOURCE,
    CutGraph,
    Flow,
    adjacency,
    merge,
    renumbered,
)
from stopline.sealing.search.cut_kernel import OPEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

HIGHEST: Final = 2


def within(graph: CutGraph, flow: Flow, gap: int) -> CutGraph:
    """Contract a graph so that every cut that costs at most `gap` above the minimum is left.

    Args:
        graph: the graph.
        flow: a maximum flow on it.
        gap: from 0 to `HIGHEST`; above that the graph is returned as it is.
    """
    if gap == 0:
        return trimmed(merge(graph, flow.on_some_minimum_cut()))
    if gap > HIGHEST:
        return graph
    return trimmed(merge(graph, _well_connected(graph, flow, gap)))


def trimmed(graph: CutGraph) -> CutGraph:
    """Fold dead ends, and drop what is joined to nothing: no cheapest cut parts them."""
    near = adjacency(graph)
    into = np.empty(graph.nodes, dtype=np.int32)
    dead_ends(near.first, near.edge, near.to, 2, into)
    small = merge(graph, into)
    used = np.zeros(graph.nodes, dtype=bool)
    used[small.tail] = used[small.head] = True
    used[[SOURCE, SINK]] = True
    number = np.cumsum(used, dtype=np.int32) - 1
    number[~used] = SOURCE
    return merge(small, number)


def _well_connected(graph: CutGraph, flow: Flow, gap: int) -> NDArray[np.int32]:
    """Number of the class of each node: joined by gap + 1 edge-disjoint ways in both directions."""
    one, other, room = _two_way(graph, flow)
    joined = room > gap
    weak = np.flatnonzero(~joined)
    # An edge with room for two counts as two parallel ones.
    twice = weak[room[weak] > 1]
    ends = (np.concatenate((one[weak], one[twice])), np.concatenate((other[weak], other[twice])))
    keep_one, keep_other = one[joined], other[joined]
    label = np.zeros(ends[0].shape[0], dtype=np.uint64)
    random = np.random.default_rng(0).integers(
        1, np.iinfo(np.uint64).max, label.shape[0], dtype=np.uint64
    )
    cycle_labels(graph.nodes, ends[0], ends[1], random, label)
    strong = label != 0
    if gap > 1:
        _, inverse, count = np.unique(label, return_inverse=True, return_counts=True)
        strong &= count[inverse] == 1
    rows = np.concatenate((ends[0][strong], keep_one))
    columns = np.concatenate((ends[1][strong], keep_other))
    found = np.empty(graph.nodes, dtype=np.int32)
    joined_classes(read_only(rows), read_only(columns), found)
    return renumbered(found)


def _two_way(
    graph: CutGraph, flow: Flow
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Edges with residual room both ways: ends, and the smaller of the rooms."""
    unlimited = np.int64(1 << 40)
    carried = flow.residual[1::2] > 0
    room = np.where(carried, 0, np.where(graph.capacity == OPEN, unlimited, graph.capacity))
    low, high = np.minimum(graph.tail, graph.head), np.maximum(graph.tail, graph.head)
    key = low.astype(np.int64) * graph.nodes + high
    forward = graph.tail == low
    keys, inverse = np.unique(key, return_inverse=True)
    there = np.zeros(keys.shape[0], dtype=np.int64)
    back = np.zeros(keys.shape[0], dtype=np.int64)
    np.add.at(there, inverse[forward], room[forward])
    np.add.at(back, inverse[~forward], room[~forward])
    both = np.minimum(there, back)
    kept = both > 0
    return (
        (keys[kept] // graph.nodes).astype(np.int32),
        (keys[kept] % graph.nodes).astype(np.int32),
        both[kept],
    )
