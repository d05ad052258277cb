"""An atlas in the making: bounds on every junction's lead, narrowed by the planner's answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.event.atlas_bounds import BackSearch, back_search, earliest_closings
from stopline.sealing.search.pursuit_graph import make_pursuit_graph
from stopline.sealing.session import Session, prepare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from stopline.sealing.problem import SealingProblem

_TINY_S: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannerAnswer:
    """What the planner said of one origin; enough to go on from where a run was stopped.

    Attributes:
        junction: the origin.
        impossible_s: by junction, a time at which no plan seals a vehicle that is there: the
            origin, and all places from which every route of the proof can be joined in time.
        shut_s: from when on each site of a sealing plan cannot be entered; empty: none was found.
        held: site that each unit of that plan holds, by the unit's id.
        seconds: of computing.
    """

    junction: int
    impossible_s: Mapping[int, float] = field(default_factory=dict)
    shut_s: Mapping[int, float] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPlan:
    """A plan that seals some origins.

    Attributes:
        latest_s: float64[j], until when a vehicle at each junction gets out of it.
        held: site that each unit holds, by the unit's id.
    """

    latest_s: NDArray[np.float64]
    held: Mapping[str, int]


@dataclass(slots=True)
class AtlasWork:
    """Bounds on the missing leads of all junctions.

    Attributes:
        session: network, forces and sites, ready for planning.
        search: back from the exits.
        earliest_s: float64[c], when each site can be closed at the earliest, margin included.
        low_s: float64[j], lower bound at each junction.
        high_s: float64[j], upper bound.
        proven_s: by junction, times at which no plan seals.
        plans: those that seal some origin.
    """

    session: Session
    search: BackSearch
    earliest_s: NDArray[np.float64]
    low_s: NDArray[np.float64]
    high_s: NDArray[np.float64]
    proven_s: dict[int, float] = field(default_factory=dict)
    plans: list[KnownPlan] = field(default_factory=list)

    def undecided(self, junctions: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Of which junctions it is not known whether they are sealed, bool[o]."""
        found: NDArray[np.bool_] = (self.low_s[junctions] <= 0) & (self.high_s[junctions] > 0)
        return found

    def take(self, answer: PlannerAnswer) -> None:
        """Let an answer of the planner narrow the bounds everywhere."""
        if answer.impossible_s:
            for junction, time_s in answer.impossible_s.items():
                known = self.proven_s.get(junction, -np.inf)
                self.proven_s[junction] = max(known, time_s + _TINY_S)
            self.low_s = np.maximum(
                self.low_s, self.search.latest_s(self.earliest_s, self.proven_s)
            )
        if answer.shut_s:
            shut_s = np.full(self.earliest_s.shape[0], np.inf)
            shut_s[list(answer.shut_s)] = list(answer.shut_s.values())
            latest_s = self.search.latest_s(shut_s)
            self.high_s = np.minimum(self.high_s, latest_s)
            self.plans.append(KnownPlan(latest_s=latest_s, held=answer.held))


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
