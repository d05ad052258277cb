"""Drives of the vehicle and of units for the brute force; shares no code with Stopline.

It reads the arrays of the problem and works out everything else itself: driving times, who may
hold what and from when, and the vehicle's earliest arrival. All pruning rests on two facts. A seal
that is added to a sealing plan, or closed earlier, does no harm; so holders that a site does not
need may be left out. And a plan that seals must stop every single route; so if the plan at hand
leaves a route open, whatever seals must add a seal that stops *this* route in time.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from stopline.forces.unit import Unit
    from stopline.sealing.problem import SealingProblem, Source

NEVER = math.inf
BOTH_WAYS, FORWARD_ONLY, BACKWARD_ONLY = 0, 1, 2
NOWHERE = -1
ROADS = ("motorway", "trunk", "primary", "secondary", "tertiary")
SMALL_ROADS = ("unclassified", "residential", "living_street", "service", "track")
CLASSES = (*ROADS, *SMALL_ROADS, *(f"{road}_link" for road in ROADS))

Cost = tuple[float, ...]


class Place(NamedTuple):
    """What can be sealed or reached: a section or a junction."""

    is_junction: bool
    index: int


class State(NamedTuple):
    """Where the vehicle can decide: a junction, and the section it came by if turns matter."""

    junction: int
    came_by: int


class Arc(NamedTuple):
    """One direction of a section."""

    section: int
    head: int
    time_s: float


class Seal(NamedTuple):
    """A site number and the unit numbers that hold it."""

    site: int
    units: tuple[int, ...]


Assignment = tuple[Seal, ...]


@dataclass(frozen=True)
class Walk:
    """A route: what it enters or arrives at, and when; `end_s` is its arrival at the exit."""

    events: tuple[tuple[Place, float], ...]
    exit: int
    end_s: float


@dataclass(frozen=True)
class Best:
    """The cheapest assignment found."""

    cost: Cost
    seals: Assignment


@dataclass
class Front:
    """Earliest arrivals under a set of closings."""

    time_s: dict[State, float] = field(default_factory=dict)
    first_at: dict[Place, float] = field(default_factory=dict)  # attempts count, barred or not
    exit_s: dict[int, float] = field(default_factory=dict)
    exit_by: dict[int, tuple[State | None, Arc, float]] = field(default_factory=dict)
    before: dict[State, tuple[State | None, Arc | None, float]] = field(default_factory=dict)


class OracleRoads:
    """The truth about one small problem."""

    def __init__(self, problem: SealingProblem) -> None:
        self.problem = problem
        network = problem.network
        self.junctions = len(network.junction_lon)
        self.tail = network.section_tail.tolist()
        self.head = network.section_head.tolist()
        self.length = network.section_length_m.tolist()
        self.limit = network.section_speed_mps.tolist()
        self.direction = network.section_direction.tolist()
        self.road_class = network.section_class.tolist()
        self.territory = [
            network.territories[t] if t != NOWHERE else "" for t in network.junction_territory
        ]
        sites = problem.sites
        self.sites = [
            Place(bool(is_junction), int(index))
            for is_junction, index in zip(sites.is_junction, sites.index, strict=True)
        ]
        self.site_of = {place: number for number, place in enumerate(self.sites)}
        assert len(self.site_of) == len(self.sites), "a site is listed twice"
        self.need = sites.need.tolist()
        self.setup_s = sites.setup_s.tolist()
        self.disturbance = sites.disturbance.tolist()
        self.exits = [Place(str(e.kind) == "junction", e.index) for e in problem.exits]
        self.ways_out = set(self.exits)  # where the vehicle is gone, and does not come back
        self.strength = [unit.strength for unit in problem.units]
        bans = (network.turn_from, network.turn_via, network.turn_to)
        self.bans: set[tuple[int, int, int]] = (
            set(zip(*(part.tolist() for part in bans), strict=True))
            if problem.vehicle.obeys_turn_bans
            else set()
        )

    # What the vehicle can drive.

    @cached_property
    def vehicle_s(self) -> list[float]:
        """Driving time of every section."""
        vehicle = self.problem.vehicle
        by_class = vehicle.class_speed_mps or {}
        times = []
        for length, limit, number in zip(self.length, self.limit, self.road_class, strict=True):
            speed = by_class.get(CLASSES[number], limit * vehicle.speed_factor)
            times.append(length / min(max(speed, vehicle.min_speed_mps), vehicle.max_speed_mps))
        return times

    def directions(self, section: int, *, signed: bool) -> Iterator[tuple[int, int]]:
        """(from, to) of each direction in which a section may be driven."""
        sign = self.direction[section] if signed else BOTH_WAYS
        if sign != BACKWARD_ONLY:
            yield self.tail[section], self.head[section]
        if sign != FORWARD_ONLY:
            yield self.head[section], self.tail[section]

    @cached_property
    def arcs(self) -> list[list[Arc]]:
        """What the vehicle can drive from each junction."""
        leaving: list[list[Arc]] = [[] for _ in range(self.junctions)]
        signed = self.problem.vehicle.obeys_one_way
        for section, time_s in enumerate(self.vehicle_s):
            for begin, end in self.directions(section, signed=signed):
                leaving[begin].append(Arc(section, end, time_s))
        return leaving

    def first_drives(self, source: Source) -> Iterator[tuple[int, float, int]]:
        """(section, arrival, junction) of the partial drives from a source on a section."""
        section = source.section
        assert section is not None
        signed = self.problem.vehicle.obeys_one_way
        sign = self.direction[section] if signed else BOTH_WAYS
        whole = self.vehicle_s[section]
        if sign != BACKWARD_ONLY:
            yield section, source.time_s + (1 - source.fraction) * whole, self.head[section]
        if sign != FORWARD_ONLY:
            yield section, source.time_s + source.fraction * whole, self.tail[section]

    def state(self, junction: int, came_by: int) -> State:
        return State(junction, came_by if self.bans else NOWHERE)

    def front(  # noqa: C901, PLR0912  (one search, read from top to bottom)
        self, shut: Mapping[Place, float], *, horizon_s: float = NEVER
    ) -> Front:
        """Search the earliest arrivals; `shut` says from when on a place cannot be entered.

        The search ends at the horizon: exits that are reached then or later are not reported.
        """
        front = Front()
        queue: list[tuple[float, int, State]] = []
        count = 0

        def arrive(
            at_s: float, state: State, origin: State | None, arc: Arc | None, begin_s: float
        ) -> bool:
            nonlocal count
            place = Place(True, state.junction)
            front.first_at[place] = min(front.first_at.get(place, NEVER), at_s)
            if at_s >= shut.get(place, NEVER) or at_s >= horizon_s:
                return False
            if place in self.ways_out:
                return True
            if at_s < front.time_s.get(state, NEVER):
                front.time_s[state] = at_s
                front.before[state] = (origin, arc, begin_s)
                count += 1
                heapq.heappush(queue, (at_s, count, state))
            return True

        for source in self.problem.sources:
            if source.junction is not None:
                start = State(source.junction, NOWHERE)
                if source.time_s < min(front.time_s.get(start, NEVER), horizon_s):
                    front.time_s[start] = source.time_s
                    front.before[start] = (None, None, source.time_s)
                    count += 1
                    heapq.heappush(queue, (source.time_s, count, start))
                continue
            for section, at_s, junction in self.first_drives(source):
                part = Arc(section, junction, at_s - source.time_s)
                came = self.state(junction, section)
                if arrive(at_s, came, None, part, source.time_s):
                    self._reach(front, Place(True, junction), at_s, (None, part, source.time_s))
        while queue:
            now_s, _, state = heapq.heappop(queue)
            if now_s > front.time_s[state]:
                continue
            for arc in self.arcs[state.junction]:
                if (state.came_by, state.junction, arc.section) in self.bans:
                    continue
                place = Place(False, arc.section)
                front.first_at[place] = min(front.first_at.get(place, NEVER), now_s)
                if now_s >= shut.get(place, NEVER):
                    continue
                at_s, step = now_s + arc.time_s, (state, arc, now_s)
                if place in self.ways_out:  # before it comes to the junction at its end
                    if at_s < horizon_s:
                        self._reach(front, place, at_s, step)
                elif arrive(at_s, self.state(arc.head, arc.section), state, arc, now_s):
                    self._reach(front, Place(True, arc.head), at_s, step)
        return front

    def _reach(
        self, front: Front, place: Place, at_s: float, step: tuple[State | None, Arc, float]
    ) -> None:
        for number, goal in enumerate(self.exits):
            if goal == place and at_s < front.exit_s.get(number, NEVER):
                front.exit_s[number] = at_s
                front.exit_by[number] = step

    def escape(
        self,
        shut: Mapping[Place, float],
        *,
        exits: Iterable[int] | None = None,
        horizon_s: float = NEVER,
    ) -> Walk | None:
        """The earliest route to one of the exits (all if not given), None if there is none."""
        front = self.front(shut, horizon_s=horizon_s)
        wanted = range(len(self.exits)) if exits is None else exits
        reached = [(front.exit_s[number], number) for number in wanted if number in front.exit_s]
        if not reached:
            return None
        end_s, number = min(reached)
        events: list[tuple[Place, float]] = []
        step: tuple[State | None, Arc | None, float] = front.exit_by[number]
        at_s = end_s
        while step[1] is not None:
            origin, arc, begin_s = step
            if events or self.exits[number].is_junction:
                events.append((Place(True, arc.head), at_s))
            if origin is None:  # the partial first drive enters nothing
                break
            events.append((Place(False, arc.section), begin_s))
            step, at_s = front.before[origin], begin_s
        return Walk(events=tuple(reversed(events)), exit=number, end_s=end_s)

    # What the units can hold.

    def may_be(self, unit: Unit, junction: int) -> bool:
        return not self.territory[junction] or self.territory[junction] in unit.may_act_in

    def may_hold(self, unit: Unit, place: Place) -> bool:
        kind = "junction" if place.is_junction else "section"
        if unit.bound_to not in {"", f"{kind} {place.index}"}:
            return False
        if place.is_junction:
            return self.may_be(unit, place.index)
        return self.may_be(unit, self.tail[place.index]) or self.may_be(
            unit, self.head[place.index]
        )

    def drive_s(self, number: int) -> tuple[list[float], int]:  # noqa: C901
        """Driving time of a unit to every junction, and the section on which it stands."""
        assert self.problem.unit_places is not None
        unit, (home, fraction) = self.problem.units[number], self.problem.unit_places[number]
        rules = self.problem.rules
        signed = rules.units_obey_one_way
        times = [NEVER] * self.junctions
        # Relax everything as often as there are junctions (Bellman and Ford): short, and unlike
        # the vehicle's search.
        legs = [
            (begin, end, self.length[section] / (self.limit[section] * unit.speed_factor))
            for section in range(len(self.tail))
            for begin, end in self.directions(section, signed=signed)
        ]
        whole = self.length[home] / (self.limit[home] * unit.speed_factor)
        sign = self.direction[home] if signed else BOTH_WAYS
        ends = []
        if sign != BACKWARD_ONLY:
            ends.append((self.head[home], (1 - fraction) * whole))
        if sign != FORWARD_ONLY:
            ends.append((self.tail[home], fraction * whole))
        # One that stands at a junction may leave by every road there.
        for junction, part in ((self.tail[home], fraction), (self.head[home], 1 - fraction)):
            if part * self.length[home] <= 1.0:
                ends.append((junction, 0.0))
        open_to = [rules.units_cross_borders or self.may_be(unit, j) for j in range(self.junctions)]
        for junction, time_s in ends:
            if open_to[junction]:
                times[junction] = min(times[junction], time_s)
        for _ in range(self.junctions):
            before = list(times)
            for begin, end, time_s in legs:
                if open_to[end] and times[begin] + time_s < times[end]:
                    times[end] = times[begin] + time_s
            if times == before:
                break
        return times, home

    @cached_property
    def ready(self) -> list[list[float]]:
        """When each unit holds each site, infinite where it cannot."""
        table = []
        for number, unit in enumerate(self.problem.units):
            times, home = self.drive_s(number)
            row = []
            for site, place in enumerate(self.sites):
                if not self.may_hold(unit, place):
                    row.append(NEVER)
                    continue
                if place.is_junction:
                    drive = times[place.index]
                elif place.index == home:
                    drive = 0.0
                else:
                    drive = min(times[self.tail[place.index]], times[self.head[place.index]])
                row.append(unit.ready_s + drive + self.setup_s[site])
            table.append(row)
        return table

    @cached_property
    def minimal_teams(self) -> list[list[tuple[tuple[int, ...], float]]]:
        """For each site, the sets of units that can close it and need all their members; when."""
        units = range(len(self.problem.units))
        found = []
        for site, need in enumerate(self.need):
            able = [u for u in units if self.ready[u][site] < NEVER]
            teams = []
            for size in range(1, len(able) + 1):
                for team in combinations(able, size):
                    total = sum(self.strength[u] for u in team)
                    if total >= need > total - min(self.strength[u] for u in team):
                        teams.append((team, max(self.ready[u][site] for u in team)))
            found.append(teams)
        return found

    def closing_s(self, seal: Seal) -> float:
        """When enough holders hold the site: the earliest time at which their strengths sum up."""
        total = 0
        for ready_s, unit in sorted((self.ready[u][seal.site], u) for u in seal.units):
            total += self.strength[unit]
            if total >= self.need[seal.site]:
                return ready_s
        return NEVER

    def shut(self, seals: Iterable[Seal], margin_s: float) -> dict[Place, float]:
        return {self.sites[s.site]: self.closing_s(s) + margin_s for s in seals}

    # The search over assignments.
