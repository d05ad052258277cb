"""What is joined and what is apart: one road is never two, and roads that meet are joined.

Two ways may be drawn over the same nodes, and extracts that were cut and joined may hold a node
twice under two ids; a vehicle does not mind either. Only a wall parts what is drawn as one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.access import Access
from stopline.network.readers.osm_access import NEITHER
from stopline.network.readers.osm_source import original_id
from stopline.network.road_network import SectionFlag

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.network.findings import Findings
    from stopline.network.readers.osm_tags import WayRule
    from stopline.network.readers.way_sections import Runs, Sections

_SYNTHETIC: Final = -(1 << 61)  # ids of ends at walls, below all real ones
_PER_DEGREE: Final = 1e7  # as exactly as OpenStreetMap keeps positions
_SIGNS: Final = int(Access.FORBIDDEN | Access.PRIVATE)


def same_places(runs: Runs) -> dict[int, int]:
    """Nodes at which a road ends at the very place of another node, each with the id of both.

    Returns:
        For each of them the smallest id at its place; those that are the smallest are left out.
    """
    ref, at = np.unique(runs.ref, return_index=True)
    place = np.rint(np.column_stack((runs.lon[at], runs.lat[at])) * _PER_DEGREE).astype(np.int64)
    key = (place[:, 0] << 32) + place[:, 1]
    _, group, count = np.unique(key, return_inverse=True, return_counts=True)
    ends = np.concatenate((runs.ref[runs.first[:-1]], runs.ref[runs.first[1:] - 1]))
    ending = np.zeros(count.shape[0], dtype=bool)
    ending[group[np.isin(ref, ends)]] = True
    several = np.flatnonzero((count > 1)[group] & ending[group])
    least: dict[int, int] = {}
    for row in several.tolist():  # ids ascend
        least.setdefault(int(group[row]), int(ref[row]))
    return {int(ref[row]): least[int(group[row])] for row in several.tolist()}


def through(runs: Runs) -> set[int]:
    """Nodes at which a road goes on."""
    ref, count = np.unique(runs.ref, return_counts=True)
    ends = np.concatenate((runs.ref[runs.first[:-1]], runs.ref[runs.first[1:] - 1]))
    return set(ref[(count > 1) | ~np.isin(ref, ends)].tolist())


def doubled_nodes(runs: Runs) -> NDArray[np.int64]:
    """Nodes of the pieces between neighbours that are drawn twice: there roads are cut."""
    one, two = runs.ref[:-1], runs.ref[1:]
    within = np.ones(one.shape[0], dtype=bool)
    within[runs.first[1:-1] - 1] = False
    within &= one != two
    pair = np.sort(np.column_stack((one, two))[within], axis=1)
    order = np.lexsort(pair.T)
    same = (pair[order[1:]] == pair[order[:-1]]).all(axis=1)
    return np.unique(pair[order[1:]][same])


def without_doubles(
    sections: Sections, kinds: list[tuple[WayRule, int]], findings: Findings
) -> Sections:
    """Make one section of those that were drawn over the same nodes.

    Args:
        sections: as they were cut.
        kinds: rule and name by kind; what joined sections are is added.
        findings: where to note them.
    """
    # A line over a square or a gap may have a road beside it: those are two.
    drawn = np.array([not rule.flags & SectionFlag.GUESSED for rule, _ in kinds], dtype=bool)
    partner = _doubles(sections, drawn[sections.kind])
    if not partner:
        return sections
    known = {pair: number for number, pair in enumerate(kinds)}
    kind = sections.kind.copy()
    into = np.arange(sections.tail.shape[0])
    for other, first in partner.items():
        along = sections.tail[other] == sections.tail[first]
        rule = joined_rule(kinds[kind[first]][0], kinds[kind[other]][0], along=bool(along))
        pair = (rule, kinds[kind[first]][1] or kinds[kind[other]][1])
        if pair not in known:
            known[pair] = len(kinds)
            kinds.append(pair)
        kind[first] = known[pair]
        into[other] = first
        findings.note(
            "doubtful",
            "doubled",
            "roads that are drawn twice over the same nodes, taken for one",
            f"way {original_id(int(sections.way[other]))}",
            matters=False,
        )
    keep = np.ones(into.shape[0], dtype=bool)
    keep[list(partner)] = False
    number = np.cumsum(keep) - 1
    size = np.diff(sections.shape_first)
    points = np.repeat(keep, size)
    return replace(
        sections,
        tail=sections.tail[keep],
        head=sections.head[keep],
        length_m=sections.length_m[keep],
        kind=kind[keep],
        way=sections.way[keep],
        shape_first=np.concatenate(([0], np.cumsum(size[keep]))),
        shape_ref=sections.shape_ref[points],
        shape_lon=sections.shape_lon[points],
        shape_lat=sections.shape_lat[points],
        piece_section=number[into[sections.piece_section]],
    )


def _doubles(sections: Sections, drawn: NDArray[np.bool_]) -> dict[int, int]:
    """For each drawn section that lies over an earlier one, that one."""
    low = np.minimum(sections.tail, sections.head).astype(np.int64)
    high = np.maximum(sections.tail, sections.head).astype(np.int64)
    size = np.diff(sections.shape_first)
    inner = np.concatenate(([0], np.cumsum(sections.shape_ref.astype(np.uint64))))
    total = inner[sections.shape_first[1:]] - inner[sections.shape_first[:-1]]
    rows = np.column_stack((low, high, size, total.astype(np.int64)))
    _, group, count = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    first: dict[tuple[int, ...], int] = {}
    partner: dict[int, int] = {}
    for section in np.flatnonzero((count > 1)[group.ravel()] & drawn).tolist():
        line = _line(sections, section)
        key = min(line, line[::-1])
        if first.setdefault(key, section) != section:
            partner[section] = first[key]
    return partner


def _line(sections: Sections, section: int) -> tuple[int, ...]:
    inner = slice(*sections.shape_first[section : section + 2].tolist())
    ends = (int(sections.tail[section]), int(sections.head[section]))
    return (-1 - ends[0], *sections.shape_ref[inner].tolist(), -1 - ends[1])


def joined_rule(one: WayRule, two: WayRule, *, along: bool) -> WayRule:
    """Of two readings of one road what favours the vehicle, and for a unit what does not.

    Args:
        one: a reading, as its section runs.
        two: the other.
        along: whether its section runs the same way.
    """
    turned: dict[int, int] = {} if along else {1: -1, -1: 1}
    vehicle, unit = (turned.get(way, way) for way in (two.one_way, two.unit_one_way))
    fast = one if one.speed_mps >= two.speed_mps else two
    access = (one.access | two.access) & ~_SIGNS | (one.access & two.access & _SIGNS)
    if one.condition != two.condition:
        access |= Access.UNIT_SIGN
    return replace(
        fast,
        one_way=one.one_way if one.one_way == vehicle else 0,
        unit_one_way=one.unit_one_way if one.unit_one_way == unit else NEITHER,
        unit_speed_mps=min(one.unit_speed_mps, two.unit_speed_mps),
        access=int(access),
        condition=one.condition if one.condition == two.condition else "",
        speed_guessed=one.speed_guessed and two.speed_guessed,
    )


def renamed(refs: NDArray[np.int64], names: dict[int, int]) -> NDArray[np.int64]:
    """Node ids with some of them replaced."""
    result = refs.copy()
    for row in np.flatnonzero(np.isin(refs, list(names))).tolist():
        result[row] = names[int(refs[row])]
    return result


def as_driven(first: NDArray[np.int64], against: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Order of points in which the runs that are one-way against their drawing are reversed."""
    order = np.arange(int(first[-1]))
    if not against.any():
        return order
    size = np.diff(first)
    turned = np.repeat(against, size)
    mirrored = np.repeat(first[:-1] + first[1:] - 1, size) - order
    return np.where(turned, mirrored, order)


