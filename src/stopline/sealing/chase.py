"""The chase: the vehicle's graph with sources, exits and sites marked on it, ready for searches.

All exits lead to one extra node, the way out: arcs along an exit section end there, as do arcs
that arrive at an exit junction. A junction that is a site gets a gate before it: arcs that arrive
there end at the gate, and one more arc, which takes no time, leads through it. So every site is
a set of arcs, a vehicle is at a site when it is at the tail of one of them, and closing the site
bars them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from stopline.errors import Unsupported
from stopline.network.drive_graph import DriveGraph, drive_graph
from stopline.network.search import ArrivalSearch, path_arcs
from stopline.sealing.plan import Route, SiteKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.sealing.problem import Exit, SealingProblem, SiteList, Source

NO_SITE: Final = -1
_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Drive:
    """A drive without a stop: the number of its start, and its arcs in order."""

    start: int
    arcs: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chase:
    """Arrays of the chase; n nodes of the vehicle's graph, g gates, a arcs, k starts.

    Attributes:
        graph: the vehicle's graph; its arcs come first, the arcs through gates after them.
        first_out: int32[n + 1 + g + 1]; the way out is node n and has no arcs.
        tail: int32[a].
        head: int32[a], n where the arc leads out.
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
    def nodes(self) -> int:
        """Number of nodes, the way out and the gates included."""
        return int(self.first_out.shape[0]) - 1

    @property
    def way_out(self) -> int:
        """The node that every exit leads to."""
        return self.graph.nodes

    def drive_to(self, via: NDArray[np.int32], origin: NDArray[np.int32], node: int) -> Drive:
        """The earliest drive to a node that a search has reached."""
        return Drive(int(origin[node]), tuple(path_arcs(via, self.tail, node)))

    def sites_met(self, drive: Drive) -> dict[int, float]:
        """Time at which a drive comes to each site on it; the last time, if it comes twice."""
        now, met = float(self.start_s[drive.start]), {}
        for arc in drive.arcs:
            site = int(self.site[arc])
            if site != NO_SITE:
                met[site] = now
            now += float(self.time_s[arc])
        return met

    def describe(self, drive: Drive) -> Route:
        """Name the roads and times of a drive."""
        source = self.sources[int(self.start_source[drive.start])]
        first_arc, now = int(self.start_arc[drive.start]), float(self.start_s[drive.start])
        driven = [(first_arc, source.time_s)] if first_arc >= 0 else []
        for arc in drive.arcs:
            if arc < self.graph.arcs and self.graph.section[arc] >= 0:
                driven.append((arc, now))
            now += float(self.time_s[arc])
        starts_at = () if source.junction is None else (source.junction,)
        last_exit = int(self.exit_of[driven[-1][0]]) if driven else -1
        return Route(
            junctions=starts_at + tuple(self._end_of(arc) for arc, _ in driven),
            sections=tuple(int(self.graph.section[arc]) for arc, _ in driven),
            enter_s=tuple(when for _, when in driven),
            arrival_s=now,
            source=source.name,
            exit=self.exits[last_exit].name if last_exit >= 0 else "",
        )

    def _end_of(self, arc: int) -> int:
        """Junction at which an arc ends, whether or not it leads out."""
        return int(self.graph.junction[self.graph.head[arc]])


