"""What cannot be parted for little: classes of copies that every plan below a cost keeps together.

At any prices, what a plan costs and what its units are priced at is at least the flow plus what the
flow leaves free on the edges across its cut. So an edge with more left than the gap is not cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.network.component_kernel import strong_classes
from stopline.sealing.search.cut_kernel import residual_reach
from stopline.sealing.search.price_kernel import well_joined
from stopline.sealing.search.time_graph import SINK, SOURCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.search.unit_prices import PriceCut, PricedGraph


def kept_together(priced: PricedGraph, cut: PriceCut, gap: int) -> NDArray[np.int32]:
    """Classes that no plan parts which costs at most the flow and `gap` more; int32[v].

    Args:
        priced: the graph.
        cut: a cheapest cut of it.
        gap: in parts of `SCALE`: most cost + sum of prices - value of the cut.
    """
    first, edge, to = priced.adjacency
    left = np.maximum(cut.residual - max(gap, 0), 0)
    nodes = priced.graph.nodes
    queue = np.empty(nodes, dtype=np.int32)
    near = np.empty(nodes, dtype=bool)
    far = np.empty(nodes, dtype=bool)
    residual_reach(first, edge, to, left, SOURCE, 0, near, queue)
    residual_reach(first, edge, to, left, SINK, 1, far, queue)
    found = np.full(nodes, -1, dtype=np.int32)
    strong_classes(first, edge, to, left, found)
    number = found.astype(np.int64) + 2
    number[near], number[far] = SOURCE, SINK
    _, dense = np.unique(number, return_inverse=True)
    number = dense.astype(np.int32)
    while True:
        count = int(number.max()) + 1
        into = np.empty(count, dtype=np.int32)
        if not well_joined(first, edge, to, cut.residual, number, count, max(gap, 0), into):
            return number
        while (into[into] != into).any():
            into = into[into]
        _, dense = np.unique(into[number], return_inverse=True)
        number = dense.astype(np.int32)
