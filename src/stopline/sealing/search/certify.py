"""Make a certificate: weighted routes in steps, from a flow and from what is reached for sure.

What a certificate says is checked by code that knows nothing of prices or flows; see
docs/mathematics.md, "Certificates".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from stopline.compiled import read_only
from stopline.sealing.plan import TIE_S, Certificate, CertificateRoute, CertificateStep
from stopline.sealing.search.price_kernel import routes_of_flow
from stopline.sealing.search.priced_graph import SCALE
from stopline.sealing.search.surely_reached import SureWay
from stopline.sealing.search.time_graph import SINK, SOURCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.search.priced_graph import PriceCut
    from stopline.sealing.search.pursuit import PursuitGraph
    from stopline.sealing.search.surely_reached import Reached
    from stopline.sealing.search.time_graph import TimeGraph

_MOST_ROUTES: Final = 20_000
_MOST_EDGES: Final = 4_000_000
_DIGITS: Final = 9  # of a margin

Weighted = list[tuple[int, SureWay]]


def ways_of_flow(graph: TimeGraph, cut: PriceCut) -> Weighted:
    """Take the flow of a cheapest cut apart; empty where it has too many parts."""
    flow = cut.residual[1::2].copy()
    order = np.argsort(graph.tail, kind="stable").astype(np.int32)
    first = np.zeros(graph.nodes + 1, dtype=np.int32)
    np.cumsum(np.bincount(graph.tail, minlength=graph.nodes), out=first[1:])
    starts = np.empty(_MOST_ROUTES + 1, dtype=np.int64)
    weight = np.empty(_MOST_ROUTES, dtype=np.int64)
    edges = np.empty(_MOST_EDGES, dtype=np.int32)
    count = routes_of_flow(
        first, order, read_only(graph.head), flow, SOURCE, SINK, starts, weight, edges
    )
    found: Weighted = []
    for i in range(max(count, 0)):
        own = edges[starts[i] : starts[i + 1]]
        begin = int(own[0])
        arcs = graph.arc[own]
        way = SureWay(
            int(graph.origin[begin]),
            float(graph.origin_s[begin]),
            tuple(int(arc) for arc in arcs[arcs >= 0]),
        )
        found.append((int(weight[i]), way))
    return found


class ShownReach(Protocol):
    """What the vehicle reaches under every plan, and how that was shown."""

    @property
    def at_s(self) -> NDArray[np.float64]:
        """Arrivals that no plan can prevent, float64[n]."""

    @property
    def steps(self) -> list[Reached]:
        """How each was shown, in an order in which each needs only earlier ones."""

    def first_way(self, node: int) -> SureWay | None:
        """The earliest drive from a start that nobody can stop; None if there is none."""


class Certifier:
    """Writes steps on one pursuit.

    Args:
        pursuit: the graph of the vehicle.
        reach: what is reached for sure, with how it was shown.
    """

    def __init__(self, pursuit: PursuitGraph, reach: ShownReach) -> None:
        self._pursuit, self._reach = pursuit, reach
        self._steps: list[CertificateStep] = []
        self._written: dict[tuple[int, float], int] = {}
        self._of_node: dict[int, list[int]] = {}
        for number, step in enumerate(reach.steps):
            self._of_node.setdefault(step.node, []).append(number)
        self._starts: dict[int, list[int]] = {}
        for number, node in enumerate(pursuit.start_node.tolist()):
            self._starts.setdefault(node, []).append(number)

    def impossible(self, margin_s: float) -> Certificate | None:
        """The way out is reached for sure."""
        out = self._pursuit.way_out
        step = self._step_for(out, float(self._reach.at_s[out]), len(self._reach.steps))
        return None if step is None else self._finished(margin_s, 0, SCALE)

    def bound(
        self, ways: Weighted, margin_s: float, units: int, scale: int = SCALE
    ) -> Certificate | None:
        """So many units are needed at least, by weighted ways out; a unit costs `scale`."""
        routes = [self._route(weight, way, len(self._reach.steps)) for weight, way in ways]
        if not routes or any(route is None for route in routes):
            return None
        self._steps.append(
            CertificateStep(
                kind="exit", index=0, routes=tuple(route for route in routes if route is not None)
            )
        )
        return self._finished(margin_s, units, scale)

    def _finished(self, margin_s: float, units: int, scale: int) -> Certificate:
        whole_s = round(margin_s + TIE_S, _DIGITS)
        return Certificate(units=units, scale=scale, margin_s=whole_s, steps=tuple(self._steps))

    def _step_for(self, node: int, by_s: float, before: int) -> int | None:
        """Number of a step that shows that a node is reached by a time; written if need be."""
        known = self._written.get((node, by_s))
        if known is not None:
            return known
        numbers = [
            number
            for number in self._of_node.get(node, ())
            if number < before and self._reach.steps[number].by_s <= by_s
        ]
        if numbers:
            shown = self._reach.steps[numbers[0]]
            ways, before = shown.ways, numbers[0]
        else:
            way = self._reach.first_way(node)
            if way is None or way.at_s > by_s:
                return None
            ways, before = (way,), 0
        routes = [self._route(1, way, before) for way in ways]
        place = self._place(node)
        if place is None or any(route is None for route in routes):
            return None
        self._steps.append(
            CertificateStep(
                kind=place[0],
                index=place[1],
                routes=tuple(route for route in routes if route is not None),
            )
        )
        self._written[node, by_s] = len(self._steps) - 1
        return len(self._steps) - 1

    def _route(self, weight: int, way: SureWay, before: int) -> CertificateRoute | None:
        pursuit = self._pursuit
        sections = self._sections(way.arcs)
        for start in self._starts.get(way.node, ()):
            if pursuit.start_s[start] <= way.at_s:
                source = pursuit.sources[int(pursuit.start_source[start])].name
                return CertificateRoute(
                    weight=weight, source=source, step=None, begins=self._end(start),
                    sections=sections,
                )  # fmt: skip
        if self._place(way.node) is None:
            from_before = self._led_to(way, before)
            return None if from_before is None else self._route(weight, *from_before)
        step = self._step_for(way.node, way.at_s, before)
        if step is None:
            return None
        return CertificateRoute(weight=weight, source="", step=step, begins=None, sections=sections)

    def _led_to(self, way: SureWay, before: int) -> tuple[SureWay, int] | None:
        """A way that begins at a node without a name, together with the one drive that leads there.

        None where it takes several drives to show that the vehicle is there.
        """
        for number in self._of_node.get(way.node, ()):
            shown = self._reach.steps[number]
            if number < before and shown.by_s <= way.at_s:
                if len(shown.ways) > 1:
                    return None
                first, before = shown.ways[0], number
                break
        else:
            open_way = self._reach.first_way(way.node)
            if open_way is None:
                return None
            first, before = open_way, 0
        if first.node == way.node or first.at_s > way.at_s:
            return None
        return SureWay(first.node, first.at_s, (*first.arcs, *way.arcs)), before

    def _end(self, start: int) -> int:
        """Junction at which a start is."""
        pursuit = self._pursuit
        arc = int(pursuit.start_arc[start])
        if arc >= 0:
            return int(pursuit.graph.junction[pursuit.graph.head[pursuit.graph_arc[arc]]])
        place = self._place(int(pursuit.start_node[start]))
        return -1 if place is None else place[1]

    def _sections(self, arcs: tuple[int, ...]) -> tuple[int, ...]:
        """Sections driven; the last is left out where the way ends before it."""
        pursuit, sections = self._pursuit, []
        for place, arc in enumerate(arcs):
            along = int(pursuit.graph_arc[arc])
            if along >= 0:
                sections.append(int(pursuit.graph.section[along]))
                ends = place == len(arcs) - 1 and self._is_gate(int(pursuit.head[arc]))
                if ends and pursuit.time_s[arc] == 0 and self._exit_section(int(pursuit.head[arc])):
                    sections.pop()
            elif place == 0 and (section := self._exit_section(int(pursuit.tail[arc]))):
                sections.append(section - 1)
        return tuple(sections)

    def _is_gate(self, node: int) -> bool:
        first = int(self._pursuit.first_out[node])
        some = first < int(self._pursuit.first_out[node + 1])
        return some and int(self._pursuit.graph_arc[first]) < 0

    def _exit_section(self, node: int) -> int:
        """Number of the exit section that a gate stands before, and one more; 0 for none."""
        pursuit = self._pursuit
        if not self._is_gate(node):
            return 0
        arc = int(pursuit.first_out[node])
        exit_of = int(pursuit.exit_of[arc])
        if exit_of < 0 or pursuit.exits[exit_of].kind != "section":
            return 0
        return pursuit.exits[exit_of].index + 1

    def _place(self, node: int) -> tuple[str, int] | None:
        """What a node is for people; None for what has no name, a gate before a junction."""
        pursuit = self._pursuit
        if node == pursuit.way_out:
            return "exit", 0
        if section := self._exit_section(node):
            return "section", section - 1
        if self._is_gate(node):
            return None
        first, end = int(pursuit.first_out[node]), int(pursuit.first_out[node + 1])
        if first == end:
            return None
        tail = pursuit.graph.tail[pursuit.graph_arc[first]]
        return "junction", int(pursuit.graph.junction[tail])
