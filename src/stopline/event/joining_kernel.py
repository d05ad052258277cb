"""Until when a vehicle can join every one of some routes, over roads that nobody closes in time."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel
def latest_joins(
    first_in: NDArray[np.int32],
    in_arc: NDArray[np.int32],
    tail: NDArray[np.int32],
    time_s: NDArray[np.float64],
    site: NDArray[np.int32],
    shut_s: NDArray[np.float64],
    first: NDArray[np.int64],
    node: NDArray[np.int32],
    at_s: NDArray[np.float64],
    floor_s: float,
    joined_s: NDArray[np.float64],
    least_s: NDArray[np.float64],
) -> None:
    """Fill `least_s`: the least over all routes of the latest time at which each node can join it.

    Route r passes `node[first[r]:first[r + 1]]` at `at_s`; who is at one of them by then has
    joined it. Arcs are as in `latest_departures`. Times up to `floor_s` are left at -inf, so that
    each search stays near its route. `joined_s` is working space, one entry for each node.
    """
    joined_s[:] = -np.inf
    least_s[:] = np.inf
    touched = np.empty(joined_s.shape[0], dtype=np.int32)
    for route in range(first.shape[0] - 1):
        count = 0
        heap = [(0.0, np.int64(0))]
        heap.pop()
        for i in range(first[route], first[route + 1]):
            if at_s[i] > floor_s and at_s[i] > joined_s[node[i]]:
                if joined_s[node[i]] == -np.inf:
                    touched[count] = node[i]
                    count += 1
                joined_s[node[i]] = at_s[i]
                heapq.heappush(heap, (-at_s[i], np.int64(node[i])))
        while len(heap) > 0:
            key, here = heapq.heappop(heap)
            if -key < joined_s[here]:
                continue
            for position in range(first_in[here], first_in[here + 1]):
                arc = in_arc[position]
                when = -key - time_s[arc]
                if site[arc] >= 0:
                    when = min(when, shut_s[site[arc]])
                before = tail[arc]
                if when > floor_s and when > joined_s[before]:
                    if joined_s[before] == -np.inf:
                        touched[count] = before
                        count += 1
                    joined_s[before] = when
                    heapq.heappush(heap, (-when, np.int64(before)))
        for i in range(joined_s.shape[0]):
            least_s[i] = min(least_s[i], joined_s[i])
        for i in range(count):
            joined_s[touched[i]] = -np.inf
