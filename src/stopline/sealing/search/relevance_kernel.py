"""Hot loops that find the part of a chase that matters: what lies on some simple way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel
def on_ways_out(
    first_out: NDArray[np.int32],
    head: NDArray[np.int32],
    time_s: NDArray[np.float64],
    start_node: NDArray[np.int32],
    way_out: int,
    kept: NDArray[np.bool_],
) -> int:
    """Mark in `kept` the nodes that a simple drive from a start to the way out may pass.

    Those are reached from a start, lead to the way out, and do not lie in a dead end: a drive that
    enters a node with one neighbour can only come back, later than it went in. Starts and the way
    out are kept in any case. Work is done only where the vehicle can get.

    Returns:
        The number of nodes kept.
    """
    nodes = first_out.shape[0] - 1
    queue = np.empty(nodes, dtype=np.int32)
    place = np.full(nodes, -1, dtype=np.int32)  # number among the reached
    count = 0
    for start in start_node:
        if place[start] < 0:
            place[start] = count
            queue[count] = start
            count += 1
    done = 0
    arcs = 0
    while done < count:
        node = queue[done]
        done += 1
        for arc in range(first_out[node], first_out[node + 1]):
            if np.isinf(time_s[arc]):
                continue
            arcs += 1
            there = head[arc]
            if place[there] < 0:
                place[there] = count
                queue[count] = there
                count += 1
    first_in = np.zeros(count + 1, dtype=np.int32)
    for i in range(count):
        node = queue[i]
        for arc in range(first_out[node], first_out[node + 1]):
            if not np.isinf(time_s[arc]):
                first_in[place[head[arc]] + 1] += 1
    for i in range(count):
        first_in[i + 1] += first_in[i]
    into = np.empty(arcs, dtype=np.int32)  # tails of the arcs into each reached node
    fill = first_in[:count].copy()
    for i in range(count):
        node = queue[i]
        for arc in range(first_out[node], first_out[node + 1]):
            if not np.isinf(time_s[arc]):
                to = place[head[arc]]
                into[fill[to]] = node
                fill[to] += 1
    kept[:] = False
    kept[way_out] = True
    todo = np.empty(nodes, dtype=np.int32)
    left = 0
    if place[way_out] >= 0:
        todo[0] = way_out
        left = 1
    total = left
    done = 0
    while done < left:
        at = place[todo[done]]
        done += 1
        for i in range(first_in[at], first_in[at + 1]):
            before = into[i]
            if not kept[before]:
                kept[before] = True
                todo[left] = before
                left += 1
    total = left
    fixed = np.zeros(count, dtype=np.bool_)
    for start in start_node:
        fixed[place[start]] = True
    for i in range(total):
        node = todo[i]
        # Follow a dead end from its tip as far as it goes.
        while node != way_out and kept[node] and not fixed[place[node]]:
            neighbour = -1
            several = False
            for arc in range(first_out[node], first_out[node + 1]):
                there = head[arc]
                if np.isinf(time_s[arc]) or there == node or not kept[there]:
                    continue
                if neighbour >= 0 and there != neighbour:
                    several = True
                    break
                neighbour = there
            if not several:
                at = place[node]
                for k in range(first_in[at], first_in[at + 1]):
                    there = into[k]
                    if there == node or not kept[there]:
                        continue
                    if neighbour >= 0 and there != neighbour:
                        several = True
                        break
                    neighbour = there
            if several:
                break
            kept[node] = False
            if neighbour < 0:
                break
            node = neighbour
    for start in start_node:
        kept[start] = True
    number = 0
    for node in range(nodes):
        if kept[node]:
            number += 1
    return number
