"""Hot loops of the camera ring: shortest distances and blocking flows on a network with two prices.

A section of price p carries p units of flow at a length of its cameras that exist already, and any
number more at a length of the most cameras that it can have. Shortest augmenting paths up to
length k (Ford & Fulkerson 1962; Busacker & Gowen 1960) with all paths of one length at once
(Dinitz 1970) end with distances that say where cameras are needed.

Half-edge 2e runs along section e from tail to head, 2e + 1 back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNBOUNDED: Final = 1 << 60


@kernel
def half_edges(
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
    first: NDArray[np.int32],
    half: NDArray[np.int32],
) -> None:
    """List the half-edges that leave each node: `half[first[v]:first[v + 1]]`; loops have none."""
    nodes = first.shape[0] - 1
    first[:] = 0
    for e in range(tail.shape[0]):
        if tail[e] != head[e]:
            first[tail[e] + 1] += 1
            first[head[e] + 1] += 1
    for node in range(nodes):
        first[node + 1] += first[node]
    place = first[:nodes].copy()
    for e in range(tail.shape[0]):
        if tail[e] != head[e]:
            half[place[tail[e]]] = 2 * e
            place[tail[e]] += 1
            half[place[head[e]]] = 2 * e + 1
            place[head[e]] += 1


@kernel
def _piece(flow: int, allowed: np.bool_, price: int, low: int, high: int) -> tuple[int, int]:
    """Length of one more unit along a half-edge, and how many units have that length.

    `flow` is what runs along it already, negative if it runs the other way.
    """
    if flow < 0:
        if -flow > price:
            return -high, -flow - price
        return -low, -flow
    if not allowed:
        return high, 0
    if flow < price:
        return low, price - flow
    return high, UNBOUNDED


@kernel
def raise_distances(
    first: NDArray[np.int32],
    half: NDArray[np.int32],
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
    forward: NDArray[np.bool_],
    backward: NDArray[np.bool_],
    price: NDArray[np.int64],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    flow: NDArray[np.int64],
    sources: NDArray[np.int32],
    is_exit: NDArray[np.bool_],
    distance: NDArray[np.int64],
    reached: int,
    wanted: int,
) -> int:
    """Raise `distance` to the shortest lengths under the flow, and return that of the exits.

    `distance` are lengths that were right before the flow grew, none above `reached`, that of the
    exits then. None is raised above `wanted`.
    """
    nodes = distance.shape[0]
    most = wanted - reached
    new = np.full(nodes, most, dtype=np.int64)
    buckets = np.empty((most + 1, nodes), dtype=np.int32)
    count = np.zeros(most + 1, dtype=np.int64)
    for i in range(sources.shape[0]):
        node = sources[i]
        if new[node] > 0:
            new[node] = 0
            buckets[0, count[0]] = node
            count[0] += 1
    best = most
    for level in range(most):
        if level >= best:
            break
        done = 0
        while done < count[level]:
            node = buckets[level, done]
            done += 1
            if new[node] != level:
                continue
            if is_exit[node]:
                best = min(best, level + distance[node] - reached)
                continue
            for position in range(first[node], first[node + 1]):
                code = half[position]
                e = code >> 1
                if code & 1:
                    there = tail[e]
                    length, room = _piece(-flow[e], backward[e], price[e], low[e], high[e])
                else:
                    there = head[e]
                    length, room = _piece(flow[e], forward[e], price[e], low[e], high[e])
                if room == 0:
                    continue
                at = level + length + distance[node] - distance[there]
                if at < new[there]:
                    new[there] = at
                    buckets[at, count[at]] = there
                    count[at] += 1
    for node in range(nodes):
        distance[node] += min(new[node], best)
    return reached + best


@kernel
def more_flow(
    first: NDArray[np.int32],
    half: NDArray[np.int32],
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
    forward: NDArray[np.bool_],
    backward: NDArray[np.bool_],
    price: NDArray[np.int64],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    flow: NDArray[np.int64],
    sources: NDArray[np.int32],
    exits: NDArray[np.int32],
    distance: NDArray[np.int64],
    reached: int,
    level: NDArray[np.int32],
    current: NDArray[np.int32],
    queue: NDArray[np.int32],
) -> int:
    """Augment `flow` along shortest paths of few sections, and return by how much.

    Only half-edges that lie on paths of the least length take part; `level`, `current` and
    `queue` are buffers, one entry a node. 0: no path of this length is left.
    """
    level[:] = -1
    count = 0
    for i in range(exits.shape[0]):
        node = exits[i]
        if distance[node] == reached:
            level[node] = 0
            queue[count] = node
            count += 1
    done = 0
    while done < count:
        node = queue[done]
        done += 1
        for position in range(first[node], first[node + 1]):
            code = half[position]
            e = code >> 1
            if code & 1:  # leaves the head of e: the path comes from its tail
                before = tail[e]
                length, room = _piece(flow[e], forward[e], price[e], low[e], high[e])
            else:
                before = head[e]
                length, room = _piece(-flow[e], backward[e], price[e], low[e], high[e])
            if room == 0 or level[before] >= 0:
                continue
            if length + distance[before] == distance[node]:
                level[before] = level[node] + 1
                current[before] = first[before]
                queue[count] = before
                count += 1
    added = 0
    path = queue  # half-edges from the source on
    for i in range(sources.shape[0]):
        source = sources[i]
        if level[source] < 0:
            continue
        node = source
        depth = 0
        while True:
            if level[node] == 0:
                push = UNBOUNDED
                for j in range(depth):
                    code = path[j]
                    e = code >> 1
                    if code & 1:
                        _, room = _piece(-flow[e], backward[e], price[e], low[e], high[e])
                    else:
                        _, room = _piece(flow[e], forward[e], price[e], low[e], high[e])
                    push = min(push, room)
                back = depth
                for j in range(depth - 1, -1, -1):
                    code = path[j]
                    e = code >> 1
                    if code & 1:
                        _, room = _piece(-flow[e], backward[e], price[e], low[e], high[e])
                        flow[e] -= push
                    else:
                        _, room = _piece(flow[e], forward[e], price[e], low[e], high[e])
                        flow[e] += push
                    if room == push:
                        back = j
                added += push
                depth = back
                e = path[depth] >> 1
                node = head[e] if path[depth] & 1 else tail[e]
                continue
            advanced = False
            while current[node] < first[node + 1]:
                code = half[current[node]]
                e = code >> 1
                if code & 1:
                    there = tail[e]
                    length, room = _piece(-flow[e], backward[e], price[e], low[e], high[e])
                else:
                    there = head[e]
                    length, room = _piece(flow[e], forward[e], price[e], low[e], high[e])
                if (
                    room > 0
                    and level[there] == level[node] - 1
                    and length + distance[node] == distance[there]
                ):
                    path[depth] = code
                    depth += 1
                    node = there
                    advanced = True
                    break
                current[node] += 1
            if not advanced:
                if depth == 0:
                    break
                level[node] = -1
                depth -= 1
                e = path[depth] >> 1
                node = head[e] if path[depth] & 1 else tail[e]
                current[node] += 1
    return added


@kernel
def fewest_on_way(
    first: NDArray[np.int32],
    half: NDArray[np.int32],
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
    forward: NDArray[np.bool_],
    backward: NDArray[np.bool_],
    cameras: NDArray[np.int64],
    sources: NDArray[np.int32],
    is_exit: NDArray[np.bool_],
    enough: int,
    via: NDArray[np.int32],
) -> tuple[int, int]:
    """Fewest cameras on a way out, and the exit it leads to; `enough` and -1 if no way has less.

    `via` gets the half-edge by which each node is reached, -1 at a source.
    """
    nodes = first.shape[0] - 1
    least = np.full(nodes, enough, dtype=np.int64)
    buckets = np.empty((enough, nodes), dtype=np.int32)
    count = np.zeros(enough, dtype=np.int64)
    via[:] = -1
    for i in range(sources.shape[0]):
        node = sources[i]
        if least[node] > 0:
            least[node] = 0
            buckets[0, count[0]] = node
            count[0] += 1
    for seen in range(enough):
        done = 0
        while done < count[seen]:
            node = buckets[seen, done]
            done += 1
            if least[node] != seen:
                continue
            if is_exit[node]:
                return seen, node
            for position in range(first[node], first[node + 1]):
                code = half[position]
                e = code >> 1
                there = tail[e] if code & 1 else head[e]
                allowed = backward[e] if code & 1 else forward[e]
                if not allowed:
                    continue
                at = seen + cameras[e]
                if at < least[there]:
                    least[there] = at
                    via[there] = code
                    buckets[at, count[at]] = there
                    count[at] += 1
    return enough, -1
