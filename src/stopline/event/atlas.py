"""The readiness atlas of one set of forces: for each origin, between what bounds its lead lies.

First both bounds for all origins; only where 0 lies between them the planner is asked, origin by
origin. A plan that seals one origin mostly seals many: its closing times are searched back from
the exits. A proof that none seals holds for what leads there. Who is not decided in the time given
keeps the interval.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.event.atlas_bounds import BackSearch, back_search, earliest_closings
from stopline.sealing.problem import SealingProblem, Source
from stopline.sealing.search.goal import Goal, shut_by
from stopline.sealing.search.pursuit_graph import make_pursuit_graph
from stopline.sealing.search.sealer import Sealer
from stopline.sealing.session import Session, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

# From late to early: a late start is sealed at once or proven impossible, which decides most
# neighbours; one before the alarm gives a plan with more to spare.
_STARTS_S: Final = (60.0, 20.0, 0.0, -60.0)
_FAR_S: Final = 20.0  # whose lead may be longer tells more of neighbours
_TINY_S: Final = 1e-6
_PASSES: Final = (
    (0.05, 8),
    (0.4, 12),
    (1.0, 1_000_000),
)  # of an origin's limit; vain tries in a row
_NEIGHBOURS: Final = 8


class OriginState(StrEnum):
    """What is known of an origin."""

    SEALED = "sealed"  # the forces seal a vehicle that is there now
    OPEN = "open"  # no plan of theirs does
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannerAnswer:
    """What the planner said of one origin; enough to go on from where a run was stopped.

    Attributes:
        junction: the origin.
        impossible_s: no plan seals a vehicle that is there at this time; -inf: none was proven.
        shut_s: from when on each site of a sealing plan cannot be entered; empty: none was found.
        seconds: of computing.
    """

    junction: int
    impossible_s: float
    shut_s: Mapping[int, float]
    seconds: float


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


@dataclass(slots=True)
class AtlasWork:
    """An atlas in the making.

    Attributes:
        session: network, forces and sites, ready for planning.
        search: back from the exits.
        earliest_s: float64[c], when each site can be closed at the earliest, margin included.
        low_s: float64[j], lower bound at each junction.
        high_s: float64[j], upper bound.
        proven_s: by junction, times at which no plan seals.
    """

    session: Session
    search: BackSearch
    earliest_s: NDArray[np.float64]
    low_s: NDArray[np.float64]
    high_s: NDArray[np.float64]
    proven_s: dict[int, float] = field(default_factory=dict)

    def take(self, answer: PlannerAnswer) -> None:
        """Let an answer of the planner narrow the bounds everywhere."""
        if answer.impossible_s > -np.inf:
            known = self.proven_s.get(answer.junction, -np.inf)
            self.proven_s[answer.junction] = max(known, answer.impossible_s + _TINY_S)
            self.low_s = np.maximum(
                self.low_s, self.search.latest_s(self.earliest_s, self.proven_s)
            )
        if answer.shut_s:
            shut_s = np.full(self.earliest_s.shape[0], np.inf)
            shut_s[list(answer.shut_s)] = list(answer.shut_s.values())
            self.high_s = np.minimum(self.high_s, self.search.latest_s(shut_s))


def begin(problem: SealingProblem, session: Session | None = None) -> AtlasWork:
    """Make ready, and find the lower bound of every junction.

    Args:
        problem: network, exits, sites, units and rules; its sources are not used.
        session: an earlier session on the same network, to save what has not changed.
    """
    session = prepare(problem, session)
    search = back_search(make_pursuit_graph(problem, session.graph, everything=True))
    earliest_s = earliest_closings(session.sides, problem.sites.need) + problem.rules.margin_s
    low_s = search.latest_s(earliest_s)
    high_s = search.latest_s(np.full(problem.sites.count, np.inf))
    return AtlasWork(session, search, earliest_s, low_s, high_s)


def ask(work: AtlasWork, junction: int, time_limit_s: float) -> PlannerAnswer:
    """Ask the planner for one origin: the earliest start that is sealed, or proven impossible."""
    started = time.perf_counter()
    need = work.session.problem.sites.need
    margin_s = work.session.problem.rules.margin_s
    until = started + time_limit_s
    impossible_s = -np.inf
    shut_s: dict[int, float] = {}
    for time_s in _STARTS_S:
        if time_s <= impossible_s:
            break
        left_s = until - time.perf_counter()
        if left_s <= 0:
            break
        source = Source(name=f"junction {junction}", time_s=time_s, junction=junction)
        session = prepare(replace(work.session.problem, sources=(source,)), work.session)
        # Time is for the question itself; what only tells more of neighbours must come quickly.
        limit = until if time_s == 0 else time.perf_counter() + left_s / 2
        sealer = Sealer(session.chase, session.sides, need, limit)
        found = sealer.solve(Goal(margin_s=margin_s, cheapest=False))
        if found.sealed:
            times = shut_by(found, need, margin_s)
            rows = np.flatnonzero(np.isfinite(times))
            shut_s = {int(row): float(times[row]) for row in rows}
        elif found.proven:
            impossible_s = max(impossible_s, time_s)
            break
        elif time_s <= 0:
            break
    return PlannerAnswer(
        junction=junction,
        impossible_s=impossible_s,
        shut_s=shut_s,
        seconds=time.perf_counter() - started,
    )


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
    decided = (work.low_s[origins] > 0) | (work.high_s[origins] <= 0)
    by_bounds = int(decided.sum())
    asked: set[int] = set()
    for answer in answers:
        work.take(answer)
        asked.add(answer.junction)
    until = started + time_limit_s
    for share, patience in _PASSES:
        passed = _Pass(work, origins, answers, share * origin_limit_s)
        while passed.vain < patience and time.perf_counter() < until:
            junction = passed.next()
            if junction is None:
                break
            answer = ask(work, junction, min(passed.limit_s, until - time.perf_counter()))
            asked.add(junction)
            work.take(answer)
            passed.note(junction)
            if on_answer is not None:
                on_answer(answer)
            if progress is not None:
                open_still = int(_undecided(work, origins).sum())
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


def _undecided(work: AtlasWork, origins: NDArray[np.int32]) -> NDArray[np.bool_]:
    undecided: NDArray[np.bool_] = (work.low_s[origins] <= 0) & (work.high_s[origins] > 0)
    return undecided


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
        waiting = _undecided(self._work, self._origins) & ~self._waits
        far = waiting & (self._work.high_s[self._origins] > _FAR_S)
        rows = np.flatnonzero(far if far.any() else waiting)
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
        if self._work.low_s[junction] > 0 or self._work.high_s[junction] <= 0:
            self.vain = 0
        else:
            self._waits[max(0, row - self._around) : row + self._around + 1] = True
