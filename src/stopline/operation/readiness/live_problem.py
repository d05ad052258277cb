"""The problem of this side with its units as they are now, for whoever plans or answers live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.operation.readiness.area import Readiness
from stopline.operation.readiness.planner import problem_now
from stopline.operation.snapped import PointSnapper

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.operation.desk.desk import Desk
    from stopline.sealing.problem import SealingProblem

HOLD_S: Final = 5.0


class LiveProblem:
    """Call it for the problem as it is now, for example as `JointAnswering.problem`.

    The same problem is given for a few seconds: a joint plan asks many questions in a row, and all
    its answers must speak of the same units. Times count from the `now_utc_s` that the problem
    bears, so what is a few seconds old is still exact.

    Args:
        desk: of this node.
        prepared: roads, vehicle, sites and rules; its own units are replaced.
        clock: gives UTC seconds.
        hold_s: seconds for which the same problem is given.
    """

    def __init__(
        self,
        desk: Desk,
        prepared: SealingProblem,
        clock: Callable[[], float],
        *,
        hold_s: float = HOLD_S,
    ) -> None:
        self._desk, self._prepared, self._clock, self._hold_s = desk, prepared, clock, hold_s
        self._points = PointSnapper(prepared.network)
        self._made: SealingProblem | None = None

    def __call__(self) -> SealingProblem:
        """The problem, at most `hold_s` old."""
        now_s = self._clock()
        if self._made is None or not 0.0 <= now_s - self._made.now_utc_s < self._hold_s:
            with self._desk.reading:
                known = self._desk.catch_up().area(Readiness)
                self._made = problem_now(self._prepared, known, now_s, self._points)
        return self._made
