"""Kernels that tell which nodes belong together: strong components, and sets that edges join.

SciPy has the same, but takes longer to import than a plan of a country takes to make; a test holds
these kernels against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel
def strong_classes(
    first: NDArray[np.int32],
    edge: NDArray[np.int32],
    to: NDArray[np.int32],
    residual: NDArray[np.int64],
    found: NDArray[np.int32],
) -> int:
    """Number the strong components of a residual graph (Tarjan 1972); returns how many.

    `edge[first[v] .. first[v + 1] - 1]` are the edges out of node v; those without residual are
    left out. Fills `found`, int32[v], which is -1 throughout before.
    """
    nodes = first.shape[0] - 1
    index = np.zeros(nodes, dtype=np.int32)  # order in which nodes are seen, 0 before
    low = np.zeros(nodes, dtype=np.int32)
    position = np.empty(nodes, dtype=np.int32)
    walk = np.empty(nodes, dtype=np.int32)
    waiting = np.empty(nodes, dtype=np.int32)
    classes = 0
    seen = 0
    kept = 0
    for root in range(nodes):
        if index[root] != 0:
            continue
        depth = 0
        walk[0] = root
        while depth >= 0:
            node = walk[depth]
            if index[node] == 0:
                seen += 1
                index[node] = seen
                low[node] = seen
                position[node] = first[node]
                waiting[kept] = node
                kept += 1
            deeper = False
            while position[node] < first[node + 1]:
                e = edge[position[node]]
                there = to[e]
                if residual[e] > 0 and found[there] < 0:
                    if index[there] == 0:
                        # This edge is looked at again when the walk is back.
                        depth += 1
                        walk[depth] = there
                        deeper = True
                        break
                    low[node] = min(low[node], low[there])
                position[node] += 1
            if deeper:
                continue
            if low[node] == index[node]:
                while found[node] < 0:
                    kept -= 1
                    found[waiting[kept]] = classes
                classes += 1
            depth -= 1
    return classes


@kernel
def joined_classes(
    one: NDArray[np.int32], other: NDArray[np.int32], found: NDArray[np.int32]
) -> int:
    """Number the sets of nodes that edges (`one[i]`, `other[i]`) join; returns how many.

    Fills `found`, int32[nodes].
    """
    nodes = found.shape[0]
    parent = np.empty(nodes, dtype=np.int32)
    for node in range(nodes):
        parent[node] = node
    for i in range(one.shape[0]):
        a = one[i]
        b = other[i]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a < b:  # the smallest node stands for its set
            parent[b] = a
        else:
            parent[a] = b
    classes = 0
    for node in range(nodes):
        if parent[node] == node:
            found[node] = classes
            classes += 1
        else:
            found[node] = found[parent[node]]  # a smaller node, numbered before
    return classes
