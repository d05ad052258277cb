"""The pursuit as arrays: the vehicle's graph with its starts, exits and sites, and drives on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.search import ArrivalSearch, path_arcs
from stopline.sealing.plan import Route

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.network.drive_graph import DriveGraph
    from stopline.sealing.problem import Exit, Source

NO_SITE: Final = -1


@dataclass(frozen=True, slots=True)
class Drive:
    """A drive without a stop: the number of its start, and its arcs in order."""

    start: int
    arcs: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PursuitGraph:
    """Arrays of the chase; n nodes of the vehicle's graph, g gates, a arcs, k starts.

    Attributes:
        graph: the vehicle's graph.
        graph_arc: int32[a], the arc of the vehicle's graph, or -1 through a gate; gates come last.
        way_out: the node that every exit leads to; it has no arcs.
        first_out: int32[nodes + 1], gates and the way out included.
        tail: int32[a].
        head: int32[a], `way_out` where the arc leads out.
        time_s: float64[a].
        site: int32[a], the site entered with the arc, or `NO_SITE`.
        exit_of: int32[a], the exit an arc leads to, or -1.
        start_node: int32[k], nodes at which the vehicle can first be.
        start_s: float64[k], and when.
        start_source: int32[k], by which source.
        start_arc: int32[k], the arc driven in part to get there, or -1.
        sources: as in the problem.
        exits: as in the problem.
        search: buffers of earliest-arrival searches.
    """

    graph: DriveGraph
    graph_arc: NDArray[np.int32]
    way_out: int
    first_out: NDArray[np.int32]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    time_s: NDArray[np.float64]
    site: NDArray[np.int32]
    exit_of: NDArray[np.int32]
    start_node: NDArray[np.int32]
    start_s: NDArray[np.float64]
    start_source: NDArray[np.int32]
    start_arc: NDArray[np.int32]
    sources: tuple[Source, ...]
    exits: tuple[Exit, ...]
    search: ArrivalSearch

    @property
    def split(self) -> bool:
        """Whether junctions are split by turns, so that a cut may need both arcs of a section."""
        return self.graph.nodes != self.graph.network.junctions

    @property
    def nodes(self) -> int:
        """Number of nodes, the way out and the gates included."""
        return int(self.first_out.shape[0]) - 1

    def drive_to(self, via: NDArray[np.int32], origin: NDArray[np.int32], node: int) -> Drive:
        """The earliest drive to a node that a search has reached."""
        return Drive(int(origin[node]), tuple(path_arcs(via, self.tail, node)))

    def sites_met(self, drive: Drive) -> dict[int, float]:
        """Time at which a drive comes to each site on it; the last time, if it comes twice."""
        arcs = np.array(drive.arcs, dtype=np.int64)
        started_s = self.start_s[drive.start : drive.start + 1]
        enter_s = np.cumsum(np.concatenate((started_s, self.time_s[arcs])))[:-1]
        site = self.site[arcs]
        on = site != NO_SITE
        return dict(zip(site[on].tolist(), enter_s[on].tolist(), strict=True))

    def describe(self, drive: Drive) -> Route:
        """Name the roads and times of a drive."""
        source = self.sources[int(self.start_source[drive.start])]
        first_arc, now = int(self.start_arc[drive.start]), float(self.start_s[drive.start])
        driven = [(first_arc, source.time_s)] if first_arc >= 0 else []
        for arc in drive.arcs:
            if self._section(arc) >= 0:
                driven.append((arc, now))
            now += float(self.time_s[arc])
        starts_at = () if source.junction is None else (source.junction,)
        last_arc = drive.arcs[-1] if drive.arcs else first_arc
        last_exit = int(self.exit_of[last_arc]) if last_arc >= 0 else -1
        return Route(
            junctions=starts_at + tuple(self._end_of(arc) for arc, _ in driven),
            sections=tuple(self._section(arc) for arc, _ in driven),
            enter_s=tuple(when for _, when in driven),
            arrival_s=now,
            source=source.name,
            exit=self.exits[last_exit].name if last_exit >= 0 else "",
        )

    def _end_of(self, arc: int) -> int:
        """Junction at which an arc ends, whether or not it leads out."""
        return int(self.graph.junction[self.graph.head[self.graph_arc[arc]]])

    def _section(self, arc: int) -> int:
        """Section that an arc drives along, -1 for turns and gates."""
        along = int(self.graph_arc[arc])
        return int(self.graph.section[along]) if along >= 0 else -1


def without(
    pursuit: PursuitGraph, arcs: NDArray[np.bool_], starts: NDArray[np.bool_]
) -> PursuitGraph:
    """A pursuit without some arcs, bool[a], and with some of its starts, bool[starts], alone."""
    time_s = np.where(arcs, np.inf, pursuit.time_s)
    return replace(
        pursuit,
        time_s=time_s,
        start_node=pursuit.start_node[starts],
        start_s=pursuit.start_s[starts],
        start_source=pursuit.start_source[starts],
        start_arc=pursuit.start_arc[starts],
        search=ArrivalSearch(pursuit.first_out, pursuit.head, time_s, pursuit.site),
    )
