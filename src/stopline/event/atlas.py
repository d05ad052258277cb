"""The readiness atlas of one set of forces: for each origin, between what bounds its lead lies.

First both bounds for all origins; only where 0 lies between them the planner is asked, origin by
origin. A plan that seals one origin mostly seals many: its closing times are searched back from
the exits. A proof that none seals holds wherever its routes can be joined in time. Who is not
decided in the time given keeps the interval.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.event.atlas_work import AtlasWork, begin
from stopline.event.place_planner import PlacePlanner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from stopline.event.atlas_work import PlannerAnswer
    from stopline.sealing.problem import SealingProblem

# Of an origin's limit for one question, and how many origins in a row may be asked in vain. First
# plans are made from nothing, from a late start to an early one; then those are repaired.
_ANEW: Final = (0.05, 8)
_REPAIRS: Final = ((0.1, 10), (0.1, 20), (0.2, 20), (0.2, 30), (0.5, 30), (1.0, 1_000_000))
_NEIGHBOURS: Final = 8
_STARTS_S: Final = (60.0, 20.0, 0.0, -60.0)
_LATEST_S: Final = 40.0  # at which a plan is repaired; a proof there decides all who are near
_EARLIER: Final = 2.5  # times as early is the next question
_NEAR_S: Final = 8.0  # so near to now that now itself is asked for next


class OriginState(StrEnum):
    """What is known of an origin."""

    SEALED = "sealed"  # the forces seal a vehicle that is there now
    OPEN = "open"  # no plan of theirs does
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Atlas:
    """The missing leads of all origins under one set of forces.

    Attributes:
        origins: int32[o], their junctions.
        low_s: float64[o], lower bound on the missing lead; -inf where no exit can be reached.
        high_s: float64[o], upper bound; inf where no plan is known.
        asked: origins that the planner was asked for.
        by_bounds: origins that the bounds alone decided, before any plan.
        seconds: of computing.
    """

    origins: NDArray[np.int32]
    low_s: NDArray[np.float64]
    high_s: NDArray[np.float64]
    asked: int
    by_bounds: int
    seconds: float

    @property
    def sealed(self) -> NDArray[np.bool_]:
        """Where the forces seal in a vehicle that is there now, bool[o]."""
        return self.high_s <= 0

    @property
    def open(self) -> NDArray[np.bool_]:
        """Where none of their plans does, bool[o]."""
        return self.low_s > 0

    @property
    def undecided(self) -> NDArray[np.bool_]:
        """Where neither is known, bool[o]."""
        return ~self.sealed & ~self.open

    def state(self, row: int) -> OriginState:
        """What is known of the origin in a row."""
        if self.high_s[row] <= 0:
            return OriginState.SEALED
        return OriginState.OPEN if self.low_s[row] > 0 else OriginState.UNDECIDED


def make_atlas(
    problem: SealingProblem,
    origins: NDArray[np.int32],
    *,
    origin_limit_s: float = 15.0,
    time_limit_s: float = np.inf,
    answers: Sequence[PlannerAnswer] = (),
    on_answer: Callable[[PlannerAnswer], None] | None = None,
    progress: Callable[[str, float], None] | None = None,
    work: AtlasWork | None = None,
) -> Atlas:
    """Make the atlas of one set of forces.

    Args:
        problem: network, exits, sites, units and rules; its sources are not used.
        origins: int32[o], junctions at which the vehicle can be.
        origin_limit_s: computing time for one origin.
        time_limit_s: for all; who is not decided then stays undecided.
        answers: of the planner, from an earlier run of the same problem.
        on_answer: is given each new answer, to be kept.
        progress: is told what is being done and how much of it is done, 0 to 1.
        work: bounds that were begun before.
    """
    started = time.perf_counter()
    work = work or begin(problem)
    by_bounds = int((~work.undecided(origins)).sum())
    asked: set[int] = set()
    for answer in answers:
        work.take(answer)
        asked.add(answer.junction)
    until = started + time_limit_s
    passes = ((_ANEW, _from_nothing), *((one, _repairs) for one in _REPAIRS))
    planner = PlacePlanner(work) if time_limit_s > 0 and work.undecided(origins).any() else None
    for (share, patience), questions in passes if planner is not None else ():
        passed = _Pass(work, origins, answers, share * origin_limit_s)
        while passed.vain < patience and time.perf_counter() < until:
            junction = passed.next()
            if junction is None or planner is None:
                break
            for answer in questions(work, planner, junction, passed.limit_s, until):
                asked.add(junction)
                work.take(answer)
                if on_answer is not None:
                    on_answer(answer)
            passed.note(junction)
            if progress is not None:
                open_still = int(work.undecided(origins).sum())
                done = 1 - open_still / max(1, origins.shape[0])
                progress(f"asking the planner, {open_still:,} places undecided", done)
    return Atlas(
        origins=origins,
        low_s=work.low_s[origins],
        high_s=work.high_s[origins],
        asked=len(asked),
        by_bounds=by_bounds,
        seconds=time.perf_counter() - started,
    )


def _from_nothing(
    work: AtlasWork, planner: PlacePlanner, junction: int, limit_s: float, until: float
) -> Iterator[PlannerAnswer]:
    """Ask of one origin, from a late start to one before the alarm; each answer is taken first.

    A late start is sealed at once or proven impossible, which decides most neighbours; a plan for
    an early one has more to spare.
    """
    until = min(until, time.perf_counter() + limit_s)
    for time_s in _STARTS_S:
        left_s = until - time.perf_counter()
        if left_s <= 0 or time_s <= work.low_s[junction]:
            return
        # Time is for the question itself; what only tells more of neighbours must come quickly.
        answer = planner.from_nothing(junction, time_s, left_s if time_s == 0 else left_s / 2)
        yield answer
        if answer.impossible_s:
            yield planner.repaired(junction, time_s, limit_s)  # the same, by routes that spread
            return
        if time_s <= 0 and not answer.shut_s:
            return


def _repairs(
    work: AtlasWork, planner: PlacePlanner, junction: int, limit_s: float, until: float
) -> Iterator[PlannerAnswer]:
    """Ask of one origin, ever nearer to now, until it is decided; each answer is taken first."""
    time_s = min(float(work.high_s[junction]) / 2, _LATEST_S)
    here = np.array([junction], dtype=np.int32)
    while work.undecided(here)[0] and time.perf_counter() < until:
        yield planner.repaired(junction, time_s, min(limit_s, until - time.perf_counter()))
        if time_s == 0:
            return
        time_s = time_s / _EARLIER if time_s > _NEAR_S else 0.0


class _Pass:
    """Goes through the undecided origins with one limit for each, those that tell most first.

    Junctions are numbered along a curve that keeps neighbours together, so the middle of the
    longest run of undecided origins is a place whose answer tells most of others. Where the
    planner ran out of time its neighbours are as hard: they wait for a longer limit.
    """

    def __init__(
        self,
        work: AtlasWork,
        origins: NDArray[np.int32],
        answers: Sequence[PlannerAnswer],
        limit_s: float,
    ) -> None:
        self.limit_s = limit_s
        self._work, self._origins = work, origins
        self._waits = np.zeros(origins.shape[0], dtype=bool)
        self._around = 1
        self.vain = 0  # origins asked in a row that stayed undecided
        for answer in answers:
            if answer.seconds >= limit_s:
                self._waits[origins == answer.junction] = True

    def next(self) -> int | None:
        """The next origin to ask for."""
        waiting = self._work.undecided(self._origins) & ~self._waits
        rows = np.flatnonzero(waiting)
        if not rows.size:
            return None
        breaks = np.flatnonzero(np.diff(rows) > 1) + 1
        edges = np.concatenate(([0], breaks, [rows.size]))
        widest = int(np.argmax(np.diff(edges)))
        run = rows[edges[widest] : edges[widest + 1]]
        self._around = max(1, run.size // _NEIGHBOURS)
        return int(self._origins[run[run.size // 2]])

    def note(self, junction: int) -> None:
        """Let those near an origin that is still undecided wait."""
        (row,) = np.flatnonzero(self._origins == junction)
        self._waits[row] = True
        self.vain += 1
        if not self._work.undecided(self._origins[row : row + 1])[0]:
            self.vain = 0
        else:
            self._waits[max(0, row - self._around) : row + self._around + 1] = True
