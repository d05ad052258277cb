"""Where the vehicle probably is and how soon it can be elsewhere, section by section, for a map."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.belief.answers import region
from stopline.network.drive_graph import drive_graph
from stopline.operation.whereabouts.kept_bands import BeliefBands
from stopline.sealing.claim.answer import ClaimSearch, Target
from stopline.sealing.plan import SiteKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.network.drive_graph import Vehicle
    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.claim.closing import Closing
    from stopline.sealing.problem import Exit, Source

SHARES: Final = (0.5, 0.9, 0.99)


def bands_of(probability: NDArray[np.float64], basis: str, at: str) -> BeliefBands:
    """Put the sections of a belief into bands."""
    found: list[tuple[int, ...]] = []
    seen = np.zeros(probability.shape[0], dtype=bool)
    for share in SHARES:
        inside = region(probability, share)
        new = inside[~seen[inside]]
        seen[inside] = True
        found.append(tuple(int(one) for one in new))
    return BeliefBands(basis, at, tuple(found))


def earliest_by_section(
    network: RoadNetwork,
    vehicle: Vehicle,
    sources: Sequence[Source],
    exits: Sequence[Exit],
    closings: Sequence[Closing],
) -> NDArray[np.float64]:
    """Say when the vehicle can be on each section at the earliest, past what is closed.

    It is not followed beyond an exit. A section that is closed, and stays so, counts as never
    reached even where its end is.

    Returns:
        float64[s], seconds after the plan's "now"; infinite for never.
    """
    inside = Target(
        name="any exit",
        junctions=frozenset(one.index for one in exits if one.kind == SiteKind.JUNCTION),
        sections=frozenset(one.index for one in exits if one.kind == SiteKind.SECTION),
    )
    graph = drive_graph(network, replace(vehicle, obeys_turn_bans=False))
    arrival, _ = ClaimSearch(graph, inside, closings).forward(sources)
    at_node = np.full(graph.junction.shape[0], math.inf)
    at_node[list(arrival)] = list(arrival.values())
    found = np.full(network.sections, math.inf)
    driven = np.isfinite(graph.time_s)
    np.minimum.at(found, graph.section[driven], at_node[graph.tail[driven]])
    for source in sources:
        if source.section is not None:
            found[source.section] = min(found[source.section], source.time_s)
    for one in closings:
        if one.kind == "section" and one.until_s == math.inf and found[one.index] >= one.from_s:
            found[one.index] = math.inf
    return found
