"""The problem of this side with its units as they are now, for whoever plans or answers live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.network.point_snapper import PointSnapper
from stopline.operation.readiness.planner import problem_now
from stopline.operation.readiness.projection import Readiness

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.operation.core.command_handler import CommandHandler
    from stopline.sealing.problem import SealingProblem

HOLD_S: Final = 5.0


class LiveProblem:
    """Call it for the problem as it is now, for example as `JointAnswering.problem`.

    The same problem is given for a few seconds: a joint plan asks many questions in a row, and all
    its answers must speak of the same units. Times count from the `now_utc_s` that the problem
    bears, so what is a few seconds old is still exact.

    It never waits for the desk: whoever answers may hold the journal, for which the desk may wait.
    While the desk is busy the problem made last is given, and the next call tries again.

    Before any unit is registered, the units that the problem was prepared with count.

    Args:
        desk: of this node.
        prepared: roads, vehicle, sites and rules; its own units are replaced.
        clock: gives UTC seconds.
        hold_s: seconds for which the same problem is given.
    """

    def __init__(
        self,
        desk: CommandHandler,
        prepared: SealingProblem,
        clock: Callable[[], float],
        *,
        hold_s: float = HOLD_S,
    ) -> None:
        self._desk, self._prepared, self._clock, self._hold_s = desk, prepared, clock, hold_s
        self._points = PointSnapper(prepared.network)
        with desk.reading:
            self._made = self._now(clock())

    def __call__(self) -> SealingProblem:
        """The problem, at most `hold_s` old unless the desk was busy; `now_utc_s` says how old."""
        now_s = self._clock()
        old = not 0.0 <= now_s - self._made.now_utc_s < self._hold_s
        if old and self._desk.reading.acquire(blocking=False):
            try:
                self._made = self._now(now_s)
            finally:
                self._desk.reading.release()
        return self._made

    def _now(self, now_s: float) -> SealingProblem:
        known = self._desk.catch_up().projection(Readiness)
        if not known.units:
            return self._prepared
        return problem_now(self._prepared, known, now_s, self._points)
