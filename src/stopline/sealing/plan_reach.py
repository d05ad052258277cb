"""Where the vehicle can be under a plan: a search for the picture, not the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.network.drive_graph import drive_graph
from stopline.network.search import ArrivalSearch
from stopline.sealing.plan import SiteKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.network.drive_graph import DriveGraph
    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem


def plan_reach(problem: SealingProblem, plan: Plan | None = None) -> NDArray[np.float64]:
    """Earliest arrival of the vehicle at each junction past the seals of a plan.

    Args:
        problem: network, vehicle and sources.
        plan: its seals close as it says; None for open roads.

    Returns:
        float64[n], seconds after now; infinite where it never gets.
    """
    network = problem.network
    graph = drive_graph(network, problem.vehicle)
    seals = () if plan is None else plan.seals
    margin_s = problem.rules.margin_s if plan is None else plan.required_margin_s
    of_section, of_junction = np.full(network.sections, np.inf), np.full(network.junctions, np.inf)
    for seal in seals:
        of_kind = of_section if seal.site.kind == SiteKind.SECTION else of_junction
        of_kind[seal.site.index] = min(of_kind[seal.site.index], seal.closed_at_s + margin_s)
    # A junction is passed by leaving it, so its seal stands on the arcs that leave it.
    shut_s = np.minimum(of_section[graph.section], of_junction[graph.junction[graph.tail]])
    shut = np.flatnonzero(np.isfinite(shut_s))
    site = np.full(graph.arcs, -1, dtype=np.int32)
    site[shut] = np.arange(shut.size)
    nodes, times = _starts(problem, graph)
    search = ArrivalSearch(graph.first_out, graph.head, graph.time_s, site)
    found = search.run(nodes, times, shut_s=shut_s[shut])
    arrival_s = np.full(network.junctions, np.inf)
    np.minimum.at(arrival_s, graph.junction, found.arrival_s)
    return arrival_s


def _starts(problem: SealingProblem, graph: DriveGraph) -> tuple[list[int], list[float]]:
    """Nodes from which the vehicle starts, and when it is there."""
    nodes: list[int] = []
    times: list[float] = []
    for source in problem.sources:
        if source.junction is not None:
            for node in graph.nodes_of(source.junction):
                nodes.append(int(node))
                times.append(source.time_s)
        elif source.section is not None:
            for arc in np.flatnonzero(graph.section == source.section):
                left = 1 - source.fraction if graph.forward[arc] else source.fraction
                if np.isfinite(graph.time_s[arc]):
                    nodes.append(int(graph.head[arc]))
                    times.append(source.time_s + left * float(graph.time_s[arc]))
    return nodes, times
