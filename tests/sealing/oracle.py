"""Brute force over all assignments of units to sites; shares no code with Stopline.

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
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

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


class Oracle:
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
        if place.is_junction:
            return self.may_be(unit, place.index)
        return self.may_be(unit, self.tail[place.index]) or self.may_be(
            unit, self.head[place.index]
        )

    def drive_s(self, number: int) -> tuple[list[float], int]:
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

    def search(  # noqa: C901  (one search, read from top to bottom)
        self,
        margin_s: float,
        cost: Callable[[Seal], Cost] | None = None,
        *,
        exits: Sequence[int] | None = None,
        horizon_s: float = NEVER,
        latest_s: float = NEVER,
    ) -> Best | None:
        """The cheapest assignment that leaves none of the exits open before the horizon.

        Args:
            margin_s: how long before the vehicle a seal must be closed.
            cost: of one seal, none of its parts negative; compared as a tuple after summing over
                the seals. Without it, any assignment is as good as another.
            exits: numbers of the exits that count, all if not given.
            horizon_s: escapes at this time or later do not count.
            latest_s: seals closed later than this are not allowed.
        """
        best: Best | None = None
        seen: set[frozenset[Seal]] = set()

        def extend(seals: Assignment, total: Cost) -> None:
            nonlocal best
            if best is not None and (cost is None or total >= best.cost):
                return
            key = frozenset(seals)
            if key in seen:
                return
            seen.add(key)
            walk = self.escape(self.shut(seals, margin_s), exits=exits, horizon_s=horizon_s)
            if walk is None:
                best = Best(total, seals)
                return
            used = {unit for seal in seals for unit in seal.units}
            closed = {seal.site for seal in seals}
            latest: dict[int, float] = {}
            for place, at_s in walk.events:
                site = self.site_of.get(place)
                if site is not None and site not in closed:
                    latest[site] = max(latest.get(site, -NEVER), at_s)
            for site, at_s in latest.items():
                for team, closed_s in self.minimal_teams[site]:
                    if (
                        closed_s + margin_s <= at_s
                        and closed_s <= latest_s
                        and used.isdisjoint(team)
                    ):
                        seal = Seal(site, team)
                        more = cost(seal) if cost else ()
                        extend((*seals, seal), tuple(map(sum, zip(total, more, strict=True))))

        zero = tuple(0.0 for _ in cost(Seal(0, ()))) if cost and self.sites else ()
        if cost and not self.sites:
            zero = (0.0,)
        extend((), zero)
        return best

    def units_cost(self, seal: Seal) -> Cost:
        return (float(len(seal.units)),)

    def strength_cost(self, seal: Seal) -> Cost:
        return (float(sum(self.strength[u] for u in seal.units)),)

    def units_then_disturbance(self, seal: Seal) -> Cost:
        return (float(len(seal.units)), self.disturbance[seal.site])

    # The answers.

    def can_seal(self, margin_s: float, exits: Sequence[int] | None = None) -> bool:
        return self.search(margin_s, exits=exits) is not None

    def fewest_units(self, margin_s: float) -> int | None:
        best = self.search(margin_s, self.units_cost)
        return None if best is None else round(best.cost[0])

    def least_strength(self, margin_s: float) -> int | None:
        best = self.search(margin_s, self.strength_cost)
        return None if best is None else round(best.cost[0])

    def margin_of(self, seals: Sequence[Seal], tolerance_s: float = 0.01) -> float:
        """The largest margin with which these seals still seal; -inf if with none."""
        return _bisect(
            lambda m: self.escape(self.shut(seals, m)) is None,
            *self._margins(),
            tolerance_s=tolerance_s,
        )

    def largest_margin(self, tolerance_s: float = 0.2) -> float:
        """The largest margin at which sealing is possible, at most what is enough."""
        return _bisect(self.can_seal, *self._margins(), tolerance_s=tolerance_s)

    def _margins(self) -> tuple[float, float]:
        rules = self.problem.rules
        return rules.margin_s, max(rules.enough_margin_s, rules.margin_s)

    def earliest_last_closing(self, margin_s: float) -> float | None:
        """The earliest time by which all seals of a sealing plan can be closed; -inf for none."""
        if not self.can_seal(margin_s):
            return None
        times = sorted({s for teams in self.minimal_teams for _, s in teams})
        low, high = -1, len(times) - 1  # times[high] is enough; times[low], or no seal, may be
        if self.escape({}) is None:
            return -NEVER
        while high - low > 1:
            middle = (low + high) // 2
            if self.search(margin_s, latest_s=times[middle]) is None:
                low = middle
            else:
                high = middle
        return times[high]

    def best_cover(self, margin_s: float) -> float:
        """The largest weight of exits that can be sealed off together."""
        numbers = range(len(self.exits))
        weights = [e.weight for e in self.problem.exits]
        subsets = [
            subset for size in range(len(numbers) + 1) for subset in combinations(numbers, size)
        ]
        subsets.sort(key=lambda subset: -sum(weights[e] for e in subset))
        for subset in subsets:
            if self.can_seal(margin_s, subset):
                return sum(weights[e] for e in subset)
        raise AssertionError

    def best_delay(self, margin_s: float, tolerance_s: float = 0.2) -> float:
        """The latest time to which the earliest escape can be put off."""
        first = self.escape({})
        if first is None or self.can_seal(margin_s):
            return NEVER
        longest = sum(self.vehicle_s) * (2 if not self.bans else 4)
        return _bisect(
            lambda t: self.search(margin_s, horizon_s=t) is not None,
            first.end_s,
            max(source.time_s for source in self.problem.sources) + longest,
            tolerance_s=tolerance_s,
        )

    def reached(self, seals: Iterable[Seal], margin_s: float) -> dict[int, float]:
        """The exits that stay open under some seals, with the earliest escapes."""
        return self.front(self.shut(seals, margin_s)).exit_s

    # The literal enumeration, to hold the search above against; for the smallest problems only.

    def every_assignment(self) -> Iterator[Assignment]:
        """All ways to put units on sites (or to leave them out), with sites that get closed."""
        units = range(len(self.problem.units))

        def place(unit: int, sites: dict[int, tuple[int, ...]]) -> Iterator[Assignment]:
            if unit == len(units):
                seals = tuple(Seal(site, team) for site, team in sites.items())
                if all(self.closing_s(seal) < NEVER for seal in seals):
                    yield seals
                return
            yield from place(unit + 1, sites)
            for site in range(len(self.sites)):
                if self.ready[unit][site] < NEVER:
                    yield from place(unit + 1, {**sites, site: (*sites.get(site, ()), unit)})

        yield from place(0, {})

    def unhindered_says_possible(self, margin_s: float) -> bool:
        """Whether an assignment exists that is in time for the unhindered vehicle everywhere.

        Such seals are as good as removed roads, so each route needs one of them.
        """
        front = self.front({})
        best: list[bool] = []
        seen: set[frozenset[Seal]] = set()

        def extend(seals: Assignment) -> None:
            key = frozenset(seals)
            if best or key in seen:
                return
            seen.add(key)
            walk = self.escape({self.sites[s.site]: -NEVER for s in seals})
            if walk is None:
                best.append(True)
                return
            used = {unit for seal in seals for unit in seal.units}
            closed = {seal.site for seal in seals}
            for place in dict.fromkeys(place for place, _ in walk.events):
                site = self.site_of.get(place)
                if site is None or site in closed:
                    continue
                for team, closed_s in self.minimal_teams[site]:
                    if closed_s + margin_s <= front.first_at[place] and used.isdisjoint(team):
                        extend((*seals, Seal(site, team)))

        extend(())
        return bool(best)


def _bisect(
    possible: Callable[[float], bool], low: float, high: float, *, tolerance_s: float
) -> float:
    """The largest value at which something is possible that is possible below; -inf for none."""
    if not possible(low):
        return -NEVER
    if possible(high):
        return high
    while high - low > tolerance_s:
        middle = (low + high) / 2
        low, high = (middle, high) if possible(middle) else (low, middle)
    return low
