"""Which GMNS links are roads, and which way they run: the words that people and tools write.

GMNS itself writes `directed` and `allowed_uses`; osm2gmns and DTALite write `dir_flag`,
`from_biway` and `link_type_name`; shapefiles cut column names to ten letters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.documents.csv import Table
from stopline.network.access import Access
from stopline.network.road_network import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from stopline.documents.capped_faults import CappedFaults
    from stopline.network.findings import Findings

COLUMNS: Final = [
    "node_id",
    "x_coord",
    "y_coord",
    "link_id",
    "from_node_id",
    "to_node_id",
    "directed",
    "dir_flag",
    "from_biway",
    "length",
    "free_speed",
    "maxspeed",
    "facility_type",
    "link_type_name",
    "allowed_uses",
    "geometry",
    "geometry_id",
    "name",
    "country",
    "is_link",
    "long_length",
    "short_length",
    "speed",
    "parent_link_id",
]
_CUT: Final = 10  # letters that a shapefile leaves of a column's name
# Uses that need no road, or none that a car fits on.
_NO_ROAD: Final = frozenset(
    [
        "walk",
        "walking",
        "foot",
        "ped",
        "pedestrian",
        "pedestrians",
        "bike",
        "bikes",
        "bicycle",
        "bicycles",
        "cycle",
        "cycling",
        "rail",
        "railway",
        "train",
        "light_rail",
        "subway",
        "metro",
        "tram",
        "monorail",
        "funicular",
        "aeroway",
        "air",
        "plane",
        "waterway",
        "boat",
        "ferry",
        "sidewalk",
        "crosswalk",
        "escooter",
        "scooter",
        "horse",
        "none",
    ]
)
_BUSES: Final = frozenset(["bus", "buses", "brt", "transit", "psv", "taxi", "shuttle"])
_CARS: Final = frozenset(
    [
        "all",
        "auto",
        "autos",
        "car",
        "cars",
        "vehicle",
        "vehicles",
        "motor_vehicle",
        "motorvehicle",
        "motor",
        "motorcar",
        "drive",
        "driving",
        "sov",
        "hov",
        "hov2",
        "hov3",
        "truck",
        "trucks",
        "hgv",
        "lgv",
        "general",
        "any",
        "yes",
        "passenger",
    ]
)
_NO_ROAD_CLASSES: Final = frozenset(
    [
        "railway",
        "rail",
        "subway",
        "tram",
        "light_rail",
        "monorail",
        "aeroway",
        "waterway",
        "ferry",
        "footway",
        "bikeway",
        "cycleway",
        "path",
        "steps",
        "sidewalk",
        "crosswalk",
        "bridleway",
        "walkway",
    ]
)
# As wide as a street; only a sign keeps cars out.
_SIGNED_CLOSED: Final = frozenset(["pedestrian", "pedestrian_street", "busway"])
_NO_LANE: Final = frozenset(["0", "0.0"])
_TRUE: Final = frozenset(["true", "t", "yes", "y", "1", "1.0", "-1", "-1.0"])
_FALSE: Final = frozenset(["false", "f", "no", "n", "0", "0.0"])
_BETWEEN: Final = re.compile(r"[,;|/+&\s]+")


def with_full_names(table: Table) -> Table:
    """Give columns that a shapefile cut their full names back."""
    columns = dict(table.columns)
    for name in COLUMNS:
        cut = name[:_CUT]
        if name not in columns and cut in columns and len(name) > _CUT:
            columns[name] = columns.pop(cut)
    return Table(table.path, columns, table.lines)


def rows_of(table: Table, keep: NDArray[np.bool_]) -> Table:
    """The same table with some of its rows."""
    if keep.all():
        return table
    rows = np.flatnonzero(keep).tolist()
    columns = {name: tuple(texts[row] for row in rows) for name, texts in table.columns.items()}
    return Table(table.path, columns, [table.lines[row] for row in rows])


def without_repeats(table: Table, keep: NDArray[np.bool_], findings: Findings) -> NDArray[np.bool_]:
    """Of links that stand in the table twice, cell by cell, keep one: one road is never two."""
    first: set[tuple[str, ...]] = set()
    once = keep.copy()
    for row, cells in enumerate(zip(*table.columns.values(), strict=True)):
        if keep[row] and cells in first:
            once[row] = False
            text = "links that stand in the table twice, taken for one"
            findings.note("doubtful", "doubled", text, f"line {table.lines[row]}", matters=False)
        first.add(cells)
    return once


def class_words(table: Table) -> tuple[str, ...] | None:
    """The column that tells what kind of road a link is, lower case; None where there is none."""
    column = next((c for c in ("facility_type", "link_type_name") if table.has(c)), None)
    if column is None:
        return None
    return tuple(text.strip().lower() for text in table.columns[column])


def roads_of(
    table: Table, groups: Mapping[str, str], findings: Findings
) -> tuple[NDArray[np.bool_], NDArray[np.uint16]]:
    """Tell which links are roads, bool[links], and `Access` bits of each, uint16[links].

    Args:
        table: link.csv.
        groups: uses of each group in use_group.csv.
        findings: where to note the links that are no roads.
    """
    size = len(table.lines)
    keep, access = np.ones(size, dtype=bool), np.zeros(size, dtype=np.uint16)
    uses = table.columns.get("allowed_uses", ("",) * size)
    classes = class_words(table) or ("",) * size
    lanes = table.columns.get("lanes", ("",) * size)
    known: dict[tuple[str, str], tuple[bool, int]] = {}
    for row, pair in enumerate(zip(uses, classes, strict=True)):
        if pair not in known:
            known[pair] = _use(*pair, groups)
        keep[row], access[row] = known[pair]
        if not keep[row]:
            what = pair[0].strip() or pair[1] or "blank"
            name = table.columns["name"][row].strip() if table.has("name") else ""
            findings.note(
                "left out",
                "no_road",
                "links that are no roads for cars, by allowed_uses or class",
                f"line {table.lines[row]}: {what}{f' {name}' if name else ''}",
                ways=True,
                matters=False,
            )
        elif lanes[row].strip() in _NO_LANE:
            access[row] |= Access.UNSURE
            text = "links told to have no lane, which the vehicle may drive and no unit"
            findings.note("doubtful", "no_lane", text, f"line {table.lines[row]}")
        elif access[row]:
            text = "links for buses and the like or of unclear use, which the vehicle may drive"
            findings.note("doubtful", "uses", text, f"line {table.lines[row]}: {pair[0].strip()}")
    return keep, access


def _use(uses: str, road_class: str, groups: Mapping[str, str]) -> tuple[bool, int]:
    words = {word for word in _BETWEEN.split(uses.strip().lower()) if word}
    for word in tuple(words):
        if word in groups:
            words |= {part for part in _BETWEEN.split(groups[word].lower()) if part}
    if not words:
        kind = road_class.replace(" ", "_").replace("-", "_")
        signed = Access.FORBIDDEN | Access.UNIT_SIGN if kind in _SIGNED_CLOSED else 0
        return kind not in _NO_ROAD_CLASSES, int(signed)
    if words & _CARS:
        return True, 0
    if words <= _NO_ROAD:
        return False, 0
    signed = Access.PRIVATE | Access.UNIT_SIGN if words & _BUSES else Access.UNSURE
    return True, int(signed)


def directions(table: Table, faults: CappedFaults) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Direction of each link, for the vehicle and for a unit.

    What `directed` says counts; where it is missing, what `dir_flag` says. A blank cell, or a flag
    of -1, which some take for the direction of travel and some for that of the shape, is a doubt:
    then the vehicle may drive both ways and a unit only where every reading lets it.
    """
    size = len(table.lines)
    vehicle = np.full(size, Direction.BOTH, dtype=np.uint8)
    unit = np.full(size, Direction.BOTH, dtype=np.uint8)
    wrong = {name: np.zeros(size, dtype=bool) for name in ("directed", "dir_flag")}
    directed = table.columns.get("directed", ("",) * size)
    flags = table.columns.get("dir_flag", ("",) * size)
    two_way = table.columns.get("from_biway", ("",) * size)
    asked = table.has("directed")
    for row, (text, flag, both) in enumerate(zip(directed, flags, two_way, strict=True)):
        word, sign = text.strip().lower(), flag.strip().removesuffix(".0")
        if word in _FALSE:
            continue
        if word in _TRUE:
            unit[row] = Direction.FORWARD
            vehicle[row] = Direction.BOTH if word.startswith("-") else Direction.FORWARD
        elif word:
            wrong["directed"][row] = True
        elif sign == "1" and not asked:
            unit[row] = Direction.FORWARD
            lone = both.strip() not in ("1", "1.0", "true", "True")
            vehicle[row] = Direction.FORWARD if lone else Direction.BOTH
        elif sign == "-1" and not asked:
            unit[row] = Direction.NEITHER
        elif sign in ("", "0", "1", "-1", "2"):
            doubt = asked or (table.has("dir_flag") and not sign)
            unit[row] = Direction.FORWARD if doubt else Direction.BOTH
        else:
            wrong["dir_flag"][row] = True
    if asked:
        table.note(wrong["directed"], "directed", faults, "True or False")
    if table.has("dir_flag"):
        table.note(wrong["dir_flag"], "dir_flag", faults, "1, 0 or -1")
    return vehicle, unit
