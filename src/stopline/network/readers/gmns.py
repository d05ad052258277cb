"""Read a road network in the General Modeling Network Specification: node.csv and link.csv.

See https://github.com/zephyr-data-specs/GMNS. A link that is not directed is one section; a
directed link is a one-way section, so a road given as two directed links is two sections.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.documents.capped_faults import CappedFaults
from stopline.documents.csv import Table, read_table
from stopline.errors import BadInput
from stopline.network.builder import RawRoads
from stopline.network.geodesy import distance_m
from stopline.network.read_settings import LENGTH_UNIT_M, SPEED_UNIT_MPS, ReadSettings
from stopline.network.readers.gmns_columns import (
    directions,
    identifiers,
    link_shapes,
    named,
    road_classes,
)
from stopline.network.road_network import NO_TERRITORY

if TYPE_CHECKING:
    from numpy.typing import NDArray

_UNIT_ORDER: Final = ("m", "km", "mi")
# A road is hardly shorter than the straight line, but positions may be rounded.
_LEAST_RATIO, _MOST_RATIO = 0.95, 3.0
_MAX_TERRITORIES = 32_000
_MAX_LENGTH_M = 2.1e7
_MAX_SPEED_MPS = 150.0
_LONGEST_NOTICE: Final = 200


def gmns_files(path: Path) -> tuple[Path, Path]:
    """Find node.csv and link.csv, given either of them or their directory."""
    folder = path if path.is_dir() else path.parent
    return folder / "node.csv", folder / "link.csv"


def read_gmns(path: Path, settings: ReadSettings) -> RawRoads:
    """Read a GMNS network.

    Args:
        path: the directory, or node.csv or link.csv in it.
        settings: units, the territory column, and speeds by class where the file has none.

    Returns:
        One section per link.

    Raises:
        BadInput: with every fault of both files, of which twenty are shown.
    """
    node_path, link_path = gmns_files(Path(path))
    faults = CappedFaults(str(path))
    nodes, links = read_table(node_path, faults), read_table(link_path, faults)
    usable = nodes.require(("node_id", "x_coord", "y_coord"), faults)
    if not links.require(("from_node_id", "to_node_id"), faults) or not usable:
        faults.raise_if_any()
    if not links.lines:
        faults.add(str(link_path), "no link", "at least one link: no drivable road is in the file")
    raw = _nodes(nodes, settings, faults)
    _links(links, nodes, raw, settings, faults)
    faults.raise_if_any()
    raw.source = str(path)
    raw.attribution = _attribution(node_path.parent)
    return raw


def gmns_notice(path: Path) -> Path:
    """Where the attribution of a GMNS network stands, which the form itself has no place for."""
    return gmns_files(path)[0].parent / "ATTRIBUTION.txt"


def _attribution(folder: Path) -> str:
    notice = gmns_notice(folder)
    if not notice.is_file():
        return ""
    with notice.open(encoding="utf-8", errors="replace") as file:
        return " ".join(file.read(_LONGEST_NOTICE).split())


def _nodes(table: Table, settings: ReadSettings, faults: CappedFaults) -> RawRoads:
    lon = table.numbers("x_coord", faults, low=-180, high=180, expected="a longitude in degrees")
    lat = table.numbers("y_coord", faults, low=-90, high=90, expected="a latitude in degrees")
    raw = RawRoads(
        junction_lon=lon,
        junction_lat=lat,
        junction_id=identifiers(table, "node_id"),
        section_tail=(),
        section_head=(),
        section_length_m=(),
    )
    column = settings.territory_column.lower()
    if settings.territories == "auto" and table.has(column):
        texts = [text.strip() for text in table.columns[column]]
        names = sorted(set(texts) - {""})
        if len(names) > _MAX_TERRITORIES:
            faults.add(f"{table.path}: {column}", f"{len(names)} territories", "countries")
            return raw
        index = {name: number for number, name in enumerate(names)} | {"": NO_TERRITORY}
        raw.territories = tuple(names)
        raw.junction_territory = np.array([index[text] for text in texts], dtype=np.int16)
    return raw


def _links(
    table: Table, nodes: Table, raw: RawRoads, settings: ReadSettings, faults: CappedFaults
) -> None:
    index = _index_of_nodes(nodes, faults)
    tail = _ends(table, "from_node_id", index, faults)
    head = _ends(table, "to_node_id", index, faults)
    raw.section_class = road_classes(table)
    raw.section_speed_mps = _speeds(table, raw, settings, faults)
    raw.section_direction = directions(table, faults)
    raw.names, raw.section_name = named(table)
    raw.section_id = identifiers(table, "link_id") if table.has("link_id") else None
    if faults:
        if table.has("length"):
            _given_lengths(table, faults)
        return
    raw.section_tail, raw.section_head = tail, head
    lon, lat = np.asarray(raw.junction_lon), np.asarray(raw.junction_lat)
    straight = distance_m(lon[tail], lat[tail], lon[head], lat[head])
    along = straight
    if table.has("geometry"):
        shapes = link_shapes(table, raw, faults)
        raw.shape_first, raw.shape_lon, raw.shape_lat = shapes.first, shapes.lon, shapes.lat
        along = shapes.length_m
    raw.section_length_m = _lengths(table, straight, along, settings, faults)


def _index_of_nodes(nodes: Table, faults: CappedFaults) -> dict[str, int]:
    ids = [text.strip() for text in nodes.columns["node_id"]]
    index = {name: row for row, name in enumerate(ids)}
    first_rows = {name: row for row, name in reversed(list(enumerate(ids)))}
    repeated = np.array([first_rows[name] != row or not name for row, name in enumerate(ids)], bool)
    nodes.note(repeated, "node_id", faults, "an id that no other node has")
    return index


def _ends(
    table: Table, column: str, index: dict[str, int], faults: CappedFaults
) -> NDArray[np.int32]:
    ends = np.array([index.get(text.strip(), -1) for text in table.columns[column]], dtype=np.int32)
    table.note(ends < 0, column, faults, "a node_id from node.csv")
    return ends


def _speeds(
    table: Table, raw: RawRoads, settings: ReadSettings, faults: CappedFaults
) -> NDArray[np.float64]:
    by_class: NDArray[np.float64] = np.array(settings.speeds_mps())[np.asarray(raw.section_class)]
    column = next((name for name in ("free_speed", "maxspeed") if table.has(name)), None)
    if column is None:
        return by_class
    unit = SPEED_UNIT_MPS[settings.speed_unit]
    given = table.numbers(
        column,
        faults,
        low=1e-3,
        high=_MAX_SPEED_MPS / unit,
        expected=f"a speed above 0 in {settings.speed_unit}, for example 50",
        blank=0.0,
    )
    return np.where(given > 0, given * unit, by_class)


def _given_lengths(table: Table, faults: CappedFaults) -> NDArray[np.float64]:
    return table.numbers(
        "length", faults, low=1e-9, high=_MAX_LENGTH_M, expected="a length above 0, for example 1.5"
    )


def _lengths(
    table: Table,
    straight_m: NDArray[np.float64],
    along_m: NDArray[np.float64],
    settings: ReadSettings,
    faults: CappedFaults,
) -> NDArray[np.float64]:
    """Lengths in metres: those given, else along the geometry."""
    if not table.has("length"):
        return np.maximum(along_m, 1.0)
    given = _given_lengths(table, faults)
    unit = settings.length_unit
    if unit == "auto" and not faults:
        unit = _unit_of(given, straight_m, table.path)
    metres: NDArray[np.float64] = given * LENGTH_UNIT_M.get(unit, 1.0)
    return metres


def _unit_of(given: NDArray[np.float64], straight_m: NDArray[np.float64], path: Path) -> str:
    """The smallest unit in which roads are not shorter than the straight line along them."""
    apart = straight_m > 0
    ratio = float(np.median(given[apart] / straight_m[apart])) if apart.any() else 0.0
    for unit in _UNIT_ORDER:
        if _LEAST_RATIO <= ratio * LENGTH_UNIT_M[unit] <= _MOST_RATIO:
            return unit
    where = f"{path}: length"
    raise BadInput.single(
        where,
        f"lengths {ratio:.3g} times the metres between the ends of their links",
        "lengths in m, km or mi; give length_unit in the settings",
    )
