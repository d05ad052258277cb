"""Three naive plans for comparison: units to the nearest exits, greedy, and by chance.

All use the same units, sites and times as the joint plan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stopline.belief.routes import Routes
from stopline.interdiction.greedy import greedy
from stopline.network.search import ArrivalSearch, path_arcs
from stopline.planning.interdiction import Interdiction

if TYPE_CHECKING:
    import random

    from numpy.typing import NDArray

    from stopline.exercise.truth.roads import DriverRoads
    from stopline.interdiction.means import Means
    from stopline.sealing.problem import SealingProblem

BASELINES = ("nearest exits", "greedy, shortest routes", "random")
_NEAR_S = 3600.0
# What a plan says: site and seconds until it is closed, by unit.
Orders = dict[str, tuple[str, float]]


def naive_plans(
    problem: SealingProblem, roads: DriverRoads, chance: random.Random
) -> dict[str, Orders]:
    """Make the three plans for a problem."""
    rules = replace(problem.rules, margin_s=0.0)
    frame = Interdiction.of(replace(problem, rules=rules))
    sites = {
        "nearest exits": _nearest(frame),
        "greedy, shortest routes": greedy(_shortest(frame, roads), frame.means).site_of,
        "random": _random(frame.means, chance),
    }
    return {name: _orders(frame, site_of) for name, site_of in sites.items()}


def _orders(frame: Interdiction, site_of: NDArray[np.int32]) -> Orders:
    sites, found = frame.problem.sites, {}
    for number, unit in enumerate(frame.problem.units):
        site = int(site_of[number])
        ready_s = float(frame.means.ready_s[number, site]) if site >= 0 else np.inf
        if site >= 0 and np.isfinite(ready_s):
            kind = "junction" if bool(sites.is_junction[site]) else "section"
            found[unit.id] = (f"{kind} {int(sites.index[site])}", ready_s)
    return found


def _nearest(frame: Interdiction) -> NDArray[np.int32]:
    """Each unit to the exit it is at soonest that nobody holds yet, the soonest pair first."""
    means, problem = frame.means, frame.problem
    at = {int(index): number for number, index in enumerate(problem.sites.index.tolist())}
    sites = [at[one.index] for one in problem.exits if one.index in at]
    ready = means.ready_s[:, sites].copy()
    site_of = np.full(means.units, -1, dtype=np.int32)
    while np.isfinite(ready).any():
        unit, number = np.unravel_index(np.argmin(ready), ready.shape)
        site_of[unit] = sites[int(number)]
        ready[unit, :] = np.inf
        ready[:, number] = np.inf
    return site_of


def _random(means: Means, chance: random.Random) -> NDArray[np.int32]:
    """Each unit at a random site that it holds within an hour of its nearest."""
    site_of = np.full(means.units, -1, dtype=np.int32)
    for unit in range(means.units):
        near = np.flatnonzero(means.ready_s[unit] <= means.ready_s[unit].min() + _NEAR_S)
        if near.size:
            site_of[unit] = int(near[chance.randrange(near.size)])
    return site_of


def _shortest(frame: Interdiction, roads: DriverRoads) -> Routes:
    """The shortest route to each exit from where the vehicle was seen, all of one weight."""
    graph = roads.graph
    escape = replace(frame.escape(), time_s=graph.time_s)
    search = ArrivalSearch(graph.first_out, graph.head, graph.time_s)
    found = search.run(escape.start_node, escape.start_s)
    arcs: list[int] = []
    first, exits = [0], []
    for number in range(int(escape.exit_of.max()) + 1):
        ways = np.flatnonzero(escape.exit_of == number)
        ways = ways[np.isfinite(graph.time_s[ways])]
        ways = ways[np.isfinite(found.arrival_s[graph.tail[ways]])]
        if not ways.size:
            continue
        last = int(ways[np.argmin(found.arrival_s[graph.tail[ways]] + graph.time_s[ways])])
        arcs += [*path_arcs(found.via, graph.tail, int(graph.tail[last])), last]
        first.append(len(arcs))
        exits.append(number)
    arc = np.array(arcs, dtype=np.int32)
    enter = found.arrival_s[graph.tail[arc]]
    ends = np.array([enter[at - 1] + graph.time_s[arc[at - 1]] for at in first[1:]])
    count = max(1, len(exits))
    return Routes(
        first=np.array(first, dtype=np.int64), arc=arc, enter_s=enter, end_s=ends,
        weight=np.full(len(exits), 1.0 / count), exit=np.array(exits, dtype=np.int32),
    )  # fmt: skip
