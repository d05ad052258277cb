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
    order: NDArray[np.int32],
    price: NDArray[np.int64],
    strength: NDArray[np.int64],
    unlimited: int,
    result: NDArray[np.int64],
) -> None:
    """Fill `result`, int64[e], with the least that closing each edge in time can cost.

    `ready_s[row[e], u]` is when unit u closes the edge's site; `order` are the units by their
    price for each strength, the cheapest first. Where a site needs more than one, units count in
    parts, so that the least is never above the truth; it is rounded down. `unlimited` where no
    unit, or not enough of them, are in time.
    """
    for edge in range(row.shape[0]):
        site = row[edge]
        if site < 0:
            result[edge] = unlimited
            continue
        left = need[site]
        total = 0
        latest_s = by_s[edge]
        for unit in order:
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


@kernel
def well_joined(
    first: NDArray[np.int32],
    edge: NDArray[np.int32],
    to: NDArray[np.int32],
    left: NDArray[np.int64],
    number: NDArray[np.int32],
    classes: int,
    gap: int,
    into: NDArray[np.int32],
) -> int:
    """Join classes that no cut parts across which at most `gap` is left; returns how many joined.

    `left[e]` is what edge e of a residual graph can still carry; between two classes counts what
    can be carried both ways. An order in which the node most strongly joined to those before it
    comes next tells which are well joined (Nagamochi & Ibaraki 1992). `into[c]`, int32[classes],
    gets the class that each ends up in.
    """
    nodes = number.shape[0]
    for c in range(classes):
        into[c] = c
    # Members of each class, as lists.
    head = np.full(classes, -1, dtype=np.int32)
    following = np.full(nodes, -1, dtype=np.int32)
    for node in range(nodes):
        following[node] = head[number[node]]
        head[number[node]] = node
    strength = np.zeros(classes, dtype=np.int64)
    done = np.zeros(classes, dtype=np.bool_)
    forward = np.zeros(classes, dtype=np.int64)
    backward = np.zeros(classes, dtype=np.int64)
    touched = np.empty(classes, dtype=np.int32)
    heap_class = np.empty(2 * edge.shape[0] + classes, dtype=np.int32)
    heap_key = np.empty(2 * edge.shape[0] + classes, dtype=np.int64)
    size = 0
    joined = 0
    fresh = 0
    while True:
        best = -1
        while size > 0:
            best = heap_class[0]
            key = heap_key[0]
            size -= 1
            last_key = heap_key[size]
            last_class = heap_class[size]
            at = 0
            while True:
                child = 2 * at + 1
                if child >= size:
                    break
                if child + 1 < size and heap_key[child + 1] > heap_key[child]:
                    child += 1
                if heap_key[child] <= last_key:
                    break
                heap_key[at] = heap_key[child]
                heap_class[at] = heap_class[child]
                at = child
            heap_key[at] = last_key
            heap_class[at] = last_class
            if not done[best] and key == strength[best]:
                break
            best = -1
        if best < 0:
            while fresh < classes and done[fresh]:
                fresh += 1
            if fresh == classes:
                return joined
            best = fresh
        done[best] = True
        count = 0
        node = head[best]
        while node >= 0:
            for position in range(first[node], first[node + 1]):
                e = edge[position]
                there = number[to[e]]
                if there == best or done[there]:
                    continue
                if forward[there] == 0 and backward[there] == 0:
                    touched[count] = there
                    count += 1
                forward[there] += min(left[e], gap + 1)
                backward[there] += min(left[e ^ 1], gap + 1)
            node = following[node]
        for i in range(count):
            there = touched[i]
            weight = min(forward[there], backward[there])
            forward[there] = 0
            backward[there] = 0
            if weight == 0:
                continue
            strength[there] += weight
            if strength[there] > gap:
                a = best
                while into[a] != a:
                    a = into[a]
                b = there
                while into[b] != b:
                    b = into[b]
                if a != b:
                    into[max(a, b)] = min(a, b)
                    joined += 1
            at = size
            size += 1
            key = strength[there]
            while at > 0:
                up = (at - 1) // 2
                if heap_key[up] >= key:
                    break
                heap_key[at] = heap_key[up]
                heap_class[at] = heap_class[up]
                at = up
            heap_key[at] = key
            heap_class[at] = there
