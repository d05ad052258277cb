"""Kernels of the motion model: a step of all particles, and the rest of their ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

DRIVES, HIDES, OUT = 0, 1, 2
_MOST_TURNS = 10_000


@kernel
def _next_random(state: NDArray[np.uint64], i: int) -> float:
    """Draw from [0, 1): splitmix64 (Steele, Lea, Flood, OOPSLA 2014), one stream a particle."""
    state[i] = state[i] + np.uint64(0x9E3779B97F4A7C15)
    z = state[i]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return np.float64(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@kernel
def _choose(
    first_out: NDArray[np.int32],
    head: NDArray[np.int32],
    time_s: NDArray[np.float64],
    left_s: NDArray[np.float32],
    node: int,
    back: int,
    tolerance_s: float,
    noise_s: float,
    chance: float,
) -> int:
    """Choose the next arc at a node; `back` (the way it came) only if there is no other; -1: none.

    `left_s` is that of the driver's destination, float32[n].
    """
    here = left_s[node]
    mu = max(tolerance_s, np.sqrt(noise_s * here)) if here < 1e8 else 1e9
    total = 0.0
    for a in range(first_out[node], first_out[node + 1]):
        if a != back and time_s[a] < 1e18 and (left_s[head[a]] < 1e8 or here > 1e8):
            extra = time_s[a] + left_s[head[a]] - here if here < 1e8 else 0.0
            total += np.exp(-extra / mu)
    if total <= 0.0:
        if back >= 0:
            return back
        # Far from the way: take what is there, each alike.
        count = 0
        for a in range(first_out[node], first_out[node + 1]):
            if time_s[a] < 1e18:
                count += 1
        if count == 0:
            return -1
        wanted = int(chance * count)
        for a in range(first_out[node], first_out[node + 1]):
            if time_s[a] < 1e18:
                if wanted == 0:
                    return a
                wanted -= 1
        return -1
    mark = chance * total
    last = -1
    for a in range(first_out[node], first_out[node + 1]):
        if a != back and time_s[a] < 1e18 and (left_s[head[a]] < 1e8 or here > 1e8):
            extra = time_s[a] + left_s[head[a]] - here if here < 1e8 else 0.0
            mark -= np.exp(-extra / mu)
            last = a
            if mark < 0.0:
                return a
    return last


@kernel
def step(
    first_out: NDArray[np.int32],
    head: NDArray[np.int32],
    time_s: NDArray[np.float64],
    left_s: NDArray[np.float32],
    reverse: NDArray[np.int32],
    is_end: NDArray[np.uint8],
    arc: NDArray[np.int32],
    done_s: NDArray[np.float64],
    goal: NDArray[np.int32],
    speed: NDArray[np.float64],
    state: NDArray[np.uint8],
    out_s: NDArray[np.float64],
    log_weight: NDArray[np.float64],
    weight: NDArray[np.float64],
    chance: NDArray[np.uint64],
    log_missed: NDArray[np.float64],
    expected: NDArray[np.float64],
    seen_from: NDArray[np.uint8],
    goal_prior: NDArray[np.float64],
    begin_s: float,
    span_s: float,
    hide: float,
    leave: float,
    turn: float,
    tolerance_s: float,
    noise_s: float,
) -> None:
    """Move every particle by `span_s` seconds.

    Args:
        is_end: uint8[d], 1: reaching the destination ends it (an exit), 0: it hides there.
        log_missed: float64[a], log of the probability that nobody who watches the arc's middle
            sees a passing vehicle; 0 where nobody watches.
        weight: float64[p], weights before the step, for `expected`.
        expected: float64[a], probability that the watchers of an arc had seen it, added up.
        seen_from: uint8[a], 1 where the driver can see the watchers.
        out_s: float64[p], when it got out, UTC seconds, for those that did.
    """
    for i in range(arc.shape[0]):
        if state[i] == OUT:
            continue
        draw = _next_random(chance, i)
        if state[i] == HIDES:
            if draw >= leave:
                continue
            state[i] = DRIVES
        elif draw < hide:
            state[i] = HIDES
            continue
        rest = span_s * speed[i]
        for _ in range(_MOST_TURNS):
            a = arc[i]
            t = time_s[a]
            middle = 0.5 * t
            ahead = t - done_s[i]
            if done_s[i] <= middle < done_s[i] + rest and log_missed[a] < 0.0:
                if seen_from[a] and reverse[a] >= 0 and _next_random(chance, i) < turn:
                    # It turns before the checkpoint and makes for somewhere else.
                    rest -= middle - done_s[i]
                    b = reverse[a]
                    arc[i] = b
                    done_s[i] = 0.5 * time_s[b] + 1e-9
                    goal[i] = _other_goal(
                        goal_prior, left_s, head[b], goal[i], _next_random(chance, i)
                    )
                    continue
                log_weight[i] += log_missed[a]
                expected[a] += weight[i] * (1.0 - np.exp(log_missed[a]))
            if rest < ahead:
                done_s[i] += rest
                break
            rest -= ahead
            v = head[a]
            if left_s[goal[i], v] <= 0.0:
                done_s[i] = t
                if is_end[goal[i]]:
                    state[i] = OUT
                    out_s[i] = begin_s + span_s - rest / speed[i]
                else:
                    state[i] = HIDES
                    goal[i] = _other_goal(goal_prior, left_s, v, goal[i], _next_random(chance, i))
                break
            b = _choose(
                first_out,
                head,
                time_s,
                left_s[goal[i]],
                v,
                reverse[a],
                tolerance_s,
                noise_s,
                _next_random(chance, i),
            )
            if b < 0:
                done_s[i] = t
                state[i] = HIDES
                break
            arc[i] = b
            done_s[i] = 0.0


@kernel
def _other_goal(
    prior: NDArray[np.float64],
    left_s: NDArray[np.float32],
    node: int,
    goal: int,
    chance: float,
) -> int:
    """Draw another destination that can be reached, by the prior; the same if there is no other."""
    total = 0.0
    for d in range(prior.shape[0]):
        if d != goal and 0.0 < left_s[d, node] < 1e8:
            total += prior[d]
    mark = chance * total
    found = goal
    for d in range(prior.shape[0]):
        if d != goal and 0.0 < left_s[d, node] < 1e8:
            found = d
            mark -= prior[d]
            if mark < 0.0:
                return d
    return found


@kernel
def drive_on(
    first_out: NDArray[np.int32],
    head: NDArray[np.int32],
    time_s: NDArray[np.float64],
    left_s: NDArray[np.float32],
    reverse: NDArray[np.int32],
    arc: NDArray[np.int32],
    done_s: NDArray[np.float64],
    goal: NDArray[np.int32],
    speed: NDArray[np.float64],
    wait_s: NDArray[np.float64],
    chance: NDArray[np.uint64],
    tolerance_s: float,
    noise_s: float,
    most: int,
    steps: NDArray[np.int32],
    enter_s: NDArray[np.float64],
    first: NDArray[np.int64],
    end_s: NDArray[np.float64],
) -> int:
    """Drive every particle on to its destination; write the arcs and when each is entered.

    Args:
        wait_s: float64[p], how long each still stands hidden.
        most: steps that one route may have at most; a longer one ends there.
        steps: int32[room], filled; -1 is returned where the room is too small.

    Returns:
        Number of steps written.
    """
    at = 0
    for i in range(arc.shape[0]):
        first[i] = at
        a = arc[i]
        clock = wait_s[i] - done_s[i] / speed[i]
        for count in range(most):
            if at >= steps.shape[0]:
                return -1
            steps[at] = a
            enter_s[at] = clock
            at += 1
            clock += time_s[a] / speed[i]
            v = head[a]
            if left_s[goal[i], v] <= 0.0 or count == most - 1:
                break
            b = _choose(
                first_out,
                head,
                time_s,
                left_s[goal[i]],
                v,
                reverse[a],
                tolerance_s,
                noise_s,
                _next_random(chance, i),
            )
            if b < 0:
                break
            a = b
        end_s[i] = clock
    first[arc.shape[0]] = at
    return at
