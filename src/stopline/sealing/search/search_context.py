"""What every search on one pursuit shares: the graph, whom to ask, and arrivals found once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from stopline.sealing.local_side import LocalSide
from stopline.sealing.search.deadlines import Arrival, optimistic, remaining, unhindered
from stopline.sealing.search.unit_times import unit_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.sealing.search.goal import Goal
    from stopline.sealing.search.pursuit import Drive, PursuitGraph
    from stopline.sealing.search.unit_times import UnitTimes
    from stopline.sealing.side import AnsweringSide


class SearchContext:
    """One chase with whom to ask.

    Args:
        chase: the graph.
        sides: whom to ask.
        need: int32[c], strength that closes each site.
        until: `time.perf_counter()` at which to give the best so far.
    """

    def __init__(
        self,
        chase: PursuitGraph,
        sides: Sequence[AnsweringSide],
        need: NDArray[np.int32],
        until: float = np.inf,
    ) -> None:
        self.chase = chase
        self.sides = sides
        self.need = need
        self.until = until
        self.free = unhindered(chase)
        self._to_exit_s: NDArray[np.float64] | None = None
        self._times: UnitTimes | None = None
        self._has_times = False

    def times(self) -> UnitTimes | None:
        """When all units close all sites, found once; None where that cannot be known."""
        if not self._has_times:
            times = None if self.hidden else self.hoped_times()
            self._times = times
            # Where time ran out, the next question may have more of it.
            self._has_times = times is not None or time.perf_counter() < self.until
        return self._times

    @property
    def hidden(self) -> bool:
        """Whether some side keeps its units to itself."""
        return not all(isinstance(side, LocalSide) for side in self.sides)

    def hoped_times(self) -> UnitTimes | None:
        """The same as far as is known by now, with the units that a side may have."""
        arrival_s = self.free.at_s[np.isfinite(self.free.at_s)]
        until_s = float(arrival_s.max(initial=0.0)) + 1.0
        return unit_times(self.chase, self.sides, self.need, until_s, self.until)

    def share_times(self, other: SearchContext) -> None:
        """Take the unit times from a chase of which this one is a part."""
        self._times, self._has_times = other.times(), True

    def core(self, goal: Goal) -> Arrival:
        """Arrivals that no plan can delay further."""
        return optimistic(
            self.chase,
            self.free,
            self.sides,
            self.need,
            goal.margin_s,
            goal.latest_s,
            np.nextafter(goal.horizon_s, -np.inf),
        )

    def everything(self, prefer: str) -> float:
        """Cost of using every unit there is."""
        return float(
            sum(s.units * (s.most_strength if prefer == "strength" else 1) for s in self.sides)
        )

    def escape(self, shut_s: NDArray[np.float64], horizon_s: float = np.inf) -> Drive | None:
        """The earliest drive out before a time that enters no site from its `shut_s` on."""
        chase = self.chase
        found = chase.search.run(
            chase.start_node,
            chase.start_s,
            shut_s=shut_s,
            horizon_s=np.nextafter(horizon_s, -np.inf),
        )
        if not np.isfinite(found.arrival_s[chase.way_out]):
            return None
        return chase.drive_to(found.via, found.origin, chase.way_out)

    def core_by_s(self, goal: Goal, core: Arrival) -> NDArray[np.float64]:
        """Optimistic deadline of each arc, float64[a]; NaN where the vehicle never comes."""
        by_s = core.by_s(self.chase, goal.margin_s)
        by_s[~np.isfinite(self.free.at_s[self.chase.tail])] = np.nan
        return by_s

    def remaining(self) -> NDArray[np.float64]:
        """Driving time from each node to the nearest exit, found once."""
        if self._to_exit_s is None:
            self._to_exit_s = remaining(self.chase).copy()
        return self._to_exit_s
