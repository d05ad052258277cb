"""What there is to know of a network at a glance, for `stopline network info`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stopline.compiled import read_only
from stopline.network.component_kernel import joined_classes
from stopline.network.findings import map_sentence
from stopline.network.place_names import section_id
from stopline.network.road_network import NO_TERRITORY, ROAD_CLASSES, SectionFlag

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.network.findings import Finding
    from stopline.network.road_network import RoadNetwork

_NOBODY = "(none)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A section between two territories."""

    section: int
    file_id: str
    name: str
    road_class: str
    from_territory: str
    to_territory: str
    lon: float
    lat: float
    has_barrier: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInfo:
    """A summary of a network.

    Attributes:
        source: what it was read from.
        attribution: who must be named.
        junctions: number of junctions.
        sections: number of sections.
        components: number of parts that are not joined, one-way signs ignored.
        largest_component: share of the junctions in the largest part, 0 to 1.
        km_by_class: length of each road class that occurs.
        sections_by_territory: sections with both ends in a territory.
        crossings: sections between two territories.
        bounds: west, south, east, north in degrees, or None without coordinates.
        turn_bans: number of banned turns.
        one_way: number of one-way sections.
        barriers: number of sections with a barrier.
        ways_in_file: ways, links or edges of the file that could be roads; 0 if not known.
        ways_read: how many of them are roads of the network.
        findings: what was left out, guessed or is doubtful.
        cache: where the memory-mapped copy lies, or None.
        seconds: how long opening took, or None.
    """

    source: str
    attribution: str
    junctions: int
    sections: int
    components: int
    largest_component: float
    km_by_class: dict[str, float]
    sections_by_territory: dict[str, int]
    crossings: tuple[Crossing, ...]
    bounds: tuple[float, float, float, float] | None
    turn_bans: int
    one_way: int
    barriers: int
    ways_in_file: int = 0
    ways_read: int = 0
    findings: tuple[Finding, ...] = ()
    cache: str | None = None
    seconds: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give all of it as plain types, ready for JSON."""
        return {
            **asdict(self),
            "findings": [one.as_dict() for one in self.findings],
            "map_sentence": map_sentence(self.findings),
        }

    def lines(self) -> list[str]:
        """Say it in lines of text."""
        text = [
            f"source        {self.source}",
            f"junctions     {self.junctions:,}",
            f"sections      {self.sections:,}",
            f"one-way       {self.one_way:,} sections",
            f"barrier       {self.barriers:,} sections",
            f"parts         {self.components:,}; {self.largest_component:.1%} in the largest",
            f"turn bans     {self.turn_bans:,}",
        ]
        if self.ways_in_file:
            left = self.ways_in_file - self.ways_read
            text.append(
                f"in the file   {self.ways_in_file:,} ways that could be roads: {self.ways_read:,} "
                f"read, {left:,} left out"
            )
        text += [f"{one.group:<13} {one.sentence}" for one in self.findings]
        if self.bounds is not None:
            text.append("bounds        " + " ".join(f"{value:.5f}" for value in self.bounds))
        text += [f"{name:<13} {km:,.1f} km" for name, km in self.km_by_class.items()]
        text += [
            f"territory     {name}: {count:,} sections"
            for name, count in self.sections_by_territory.items()
        ]
        if self.sections_by_territory:
            text.append(f"crossings     {len(self.crossings):,} sections")
        text += [
            f"  section {one.section} ({one.file_id}): {one.name or '(no name)'}, "
            f"{one.road_class}, {one.from_territory} to {one.to_territory}, "
            f"at {one.lon:.5f} {one.lat:.5f}" + (", barrier" if one.has_barrier else "")
            for one in self.crossings
        ]
        if self.cache is not None:
            text.append(f"cache         {self.cache}")
        if self.seconds is not None:
            text.append(f"opened in     {self.seconds * 1000:.1f} ms")
        return [*text, f"data          {self.attribution}"] if self.attribution else text


def describe(
    network: RoadNetwork, *, cache: Path | None = None, seconds: float | None = None
) -> NetworkInfo:
    """Sum up a network.

    Args:
        network: any network.
        cache: where its copy lies, as `cache.cache_place` tells.
        seconds: how long it took to open.

    Returns:
        The summary.
    """
    km = np.bincount(
        network.section_class, weights=network.section_length_m, minlength=len(ROAD_CLASSES)
    )
    parts, largest = _components(network)
    return NetworkInfo(
        source=network.source,
        attribution=network.attribution,
        junctions=network.junctions,
        sections=network.sections,
        components=parts,
        largest_component=largest,
        km_by_class={
            name: float(metres) / 1000
            for name, metres in zip(ROAD_CLASSES, km, strict=True)
            if metres > 0
        },
        sections_by_territory=_by_territory(network),
        crossings=tuple(_crossing(network, int(section)) for section in network.crossings()),
        bounds=_bounds(network),
        turn_bans=int(network.turn_via.shape[0]),
        one_way=int(np.count_nonzero(network.section_direction)),
        ways_in_file=network.ways_in_file,
        ways_read=network.ways_read,
        findings=network.findings,
        barriers=int(np.count_nonzero(network.section_flags & np.uint8(SectionFlag.BARRIER))),
        cache=None if cache is None else str(cache),
        seconds=seconds,
    )


def _components(network: RoadNetwork) -> tuple[int, float]:
    if network.junctions == 0:
        return 0, 0.0
    label = np.empty(network.junctions, dtype=np.int32)
    ends = read_only(network.section_tail), read_only(network.section_head)
    count = joined_classes(*ends, label)
    return int(count), float(np.bincount(label).max()) / network.junctions


def _by_territory(network: RoadNetwork) -> dict[str, int]:
    if not network.territories:
        return {}
    tail = network.junction_territory[network.section_tail]
    same = tail[tail == network.junction_territory[network.section_head]]
    count = np.bincount(same.astype(np.int64) + 1, minlength=len(network.territories) + 1)
    named = dict(zip(network.territories, map(int, count[1:]), strict=True))
    return named | ({_NOBODY: int(count[0])} if count[0] else {})


def _crossing(network: RoadNetwork, section: int) -> Crossing:
    line = network.geometry(section)
    sides = [
        int(network.junction_territory[end])
        for end in (network.section_tail[section], network.section_head[section])
    ]
    one, two = (network.territories[side] if side != NO_TERRITORY else _NOBODY for side in sides)
    lon, lat = line[len(line) // 2]
    return Crossing(
        section=section,
        file_id=section_id(network, section),
        name=network.name_of(section),
        road_class=network.class_of(section),
        from_territory=one,
        to_territory=two,
        lon=float(lon),
        lat=float(lat),
        has_barrier=bool(network.section_flags[section] & SectionFlag.BARRIER),
    )


def _bounds(network: RoadNetwork) -> tuple[float, float, float, float] | None:
    known = np.isfinite(network.junction_lon) & np.isfinite(network.junction_lat)
    if not known.any():
        return None
    lon, lat = network.junction_lon[known], network.junction_lat[known]
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())
