"""A ring of masts that see several roads for one price, or of cameras that miss some vehicles.

Both make the ring a label cut with a knapsack in it, which is NP-hard, so it is not a minimum cut
any more: routes are generated, and an integer program (HiGHS) chooses masts that are worth enough
on each of them. A mast is worth 1 where every route must pass k masts, and -ln(1 - p) where every
route must be seen with probability q, which asks for -ln(1 - q): chances of missing multiply.
A mast counts once on a route, however many of its roads the route drives.

The program over the routes found so far is a relaxation, so its bound holds for all routes; the
search ends when no route is worth too little, and until then the gap is told.
"""

from __future__ import annotations

import heapq
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from stopline.errors import BadInput, FaultList
from stopline.integer_program import IntegerProgram, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from stopline.event.ring import RingProblem

_TINY: Final = 1e-9
_MOST_STATES: Final = 200_000
_ROUTES_A_ROUND: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Mast:
    """A site with one price, whatever it sees.

    Attributes:
        name: what people call it.
        price: whole number >= 0; 0 for one that stands already.
        links: links of the ring problem that it sees, both directions of each.
        detection: probability that it reads a vehicle that passes, more than 0, at most 1.
    """

    name: str
    price: int
    links: tuple[int, ...]
    detection: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MastRing:
    """What was chosen.

    Attributes:
        chosen: numbers of the masts, in order.
        cost: of them; -1 where there is no ring.
        bound: no ring costs less.
        proven: whether every route was found to be seen enough.
        worst: the route that is seen least by what was chosen, as links in order; where there is
            no ring, one that no choice sees enough.
        worst_value: what the chosen masts are worth on it: their number, or the probability.
        rounds: programs solved.
    """

    chosen: tuple[int, ...]
    cost: int
    bound: int
    proven: bool
    worst: tuple[int, ...]
    worst_value: float
    rounds: int

    @property
    def gap(self) -> int:
        """What a cheaper ring could save at most."""
        return max(0, self.cost - self.bound)


def solve_mast_ring(
    problem: RingProblem,
    masts: Sequence[Mast],
    *,
    probability: float | None = None,
    time_limit_s: float = 60.0,
    progress: Callable[[str, float], None] | None = None,
) -> MastRing:
    """Choose masts of least price so that every route is seen enough.

    Args:
        problem: the network; its own prices are not used, its `layers` only without `probability`.
        masts: what can be chosen.
        probability: with which every route must be seen; None to ask for `layers` masts instead.
        time_limit_s: of computing; then the best so far with its bound.
        progress: is told each round.

    Raises:
        BadInput: a mast with a bad price, link or probability.
    """
    _check(problem, masts, probability)
    until = time.perf_counter() + time_limit_s
    search = _RouteSearch(problem, masts, probability)
    everything = np.ones(len(masts), dtype=bool)
    worst = search.least(everything)
    if worst is not None:
        links, value = worst
        return MastRing(chosen=(), cost=-1, bound=-1, proven=not search.gave_up, worst=links,
                        worst_value=search.shown(value), rounds=0)  # fmt: skip
    program = _MastProgram(masts, search)
    bound, rounds = 0, 0
    best = everything  # all masts see every route enough
    while True:
        rounds += 1
        chosen, lower = program.solve(until - time.perf_counter())
        bound = max(bound, lower)
        if progress is not None:
            progress(f"choosing masts, round {rounds}", bound / max(1, search.price(best)))
        if chosen is None:
            break
        found = search.violated(chosen)
        if not found:
            if search.price(chosen) <= search.price(best) and not search.gave_up:
                best = chosen
            break
        for row in found:
            program.add(row)
        mended = search.mended(chosen, found)
        if search.price(mended) < search.price(best) and search.least(mended) is None:
            best = mended
        if time.perf_counter() > until:
            break
    cost = search.price(best)
    links, value = search.weakest(best)
    return MastRing(
        chosen=tuple(np.flatnonzero(best).tolist()),
        cost=cost,
        bound=min(bound, cost),
        proven=cost <= bound and not search.gave_up,
        worst=links,
        worst_value=search.shown(value),
        rounds=rounds,
    )


def _check(problem: RingProblem, masts: Sequence[Mast], probability: float | None) -> None:
    problem.check()
    faults = FaultList()
    if probability is not None and not 0 < probability < 1:
        faults.add("probability", probability, "a number between 0 and 1")
    links = problem.tail.shape[0]
    for number, mast in enumerate(masts):
        where = f"mast {number} ({mast.name})"
        if isinstance(mast.price, bool) or not isinstance(mast.price, int) or mast.price < 0:
            faults.add(f"{where}: price", mast.price, "a whole number >= 0")
        if not 0 < mast.detection <= 1:
            faults.add(f"{where}: detection", mast.detection, "a number above 0, at most 1")
        if any(not 0 <= link < links for link in mast.links):
            faults.add(f"{where}: links", mast.links, f"links below {links}")
    faults.raise_if_any()