def make_chase(problem: SealingProblem, graph: DriveGraph | None = None) -> Chase:
    """Mark sources, exits and sites on the vehicle's graph.

    Args:
        problem: what is asked.
        graph: the vehicle's graph, if it was made before.

    Raises:
        Unsupported: junctions as sites for a vehicle that obeys turn bans.
    """
    graph = graph or drive_graph(problem.network, problem.vehicle)
    split = graph.nodes != problem.network.junctions
    if split and problem.sites.is_junction.any():
        msg = (
            "junctions as sites, with a vehicle that obeys turn bans: let the vehicle ignore "
            "turn bans (the worst case) or choose sections as sites"
        )
        raise Unsupported(msg)
    head, exit_of = _lead_out(graph, problem.exits)
    start_node, start_s, start_source, start_arc = _starts(graph, head, problem.sources)
    first_out = np.append(graph.first_out, graph.first_out[-1])
    site = _site_of_section(problem.sites, problem.network.sections)[graph.section]
    tail, time_s = graph.tail, graph.time_s
    if problem.sites.is_junction.any():
        gates = _Gates(graph, problem.sites, head)
        first_out = np.append(first_out, first_out[-1] + 1 + np.arange(gates.count))
        tail, time_s = gates.extend(tail, gates.node), gates.extend(time_s, gates.no_time)
        head = gates.extend(gates.barred_head, gates.through)
        site, exit_of = gates.extend(site, gates.site), gates.extend(exit_of, gates.no_exit)
    first_out = first_out.astype(np.int32)
    return Chase(
        graph=graph,
        first_out=first_out,
        tail=tail,
        head=head,
        time_s=time_s,
        site=site,
        exit_of=exit_of,
        start_node=start_node,
        start_s=start_s,
        start_source=start_source,
        start_arc=start_arc,
        sources=problem.sources,
        exits=problem.exits,
        search=ArrivalSearch(first_out, head, time_s, site),
    )


def _site_of_section(sites: SiteList, sections: int) -> NDArray[np.int32]:
    """Site of each section; the last entry serves turns, which have section -1."""
    of_section = np.full(sections + 1, NO_SITE, dtype=np.int32)
    along = np.flatnonzero(~sites.is_junction).astype(np.int32)
    of_section[sites.index[along]] = along
    return of_section


class _Gates:
    """One gate before each junction that is a site and can be arrived at."""

    def __init__(self, graph: DriveGraph, sites: SiteList, head: NDArray[np.int32]) -> None:
        of_junction = np.full(graph.network.junctions, NO_SITE, dtype=np.int32)
        at = np.flatnonzero(sites.is_junction).astype(np.int32)
        of_junction[sites.index[at]] = at
        barred = of_junction[graph.junction[graph.head]]
        arcs = np.flatnonzero(barred >= 0)
        self.site, first = np.unique(barred[arcs], return_index=True)
        self.count = self.site.shape[0]
        self.node = (graph.nodes + 1 + np.arange(self.count)).astype(np.int32)
        self.through = head[arcs[first]]
        self.no_time = np.zeros(self.count)
        self.no_exit = np.full(self.count, -1, dtype=np.int32)
        self.barred_head = head.copy()
        self.barred_head[arcs] = self.node[np.searchsorted(self.site, barred[arcs])]

    @staticmethod
    def extend(values: NDArray[_Scalar], more: NDArray[_Scalar]) -> NDArray[_Scalar]:
        """Values of the graph's arcs, then those of the arcs through gates."""
        return np.concatenate((values, more))


def _lead_out(
    graph: DriveGraph, exits: Sequence[Exit]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    network = graph.network
    of_section = np.full(network.sections + 1, -1, dtype=np.int32)
    of_junction = np.full(network.junctions, -1, dtype=np.int32)
    for number, place in enumerate(exits):
        (of_section if place.kind is SiteKind.SECTION else of_junction)[place.index] = number
    exit_of = of_section[graph.section]
    by_head = of_junction[graph.junction[graph.head]]
    exit_of = np.where((exit_of < 0) & (graph.section >= 0), by_head, exit_of)
    return np.where(exit_of >= 0, np.int32(graph.nodes), graph.head), exit_of


def _starts(
    graph: DriveGraph, head: NDArray[np.int32], sources: Sequence[Source]
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]]:
    """Nodes at which the vehicle can first be: a junction, or both ends of its section."""
    rows: list[tuple[int, float, int, int]] = []
    for number, source in enumerate(sources):
        if source.junction is not None:
            rows.append((int(graph.nodes_of(source.junction)[0]), source.time_s, number, -1))
            continue
        for arc in np.flatnonzero(graph.section == source.section).tolist():
            part = 1.0 - source.fraction if graph.forward[arc] else source.fraction
            when = source.time_s + part * float(graph.time_s[arc])
            if np.isfinite(when):
                rows.append((int(head[arc]), when, number, arc))
    nodes, times, which, arcs = zip(*rows, strict=True) if rows else ((), (), (), ())
    return (
        np.array(nodes, dtype=np.int32),
        np.array(times, dtype=np.float64),
        np.array(which, dtype=np.int32),
        np.array(arcs, dtype=np.int32),
    )
