"""Read the road network of an OpenStreetMap file: `.osm.pbf`, `.osm`, `.osm.gz`, `.osm.bz2`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import osmium

from stopline.errors import BadInput
from stopline.network.access import NodeAccess
from stopline.network.builder import RawRoads
from stopline.network.findings import Findings
from stopline.network.readers.osm_joins import doubled_nodes, without_doubles
from stopline.network.readers.osm_restrictions import turn_bans
from stopline.network.readers.osm_source import EDITOR_IDS, OsmSource, open_source
from stopline.network.readers.osm_ways import EditedIdsError, OsmRoads, collect_roads
from stopline.network.readers.way_sections import Sections, cut_sections
from stopline.network.road_network import Direction, SectionFlag

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from stopline.network.read_settings import ReadSettings
    from stopline.network.territory import Territories

ATTRIBUTION: Final = "© OpenStreetMap contributors, ODbL 1.0"
_UNIT_DIRECTION: Final = {
    0: Direction.BOTH,
    1: Direction.FORWARD,
    -1: Direction.BACKWARD,
    2: Direction.NEITHER,
}
_THROUGH = 2  # ends at a node that is merely passed


def read_osm(
    path: Path, settings: ReadSettings, progress: Callable[[str, int], None] | None = None
) -> RawRoads:
    """Read the drivable roads of an OpenStreetMap file.

    Args:
        path: the file.
        settings: which roads are wanted, and where territories come from.
        progress: called with a word and a count, now and then.

    Returns:
        Sections from junction to junction, with turn bans and territories.

    Raises:
        BadInput: the file is broken, or holds no drivable road.
    """
    findings = Findings()
    try:
        source = open_source(path, findings)
        try:
            roads = collect_roads(source, settings, findings, progress)
        except EditedIdsError:
            findings = Findings()
            source = open_source(path, findings, edited=True)
            roads = collect_roads(source, settings, findings, progress)
        borders = _borders(source, settings, roads)
    except (RuntimeError, ValueError, OSError, osmium.InvalidLocationError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput.single(
            str(path),
            str(error) or type(error).__name__,
            "a whole OpenStreetMap file (.osm.pbf, .osm)",
        ) from error
    if roads.runs.way.size == 0:
        raise BadInput.single(
            str(path),
            "no drivable road",
            "ways with a highway tag from motorway to track, and the nodes they use"
            + "".join(f"; left out: {one.sentence}" for one in findings.all()[:3]),
        )
    sections = cut_sections(roads.runs, _kept(roads))
    sections = without_doubles(sections, roads.kinds, findings)
    if sections.tail.size == 0:
        raise BadInput.single(str(path), "no drivable road", "ways with two nodes or more")
    raw = raw_roads(sections, roads)
    raw.source = str(path)
    raw.findings = findings.all()
    if borders is not None:
        from stopline.network.territory import locate  # noqa: PLC0415  (loads shapely)

        raw.territories, raw.junction_territory = locate(
            borders, sections.junction_lon, sections.junction_lat
        )
    return raw


def _kept(roads: OsmRoads) -> NDArray[np.int64]:
    """Nodes that must stay junctions: a unit is stopped, the map ends, or a road is drawn twice."""
    stopped = np.array(sorted(roads.node_access), dtype=np.int64)
    return np.union1d(stopped, doubled_nodes(roads.runs))


def _borders(source: OsmSource, settings: ReadSettings, roads: OsmRoads) -> Territories | None:
    if settings.territories != "auto" or not roads.border_relations or not roads.runs.ref.size:
        return None
    from stopline.network.readers.osm_borders import borders_of  # noqa: PLC0415

    # The frame must hold all roads, however far they are from the border.
    return borders_of(
        source,
        roads.findings,
        (
            float(roads.runs.lon.min()),
            float(roads.runs.lat.min()),
            float(roads.runs.lon.max()),
            float(roads.runs.lat.max()),
        ),
    )


def raw_roads(sections: Sections, roads: OsmRoads) -> RawRoads:
    """Put sections and the rules of their ways together, territories left out."""
    rules = [rule for rule, _ in roads.kinds]
    one_way = np.array([rule.one_way != 0 for rule in rules])[sections.kind]
    conditions = {"": 0}
    condition = [conditions.setdefault(rule.condition, len(conditions)) for rule in rules]
    flags = np.array([rule.flags for rule in rules], dtype=np.uint8)[sections.kind]
    flags[_barred(sections, roads.barriers)] |= np.uint8(SectionFlag.BARRIER)
    bans = turn_bans(sections, one_way, roads.restrictions, roads.findings)
    access = np.array(
        [roads.node_access.get(int(ref), 0) for ref in sections.junction_ref], dtype=np.uint8
    )
    _note_barriers(roads.findings, sections, access)
    return RawRoads(
        junction_lon=sections.junction_lon,
        junction_lat=sections.junction_lat,
        junction_id=_original(sections.junction_ref),
        junction_access=access,
        section_tail=sections.tail,
        section_head=sections.head,
        section_length_m=sections.length_m,
        section_speed_mps=np.array([rule.speed_mps for rule in rules])[sections.kind],
        section_unit_speed_mps=np.array([rule.unit_speed_mps for rule in rules])[sections.kind],
        section_class=np.array([rule.road_class for rule in rules], dtype=np.uint8)[sections.kind],
        section_direction=np.where(one_way, Direction.FORWARD, Direction.BOTH).astype(np.uint8),
        section_unit_direction=np.array(
            [_UNIT_DIRECTION[rule.unit_one_way] for rule in rules], dtype=np.uint8
        )[sections.kind],
        section_access=np.array([rule.access for rule in rules], dtype=np.uint16)[sections.kind],
        section_condition=np.array(condition, dtype=np.int32)[sections.kind],
        section_flags=flags,
        section_name=np.array([name for _, name in roads.kinds], dtype=np.int32)[sections.kind],
        section_id=_original(sections.way),
        shape_first=sections.shape_first,
        shape_lon=sections.shape_lon,
        shape_lat=sections.shape_lat,
        turn_from=bans[:, 0],
        turn_via=bans[:, 1],
        turn_to=bans[:, 2],
        names=roads.names,
        conditions=tuple(conditions),
        findings=roads.findings.all(),
        ways_in_file=roads.ways_in_file,
        ways_read=roads.ways_read,
        attribution=ATTRIBUTION,
    )


def _original(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ids as they stand in the file; an end at a wall has none."""
    moved = ids > EDITOR_IDS
    return np.where(moved, EDITOR_IDS - ids, ids)


