"""A sealing problem as plain arrays, and units' driving times by SciPy: where the peers start."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.problem import SealingProblem

_BATCH = 25  # units whose driving times are held at once


@dataclass(frozen=True, slots=True)
class Plain:
    """The problem as plain arrays; node `n` is outside."""

    first_out: NDArray[np.int32]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    time_s: NDArray[np.float64]
    section: NDArray[np.int32]
    start: int
    start_s: float
    margin_s: float

    @property
    def outside(self) -> int:
        """The node that all exits lead to."""
        return self.first_out.shape[0] - 2

    @property
    def matrix(self) -> csr_matrix:
        """For SciPy."""
        n = self.first_out.shape[0] - 1
        return csr_matrix((self.time_s, self.head, self.first_out), shape=(n, n))


def plain(problem: SealingProblem) -> Plain:
    """Lay a problem out as arrays."""
    network, source = problem.network, problem.sources[0]
    speed = network.section_speed_mps * problem.vehicle.speed_factor
    exits = np.zeros(network.sections, dtype=bool)
    exits[[place.index for place in problem.exits]] = True
    leaves = exits[network.arc_section]
    return Plain(
        first_out=np.append(network.first_out, network.first_out[-1]).astype(np.int32),
        tail=network.arc_tail,
        head=np.where(leaves, network.junctions, network.arc_head).astype(np.int32),
        time_s=(network.section_length_m / speed)[network.arc_section],
        section=network.arc_section,
        start=int(source.junction or 0),
        start_s=source.time_s,
        margin_s=problem.rules.margin_s,
    )


def free_arrival(roads: Plain) -> NDArray[np.float64]:
    """SciPy's Dijkstra from the start, the unit of measure."""
    return np.asarray(dijkstra(roads.matrix, indices=roads.start)) + roads.start_s


def closing_times(
    problem: SealingProblem, until_s: float, limit: float
) -> NDArray[np.float32] | None:
    """When each unit could have closed each section, float32[u, s]; None if out of time."""
    network = problem.network
    result = np.full((len(problem.units), network.sections), np.inf, dtype=np.float32)
    places = problem.unit_places or ()
    groups: dict[tuple[float, frozenset[str]], list[int]] = {}
    for number, unit in enumerate(problem.units):
        groups.setdefault((unit.speed_factor, frozenset(unit.may_act_in)), []).append(number)
    for (factor, lands), members in groups.items():
        here = np.array([name in lands for name in network.territories] + [True], dtype=bool)
        home = here[network.junction_territory]
        times = network.section_length_m / (network.section_speed_mps * factor)
        way = network.section_direction[network.arc_section]
        ok = (way == 0) | ((way == 1) == network.arc_forward)
        ok &= home[network.arc_tail] & home[network.arc_head]
        matrix = _matrix(network.arc_tail, network.arc_head, times[network.arc_section], ok)
        may = home[network.section_tail] | home[network.section_head]
        for begin in range(0, len(members), _BATCH):
            if time.perf_counter() > limit:
                return None
            some = members[begin : begin + _BATCH]
            on = np.array([places[u][0] for u in some])
            ends = np.concatenate((network.section_tail[on], network.section_head[on]))
            away = np.asarray(dijkstra(matrix, indices=ends, limit=until_s))
            along = network.section_direction[on]
            half = times[on] / 2
            back = np.where((along == 1) | ~home[network.section_tail[on]], np.inf, half)
            ahead = np.where((along == 2) | ~home[network.section_head[on]], np.inf, half)
            k = len(some)
            there = np.minimum(away[:k] + back[:, None], away[k:] + ahead[:, None])
            at = np.minimum(there[:, network.section_tail], there[:, network.section_head])
            at[:, ~may] = np.inf
            held = np.flatnonzero(may[on])
            at[held, on[held]] = 0.0
            free = np.array([problem.units[u].ready_s for u in some])
            result[some] = at + free[:, None] + problem.sites.setup_s
    return result


def _matrix(
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
    time_s: NDArray[np.float64],
    ok: NDArray[np.bool_],
) -> csr_matrix:
    """A matrix that keeps parallel roads apart (SciPy would add their times up)."""
    n = int(max(tail.max(), head.max())) + 1
    first = np.concatenate(([0], np.cumsum(np.bincount(tail[ok], minlength=n))))
    return csr_matrix((time_s[ok], head[ok], first.astype(np.int32)), shape=(n, n))