def parted(runs: Runs, walls: set[int]) -> Runs:
    """Cut all runs apart at walls: each end there becomes a node of its own."""
    at_wall = np.isin(runs.ref, np.array(sorted(walls), dtype=np.int64))
    if not at_wall.any():
        return runs
    points: list[int] = []
    refs: list[int] = []
    first, origin = [0], []
    fresh = _SYNTHETIC
    for run in range(runs.kind.shape[0]):
        begin, end = int(runs.first[run]), int(runs.first[run + 1])
        for point in range(begin, end):
            if not at_wall[point]:
                points.append(point)
                refs.append(int(runs.ref[point]))
                continue
            if point > begin:
                points.append(point)
                refs.append(fresh)
                fresh += 1
                first.append(len(points))
                origin.append(run)
            if point < end - 1:
                points.append(point)
                refs.append(fresh)
                fresh += 1
        if len(points) > first[-1]:
            first.append(len(points))
            origin.append(run)
    where = np.array(points, dtype=np.int64)
    source = np.array(origin, dtype=np.int64)
    return replace(
        runs,
        ref=np.array(refs, dtype=np.int64),
        lon=runs.lon[where],
        lat=runs.lat[where],
        first=np.array(first, dtype=np.int64),
        way=runs.way[source],
        kind=runs.kind[source],
        one_way=runs.one_way[source],
    )
