"""Kernels on undirected edges: which lie on small cuts, and which hang off as dead ends.

Cycle labels (Pritchard & Thurimella 2011) tell cuts of one or two edges.

Every edge outside a spanning forest gets a random label, every forest edge the exclusive or of the
labels of the cycles through it. Then an edge is a bridge only if its label is zero, and two edges
are a cut only if their labels are equal. Chance can make labels equal that need not be, never the
other way round, so that what is taken for well connected is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel
def cycle_labels(
    nodes: int,
    one: NDArray[np.int32],
    other: NDArray[np.int32],
    random: NDArray[np.uint64],
    label: NDArray[np.uint64],
) -> None:
    """Label every edge (`one[i]`, `other[i]`); `random` holds a label for each, used or not."""
    edges = one.shape[0]
    first = np.zeros(nodes + 1, dtype=np.int32)
    for edge in range(edges):
        first[one[edge] + 1] += 1
        first[other[edge] + 1] += 1
    for node in range(nodes):
        first[node + 1] += first[node]
    place = first[:nodes].copy()
    at = np.empty(2 * edges, dtype=np.int32)
    for edge in range(edges):
        at[place[one[edge]]] = edge
        place[one[edge]] += 1
        at[place[other[edge]]] = edge
        place[other[edge]] += 1
    up = np.full(nodes, -2, dtype=np.int32)  # forest edge to the parent, -1 at a root
    order = np.empty(nodes, dtype=np.int32)
    through = np.zeros(nodes, dtype=np.uint64)
    count = 0
    for root in range(nodes):
        if up[root] != -2:
            continue
        up[root] = -1
        order[count] = root
        done = count
        count += 1
        while done < count:
            node = order[done]
            done += 1
            for position in range(first[node], first[node + 1]):
                edge = at[position]
                there = other[edge] if one[edge] == node else one[edge]
                if up[there] == -2:
                    up[there] = edge
                    order[count] = there
                    count += 1
    for edge in range(edges):
        a = one[edge]
        b = other[edge]
        if up[a] != edge and up[b] != edge:
            label[edge] = random[edge]
            through[a] ^= random[edge]
            through[b] ^= random[edge]
    for i in range(nodes - 1, -1, -1):
        node = order[i]
        edge = up[node]
        if edge >= 0:
            label[edge] = through[node]
            parent = other[edge] if one[edge] == node else one[edge]
            through[parent] ^= through[node]


@kernel
def dead_ends(
    first: NDArray[np.int32],
    edge: NDArray[np.int32],
    to: NDArray[np.int32],
    keep: int,
    into: NDArray[np.int32],
) -> None:
    """Fold trees that hang off: `into[v]` is the node that v ends up in, itself if it stays.

    The edges of node v are `edge[first[v]:first[v + 1]]`, and lead `to` some node; several may
    lead to the same. Nodes below `keep` stay in any case.
    """
    nodes = first.shape[0] - 1
    order = np.empty(nodes, dtype=np.int32)
    count = 0
    for node in range(nodes):
        into[node] = node
    for tip in range(keep, nodes):
        node = tip
        while node >= keep and into[node] == node:
            only = -1
            several = False
            for position in range(first[node], first[node + 1]):
                there = to[edge[position]]
                if there == node or into[there] != there:
                    continue
                if only >= 0 and there != only:
                    several = True
                    break
                only = there
            if several or only < 0:
                break
            into[node] = only
            order[count] = node
            count += 1
            node = only
    for i in range(count - 1, -1, -1):
        node = order[i]
        into[node] = into[into[node]]
