"""The problem of a plan from what a node knows: where it was seen, who is where, what is promised.

Nothing is typed again and "now" is now. Of the units:

- a unit counts as its readiness says, at its last fix or its base;
- one that is under way on an order, without a fresh fix, counts at its site from when the plan
  expects it there, and for any other site from then on, as if it drove there first;
- a late one counts from its last position, if that is fresh; without one it does not count;
- one that is promised to the other side can hold the promised site alone;
- before any unit is registered, those of the region's scenario count, ready from now on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stopline.forces.unit import IN_POSITION, UNDER_WAY
from stopline.network.point_snapper import PointSnapper
from stopline.operation.core.context import seconds
from stopline.operation.core.errors import NotNow
from stopline.operation.core.happenings import Happenings
from stopline.operation.intelligence.projection import Intelligence
from stopline.operation.joint.unit_bindings import units_for_our_plan, with_bound_units
from stopline.operation.orders.projection import Orders
from stopline.operation.plan.verdict import sources_of_sighting
from stopline.operation.readiness.planner import (
    OLDEST_FIX_S,
    not_counted,
    place_at,
    units_now,
)
from stopline.operation.readiness.projection import Readiness
from stopline.operation.sightings.for_belief import for_belief, intelligence_for_belief
from stopline.operation.sightings.projection import Sightings
from stopline.scenario.sources import sources_around

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.belief.sightings import Sighting as Believed
    from stopline.forces.unit import Unit
    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState
    from stopline.operation.joint.unit_bindings import Binding
    from stopline.operation.orders.projection import Order
    from stopline.operation.sightings.projection import Sighting
    from stopline.scenario.loader import Scenario
    from stopline.sealing.problem import Source

_PLACE_M = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a proposal is made from, taken out of the book.

    Attributes:
        incident: which.
        now_s: the moment, UTC seconds.
        seen: sightings of the vehicle that count: the last confirmed one, or all.
        told: all sightings as the belief takes them.
        alarm: where and when it happened, as the alarm says; None without an alarm.
        units: our units as they are; None before any is registered.
        out: why others are not counted, by id.
        fix_age_s: seconds since the last fix, by unit.
        orders: our orders that stand, by unit.
        bound: units that are promised to the other side.
    """

    incident: str
    now_s: float
    seen: tuple[Sighting, ...]
    told: tuple[Believed, ...]
    alarm: tuple[str, float] | None
    units: tuple[Unit, ...] | None
    out: Mapping[str, str]
    fix_age_s: Mapping[str, float]
    orders: Mapping[str, Order]
    bound: Mapping[str, Binding]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedProblem:
    """A problem with what must be said of it.

    Attributes:
        scenario: the region with the problem as it is now.
        sides: our side's names in its units.
        out: why units are not counted, by id.
        place: where the vehicle was seen last.
        seen_s: when, UTC seconds.
        sightings: ids of those that it counts from.
        notes: in words.
    """

    scenario: Scenario
    sides: tuple[str, ...]
    out: Mapping[str, str]
    place: str
    seen_s: float
    sightings: tuple[str, ...]
    notes: tuple[str, ...]


def known_now(book: NodeState, incident: Incident, now_s: float, destinations: set[str]) -> Known:
    """Read what a proposal is made from."""
    readiness = book.projection(Readiness)
    seen = [one for one in incident.projection(Sightings).standing() if not one.nothing_seen]
    confirmed = [one for one in seen if one.confirmed]
    standing = {one.issued.unit: one for one in incident.projection(Orders).standing()}
    out = dict(not_counted(readiness, now_s))
    bound = units_for_our_plan(book, incident.id, now_s)
    out |= {name: one.why for name, one in bound.items() if not one.site}
    alarm = incident.projection(Happenings).alarm
    told = for_belief(incident.projection(Sightings).by_id.values(), destinations)
    told += intelligence_for_belief(incident.projection(Intelligence).used, destinations)
    return Known(
        incident=incident.id, now_s=now_s, seen=tuple(confirmed[-1:] or seen), told=tuple(told),
        alarm=None if alarm is None else (alarm.place, seconds(alarm.happened)),
        units=units_now(readiness, now_s) if readiness.units else None, out=out,
        fix_age_s={name: max(0.0, now_s - fix.at_s) for name, fix in readiness.fixes.items()},
        orders=standing, bound=bound,
    )  # fmt: skip


