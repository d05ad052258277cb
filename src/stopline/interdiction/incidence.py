"""Routes against (unit, site) pairs, made small without changing what any plan stops.

A route meets a site once, at the last time it comes there; a unit stops it if it is ready by then
less the margin. Only the order of the units' readiness matters, so each meeting becomes a *gate*:
a site with a level, the number of the step in the site's order of readiness that still counts.
Routes with the same gates are one with the sum of their weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import read_only
from stopline.interdiction.incidence_kernel import (
    classes,
    dominated,
    hashes,
    meetings,
    ranks,
    sort_rows,
    stopped,
    unit_gates,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.belief.routes import Routes
    from stopline.interdiction.means import Means


@dataclass(frozen=True, slots=True)
class Meetings:
    """Where r routes meet sites, m times in all.

    Attributes:
        first: int64[r + 1], the meetings of route i are `first[i]:first[i + 1]`.
        site: int32[m].
        met_s: float64[m], the last time that the route meets the site.
    """

    first: NDArray[np.int64]
    site: NDArray[np.int32]
    met_s: NDArray[np.float64]

    @classmethod
    def of(cls, routes: Routes, means: Means) -> Meetings:
        """Find them."""
        first = np.zeros(routes.count + 1, dtype=np.int64)
        site = np.empty(2 * routes.arc.shape[0], dtype=np.int32)
        met_s = np.empty(2 * routes.arc.shape[0])
        count = meetings(
            read_only(routes.first),
            read_only(routes.arc),
            read_only(routes.enter_s),
            read_only(routes.end_s),
            read_only(means.arc_site),
            read_only(means.head_site),
            means.sites,
            first,
            site,
            met_s,
        )
        return cls(first, site[:count], met_s[:count])

    def stopped(self, shut_s: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which routes meet a site at or after the time from which nothing passes it; bool[r]."""
        out = np.zeros(self.first.shape[0] - 1, dtype=np.bool_)
        stopped(self.first, self.site, self.met_s, read_only(shut_s), out)
        return out


@dataclass(frozen=True, slots=True)
class Incidence:
    """What stops what; p patterns of routes, g gates, s sites, t types of units.

    Attributes:
        first: int64[p + 1], and gate: int32[h], the gates of each pattern, sorted.
        weight: float64[p], of all routes with that pattern.
        pattern: int32[r], the pattern of each route; -1 for one that no pair stops.
        gate_first: int64[s + 1], the gates of site i are `gate_first[i]:gate_first[i + 1]`, from
            the strictest to the one that is closed in time by the most units.
        sites: int32[s], their numbers in `Means`.
        need: int32[s].
        units: for each type the units that are alike in all that counts here.
        strength: int32[t].
        unit_gate: int32[t, s], a unit of the type is in time for this gate of the site and the
            gates behind it.
        pair: bool[t, s], pairs worth using; the others stop nothing more.
        alone: bool[t, s], whether one such unit closes the site.
    """

    first: NDArray[np.int64]
    gate: NDArray[np.int32]
    weight: NDArray[np.float64]
    pattern: NDArray[np.int32]
    gate_first: NDArray[np.int64]
    sites: NDArray[np.int32]
    need: NDArray[np.int32]
    units: tuple[NDArray[np.int64], ...]
    strength: NDArray[np.int32]
    unit_gate: NDArray[np.int32]
    pair: NDArray[np.bool_]
    alone: NDArray[np.bool_]

    @property
    def patterns(self) -> int:
        """Number of patterns."""
        return int(self.weight.shape[0])

    @property
    def simple(self) -> bool:
        """Whether each pair closes its site alone, as the guarantee of greedy needs."""
        return bool(self.alone[self.pair].all())

    @property
    def gate_site(self) -> NDArray[np.int32]:
        """The site of each gate (its place in `sites`), int32[g]."""
        sites = np.arange(self.sites.shape[0], dtype=np.int32)
        return np.repeat(sites, np.diff(self.gate_first))


def incidence(met: Meetings, weight: NDArray[np.float64], means: Means) -> Incidence:
    """Make the incidence of routes that meet sites so, weighted so (float64[r], >= 0)."""
    route = np.repeat(np.arange(weight.shape[0]), np.diff(met.first))
    earliest = means.ready_s.min(axis=0, initial=np.inf) + means.margin_s
    late = (met.met_s >= earliest[met.site]) & (weight[route] > 0)
    sites, site = _numbered(met.site[late], means.sites)
    ready = means.ready_s[:, sites] + means.margin_s
    order = np.argsort(ready, axis=0, kind="stable").T
    by_time = np.take_along_axis(np.ascontiguousarray(ready.T), order, axis=1)
    strength = np.cumsum(means.strength.astype(np.int64)[order], axis=1)
    rank = np.zeros(site.shape[0], dtype=np.int32)
    ranks(site, met.met_s[late], by_time, strength, means.need[sites], rank)
    kept = rank > 0
    step = means.units + 1
    code, gate = _numbered(site[kept].astype(np.int64) * step + rank[kept], sites.size * step)
    gate_site, gate_rank = np.divmod(code, step)
    gate_first = np.searchsorted(gate_site, np.arange(sites.shape[0] + 1)).astype(np.int64)
    unit_gate = np.empty(ready.shape, dtype=np.int32)
    unit_gates(ready, by_time[gate_site, gate_rank - 1], gate_first, unit_gate)
    units, strengths, unit_gate = _types(means.strength, unit_gate)
    need = means.need[sites]
    pattern, first, gates, total = _merged(route[late][kept], gate, weight)
    return _thinned(
        Incidence(
            first=first,
            gate=gates,
            weight=total,
            pattern=pattern,
            gate_first=gate_first,
            sites=sites.astype(np.int32),
            need=need,
            units=units,
            strength=strengths,
            unit_gate=unit_gate,
            pair=unit_gate < gate_first[1:],
            alone=strengths[:, None] >= need,
        )
    )


