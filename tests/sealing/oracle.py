"""Brute force over all assignments of units to sites; shares no code with Stopline.

All pruning rests on two facts. A seal that is added to a sealing plan, or closed earlier, does no
harm; so holders that a site does not need may be left out. And a plan that seals must stop every
single route; so if the plan at hand leaves a route open, whatever seals must add a seal that stops
*this* route in time.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from sealing.oracle_roads import NEVER, Best, OracleRoads, Seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sealing.oracle_roads import Assignment, Cost


class Oracle(OracleRoads):
    """Finds the best plan of a problem by trying everything."""

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
