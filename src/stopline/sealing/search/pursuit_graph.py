"""The chase: the vehicle's graph with sources, exits and sites marked on it, ready for searches.

All exits lead to one extra node, the way out: arcs along an exit section end there, as do arcs
that arrive at an exit junction. A junction that is a site gets a gate before it: arcs that arrive
there end at the gate, and one more arc, which takes no time, leads through it; so does an exit
section that is a site. Every other site is the two arcs of its section, of which a cut needs one.
So a vehicle is at a site when it is at the tail of its arc, and closing the site bars the arc.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.errors import Unsupported
from stopline.network.drive_graph import DriveGraph, drive_graph
from stopline.network.search import ArrivalSearch
from stopline.sealing.plan import SiteKind
from stopline.sealing.search.pursuit import NO_SITE, PursuitGraph
from stopline.sealing.search.relevance import relevant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.sealing.problem import Exit, SealingProblem, Source

_NO_ARCS: Final = np.zeros(1, dtype=np.int32)


def make_pursuit_graph(
    problem: SealingProblem, graph: DriveGraph | None = None, *, everything: bool = False
) -> PursuitGraph:
    """Mark sources, exits and sites on the vehicle's graph.

    Args:
        problem: what is asked.
        graph: the vehicle's graph, if it was made before.
        everything: keep also what no drive to an exit can need.

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
    arcs = _Arcs(graph, head, exit_of, _site_of_section(problem)[graph.section])
    arcs.gate_exits(problem)
    arcs.gate_junctions(problem)
    first_out, tail, head, time_s, site, exit_of = arcs.finish()
    start_node, start_s, start_source, start_arc = _starts(graph, head, problem.sources)
    whole = PursuitGraph(
        graph=graph,
        graph_arc=np.where(
            np.arange(tail.shape[0]) < graph.arcs, np.arange(tail.shape[0]), -1
        ).astype(np.int32),
        way_out=graph.nodes,
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
        search=ArrivalSearch(_NO_ARCS, _NO_ARCS[:0], np.empty(0)),
    )
    if not everything:
        return relevant(whole)
    return replace(whole, search=ArrivalSearch(first_out, head, time_s, site))


def _site_of_section(problem: SealingProblem) -> NDArray[np.int32]:
    """Site of each section; the last entry serves turns, which have section -1."""
    sites = problem.sites
    of_section = np.full(problem.network.sections + 1, NO_SITE, dtype=np.int32)
    along = np.flatnonzero(~sites.is_junction).astype(np.int32)
    of_section[sites.index[along]] = along
    return of_section


class _Arcs:
    """The arcs of the chase in the making."""

    def __init__(
        self,
        graph: DriveGraph,
        head: NDArray[np.int32],
        exit_of: NDArray[np.int32],
        site: NDArray[np.int32],
    ) -> None:
        self._graph = graph
        self._head = head
        self._exit_of = exit_of
        self._site = site
        self._time_s = graph.time_s
        self._gates: list[tuple[int, float, int, int]] = []  # head, time, site, exit

    def _gate(self, through: int, time_s: float, site: int, leads_to: int) -> int:
        self._gates.append((through, time_s, site, leads_to))
        return self._graph.nodes + len(self._gates)

    def gate_exits(self, problem: SealingProblem) -> None:
        """Give each exit section that is a site one gate for both directions.

        Either way in leads out, and one seal bars both: with two arcs it would be counted twice.
        """
        graph = self._graph
        at = np.flatnonzero((self._exit_of >= 0) & (self._site != NO_SITE))
        at = at[np.isfinite(graph.time_s[at]) & self._along_exit(problem)[at]]
        if not at.size:
            return
        self._head, self._time_s = self._head.copy(), self._time_s.copy()
        self._site, self._exit_of = self._site.copy(), self._exit_of.copy()
        gate_of: dict[int, int] = {}
        for arc in at.tolist():
            site, leads_to = int(self._site[arc]), int(self._exit_of[arc])
            if site not in gate_of:
                time_s = float(graph.time_s[arc])
                gate_of[site] = self._gate(graph.nodes, time_s, site, leads_to)
            self._head[arc], self._time_s[arc] = gate_of[site], 0.0
            self._site[arc], self._exit_of[arc] = NO_SITE, -1

    def gate_junctions(self, problem: SealingProblem) -> None:
        """Give each junction that is a site a gate.

        An exit section leads out before it comes to the junction at its end.
        """
        sites, graph = problem.sites, self._graph
        if not sites.is_junction.any():
            return
        of_junction = np.full(graph.network.junctions, NO_SITE, dtype=np.int32)
        at = np.flatnonzero(sites.is_junction).astype(np.int32)
        of_junction[sites.index[at]] = at
        barred = of_junction[graph.junction[graph.head]]
        barred[self._along_exit(problem)] = NO_SITE
        exit_of_junction = {
            place.index: number
            for number, place in enumerate(problem.exits)
            if place.kind is SiteKind.JUNCTION
        }
        self._head, self._exit_of = self._head.copy(), self._exit_of.copy()
        gate_of: dict[int, int] = {}
        for arc in np.flatnonzero(barred != NO_SITE).tolist():
            site = int(barred[arc])
            if site not in gate_of:
                leads_to = exit_of_junction.get(int(sites.index[site]), -1)
                gate_of[site] = self._gate(int(self._head[arc]), 0.0, site, leads_to)
            self._head[arc], self._exit_of[arc] = gate_of[site], -1

    def _along_exit(self, problem: SealingProblem) -> NDArray[np.bool_]:
        sections = [p.index for p in problem.exits if p.kind is SiteKind.SECTION]
        is_exit = np.zeros(problem.network.sections + 1, dtype=bool)
        is_exit[sections] = True
        return is_exit[self._graph.section]

    def finish(self) -> tuple[NDArray[Any], ...]:
        """first_out, tail, head, time_s, site and exit_of, gates included."""
        graph, count = self._graph, len(self._gates)
        first_out = np.append(graph.first_out, graph.first_out[-1]).astype(np.int32)
        if not count:
            return first_out, graph.tail, self._head, self._time_s, self._site, self._exit_of
        through, time_s, site, leads_to = zip(*self._gates, strict=True)
        node = graph.nodes + 1 + np.arange(count, dtype=np.int32)
        more = first_out[-1] + 1 + np.arange(count, dtype=np.int32)
        return (
            np.concatenate((first_out, more)),
            np.concatenate((graph.tail, node)),
            np.concatenate((self._head, np.array(through, dtype=np.int32))),
            np.concatenate((self._time_s, np.array(time_s))),
            np.concatenate((self._site, np.array(site, dtype=np.int32))),
            np.concatenate((self._exit_of, np.array(leads_to, dtype=np.int32))),
        )


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
