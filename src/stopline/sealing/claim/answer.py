"""Claims: could the vehicle have entered X by T, and from which moment on could it not?

Closings are what happened, not what was planned: a place is shut from one time on, and perhaps
opened again. The vehicle may wait before a closed place, so being somewhere earlier never hurts,
and two searches answer everything:

    A(v)   the earliest time at v (forward, past what is closed),
    L(v)   the latest time at v from which X is still entered, ever or by T (backward from X).

X could be entered by T if A(X) <= T. A vehicle that is still where it was last seen, v, must have
left by L(v). The last way into X closed when the last place was closed that it could have passed
before, A at that place < closing, and from which X could be entered then; from that moment on
nobody who was not past the closed places could get in. If L(v) is infinite a way stays open.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.errors import BadInput
from stopline.network.drive_graph import drive_graph

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stopline.network.drive_graph import DriveGraph, Vehicle
    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.claim.closing import Closing
    from stopline.sealing.problem import Source

Shut = tuple[float, float]
_TINY: Final = 1e-6
_START: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """X: entered by arriving at a junction, or by driving a section to its other end.

    Attributes:
        name: for people.
        junctions: any of them.
        sections: any of them.
    """

    name: str
    junctions: frozenset[int] = frozenset()
    sections: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDrive:
    """One section of a drive: entered and left, seconds after "now"."""

    section: int
    to: int
    enter_s: float
    leave_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAnswer:
    """The answer to a claim; times in seconds after "now".

    Attributes:
        could: whether X could be entered by T.
        by_s: T.
        earliest_s: A(X): the earliest time at which it could be in X at all; infinite for never.
        route: the drive of that time; empty if there is none.
        source: the source that the route begins at.
        open_until_s: when the last way into X was closed; infinite if one stays open, minus
            infinity if none ever was open.
        leave_by_s: the latest time at which it can still have stood where it was last seen and
            yet have entered X by T; minus infinity for never.
    """

    could: bool
    by_s: float
    earliest_s: float
    route: tuple[ClaimedDrive, ...]
    source: str
    open_until_s: float
    leave_by_s: float


def answer_claim(
    network: RoadNetwork,
    vehicle: Vehicle,
    sources: Sequence[Source],
    target: Target,
    closings: Sequence[Closing],
    by_s: float,
) -> ClaimAnswer:
    """Answer whether the vehicle could have entered X by T.

    Args:
        network: the roads.
        vehicle: how it drives; the worst case, if nobody knows.
        sources: where it was seen, and when.
        target: X.
        closings: what was closed, and when.
        by_s: T, seconds after "now".

    Raises:
        BadInput: the vehicle obeys turn bans (not supported), or X has no place.
    """
    if vehicle.obeys_turn_bans and network.turn_via.size:
        raise BadInput.single("vehicle", "obeys_turn_bans", "a vehicle that ignores them")
    if not target.junctions and not target.sections:
        raise BadInput.single("target", target.name, "a place on the network")
    search = ClaimSearch(drive_graph(network, vehicle), target, closings)
    arrival, came = search.forward(sources)
    ever, in_time = search.backward(math.inf), search.backward(by_s)
    earliest_s, last = search.first_in(arrival, came)
    stays_open = math.inf in search.leave_by(sources, ever, math.inf)
    ways = [math.inf] if stays_open else search.passed(arrival, ever)
    route = search.route(last, came) if last is not None else ()
    begins = _source_of(route, sources, search, last)
    return ClaimAnswer(
        could=earliest_s <= by_s,
        by_s=by_s,
        earliest_s=earliest_s,
        route=route,
        source=begins,
        open_until_s=max(ways, default=-math.inf),
        leave_by_s=max(search.leave_by(sources, in_time, by_s), default=-math.inf),
    )


class ClaimSearch:
    """Both searches over one graph and one set of closings."""

    def __init__(self, graph: DriveGraph, target: Target, closings: Sequence[Closing]) -> None:
        self.graph, self.target = graph, target
        self._shut = shut_times(closings)
        self._shut_sections = self._shut_of("section")
        self._shut_junctions = self._shut_of("junction")
        self._times: list[float] = graph.time_s.tolist()
        self._head: list[int] = graph.head.tolist()
        self._tail: list[int] = graph.tail.tolist()
        self._section: list[int] = graph.section.tolist()
        self._first: list[int] = graph.first_out.tolist()
        self._into: dict[int, list[int]] | None = None

    def forward(
        self, sources: Sequence[Source]
    ) -> tuple[dict[int, float], dict[int, tuple[int, float]]]:
        """A(v), and for each node the arc by which it is reached and when that is entered."""
        arrival: dict[int, float] = {}
        came: dict[int, tuple[int, float]] = {}
        heap = self._first_steps(sources)
        # This loop is most of a verdict: names of its own for what it looks up at each arc.
        first, heads, sections, times = self._first, self._head, self._section, self._times
        shut_sections, shut_junctions = self._shut_sections, self._shut_junctions
        on_target = self.target.sections
        while heap:
            now_s, node, arc, enter_s = heapq.heappop(heap)
            if node in arrival:
                continue
            arrival[node], came[node] = now_s, (arc, enter_s)
            if node in self.target.junctions:
                continue  # it is in: what it does then is not asked
            for a in range(first[node], first[node + 1]):
                head, section = heads[a], sections[a]
                if head in arrival or section in on_target:
                    continue  # who drives a section of X is in; `first_in` says when
                enters = now_s
                if section in shut_sections:
                    enters = _passes_at(shut_sections[section], now_s)
                there = enters + times[a]
                if head in shut_junctions:
                    there = _passes_at(shut_junctions[head], there)
                if there < math.inf:
                    heapq.heappush(heap, (there, head, a, enters))
        return arrival, came

    def _first_steps(self, sources: Sequence[Source]) -> list[tuple[float, int, int, float]]:
        """Where it begins: when, at which node, by which arc, and when that was entered."""
        heap = [
            (at_s, node, arc, source.time_s)
            for source in sources
            for node, at_s, arc in self.starts(source)
        ]
        heapq.heapify(heap)
        return heap

    def backward(self, by_s: float) -> dict[int, float]:
        """L(v) for every node from which X can be entered by T."""
        into = self._arcs_into()
        heap = self._last_steps(by_s)
        latest: dict[int, float] = {}
        inside = self.target.junctions
        tails, sections, times = self._tail, self._section, self._times
        while heap:
            minus, node = heapq.heappop(heap)
            if node in latest or minus == math.inf:
                continue
            latest[node] = -minus
            arrive_by = -minus if node in inside else self._leave(("junction", node), -minus)
            for arc in into.get(node, ()):
                tail = tails[arc]
                if tail in latest or tail in inside:
                    continue
                last_s, section = arrive_by - times[arc], sections[arc]
                if section in self._shut_sections:
                    last_s = self._leave(("section", section), last_s)
                if last_s > -math.inf:
                    heapq.heappush(heap, (-last_s, tail))
        return latest

    def _arcs_into(self) -> dict[int, list[int]]:
        if self._into is None:
            self._into = {}
            for arc, head in enumerate(self._head):
                if math.isfinite(self._times[arc]):
                    self._into.setdefault(head, []).append(arc)
        return self._into

    def _arcs_on_target(self) -> list[int]:
        """Arcs along the sections of X, in their order."""
        sections = np.fromiter(self.target.sections, dtype=np.int64)
        found: list[int] = np.flatnonzero(np.isin(self.graph.section, sections)).tolist()
        return found

    def _last_steps(self, by_s: float) -> list[tuple[float, int]]:
        """Where X is entered: minus the last time to pass, and the node."""
        # Arriving is entering: the last time at which the junction itself may be passed.
        heap = [(-self._leave(("junction", n), by_s), n) for n in self.target.junctions]
        for arc in self._arcs_on_target():
            if math.isfinite(self._times[arc]):
                section = self._section[arc]
                last_s = self._leave(("section", section), by_s - self._times[arc])
                heap.append((-last_s, self._tail[arc]))
        heapq.heapify(heap)
        return heap

    def first_in(
        self, arrival: Mapping[int, float], came: Mapping[int, tuple[int, float]]
    ) -> tuple[float, tuple[int, float, int] | None]:
        """A(X) with the arc that leads in, when it is entered, and the node behind it."""
        best: tuple[float, tuple[int, float, int] | None] = (math.inf, None)
        for node in self.target.junctions:
            if node in arrival and arrival[node] < best[0]:
                best = (arrival[node], (*came[node], node))
        for arc in self._arcs_on_target():
            tail, section = self._tail[arc], self._section[arc]
            enters = self._enter(("section", section), arrival.get(tail, math.inf))
            if enters + self._times[arc] < best[0]:
                best = (enters + self._times[arc], (arc, enters, self._head[arc]))
        return best

    def leave_by(
        self, sources: Sequence[Source], latest: Mapping[int, float], by_s: float
    ) -> list[float]:
        """Latest times at the sources from which X is still entered, of those where there is one.

        The rest of the section on which it was seen is not barred.
        """
        found = []
        for source in sources:
            for node, at_s, _ in self.starts(source):
                inside = node in self.target.junctions
                by_node_s = by_s if inside else latest.get(node, -math.inf)
                last_s = by_node_s - (at_s - source.time_s)
                if last_s >= source.time_s:
                    found.append(last_s)
        return found

    def passed(self, arrival: Mapping[int, float], ever: Mapping[int, float]) -> list[float]:
        """Closing times of the places that could be passed before, on the way into X."""
        found = []
        for (kind, index), spans in self._shut.items():
            from_s = spans[-1][0]
            along = self.graph.section if kind == "section" else self.graph.head
            for arc in np.flatnonzero(along == index).tolist():
                if not math.isfinite(self._times[arc]):
                    continue
                enters = self._enter(
                    ("section", self._section[arc]), arrival.get(self._tail[arc], math.inf)
                )
                at_s = enters if kind == "section" else enters + self._times[arc]
                if at_s < from_s and self._goes_on(arc, kind, from_s - _TINY, ever):
                    found.append(from_s)
                    break
        return found

    def _goes_on(self, arc: int, kind: str, at_s: float, ever: Mapping[int, float]) -> bool:
        """Whether X is entered by who passes an arc's entry, or the junction at its end, then."""
        head = self._head[arc]
        if kind == "junction":
            return ever.get(head, -math.inf) >= at_s or head in self.target.junctions
        if self._section[arc] in self.target.sections:
            return True
        by_s = ever.get(head, -math.inf)
        gate_s = by_s if head in self.target.junctions else self._leave(("junction", head), by_s)
        return at_s + self._times[arc] <= gate_s

    def route(
        self, last: tuple[int, float, int], came: Mapping[int, tuple[int, float]]
    ) -> tuple[ClaimedDrive, ...]:
        """The drive that ends with an arc."""
        drives: list[ClaimedDrive] = []
        arc, enter_s, node = last
        while arc >= 0:
            leave_s = enter_s + self._times[arc]
            drives.append(
                ClaimedDrive(section=self._section[arc], to=node, enter_s=enter_s, leave_s=leave_s)
            )
            node = self._tail[arc]
            arc, enter_s = came.get(node, (_START, 0.0))
            if arc >= 0 and len(drives) > len(self._section):
                break
        return tuple(reversed(drives))

    def starts(self, source: Source) -> list[tuple[int, float, int]]:
        """First nodes of a source, when, and -1: no closing stops the first part."""
        graph = self.graph
        if source.junction is not None:
            return [(int(node), source.time_s, _START) for node in graph.nodes_of(source.junction)]
        found = []
        for arc in (graph.section == source.section).nonzero()[0].tolist():
            if math.isfinite(self._times[arc]):
                left = 1.0 - source.fraction if graph.forward[arc] else source.fraction
                found.append((self._head[arc], source.time_s + left * self._times[arc], _START))
        return found

    def _enter(self, place: tuple[str, int], at_s: float) -> float:
        """When a place can be entered by who is there at a time; waiting is allowed."""
        return _passes_at(self._shut.get(place, ()), at_s)

    def _shut_of(self, kind: str) -> dict[int, tuple[Shut, ...]]:
        """When the places of one kind were shut, by their index."""
        return {index: spans for (its, index), spans in self._shut.items() if its == kind}

    def _leave(self, place: tuple[str, int], by_s: float) -> float:
        """The last time at which a place can be entered, not later than a time."""
        for from_s, until_s in reversed(self._shut.get(place, ())):
            if from_s <= by_s and (by_s < until_s or math.isinf(until_s)):
                by_s = from_s - _TINY
        return by_s


