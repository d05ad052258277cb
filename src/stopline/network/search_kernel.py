"""Earliest-arrival searches with a bucket queue (Dial 1969; delta-stepping, Meyer & Sanders 2003).

Labels within one bucket may be corrected more than once; the result is that of Dijkstra's
algorithm. Every function writes into buffers that the caller owns and reuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel
def _move(
    node: int,
    new: np.int64,
    bucket_of: NDArray[np.int64],
    first: NDArray[np.int32],
    following: NDArray[np.int32],
    preceding: NDArray[np.int32],
) -> None:
    """Put a node into bucket `new`, out of the bucket it is in, if any."""
    mask = first.shape[0] - 1
    old = bucket_of[node]
    if old >= 0:
        before, after = preceding[node], following[node]
        if before >= 0:
            following[before] = after
        else:
            first[old & mask] = after
        if after >= 0:
            preceding[after] = before
    slot = new & mask
    following[node] = first[slot]
    preceding[node] = -1
    if first[slot] >= 0:
        preceding[first[slot]] = node
    first[slot] = node
    bucket_of[node] = new


@kernel
def arrival(
    first_out: NDArray[np.int32],
    head: NDArray[np.int32],
    time_s: NDArray[np.float64],
    site: NDArray[np.int32],
    shut_s: NDArray[np.float64],
    start_node: NDArray[np.int32],
    start_s: NDArray[np.float64],
    order: NDArray[np.int64],
    horizon_s: float,
    width_s: float,
    first: NDArray[np.int32],
    following: NDArray[np.int32],
    preceding: NDArray[np.int32],
    bucket_of: NDArray[np.int64],
    touched: NDArray[np.int32],
    arrival_s: NDArray[np.float64],
    via: NDArray[np.int32],
    origin: NDArray[np.int32],
) -> int:
    """Earliest arrival from the starts at every node, not entering a site from its `shut_s` on.

    `order` lists the starts, the earliest first: Numba's own sorting would take as long to load
    as all the rest. `site[arc]` is the site that is entered with an arc, -1 for none; with an
    empty `shut_s` no site is looked up.

    Fills `arrival_s`, `via` (arc of arrival) and `origin` (number of the start) for the nodes it
    reaches by `horizon_s`, lists them in `touched` and returns their number, so that the caller
    can restore the buffers: `arrival_s` must be infinite, `via`, `first` and `bucket_of` -1
    throughout before.
    `first` holds a power of two of buckets of `width_s`, more than the longest arc needs.
    """
    guarded = shut_s.shape[0] > 0
    count = 0
    if start_node.shape[0] == 0:
        return count
    base = start_s[order[0]]
    scale = 1.0 / width_s
    mask = first.shape[0] - 1
    waiting = 0
    next_start = 0
    bucket = np.int64(0)
    while waiting > 0 or next_start < order.shape[0]:
        if waiting == 0:
            bucket = np.int64((start_s[order[next_start]] - base) * scale)
        while next_start < order.shape[0]:
            which = order[next_start]
            at = np.int64((start_s[which] - base) * scale)
            if at > bucket:
                break
            next_start += 1
            node = start_node[which]
            if start_s[which] < arrival_s[node] and start_s[which] <= horizon_s:
                if arrival_s[node] == np.inf:
                    touched[count] = node
                    count += 1
                arrival_s[node] = start_s[which]
                via[node] = -1
                origin[node] = which
                if bucket_of[node] < 0:
                    waiting += 1
                _move(node, at, bucket_of, first, following, preceding)
        slot = bucket & mask
        node = first[slot]
        while node >= 0:
            after = following[node]
            first[slot] = after
            if after >= 0:
                preceding[after] = -1
            bucket_of[node] = -1
            waiting -= 1
            now = arrival_s[node]
            for arc in range(first_out[node], first_out[node + 1]):
                reached = head[arc]
                when = now + time_s[arc]
                if when < arrival_s[reached] and when <= horizon_s:
                    if guarded and site[arc] >= 0 and shut_s[site[arc]] <= now:
                        continue
                    if arrival_s[reached] == np.inf:
                        touched[count] = reached
                        count += 1
                    arrival_s[reached] = when
                    via[reached] = arc
                    origin[reached] = origin[node]
                    at = np.int64((when - base) * scale)
                    if bucket_of[reached] != at:
                        if bucket_of[reached] < 0:
                            waiting += 1
                        _move(reached, at, bucket_of, first, following, preceding)
            node = first[slot]
        bucket += 1
    return count
