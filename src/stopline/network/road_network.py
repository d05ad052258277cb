"""The road network as arrays: topology, roads and territories, fixed once read.

Junctions are 0..n-1, sections 0..s-1. Every section has exactly two arcs, one in each direction;
which of them a given vehicle may use is decided by its `DriveGraph`, so that one topology serves
a fugitive that ignores signs and a police car that does not. Arcs are sorted by tail:
the arcs that leave junction v are `first_out[v] .. first_out[v + 1] - 1`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.network.findings import Finding

ROAD_CLASSES: Final[tuple[str, ...]] = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "track",
    "motorway_link",
    "trunk_link",
    "primary_link",
    "secondary_link",
    "tertiary_link",
)
NO_TERRITORY: Final = -1


class Direction(IntEnum):
    """In which direction traffic signs allow a section to be driven."""

    BOTH = 0
    FORWARD = 1
    BACKWARD = 2
    NEITHER = 3  # only of units: no direction is surely allowed


class SectionFlag(IntFlag):
    """What else is known of a section."""

    BRIDGE = 1
    TUNNEL = 2
    ROUNDABOUT = 4
    BARRIER = 8  # a border control or gate stands on it
    FERRY = 16
    GUESSED = 32  # a straight line where no course of a road is known: nothing there can be held


NO_ID: Final = 1 << 50
"""Ids from here on stand for what the file gives no whole number as an id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadNetwork:
    """A road network; n junctions, s sections, 2s arcs, k inner shape points, t turn bans.

    Attributes:
        junction_lon: float64[n], WGS 84 degrees (NaN where the file has no coordinates).
        junction_lat: float64[n].
        junction_id: int64[n], the id in the file it came from.
        junction_territory: int16[n], index into `territories`, or `NO_TERRITORY`.
        junction_access: uint8[n], an `access.NodeAccess`.
        section_tail: int32[s], junction at which the section's geometry begins.
        section_head: int32[s], junction at which it ends (equal to the tail for a loop).
        section_length_m: float64[s], > 0.
        section_speed_mps: float64[s], the highest limit that could hold, > 0: the vehicle's.
        section_unit_speed_mps: float64[s], the lowest limit that could hold, > 0: a unit's.
        section_class: uint8[s], index into `ROAD_CLASSES`.
        section_direction: uint8[s], a `Direction`; `BOTH` where signs leave doubt.
        section_unit_direction: uint8[s], a `Direction`: only what signs surely allow a unit.
        section_access: uint16[s], an `access.Access`.
        section_condition: int32[s], index into `conditions` (0 is no sign with hours).
        section_flags: uint8[s], a `SectionFlag`.
        section_name: int32[s], index into `names` (0 is the empty name).
        section_id: int64[s], the id in the file (OSM way, GMNS link), not unique when a way is
            cut at junctions.
        shape_first: int64[s + 1], inner shape points of section i are
            `shape_first[i] .. shape_first[i + 1] - 1`, from tail to head, ends excluded.
        shape_lon: float64[k].
        shape_lat: float64[k].
        first_out: int32[n + 1].
        arc_tail: int32[2s].
        arc_head: int32[2s].
        arc_section: int32[2s].
        arc_forward: bool[2s], true where the arc runs from section tail to section head.
        turn_from: int32[t], section; a turn from it over `turn_via` into `turn_to` is banned.
        turn_via: int32[t], junction.
        turn_to: int32[t], section.
        names: the road names; `names[0]` is empty.
        conditions: signs with hours, as `conditions.condition_text` writes them; the first empty.
        findings: what the reader left out, guessed or holds doubtful.
        ways_in_file: ways, links or edges of the file that could be roads.
        ways_read: how many of them are in the network; findings tell of the rest.
        territories: names of the territories, for example country names or ISO codes.
        attribution: who must be named wherever the data is shown.
        source: path or name of what it was read from.
        digest: hex SHA-256 over the files and settings it was read from.
    """

    junction_lon: NDArray[np.float64]
    junction_lat: NDArray[np.float64]
    junction_id: NDArray[np.int64]
    junction_territory: NDArray[np.int16]
    junction_access: NDArray[np.uint8]
    section_tail: NDArray[np.int32]
    section_head: NDArray[np.int32]
    section_length_m: NDArray[np.float64]
    section_speed_mps: NDArray[np.float64]
    section_unit_speed_mps: NDArray[np.float64]
    section_class: NDArray[np.uint8]
    section_direction: NDArray[np.uint8]
    section_unit_direction: NDArray[np.uint8]
    section_access: NDArray[np.uint16]
    section_condition: NDArray[np.int32]
    section_flags: NDArray[np.uint8]
    section_name: NDArray[np.int32]
    section_id: NDArray[np.int64]
    shape_first: NDArray[np.int64]
    shape_lon: NDArray[np.float64]
    shape_lat: NDArray[np.float64]
    first_out: NDArray[np.int32]
    arc_tail: NDArray[np.int32]
    arc_head: NDArray[np.int32]
    arc_section: NDArray[np.int32]
    arc_forward: NDArray[np.bool_]
    turn_from: NDArray[np.int32]
    turn_via: NDArray[np.int32]
    turn_to: NDArray[np.int32]
    names: tuple[str, ...] = ("",)
    conditions: tuple[str, ...] = ("",)
    findings: tuple[Finding, ...] = ()
    ways_in_file: int = 0
    ways_read: int = 0
    territories: tuple[str, ...] = ()
    attribution: str = ""
    source: str = ""
    digest: str = field(default="")

    def __repr__(self) -> str:
        return f"<network: {self.junctions} junctions, {self.sections} sections>"

    def to_geodataframe(self) -> Any:  # noqa: ANN401  (geopandas is an extra)
        """A GeoDataFrame with a row for each section, by section number."""
        import geopandas  # noqa: PLC0415  (an extra)
        from shapely.geometry import LineString  # noqa: PLC0415

        numbers = range(self.sections)
        directions = [Direction(int(one)).name.lower() for one in self.section_direction]
        return geopandas.GeoDataFrame(
            {
                "id": self.section_id,
                "name": [self.name_of(number) for number in numbers],
                "road_class": [self.class_of(number) for number in numbers],
                "length_m": self.section_length_m,
                "speed_kmh": self.section_speed_mps * 3.6,
                "direction": directions,
                "tail": self.section_tail,
                "head": self.section_head,
            },
            index=numbers,
            geometry=[LineString(self.geometry(number)) for number in numbers],
            crs="EPSG:4326",
        )

    @property
    def junctions(self) -> int:
        """Number of junctions."""
        return int(self.junction_lon.shape[0])

    @property
    def sections(self) -> int:
        """Number of sections."""
        return int(self.section_tail.shape[0])

    @property
    def arcs(self) -> int:
        """Number of arcs, twice the number of sections."""
        return int(self.arc_head.shape[0])

    def name_of(self, section: int) -> str:
        """Road name of a section, empty if it has none."""
        return self.names[int(self.section_name[section])]

    def class_of(self, section: int) -> str:
        """Road class of a section."""
        return ROAD_CLASSES[int(self.section_class[section])]

    def territory_index(self, name: str) -> int:
        """Index of a territory, or `NO_TERRITORY` if the network has none of that name."""
        return self.territories.index(name) if name in self.territories else NO_TERRITORY

    def crossings(self) -> NDArray[np.int32]:
        """Sections whose two ends lie in different territories; one of them may be unknown.

        Whoever leaves a territory for a place of which the map does not say whose it is has left
        it: a plan takes these for exits, too.
        """
        tail_side = self.junction_territory[self.section_tail]
        head_side = self.junction_territory[self.section_head]
        return np.flatnonzero(tail_side != head_side).astype(np.int32)

    def geometry(self, section: int) -> NDArray[np.float64]:
        """Coordinates of a section from tail to head, float64[m, 2]: (lon, lat), ends included."""
        first, last = int(self.shape_first[section]), int(self.shape_first[section + 1])
        tail, head = self.section_tail[section], self.section_head[section]
        lon = np.concatenate(
            ([self.junction_lon[tail]], self.shape_lon[first:last], [self.junction_lon[head]])
        )
        lat = np.concatenate(
            ([self.junction_lat[tail]], self.shape_lat[first:last], [self.junction_lat[head]])
        )
        return np.column_stack((lon, lat))
