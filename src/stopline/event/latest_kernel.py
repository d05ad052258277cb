"""The latest time at which a vehicle can be at a node and still get out, past sites that close."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel
def latest_departures(
    first_in: NDArray[np.int32],
    in_arc: NDArray[np.int32],
    tail: NDArray[np.int32],
    time_s: NDArray[np.float64],
    site: NDArray[np.int32],
    shut_s: NDArray[np.float64],
    way_out: int,
    seed_node: NDArray[np.int32],
    seed_s: NDArray[np.float64],
    latest_s: NDArray[np.float64],
) -> None:
    """Fill `latest_s` by one search back from the way out (Dijkstra with limits on arcs).

    The arcs into node v are `in_arc[first_in[v]:first_in[v + 1]]`. An arc is entered before
    `shut_s` of its site or not at all: who is at its tail before the smaller of that and the
    latest time at its head less the drive gets out. A seed is a node from which a vehicle is known
    to get out until a time. -inf: never.
    """
    latest_s[:] = -np.inf
    latest_s[way_out] = np.inf
    heap = [(-np.inf, np.int64(way_out))]
    for i in range(seed_node.shape[0]):
        if seed_s[i] > latest_s[seed_node[i]]:
            latest_s[seed_node[i]] = seed_s[i]
            heapq.heappush(heap, (-seed_s[i], np.int64(seed_node[i])))
    while len(heap) > 0:
        key, node = heapq.heappop(heap)
        if -key < latest_s[node]:
            continue
        for position in range(first_in[node], first_in[node + 1]):
            arc = in_arc[position]
            if time_s[arc] == np.inf:
                continue
            when = -key - time_s[arc]
            if site[arc] >= 0:
                when = min(when, shut_s[site[arc]])
            before = tail[arc]
            if when > latest_s[before]:
                latest_s[before] = when
                heapq.heappush(heap, (-when, np.int64(before)))
