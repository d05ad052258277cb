"""The camera ring: sites of least cost so that every way out passes at least k cameras.

With d(v) the fewest cameras on a way to v, counted up to k, a ring is a choice of whole numbers
d with d = 0 at the venue, d = k at the exits and d(w) - d(v) at most the cameras of the section
(v, w): a minimum cut on k layers of the network (a node of layer i is a junction to which less
than i cameras lead). Its dual, which is solved here, is a flow of routes: of routes with weights,
no matter which, k times their weight minus what sections carry beyond their price is a lower
bound on the cost of every ring; the best routes reach the cost. All numbers are whole, so both
are exact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import read_only
from stopline.errors import FaultList
from stopline.event.ring_kernel import (
    UNBOUNDED,
    fewest_on_way,
    half_edges,
    more_flow,
    raise_distances,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

MOST_PRICE = 1_000_000_000
MOST_LAYERS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RingProblem:
    """A network with sources and exits, and what cameras cost; n nodes, e links.

    A link is a section of road, or the way through a junction. Its cameras see both directions.

    Attributes:
        nodes: number of nodes.
        tail: int32[e], node at which each link begins.
        head: int32[e], node at which it ends.
        forward: bool[e], whether the vehicle can drive it from tail to head.
        backward: bool[e], whether it can drive it from head to tail.
        price: int64[e], what one more camera costs, >= 0.
        existing: int64[e], cameras that stand there already and cost nothing.
        most: int64[e], cameras it can have, those included; 0 where none may stand.
        sources: int32[s], nodes at which routes begin.
        exits: int32[x], nodes at which they end.
        layers: k, cameras that every route must pass, >= 1.
    """

    nodes: int
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    price: NDArray[np.int64]
    existing: NDArray[np.int64]
    most: NDArray[np.int64]
    sources: NDArray[np.int32]
    exits: NDArray[np.int32]
    layers: int

    def check(self, where: str = "the ring") -> None:
        """Refuse what is no ring problem.

        Raises:
            BadInput: with all faults.
        """
        faults = FaultList()
        if not 1 <= self.layers <= MOST_LAYERS:
            faults.add(f"{where}: layers", self.layers, f"a whole number from 1 to {MOST_LAYERS}")
        if self.sources.size == 0:
            faults.add(f"{where}: sources", "none", "at least one junction of the venue")
        if self.exits.size == 0:
            faults.add(f"{where}: exits", "none", "at least one exit")
        common = np.intersect1d(self.sources, self.exits)
        if common.size:
            seen = f"junction {int(common[0])} is in the venue and an exit"
            faults.add(f"{where}: exits", seen, "exits that the venue does not touch")
        for name in ("price", "existing", "most"):
            values = getattr(self, name)
            if values.dtype != np.int64:
                faults.add(f"{where}: {name}", str(values.dtype), "whole numbers, int64")
            elif values.size and (values.min() < 0 or values.max() > MOST_PRICE):
                worst = int(values.min() if values.min() < 0 else values.max())
                faults.add(f"{where}: {name}", worst, f"whole numbers from 0 to {MOST_PRICE:,}")
        if (self.existing > self.most).any():
            row = int(np.argmax(self.existing > self.most))
            seen = f"{int(self.existing[row])} existing of at most {int(self.most[row])}"
            faults.add(f"{where}: link {row}", seen, "no more existing cameras than can stand")
        faults.raise_if_any()


@dataclass(frozen=True, slots=True)
class Way:
    """A route through the network of a ring problem, with its weight in the proof.

    Attributes:
        weight: >= 1.
        links: the links it drives, in order.
        forward: whether it drives each from tail to head.
    """

    weight: int
    links: tuple[int, ...]
    forward: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Ring:
    """The end of a search for a ring.

    Attributes:
        cost: of the cameras to be bought; -1 where there is no ring.
        cameras: int64[e], cameras needed on each link, existing ones included.
        seen: int64[n], fewest cameras on a way to each node, up to k.
        routes: of the proof: no cheaper ring exists.
        gap: where there is no ring, the way out on which the fewest cameras can stand.
        gap_most: how many that are.
    """

    cost: int
    cameras: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    seen: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    routes: tuple[Way, ...] = ()
    gap: Way | None = None
    gap_most: int = 0

    @property
    def exists(self) -> bool:
        """Whether there is a ring."""
        return self.gap is None


def solve_ring(problem: RingProblem, progress: Callable[[str, float], None] | None = None) -> Ring:
    """Find cameras of least cost so that every way out passes k, with the routes that prove it.

    Args:
        problem: the network, and what cameras cost.
        progress: is told each stage and how far the whole is, from 0 to 1.

    Raises:
        BadInput: what is asked makes no sense.
    """
    problem.check()
    graph = _Graph(problem)
    fewest, exit_node = graph.fewest(problem.most, problem.layers)
    if exit_node >= 0:
        return Ring(-1, gap=graph.way_to(exit_node), gap_most=fewest)
    flow = np.zeros(problem.tail.shape[0], dtype=np.int64)
    distance = np.zeros(problem.nodes, dtype=np.int64)
    reached = 0
    while True:
        reached = graph.raise_distances(flow, distance, reached)
        if reached >= problem.layers:
            break
        if progress is not None:
            progress("choosing camera sites", reached / problem.layers)
        while graph.more_flow(flow, distance, reached):
            pass
    rise = distance[problem.head] - distance[problem.tail]
    cameras = np.maximum(
        np.where(problem.forward, rise, 0), np.where(problem.backward, -rise, 0)
    ).clip(min=0)
    bought = np.maximum(cameras - problem.existing, 0)
    cost = int((bought * problem.price).sum())
    return Ring(cost, cameras, distance, taken_apart(problem, flow))


class _Graph:
    """A ring problem with its half-edges and the buffers of the loops."""

    def __init__(self, problem: RingProblem) -> None:
        self.problem = problem
        nodes, links = problem.nodes, problem.tail.shape[0]
        self._first = np.empty(nodes + 1, dtype=np.int32)
        self._half = np.empty(2 * links, dtype=np.int32)
        ends = (read_only(problem.tail), read_only(problem.head))
        half_edges(*ends, self._first, self._half)
        self._ways = (*ends, read_only(problem.forward), read_only(problem.backward))
        # Where no camera can be bought, all flow has one length.
        fixed = problem.existing >= problem.most
        self._price = np.where(fixed, UNBOUNDED, problem.price)
        self._lengths = (
            read_only(self._price), read_only(problem.existing), read_only(problem.most)
        )  # fmt: skip
        self._is_exit = np.zeros(nodes, dtype=bool)
        self._is_exit[problem.exits] = True
        self._sources = np.unique(problem.sources).astype(np.int32)
        self._exits = np.unique(problem.exits).astype(np.int32)
        self._level = np.empty(nodes, dtype=np.int32)
        self._current = np.empty(nodes, dtype=np.int32)
        self._queue = np.empty(nodes, dtype=np.int32)
        self._via = np.empty(nodes, dtype=np.int32)

    def fewest(self, cameras: NDArray[np.int64], enough: int) -> tuple[int, int]:
        """Fewest cameras on a way out and its exit; -1 if every way has enough."""
        return fewest_on_way(
            self._first, self._half, *self._ways, read_only(np.minimum(cameras, enough)),
            self._sources, self._is_exit, enough, self._via,
        )  # fmt: skip

    def way_to(self, node: int) -> Way:
        """The way by which the last search for the fewest came to a node."""
        links: list[int] = []
        forward: list[bool] = []
        while (code := int(self._via[node])) >= 0:
            links.append(code >> 1)
            forward.append(not code & 1)
            node = int((self.problem.head if code & 1 else self.problem.tail)[code >> 1])
        return Way(1, tuple(links[::-1]), tuple(forward[::-1]))

    def raise_distances(
        self, flow: NDArray[np.int64], distance: NDArray[np.int64], reached: int
    ) -> int:
        """Bring distances up to the flow; returns that of the exits."""
        return int(
            raise_distances(
                self._first, self._half, *self._ways, *self._lengths, flow,
                self._sources, self._is_exit, distance, reached, self.problem.layers,
            )
        )  # fmt: skip

    def more_flow(self, flow: NDArray[np.int64], distance: NDArray[np.int64], reached: int) -> int:
        """Augment the flow along paths of the exits' distance; returns by how much."""
        return int(
            more_flow(
                self._first, self._half, *self._ways, *self._lengths, flow,
                self._sources, self._exits, distance, reached,
                self._level, self._current, self._queue,
            )
        )  # fmt: skip


