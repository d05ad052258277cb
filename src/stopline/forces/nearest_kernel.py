"""The earliest few distinct units at every junction: Dijkstra's algorithm with several labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel
def nearest_units(
    first_out: NDArray[np.int32],
    head: NDArray[np.int32],
    time_s: NDArray[np.float64],
    start_node: NDArray[np.int32],
    start_s: NDArray[np.float64],
    start_unit: NDArray[np.int32],
    strength: NDArray[np.int32],
    enough: int,
    ready_s: NDArray[np.float64],
    unit: NDArray[np.int32],
) -> None:
    """Fill `ready_s[v, k]` and `unit[v, k]` with the k-th earliest distinct unit at junction v.

    Starts are sorted by `start_s`, the earliest first. A junction takes no more labels once their
    strengths add up to `enough`. `ready_s` is infinite and `unit` -1 throughout before.
    """
    labels = ready_s.shape[1]
    n = first_out.shape[0] - 1
    have = np.zeros(n, dtype=np.int32)
    total = np.zeros(n, dtype=np.int32)
    size = start_node.shape[0]
    room = max(1024, 2 * size)
    key = np.empty(room, dtype=np.float64)
    what = np.empty((room, 2), dtype=np.int32)
    for i in range(size):
        key[i] = start_s[i]
        what[i, 0] = start_node[i]
        what[i, 1] = start_unit[i]
    while size > 0:
        now = key[0]
        node = what[0, 0]
        who = what[0, 1]
        size -= 1
        if size > 0:
            last = key[size]
            last_node = what[size, 0]
            last_unit = what[size, 1]
            i = 0
            while True:
                child = 2 * i + 1
                if child >= size:
                    break
                if child + 1 < size and key[child + 1] < key[child]:
                    child += 1
                if key[child] >= last:
                    break
                key[i] = key[child]
                what[i, 0] = what[child, 0]
                what[i, 1] = what[child, 1]
                i = child
            key[i] = last
            what[i, 0] = last_node
            what[i, 1] = last_unit
        if have[node] >= labels or total[node] >= enough:
            continue
        known = False
        for k in range(have[node]):
            if unit[node, k] == who:
                known = True
                break
        if known:
            continue
        ready_s[node, have[node]] = now
        unit[node, have[node]] = who
        have[node] += 1
        total[node] += strength[who]
        for arc in range(first_out[node], first_out[node + 1]):
            reached = head[arc]
            when = now + time_s[arc]
            if when == np.inf or have[reached] >= labels or total[reached] >= enough:
                continue
            if size == room:
                room *= 2
                more_key = np.empty(room, dtype=np.float64)
                more_what = np.empty((room, 2), dtype=np.int32)
                more_key[:size] = key
                more_what[:size] = what
                key = more_key
                what = more_what
            i = size
            size += 1
            while i > 0:
                parent = (i - 1) >> 1
                if key[parent] <= when:
                    break
                key[i] = key[parent]
                what[i, 0] = what[parent, 0]
                what[i, 1] = what[parent, 1]
                i = parent
            key[i] = when
            what[i, 0] = reached
            what[i, 1] = who


@kernel
def strength_by(
    site_ends: NDArray[np.int32],
    site_setup_s: NDArray[np.float64],
    site_need: NDArray[np.int32],
    may_hold: NDArray[np.bool_],
    by_s: NDArray[np.float64],
    ready_s: NDArray[np.float64],
    unit: NDArray[np.int32],
    strength: NDArray[np.int32],
    result: NDArray[np.int32],
) -> None:
    """Strength that distinct units can bring to each site by its time, at most what it needs.

    `ready_s` and `unit` are [group, junction, label]; `may_hold` is [group, site];
    `site_ends` is [site, 2], both entries equal for a junction.
    """
    groups, _, labels = ready_s.shape
    seen = np.empty(2 * groups * labels, dtype=np.int32)
    for site in range(site_ends.shape[0]):
        total = 0
        count = 0
        limit = by_s[site] - site_setup_s[site]
        for group in range(groups):
            if not may_hold[group, site]:
                continue
            for end in range(2):
                junction = site_ends[site, end]
                for label in range(labels):
                    who = unit[group, junction, label]
                    if who < 0 or ready_s[group, junction, label] > limit:
                        break
                    known = False
                    for i in range(count):
                        if seen[i] == who:
                            known = True
                            break
                    if not known:
                        seen[count] = who
                        count += 1
                        total += strength[who]
            if total >= site_need[site]:
                break
        result[site] = min(total, site_need[site])
