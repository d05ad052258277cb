"""Read a road network in the General Modeling Network Specification: node.csv and link.csv.

See https://github.com/zephyr-data-specs/GMNS. A link that is not directed is one section; so are
two directed links against each other. config.csv says the units and what coordinates mean,
geometry.csv and use_group.csv are looked at where they lie beside the two.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.documents.capped_faults import CappedFaults
from stopline.documents.csv import Table, read_table
from stopline.network.builder import RawRoads
from stopline.network.findings import Findings
from stopline.network.geodesy import distance_m
from stopline.network.read_settings import (
    CLASS_FLOOR_KMH,
    DEGREES_OR_CRS,
    LENGTH_UNIT_M,
    ReadSettings,
    to_degrees,
)
from stopline.network.readers.gmns_columns import (
    identifiers,
    link_shapes,
    named,
    no_ids,
    road_classes,
)
from stopline.network.readers.gmns_pairs import joined_pairs
from stopline.network.readers.gmns_units import (
    GmnsConfig,
    length_unit,
    read_config,
    speed_texts,
    speed_units,
)
from stopline.network.readers.gmns_uses import (
    directions,
    roads_of,
    rows_of,
    with_full_names,
    without_repeats,
)
from stopline.network.road_network import NO_TERRITORY, ROAD_CLASSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAX_TERRITORIES = 32_000
_MAX_LENGTH_M = 2.1e7
_MAX_SPEED = 600.0
_LONGEST_NOTICE: Final = 200
_LOOKED_AT: Final = 20  # nodes that tell whether coordinates are degrees
_LEAST_SHARE: Final = 0.95  # of the straight line; positions may be rounded
_LEAST_APART_M: Final = 10.0
_NOT_READ: Final = ("link_tod.csv", "segment.csv", "segment_tod.csv", "lane.csv", "lane_tod.csv",
                    "movement.csv")  # fmt: skip
_BESIDE: Final = ("config.csv", "geometry.csv", "use_group.csv")


def gmns_files(path: Path) -> tuple[Path, Path]:
    """Find node.csv and link.csv, given either of them or their directory."""
    folder = path if path.is_dir() else path.parent
    return folder / "node.csv", folder / "link.csv"


def gmns_beside(path: Path) -> list[Path]:
    """The further tables that lie beside them and are read."""
    folder = gmns_files(path)[0].parent
    return [folder / name for name in _BESIDE if (folder / name).is_file()]


def read_gmns(path: Path, settings: ReadSettings) -> RawRoads:
    """Read a GMNS network.

    Args:
        path: the directory, or node.csv or link.csv in it.
        settings: units, the territory column, and speeds by class where the file has none.

    Returns:
        One section per link, or per pair of links against each other.

    Raises:
        BadInput: with every fault of the files, of which twenty are shown.
    """
    node_path, link_path = gmns_files(Path(path))
    faults, findings = CappedFaults(str(path)), Findings()
    config = read_config(node_path.parent / "config.csv", faults)
    nodes = with_full_names(read_table(node_path, faults))
    links = with_full_names(read_table(link_path, faults))
    usable = nodes.require(("node_id", "x_coord", "y_coord"), faults)
    if not links.require(("from_node_id", "to_node_id"), faults) or not usable:
        faults.raise_if_any()
    if not links.lines:
        faults.add(str(link_path), "no link", "at least one link: no drivable road is in the file")
    keep, access = roads_of(links, _groups(node_path.parent / "use_group.csv", faults), findings)
    if links.lines and not keep.any():
        seen = f"{len(links.lines)} links, none of them for cars"
        faults.add(str(link_path), seen, "links whose allowed_uses names auto, or is blank")
    raw = _nodes(nodes, settings, config, faults)
    raw.ways_in_file, raw.ways_read = len(links.lines), int(keep.sum())
    keep = without_repeats(links, keep, findings)
    links = _with_geometry(rows_of(links, keep), node_path.parent / "geometry.csv", faults)
    raw.section_access = access[keep]
    _links(links, nodes, raw, settings, config, faults, findings)
    faults.raise_if_any()
    joined_pairs(raw, findings)
    for name in _NOT_READ:
        if (node_path.parent / name).is_file():
            text = (
                "further tables, by which speeds, uses or turns may differ at some hours or places"
            )
            findings.note("left out", "tables", text, name)
    raw.source = str(path)
    raw.findings = findings.all()
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


def _groups(path: Path, faults: CappedFaults) -> dict[str, str]:
    """Uses by the name of their group."""
    if not path.is_file():
        return {}
    table = read_table(path, faults)
    name = next((c for c in ("use_group", "name") if table.has(c)), None)
    if name is None or not table.has("uses"):
        return {}
    pairs = zip(table.columns[name], table.columns["uses"], strict=True)
    return {group.strip().lower(): uses for group, uses in pairs}


def _with_geometry(links: Table, path: Path, faults: CappedFaults) -> Table:
    """Links with the shapes of geometry.csv where they have none of their own."""
    if not links.has("geometry_id") or not path.is_file():
        return links
    table = read_table(path, faults)
    if not table.has("geometry_id") or not table.has("geometry"):
        return links
    pairs = zip(table.columns["geometry_id"], table.columns["geometry"], strict=True)
    known = {name.strip(): text for name, text in pairs if name.strip()}
    own = links.columns.get("geometry", ("",) * len(links.lines))
    merged = tuple(
        text if text.strip() else known.get(name.strip(), "")
        for text, name in zip(own, links.columns["geometry_id"], strict=True)
    )
    return Table(links.path, {**links.columns, "geometry": merged}, links.lines)


def _are_metres(table: Table, faults: CappedFaults) -> bool:
    """Whether the coordinates are plainly no degrees: that is one fault, not one for each node."""
    shown = ((table.columns["x_coord"][n], table.columns["y_coord"][n])
             for n in range(min(len(table.lines), _LOOKED_AT)))  # fmt: skip
    far = [pair for pair in shown if all(_beyond_degrees(text) for text in pair)]
    if len(far) < min(len(table.lines), _LOOKED_AT) or not far:
        return False
    seen = f"projected coordinates, such as {far[0][0]}, {far[0][1]}"
    faults.add(f"{table.path}: x_coord, y_coord", seen, DEGREES_OR_CRS)
    return True


def _beyond_degrees(text: str) -> bool:
    try:
        return abs(float(text)) > 360  # noqa: PLR2004
    except ValueError:
        return False


def _nodes(
    table: Table, settings: ReadSettings, config: GmnsConfig, faults: CappedFaults
) -> RawRoads:
    crs = settings.crs or config.crs
    turn = to_degrees(crs)
    if turn is None and _are_metres(table, faults):
        lon = lat = np.full(len(table.lines), np.nan)
    elif turn is None:
        lon = table.numbers(
            "x_coord", faults, low=-180, high=180, expected="a longitude in degrees"
        )
        lat = table.numbers("y_coord", faults, low=-90, high=90, expected="a latitude in degrees")
    else:
        x = table.numbers("x_coord", faults, expected=f"a coordinate in {crs}")
        y = table.numbers("y_coord", faults, expected=f"a coordinate in {crs}")
        lon, lat = (np.asarray(part, dtype=np.float64) for part in turn.transform(x, y))
        wrong = ~(np.isfinite(lon) & np.isfinite(lat)) & np.isfinite(x) & np.isfinite(y)
        table.note(wrong, "x_coord", faults, f"a place on Earth in {crs}")
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
    table: Table,
    nodes: Table,
    raw: RawRoads,
    settings: ReadSettings,
    config: GmnsConfig,
    faults: CappedFaults,
    findings: Findings,
) -> None:
    index = _index_of_nodes(nodes, faults)
    tail = _ends(table, "from_node_id", index, faults)
    head = _ends(table, "to_node_id", index, faults)
    raw.section_class = road_classes(table)
    raw.section_direction, raw.section_unit_direction = directions(table, faults)
    raw.names, raw.section_name = named(table)
    has_ids = table.has("link_id")
    raw.section_id = identifiers(table, "link_id") if has_ids else no_ids(len(table.lines))
    given = _given_lengths(table, faults) if table.has("length") else None
    speeds, own_unit, lowest = _given_speeds(table, faults)
    if faults:
        return
    raw.section_tail, raw.section_head = tail, head
    lon, lat = np.asarray(raw.junction_lon), np.asarray(raw.junction_lat)
    straight = distance_m(lon[tail], lat[tail], lon[head], lat[head])
    along = straight
    if table.has("geometry"):
        shapes = link_shapes(table, raw, faults, to_degrees(settings.crs or config.crs), findings)
        raw.shape_first, raw.shape_lon, raw.shape_lat = shapes.first, shapes.lon, shapes.lat
        along = shapes.length_m
    unit = "m"
    if given is not None:
        where = (table.path, findings)
        unit = length_unit(given, straight, settings.length_unit, config, *where)
        metres = given * LENGTH_UNIT_M[unit]
        untold = ~(given > 0)
        if untold.any():
            text = "links without a length, measured on the map"
            findings.note("guessed", "length", text, count=int(untold.sum()))
        along = np.where(untold, np.maximum(along, 1.0), metres)
    raw.section_length_m = np.maximum(along, 1e-3) if given is not None else np.maximum(along, 1.0)
    _put_speeds(raw, speeds, own_unit, unit, settings, config, table.path, findings)
    if raw.section_unit_speed_mps is not None:
        raw.section_unit_speed_mps = np.asarray(raw.section_unit_speed_mps) * lowest
    _slow_short(raw, straight, findings)


def _slow_short(raw: RawRoads, straight: NDArray[np.float64], findings: Findings) -> None:
    """Let a unit take as long as over the straight line where a link is told to be shorter."""
    share = np.asarray(raw.section_length_m) / np.maximum(straight, _LEAST_APART_M)
    short = share < _LEAST_SHARE
    if not short.any():
        return
    text = "links shorter than the straight line, over which units take as long as over that"
    findings.note("doubtful", "short", text, count=int(short.sum()))
    own = raw.section_unit_speed_mps
    speed = np.asarray(raw.section_speed_mps if own is None else own, dtype=np.float64)
    raw.section_unit_speed_mps = np.where(short, speed * share, speed)


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
    """Node of each cell; a table program may have written 7 as 7.0."""
    texts = [text.strip() for text in table.columns[column]]
    ends = np.array(
        [index.get(text, index.get(text.removesuffix(".0"), -1)) for text in texts], dtype=np.int32
    )
    table.note(ends < 0, column, faults, "a node_id from node.csv")
    return ends


def _given_lengths(table: Table, faults: CappedFaults) -> NDArray[np.float64]:
    """Lengths in the unit of the file; 0 where none is told (blank, 0 or -1)."""
    texts = tuple("0" if text.strip() in _UNTOLD else text for text in table.columns["length"])
    plain = Table(table.path, {**table.columns, "length": texts}, table.lines)
    return plain.numbers(
        "length", faults, low=0.0, high=_MAX_LENGTH_M, expected="a length above 0, for example 1.5"
    )


_UNTOLD: Final = frozenset(("", "0", "-1", "0.0", "-1.0"))


def _given_speeds(
    table: Table, faults: CappedFaults
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64], NDArray[np.float64]]:
    """Speeds as they stand, 0 where none is told; each one's own unit, NaN for none; shares.

    A share tells by how much the lowest speed of a cell is lower than the highest.
    """
    none = np.full(len(table.lines), np.nan)
    column = next((name for name in ("free_speed", "maxspeed") if table.has(name)), None)
    if column is None:
        return None, none, np.ones(len(table.lines))
    texts, own, lowest = speed_texts(table.columns[column])
    texts = tuple("0" if text.strip() in _UNTOLD else text for text in texts)
    plain = Table(table.path, {**table.columns, column: texts}, table.lines)
    expected = "a speed above 0, for example 50"
    speeds = plain.numbers(column, faults, low=0.0, high=_MAX_SPEED, expected=expected)
    return speeds, own, lowest


def _put_speeds(
    raw: RawRoads,
    given: NDArray[np.float64] | None,
    own_unit: NDArray[np.float64],
    lengths_in: str,
    settings: ReadSettings,
    config: GmnsConfig,
    path: Path,
    findings: Findings,
) -> None:
    """Speeds of the vehicle and of units; by class where none is told."""
    road_class = np.asarray(raw.section_class)
    by_class: NDArray[np.float64] = np.array(settings.speeds_mps())[road_class]
    floor = np.array([CLASS_FLOOR_KMH[name] for name in ROAD_CLASSES])[road_class] / 3.6
    if given is None:
        raw.section_speed_mps = by_class
        findings.note(
            "guessed",
            "speed",
            "links without a speed, taken by class",
            count=int(road_class.shape[0]),
            matters=False,
        )
        return
    plain = np.where(np.isnan(own_unit), given, 0.0)
    fast, slow = speed_units(
        plain, road_class, settings.speed_unit, config, lengths_in, path, findings
    )
    told = given > 0
    if not told.all():
        text = "links without a speed, taken by class"
        findings.note("guessed", "speed", text, count=int((~told).sum()), matters=False)
    vehicle = given * np.where(np.isnan(own_unit), fast, own_unit)
    unit = given * np.where(np.isnan(own_unit), slow, own_unit)
    raw.section_speed_mps = np.where(told, np.maximum(vehicle, floor), by_class)
    raw.section_unit_speed_mps = np.where(told, unit, by_class)