class _RouteSearch:
    """Looks for routes on which chosen masts are worth too little."""

    def __init__(
        self, problem: RingProblem, masts: Sequence[Mast], probability: float | None
    ) -> None:
        self._problem = problem
        self._probability = probability
        self._prices = np.array([mast.price for mast in masts], dtype=np.int64)
        if probability is None:
            self.worth = np.ones(len(masts))
            self.wanted = float(problem.layers)
        else:
            self.wanted = -math.log1p(-probability)
            # A mast that reads every vehicle is worth as much as is ever wanted.
            self.worth = np.array(
                [
                    self.wanted if mast.detection >= 1 else -math.log1p(-mast.detection)
                    for mast in masts
                ]
            )
            self.worth = np.minimum(self.worth, self.wanted)
        self.seen_by: dict[int, list[int]] = {}
        for number, mast in enumerate(masts):
            for link in set(mast.links):
                self.seen_by.setdefault(link, []).append(number)
        self._several = [len(set(mast.links)) > 1 for mast in masts]
        self.gave_up = False
        self._arcs()

    def _arcs(self) -> None:
        """The directed arcs of the network, those that some mast sees apart."""
        problem = self._problem
        watched = np.zeros(problem.tail.shape[0], dtype=bool)
        watched[list(self.seen_by)] = True
        is_exit = np.zeros(problem.nodes, dtype=bool)
        is_exit[problem.exits] = True
        forward = problem.forward & ~is_exit[problem.tail]
        backward = problem.backward & ~is_exit[problem.head]
        link = np.arange(problem.tail.shape[0])
        self._tail = np.concatenate((problem.tail[forward], problem.head[backward]))
        self._head = np.concatenate((problem.head[forward], problem.tail[backward]))
        self._link = np.concatenate((link[forward], link[backward]))
        self._watched = watched[self._link]

    def price(self, chosen: NDArray[np.bool_]) -> int:
        """What masts cost together."""
        return int(self._prices[chosen].sum())

    def shown(self, value: float) -> float:
        """A worth as people want it: the number of masts, or the probability."""
        return value if self._probability is None else -math.expm1(-value)

    def value(self, links: Sequence[int], chosen: NDArray[np.bool_]) -> float:
        """What chosen masts are worth on a route, each counted once."""
        masts = {m for link in links for m in self.seen_by.get(link, ()) if chosen[m]}
        return float(sum(self.worth[m] for m in masts))

    def violated(self, chosen: NDArray[np.bool_]) -> list[tuple[int, ...]]:
        """Routes on which the chosen masts are worth too little, few roads in common.

        After each one the masts along it count as chosen, so that the next leads elsewhere.
        """
        found: list[tuple[int, ...]] = []
        now = chosen.copy()
        while len(found) < _ROUTES_A_ROUND:
            worst = self.least(now)
            if worst is None:
                break
            found.append(worst[0])
            for link in worst[0]:
                now[self.seen_by.get(link, [])] = True
        return found

    def mended(
        self, chosen: NDArray[np.bool_], found: Sequence[tuple[int, ...]]
    ) -> NDArray[np.bool_]:
        """The choice with the cheapest further masts on each route that was seen too little."""
        now = chosen.copy()
        for links in found:
            spare = {m for link in links for m in self.seen_by.get(link, ()) if not now[m]}
            for mast in sorted(spare, key=lambda m: self._prices[m] / self.worth[m]):
                if self.value(links, now) >= self.wanted - _TINY:
                    break
                now[mast] = True
        return now

    def least(self, chosen: NDArray[np.bool_]) -> tuple[tuple[int, ...], float] | None:
        """A route on which the masts are worth least, if that is less than wanted."""
        found = self._cheapest(chosen, self.wanted - _TINY)
        return None if found is None else (found, self.value(found, chosen))

    def weakest(self, chosen: NDArray[np.bool_]) -> tuple[tuple[int, ...], float]:
        """The route on which the masts are worth least, whatever that is."""
        found = self._cheapest(chosen, math.inf) or ()
        return found, self.value(found, chosen)

    def _cheapest(self, chosen: NDArray[np.bool_], below: float) -> tuple[int, ...] | None:
        """Search over junctions and the masts of several roads that were passed.

        Two ways to a junction differ in what they will still have to pay only by those masts.
        """
        here = {link: [m for m in masts if chosen[m]] for link, masts in self.seen_by.items()}
        here = {link: masts for link, masts in here.items() if masts}
        graph = _RoadsBetween(self, dict.fromkeys(here))
        heap: list[tuple[float, int, int, frozenset[int]]] = []
        came: list[tuple[int, tuple[int, ...]]] = []
        done: set[tuple[int, frozenset[int]]] = set()
        heapq.heappush(heap, (0.0, 0, -1, frozenset()))
        came.append((-1, ()))
        while heap:
            cost, entry, at, passed = heapq.heappop(heap)
            if (at, passed) in done:
                continue
            done.add((at, passed))
            if len(done) > _MOST_STATES:
                self.gave_up = True
                return None
            reach = graph.from_arc(at)
            if reach.exit_links is not None:
                return self._route(came, entry, reach.exit_links)
            for arc, links in reach.arcs:
                link = int(self._link[arc])
                new = [m for m in here[link] if m not in passed]
                total = cost + float(sum(self.worth[m] for m in new))
                if total >= below:
                    continue
                after = passed | {m for m in new if self._several[m]}
                if (arc, after) not in done:
                    came.append((entry, (*links, link)))
                    heapq.heappush(heap, (total, len(came) - 1, arc, after))
        return None

    @staticmethod
    def _route(
        came: list[tuple[int, tuple[int, ...]]], entry: int, last: tuple[int, ...]
    ) -> tuple[int, ...]:
        parts = [last]
        while entry >= 0:
            entry, links = came[entry]
            parts.append(links)
        return tuple(link for links in reversed(parts) for link in links)


