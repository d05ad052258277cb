"""Hot loop: the best alignment of a plate with what a recogniser sees, column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

ANY, RUN = -1, -2


@kernel
def align(
    signs: NDArray[np.float32],
    blank: NDArray[np.float32],
    pattern: NDArray[np.int32],
    joined: float,
) -> float:
    """Return the log-ratio of the best alignment to the best reading; 0 is the best, never more.

    Args:
        signs: log-probability of each group of look-alikes, columns x groups.
        blank: log-probability that a column holds no sign.
        pattern: group of each wanted sign, `ANY` or `RUN`.
        joined: taken off (log units) when another sign stands as close before or behind the plate
            as its own signs do: then this is a longer plate. A country's letter stands further off,
            or is hardly seen: the cost is no more than the reader's own certainty of that sign.
    """
    columns, groups = signs.shape
    n = pattern.shape[0]
    nothing = -1.0e9
    any_sign = np.empty(columns, np.float32)
    free = np.empty(columns, np.float32)
    before = np.zeros(columns + 1, np.float64)
    for t in range(columns):
        best = signs[t, 0]
        for g in range(1, groups):
            best = max(best, signs[t, g])
        any_sign[t] = best
        free[t] = max(best, blank[t])
        before[t + 1] = before[t] + free[t]
    # state 2 i: wanted sign i is being seen; 2 i + 1: the blank behind it
    score = np.full(2 * n, nothing)
    first = np.full(2 * n, -1)  # column of the first sign on the best path
    last = np.full(2 * n, -1)  # column where the latest sign began
    new_score = np.empty(2 * n)
    new_first = np.empty(2 * n, np.int64)
    new_last = np.empty(2 * n, np.int64)
    best_total = nothing
    for t in range(columns):
        for i in range(n):
            want = pattern[i]
            here = free[t] if want == RUN else (any_sign[t] if want == ANY else signs[t, want])
            s, f, l = score[2 * i], first[2 * i], last[2 * i]  # noqa: E741  (stays)
            begins = i == 0 or (i == 1 and pattern[0] == RUN)
            if begins and before[t] > s + 1.0e-6:  # a sign in two columns begins in the first
                s, f, l = before[t], t, t  # noqa: E741
            j = i - 1
            steps = 0
            while j >= 0 and steps < 2:
                if score[2 * j + 1] > s:
                    s, f, l = score[2 * j + 1], first[2 * j + 1], t  # noqa: E741
                same = pattern[j] == want or pattern[j] == ANY or want == ANY
                if (not same or pattern[j] == RUN or want == RUN) and score[2 * j] > s:
                    s, f, l = score[2 * j], first[2 * j], t  # noqa: E741
                if pattern[j] != RUN:
                    break
                j -= 1
                steps += 1
            new_score[2 * i], new_first[2 * i], new_last[2 * i] = s + here, f, l
            b, bf, bl = score[2 * i + 1], first[2 * i + 1], last[2 * i + 1]
            if score[2 * i] > b:
                b, bf, bl = score[2 * i], first[2 * i], last[2 * i]
            new_score[2 * i + 1], new_first[2 * i + 1], new_last[2 * i + 1] = b + blank[t], bf, bl
        for k in range(2 * n):
            score[k], first[k], last[k] = new_score[k], new_first[k], new_last[k]
        # the plate may end here: what comes behind it is free text
        rest = before[columns] - before[t + 1]
        for back in range(2):
            i = n - 1 - back
            if i < 0 or (back == 1 and pattern[n - 1] != RUN):
                break
            total = score[2 * i] + rest
            cost = 0.0
            if total <= best_total:
                continue
            pitch = (last[2 * i] - first[2 * i]) / max(n - 1, 1)
            if pattern[0] != RUN:
                for u in range(max(first[2 * i] - int(pitch * 1.2), 0), first[2 * i]):
                    if any_sign[u] > blank[u]:
                        cost = max(cost, min(joined, float(any_sign[u] - blank[u])))
            if pattern[n - 1] != RUN:
                for u in range(t + 1, min(t + 1 + int(pitch * 1.5), columns)):
                    if any_sign[u] > blank[u]:
                        cost = max(cost, min(joined, float(any_sign[u] - blank[u])))
            best_total = max(best_total, total - cost)
    return float(best_total - before[columns])


@kernel
def align_each(
    signs: NDArray[np.float32],
    blank: NDArray[np.float32],
    patterns: NDArray[np.int32],
    joined: float,
) -> NDArray[np.float64]:
    """Return the score of every pattern (patterns x length, padded at the end by -9)."""
    scores = np.empty(patterns.shape[0])
    for p in range(patterns.shape[0]):
        length = 0
        while length < patterns.shape[1] and patterns[p, length] != -9:
            length += 1
        scores[p] = align(signs, blank, patterns[p, :length], joined)
    return scores
