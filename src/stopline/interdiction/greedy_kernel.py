"""Hot loops of the lazy greedy and of the exchanges after it, over patterns and (type, site) pairs.

The patterns that a pair stops are `pattern_of[span[t, s, 0]:span[t, s, 1]]`. `times[p]` counts the
seals that stop pattern p, `free[t]` the units of a type that hold nothing.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel
def gain(
    begin: int,
    end: int,
    pattern_of: NDArray[np.int32],
    weight: NDArray[np.float64],
    times: NDArray[np.int32],
) -> float:
    """Weight of what is not stopped yet among some patterns."""
    total = 0.0
    for at in range(begin, end):
        if times[pattern_of[at]] == 0:
            total += weight[pattern_of[at]]
    return total


@kernel
def bundle(
    site: int,
    need: int,
    end: int,
    strength: NDArray[np.int32],
    unit_gate: NDArray[np.int32],
    pair: NDArray[np.bool_],
    free: NDArray[np.int32],
    take: NDArray[np.int32],
) -> int:
    """Choose free units that close a site together, the soonest first; its gate, or -1 if none.

    `take`, int32[t], gets how many of each type; `end` is the site's last gate and one.
    """
    take[:] = 0
    got = 0
    gate = -1
    while got < need:
        best = -1
        for kind in range(strength.shape[0]):
            if (
                pair[kind, site]
                and take[kind] < free[kind]
                and unit_gate[kind, site] < end
                and (
                    best < 0
                    or unit_gate[kind, site] < unit_gate[best, site]
                    or (
                        unit_gate[kind, site] == unit_gate[best, site]
                        and strength[kind] > strength[best]
                    )
                )
            ):
                best = kind
        if best < 0:
            return -1
        take[best] += 1
        got += strength[best]
        gate = unit_gate[best, site]
    return int(gate)


@kernel
def lazy_greedy(
    span: NDArray[np.int64],
    pattern_of: NDArray[np.int32],
    weight: NDArray[np.float64],
    gate_at: NDArray[np.int64],
    gate_first: NDArray[np.int64],
    need: NDArray[np.int32],
    strength: NDArray[np.int32],
    unit_gate: NDArray[np.int32],
    pair: NDArray[np.bool_],
    alone: NDArray[np.bool_],
    free: NDArray[np.int32],
    times: NDArray[np.int32],
    held: NDArray[np.int32],
) -> None:
    """Take the pair that stops most more, again and again; `held`, int32[t, s], counts units.

    Gains only shrink, so a gain computed earlier bounds today's (Minoux 1978). Sites that no unit
    closes alone compete by gain for each unit that closes them.
    """
    kinds, sites = pair.shape
    heap = [(0.0, 0, 0)]
    heap.clear()
    crowd = np.zeros(sites, dtype=np.bool_)
    for kind in range(kinds):
        for site in range(sites):
            if not pair[kind, site]:
                continue
            if alone[kind, site]:
                value = gain(span[kind, site, 0], span[kind, site, 1], pattern_of, weight, times)
                heap.append((-value, kind, site))
            else:
                crowd[site] = True
    heapq.heapify(heap)
    take = np.zeros(kinds, dtype=np.int32)
    best_take = np.zeros(kinds, dtype=np.int32)
    while True:
        best = 0.0
        while len(heap) > 0:
            value, kind, site = heap[0]
            if free[kind] == 0 or value == 0.0:
                heapq.heappop(heap)
                continue
            now = gain(span[kind, site, 0], span[kind, site, 1], pattern_of, weight, times)
            if now < -value:
                heapq.heapreplace(heap, (-now, kind, site))
                continue
            best = now
            break
        best_site = -1
        best_gate = -1
        for at in range(sites):
            if not crowd[at]:
                continue
            end = gate_first[at + 1]
            gate = bundle(at, need[at], end, strength, unit_gate, pair, free, take)
            if gate < 0:
                continue
            more = gain(gate_at[gate], gate_at[end], pattern_of, weight, times) / take.sum()
            if more > best:
                best, best_site, best_gate = more, at, gate
                best_take[:] = take
        if best <= 0.0:
            return
        if best_site >= 0:
            for one in range(kinds):
                held[one, best_site] += best_take[one]
                free[one] -= best_take[one]
            for hit in range(gate_at[best_gate], gate_at[gate_first[best_site + 1]]):
                times[pattern_of[hit]] += 1
        else:
            value, kind, site = heapq.heappop(heap)
            held[kind, site] += 1
            free[kind] -= 1
            for hit in range(span[kind, site, 0], span[kind, site, 1]):
                times[pattern_of[hit]] += 1


@kernel
def exchange(
    span: NDArray[np.int64],
    pattern_of: NDArray[np.int32],
    weight: NDArray[np.float64],
    pair: NDArray[np.bool_],
    alone: NDArray[np.bool_],
    times: NDArray[np.int32],
    held: NDArray[np.int32],
    rounds: int,
) -> None:
    """Move single units to where they stop more, until none can or the rounds are over."""
    kinds, sites = pair.shape
    for _ in range(rounds):
        moved = False
        for kind in range(kinds):
            for site in range(sites):
                if held[kind, site] == 0 or not alone[kind, site]:
                    continue
                for hit in range(span[kind, site, 0], span[kind, site, 1]):
                    times[pattern_of[hit]] -= 1
                own = gain(span[kind, site, 0], span[kind, site, 1], pattern_of, weight, times)
                best, target = own * (1 + 1e-9) + 1e-12, site
                for other in range(sites):
                    if pair[kind, other] and alone[kind, other]:
                        value = gain(
                            span[kind, other, 0], span[kind, other, 1], pattern_of, weight, times
                        )
                        if value > best:
                            best, target = value, other
                moved = moved or target != site
                held[kind, site] -= 1
                held[kind, target] += 1
                for hit in range(span[kind, target, 0], span[kind, target, 1]):
                    times[pattern_of[hit]] += 1
        if not moved:
            return


@kernel
def gains(
    span: NDArray[np.int64],
    pattern_of: NDArray[np.int32],
    weight: NDArray[np.float64],
    pair: NDArray[np.bool_],
    times: NDArray[np.int32],
    out: NDArray[np.float64],
) -> None:
    """What each pair would stop more if it closed its site alone; float64[t, s]."""
    for kind in range(pair.shape[0]):
        for site in range(pair.shape[1]):
            if pair[kind, site]:
                out[kind, site] = gain(
                    span[kind, site, 0], span[kind, site, 1], pattern_of, weight, times
                )
