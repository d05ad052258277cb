"""What a better plan would have been: with what was known then, and with the true way known."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.point_snapper import PointSnapper
from stopline.network.snapping import junctions_within
from stopline.operation.sightings.projection import Sightings
from stopline.review.belief_scores import place_of
from stopline.review.orders_given import road_text
from stopline.review.redaction import masked
from stopline.review.schema import Hindsight, PlanThen
from stopline.sealing.plan import SiteKind
from stopline.sealing.planner import make_plan
from stopline.sealing.problem import Source
from stopline.sealing.session import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stopline.forces.unit import Unit
    from stopline.operation.sightings.projection import Sighting
    from stopline.review.ground_truth import DrivenSection
    from stopline.review.history import History
    from stopline.review.relative_time import Since
    from stopline.review.schema import ReviewedOrder
    from stopline.scenario.loader import Scenario
    from stopline.scenario.place_text import NamedPlace
    from stopline.sealing.plan import Plan, Seal
    from stopline.sealing.problem import SealingProblem


_SAME_S: Final = 120.0
_LIMIT_S: Final = 5.0  # where sealing is impossible, the search for the best partial plan may go on


class BetterPlans:
    """Plans that the planner makes for past moments.

    Args:
        history: what this side knew.
        since: the zero of times.
        scenario: roads, units at their posts, sites and rules.
        way: the sections that the vehicle truly drove; None where that is not known.
        places: named places, for roads without a name.
    """

    def __init__(
        self,
        history: History,
        since: Since,
        scenario: Scenario,
        way: Sequence[DrivenSection] | None,
        places: Sequence[NamedPlace],
    ) -> None:
        self.history, self.since, self.scenario = history, since, scenario
        self.way, self.places = way, places
        self._snapper = PointSnapper(scenario.problem.network)

    def plans(
        self,
        first_s: float | None,
        orders: Sequence[ReviewedOrder],
        *,
        progress: Callable[[str, float], None] | None = None,
    ) -> list[PlanThen]:
        """The plan at the moment of the first real plan, and after each sighting of the vehicle.

        Up to the first road that was really closed: a plan made anew would not know that the
        vehicle had been held since.

        Args:
            first_s: when the first plan was adopted, UTC seconds; None if none was.
            orders: what was really ordered.
            progress: told how much is done.
        """
        known = self.history.incident.projection(Sightings).by_id.values()
        moments = {one.noted_s for one in known if not one.nothing_seen}
        stopped = [s.entry.time_s for s in self.history.steps if s.entry.kind == "vehicle.stopped"]
        end_s = min(stopped, default=self.history.until_s)
        shut = [one.closed_s for one in orders if one.closed_s is not None]
        end_s = min(end_s, self.since.zero_s + min(shut, default=float("inf")))
        moments = {at_s for at_s in moments if at_s < end_s}
        if first_s is not None:
            moments.add(first_s)
        found = []
        for number, at_s in enumerate(sorted(moments)):
            if progress is not None:
                progress("better plans", number / len(moments))
            if at_s != first_s and first_s is not None and 0 < first_s - at_s < _SAME_S:
                continue  # the plan of that moment is the one that was made from this sighting
            problem = self._problem(at_s)
            if problem is not None:
                found.append(self._then(at_s, problem, orders))
        return found

    def hindsight(self, from_s: float, orders: Sequence[ReviewedOrder]) -> Hindsight | None:
        """The fewest seals that stop the true way in time, from a moment on; None without one.

        Every seal on the way stops it, so one is enough where any unit comes in time: the earliest
        on the way is named. Where a site needs several units, their strengths are added.
        """
        if self.way is None:
            return None
        ahead = [one for one in self.way if one.enter_s > from_s]
        problem = dataclasses.replace(self.scenario.problem, now_utc_s=from_s)
        best = self._first_seal(problem, ahead, from_s)
        met = self._met(ahead, orders)
        t = self.since.t
        if best is None:
            return Hindsight(
                from_s=t(from_s), seals=None, road="", unit="", closed_s=None, passes_s=None,
                met="" if met is None else met[0], met_s=None if met is None else t(met[1]),
            )  # fmt: skip
        site, units, closed_s, passes_s = best
        told = problem.site(site)
        return Hindsight(
            from_s=t(from_s), seals=1, road=road_text(told.name, told.lon, told.lat, self.places),
            unit=" and ".join(dict.fromkeys(units)), closed_s=t(closed_s), passes_s=t(passes_s),
            met="" if met is None else met[0], met_s=None if met is None else t(met[1]),
        )  # fmt: skip

    def _first_seal(
        self, problem: SealingProblem, ahead: Sequence[DrivenSection], from_s: float
    ) -> tuple[int, list[str], float, float] | None:
        ready = prepare(problem).readiness
        every = {side: one.every_ready_s() for side, one in ready.items()}
        for one in ahead:
            sites = np.flatnonzero(
                ~problem.sites.is_junction & (problem.sites.index == one.section)
            )
            by_s = one.enter_s - from_s - problem.rules.margin_s
            for site in sites.tolist():
                times = sorted(
                    (float(every[side][row, site]), unit.strength, self._force(unit))
                    for side, part in ready.items()
                    for row, unit in enumerate(part.placed.units)
                )
                strength, units = 0, []
                for ready_s, more, force in times:
                    if ready_s > by_s:
                        break
                    strength += more
                    units.append(force)
                    if strength >= int(problem.sites.need[site]):
                        return site, units, from_s + ready_s, one.enter_s
        return None

    def _force(self, unit: Unit) -> str:
        """Whose force a unit is; which one stays out, as it may be the other side's."""
        side = self.scenario.sides.get(unit.side)
        return f"{unit.agency} of {side.name if side else unit.side}"

    def _met(
        self, ahead: Sequence[DrivenSection], orders: Sequence[ReviewedOrder]
    ) -> tuple[str, float] | None:
        """The first road on the way that was really closed when it came."""
        zero_s = self.since.zero_s
        for one in ahead:
            for order in orders:
                if order.site != f"section {one.section}" or order.closed_s is None:
                    continue
                ends_s = order.reopened_s if order.reopened_s is not None else float("inf")
                # It is met closed by who comes to it, or stands before it until it is closed.
                if zero_s + order.closed_s <= one.leave_s and one.enter_s < zero_s + ends_s:
                    return order.road, max(one.enter_s, zero_s + order.closed_s)
        return None

    def _then(
        self, at_s: float, problem: SealingProblem, orders: Sequence[ReviewedOrder]
    ) -> PlanThen:
        plan = make_plan(problem)
        stop = self._stop(plan, at_s)
        zero_s = self.since.zero_s
        given = [one for one in orders if zero_s + one.ordered_s <= at_s]
        later = [one.ordered_s for one in orders if zero_s + one.ordered_s > at_s]
        done = f"{len(given)} orders stood" if given else "no order stood"
        if later:
            wait_s = min(later) - self.since.t(at_s)
            done += f"; the next orders came {wait_s / 60:.0f} min later"
        return PlanThen(
            t_s=self.since.t(at_s), time=self.since.iso(self.since.t(at_s)),
            knowing=masked("; ".join(place_of(one) for one in self._basis(at_s))),
            verdict=str(plan.verdict), seals=len(plan.seals), units=plan.units_used,
            roads=tuple(self._road(seal) for seal in plan.seals),
            stops_at=None if stop is None else self._road(stop[0]),
            stops_margin_s=None if stop is None else round(stop[1], 1), done=done,
        )  # fmt: skip

    def _stop(self, plan: Plan, at_s: float) -> tuple[Seal, float] | None:
        """The first seal of a plan that the true way would have met closed, and how long before."""
        for one in self.way or ():
            for seal in plan.seals:
                site = seal.site
                here = site.kind == SiteKind.SECTION and site.index == one.section
                margin_s = one.enter_s - at_s - seal.closed_at_s
                if here and one.enter_s > at_s and margin_s >= 0:
                    return seal, margin_s
        return None

    def _road(self, seal: Seal) -> str:
        return road_text(seal.site.name, seal.site.lon, seal.site.lat, self.places)

    def _basis(self, at_s: float) -> list[Sighting]:
        """The sightings that a plan rested on then: the last confirmed place, or all places."""
        known = self.history.area_at(Sightings, at_s)
        kept = [one for one in known.standing() if not one.nothing_seen]
        sure = [one for one in kept if one.confirmed]
        return [max(sure, key=lambda one: one.seen_s)] if sure else kept

    def _problem(self, at_s: float) -> SealingProblem | None:
        sources = tuple(source for one in self._basis(at_s) for source in self._sources(one, at_s))
        if not sources:
            return None
        given = self.scenario.problem
        limit_s = min(given.rules.time_limit_s, _LIMIT_S)
        rules = dataclasses.replace(given.rules, time_limit_s=limit_s)
        return dataclasses.replace(given, sources=sources, now_utc_s=at_s, rules=rules)

    def _sources(self, one: Sighting, at_s: float) -> list[Source]:
        network, after_s = self.scenario.problem.network, one.seen_s - at_s
        if one.lon is None or one.lat is None:
            if one.section is None or one.section >= network.sections:
                return []
            return [Source(name=place_of(one), time_s=after_s, section=one.section)]
        within = junctions_within(network, one.lon, one.lat, one.radius_m)
        if within.size:
            return [Source(name=place_of(one), time_s=after_s, junction=int(j)) for j in within]
        (point,) = self._snapper.snap([(one.lon, one.lat)])
        return [
            Source(
                name=place_of(one), time_s=after_s, section=point.section, fraction=point.fraction
            )
        ]
