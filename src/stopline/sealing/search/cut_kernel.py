"""Hot loops on cuts: closures over arcs that cannot be closed, and maximum flow.

The flow augments along all shortest paths of one length at a time (Dinitz 1970). A call does one
length, so that whoever calls can look at the clock in between.
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
def more_flow(
    first: NDArray[np.int32],
    edge: NDArray[np.int32],
    to: NDArray[np.int32],
    residual: NDArray[np.int64],
    source: int,
    sink: int,
    limit: int,
    level: NDArray[np.int32],
    current: NDArray[np.int32],
    queue: NDArray[np.int32],
) -> int:
    """Augment `residual` along all shortest paths, or until more than `limit` is added.

    `to` and `residual` are by edge. `level`, `current` and `queue` are buffers, one entry a node.

    Returns:
        What was added; 0 where the flow was a maximum already.
    """
    level[:] = -1
    level[sink] = 0
    queue[0] = sink
    count = 1
    done = 0
    while done < count and level[source] < 0:
        node = queue[done]
        done += 1
        for position in range(first[node], first[node + 1]):
            e = edge[position]
            before = to[e]
            if residual[e ^ 1] > 0 and level[before] < 0:
                level[before] = level[node] + 1
                current[before] = first[before]
                queue[count] = before
                count += 1
    if level[source] < 0:
        return 0
    added = 0
    path = queue  # edges from the source, one for each level passed
    depth = 0
    node = source
    while added <= limit:
        if node == sink:
            push = residual[path[0]]
            for i in range(1, depth):
                push = min(push, residual[path[i]])
            added += push
            back = depth
            for i in range(depth - 1, -1, -1):
                e = path[i]
                residual[e] -= push
                residual[e ^ 1] += push
                if residual[e] == 0:
                    back = i
            depth = back
            node = to[path[depth] ^ 1]
            continue
        advanced = False
        while current[node] < first[node + 1]:
            e = edge[current[node]]
            if residual[e] > 0 and level[to[e]] == level[node] - 1:
                path[depth] = e
                depth += 1
                node = to[e]
                advanced = True
                break
            current[node] += 1
        if not advanced:
            if depth == 0:
                break
            level[node] = -1
            depth -= 1
            node = to[path[depth] ^ 1]
    return added


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
