"""Contain: the smallest area around the vehicle that can be sealed completely.

The area is what the vehicle reaches by a time T if no road is closed; its edge are the junctions
first reached after T. A plan that keeps the vehicle within one T keeps it within every later one,
as it does not even leave the smaller area: so halving finds the least T.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.geodesy import distance_m
from stopline.network.road_network import ROAD_CLASSES
from stopline.sealing.plan import Plan, SiteKind, Verdict
from stopline.sealing.planner import make_plan
from stopline.sealing.problem import Exit
from stopline.sealing.search.cut_graph import Flow
from stopline.sealing.search.objectives import first_goal
from stopline.sealing.search.pursuit_graph import make_pursuit_graph
from stopline.sealing.search.sealer import Sealer
from stopline.sealing.session import prepare

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.search.goal import Goal
    from stopline.sealing.session import Session

EDGE: Final = "the edge of the area"
_AT_THE_EDGE: Final = 0.01  # part of a map's width and height that counts as its edge
_SHARE_OF_LARGEST: Final = 0.3  # of the time, to see whether anything can be contained at all
_SHARE_OF_ONE: Final = 0.1  # of the time, for one area
_SHARE_OF_PLAN: Final = 0.35  # of the time, for the plan of the area found
_RUNGS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Containment:
    """The smallest area that can be sealed, or the one that lacks least.

    Attributes:
        problem: the problem whose exits are the edge of the area.
        plan: seals it; None where no area can be sealed.
        edge_s: its edge is first reached after this, seconds after now.
        within_m: no seal is farther from the first source, without a plan no point of the edge;
            NaN where that is unknown.
        from_s: when its last seal is closed; infinite without a plan.
        least: whether it is proven that no smaller area can be sealed; without a plan, that none
            of the areas looked at can be.
        needed: where no area can be sealed, the units that this one needs at least, if that is
            more than there are; 0 where it is not known that numbers are what lacks.
        too_late: where no area can be sealed, whether more units where these are would not help
            in any area looked at.
    """

    problem: SealingProblem
    plan: Plan | None
    edge_s: float
    within_m: float
    from_s: float
    least: bool
    needed: int = 0
    too_late: bool = False

    @property
    def missing(self) -> int:
        """Units that are missing for the area at least."""
        there = len(self.problem.units)
        return max(0, self.needed - there) if self.plan is None else 0


def contain(
    problem: SealingProblem,
    *,
    session: Session | None = None,
    limit_s: float | None = None,
    beyond: NDArray[np.bool_] | None = None,
) -> Containment | None:
    """Find the smallest area that can be sealed.

    Args:
        problem: what is asked; its exits are left aside.
        session: an earlier session of the incident, to save what has not changed.
        limit_s: seconds of computing; the problem's limit if None.
        beyond: bool[n], junctions at which the map may end, so that the vehicle must not get
            there either; None for those at the edge of the map.

    Returns:
        The area; None where the vehicle gets nowhere.
    """
    limit_s = problem.rules.time_limit_s if limit_s is None else limit_s
    ends = map_edge(problem.network) if beyond is None else beyond
    return _Areas(problem, session, ends, limit_s).smallest()


def map_edge(network: RoadNetwork) -> NDArray[np.bool_]:
    """Junctions near the edge of the map at which a larger road ends, bool[n].

    There it goes on where the map does not; small roads end by themselves, at a coast for example.
    """
    near_edge = np.zeros(network.junctions, dtype=bool)
    for place in (np.asarray(network.junction_lon), np.asarray(network.junction_lat)):
        known = np.isfinite(place)
        if not known.any():
            continue
        low, high = float(place[known].min()), float(place[known].max())
        near = _AT_THE_EDGE * (high - low)
        near_edge |= known & ((place <= low + near) | (place >= high - near))
    ends = np.concatenate((network.section_tail, network.section_head))
    roads = np.bincount(ends, minlength=network.junctions)
    large = np.zeros(network.junctions, dtype=bool)
    wide = network.section_class <= ROAD_CLASSES.index("tertiary")
    large[network.section_tail[wide]] = large[network.section_head[wide]] = True
    return np.asarray(near_edge & large & (roads == 1))


def _cheapest_cut(sealer: Sealer, goal: Goal) -> float:
    """What no plan costs less than, however many units there are; infinite if none would do."""
    cut = sealer.core_cut(goal, sealer.core(goal))
    return np.inf if cut is None else float(Flow(cut[1], until=sealer.until).value)


class _Areas:
    """Areas of one vehicle, by the time at which their edge is reached."""

    def __init__(
        self,
        problem: SealingProblem,
        session: Session | None,
        ends: NDArray[np.bool_],
        limit_s: float,
    ) -> None:
        self._ends = ends
        self._begin, self._limit_s = time.perf_counter(), limit_s
        self._problem = problem
        self._session = prepare(problem, session)
        graph = self._session.graph
        free = make_pursuit_graph(replace(problem, exits=()), graph, everything=True)
        found = free.search.run(free.start_node, free.start_s)
        self.arrival_s = np.full(problem.network.junctions, np.inf)
        node_s = found.arrival_s[: graph.nodes]
        np.minimum.at(self.arrival_s, graph.junction, node_s)
        arcs = np.flatnonzero(np.isfinite(graph.time_s) & (graph.section >= 0))
        self._tail = graph.junction[graph.tail[arcs]]
        self._head = graph.junction[graph.head[arcs]]
        self.undecided = False

    def _left_s(self) -> float:
        return self._limit_s - (time.perf_counter() - self._begin)

    def smallest(self) -> Containment | None:
        """Halve between the areas."""
        reached = np.isfinite(self.arrival_s)
        times = np.unique(self.arrival_s[reached])
        if not (self._ends & reached).any():
            times = times[:-1]  # nothing lies beyond the last
        if not times.size:
            return None
        sealed, bound = self._sealed(float(times[-1]), self._limit_s * _SHARE_OF_LARGEST)
        if not sealed:
            return self._lacks_least(times, bound)
        low, high = -1, times.shape[0] - 1
        self.undecided = False
        while high - low > 1 and self._left_s() > self._limit_s * _SHARE_OF_PLAN:
            middle = (low + high) // 2
            sealed, _ = self._sealed(float(times[middle]), self._limit_s * _SHARE_OF_ONE)
            low, high = (low, middle) if sealed else (middle, high)
        return self._planned(float(times[high]), least=high - low == 1 and not self.undecided)

    def area(self, edge_s: float) -> SealingProblem:
        """The problem whose exits are the junctions first reached after a time, and map ends."""
        inside = self.arrival_s <= edge_s
        outside = np.unique(self._head[inside[self._tail] & ~inside[self._head]])
        outside = np.union1d(outside, np.flatnonzero(inside & self._ends))
        exits = tuple(
            Exit(name=EDGE, kind=SiteKind.JUNCTION, index=int(junction)) for junction in outside
        )
        return replace(self._problem, exits=exits)

    def _sealed(self, edge_s: float, limit_s: float) -> tuple[bool, float]:
        """Whether an area can be sealed, and what no plan for it costs less than."""
        problem = self.area(edge_s)
        session = prepare(problem, self._session)
        until = time.perf_counter() + min(limit_s, max(self._left_s(), 0.0))
        sealer = Sealer(session.chase, session.sides, problem.sites.need, until)
        found = sealer.solve(replace(first_goal(problem.rules), cheapest=False))
        self.undecided |= not found.sealed and not found.proven
        if found.certificate is not None and found.certificate.units:
            return found.sealed, float(found.certificate.units)
        if found.sealed or not found.proven:
            return found.sealed, found.bound
        return False, _cheapest_cut(sealer, first_goal(problem.rules))

    def _planned(self, edge_s: float, *, least: bool) -> Containment:
        problem = self.area(edge_s)
        rules = replace(problem.rules, time_limit_s=max(self._left_s(), 0.1), objective=("units",))
        plan = make_plan(replace(problem, rules=rules), session=self._session)
        if plan.verdict is not Verdict.SEALED:  # it was sealed a moment ago, with more time
            return Containment(
                problem=problem, plan=None, edge_s=edge_s, within_m=np.nan, from_s=np.inf,
                least=False,
            )  # fmt: skip
        return Containment(
            problem=problem,
            plan=plan,
            edge_s=edge_s,
            within_m=self._within_m(plan),
            from_s=max((seal.closed_at_s for seal in plan.seals), default=-np.inf),
            least=least,
        )

    def _lacks_least(self, times: NDArray[np.float64], of_largest: float) -> Containment:
        """Of some areas, the one that needs the fewest units more than there are.

        What cannot be sealed within the largest area cannot be within any other; and where no
        number of units would do there, none would do elsewhere.
        """
        decided = not self.undecided
        found = [(of_largest, float(times[-1]))]
        edges = dict.fromkeys(np.quantile(times, np.linspace(1.0, 0.2, _RUNGS)).tolist())
        for edge_s in list(edges)[1:] if np.isfinite(of_largest) else ():
            if self._left_s() <= 0:
                break
            _, bound = self._sealed(edge_s, self._left_s() / 2)
            found.append((bound, edge_s))
        least, edge_s = min(found)
        few = not np.isfinite(least) or least > len(self._problem.units)
        needed = int(least) if decided and few and np.isfinite(least) else 0
        problem = self.area(edge_s)
        edge = np.array([place.index for place in problem.exits], dtype=np.int64)
        network = self._problem.network
        return Containment(
            problem=problem, plan=None, edge_s=edge_s, from_s=np.inf, least=decided, needed=needed,
            too_late=decided and not np.isfinite(least),
            within_m=self._farthest_m(network.junction_lon[edge], network.junction_lat[edge]),
        )  # fmt: skip

    def _within_m(self, plan: Plan) -> float:
        lon = np.array([seal.site.lon for seal in plan.seals])
        lat = np.array([seal.site.lat for seal in plan.seals])
        return self._farthest_m(lon, lat)

    def _farthest_m(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> float:
        """How far the farthest of some points is from the first source."""
        network, source = self._problem.network, self._problem.sources[0]
        junction = source.junction
        if junction is None:
            junction = int(network.section_tail[source.section or 0])
        here = float(network.junction_lon[junction]), float(network.junction_lat[junction])
        away_m = np.asarray(distance_m(*here, lon, lat), dtype=np.float64)
        return float(np.max(away_m, initial=0.0))