def problem_of(
    known: Known, scenario: Scenario, points: PointSnapper | None = None
) -> AskedProblem:
    """Make the problem.

    Raises:
        NotNow: nothing says where the vehicle was, or no unit can be counted.
    """
    points = points or PointSnapper(scenario.problem.network)
    made = _Making(known, scenario, points)
    return made.make()


class _Making:
    """One problem in the making."""

    def __init__(self, known: Known, scenario: Scenario, points: PointSnapper) -> None:
        self.known, self.scenario, self.points = known, scenario, points
        self.base = scenario.problem
        self.network = self.base.network
        self.notes: list[str] = []
        self.out = dict(known.out)
        self.number = {
            ("junction" if junction else "section", int(index)): number
            for number, (junction, index) in enumerate(
                zip(
                    self.base.sites.is_junction.tolist(),
                    self.base.sites.index.tolist(),
                    strict=True,
                )
            )
        }

    def make(self) -> AskedProblem:
        sources, sightings, place, seen_s = self._sources()
        units, places = self._units()
        if not units:
            raise NotNow("no unit can be counted on: " + (_words(self.out) or "none is registered"))
        problem = replace(
            self.base, sources=sources, units=units, unit_places=places,
            now_utc_s=self.known.now_s,
        )  # fmt: skip
        problem = with_bound_units(
            problem, {name: one for name, one in self.known.bound.items() if one.site}
        )
        orders = {
            name: number
            for name, order in self.known.orders.items()
            if (number := self._site(order)) is not None
            and any(unit.id == name for unit in problem.units)
        }
        scenario = replace(
            self.scenario, problem=problem, orders=orders, assess=False, sightings=self.known.told
        )
        return AskedProblem(
            scenario=scenario, sides=tuple(sorted({unit.side for unit in problem.units})),
            out=self.out, place=place, seen_s=seen_s, sightings=sightings,
            notes=tuple(self.notes),
        )  # fmt: skip

    # ---- where it was ------------------------------------------------------------------------

    def _sources(self) -> tuple[tuple[Source, ...], tuple[str, ...], str, float]:
        sources: list[Source] = []
        used: list[Sighting] = []
        for one in self.known.seen:
            found = self._placed(one)
            if found:
                sources += found
                used.append(one)
            else:
                self.notes.append(
                    f"the sighting at {one.place or one.id} is near no road: left out"
                )
        if used:
            last = max(used, key=lambda one: one.seen_s)
            if not last.confirmed:
                self.notes.append("no sighting is confirmed: it holds against all of them")
            return tuple(sources), tuple(one.id for one in used), last.place, last.seen_s
        return self._from_alarm()

    def _placed(self, seen: Sighting) -> tuple[Source, ...]:
        after_s = seen.seen_s - self.known.now_s
        if seen.section is None and seen.lon is None:
            return self._at_place(seen.place, after_s)
        return sources_of_sighting(seen, after_s, self.network)

    def _from_alarm(self) -> tuple[tuple[Source, ...], tuple[str, ...], str, float]:
        if self.known.alarm is not None:
            place, at_s = self.known.alarm
            found = self._at_place(place, at_s - self.known.now_s)
            if found:
                self.notes.append(f"nobody has seen it yet: it counts from the alarm at {place}")
                return found, (), place, at_s
        names = ", ".join(self.scenario.places) or "none"
        left_out = "".join(f"{note}; " for note in self.notes)
        raise NotNow(
            f"{left_out}nothing says where the vehicle was; note a sighting first, for example "
            f"`sighting.note place=PLACE`, with a place of the region ({names}) or lon and lat"
        )

    def _at_place(self, name: str, after_s: float) -> tuple[Source, ...]:
        wanted = name.casefold().strip()
        for known, (lon, lat) in self.scenario.places.items():
            if known.casefold() == wanted:
                at = (lon, lat, 0.0)
                found = sources_around(self.network, self.points, at, known, after_s, _PLACE_M)
                return tuple(found)
        return ()

    # ---- the units ---------------------------------------------------------------------------

    def _units(self) -> tuple[tuple[Unit, ...], tuple[tuple[int, float], ...]]:
        if self.known.units is None:
            return self._of_the_region()
        kept: list[tuple[Unit, tuple[int, float]]] = []
        for unit in self.known.units:
            if unit.id in self.out:
                continue
            placed = self._unit(unit, self.known.orders.get(unit.id))
            if placed is not None:
                kept.append(placed)
        return tuple(unit for unit, _ in kept), tuple(place for _, place in kept)

    def _of_the_region(self) -> tuple[tuple[Unit, ...], tuple[tuple[int, float], ...]]:
        self.notes.append(
            "no unit is registered at this node: those of the region's scenario are counted, as "
            "if they were free at their bases"
        )
        base = self.base
        if base.unit_places is not None:
            return base.units, base.unit_places
        return base.units, tuple(self._place(unit) for unit in base.units)

    def _unit(self, unit: Unit, order: Order | None) -> tuple[Unit, tuple[int, float]] | None:
        """A unit where it is; None if nobody knows where that is."""
        now_s, age_s = self.known.now_s, self.known.fix_age_s.get(unit.id)
        fresh = age_s is not None and age_s <= OLDEST_FIX_S
        if order is not None and order.is_late(now_s):
            if not fresh or age_s is None:
                self.out[unit.id] = "late, its place is not known"
                return None
            return self._here(replace(unit, ready_s=age_s, status=UNDER_WAY))
        if order is not None and order.state in {"in position", "closed"}:
            there = self._there(replace(unit, ready_s=0.0, status=IN_POSITION), order)
            return there or self._here(unit)
        if order is not None and order.state == "under way" and not fresh:
            number = self._site(order)
            setup_s = 0.0 if number is None else float(self.base.sites.setup_s[number])
            at_s = max(order.expected_s, now_s) - now_s
            there = self._there(replace(unit, ready_s=at_s - setup_s, status=UNDER_WAY), order)
            return self._here(unit) if there is None else self._expected(*there, at_s)
        return self._here(unit)

    def _here(self, unit: Unit) -> tuple[Unit, tuple[int, float]]:
        return unit, self._place(unit)

    def _expected(
        self, unit: Unit, place: tuple[int, float], at_s: float
    ) -> tuple[Unit, tuple[int, float]]:
        """A unit that is expected at its site, where the checker puts it, too."""
        where = self._place(unit)
        if where[0] == place[0]:
            return unit, where
        # Units are put on roads that they surely get on from, and its site is on none: it counts
        # as one that stands there from when it is expected.
        return replace(unit, ready_s=at_s, status=IN_POSITION), place

    def _place(self, unit: Unit) -> tuple[int, float]:
        """Where the checker puts a unit, too."""
        where, fixed = [(unit.lon, unit.lat)], [unit.status == IN_POSITION]
        (point,) = self.points.place_units(where, self.base.rules, fixed)
        return point.section, point.fraction

    def _there(self, unit: Unit, order: Order) -> tuple[Unit, tuple[int, float]] | None:
        place = place_at(self.network, order.issued.site)
        if place is None:
            return None
        lon, lat = order.issued.lon, order.issued.lat
        return (unit if lon is None or lat is None else replace(unit, lon=lon, lat=lat)), place

    def _site(self, order: Order) -> int | None:
        kind, _, number = order.issued.site.partition(" ")
        return self.number.get((kind, int(number))) if number.isdecimal() else None


def _words(out: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({why})" for name, why in sorted(out.items()))