@dataclass(frozen=True, slots=True)
class _Reach:
    """What can be reached from behind an arc past no chosen mast."""

    arcs: tuple[tuple[int, tuple[int, ...]], ...]  # a watched arc, and the links driven to it
    exit_links: tuple[int, ...] | None  # links driven to an exit, if one is reached


class _RoadsBetween:
    """The ways between the roads that chosen masts see, found when they are needed."""

    def __init__(self, search: _RouteSearch, seen: dict[int, None]) -> None:
        self._search = search
        problem = search._problem  # noqa: SLF001  (one file, two classes)
        free = ~np.isin(search._link, list(seen))  # noqa: SLF001
        n = problem.nodes
        tail, head = search._tail[free], search._head[free]  # noqa: SLF001
        begin = np.full(problem.sources.shape[0], n)
        rows = np.concatenate((tail, begin))
        columns = np.concatenate((head, problem.sources))
        weight = np.ones(rows.shape[0], dtype=np.int32)
        self._matrix = csr_array((weight, (rows, columns)), shape=(n + 1, n + 1))
        order = np.lexsort((head, tail))
        self._key = tail[order].astype(np.int64) * (n + 1) + head[order]
        self._free_link = search._link[free][order]  # noqa: SLF001
        self._barred = np.flatnonzero(~free)
        self._start, self._nodes = n, n
        self._exits = problem.exits
        self._known: dict[int, _Reach] = {}

    def from_arc(self, arc: int) -> _Reach:
        """What lies behind an arc; -1 for the sources."""
        node = self._start if arc < 0 else int(self._search._head[arc])  # noqa: SLF001
        if node not in self._known:
            self._known[node] = self._look(node)
        return self._known[node]

    def _look(self, node: int) -> _Reach:
        order, before = breadth_first_order(self._matrix, node, directed=True)
        reached = np.zeros(self._nodes + 1, dtype=bool)
        reached[order] = True
        out = self._exits[reached[self._exits]]
        exit_links = self._links(node, int(out[0]), before) if out.size else None
        tails = self._search._tail[self._barred]  # noqa: SLF001
        rows = self._barred[reached[tails]].tolist()
        return _Reach(
            tuple((arc, self._links(node, int(self._search._tail[arc]), before)) for arc in rows),  # noqa: SLF001
            exit_links,
        )

    def _links(self, start: int, node: int, before: NDArray[np.int32]) -> tuple[int, ...]:
        links: list[int] = []
        while node != start:
            previous = int(before[node])
            if previous != self._start:
                at = int(np.searchsorted(self._key, previous * (self._nodes + 1) + node))
                links.append(int(self._free_link[at]))
            node = previous
        return tuple(links[::-1])


class _MastProgram:
    """Masts as columns, routes as rows."""

    def __init__(self, masts: Sequence[Mast], search: _RouteSearch) -> None:
        self._search = search
        self._program = IntegerProgram()
        self._program.add_columns([mast.price for mast in masts], 0.0, 1.0, integer=True)
        self._count = len(masts)

    def add(self, links: Sequence[int]) -> None:
        """The masts on a route must be worth enough."""
        masts = sorted({m for link in links for m in self._search.seen_by.get(link, ())})
        if not masts:
            where = "a route without any mast"
            raise BadInput.single(where, "0", "masts that every route can pass")
        worth = self._search.worth[masts]
        self._program.add_row(self._search.wanted - _TINY, np.inf, masts, worth)

    def solve(self, time_limit_s: float) -> tuple[NDArray[np.bool_] | None, int]:
        """The cheapest choice over the routes so far, and a bound on every choice."""
        if self._count == 0:
            return np.zeros(0, dtype=bool), 0
        solution = self._program.solve(max(time_limit_s, 0.01))
        bound = math.ceil(max(0.0, solution.bound) - 1e-6) if np.isfinite(solution.bound) else 0
        if solution.outcome is not Outcome.OPTIMAL:
            return None, bound
        return solution.values > 0.5, bound  # noqa: PLR2004
