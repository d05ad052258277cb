"""The two deadlines between which the true ones lie: unhindered and optimistic arrival.

Unhindered: no road is closed; a plan that meets these deadlines seals. Optimistic: every site is
closed as early as any units could close it, each counted as often as needed; no plan makes the
vehicle arrive later. An infinite optimistic arrival means that the vehicle might be kept away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import read_only
from stopline.network.search import ArrivalSearch
from stopline.sealing.search.cut_kernel import incoming
from stopline.sealing.search.cut_options import closable
from stopline.sealing.search.pursuit import NO_SITE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.sealing.search.pursuit import PursuitGraph
    from stopline.sealing.side import AnsweringSide


@dataclass(frozen=True, slots=True)
class Arrival:
    """Arrival at every node under some assumption.

    Attributes:
        at_s: float64[n], infinite where never.
        via: int32[n], arc by which each node is reached.
        origin: int32[n], number of the start.
    """

    at_s: NDArray[np.float64]
    via: NDArray[np.int32]
    origin: NDArray[np.int32]

    def by_s(self, chase: PursuitGraph, margin_s: float) -> NDArray[np.float64]:
        """Latest closing time of each arc, float64[a]; infinite where the vehicle never comes."""
        return self.at_s[chase.tail] - margin_s


def unhindered(chase: PursuitGraph) -> Arrival:
    """Earliest arrivals if no road is closed."""
    found = chase.search.run(chase.start_node, chase.start_s)
    return Arrival(found.arrival_s.copy(), found.via.copy(), found.origin.copy())


def optimistic(
    chase: PursuitGraph,
    free: Arrival,
    sides: Sequence[AnsweringSide],
    need: NDArray[np.int32],
    margin_s: float,
    latest_s: float = np.inf,
    horizon_s: float = np.inf,
) -> Arrival:
    """Arrivals that no plan can delay further.

    Searches and questions alternate: what can be closed by the arrivals known so far is barred,
    which makes the vehicle later elsewhere, so that more can be closed, until nothing changes.

    Args:
        chase: the graph.
        free: unhindered arrivals.
        sides: whom to ask what can be closed.
        need: int32[c], strength that closes each site.
        margin_s: required margin.
        latest_s: no site may be closed later than this.
        horizon_s: arrivals after this are of no interest.
    """
    time_s = chase.time_s.copy()
    at_s = free.at_s
    arcs = np.flatnonzero(
        (chase.site != NO_SITE) & np.isfinite(chase.time_s) & np.isfinite(at_s[chase.tail])
    ).astype(np.int32)
    while True:
        by_s = np.minimum(at_s[chase.tail[arcs]] - margin_s, latest_s)
        barred = closable(chase, sides, arcs, by_s, need)
        time_s[arcs[barred]] = np.inf
        found = chase.search.run(
            chase.start_node, chase.start_s, time_s=time_s, horizon_s=horizon_s
        )
        later = found.arrival_s[chase.tail[arcs]]
        # Only arcs that the vehicle still reaches, and later than before, can change.
        open_still = ~barred & np.isfinite(later) & (later > at_s[chase.tail[arcs]])
        at_s = found.arrival_s.copy()
        if not open_still.any():
            return Arrival(at_s, found.via.copy(), found.origin.copy())
        arcs = arcs[~barred & np.isfinite(later)]


def remaining(chase: PursuitGraph) -> NDArray[np.float64]:
    """Driving time from every node to the nearest exit if no road is closed, float64[n]."""
    first_in = np.empty(chase.nodes + 1, dtype=np.int32)
    in_arc = np.empty(chase.head.shape[0], dtype=np.int32)
    incoming(chase.nodes, read_only(chase.head), first_in, in_arc)
    back = ArrivalSearch(first_in, chase.tail[in_arc], chase.time_s[in_arc])
    return back.run([chase.way_out], [0.0]).arrival_s
