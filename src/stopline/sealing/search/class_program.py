"""The program over classes of copies: which classes the vehicle gets to, who closes which arc.

As a linear program its duals are the prices of units; as an integer program it chooses a plan
among those that treat all copies of a class alike.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.compiled import read_only
from stopline.integer_program import IntegerProgram, Outcome
from stopline.sealing.search.assignment_kernel import cheapest_columns
from stopline.sealing.search.priced_graph import SCALE
from stopline.sealing.search.time_graph import SINK, SOURCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.search.priced_graph import PricedGraph

_ROUNDING: Final = 1e-6
_HALF: Final = 0.5
_TOO_DEAR: Final = 64.0  # what a unit more than there is costs, in units
_ROUNDS: Final = 60
_FIRST_UNITS: Final = 3


@dataclass(frozen=True, slots=True)
class ClassSolution:
    """The linear program's end.

    Attributes:
        value: its value: no prices on these classes prove more.
        price: float64[u].
        edges: int64[k], the edges between classes.
        carried: float64[k], what each of them carries.
    """

    value: float
    price: NDArray[np.float64]
    edges: NDArray[np.int64]
    carried: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """The integer program's end.

    Attributes:
        outcome: how it ended.
        bound: no plan on these classes costs less.
        held: (row of the site, unit) pairs; empty if there is no plan.
        inside: bool[v], where the vehicle may get.
    """

    outcome: Outcome
    bound: float
    held: tuple[tuple[int, int], ...]
    inside: NDArray[np.bool_]


class ClassProgram:
    """Programs on the classes of one priced graph.

    Args:
        priced: the graph.
        cost: int64[u], what units cost.
    """

    def __init__(self, priced: PricedGraph, cost: NDArray[np.int64]) -> None:
        self._priced, self._cost = priced, cost

    def linear(
        self,
        classes: NDArray[np.int32],
        price: NDArray[np.int64],
        until: float,
        *,
        overload: bool,
    ) -> ClassSolution | None:
        """Solve the linear program, adding pairs of site and unit until none is missing."""
        between = _Between(self._priced, classes)
        program = _Pairs(between, self._cost, overload=overload)
        cost = np.zeros(self._prices)
        cost[: self._units] = self._cost
        program.add(between.cheapest(cost + price / SCALE, _FIRST_UNITS))
        solution = None
        for _ in range(_ROUNDS):
            left = until - time.perf_counter()
            solved = program.solve(left)
            if solved.outcome is not Outcome.OPTIMAL:
                return None
            duals = program.row_duals()
            own = duals[program.unit_row : program.unit_row + self._prices]
            unit_price = np.maximum(-own, 0.0)
            carried = np.maximum(-duals[program.edge_row], 0.0)
            solution = ClassSolution(solved.objective, unit_price, between.edge, carried)
            missing = between.underpriced(cost + unit_price, between.together(carried))
            if not program.add(missing):
                break
        return solution

    @property
    def _units(self) -> int:
        return self._priced.times.units

    @property
    def _prices(self) -> int:
        return self._priced.times.prices

    def integer(
        self,
        classes: NDArray[np.int32],
        most: float,
        until: float,
        scarce: NDArray[np.bool_],
    ) -> ClassPlan:
        """Find the cheapest plan on classes that costs at most `most`.

        Units that are scarce have a column for each edge; all others have one together, and if
        they turn out too few for what the program asks of them, they become scarce.

        Args:
            classes: int32[v].
            most: what it may cost.
            until: `time.perf_counter()` at which to stop.
            scarce: bool[u], units to begin with.
        """
        between = _Between(self._priced, classes)
        scarce = scarce[: self._units].copy()
        scarce[list(self._priced.times.boundless)] = True
        bound = 0.0
        while True:
            program = _Pairs(between, self._cost, overload=None)
            shared = None if self._priced.times.teams else between.shared(scarce)
            if shared is None:
                program.add(between.timely)
            else:
                program.add(between.timely & scarce[None, :])
                program.add_shared(shared, int(self._cost[~scarce].min(initial=1)))
            if np.isfinite(most):
                program.limit(most)
            solved = program.solve(until - time.perf_counter())
            values = solved.values
            bound = max(bound, float(np.ceil(solved.bound - _ROUNDING)))
            if solved.outcome is Outcome.INFEASIBLE or not values.size:
                return ClassPlan(solved.outcome, bound, (), np.zeros(0, dtype=bool))
            inside = values[: between.count] > _HALF
            held, short = program.held(values, inside, scarce)
            if not short.any():
                return ClassPlan(solved.outcome, bound, held, inside[classes])
            if solved.outcome is Outcome.TIME_OUT:
                return ClassPlan(solved.outcome, bound, (), np.zeros(0, dtype=bool))
            scarce |= short


class _Between:
    """The edges between classes, each kind once."""

    def __init__(self, priced: PricedGraph, classes: NDArray[np.int32]) -> None:
        graph, times = priced.graph, priced.times
        self.count = int(classes.max()) + 1
        tail, head = classes[graph.tail], classes[graph.head]
        across = np.flatnonzero((tail != head) & (tail != SINK) & (head != SOURCE))
        row = priced.row[across]
        closable = row >= 0
        soonest = np.full(across.shape[0], np.inf)
        self._times = times
        ready = times.ready_s
        some = np.flatnonzero(closable)
        # Edges that nobody closes in time are alike for each pair of classes.
        in_time = np.zeros(across.shape[0], dtype=bool)
        if some.size:
            in_time[some] = _strength_in_time(
                ready, row[some], priced.by_s[across[some]], times.strength, times.need
            )
        del soonest
        free = across[~in_time]
        ways = np.unique(tail[free].astype(np.int64) * self.count + head[free])
        self.open_tail, self.open_head = ways // self.count, ways % self.count
        # An edge says nothing where open ways lead from its tail to its head.
        implied = _closure(self.count, self.open_tail, self.open_head)
        in_time &= ~implied[tail[across], head[across]]
        self.edge = across[in_time]
        self.tail, self.head = tail[self.edge], head[self.edge]
        self.row = priced.row[self.edge]
        self.arc = graph.arc[self.edge]
        self.by_s = priced.by_s[self.edge]
        place = np.full(graph.tail.shape[0] + 1, -1, dtype=np.int64)
        place[self.edge] = np.arange(self.edge.shape[0])
        self.size = self.edge.shape[0]
        # The next later edge of the same arc that lies between classes as well.
        after = graph.after[self.edge]
        while True:
            inner = (after >= 0) & (place[after] < 0)
            if not inner.any():
                break
            after[inner] = graph.after[after[inner]]
        self.after = np.where(after >= 0, place[after], -1)
        self.ready = ready[self.row]  # [k, u]
        self.timely = (self.ready <= self.by_s[:, None]) & np.isfinite(self.ready)
        self.need = times.need[self.row]
        self.counts = np.minimum(times.strength[None, :], self.need[:, None])
        self.limited = priced.limited[self.edge]
        self.boundless, self.limits = times.boundless, times.limits

    def priced(self, price: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each unit costs at each edge, limits included; float64[k or 1, u]."""
        units = self.timely.shape[1]
        own = price[None, :units]
        if not self.limits:
            return own
        dear = np.tile(own, (self.size, 1))
        for number, (unit, _) in enumerate(self.limits):
            dear[:, unit] += self.limited[:, number] * price[units + number]
        return dear

    def together(self, own: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each edge and all later ones of its arc carry."""
        total = own.copy()
        order = np.argsort(-self.by_s, kind="stable")  # later edges first
        for k in order.tolist() if (self.after >= 0).any() else ():
            if self.after[k] >= 0:
                total[k] += total[self.after[k]]
        return total

    def cheapest(self, price: NDArray[np.float64], each: int) -> NDArray[np.bool_]:
        """The cheapest units of each edge, bool[k, u]."""
        chosen = np.zeros(self.timely.shape, dtype=bool)
        if not chosen.size:
            return chosen
        # A little chance, so that edges that could take any unit do not all take the same.
        chance = np.random.default_rng(0).uniform(0.0, 1e-3, self.timely.shape)
        cost = np.where(self.timely, self.priced(price) / self.counts + chance, np.inf)
        most = int(self.need.max(initial=1)) * each
        many = min(most, cost.shape[1])
        units = np.argpartition(cost, many - 1, axis=1)[:, :many]
        np.put_along_axis(chosen, units, values=True, axis=1)
        return chosen & self.timely

    def shared(self, scarce: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Edges for which some unit that is not scarce is in time, bool[k]."""
        return np.asarray((self.timely & ~scarce[None, :]).any(axis=1))

    def underpriced(
        self, price: NDArray[np.float64], together: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """For each edge the unit whose pair would lower the value most, bool[k, u]."""
        chosen = np.zeros(self.timely.shape, dtype=bool)
        if not chosen.size:
            return chosen
        chance = np.random.default_rng(1).uniform(0.0, 1e-7, self.timely.shape)
        per_strength = np.where(self.timely, self.priced(price) / self.counts + chance, np.inf)
        unit = np.argmin(per_strength, axis=1)
        # Each edge's dual is per whole drop; the row of an edge is divided by its need.
        least = per_strength[np.arange(unit.shape[0]), unit] * self.need
        short = together > least + _ROUNDING
        chosen[np.flatnonzero(short), unit[short]] = True
        return chosen


def _strength_in_time(
    ready_s: NDArray[np.float64],
    row: NDArray[np.int32],
    by_s: NDArray[np.float64],
    strength: NDArray[np.int64],
    need: NDArray[np.int64],
) -> NDArray[np.bool_]:
    ready = ready_s[row]
    timely = (ready <= by_s[:, None]) & np.isfinite(ready)
    return np.asarray(timely @ strength >= need[row])


def _closure(count: int, tail: NDArray[np.int64], head: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which classes open ways lead to from which, bool[count, count]."""
    leads = np.zeros((count, count), dtype=bool)
    leads[tail, head] = True
    while True:
        farther = leads | ((leads.astype(np.float32) @ leads.astype(np.float32)) > 0)
        if (farther == leads).all():
            return leads
        leads = farther


class _Pairs(IntegerProgram):
    """Columns: classes, then (arc, unit) pairs. Rows: open ways, edges, units."""

    def __init__(
        self, between: _Between, cost: NDArray[np.int64], *, overload: bool | None
    ) -> None:
        super().__init__()
        self._between, self._cost, self._overload = between, cost, overload
        self._integer = overload is None
        units = cost.shape[0]
        lower, upper = np.zeros(between.count), np.ones(between.count)
        lower[SOURCE], upper[SINK] = 1.0, 0.0
        self.add_columns(np.zeros(between.count), lower, upper, integer=False)
        self._pair: dict[tuple[int, int], int] = {}
        self._pairs: list[tuple[int, int]] = []
        self._shared: dict[int, int] = {}
        self._shared_cost = 1.0
        ways = between.open_tail.shape[0]
        if ways:
            self.add_rows(
                -np.inf,
                0.0,
                2 * np.arange(ways),
                np.column_stack((between.open_tail, between.open_head)).ravel(),
                np.tile((1.0, -1.0), ways),
            )
        edges = between.edge.shape[0]
        if edges:
            self.add_rows(
                -np.inf,
                0.0,
                2 * np.arange(edges),
                np.column_stack((between.tail, between.head)).ravel(),
                np.tile((1.0, -1.0), edges),
            )
        self.edge_row = ways + np.arange(edges)
        self.unit_row = ways + edges
        extra = -1
        if overload:
            extra = self.add_columns([1.0], 0.0, np.inf, integer=False)
        most = [np.inf if unit in between.boundless else 1.0 for unit in range(units)]
        for held in (*most, *(float(limit.most) for _, limit in between.limits)):
            if np.isinf(held):
                self.add_row(-np.inf, np.inf, [], [])
            elif overload:
                self.add_row(-np.inf, 0.0, [extra], [-held])
            elif overload is None:
                self.add_row(-np.inf, held, [], [])
            else:
                more = self.add_columns([_TOO_DEAR], 0.0, np.inf, integer=False)
                self.add_row(-np.inf, held, [more], [-1.0])
        # The chain of edges of one arc, from each edge on.
        self._arcs, self._arc_of = np.unique(between.arc, return_inverse=True)

    def add(self, wanted: NDArray[np.bool_]) -> int:
        """Add the pairs of the arcs of some edges; returns how many are new."""
        between = self._between
        edge, unit = np.nonzero(wanted)
        added = 0
        new: list[tuple[int, int]] = []
        for a, u in zip(self._arc_of[edge].tolist(), unit.tolist(), strict=True):
            if (a, u) not in self._pair:
                self._pair[a, u] = self.columns + added
                new.append((a, u))
                added += 1
        if not added:
            return 0
        arcs = np.array([a for a, _ in new])
        units = np.array([u for _, u in new])
        order = np.argsort(self._arc_of, kind="stable")
        sorted_arcs = self._arc_of[order]
        low = np.searchsorted(sorted_arcs, arcs)
        high = np.searchsorted(sorted_arcs, arcs, side="right")
        starts: list[int] = []
        rows: list[int] = []
        factors: list[float] = []
        for a, b, u in zip(low.tolist(), high.tolist(), units.tolist(), strict=True):
            starts.append(len(rows))
            rows.append(self.unit_row + u)
            factors.append(1.0)
            for number, (who, _) in enumerate(between.limits):
                if who == u and between.limited[order[a], number]:
                    rows.append(self.unit_row + between.timely.shape[1] + number)
                    factors.append(1.0)
            for k in order[a:b].tolist():
                if between.timely[k, u]:
                    rows.append(int(self.edge_row[k]))
                    factors.append(-float(between.counts[k, u]) / float(between.need[k]))
        cost = np.zeros(added) if self._overload else self._cost[units].astype(np.float64)
        self.add_columns_with_rows(
            cost,
            0.0,
            1.0 if self._integer else np.inf,
            starts,
            rows,
            factors,
            integer=self._integer,
        )
        self._pairs += new
        return added

    def add_shared(self, shared: NDArray[np.bool_], cost: int) -> None:
        """Add a column for each arc that any unit which is not scarce may close."""
        arcs = np.unique(self._arc_of[shared])
        order = np.flatnonzero(shared)[np.argsort(self._arc_of[shared], kind="stable")]
        first = np.searchsorted(self._arc_of[order], arcs)
        self._shared = dict(
            zip(arcs.tolist(), range(self.columns, self.columns + arcs.shape[0]), strict=True)
        )
        self.add_columns_with_rows(
            np.full(arcs.shape[0], float(cost)),
            0.0,
            1.0,
            first,
            self.edge_row[order],
            np.full(order.shape[0], -1.0),
            integer=True,
        )
        self._shared_cost = float(cost)

    def limit(self, most: float) -> None:
        """Ask for plans that cost at most this."""
        columns = [self._pair[p] for p in self._pairs] + list(self._shared.values())
        costs = [float(self._cost[u]) for _, u in self._pairs]
        costs += [self._shared_cost] * len(self._shared)
        self.add_row(-np.inf, most, np.array(columns, dtype=np.int64), np.array(costs))

    def held(
        self,
        values: NDArray[np.float64],
        inside: NDArray[np.bool_],
        scarce: NDArray[np.bool_],
    ) -> tuple[tuple[tuple[int, int], ...], NDArray[np.bool_]]:
        """(row of the site, unit) of each pair taken, and the units that are too few."""
        between = self._between
        rows = np.full(self._arcs.shape[0], -1, dtype=np.int64)
        rows[self._arc_of] = between.row
        # Whoever closes an arc is there by the first of its edges that the vehicle does not take;
        # where it takes all, a solver out of time may still have paid for closing it.
        dropped = np.flatnonzero(inside[between.tail] & ~inside[between.head])
        first: dict[int, int] = {}
        for k in dropped[np.argsort(-between.by_s[dropped], kind="stable")].tolist():
            first[int(self._arc_of[k])] = k
        pairs = [
            (int(rows[a]), u)
            for (a, u) in self._pairs
            if values[self._pair[a, u]] > _HALF and a in first and between.timely[first[a], u]
        ]
        short = np.zeros(scarce.shape[0], dtype=bool)
        asked = [a for a, column in self._shared.items() if values[column] > _HALF and a in first]
        if not asked:
            return tuple(pairs), short
        able = between.timely[[first[a] for a in asked]]
        able &= ~scarce[None, :]
        unit_of = largest_matching(able)
        if (unit_of < 0).any():
            return (), _wanted_by_unmatched(able, unit_of)
        pairs += [(int(rows[a]), int(u)) for a, u in zip(asked, unit_of, strict=True)]
        return tuple(pairs), short


def largest_matching(able: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Column of each row in a largest matching, -1 for none."""
    column_of = np.full(able.shape[0], -1, dtype=np.int32)
    cheapest_columns(read_only(np.where(able, 0.0, np.inf)), column_of)
    return column_of


def _wanted_by_unmatched(
    able: NDArray[np.bool_], column_of: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Columns that alternating paths reach from rows without one (Hall 1935)."""
    row_of = np.full(able.shape[1], -1, dtype=np.int64)
    matched = np.flatnonzero(column_of >= 0)
    row_of[column_of[matched]] = matched
    rows = column_of < 0
    while True:
        columns = able[rows].any(axis=0)
        more = rows.copy()
        more[row_of[columns & (row_of >= 0)]] = True
        if (more == rows).all():
            return np.asarray(columns)
        rows = more
