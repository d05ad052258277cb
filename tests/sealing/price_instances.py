"""Small pursuits given as bare arrays, and their truth by trying every plan."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import numpy as np

from stopline.network.search import ArrivalSearch
from stopline.sealing.search.pursuit import PursuitGraph
from stopline.sealing.search.unit_times import UnitTimes

if TYPE_CHECKING:
    from numpy.random import Generator

INF = math.inf


@dataclass(frozen=True)
class Instance:
    """Arcs are (tail, head, time, site); `ready[u][c]` is when unit u closes site c."""

    out: int
    starts: tuple[tuple[int, float], ...]
    arcs: tuple[tuple[int, int, float, int], ...]
    ready: tuple[tuple[float, ...], ...]

    def pursuit(self) -> PursuitGraph:
        """As the planner sees it."""
        order = sorted(range(len(self.arcs)), key=lambda i: self.arcs[i][0])
        tail, head, time_s, site = (
            np.array([self.arcs[i][k] for i in order], dtype=kind)
            for k, kind in ((0, np.int32), (1, np.int32), (2, np.float64), (3, np.int32))
        )
        nodes = 1 + max(self.out, tail.max(initial=0), head.max(initial=0))
        first_out = np.zeros(nodes + 1, dtype=np.int32)
        np.cumsum(np.bincount(tail, minlength=nodes), out=first_out[1:])
        nothing = np.full(len(order), -1, dtype=np.int32)
        return PursuitGraph(
            graph=cast("None", None),  # type: ignore[arg-type]
            graph_arc=nothing,
            way_out=self.out,
            first_out=first_out,
            tail=tail,
            head=head,
            time_s=time_s,
            site=site,
            exit_of=nothing,
            start_node=np.array([v for v, _ in self.starts], dtype=np.int32),
            start_s=np.array([t for _, t in self.starts], dtype=np.float64),
            start_source=np.arange(len(self.starts), dtype=np.int32),
            start_arc=np.full(len(self.starts), -1, dtype=np.int32),
            sources=(),
            exits=(),
            search=ArrivalSearch(first_out, head, time_s, site),
        )

    def times(self, pursuit: PursuitGraph) -> UnitTimes:
        """The units of the instance, each of strength one."""
        sites = len(self.ready[0]) if self.ready else 1 + max(a[3] for a in self.arcs)
        units = len(self.ready)
        return UnitTimes(
            ready_s=np.array(self.ready, dtype=np.float64).reshape(units, sites).T.copy(),
            site=np.arange(sites, dtype=np.int32),
            row=pursuit.site.copy(),
            need=np.ones(sites, dtype=np.int64),
            strength=np.ones(units, dtype=np.int64),
            side=np.zeros(units, dtype=np.int32),
            number=np.arange(units, dtype=np.int32),
        )

    def escape(self, shut: dict[int, float]) -> list[tuple[int, float]] | None:
        """(site, time) pairs of the earliest drive out, None where nothing escapes."""
        best: dict[int, float] = {}
        heap = [(t, i, v, ()) for i, (v, t) in enumerate(self.starts)]
        count = len(heap)
        heapq.heapify(heap)
        while heap:
            now, _, node, met = heapq.heappop(heap)
            if node in best:
                continue
            best[node] = now
            if node == self.out:
                return list(cast("tuple[tuple[int, float], ...]", met))
            for tail, head, time_s, site in self.arcs:
                if tail == node and head not in best and shut.get(site, INF) > now:
                    count += 1
                    passed = (*met, (site, now)) if site >= 0 else met
                    heapq.heappush(heap, (now + time_s, count, head, passed))
        return None

    def fewest(self) -> float:
        """The fewest units that seal; infinite where none do."""
        return self._fewest({}, frozenset(), INF)

    def _fewest(self, shut: dict[int, float], used: frozenset[int], most: float) -> float:
        route = self.escape(shut)
        if route is None:
            return len(used)
        if len(used) + 1 >= most:
            return INF
        best = INF
        for site, now in route:
            for unit, ready in enumerate(self.ready):
                if unit not in used and ready[site] <= now and ready[site] < INF:
                    closed = {**shut, site: min(ready[site], shut.get(site, INF))}
                    best = min(best, self._fewest(closed, used | {unit}, min(most, best)))
        return best


COUNTEREXAMPLES = {
    "A": (
        Instance(2, ((0, 0), (1, 3)), ((1, 2, 5, 0), (0, 1, 1, 1)), ((INF, -1), (3, INF))),
        2,
    ),
    "B": (Instance(2, ((0, 0), (1, 3)), ((1, 2, 5, 0), (0, 1, 2, 1)), ((0, -1),)), 1),
    "C": (
        Instance(2, ((0, 0), (1, 2)), ((0, 1, 1, 0), (1, 2, 1, 1)), ((0, INF), (INF, 0))),
        1,
    ),
    "E": (
        Instance(
            5,
            ((4, 1),),
            ((1, 5, 1, 0), (2, 5, 1, 1), (1, 2, 0, 2), (4, 2, 2, 3), (4, 1, 1, 4)),
            ((INF, 7, 1, INF, INF), (2, 0, INF, 1, INF)),
        ),
        INF,
    ),
    "J": (
        Instance(
            2, ((0, 0),), ((0, 1, 3, 0), (0, 1, 1, 1), (1, 2, 2, 2)), ((0, -1, INF), (INF, INF, 5))
        ),
        INF,
    ),
    "K": (
        Instance(2, ((0, 0),), ((0, 1, 1, 0), (0, 1, 5, -1), (1, 2, 1, 1)), ((0, INF), (INF, 4))),
        2,
    ),
}


def layered(rng: Generator) -> Instance:
    """Parallel lanes with rungs between them, whose cuts take three units and more.

    Units come in time for some sites of each lane only, and each for many: so that what the
    cheapest cut needs is not to be had, and the truth lies above it.
    """
    lanes, long = int(rng.integers(3, 5)), int(rng.integers(2, 4))
    out = 1 + lanes * long
    arcs: list[tuple[int, int, float, int]] = []
    site = 0

    def add(a: int, b: int, *, both: bool) -> None:
        nonlocal site
        time_s = float(rng.integers(1, 5))
        arcs.append((a, b, time_s, site))
        if both:
            arcs.append((b, a, time_s, site))
        site += 1

    for lane in range(lanes):
        row = [0, *(1 + lane * long + i for i in range(long)), out]
        for a, b in pairwise(row):
            add(a, b, both=a != 0 and b != out and bool(rng.random() < 0.5))
    for _ in range(int(rng.integers(0, lanes + 2))):
        a, b = rng.choice(np.arange(1, out), 2, replace=False).tolist()
        add(int(a), int(b), both=bool(rng.random() < 0.7))
    starts = [(0, 0.0)]
    if rng.random() < 0.3:
        starts.append((int(rng.integers(1, out)), float(rng.integers(1, 6))))
    units = int(rng.integers(lanes, lanes + 4))
    late = float(rng.integers(1, 6))
    ready = []
    for _ in range(units):
        able = rng.random(site) < rng.choice((0.25, 0.6))
        when = rng.integers(0, int(4 + late), site)
        ready.append(tuple(float(t) if ok else INF for t, ok in zip(when, able, strict=True)))
    return Instance(out, tuple(starts), tuple(arcs), tuple(ready))
