"""Hot loops of unit prices: what closing each copy of an arc costs, and routes out of a flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel
def closing_prices(
    row: NDArray[np.int32],
    by_s: NDArray[np.float64],
    ready_s: NDArray[np.float64],
    need: NDArray[np.int64],
    kind: NDArray[np.int32],
    order: NDArray[np.int32],
    price: NDArray[np.int64],
    strength: NDArray[np.int64],
    unlimited: int,
    result: NDArray[np.int64],
) -> None:
    """Fill `result`, int64[e], with the least that closing each edge in time can cost.

    `ready_s[row[e], u]` is when unit u closes the edge's site; `order[kind[s]]` are the units by
    their price for the strength that counts at site s, the cheapest first. Where a site needs more
    than one, units count in parts, so that the least is never above the truth; it is rounded down.
    `unlimited` where no unit, or not enough of them, are in time.
    """
    for edge in range(row.shape[0]):
        site = row[edge]
        if site < 0:
            result[edge] = unlimited
            continue
        left = need[site]
        total = 0
        latest_s = by_s[edge]
        for unit in order[kind[site]]:
            when = ready_s[site, unit]
            if when <= latest_s and when < np.inf:
                counts = min(strength[unit], need[site])
                if counts >= left:
                    total += (price[unit] * left) // counts
                    left = 0
                    break
                total += price[unit]
                left -= counts
        result[edge] = unlimited if left > 0 else total


@kernel
def routes_of_flow(
    first: NDArray[np.int32],
    edge_at: NDArray[np.int32],
    head: NDArray[np.int32],
    flow: NDArray[np.int64],
    source: int,
    sink: int,
    starts: NDArray[np.int64],
    weight: NDArray[np.int64],
    edges: NDArray[np.int32],
) -> int:
    """Take a flow apart into routes; returns how many, or -1 where the buffers are too short.

    `edge_at[first[v]:first[v + 1]]` are the edges out of node v. Route i has `weight[i]` and the
    edges `edges[starts[i]:starts[i + 1]]`. `flow` is used up, but for what runs in circles.
    """
    nodes = first.shape[0] - 1
    place = first[:nodes].copy()
    on_path = np.full(nodes, -1, dtype=np.int32)
    count = 0
    used = 0
    starts[0] = 0
    while True:
        depth = 0
        node = source
        on_path[source] = 0
        stuck = False
        while node != sink:
            while place[node] < first[node + 1] and flow[edge_at[place[node]]] == 0:
                place[node] += 1
            if place[node] == first[node + 1]:
                stuck = True
                break
            edge = edge_at[place[node]]
            there = head[edge]
            if used + depth >= edges.shape[0]:
                return -1
            edges[used + depth] = edge
            depth += 1
            if on_path[there] >= 0:  # a circle: take it out of the flow
                back = on_path[there]
                least = flow[edges[used + back]]
                for i in range(back, depth):
                    least = min(least, flow[edges[used + i]])
                for i in range(back, depth):
                    flow[edges[used + i]] -= least
                    on_path[head[edges[used + i]]] = -1
                on_path[there] = back
                depth = back
                node = there
                continue
            on_path[there] = depth
            node = there
        on_path[source] = -1
        for i in range(depth):
            on_path[head[edges[used + i]]] = -1
        if stuck:
            return count
        least = flow[edges[used]]
        for i in range(depth):
            least = min(least, flow[edges[used + i]])
        for i in range(depth):
            flow[edges[used + i]] -= least
        if count + 1 >= starts.shape[0]:
            return -1
        weight[count] = least
        used += depth
        count += 1
        starts[count] = used