def _note_barriers(findings: Findings, sections: Sections, access: NDArray[np.uint8]) -> None:
    texts = (
        (NodeAccess.BARRED, "barred", "bollards, blocks and the like, which stop units"),
        (NodeAccess.GATED, "gated", "gates not known to be open, which stop units without a key"),
        (NodeAccess.FORD, "ford_node", "fords, which stop units"),
        (NodeAccess.SIGN, "signed", "no-entry signs at one place of a road, which stop units"),
    )
    for bit, kind, text in texts:
        at = np.flatnonzero(access & np.uint8(bit))
        for junction in at.tolist():
            name = f"node {int(_original(sections.junction_ref[junction : junction + 1])[0])}"
            findings.note("doubtful", kind, text, name)


def _barred(sections: Sections, barriers: dict[int, bool]) -> NDArray[np.int64]:
    """Sections with a barrier on them, or at an end where the road only goes on.

    A gate at a junction may stand on any of its roads, so there only a border control counts.
    """
    node = np.array(sorted(barriers), dtype=np.int64)
    control = np.array([barriers[int(ref)] for ref in node], dtype=bool)
    size = np.diff(sections.shape_first)
    on = np.repeat(np.arange(size.shape[0]), size)[np.isin(sections.shape_ref, node)]
    ends = np.concatenate((sections.tail, sections.head))
    degree = np.bincount(ends, minlength=sections.junction_ref.shape[0])
    closes = np.isin(sections.junction_ref, node) & (degree <= _THROUGH)
    closes |= np.isin(sections.junction_ref, node[control])
    at_end = np.flatnonzero(closes[sections.tail] | closes[sections.head])
    return np.union1d(on, at_end)
