"""Both bounds of the readiness atlas, each for all origins by one search back from the exits.

The missing lead of an origin is the least t such that the forces, alarmed at 0, seal in a vehicle
that is there no earlier than t. Under given closing times one search back finds, for every origin,
until when a vehicle there still gets out:

- every site closed as early as any units could close it, each unit counted as often as needed: no
  plan does better, so that is a lower bound on the missing lead;
- the closing times of one plan: that plan seals from then on, so that is an upper bound.

A proof that no plan seals from an origin at a time is a lower bound there, and one for every place
that leads to it over roads which nobody can close before the vehicle has passed. Where the proof is
a family of routes that no plan stops all of, a place need not lead to the origin: it is enough that
from there each route can be joined in time, wherever it passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.compiled import read_only
from stopline.event.joining_kernel import latest_joins
from stopline.event.latest_kernel import latest_departures
from stopline.sealing.search.cut_kernel import incoming

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from stopline.sealing.search.pursuit import Drive, PursuitGraph
    from stopline.sealing.side import AnsweringSide

_RESOLUTION_S: Final = 0.01
_EARLIEST_S: Final = -86_400.0
_LATEST_S: Final = 1e6


@dataclass(frozen=True, slots=True)
class BackSearch:
    """Searches back from the exits on one chase; it must have been made with everything in it.

    Attributes:
        chase: the vehicle's graph with exits and sites.
        first_in: int32[nodes + 1], see `latest_departures`.
        in_arc: int32[a].
    """

    chase: PursuitGraph
    first_in: NDArray[np.int32]
    in_arc: NDArray[np.int32]

    def latest_s(
        self, shut_s: NDArray[np.float64], seeds: Mapping[int, float] | None = None
    ) -> NDArray[np.float64]:
        """Until when a vehicle at each junction gets out, float64[j].

        Args:
            shut_s: float64[c], from when on each site cannot be entered, margin included.
            seeds: times until which a vehicle is known to get out, by junction.
        """
        chase, known = self.chase, seeds or {}
        latest_s = np.empty(chase.nodes)
        graph = chase.graph
        nodes = [int(graph.nodes_of(junction)[0]) for junction in known]
        latest_departures(
            read_only(self.first_in),
            read_only(self.in_arc),
            read_only(chase.tail),
            read_only(chase.time_s),
            read_only(chase.site),
            read_only(shut_s),
            chase.way_out,
            read_only(np.array(nodes, dtype=np.int32)),
            read_only(np.array(list(known.values()), dtype=np.float64)),
            latest_s,
        )
        return latest_s[graph.node_of[graph.first_node[:-1]]]

    def joins_s(
        self, drives: Sequence[Drive], start_s: float, shut_s: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Until when a vehicle at each junction can join every one of some drives, float64[j].

        -inf where that is before 0. Who joins a drive in time comes to all its sites no later.

        Args:
            drives: from one place, at least one.
            start_s: when they begin there.
            shut_s: float64[c], before when nobody closes a site.
        """
        chase = self.chase
        arcs = np.array([arc for drive in drives for arc in drive.arcs], dtype=np.int32)
        first = np.cumsum([0, *(len(drive.arcs) for drive in drives)])
        done_s = np.concatenate(([0.0], np.cumsum(chase.time_s[arcs])))
        begun_s = np.repeat(done_s[first[:-1]], np.diff(first))
        least_s = np.empty(chase.nodes)
        latest_joins(
            read_only(self.first_in),
            read_only(self.in_arc),
            read_only(chase.tail),
            read_only(chase.time_s),
            read_only(chase.site),
            read_only(shut_s),
            read_only(first.astype(np.int64)),
            read_only(chase.tail[arcs]),
            read_only(start_s + done_s[:-1] - begun_s),
            0.0,
            np.empty(chase.nodes),
            least_s,
        )
        graph = chase.graph
        return least_s[graph.node_of[graph.first_node[:-1]]]


def back_search(chase: PursuitGraph) -> BackSearch:
    """Make ready for searches back from the exits of a chase."""
    first_in = np.empty(chase.nodes + 1, dtype=np.int32)
    in_arc = np.empty(chase.head.shape[0], dtype=np.int32)
    incoming(chase.nodes, read_only(chase.head), first_in, in_arc)
    return BackSearch(chase, first_in, in_arc)


def earliest_closings(
    sides: Sequence[AnsweringSide], need: NDArray[np.int32]
) -> NDArray[np.float64]:
    """When each site can be closed at the earliest, no other site asked for, float64[c].

    Found by halving an interval for all sites at once, to a hundredth of a second on the early
    side, so that what is concluded from it stays a bound. Infinite where no units ever can.
    """
    sites = np.arange(need.shape[0], dtype=np.int32)

    def closable(rows: NDArray[np.int64], by_s: NDArray[np.float64]) -> NDArray[np.bool_]:
        total = np.zeros(rows.shape[0], dtype=np.int64)
        for side in sides:
            total += side.strength_by(sites[rows], by_s)
        enough: NDArray[np.bool_] = total >= need[rows]
        return enough

    result = np.full(need.shape[0], np.inf)
    everything = np.arange(need.shape[0])
    rows = everything[closable(everything, np.full(need.shape[0], _LATEST_S))]
    at_once = closable(rows, np.full(rows.shape[0], _EARLIEST_S))
    result[rows[at_once]] = -np.inf
    rows = rows[~at_once]
    low, high = np.full(rows.shape[0], _EARLIEST_S), np.full(rows.shape[0], _LATEST_S)
    while rows.size and float((high - low).max()) > _RESOLUTION_S:
        middle = (low + high) / 2
        able = closable(rows, middle)
        high, low = np.where(able, middle, high), np.where(able, low, middle)
    result[rows] = low
    return result
