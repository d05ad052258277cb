"""When units can hold sites: `ready = free + drive + set-up`, by side, without asking every unit.

Units that drive alike (same speed, same territories) form a group. One search per group gives the
earliest units at every junction, enough to know which sites can be held at all; one search back
from a site gives the units that can be there in time, nearest first.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.compiled import read_only
from stopline.forces.nearest_kernel import nearest_units, strength_by
from stopline.forces.placing import AT_JUNCTION_M, PlacedUnits, SiteTable, Standing
from stopline.network.access import CarefulUnits, UnitAccess, unit_barred, unit_closed
from stopline.network.road_network import NO_TERRITORY, Direction
from stopline.network.search import ArrivalSearch

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork


_FIRST_HORIZON_S: Final = 150.0
_FARTHEST_S: Final = 1e6


@dataclass(frozen=True, slots=True)
class ReadinessLabels:
    """The earliest units at each junction, by group.

    Attributes:
        ready_s: float64[g, n, k], when the k-th unit of a group can be at a junction.
        unit: int32[g, n, k], which unit; -1 for none.
    """

    ready_s: NDArray[np.float64]
    unit: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Group:
    """Units that drive alike, with their metric and where they start."""

    members: NDArray[np.int32]
    time_s: NDArray[np.float64]
    allowed: NDArray[np.bool_]  # by territory, last entry for no territory
    ends: NDArray[np.int32]  # [member, 2], junctions of the section each stands on
    to_end_s: NDArray[np.float64]  # [member, 2], driving time to them
    search: ArrivalSearch
    back_search: ArrivalSearch


class UnitReadiness:
    """Driving and set-up times of placed units on a network.

    Args:
        network: the roads.
        placed: units and where they stand.
        sites: the sites that may be held.
        obey_one_way: whether units keep to one-way signs.
        cross_borders: whether they may drive through territory where they may not act.
        access: what else units drive on; only what is sure if None.
    """

    def __init__(
        self,
        network: RoadNetwork,
        placed: PlacedUnits,
        sites: SiteTable,
        *,
        obey_one_way: bool = True,
        cross_borders: bool = False,
        access: UnitAccess | None = None,
    ) -> None:
        rules = CarefulUnits() if access is None else access
        self._closed = unit_closed(network, rules)
        self._barred = unit_barred(network, rules)
        self.placed = placed
        self.sites = sites
        self.strength = np.array([u.strength for u in placed.units], dtype=np.int32)
        self.free_s = np.array([u.ready_s for u in placed.units], dtype=np.float64)
        self._network = network
        self._obey = obey_one_way and bool(network.section_unit_direction.any())
        self._cross = cross_borders
        self._groups = [self._make_group(*key) for key in self._group_keys()]
        self.may_hold = np.array(
            [self._holdable(group) for group in self._groups], dtype=bool
        ).reshape(len(self._groups), sites.ends.shape[0])
        self._standing = Standing(network, placed, sites)
        self._group_of = {
            int(unit): g for g, group in enumerate(self._groups) for unit in group.members
        }

    def __len__(self) -> int:
        return len(self.placed.units)

    def labels(
        self, enough: int, without: Collection[int] = (), latest_s: float = np.inf
    ) -> ReadinessLabels:
        """Search the earliest units everywhere.

        Args:
            enough: strength at which a junction needs to know no more units.
            without: units that are left out.
            latest_s: who is ready later may be missing.
        """
        n, left_out = self._network.junctions, set(without)
        most = 1 if not len(self) or self.strength.min() >= enough else enough
        ready_s = np.full((len(self._groups), n, most), np.inf)
        unit = np.full((len(self._groups), n, most), -1, dtype=np.int32)
        for g, group in enumerate(self._groups):
            nodes, times, who = self._starts(group, left_out)
            if most == 1:
                found = group.search.run(nodes, times, horizon_s=latest_s)
                ready_s[g, :, 0] = found.arrival_s
                unit[g, found.reached, 0] = who[found.origin[found.reached]]
            else:
                order = np.argsort(times, kind="stable")
                nearest_units(
                    read_only(self._network.first_out),
                    read_only(self._network.arc_head),
                    read_only(group.time_s),
                    read_only(nodes[order]),
                    read_only(times[order]),
                    read_only(who[order]),
                    read_only(self.strength),
                    int(enough),
                    ready_s[g],
                    unit[g],
                )
        return ReadinessLabels(ready_s, unit)

    def strength_by(
        self,
        labels: ReadinessLabels,
        sites: NDArray[np.int32],
        by_s: NDArray[np.float64],
        without: Collection[int] = (),
    ) -> NDArray[np.int32]:
        """Strength that can be at each site by its time, at most its need; int32, as `sites`.

        `without` are the units that `labels` were made without.
        """
        table = self.sites
        result = np.zeros(sites.shape[0], dtype=np.int32)
        if len(self):
            strength_by(
                read_only(table.ends[sites]),
                read_only(table.setup_s[sites]),
                read_only(table.need[sites]),
                read_only(self.may_hold.take(sites, axis=1)),
                read_only(np.ascontiguousarray(by_s, dtype=np.float64)),
                read_only(labels.ready_s),
                read_only(labels.unit),
                read_only(self.strength),
                result,
            )
            self._add_standing(labels, sites, by_s, without, result)
        return result

    def _add_standing(
        self,
        labels: ReadinessLabels,
        sites: NDArray[np.int32],
        by_s: NDArray[np.float64],
        without: Collection[int],
        result: NDArray[np.int32],
    ) -> None:
        """Count units that stand at the site itself: they need not drive to an end of it."""
        for row in np.flatnonzero(self._standing.occupied[sites]).tolist():
            site, latest_s = int(sites[row]), float(by_s[row])
            left_s = latest_s - self.sites.setup_s[site]
            able = {
                unit
                for unit in self._standing.at(site)
                if self.free_s[unit] + self.setup_s(unit, site) <= latest_s
                and unit not in without
                and self.may_hold[self._group_of[unit], site]
            }
            if not able:
                continue
            for end in self.sites.ends[site].tolist():
                for group in np.flatnonzero(self.may_hold[:, site]).tolist():
                    timely = labels.ready_s[group, end] <= left_s
                    able.update(labels.unit[group, end][timely].tolist())
            total = int(sum(self.strength[u] for u in able if u >= 0))
            result[row] = min(total, int(self.sites.need[site]))

    def near(self, site: int, by_s: float, enough: int) -> list[tuple[float, int]]:
        """Units that can hold a site by a time, earliest first, as (ready_s, unit).

        All of them, or at least the `enough` earliest (in strength).
        """
        setup_s = float(self.sites.setup_s[site])
        found: list[tuple[float, int]] = []
        for g, group in enumerate(self._groups):
            if self.may_hold[g, site]:
                found.extend(self._near_group(group, site, by_s - setup_s, enough))
        ready = {unit: when + setup_s for when, unit in found}
        for unit in self._standing.in_position(site):
            if self.free_s[unit] <= by_s and self.may_hold[self._group_of[unit], site]:
                ready[unit] = float(self.free_s[unit])
        return sorted((when, unit) for unit, when in ready.items())

    def every_ready_s(
        self,
        sites: NDArray[np.int32] | None = None,
        latest_s: float = np.inf,
        until: float = np.inf,
    ) -> NDArray[np.float64]:
        """When each unit can hold each site, float64[u, s]; infinite where it may not or cannot.

        One search a unit: for many sites at once, where `near` asks for one.

        Args:
            sites: int32[s], which sites; None for all of them.
            latest_s: a time after which nothing is looked for: whoever may hold a site and is not
                ready there by then is given as ready then.
            until: `time.perf_counter()` at which to give up.

        Raises:
            TimeoutError: it took too long.
        """
        which = np.arange(self.sites.ends.shape[0]) if sites is None else sites
        ends, section = self.sites.ends[which], self.sites.section[which]
        setup_s = self.sites.setup_s[which]
        result = np.full((len(self), which.shape[0]), np.inf)
        for g, group in enumerate(self._groups):
            open_ = group.allowed[self._network.junction_territory[ends]] | self._cross
            may_hold = self.may_hold[g, which]
            for row, unit in enumerate(group.members.tolist()):
                if time.perf_counter() > until:
                    raise TimeoutError
                free_s = float(self.free_s[unit])
                found = group.search.run(
                    group.ends[row], group.to_end_s[row], horizon_s=max(latest_s - free_s, 0.0)
                )
                drive = np.where(open_, found.arrival_s[ends], np.inf).min(axis=1)
                drive[section == self.placed.section[unit]] = 0.0
                ready_s = np.minimum(free_s + drive + setup_s, latest_s)
                result[unit] = np.where(may_hold, ready_s, np.inf)
        for at in np.flatnonzero(self._standing.occupied[which]).tolist():
            site = int(which[at])
            for unit in self._standing.in_position(site):
                if self.may_hold[self._group_of[unit], site]:
                    result[unit, at] = self.free_s[unit]
        return result

    def setup_s(self, unit: int, site: int) -> float:
        """Time a unit needs to set up at a site: none where it is in position already."""
        in_position = unit in self._standing.in_position(site)
        return 0.0 if in_position else float(self.sites.setup_s[site])

    def _near_group(
        self, group: _Group, site: int, by_s: float, enough: int
    ) -> list[tuple[float, int]]:
        free = self.free_s[group.members]
        there = self.placed.section[group.members] == self.sites.section[site]
        ends = self.sites.ends[site]
        ends = ends[group.allowed[self._network.junction_territory[ends]] | self._cross]
        # Who drives longer than this is too late; a second more than that, against rounding.
        longest_s = max(by_s - float(free.min()), 0.0) + 1.0
        most_are_wanted = 2 * enough >= self.strength[group.members].sum()
        horizon_s = longest_s if most_are_wanted else min(_FIRST_HORIZON_S, longest_s)
        while True:
            found = group.back_search.run(ends, np.zeros(ends.shape[0]), horizon_s=horizon_s)
            drive = (found.arrival_s[group.ends] + group.to_end_s).min(axis=1)
            drive[there] = 0.0
            ready = free + drive
            # Whoever never gets there is not in time, not even for a site with no deadline.
            timely = (ready <= by_s) & (drive <= horizon_s) & np.isfinite(drive)
            # Whoever is farther than the horizon is ready after this:
            sure = timely & (ready <= free.min() + horizon_s)
            complete = horizon_s >= longest_s
            if complete or self.strength[group.members[sure]].sum() >= enough:
                break
            horizon_s = min(horizon_s * 4 if horizon_s < _FARTHEST_S else np.inf, longest_s)
        return list(zip(ready[timely].tolist(), group.members[timely].tolist(), strict=True))

    def _group_keys(self) -> list[tuple[float, tuple[int, ...], list[int]]]:
        members: dict[tuple[float, tuple[int, ...]], list[int]] = {}
        names = self._network.territories
        for number, unit in enumerate(self.placed.units):
            where = tuple(i for i, name in enumerate(names) if name in unit.may_act_in)
            members.setdefault((unit.speed_factor, where), []).append(number)
        return [(speed, where, who) for (speed, where), who in members.items()]

    def _make_group(
        self, speed_factor: float, territories: tuple[int, ...], members: list[int]
    ) -> _Group:
        network = self._network
        allowed = np.zeros(len(network.territories) + 1, dtype=bool)
        allowed[list(territories)] = True
        allowed[NO_TERRITORY] = True
        whole_s = network.section_length_m / (network.section_unit_speed_mps * speed_factor)
        whole_s[self._closed] = np.inf
        time_s = whole_s[network.arc_section]
        if not self._cross and not allowed.all():
            here = allowed[network.junction_territory]
            time_s[~(here[network.arc_tail] & here[network.arc_head])] = np.inf
        back_s = time_s
        if self._obey:
            # Searching back along an arc means driving the other arc of its section.
            direction = network.section_unit_direction[network.arc_section]
            forward = network.arc_forward
            along = np.where(forward, Direction.FORWARD, Direction.BACKWARD)
            against = np.where(forward, Direction.BACKWARD, Direction.FORWARD)
            nowhere = direction == Direction.NEITHER
            back_s = np.where((direction == along) | nowhere, np.inf, time_s)
            time_s = np.where((direction == against) | nowhere, np.inf, time_s)
        if self._barred.any():
            # A unit comes to a barred junction, and drives on from there by no road.
            back_s = np.where(self._barred[network.arc_head], np.inf, back_s)
            time_s = np.where(self._barred[network.arc_tail], np.inf, time_s)
        who = np.array(members, dtype=np.int32)
        ends, to_end_s = self._to_ends(who, whole_s, allowed)
        topology = (network.first_out, network.arc_head)
        forward_search = ArrivalSearch(*topology, time_s)
        return _Group(
            members=who,
            time_s=time_s,
            allowed=allowed,
            ends=ends,
            to_end_s=to_end_s,
            search=forward_search,
            back_search=forward_search if back_s is time_s else ArrivalSearch(*topology, back_s),
        )

    def _to_ends(
        self,
        who: NDArray[np.int32],
        whole_s: NDArray[np.float64],
        allowed: NDArray[np.bool_],
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Junctions at both ends of the members' sections, and the time to drive there."""
        network, section = self._network, self.placed.section[who]
        fraction = self.placed.fraction[who]
        ends = np.column_stack((network.section_tail[section], network.section_head[section]))
        whole = whole_s[section][:, None]
        to_end_s = np.column_stack((fraction, 1.0 - fraction)) * np.where(
            np.isfinite(whole), whole, 1.0
        )
        to_end_s[~np.isfinite(whole_s[section])] = np.inf
        if self._obey:
            direction = network.section_unit_direction[section]
            to_end_s[(direction == Direction.FORWARD) | (direction == Direction.NEITHER), 0] = (
                np.inf
            )
            to_end_s[(direction == Direction.BACKWARD) | (direction == Direction.NEITHER), 1] = (
                np.inf
            )
        # One that stands at a junction may leave by every road there, whichever lies nearest.
        length_m = network.section_length_m[section]
        at_end = np.column_stack((fraction, 1.0 - fraction)) * length_m[:, None] <= AT_JUNCTION_M
        to_end_s[at_end] = 0.0
        if not self._cross:
            to_end_s[~allowed[network.junction_territory[ends]]] = np.inf
        return ends.astype(np.int32), to_end_s

    def _starts(
        self, group: _Group, left_out: set[int]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int32]]:
        kept = np.array([u not in left_out for u in group.members.tolist()], dtype=bool)
        times = (self.free_s[group.members][:, None] + group.to_end_s)[kept].ravel()
        nodes, who = group.ends[kept].ravel(), np.repeat(group.members[kept], 2)
        finite = np.isfinite(times)
        return nodes[finite], times[finite], who[finite]

    def _holdable(self, group: _Group) -> NDArray[np.bool_]:
        """Sites in whose territory, on either end, the group may act; bool[c]."""
        here = group.allowed[self._network.junction_territory[self.sites.ends]]
        return np.asarray(here.any(axis=1))
