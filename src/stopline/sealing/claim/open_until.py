"""Until when each of several targets could be entered: what a verdict asks of every open exit.

Most ways that leak stay open for good, and that takes no times to see: a target stays open if it
can be reached over places that are never shut for good, however long the vehicle waits before the
others. One search finds what can be reached so, for all targets; only where it finds nothing are
the two searches of a claim made (`claim.py`), which give the same for one target at a time.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stopline.network.drive_graph import drive_graph
from stopline.sealing.claim.answer import ClaimSearch, Target, shut_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.network.drive_graph import DriveGraph, Vehicle
    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.claim.closing import Closing
    from stopline.sealing.problem import Source


def open_until(
    network: RoadNetwork,
    vehicle: Vehicle,
    sources: Sequence[Source],
    targets: Sequence[Target],
    closings: Sequence[Closing],
) -> list[float]:
    """Find when the last way into each target was closed.

    Args:
        network: the roads.
        vehicle: how it drives; turn bans are not counted.
        sources: where it can be.
        targets: each is asked for alone, as if the others were ordinary roads.
        closings: what was closed, and when.

    Returns:
        For each target, seconds after "now"; infinite if a way stays open, minus infinity if none
        ever was open.
    """
    graph = drive_graph(network, replace(vehicle, obeys_turn_bans=False))
    search = ClaimSearch(graph, Target(name="none"), closings)
    begins = {node for source in sources for node, _, _ in search.starts(source)}
    usable = _never_shut_for_good(graph, closings)
    reached = _reached(graph, begins, usable)
    found = []
    for target in targets:
        search.target = target
        if _is_entered(graph, target, reached, usable):
            found.append(math.inf)
        else:
            arrival, _ = search.forward(sources)
            ways = search.passed(arrival, search.backward(math.inf))
            found.append(max(ways, default=-math.inf))
    return found


def _never_shut_for_good(
    graph: DriveGraph, closings: Sequence[Closing]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Arcs that can always be driven at last, bool[a], and nodes that can be passed, bool[n]."""
    spans = shut_times(closings)
    for_good = [place for place, shut in spans.items() if math.isinf(shut[-1][1])]
    sections = [index for kind, index in for_good if kind == "section"]
    junctions = [index for kind, index in for_good if kind == "junction"]
    arcs = np.isfinite(graph.time_s) & ~np.isin(graph.section, sections)
    return arcs, ~np.isin(graph.junction, junctions)


def _reached(
    graph: DriveGraph, begins: set[int], usable: tuple[NDArray[np.bool_], NDArray[np.bool_]]
) -> NDArray[np.bool_]:
    """Nodes that are reached over usable arcs and nodes, bool[n]; where it begins is no matter."""
    arcs, nodes = usable
    passes: list[bool] = (arcs & nodes[graph.head]).tolist()
    first: list[int] = graph.first_out.tolist()
    head: list[int] = graph.head.tolist()
    reached, waiting = set(begins), list(begins)
    while waiting:
        node = waiting.pop()
        for arc in range(first[node], first[node + 1]):
            if passes[arc] and head[arc] not in reached:
                reached.add(head[arc])
                waiting.append(head[arc])
    found = np.zeros(graph.nodes, dtype=np.bool_)
    found[list(reached)] = True
    return found


def _is_entered(
    graph: DriveGraph,
    target: Target,
    reached: NDArray[np.bool_],
    usable: tuple[NDArray[np.bool_], NDArray[np.bool_]],
) -> bool:
    """Whether a target is entered by arriving at a junction, or by driving one of its sections."""
    if any(reached[junction] for junction in target.junctions):
        return True
    into = np.isin(graph.section, list(target.sections)) & usable[0]
    return bool(reached[graph.tail[into]].any())