def _passes_at(spans: Sequence[Shut], at_s: float) -> float:
    """When who is at a place at a time can pass it; waiting is allowed."""
    for from_s, until_s in spans:
        if from_s <= at_s < until_s:
            at_s = until_s
    return at_s


def shut_times(closings: Sequence[Closing]) -> dict[tuple[str, int], tuple[Shut, ...]]:
    """The times at which each place was shut, in order, overlaps joined."""
    found: dict[tuple[str, int], list[Shut]] = {}
    for one in sorted(closings, key=lambda closing: closing.from_s):
        spans = found.setdefault((one.kind, one.index), [])
        if spans and one.from_s <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], one.until_s))
        elif one.until_s > one.from_s:
            spans.append((one.from_s, one.until_s))
    return {place: tuple(spans) for place, spans in found.items()}


def _source_of(
    route: Sequence[ClaimedDrive],
    sources: Sequence[Source],
    search: ClaimSearch,
    last: tuple[int, float, int] | None,
) -> str:
    """Name of the source that a route begins at."""
    if last is None:
        return ""
    begin_s = route[0].enter_s if route else last[1]
    graph = search.graph
    node = last[2]
    if route:
        ends = (graph.section == route[0].section).nonzero()[0].tolist()
        nodes = {int(graph.tail[arc]) for arc in ends if int(graph.head[arc]) == route[0].to}
    else:
        nodes = {node}
    for source in sources:
        for start, at_s, _ in search.starts(source):
            if start in nodes and at_s <= begin_s + _TINY:
                return source.name
    return sources[0].name
