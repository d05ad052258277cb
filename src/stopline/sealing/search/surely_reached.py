"""Where the vehicle is by when under every plan, as each unit holds one site at most.

The optimistic arrival lets every unit close everything at once. Here one unit at a time has to
choose: whatever site it holds, the vehicle takes a route past all others, so that the latest of
those arrivals holds under every plan. What is reached for sure is where the next unit's choice is
looked at from, until nothing changes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.search import path_arcs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.network.search import Arrivals
    from stopline.sealing.search.pursuit import PursuitGraph
    from stopline.sealing.search.unit_times import UnitTimes

_MOST_CHOICES: Final = 60
_LATER_S: Final = 1e-9


@dataclass(frozen=True, slots=True)
class SureWay:
    """A drive that nobody stops: from a node at a time, or from a start, over arcs in order."""

    node: int
    at_s: float
    arcs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """A node that is reached by a time, as one of the ways stays open whatever one unit does."""

    node: int
    by_s: float
    ways: tuple[SureWay, ...]


class SureReach:
    """Searches for what is reached under every plan.

    Args:
        pursuit: the graph of the vehicle.
        times: when units close sites.
        margin_s: required margin.
        latest_s: no site is closed later than this.

    Attributes:
        at_s: float64[n], arrivals that no plan can prevent; infinite where it may be kept away.
        steps: how each of them was shown, in an order in which each needs only earlier ones.
    """

    def __init__(
        self, pursuit: PursuitGraph, times: UnitTimes, margin_s: float, latest_s: float = np.inf
    ) -> None:
        self._pursuit, self._times = pursuit, times
        self._margin_s, self._latest_s = margin_s, latest_s
        best, second, who = _earliest(times, latest_s)
        # Where one stands for many, without one of them the others are there as soon.
        second = np.where(np.isin(who, times.boundless), best, second)
        self._best, self._second, self._who = best + margin_s, second + margin_s, who
        self._sites = int(pursuit.site.max(initial=-1)) + 1
        found = self._run(self._best, pursuit.start_node, pursuit.start_s)
        self.at_s = found.arrival_s.copy()
        self._open_s, self._open_via = found.arrival_s.copy(), found.via.copy()
        self.steps: list[Reached] = []

    def _run(
        self, shut: NDArray[np.float64], nodes: NDArray[np.int32], at_s: NDArray[np.float64]
    ) -> Arrivals:
        shut_s = np.full(self._sites, np.inf)
        shut_s[self._times.site] = shut
        return self._pursuit.search.run(nodes, at_s, shut_s=shut_s)

    def first_way(self, node: int) -> SureWay | None:
        """The earliest drive from a start that nobody can stop; None if there is none."""
        if not np.isfinite(self._open_s[node]):
            return None
        arcs = path_arcs(self._open_via, self._pursuit.tail, node)
        start = int(self._pursuit.tail[arcs[0]]) if arcs else node
        return SureWay(start, float(self._open_s[start]), tuple(arcs))

    def improve(self, until: float) -> bool:
        """Look at each unit's choice once; whether anything was found."""
        if self._times.teams:
            return False
        changed = False
        for unit in self._concerned():
            if time.perf_counter() > until:
                break
            changed |= self._without(unit)
            if np.isfinite(self.at_s[self._pursuit.way_out]):
                break
        return changed

    def _concerned(self) -> list[int]:
        """Units that alone close some arc on the edge of what is reached."""
        pursuit, times = self._pursuit, self._times
        inside = np.isfinite(self.at_s)
        edge = np.flatnonzero(inside[pursuit.tail] & ~inside[pursuit.head] & (times.row >= 0))
        row, at_s = times.row[edge], self.at_s[pursuit.tail[edge]]
        alone = (self._best[row] <= at_s) & (self._second[row] > at_s)
        return [int(unit) for unit in np.unique(self._who[row[alone]])]

    def _without(self, unit: int) -> bool:
        pursuit, times = self._pursuit, self._times
        shut = np.where(self._who == unit, self._second, self._best)
        reached = np.flatnonzero(np.isfinite(self.at_s)).astype(np.int32)
        # Only where the search can go on matters.
        leads = np.zeros(pursuit.nodes, dtype=bool)
        inside = np.isfinite(self.at_s)
        across = inside[pursuit.tail] & ~inside[pursuit.head]
        leads[pursuit.tail[across]] = True
        nodes = reached[leads[reached]]
        at_s = self.at_s[nodes]
        found = self._run(shut, nodes, at_s)
        latest = found.arrival_s.copy()
        new = np.flatnonzero(np.isfinite(latest) & (latest < self.at_s - _LATER_S))
        if not new.size:
            return False
        runs = [(latest.copy(), found.via.copy())]
        choices = self._choices(unit, runs[0][0], runs[0][1], new)
        if len(choices) > _MOST_CHOICES:
            return False
        for row in choices:
            closed = shut.copy()
            closed[row] = min(closed[row], times.ready_s[row, unit] + self._margin_s)
            found = self._run(closed, nodes, at_s)
            runs.append((found.arrival_s.copy(), found.via.copy()))
            latest = np.maximum(latest, found.arrival_s)
            if not (np.isfinite(latest[new]) & (latest[new] < self.at_s[new])).any():
                return False
        sure = new[np.isfinite(latest[new]) & (latest[new] < self.at_s[new] - _LATER_S)]
        for node in sure[np.argsort(latest[sure], kind="stable")].tolist():
            ways = {self._way(via, node) for _, via in runs}
            self.steps.append(Reached(node, float(latest[node]), tuple(ways)))
        self.at_s[sure] = latest[sure]
        # All that is open to everybody from there.
        reached = np.flatnonzero(np.isfinite(self.at_s)).astype(np.int32)
        found = self._run(self._best, reached, self.at_s[reached])
        more = np.flatnonzero(found.arrival_s < self.at_s - _LATER_S)
        via = found.via
        for node in more[np.argsort(found.arrival_s[more], kind="stable")].tolist():
            self.steps.append(Reached(node, float(found.arrival_s[node]), (self._way(via, node),)))
        self.at_s[more] = found.arrival_s[more]
        return bool(sure.size)

    def _way(self, via: NDArray[np.int32], node: int) -> SureWay:
        arcs = path_arcs(via, self._pursuit.tail, node)
        start = int(self._pursuit.tail[arcs[0]]) if arcs else node
        return SureWay(start, float(self.at_s[start]), tuple(arcs))

    def _choices(
        self,
        unit: int,
        at_s: NDArray[np.float64],
        via: NDArray[np.int32],
        new: NDArray[np.int64],
    ) -> list[int]:
        """Rows of sites on the ways to new nodes that the unit could hold in time."""
        pursuit, times = self._pursuit, self._times
        seen: set[int] = set()
        rows: set[int] = set()
        for node in new.tolist():
            here = node
            while here not in seen and via[here] >= 0:
                seen.add(here)
                arc = int(via[here])
                row = int(times.row[arc])
                here = int(pursuit.tail[arc])
                ready_s = times.ready_s[row, unit] if row >= 0 else np.inf
                if ready_s <= self._latest_s and ready_s + self._margin_s <= at_s[here]:
                    rows.add(row)
        return sorted(rows)


def _earliest(
    times: UnitTimes, latest_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """When each site can be closed at the earliest, when without that unit, and which it is."""
    ready = np.where(times.ready_s <= latest_s, times.ready_s, np.inf)
    if not times.units:
        none = np.full(ready.shape[0], np.inf)
        return none, none, np.full(ready.shape[0], -1)
    if times.teams:
        order = np.argsort(ready, axis=1, kind="stable")
        strength = np.cumsum(times.strength[order], axis=1)
        enough = strength >= times.need[:, None]
        last = np.argmax(enough, axis=1)
        rows = np.arange(ready.shape[0])
        best = np.where(enough.any(axis=1), ready[rows, order[rows, last]], np.inf)
        return best, best, np.full(ready.shape[0], -1)
    rows = np.arange(ready.shape[0])
    who = np.argmin(ready, axis=1)
    best = ready[rows, who]
    rest = ready.copy()
    rest[rows, who] = np.inf
    return best, rest.min(axis=1, initial=np.inf), who
