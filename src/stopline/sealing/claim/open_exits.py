"""Which exits can be reached past what is really closed: one search for all of them.

The chase ends at the first exit, as for the planner and the checker: nothing is searched beyond.
The search is that of `claim`: a vehicle may wait before a place that opens again. Turn bans are
not counted, so that a vehicle which ignores them is stopped, too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stopline.network.drive_graph import drive_graph
from stopline.sealing.claim.answer import ClaimedDrive, ClaimSearch, Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.network.drive_graph import Vehicle
    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.claim.closing import Closing
    from stopline.sealing.problem import Exit, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenExit:
    """An exit that can be reached.

    Attributes:
        name: of the exit.
        earliest_s: the earliest time there, seconds after "now".
        route: the drive of that time.
    """

    name: str
    earliest_s: float
    route: tuple[ClaimedDrive, ...]


def open_exits(
    network: RoadNetwork,
    vehicle: Vehicle,
    sources: Sequence[Source],
    exits: Sequence[Exit],
    closings: Sequence[Closing],
) -> list[OpenExit]:
    """Find the exits that can be reached past these closings, the earliest first.

    Args:
        network: the roads.
        vehicle: how it drives; turn bans are not counted.
        sources: where it can be.
        exits: where it must not get.
        closings: what is closed, from when and until when.

    Returns:
        One for each name of an exit; none if it is sealed.
    """
    targets = [target_of_exits(exits, name) for name in dict.fromkeys(one.name for one in exits)]
    everywhere = Target(
        name="any exit",
        junctions=frozenset[int]().union(*(one.junctions for one in targets)),
        sections=frozenset[int]().union(*(one.sections for one in targets)),
    )
    graph = drive_graph(network, replace(vehicle, obeys_turn_bans=False))
    search = ClaimSearch(graph, everywhere, closings)
    arrival, came = search.forward(sources)
    found = []
    for target in targets:
        search.target = target
        earliest_s, last = search.first_in(arrival, came)
        if math.isfinite(earliest_s):
            route = () if last is None else search.route(last, came)
            found.append(OpenExit(name=target.name, earliest_s=earliest_s, route=route))
    return sorted(found, key=lambda one: (one.earliest_s, one.name))


def target_of_exits(exits: Sequence[Exit], name: str) -> Target:
    """All places of one name."""
    mine = [one for one in exits if one.name == name]
    return Target(
        name=name,
        junctions=frozenset(one.index for one in mine if str(one.kind) == "junction"),
        sections=frozenset(one.index for one in mine if str(one.kind) == "section"),
    )
