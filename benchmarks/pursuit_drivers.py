"""Simulated drivers for the pursuit benchmarks; none of them drives by the filter's own model.

A driver perceives every road's time with an error of its own (log-normal, sigma 0.25) and takes the
shortest way by what it perceives to a destination drawn by the exits' weights; it drives at a speed
of its own (log-normal around 1.0, sigma 0.2, not the filter's five classes). One in five stops for
one to six minutes on the way, one in six changes its destination half way. The filter's logit,
speed classes and hiding rates are thus all wrong in detail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.network.search import ArrivalSearch, path_arcs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.belief.motion import Motion
    from stopline.network.drive_graph import DriveGraph


@dataclass(frozen=True)
class Pursuit:
    """One drive: arcs in order, when each is entered and left, and the destination's number."""

    arc: NDArray[np.int64]
    enter_s: NDArray[np.float64]
    leave_s: NDArray[np.float64]
    destination: int

    def arc_at(self, at_s: float) -> int:
        """The arc it is on at a time; -1 when it has arrived."""
        if at_s >= self.leave_s[-1]:
            return -1
        return int(self.arc[np.searchsorted(self.enter_s, at_s, side="right") - 1])

    def passes(self, arc: int) -> float | None:
        """When it passes the middle of an arc, if it does."""
        found = np.flatnonzero(self.arc == arc)
        return None if not found.size else float((self.enter_s + self.leave_s)[found[0]] / 2)


def simulate(motion: Motion, start: int, rng: np.random.Generator) -> Pursuit | None:
    """Simulate one drive from a node; None if its destination cannot be reached."""
    graph = motion.graph
    perceived = graph.time_s * rng.lognormal(0.0, 0.25, graph.arcs)
    speed = float(rng.lognormal(0.0, 0.2))
    goal = int(rng.choice(len(motion.prior), p=motion.prior))
    arcs = way(graph, perceived, start, motion.destinations[goal].nodes)
    if arcs is None or len(arcs) < 4:
        return None
    if rng.random() < 1 / 6:
        half = len(arcs) // 2
        other = int(rng.choice(len(motion.prior), p=motion.prior))
        rest = way(graph, perceived, int(graph.head[arcs[half]]), motion.destinations[other].nodes)
        if rest:
            arcs, goal = [*arcs[: half + 1], *rest], other
    took = graph.time_s[arcs] / speed
    if rng.random() < 0.2:
        took[rng.integers(len(arcs))] += rng.uniform(60, 360)
    leave_s = np.cumsum(took)
    return Pursuit(np.array(arcs), leave_s - took, leave_s, goal)


def way(
    graph: DriveGraph, time_s: NDArray[np.float64], start: int, goals: tuple[int, ...]
) -> list[int] | None:
    """Arcs of the shortest way to the nearest of some nodes; None if there is none."""
    search = ArrivalSearch(graph.first_out, graph.head, time_s)
    found = search.run([start], [0.0])
    best = min(goals, key=lambda node: found.arrival_s[node])
    if not np.isfinite(found.arrival_s[best]):
        return None
    return path_arcs(found.via, graph.tail, best)
