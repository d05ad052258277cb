"""The lightest ways through a graph whose sites weigh more the later they are entered."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROUNDING = 1e-9


@kernel
def lightest_ways(
    first_out: NDArray[np.int32],
    head: NDArray[np.int32],
    time_s: NDArray[np.float64],
    site: NDArray[np.int32],
    start_node: NDArray[np.int32],
    start_s: NDArray[np.float64],
    first: NDArray[np.int64],
    from_s: NDArray[np.float64],
    weight: NDArray[np.float64],
    below: float,
    horizon_s: float,
    lightest: NDArray[np.float64],
    last: NDArray[np.int64],
    label_node: NDArray[np.int32],
    label_s: NDArray[np.float64],
    label_weight: NDArray[np.float64],
    label_before: NDArray[np.int64],
    label_arc: NDArray[np.int32],
) -> int:
    """Label nodes in order of time, and return the number of labels.

    Who enters site c at time t takes on `weight[k]` of the last k in `first[c]:first[c + 1]` whose
    `from_s` is at most t. A node has a label for each time at which it is reached with less weight
    than at all earlier ones; weights of `below` and more, and times of `horizon_s` and more, are
    left out. A label's way is followed back by `label_before` and `label_arc`, down to a start;
    there, `label_before` is -1 less its number. `last` is the last label of each node, or -1.
    The search ends early where the arrays of labels are full.
    """
    lightest[:] = np.inf
    last[:] = -1
    count = 0
    heap = [(np.inf, 0.0, np.int64(0), np.int64(-1), np.int64(-1))]
    heap.pop()
    for i in range(start_node.shape[0]):
        heapq.heappush(
            heap, (start_s[i], 0.0, np.int64(start_node[i]), np.int64(-1 - i), np.int64(-1))
        )
    while len(heap) > 0:
        now, carried, node, before, arc = heapq.heappop(heap)
        if carried >= lightest[node] - _ROUNDING:
            continue
        if count >= label_node.shape[0]:
            break
        lightest[node] = carried
        last[node] = count
        label_node[count] = node
        label_s[count] = now
        label_weight[count] = carried
        label_before[count] = before
        label_arc[count] = arc
        count += 1
        for leaving in range(first_out[node], first_out[node + 1]):
            then = now + time_s[leaving]
            if then >= horizon_s:
                continue
            more = carried
            entered = site[leaving]
            if entered >= 0:
                for k in range(first[entered + 1] - 1, first[entered] - 1, -1):
                    if from_s[k] <= now:
                        more += weight[k]
                        break
            to = head[leaving]
            if more < below and more < lightest[to] - _ROUNDING:
                heapq.heappush(
                    heap, (then, more, np.int64(to), np.int64(count - 1), np.int64(leaving))
                )
    return count
