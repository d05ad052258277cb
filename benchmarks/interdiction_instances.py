"""Pursuits on real networks, made with a seed: routes out of a place, and units to stop them.

The worst-case vehicle of the sealing benchmark leaves `lead_s` after the alarm; units start within
a minute, half of Liechtenstein's at its borders, drive at 1.2 times the limit and set up in 30 to
120 s by road class; every section inside is a site for one unit; the margin is 30 s. Routes are
fastest paths under log-normal noise (sigma 0.3) on every road, ten to each noise, to exits drawn
with odds that fall by e for each two minutes of driving.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import seal_instances

from stopline.belief.routes import Routes
from stopline.interdiction.escape import Escape
from stopline.interdiction.means import Means
from stopline.network.drive_graph import Vehicle, drive_graph
from stopline.network.search import ArrivalSearch, path_arcs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.network.drive_graph import DriveGraph
    from stopline.sealing.problem import SealingProblem

_PER_NOISE = 10


@dataclass(frozen=True)
class Pursuit:
    """One instance."""

    escape: Escape
    means: Means
    graph: DriveGraph

    def routes(self, count: int, seed: int) -> Routes:
        """Sample routes."""
        return _sampled(self.escape, self.graph, count, np.random.default_rng(seed))


def liechtenstein(units: int, seed: int, lead_s: float = 180.0) -> Pursuit:
    """Out of a village, over every border."""
    return _pursuit(seal_instances.liechtenstein(units, seed), lead_s)


def porto(units: int, seed: int, lead_s: float = 180.0, radius_m: float = 5_000.0) -> Pursuit:
    """Out of a ring around Porto, Maia or Valongo."""
    return _pursuit(seal_instances.porto(units, seed, radius_m), lead_s)


def _pursuit(problem: SealingProblem, lead_s: float) -> Pursuit:
    network, graph = problem.network, drive_graph(problem.network, problem.vehicle)
    exit_of_section = np.full(network.sections, -1, dtype=np.int32)
    exit_of_section[[place.index for place in problem.exits]] = np.arange(len(problem.exits))
    source = problem.sources[0].junction or 0
    exit_of = exit_of_section[graph.section]
    inside = _reached(graph, exit_of, source)
    used = np.unique(graph.section[inside[graph.tail]])
    site = np.full(network.sections, -1, dtype=np.int32)
    site[used] = np.arange(used.size)
    return Pursuit(
        Escape(
            first_out=graph.first_out,
            head=graph.head,
            time_s=np.where(inside[graph.tail], graph.time_s, np.inf),
            exit_of=exit_of,
            start_node=np.array([source], dtype=np.int32),
            start_s=np.array([lead_s]),
        ),
        Means(
            ready_s=_ready(problem, used),
            strength=np.ones(len(problem.units), dtype=np.int32),
            need=np.ones(used.size, dtype=np.int32),
            arc_site=site[graph.section],
            head_site=np.full(graph.arcs, -1, dtype=np.int32),
            margin_s=30.0,
        ),
        graph,
    )


def _reached(graph: DriveGraph, exit_of: NDArray[np.int32], source: int) -> NDArray[np.bool_]:
    time_s = np.where(exit_of >= 0, np.inf, graph.time_s)
    search = ArrivalSearch(graph.first_out, graph.head, time_s)
    return np.isfinite(search.run([source], [0.0]).arrival_s)


def _ready(problem: SealingProblem, used: NDArray[np.int32]) -> NDArray[np.float64]:
    network = problem.network
    graph = drive_graph(network, Vehicle(speed_factor=1.2, obeys_one_way=True))
    search = ArrivalSearch(graph.first_out, graph.head, graph.time_s)
    half_s = network.section_length_m / (network.section_speed_mps * 1.2) / 2
    tail, head = network.section_tail[used], network.section_head[used]
    out = np.empty((len(problem.units), used.size))
    places = problem.unit_places or ()
    for number, (unit, (section, _)) in enumerate(zip(problem.units, places, strict=True)):
        ends = [int(network.section_tail[section]), int(network.section_head[section])]
        arrival_s = search.run(ends, [float(half_s[section])] * 2).arrival_s
        drive_s = np.minimum(arrival_s[tail], arrival_s[head])
        drive_s[used == section] = 0.0
        out[number] = unit.ready_s + drive_s + problem.sites.setup_s[used]
    return out


def _sampled(escape: Escape, graph: DriveGraph, count: int, rng: np.random.Generator) -> Routes:
    into = np.flatnonzero((escape.exit_of >= 0) & np.isfinite(escape.time_s))
    start, lead_s = int(escape.start_node[0]), float(escape.start_s[0])
    blocked = np.where(escape.exit_of >= 0, np.inf, escape.time_s)
    search = ArrivalSearch(graph.first_out, graph.head, blocked)
    usual_s = search.run([start], [0.0]).arrival_s[graph.tail[into]]
    odds = np.exp(-(usual_s - usual_s.min()) / 120.0)
    odds /= odds.sum()
    routes: list[list[int]] = []
    while len(routes) < count:
        noisy = blocked * rng.lognormal(0.0, 0.3, blocked.shape[0])
        noise = ArrivalSearch(graph.first_out, graph.head, noisy)
        via = noise.run([start], [0.0]).via
        routes.extend(
            [*path_arcs(via, graph.tail, int(graph.tail[last])), int(last)]
            for last in rng.choice(into, _PER_NOISE, p=odds)
        )
    routes = routes[:count]
    sizes = np.array([len(route) for route in routes])
    first = np.concatenate(([0], np.cumsum(sizes)))
    arc = np.concatenate(routes).astype(np.int32)
    before = np.concatenate(([0.0], np.cumsum(escape.time_s[arc])))
    enter = before[:-1] - np.repeat(before[first[:-1]], sizes)
    return Routes(
        first=first,
        arc=arc,
        enter_s=lead_s + enter,
        end_s=lead_s + before[first[1:]] - before[first[:-1]],
        weight=np.full(count, 1.0 / count),
        exit=escape.exit_of[arc[first[1:] - 1]],
    )