def fewest_cameras(
    problem: RingProblem, cameras: NDArray[np.int64], enough: int
) -> tuple[int, Way | None]:
    """Find the way out that passes the fewest cameras.

    Args:
        problem: the network.
        cameras: int64[e], cameras on each link.
        enough: ways with so many or more are of no interest.

    Returns:
        How many cameras see the way, and the way; `enough` and None if every way has as many.
    """
    graph = _Graph(problem)
    fewest, node = graph.fewest(np.asarray(cameras, dtype=np.int64), enough)
    return fewest, None if node < 0 else graph.way_to(node)


def taken_apart(problem: RingProblem, flow: NDArray[np.int64]) -> tuple[Way, ...]:
    """Take a flow apart into routes from sources to exits; circles are left out.

    Args:
        problem: the network.
        flow: int64[e], along each link from tail to head, negative for the other way.
    """
    left = {int(e): int(flow[e]) for e in np.flatnonzero(flow)}
    out: dict[int, list[int]] = {}
    surplus: dict[int, int] = {}
    for e, amount in left.items():
        begin, end = int(problem.tail[e]), int(problem.head[e])
        if amount < 0:
            begin, end = end, begin
        out.setdefault(begin, []).append(e)
        surplus[begin] = surplus.get(begin, 0) + abs(amount)
        surplus[end] = surplus.get(end, 0) - abs(amount)
    ways: list[Way] = []
    starts = [node for node in sorted(set(problem.sources.tolist())) if surplus.get(node, 0) > 0]
    exits = set(problem.exits.tolist())
    for start in starts:
        while surplus[start] > 0:
            links = _walk(problem, left, out, start, exits)
            weight = min(surplus[start], *(abs(left[e]) for e in links))
            ways.append(Way(weight, tuple(links), tuple(left[e] > 0 for e in links)))
            for e in links:
                left[e] -= weight if left[e] > 0 else -weight
            surplus[start] -= weight
    return tuple(ways)


