"""The driver's exact best answer to a mixture of plans: labels with the set of plans that stop it.

One route is stopped by a set of plans, and these sets do not add up along a road, so a label at a
node is (time, set of plans); it goes if another is no later and its set is part of this one's.
Since seals only close, who comes earlier with a smaller set does no worse on any way ahead.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel
def latest(
    in_first: NDArray[np.int64],
    in_arc: NDArray[np.int32],
    tail: NDArray[np.int32],
    time_s: NDArray[np.float64],
    arc_site: NDArray[np.int32],
    head_site: NDArray[np.int32],
    exit_of: NDArray[np.int32],
    shut_s: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write before which time a driver at each node still gets past one plan; -inf for never."""
    heap = [(0.0, np.int32(0))]
    heap.clear()
    done = np.zeros(out.shape[0], dtype=np.bool_)
    out[:] = -np.inf
    for arc in range(exit_of.shape[0]):
        if exit_of[arc] >= 0 and np.isfinite(time_s[arc]):
            before = np.inf
            if arc_site[arc] >= 0:
                before = shut_s[arc_site[arc]]
            if head_site[arc] >= 0:
                before = min(before, shut_s[head_site[arc]] - time_s[arc])
            if before > out[tail[arc]]:
                out[tail[arc]] = before
                heap.append((-before, tail[arc]))
    heapq.heapify(heap)
    while len(heap) > 0:
        value, node = heapq.heappop(heap)
        if done[node]:
            continue
        done[node] = True
        for at in range(in_first[node], in_first[node + 1]):
            arc = in_arc[at]
            if exit_of[arc] >= 0 or done[tail[arc]] or not np.isfinite(time_s[arc]):
                continue
            before = -value - time_s[arc]
            if arc_site[arc] >= 0:
                before = min(before, shut_s[arc_site[arc]])
            if head_site[arc] >= 0:
                before = min(before, shut_s[head_site[arc]] - time_s[arc])
            if before > out[tail[arc]]:
                out[tail[arc]] = before
                heapq.heappush(heap, (-before, tail[arc]))


@kernel
def _meet(
    site: int,
    at_s: float,
    site_first: NDArray[np.int64],
    site_plan: NDArray[np.int32],
    site_shut_s: NDArray[np.float64],
    mask: NDArray[np.uint64],
) -> None:
    """Add the plans that have shut a site by then."""
    for at in range(site_first[site], site_first[site + 1]):
        if at_s >= site_shut_s[at]:
            plan = site_plan[at]
            mask[plan >> 6] |= np.uint64(1) << np.uint64(plan & 63)


@kernel
def best_routes(
    first_out: NDArray[np.int32],
    head: NDArray[np.int32],
    time_s: NDArray[np.float64],
    arc_site: NDArray[np.int32],
    head_site: NDArray[np.int32],
    exit_of: NDArray[np.int32],
    start_node: NDArray[np.int32],
    start_s: NDArray[np.float64],
    site_first: NDArray[np.int64],
    site_plan: NDArray[np.int32],
    site_shut_s: NDArray[np.float64],
    latest_s: NDArray[np.float64],
    chance: NDArray[np.float64],
    limit: float,
    slack_s: float,
    parent: NDArray[np.int32],
    via: NDArray[np.int32],
    when_s: NDArray[np.float64],
    mask: NDArray[np.uint64],
    newest: NDArray[np.int32],
    exit_taken: NDArray[np.bool_],
    found: NDArray[np.int32],
) -> tuple[int, float, int]:
    """Find the routes least likely to be stopped, one for each exit, the best first.

    Only those stopped with a chance below `limit` count. `latest_s`, float64[n, k], tells from
    when on a plan surely stops whoever is at a node: such plans are in the set at once.

    Returns:
        How many routes were found (their last labels are in `found`); a chance below which no
        route is stopped; and the number of labels made.
    """
    plans = chance.shape[0]
    words = mask.shape[1]
    room = parent.shape[0]
    following = np.empty(room, dtype=np.int32)
    place = np.empty(room, dtype=np.int32)
    dead = np.zeros(room, dtype=np.bool_)
    heap = [(0.0, 0.0, 0)]
    heap.clear()
    labels = 0
    count = 0
    best = np.inf
    now = np.zeros(words, dtype=np.uint64)
    for start in range(start_node.shape[0] + 1):
        # The first rounds make the labels of the starts, the last one runs the search.
        running = start == start_node.shape[0]
        while True:
            label = -1
            begin, end = 0, 1
            if running:
                if len(heap) == 0:
                    return count, min(best, limit), labels
                cost, _, label = heapq.heappop(heap)
                if dead[label]:
                    continue
                node = place[label]
                if node < 0:
                    exit_ = -1 - node
                    best = min(best, cost)
                    if not exit_taken[exit_]:
                        exit_taken[exit_] = True
                        found[count] = label
                        count += 1
                        if count == found.shape[0]:
                            return count, best, labels
                    continue
                begin, end = first_out[node], first_out[node + 1]
            for arc in range(begin, end):
                if running:
                    if not np.isfinite(time_s[arc]):
                        continue
                    if exit_of[arc] >= 0 and exit_taken[exit_of[arc]]:
                        continue
                    for word in range(words):
                        now[word] = mask[label, word]
                    if arc_site[arc] >= 0:
                        _meet(arc_site[arc], when_s[label], site_first, site_plan, site_shut_s, now)
                    at_s = when_s[label] + time_s[arc]
                    if head_site[arc] >= 0:
                        _meet(head_site[arc], at_s, site_first, site_plan, site_shut_s, now)
                    target = head[arc] if exit_of[arc] < 0 else -1 - exit_of[arc]
                else:
                    now[:] = np.uint64(0)
                    at_s = start_s[start]
                    target = start_node[start]
                total = 0.0
                for plan in range(plans):
                    bit = np.uint64(1) << np.uint64(plan & 63)
                    if now[plan >> 6] & bit == np.uint64(0):
                        if target < 0 or at_s < latest_s[target, plan] + slack_s:
                            continue
                        now[plan >> 6] |= bit
                    total += chance[plan]
                if total >= limit:
                    continue
                if target >= 0:
                    worse = False
                    other = newest[target]
                    while other >= 0:
                        if not dead[other]:
                            under, over = True, True
                            for word in range(words):
                                both = mask[other, word] & now[word]
                                under = under and both == mask[other, word]
                                over = over and both == now[word]
                            if under and when_s[other] <= at_s:
                                worse = True
                                break
                            if over and at_s <= when_s[other]:
                                dead[other] = True
                        other = following[other]
                    if worse:
                        continue
                if labels == room:
                    # Out of room: what is open bounds what could still be found.
                    bound = min(best, total)
                    if running:
                        bound = min(bound, cost)
                    return count, bound, labels
                parent[labels] = label
                via[labels] = arc if running else -1
                when_s[labels] = at_s
                place[labels] = target
                for word in range(words):
                    mask[labels, word] = now[word]
                if target >= 0:
                    following[labels] = newest[target]
                    newest[target] = labels
                heapq.heappush(heap, (total, at_s, labels))
                labels += 1
            if not running:
                break
    return count, min(best, limit), labels