def _numbered(value: NDArray[np.integer], size: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The values that occur (of 0 to size - 1), sorted, and the place of each among them."""
    occurs = np.zeros(size, dtype=np.bool_)
    occurs[value] = True
    place = np.cumsum(occurs, dtype=np.int32) - np.int32(1)
    return np.flatnonzero(occurs), place[value]


def _types(
    strength: NDArray[np.int32], unit_gate: NDArray[np.int32]
) -> tuple[tuple[NDArray[np.int64], ...], NDArray[np.int32], NDArray[np.int32]]:
    """Units that are alike in all that counts: who they are, their strength and their gates."""
    alike: dict[tuple[int, bytes], list[int]] = {}
    for unit in range(strength.shape[0]):
        alike.setdefault((int(strength[unit]), unit_gate[unit].tobytes()), []).append(unit)
    units = tuple(np.array(members, dtype=np.int64) for members in alike.values())
    one = np.array([members[0] for members in units], dtype=np.int64)
    return units, strength[one], np.ascontiguousarray(unit_gate[one])


def _merged(
    route: NDArray[np.int64], gate: NDArray[np.int32], weight: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Make one pattern of routes with the same gates; `route`, for each gate, is sorted.

    Returns:
        The pattern of each route (-1 without gates), the patterns' gates, and their weights.
    """
    gate = gate.copy()
    first = np.searchsorted(route, np.arange(weight.shape[0] + 1)).astype(np.int64)
    sort_rows(first, gate)
    key = np.zeros(weight.shape[0], dtype=np.uint64)
    hashes(first, gate, key)
    order = np.argsort(key, kind="stable")
    pattern = np.empty(weight.shape[0], dtype=np.int32)
    count = classes(first, gate, order, key, pattern)
    total = np.bincount(pattern[pattern >= 0], weight[pattern >= 0], minlength=count)
    one = np.zeros(count, dtype=np.int64)
    one[pattern[pattern >= 0]] = np.flatnonzero(pattern >= 0)
    sizes = np.diff(first)[one]
    ends = np.concatenate(([0], np.cumsum(sizes)))
    step = np.arange(ends[-1]) + np.repeat(first[one] - ends[:-1], sizes)
    return pattern, ends.astype(np.int64), gate[step], total


def _thinned(full: Incidence) -> Incidence:
    """Drop dominated pairs, then sites and gates without a pair, and merge what became alike."""
    gate_site = full.gate_site
    row = np.repeat(np.arange(full.patterns, dtype=np.int32), np.diff(full.first))
    site = gate_site[full.gate]
    by_site = np.argsort(site, kind="stable")
    of_site = np.searchsorted(site[by_site], np.arange(full.sites.shape[0] + 1)).astype(np.int64)
    pair = full.pair.copy()
    dominated(
        full.first,
        full.gate,
        gate_site,
        of_site,
        row[by_site],
        full.gate[by_site],
        full.unit_gate,
        full.alone,
        pair,
    )
    # A gate is kept where some pair is in time for it and not for the gate before.
    begins = np.zeros(gate_site.shape[0], dtype=np.bool_)
    begins[full.unit_gate[pair]] = True
    number = np.cumsum(begins) - 1
    starts = full.gate_first[:-1]
    before = np.concatenate(([0], np.cumsum(begins)))
    usable = number >= before[starts][gate_site]
    kept = np.flatnonzero(pair.any(axis=0))
    hit = usable[full.gate] & pair.any(axis=0)[site]
    pattern, first, gates, total = _merged(
        row[hit].astype(np.int64), number[full.gate[hit]].astype(np.int32), full.weight
    )
    again = np.concatenate((pattern, [-1])).astype(np.int32)
    # Where a type holds no pair its gate is the next site's first: it is in time for none.
    unit_gate = np.where(pair, before[full.unit_gate], before[full.gate_first[1:]])
    return Incidence(
        first=first,
        gate=gates,
        weight=total,
        pattern=again[full.pattern],
        gate_first=np.concatenate((before[starts[kept]], before[-1:])).astype(np.int64),
        sites=full.sites[kept],
        need=full.need[kept],
        units=full.units,
        strength=full.strength,
        unit_gate=np.ascontiguousarray(unit_gate[:, kept], dtype=np.int32),
        pair=np.ascontiguousarray(pair[:, kept]),
        alone=np.ascontiguousarray(full.alone[:, kept]),
    )