def _walk(
    problem: RingProblem,
    left: dict[int, int],
    out: dict[int, list[int]],
    start: int,
    exits: set[int],
) -> list[int]:
    """Follow flow from a source to an exit, cancelling each circle that is met."""
    path: list[int] = []
    at = {start: 0}
    node = start
    while node not in exits:
        choices = out[node]
        while left[choices[-1]] == 0:
            choices.pop()
        e = choices[-1]
        path.append(e)
        node = int(problem.head[e] if left[e] > 0 else problem.tail[e])
        if node in at:
            circle = path[at[node] :]
            least = min(abs(left[one]) for one in circle)
            for one in circle:
                begin = int(problem.tail[one] if left[one] > 0 else problem.head[one])
                left[one] -= least if left[one] > 0 else -least
                if begin != node:
                    del at[begin]
            del path[at[node] :]
        else:
            at[node] = len(path)
    return path


def bound_of(problem: RingProblem, routes: tuple[Way, ...]) -> int:
    """Lower bound on the cost of every ring that some routes prove.

    Each route must be seen k times. A link pays for what its routes carry beyond its price: with
    existing cameras from the first unit on, beyond the price of one more camera for as many as
    can stand there. Directions of a link count apart, as the i-th camera of a route is met in one
    direction only.
    """
    load: dict[tuple[int, bool], int] = {}
    for way in routes:
        for link, forward in zip(way.links, way.forward, strict=True):
            load[link, forward] = load.get((link, forward), 0) + way.weight
    total = problem.layers * sum(way.weight for way in routes)
    for (link, _), amount in load.items():
        existing, most = int(problem.existing[link]), int(problem.most[link])
        beyond = max(0, amount - int(problem.price[link])) if most > existing else 0
        total -= existing * amount + (most - existing) * beyond
    return total
