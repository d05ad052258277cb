"""Hot loops on cuts: closures over arcs that cannot be closed, and maximum flow.

The flow augments along shortest residual paths found from both ends at once (Edmonds & Karp 1972,
with a bidirectional search): flows are small here, a few dozen, and most of the graph is far from
any path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.compiled import kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OPEN = -1  # capacity of an arc that nobody can close


@kernel
def incoming(
    nodes: int, head: NDArray[np.int32], first_in: NDArray[np.int32], in_arc: NDArray[np.int32]
) -> None:
    """List the arcs into each node: `in_arc[first_in[v]:first_in[v + 1]]`."""
    first_in[:] = 0
    for arc in range(head.shape[0]):
        first_in[head[arc] + 1] += 1
    for node in range(nodes):
        first_in[node + 1] += first_in[node]
    place = first_in[:nodes].copy()
    for arc in range(head.shape[0]):
        node = head[arc]
        in_arc[place[node]] = arc
        place[node] += 1


@kernel
def close_over(
    first: NDArray[np.int32],
    arc_at: NDArray[np.int32],
    other: NDArray[np.int32],
    capacity: NDArray[np.int32],
    member: NDArray[np.bool_],
    via: NDArray[np.int32],
    queue: NDArray[np.int32],
) -> int:
    """Add to `member` every node that `OPEN` arcs join to it; returns how many there are then.

    `arc_at` is empty where arc numbers are positions. `via` gets the arc by which a node came in.
    """
    count = 0
    for node in range(member.shape[0]):
        if member[node]:
            queue[count] = node
            count += 1
    done = 0
    direct = arc_at.shape[0] == 0
    while done < count:
        node = queue[done]
        done += 1
        for position in range(first[node], first[node + 1]):
            arc = position if direct else arc_at[position]
            if capacity[arc] == OPEN:
                reached = other[arc]
                if not member[reached]:
                    member[reached] = True
                    via[reached] = arc
                    queue[count] = reached
                    count += 1
    return count


@kernel
def residual_graph(
    nodes: int,
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
    first: NDArray[np.int32],
    edge: NDArray[np.int32],
) -> None:
    """Adjacency of the residual graph: edge 2i is arc i, edge 2i + 1 its reverse."""
    first[:] = 0
    for arc in range(tail.shape[0]):
        first[tail[arc] + 1] += 1
        first[head[arc] + 1] += 1
    for node in range(nodes):
        first[node + 1] += first[node]
    place = first[:nodes].copy()
    for arc in range(tail.shape[0]):
        edge[place[tail[arc]]] = 2 * arc
        place[tail[arc]] += 1
        edge[place[head[arc]]] = 2 * arc + 1
        place[head[arc]] += 1


@kernel
def max_flow(
    first: NDArray[np.int32],
    edge: NDArray[np.int32],
    to: NDArray[np.int32],
    residual: NDArray[np.int64],
    source: int,
    sink: int,
    limit: int,
    seen: NDArray[np.int32],
    via: NDArray[np.int32],
    queue: NDArray[np.int32],
) -> int:
    """Augment `residual` to a maximum flow, or until it exceeds `limit`; returns its value.

    `to` and `residual` are by edge. `seen`, `via` and `queue` are buffers of 1, 1 and 2 entries a
    node; afterwards `seen` is the round in which the last search met a node: positive from the
    source, negative from the sink.
    """
    nodes = first.shape[0] - 1
    seen[:] = 0
    flow = 0
    stamp = 0
    while flow <= limit:
        stamp += 1
        seen[source] = stamp
        seen[sink] = -stamp
        queue[0] = source
        queue[nodes] = sink
        begin_s = 0
        end_s = 1
        begin_t = nodes
        end_t = nodes + 1
        meet = -1
        work_s = 0
        work_t = 0
        while meet < 0 and begin_s < end_s and begin_t < end_t:
            if work_s <= work_t:
                node = queue[begin_s]
                begin_s += 1
                work_s += first[node + 1] - first[node]
                for position in range(first[node], first[node + 1]):
                    e = edge[position]
                    if residual[e] > 0:
                        reached = to[e]
                        if seen[reached] == -stamp:
                            meet = e
                            break
                        if seen[reached] != stamp:
                            seen[reached] = stamp
                            via[reached] = e
                            queue[end_s] = reached
                            end_s += 1
            else:
                node = queue[begin_t]
                begin_t += 1
                work_t += first[node + 1] - first[node]
                for position in range(first[node], first[node + 1]):
                    e = edge[position] ^ 1
                    if residual[e] > 0:
                        reached = to[e ^ 1]
                        if seen[reached] == stamp:
                            meet = e
                            break
                        if seen[reached] != -stamp:
                            seen[reached] = -stamp
                            via[reached] = e
                            queue[end_t] = reached
                            end_t += 1
        if meet < 0:
            break
        push = residual[meet]
        node = to[meet ^ 1]
        while node != source:
            push = min(push, residual[via[node]])
            node = to[via[node] ^ 1]
        node = to[meet]
        while node != sink:
            push = min(push, residual[via[node]])
            node = to[via[node]]
        residual[meet] -= push
        residual[meet ^ 1] += push
        node = to[meet ^ 1]
        while node != source:
            e = via[node]
            residual[e] -= push
            residual[e ^ 1] += push
            node = to[e ^ 1]
        node = to[meet]
        while node != sink:
            e = via[node]
            residual[e] -= push
            residual[e ^ 1] += push
            node = to[e]
        flow += push
    return flow


@kernel
def residual_reach(
    first: NDArray[np.int32],
    edge: NDArray[np.int32],
    to: NDArray[np.int32],
    residual: NDArray[np.int64],
    start: int,
    backward: int,
    reached: NDArray[np.bool_],
    queue: NDArray[np.int32],
) -> int:
    """Mark the nodes that residual paths lead to from `start`, or, backward, lead to it from."""
    reached[:] = False
    reached[start] = True
    queue[0] = start
    done = 0
    count = 1
    while done < count:
        node = queue[done]
        done += 1
        for position in range(first[node], first[node + 1]):
            e = edge[position]
            there = to[e]
            if backward > 0:
                e = e ^ 1
            if residual[e] > 0 and not reached[there]:
                reached[there] = True
                queue[count] = there
                count += 1
    return count
