"""What a reader should take from a file; part of a network's digest, so that a cache never lies."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from stopline.errors import FaultList
from stopline.network.road_network import ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

CLASS_SPEED_KMH: Final[Mapping[str, float]] = MappingProxyType(
    {
        "motorway": 120.0,
        "trunk": 100.0,
        "primary": 80.0,
        "secondary": 70.0,
        "tertiary": 60.0,
        "unclassified": 50.0,
        "residential": 50.0,
        "living_street": 20.0,
        "service": 30.0,
        "track": 30.0,
        "motorway_link": 80.0,
        "trunk_link": 70.0,
        "primary_link": 60.0,
        "secondary_link": 50.0,
        "tertiary_link": 50.0,
    }
)
# A fugitive drives no road of a class slower than this at the limit, whatever a sign says.
CLASS_FLOOR_KMH: Final[Mapping[str, float]] = MappingProxyType(
    {
        "motorway": 60.0,
        "trunk": 50.0,
        "primary": 40.0,
        "secondary": 30.0,
        "tertiary": 30.0,
        "unclassified": 20.0,
        "residential": 20.0,
        "living_street": 15.0,
        "service": 15.0,
        "track": 15.0,
        "motorway_link": 40.0,
        "trunk_link": 40.0,
        "primary_link": 30.0,
        "secondary_link": 30.0,
        "tertiary_link": 30.0,
    }
)
DEGREES_OR_CRS: Final = (
    "degrees, or `crs` under `network` (or in config.csv) that says what they are, as EPSG:2056"
)
KINDS: Final = ("auto", "osm", "graphml", "gmns")
LENGTH_UNIT_M: Final[Mapping[str, float]] = MappingProxyType(
    {"m": 1.0, "km": 1000.0, "mi": 1609.344, "ft": 0.3048}
)
SPEED_UNIT_MPS: Final[Mapping[str, float]] = MappingProxyType(
    {"kmh": 1 / 3.6, "mph": 0.44704, "mps": 1.0, "knots": 1852 / 3600}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSettings:
    """How to read a road network. The defaults suit a car on public roads.

    Attributes:
        kind: `auto` (by file name), `osm`, `graphml` or `gmns`.
        include_service: take service roads (car parks, farm yards, driveways).
        include_tracks: take field and forest tracks.
        include_private: take roads signed for some users only (private, customers, agricultural),
            flagged `PRIVATE`: a fugitive does not read signs, units do.
        include_forbidden: take roads signed closed to motor vehicles (`access=no`, pedestrian
            streets), flagged `FORBIDDEN`.
        include_paths: take footways, cycleways and paths that no tag opens to motor vehicles.
        include_ferries: take car ferries, flagged `FERRY`.
        length_unit: unit of `length` in GMNS: `m`, `km`, `mi`, `ft`, or `auto` for what config.csv
            says, else to tell it from the distance between the ends.
        speed_unit: unit of `free_speed` in GMNS: `kmh`, `mph`, `mps`, `knots`, or `auto` for what
            config.csv says, else km/h if that is plausible.
        class_speed_kmh: speed by road class where the file gives none; classes left out keep
            `CLASS_SPEED_KMH`.
        no_limit_kmh: speed taken where the sign says that there is no limit.
        territories: `auto` (borders in the file, or the column), `none`, or the path of a GeoJSON
            file of polygons.
        territory_property: the GeoJSON property that names a polygon.
        territory_column: the column of node.csv that names a node's territory.
        default_territory: territory of junctions for which the file tells none; empty for none.
        crs: what x and y of a GMNS or GraphML file are, as `EPSG:2056`; empty for degrees, or what
            config.csv says.
    """

    kind: str = "auto"
    include_service: bool = True
    include_tracks: bool = True
    include_private: bool = True
    include_forbidden: bool = True
    include_paths: bool = False
    include_ferries: bool = False
    length_unit: str = "auto"
    speed_unit: str = "auto"
    class_speed_kmh: Mapping[str, float] = field(default_factory=dict)
    no_limit_kmh: float = 150.0
    territories: str = "auto"
    territory_property: str = "name"
    territory_column: str = "country"
    default_territory: str = ""
    crs: str = ""

    def __post_init__(self) -> None:
        faults = FaultList()
        _one_of(faults, "kind", self.kind, KINDS)
        _one_of(faults, "length_unit", self.length_unit, ("auto", *LENGTH_UNIT_M))
        _one_of(faults, "speed_unit", self.speed_unit, ("auto", *SPEED_UNIT_MPS))
        for name, speed in {**self.class_speed_kmh, "no limit": self.no_limit_kmh}.items():
            if name not in (*ROAD_CLASSES, "no limit"):
                faults.add("settings: class_speed_kmh", name, "one of " + ", ".join(ROAD_CLASSES))
            if not 0 < speed < float("inf"):
                faults.add(f"settings: speed of {name}", speed, "km/h above 0, for example 50")
        if self.crs and projection(self.crs) is None:
            faults.add("settings: crs", self.crs, "coordinates that pyproj knows, as EPSG:2056")
        faults.raise_if_any()

    def speeds_mps(self) -> list[float]:
        """Speed by index of road class, in metres per second."""
        chosen = {**CLASS_SPEED_KMH, **self.class_speed_kmh}
        return [chosen[name] / 3.6 for name in ROAD_CLASSES]

    def as_json(self) -> str:
        """Write all settings in one fixed order, for digests and cache headers."""
        plain = {
            name: dict(value) if name == "class_speed_kmh" else value
            for name, value in ((key, getattr(self, key)) for key in self.__dataclass_fields__)
            if name != "crs" or value  # so that maps in degrees keep the digest that they had
        }
        return json.dumps(plain, sort_keys=True)


def projection(crs: str) -> Any:  # noqa: ANN401  (pyproj's)
    """What coordinates mean, as pyproj reads it; None for what it does not know."""
    import pyproj  # noqa: PLC0415  (few networks are in metres)

    try:
        return pyproj.CRS.from_user_input(int(crs) if crs.isdigit() else crs)
    except pyproj.exceptions.CRSError:
        return None


def to_degrees(crs: str) -> Any:  # noqa: ANN401  (pyproj's transformer)
    """What turns such coordinates into degrees; None where they are degrees, or not known."""
    known = projection(crs) if crs else None
    if known is None or known.is_geographic:
        return None
    import pyproj  # noqa: PLC0415

    return pyproj.Transformer.from_crs(known, 4326, always_xy=True)


def _one_of(faults: FaultList, name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        faults.add(f"settings: {name}", value, "one of " + ", ".join(allowed))
