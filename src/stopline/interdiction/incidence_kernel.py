"""Hot loops over timed routes: where they meet sites, what stops them, and which are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel
def meetings(
    first: NDArray[np.int64],
    arc: NDArray[np.int32],
    enter_s: NDArray[np.float64],
    end_s: NDArray[np.float64],
    arc_site: NDArray[np.int32],
    head_site: NDArray[np.int32],
    sites: int,
    out_first: NDArray[np.int64],
    out_site: NDArray[np.int32],
    out_s: NDArray[np.float64],
) -> int:
    """Write the sites each route meets, each once with the last time it is met; count them."""
    seen = np.full(sites, -1, dtype=np.int64)
    count = 0
    for route in range(end_s.shape[0]):
        begin = count
        for step in range(first[route], first[route + 1]):
            leave = end_s[route]
            if step + 1 < first[route + 1]:
                leave = enter_s[step + 1]
            for side in range(2):
                site = arc_site[arc[step]] if side == 0 else head_site[arc[step]]
                if site < 0:
                    continue
                if seen[site] < begin:
                    seen[site] = count
                    out_site[count] = site
                    count += 1
                out_s[seen[site]] = enter_s[step] if side == 0 else leave
        out_first[route + 1] = count
    return count


@kernel
def stopped(
    first: NDArray[np.int64],
    site: NDArray[np.int32],
    met_s: NDArray[np.float64],
    shut_s: NDArray[np.float64],
    out: NDArray[np.bool_],
) -> None:
    """Mark the routes that meet a site when it is shut."""
    for route in range(first.shape[0] - 1):
        for hit in range(first[route], first[route + 1]):
            if met_s[hit] >= shut_s[site[hit]]:
                out[route] = True
                break


@kernel
def ranks(
    site: NDArray[np.int32],
    met_s: NDArray[np.float64],
    ready: NDArray[np.float64],
    strength: NDArray[np.int64],
    need: NDArray[np.int32],
    out: NDArray[np.int32],
) -> None:
    """Count the units in time at each meeting; 0 where all of them are too weak.

    `ready`, float64[s, u], is sorted along each site; `strength` adds up in that order.
    """
    units = ready.shape[1]
    for hit in range(site.shape[0]):
        low, high = 0, units
        while low < high:
            middle = (low + high) // 2
            if ready[site[hit], middle] <= met_s[hit]:
                low = middle + 1
            else:
                high = middle
        if low > 0 and strength[site[hit], low - 1] >= need[site[hit]]:
            out[hit] = low


@kernel
def unit_gates(
    ready: NDArray[np.float64],
    until_s: NDArray[np.float64],
    gate_first: NDArray[np.int64],
    out: NDArray[np.int32],
) -> None:
    """Find the first gate of each site that each unit is in time for; the next site's if none."""
    for unit in range(ready.shape[0]):
        for site in range(ready.shape[1]):
            gate = gate_first[site]
            while gate < gate_first[site + 1] and until_s[gate] < ready[unit, site]:
                gate += 1
            out[unit, site] = gate


@kernel
def sort_rows(first: NDArray[np.int64], gate: NDArray[np.int32]) -> None:
    """Sort the gates of each route."""
    for route in range(first.shape[0] - 1):
        gate[first[route] : first[route + 1]].sort()


@kernel
def hashes(first: NDArray[np.int64], gate: NDArray[np.int32], out: NDArray[np.uint64]) -> None:
    """A number for each route that does not depend on the order of its gates (splitmix sums)."""
    for route in range(first.shape[0] - 1):
        total = np.uint64(0)
        for hit in range(first[route], first[route + 1]):
            z = np.uint64(gate[hit] + 1) * np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            total += z ^ (z >> np.uint64(31))
        out[route] = total


@kernel
def classes(
    first: NDArray[np.int64],
    gate: NDArray[np.int32],
    order: NDArray[np.int64],
    key: NDArray[np.uint64],
    out: NDArray[np.int32],
) -> int:
    """Number routes (sorted by `key` in `order`, gates sorted) so that equal ones share one."""
    count = 0
    for place in range(order.shape[0]):
        route = order[place]
        if first[route] == first[route + 1]:
            out[route] = -1
            continue
        alike = False
        if place > 0 and key[order[place - 1]] == key[route]:
            other = order[place - 1]
            size = first[route + 1] - first[route]
            alike = first[other + 1] - first[other] == size
            step = 0
            while alike and step < size:
                alike = gate[first[other] + step] == gate[first[route] + step]
                step += 1
        if not alike:
            count += 1
        out[route] = count - 1
    return count


@kernel
def dominated(
    first: NDArray[np.int64],
    gate: NDArray[np.int32],
    gate_site: NDArray[np.int32],
    of_site: NDArray[np.int64],
    pattern_of: NDArray[np.int32],
    gate_of: NDArray[np.int32],
    unit_gate: NDArray[np.int32],
    alone: NDArray[np.bool_],
    pair: NDArray[np.bool_],
) -> None:
    """Drop (unit, site) pairs that stop nothing, or only what one other pair of the unit stops.

    Patterns are given by row (`first`, `gate`; gates sorted) and by site (`of_site`,
    `pattern_of`, `gate_of`). A pair is compared only where the unit closes both sites alone.
    """
    sites = of_site.shape[0] - 1
    candidate = np.empty(sites, dtype=np.int32)
    for unit in range(unit_gate.shape[0]):
        for one in range(sites):
            if not pair[unit, one]:
                continue
            size = -1
            for at in range(of_site[one], of_site[one + 1]):
                if gate_of[at] < unit_gate[unit, one]:
                    continue
                begin, end = first[pattern_of[at]], first[pattern_of[at] + 1]
                if not alone[unit, one]:
                    size = 0
                elif size < 0:
                    size = 0
                    for hit in range(begin, end):
                        other = gate_site[gate[hit]]
                        if (
                            other != one
                            and pair[unit, other]
                            and alone[unit, other]
                            and gate[hit] >= unit_gate[unit, other]
                        ):
                            candidate[size] = other
                            size += 1
                else:
                    left = 0
                    hit = begin
                    for place in range(size):
                        other = candidate[place]
                        while hit < end and gate_site[gate[hit]] < other:
                            hit += 1
                        if (
                            hit < end
                            and gate_site[gate[hit]] == other
                            and gate[hit] >= unit_gate[unit, other]
                        ):
                            candidate[left] = other
                            left += 1
                    size = left
                if size == 0:
                    break
            # Of two that stop the same, the one looked at first goes: the other is still a pair.
            if size != 0:
                pair[unit, one] = False
