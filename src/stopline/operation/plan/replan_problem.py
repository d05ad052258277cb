"""The problem of a re-plan: the adopted plan's own, with everything as it really is now.

Nothing is counted that may not be so:

- a site that is closed stays closed, by the units that hold it;
- a unit that is on its way counts at its site from when the plan expects it there, and for any
  other site from then on, as if it drove there first: its place on the road is not known;
- a late unit counts from its last position, if that is fresh, and from when it can be back there;
  without one it does not count: nobody knows when it will be where. That holds also when its order
  was withdrawn as it was late, in this re-plan and in every later one;
- who refused does not count, until its service has said since what the registered unit can do;
- the other side's seals count as in `actual`, and none of its units is moved;
- a unit without an order counts as its readiness says, or else from where the plan found it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from stopline.forces.unit import FREE, IN_POSITION, UNDER_WAY, Unit
from stopline.network.conditions import sign_time
from stopline.network.point_snapper import PointSnapper
from stopline.operation.orders.projection import OPEN
from stopline.operation.plan.replan_sites import (
    joined_sites,
    listed_sites,
    needed_sites,
    parts_of,
    place_of,
    places_of,
)
from stopline.operation.plan.verdict import sources_now
from stopline.scenario.orders import point_on_site
from stopline.sealing.plan_file.file import zone_of
from stopline.sealing.plan_file.reading import exits_of, vehicle_of
from stopline.sealing.problem import Rules, SealingProblem, SiteList

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stopline.network.road_network import RoadNetwork
    from stopline.operation.orders.actual_closures import Actual, Wanted
    from stopline.operation.orders.projection import Order
    from stopline.operation.plan.live_units import LiveUnits
    from stopline.sealing.plan_file.schema import SitePart, UnitPart

_MOST_COMPUTING_S: Final = 10.0
_ENDED: Final = frozenset({"withdrawn", "reopened"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanning:
    """A problem with what may not be moved in it.

    Attributes:
        problem: what is asked, counted from now.
        fixed: number of the site by unit, for what stays where it is.
        ordered: the same for all that have an order or stand, the fixed ones too.
        sides: names of our side in the plan.
        left_out: units that are not counted, with why, in words.
    """

    problem: SealingProblem
    fixed: dict[str, int]
    ordered: dict[str, int]
    sides: frozenset[str]
    left_out: tuple[str, ...]


def replanning(
    actual: Actual,
    orders: Iterable[Order],
    network: RoadNetwork,
    sites: SiteList | None,
    live: LiveUnits,
    sent: Mapping[str, UnitPart],
) -> Replanning:
    """Make the problem.

    Args:
        actual: what is really closed.
        orders: all orders of this side.
        network: the plan's network.
        sites: all that may be sealed; None for those that the plan names.
        live: our units by their live readiness.
        sent: our units with orders, as the plan that sent them describes them, by id.
    """
    return _ReplanMaking(actual, tuple(orders), network, sites, live, sent).make()


class _ReplanMaking:
    """One problem in the making."""

    def __init__(
        self,
        actual: Actual,
        orders: tuple[Order, ...],
        network: RoadNetwork,
        sites: SiteList | None,
        live: LiveUnits,
        sent: Mapping[str, UnitPart],
    ) -> None:
        self.actual, self.orders, self.network = actual, orders, network
        self.live, self.sent = live, sent
        self.points = PointSnapper(network)
        named: dict[tuple[str, int], SitePart] = {(p.kind, p.index): p for p in parts_of(actual)}
        base = sites if sites is not None else listed_sites(named.values())
        missing = [
            place
            for place in map(place_of, needed_sites(actual, orders))
            if place not in set(places_of(base))
        ]
        self.sites = joined_sites(base, [(place, named.get(place)) for place in missing], actual)
        self.number = {place: n for n, place in enumerate(places_of(self.sites))}
        self.units: list[Unit] = []
        self.places: list[tuple[int, float]] = []
        self.fixed: dict[str, int] = {}
        self.ordered: dict[str, int] = {}
        self.left_out: list[str] = []

    def make(self) -> Replanning:
        actual, plan = self.actual, self.actual.plan
        last = {one.issued.unit: one for one in self.orders}
        sides = frozenset(unit.side for unit in self.sent.values())
        listed = {**self.sent, **{unit.id: unit for unit in plan.units if unit.side in sides}}
        known = {name for name, unit in self.live.units.items() if unit.side in sides}
        for name in sorted({*listed, *last, *known}):
            self._ours(name, listed.get(name), last.get(name), min(sides, default="ours"))
        for wanted in actual.wanted:
            if wanted.theirs and not wanted.why:
                self._theirs(wanted)
        later_s = actual.now_s - plan.now_utc_s
        wall_clock = sign_time(self.network.conditions, actual.now_s, zone_of(plan))
        sources, _ = sources_now(actual, self.network)
        given = plan.rules
        partial = given.partial if given.partial in {"cover", "delay"} else "cover"
        problem = SealingProblem(
            network=self.network,
            vehicle=replace(vehicle_of(plan), local_time=wall_clock),
            sources=tuple(replace(one, time_s=one.time_s - later_s) for one in sources),
            exits=exits_of(plan),
            sites=self.sites,
            units=tuple(self.units),
            unit_places=tuple(self.places),
            rules=Rules(
                margin_s=given.margin_s, enough_margin_s=given.enough_margin_s,
                objective=given.objective, partial=partial, keep_gain=given.keep_gain,
                time_limit_s=min(given.time_limit_s, _MOST_COMPUTING_S),
                units_obey_one_way=given.units_obey_one_way,
                units_cross_borders=given.units_cross_borders,
                units_obey_access_signs=given.units_obey_access_signs,
                units_open_gates=given.units_open_gates,
                units_use_fords=given.units_use_fords,
                units_use_ferries=given.units_use_ferries,
                local_time=wall_clock,
            ),
            now_utc_s=actual.now_s, zone=zone_of(plan),
        )  # fmt: skip
        return Replanning(
            problem=problem, fixed=self.fixed, ordered=self.ordered, sides=sides,
            left_out=tuple(self.left_out),
        )  # fmt: skip

    def _ours(self, name: str, part: UnitPart | None, order: Order | None, side: str) -> None:
        """A unit of ours, as it is."""
        why = self._why_not(name, order)
        if why:
            self.left_out.append(f"{name} ({why})")
        elif order is None or self._is_free(name, order):
            self._free(name, part)
        elif order.is_late(self.actual.now_s):
            # It may have driven on: it is back there after as long as it was away at most.
            now, age_s = self.live.units[name], self.live.fix_age_s[name]
            self._live(replace(now, ready_s=age_s, status=UNDER_WAY))
            self.ordered[name] = self.number[place_of(order.issued.site)]
        else:
            self._ordered(name, part, order, side)

    def _why_not(self, name: str, order: Order | None) -> str:
        """Why a unit of ours is not counted, in words; empty if it is."""
        at_work = order is not None and order.state in {*OPEN, "closed"}
        if not at_work and name in self.live.out:
            return self.live.out[name]
        if order is None:
            return ""
        if order.state == "refused":
            return "" if name in self.live.units else "refused"
        late = order.is_late(self.actual.now_s) or order.was_late
        return "late, its place is not known" if late and not self._is_fresh(name) else ""

    def _free(self, name: str, part: UnitPart | None) -> None:
        """A unit that holds no order: as its readiness says, or else from where the plan has it."""
        now = self.live.units.get(name)
        if now is not None:
            self._live(replace(now, status=FREE))
            return
        assert part is not None  # noqa: S101  (a name comes from a plan, an order or readiness)
        ready_s = max(self.actual.plan.now_utc_s + part.ready_s - self.actual.now_s, 0.0)
        self._add(_unit(part, ready_s=ready_s, status=FREE), self._stands(part))

    def _is_free(self, name: str, order: Order) -> bool:
        """Whether a unit counts by its readiness, and not by the order that it had."""
        return order.state == "refused" or (order.state in _ENDED and self._is_fresh(name))

    def _is_fresh(self, name: str) -> bool:
        return name in self.live.fix_age_s and name in self.live.units

    def _live(self, unit: Unit) -> None:
        rules = self.actual.plan.rules
        where = [(unit.lon, unit.lat)]
        (point,) = self.points.place_units(where, rules, [unit.status == IN_POSITION])
        self._add(unit, (point.section, point.fraction))

    def _ordered(self, name: str, part: UnitPart | None, order: Order, side: str) -> None:
        """A unit that holds its site, is on its way there, or was."""
        now_s = self.actual.now_s
        unit = _unit(part, side=side) if part is not None else self._unlisted(order, side)
        number = self.number[place_of(order.issued.site)]
        setup_s = float(self.sites.setup_s[number])
        if order.state == "closed" and order.closed_s is not None:
            self._at(unit, number, order.closed_s - now_s, IN_POSITION)
            self.fixed[name] = number
        elif order.state in OPEN:
            self._at(unit, number, max(order.expected_s, now_s) - setup_s - now_s, UNDER_WAY)
            self.ordered[name] = number
        else:  # withdrawn or reopened: it is there, or on its way there, and free
            there_s = 0.0 if order.closed_s is not None else order.expected_s - setup_s - now_s
            self._at(unit, number, max(there_s, 0.0), FREE)

    def _theirs(self, wanted: Wanted) -> None:
        """Their seal, by one force that stays there; whoever it is."""
        from_s = min(
            one.from_s
            for one in self.actual.closings
            if f"{one.kind} {one.index}" == wanted.site and one.until_s == math.inf
        )
        ready_s = from_s + self.actual.plan.now_utc_s - self.actual.now_s
        name = f"{wanted.who}: {wanted.site}"
        unit = self._anybody(name, wanted.who, "", wanted.need)
        number = self.number[place_of(wanted.site)]
        self._at(replace(unit, strength=int(self.sites.need[number])), number, ready_s, IN_POSITION)
        self.fixed[name] = number

    def _unlisted(self, order: Order, side: str) -> Unit:
        issued = order.issued
        return self._anybody(issued.unit, side, issued.agency, issued.strength)

    def _anybody(self, name: str, side: str, agency: str, strength: int) -> Unit:
        return Unit(
            id=name, side=side, agency=agency, lon=0.0, lat=0.0, strength=strength,
            may_act_in=frozenset(self.network.territories), name=name,
        )  # fmt: skip

    def _at(self, unit: Unit, number: int, ready_s: float, status: str) -> None:
        """Put a unit at a site."""
        index, junction = int(self.sites.index[number]), bool(self.sites.is_junction[number])
        end = index if junction else int(self.network.section_tail[index])
        lon, lat = float(self.network.junction_lon[end]), float(self.network.junction_lat[end])
        if not junction:
            line = self.network.geometry(index)
            lon, lat = (float(x) for x in line[len(line) // 2])
        point, lon, lat = point_on_site(self.network, index, lon, lat, is_junction=junction)
        there = replace(unit, lon=lon, lat=lat, ready_s=ready_s, status=status)
        self._add(there, (point.section, point.fraction))

    def _stands(self, part: UnitPart) -> tuple[int, float]:
        if part.section is not None and part.fraction is not None:
            return part.section, part.fraction
        rules = self.actual.plan.rules
        (point,) = self.points.place_units([(part.lon, part.lat)], rules, [False])
        return point.section, point.fraction

    def _add(self, unit: Unit, place: tuple[int, float]) -> None:
        self.units.append(unit)
        self.places.append(place)


def _unit(part: UnitPart, *, side: str = "", ready_s: float = 0.0, status: str = FREE) -> Unit:
    return Unit(
        id=part.id, side=part.side or side, agency=part.agency, lon=part.lon, lat=part.lat,
        ready_s=ready_s, speed_factor=part.speed_factor, strength=part.strength,
        may_act_in=frozenset(part.may_act_in), name=part.name, status=status,
    )  # fmt: skip
