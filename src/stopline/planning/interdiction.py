"""From a sealing problem to interdiction: the means of all sides, and what the driver can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.interdiction.escape import Escape
from stopline.interdiction.means import Means
from stopline.sealing.plan import BelievedMeetings, BelievedOdds, SiteKind
from stopline.sealing.session import Session, bound_units, prepare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from stopline.belief.routes import Routes
    from stopline.interdiction.incidence import Meetings
    from stopline.network.drive_graph import DriveGraph
    from stopline.sealing.plan import Plan, Seal
    from stopline.sealing.problem import SealingProblem, Source

_NOTHING = 1e-12  # probability


@dataclass(frozen=True, slots=True)
class Interdiction:
    """A problem as interdiction sees it.

    Attributes:
        problem: what is asked.
        session: its roads and forces, made ready.
        means: units and sites, the units in the order of `units`.
        units: ids of the units.
    """

    problem: SealingProblem
    session: Session
    means: Means
    units: tuple[str, ...]

    @classmethod
    def of(cls, problem: SealingProblem, session: Session | None = None) -> Interdiction:
        """Make a problem ready."""
        ready = prepare(problem, session)
        rows, ids, strength = [], [], []
        for name in sorted(ready.readiness):
            side = ready.readiness[name]
            ready_s = side.every_ready_s()
            for unit, site in bound_units(problem.sites, side.placed.units).items():
                ready_s[unit, np.arange(problem.sites.count) != site] = np.inf
            rows.append(ready_s)
            ids += [unit.id for unit in side.placed.units]
            strength.append(side.strength)
        sites = problem.sites
        graph = ready.graph
        arc_site = np.full(graph.arcs, -1, dtype=np.int32)
        head_site = np.full(graph.arcs, -1, dtype=np.int32)
        by_section = np.full(problem.network.sections, -1, dtype=np.int32)
        by_junction = np.full(problem.network.junctions, -1, dtype=np.int32)
        numbers = np.arange(sites.count, dtype=np.int32)
        by_section[sites.index[~sites.is_junction]] = numbers[~sites.is_junction]
        by_junction[sites.index[sites.is_junction]] = numbers[sites.is_junction]
        driven = graph.section >= 0
        arc_site[driven] = by_section[graph.section[driven]]
        head_site[driven] = by_junction[graph.junction[graph.head[driven]]]
        # An exit section leads out at its end: a seal on the junction behind no longer helps.
        leads_out = np.zeros(problem.network.sections + 1, dtype=bool)
        leads_out[[e.index for e in problem.exits if e.kind is SiteKind.SECTION]] = True
        head_site[leads_out[graph.section]] = -1
        means = Means(
            ready_s=np.concatenate(rows) if rows else np.empty((0, sites.count)),
            strength=np.concatenate(strength) if strength else np.empty(0, dtype=np.int32),
            need=sites.need,
            arc_site=arc_site,
            head_site=head_site,
            margin_s=problem.rules.margin_s,
        )
        return cls(problem, ready, means, tuple(ids))

    def escape(self) -> Escape:
        """What the worst driver can do: from every source, to every exit."""
        graph = self.session.graph
        starts = [one for source in self.problem.sources for one in _starts(source, graph)]
        return Escape(
            first_out=graph.first_out,
            head=graph.head,
            time_s=graph.time_s,
            exit_of=_exits_of(self.problem, self.session),
            start_node=np.array([node for node, _ in starts], dtype=np.int32),
            start_s=np.array([at_s for _, at_s in starts]),
        )

    def orders(self, site_of: NDArray[np.int32]) -> dict[str, int]:
        """Site by id of the unit, from sites by number (int32[u], -1 for none)."""
        return {self.units[unit]: int(site_of[unit]) for unit in np.flatnonzero(site_of >= 0)}

    def site_of(self, orders: Mapping[str, int]) -> NDArray[np.int32]:
        """The other way round."""
        return np.array([orders.get(unit, -1) for unit in self.units], dtype=np.int32)

    def number_of(self, seal: Seal) -> int:
        """Number of a seal's site."""
        sites, junction = self.problem.sites, seal.site.kind == SiteKind.JUNCTION
        same = (sites.index == seal.site.index) & (sites.is_junction == junction)
        return int(same.argmax())

    def orders_of(self, plan: Plan) -> dict[str, int]:
        """Site by id of the unit, of a plan's seals."""
        return {holder.unit: self.number_of(seal) for seal in plan.seals for holder in seal.holders}

    def stopped(self, routes: Routes, met: Meetings, plan: Plan) -> float:
        """Probability of the routes that a plan's seals stop."""
        shut_s = self.means.shut_s(self.site_of(self.orders_of(plan)))
        return float(routes.weight[met.stopped(shut_s)].sum())

    def needed(
        self, site_of: NDArray[np.int32], routes: Routes, met: Meetings
    ) -> NDArray[np.int32]:
        """The same orders without those of sites that stop nothing which the others let pass."""
        kept = site_of.copy()
        stopped = met.stopped(self.means.shut_s(kept))
        for site in np.unique(kept[kept >= 0]).tolist():
            without = np.where(kept == site, np.int32(-1), kept)
            less = met.stopped(self.means.shut_s(without))
            if float(routes.weight[stopped & ~less].sum()) <= _NOTHING:
                kept, stopped = without, less
        return kept

    def believed(self, routes: Routes, met: Meetings, plan: Plan) -> BelievedOdds:
        """What a plan's seals stop of the belief, route by route.

        By the seals' own closing times, so that whoever checks the plan compares the same numbers.
        """
        route_of = np.repeat(np.arange(routes.count), np.diff(met.first))
        number: dict[int, int] = {}
        rows = []
        for place, seal in enumerate(plan.seals):
            site = self.number_of(seal)
            shut_s = seal.closed_at_s + plan.required_margin_s
            here = np.flatnonzero((met.site == site) & (met.met_s >= shut_s))
            of_route, at_s = route_of[here].tolist(), met.met_s[here].tolist()
            own = [number.setdefault(one, len(number)) for one in of_route]
            rows.append(BelievedMeetings(seal=place, route=tuple(own), at_s=tuple(at_s)))
        weights = tuple(routes.weight[list(number)].tolist())
        return BelievedOdds(
            stopped=min(sum(weights), 1.0), routes=routes.count, weights=weights, met=tuple(rows)
        )


def _starts(source: Source, graph: DriveGraph) -> list[tuple[int, float]]:
    """Nodes at which the vehicle can first be, and when."""
    if source.junction is not None:
        return [(int(node), source.time_s) for node in graph.nodes_of(source.junction)]
    arcs = np.flatnonzero((graph.section == source.section) & np.isfinite(graph.time_s))
    left = np.where(graph.forward[arcs], 1.0 - source.fraction, source.fraction)
    times = source.time_s + left * graph.time_s[arcs]
    return list(zip(graph.head[arcs].tolist(), times.tolist(), strict=True))


def _exits_of(problem: SealingProblem, session: Session) -> NDArray[np.int32]:
    """The exit that is reached when an arc has been driven, int32[a]."""
    graph = session.graph
    exit_of = np.full(graph.arcs, -1, dtype=np.int32)
    for number, one in enumerate(problem.exits):
        at = graph.section if one.kind == SiteKind.SECTION else graph.junction[graph.head]
        here = (at == one.index) & (graph.section >= 0) & (exit_of < 0)
        exit_of[here] = number
    return exit_of
