"""The driver's side of the game: where it starts, what it can drive, and its exact best answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.belief.routes import Routes
from stopline.compiled import read_only
from stopline.errors import FaultList
from stopline.interdiction.escape_kernel import best_routes, latest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.interdiction.means import Means

_SLACK_S: Final = 1e-6  # sums of times in two orders differ by less


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    """What the driver can do; n nodes, a arcs, s starts. It never gains by waiting.

    Attributes:
        first_out: int32[n + 1], arcs sorted by tail.
        head: int32[a].
        time_s: float64[a], >= 0, infinite where it may not drive.
        exit_of: int32[a], the exit that is reached when the arc has been driven, -1 for none.
        start_node: int32[s], and start_s: float64[s], where it may be and when it leaves there.
            The driver knows where it is, and is at the start that is best for it.
    """

    first_out: NDArray[np.int32]
    head: NDArray[np.int32]
    time_s: NDArray[np.float64]
    exit_of: NDArray[np.int32]
    start_node: NDArray[np.int32]
    start_s: NDArray[np.float64]
    _tail: NDArray[np.int32] = field(init=False)
    _in_first: NDArray[np.int64] = field(init=False)
    _in_arc: NDArray[np.int32] = field(init=False)

    def __post_init__(self) -> None:
        faults = FaultList()
        nodes, arcs = self.first_out.shape[0] - 1, self.head.shape[0]
        if nodes < 0 or int(self.first_out[-1]) != arcs:
            faults.add("escape.first_out", str(self.first_out[-1:]), f"{arcs} arcs in the end")
        if self.time_s.shape[0] != arcs or self.exit_of.shape[0] != arcs:
            seen = f"{self.time_s.shape[0]} and {self.exit_of.shape[0]}"
            faults.add("escape.time_s and exit_of", seen, f"{arcs}, one for each arc")
        if not (self.time_s >= 0).all():
            faults.add("escape.time_s", "a negative time or no number", "seconds, 0 or more")
        if not (self.exit_of >= 0).any():
            faults.add("escape.exit_of", "no exit", "an arc that leads to an exit")
        if self.start_node.shape[0] == 0 or self.start_node.shape != self.start_s.shape:
            seen = f"{self.start_node.shape[0]} nodes, {self.start_s.shape[0]} times"
            faults.add("escape.start_node", seen, "one or more, with a time each")
        elif not 0 <= self.start_node.min() <= self.start_node.max() < nodes:
            faults.add("escape.start_node", str(self.start_node), f"0 to {nodes - 1}")
        if not np.isfinite(self.start_s).all():
            faults.add("escape.start_s", str(self.start_s), "seconds, finite")
        faults.raise_if_any()
        tail = np.repeat(np.arange(nodes, dtype=np.int32), np.diff(self.first_out))
        order = np.argsort(self.head, kind="stable").astype(np.int32)
        first = np.searchsorted(self.head[order], np.arange(nodes + 1)).astype(np.int64)
        object.__setattr__(self, "_tail", tail)
        object.__setattr__(self, "_in_first", first)
        object.__setattr__(self, "_in_arc", order)

    def latest_s(self, means: Means, shut_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Before which time a driver at each node still gets past a plan; float64[n]."""
        out = np.empty(self.first_out.shape[0] - 1)
        latest(
            self._in_first,
            self._in_arc,
            self._tail,
            read_only(self.time_s),
            read_only(means.arc_site),
            read_only(means.head_site),
            read_only(self.exit_of),
            read_only(shut_s),
            out,
        )
        return out


@dataclass(frozen=True, slots=True)
class BestResponse:
    """The driver's best answer to a mixture of plans.

    Attributes:
        routes: the best route to each of some exits, the best first; equal weights.
        least: no route is stopped with a smaller chance than this.
        labels: how many labels it took.
    """

    routes: Routes | None
    least: float
    labels: int


def best_answer(
    escape: Escape,
    means: Means,
    shut_s: NDArray[np.float64],
    latest_s: NDArray[np.float64],
    chance: NDArray[np.float64],
    *,
    limit: float = np.inf,
    most_routes: int = 16,
    most_labels: int = 2_000_000,
) -> BestResponse:
    """Find the routes that a mixture of plans stops least.

    Args:
        escape: what the driver can do.
        means: sites of arcs.
        shut_s: float64[k, c], from when on nothing passes each site under each plan.
        latest_s: float64[k, n], `Escape.latest_s` of each plan.
        chance: float64[k], of each plan.
        limit: routes stopped with this chance or more do not count.
        most_routes: how many routes to look for.
        most_labels: `least` is what is proven with so many labels.
    """
    site, plan = np.nonzero(np.isfinite(shut_s.T))
    site_first = np.searchsorted(site, np.arange(shut_s.shape[1] + 1)).astype(np.int64)
    exits = int(escape.exit_of.max()) + 1
    nodes = escape.first_out.shape[0] - 1
    room = min(most_labels, 1 << 17)
    while True:
        parent, via = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
        when_s = np.empty(room)
        found = np.empty(min(most_routes, exits), dtype=np.int32)
        count, least, labels = best_routes(
            read_only(escape.first_out),
            read_only(escape.head),
            read_only(escape.time_s),
            read_only(means.arc_site),
            read_only(means.head_site),
            read_only(escape.exit_of),
            read_only(escape.start_node),
            read_only(escape.start_s),
            site_first,
            plan.astype(np.int32),
            np.ascontiguousarray(shut_s.T[site, plan]),
            np.ascontiguousarray(latest_s.T),
            chance,
            limit,
            _SLACK_S,
            parent,
            via,
            when_s,
            np.empty((room, (chance.shape[0] + 63) // 64), dtype=np.uint64),
            np.full(nodes, -1, dtype=np.int32),
            np.zeros(exits, dtype=np.bool_),
            found,
        )
        if labels < room or room >= most_labels:
            return BestResponse(_routes(escape, parent, via, when_s, found[:count]), least, labels)
        room = min(most_labels, 4 * room)


def _routes(
    escape: Escape,
    parent: NDArray[np.int32],
    via: NDArray[np.int32],
    when_s: NDArray[np.float64],
    found: NDArray[np.int32],
) -> Routes | None:
    if not found.size:
        return None
    arcs: list[int] = []
    enter: list[float] = []
    first = [0]
    for label in found.tolist():
        way: list[int] = []
        at = label
        while parent[at] >= 0:
            way.append(at)
            at = int(parent[at])
        for step in reversed(way):
            arcs.append(int(via[step]))
            enter.append(float(when_s[parent[step]]))
        first.append(len(arcs))
    last = np.array(arcs, dtype=np.int32)
    return Routes(
        first=np.array(first, dtype=np.int64),
        arc=last,
        enter_s=np.array(enter),
        end_s=when_s[found].copy(),
        weight=np.full(found.shape[0], 1.0 / found.shape[0]),
        exit=escape.exit_of[last[np.array(first[1:]) - 1]],
    )
