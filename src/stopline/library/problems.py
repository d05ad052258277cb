"""From a network, sightings, exits and units to a sealing problem; every fault is told at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.errors import FaultList
from stopline.forces.side import Side
from stopline.forces.unit import IN_POSITION
from stopline.forces.unit_form import UnitForm
from stopline.network.access import known_course
from stopline.network.drive_graph import Vehicle
from stopline.network.point_snapper import PointSnapper
from stopline.network.road_network import NO_TERRITORY, RoadNetwork
from stopline.network.snapping import junctions_within
from stopline.sealing.plan import SiteKind
from stopline.sealing.problem import Exit, Rules, SealingProblem, SiteList, Source, all_sections

if TYPE_CHECKING:
    from stopline.forces.unit import Unit

OBJECTIVES: Final = ("margin", "last_closing", "units", "strength", "disturbance")
SNAP_M: Final = 250.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Where the vehicle was seen, by coordinates.

    Attributes:
        lon: WGS 84 degrees.
        lat: WGS 84 degrees.
        time_s: when, seconds after "now"; five minutes ago is -300.
        name: what to call it.
    """

    lon: float
    lat: float
    time_s: float = 0.0
    name: str = "last seen"


def units_from_frame(frame: Any, *, side: str = "", agency: str = "police") -> tuple[Unit, ...]:  # noqa: ANN401
    """Make units of a table: one row a unit, columns as in units.csv.

    Args:
        frame: a pandas DataFrame, a GeoDataFrame (its points give `lon` and `lat`), or a list of
            dicts. Columns that units do not have are passed over.
        side: of rows that name none.
        agency: of rows that name none.

    Raises:
        BadInput: with every fault of every row.
    """
    faults = FaultList()
    rows = _rows(frame)
    given = [
        {"side": side, "agency": agency, **{k: v for k, v in row.items() if not _blank(v)}}
        for row in rows
    ]
    sides = {str(row["side"]): Side(id=str(row["side"])) for row in given if row["side"]}
    form = UnitForm(sides, None, faults)
    units = [
        form.unit(
            {key: value for key, value in row.items() if key in form.fields},
            lambda key, number=number: f"units row {number}: {key}",  # type: ignore[misc]
        )
        for number, row in enumerate(given)
    ]
    faults.raise_if_any()
    return tuple(unit for unit in units if unit is not None)


def exits_beyond(
    network: RoadNetwork, lon: float, lat: float, radius_m: float, *, name: str = ""
) -> tuple[Exit, ...]:
    """Every road that leaves a circle; ends of the map inside it are exits, too.

    Raises:
        BadInput: no road leaves the circle, or its centre is far from every road.
    """
    faults = FaultList()
    if not (radius_m > 0 and math.isfinite(radius_m)):
        faults.add("radius_m", str(radius_m), "metres above 0, for example 5000")
    _check_position(faults, "lon, lat", lon, lat)
    faults.raise_if_any()
    inside = np.zeros(network.junctions, dtype=bool)
    inside[junctions_within(network, lon, lat, radius_m)] = True
    if not inside.any():
        faults.add("circle", f"no junction within {radius_m:g} m of {lon:g}, {lat:g}",
                   "a circle with roads; are lon and lat swapped?")  # fmt: skip
    exits = _exits_across(network, inside, name)
    if inside.any() and not exits:
        faults.add("circle", "a circle that no road leaves", "a smaller radius")
    faults.raise_if_any()
    return exits


def exits_from(network: RoadNetwork, territory: str) -> tuple[Exit, ...]:
    """Every road that leaves a territory of the network.

    Raises:
        BadInput: there is no such territory, or no road leaves it.
    """
    faults = FaultList()
    code = network.territory_index(territory)
    if code == NO_TERRITORY:
        faults.add("territory", territory, f"one of {', '.join(network.territories) or 'none'}")
        faults.raise_if_any()
    exits = _exits_across(network, network.junction_territory == code, "")
    if not exits:
        faults.add("territory", f"no road that leaves {territory}", "one with crossings")
    faults.raise_if_any()
    return exits


def sealing_problem(
    network: RoadNetwork,
    *,
    sources: Sequence[Source | Seen],
    exits: Iterable[Exit],
    units: Iterable[Unit],
    vehicle: Vehicle | None = None,
    sites: SiteList | Sequence[int] | None = None,
    objective: Sequence[str] = ("margin", "units", "disturbance"),
    margin_s: float = 60.0,
    setup_s: float = 60.0,
    need: Mapping[str, int] | None = None,
    time_limit_s: float = 30.0,
    snap_m: float = SNAP_M,
) -> SealingProblem:
    """Make a problem, or say everything that is wrong with it.

    Args:
        network: the roads.
        sources: where the vehicle was; it was at one of them, nobody knows which.
        exits: where it must not get.
        units: who may hold sites; one of which nobody said where it may act, and whose side is no
            territory of the network, may act anywhere.
        vehicle: how it drives; the worst case if not given.
        sites: what may be sealed: every section if not given, or numbers of sections.
        objective: what is best among plans that seal, most important first.
        margin_s: a seal closes this long before the vehicle can arrive.
        setup_s: time that closing a road takes on the spot.
        need: strength that closes a road, by road class; 1 where not given.
        time_limit_s: of computing.
        snap_m: how far from a road a unit or a sighting may be.

    Raises:
        BadInput: with all faults.
    """
    faults = FaultList()
    points = PointSnapper(network)
    placed = [_source(one, number, points, faults, snap_m) for number, one in enumerate(sources)]
    exits, units = tuple(exits), tuple(_anywhere(unit, network) for unit in units)
    _check_exits(network, exits, faults)
    _check_not_out(placed, exits, faults)
    places = _check_units(network, units, points, faults, snap_m)
    drives = vehicle or Vehicle()
    _check_vehicle(drives, faults)
    if not placed:
        faults.add("sources", "none", "at least one place where the vehicle was")
    for word in objective:
        if word not in OBJECTIVES:
            faults.add("objective", repr(word), f"of {', '.join(OBJECTIVES)}")
    for key, value, least in (
        ("margin_s", margin_s, 0.0), ("setup_s", setup_s, 0.0), ("time_limit_s", time_limit_s, 1e-3)
    ):  # fmt: skip
        if not (math.isfinite(value) and value >= least):
            faults.add(key, str(value), f"seconds, {least:g} or more")
    listed = _sites(network, sites, setup_s, need, faults)
    faults.raise_if_any()
    return SealingProblem(
        network=network,
        vehicle=drives,
        sources=tuple(one for one in placed if one is not None),
        exits=exits,
        sites=listed,
        units=units,
        unit_places=places,
        rules=Rules(
            objective=tuple(objective),
            margin_s=margin_s,
            enough_margin_s=max(300.0, margin_s),
            time_limit_s=time_limit_s,
        ),
    )


def _sites(
    network: RoadNetwork,
    sites: SiteList | Sequence[int] | None,
    setup_s: float,
    need: Mapping[str, int] | None,
    faults: FaultList,
) -> SiteList:
    try:
        every = all_sections(network, need=need, setup_s=setup_s)
    except ValueError as error:
        faults.add("need", str(error), "strength by road class, for example {'motorway': 2}")
        every = all_sections(network)
    if sites is None:
        sites = np.flatnonzero(known_course(network)).tolist()
    if isinstance(sites, SiteList):
        return sites
    numbers = np.unique(np.asarray(list(sites), dtype=np.int64))
    if numbers.size == 0:
        faults.add("sites", "none", "at least one section, or None for all")
    wrong = numbers[(numbers < 0) | (numbers >= network.sections)]
    if wrong.size:
        faults.add("sites", f"section {wrong[0]}", f"numbers from 0 to {network.sections - 1}")
        return every
    return SiteList(
        is_junction=every.is_junction[numbers],
        index=every.index[numbers],
        need=every.need[numbers],
        setup_s=every.setup_s[numbers],
        disturbance=every.disturbance[numbers],
    )


def _source(
    one: Source | Seen, number: int, points: PointSnapper, faults: FaultList, snap_m: float
) -> Source | None:
    where = f"sources[{number}]"
    if not math.isfinite(one.time_s):
        faults.add(f"{where}.time_s", str(one.time_s), "seconds after now; 300 s ago is -300")
    if isinstance(one, Source):
        if (one.junction is None) == (one.section is None):
            faults.add(where, "junction and section both or neither", "exactly one of them")
        return one
    before = len(faults)
    _check_position(faults, where, one.lon, one.lat)
    if len(faults) > before:
        return None
    (near,) = points.snap([(one.lon, one.lat)])
    if not near.distance_m <= snap_m:
        seen = points.too_far(one.lon, one.lat, near.distance_m)
        faults.add(where, seen, f"a place within {snap_m:g} m of a road")
        return None
    return Source(name=one.name, time_s=one.time_s, section=near.section, fraction=near.fraction)


def _check_exits(network: RoadNetwork, exits: tuple[Exit, ...], faults: FaultList) -> None:
    if not exits:
        faults.add("exits", "none", "at least one, for example from sl.exits_beyond(...)")
    for number, one in enumerate(exits):
        most = network.junctions if one.kind is SiteKind.JUNCTION else network.sections
        if not 0 <= one.index < most:
            faults.add(f"exits[{number}]", f"{one.kind} {one.index}", f"0 to {most - 1}")
        if not (math.isfinite(one.weight) and one.weight > 0):
            faults.add(f"exits[{number}].weight", str(one.weight), "a number above 0")


def _check_units(
    network: RoadNetwork,
    units: tuple[Unit, ...],
    points: PointSnapper,
    faults: FaultList,
    snap_m: float,
) -> tuple[tuple[int, float], ...]:
    seen: set[str] = set()
    for number, unit in enumerate(units):
        where = f"units[{number}] {unit.id}"
        if unit.id in seen:
            faults.add(where, "an id that another unit has", "each unit once")
        seen.add(unit.id)
        if not (math.isfinite(unit.speed_factor) and unit.speed_factor > 0):
            faults.add(f"{where}: speed_factor", str(unit.speed_factor), "a number above 0")
        if not (math.isfinite(unit.ready_s) and unit.ready_s >= 0):
            faults.add(f"{where}: ready_s", str(unit.ready_s), "seconds, 0 or more")
        unknown = unit.may_act_in - set(network.territories)
        if unknown and network.territories:
            known = ", ".join(network.territories)
            faults.add(f"{where}: may_act_in", ", ".join(sorted(unknown)), f"of {known}")
        if unit.strength < 1:
            faults.add(f"{where}: strength", str(unit.strength), "1 or more")
        _check_position(faults, where, unit.lon, unit.lat)
    whole = all(abs(unit.lon) <= 180 and abs(unit.lat) <= 90 for unit in units)  # noqa: PLR2004
    if not whole:
        return ()
    snapped = points.place_units(
        [(unit.lon, unit.lat) for unit in units],
        Rules(),
        [unit.status == IN_POSITION for unit in units],
    )
    for number, (unit, near) in enumerate(zip(units, snapped, strict=True)):
        if not near.distance_m <= snap_m:
            far = points.too_far(unit.lon, unit.lat, near.distance_m)
            faults.add(f"units[{number}] {unit.id}", far, f"a unit within {snap_m:g} m of a road")
    return tuple((near.section, near.fraction) for near in snapped)


def _anywhere(unit: Unit, network: RoadNetwork) -> Unit:
    """A unit may act anywhere if nobody said where and its side is no territory."""
    if unit.may_act_in - {unit.side} or unit.side in network.territories:
        return unit
    return replace(unit, may_act_in=frozenset(network.territories))


def _check_not_out(
    sources: Sequence[Source | None], exits: tuple[Exit, ...], faults: FaultList
) -> None:
    """A vehicle that is at an exit from the start cannot be kept from it."""
    places = {(one.kind, one.index) for one in exits}
    for number, one in enumerate(sources):
        if one is None:
            continue
        at = (
            (SiteKind.JUNCTION, one.junction)
            if one.junction is not None
            else (SiteKind.SECTION, one.section)
        )
        if at in places:
            faults.add(f"sources[{number}]", f"{one.name} at an exit", "a place before all exits")


def _check_vehicle(vehicle: Vehicle, faults: FaultList) -> None:
    for key in ("speed_factor", "max_speed_mps"):
        value = getattr(vehicle, key)
        if not value > 0:
            faults.add(f"vehicle.{key}", str(value), "a number above 0")
    if not 0 <= vehicle.min_speed_mps < math.inf:
        faults.add(
            "vehicle.min_speed_mps", str(vehicle.min_speed_mps), "metres a second, 0 or more"
        )


def _check_position(faults: FaultList, where: str, lon: float, lat: float) -> None:
    if not (abs(lon) <= 180 and abs(lat) <= 90):  # noqa: PLR2004
        faults.add(where, f"{lon}, {lat}", "longitude and latitude in degrees")


def _exits_across(
    network: RoadNetwork, inside: np.ndarray[Any, np.dtype[np.bool_]], name: str
) -> tuple[Exit, ...]:
    """Sections with one end inside, each under a name of its own."""
    tail, head = network.section_tail, network.section_head
    exits, taken = [], set()
    for number in np.flatnonzero(inside[tail] != inside[head]).tolist():
        road = network.name_of(number) or f"{network.class_of(number).replace('_', ' ')} {number}"
        text = f"{name}: {road}" if name else road
        if text in taken:
            text = f"{text}, section {number}"
        taken.add(text)
        exits.append(Exit(name=text, kind=SiteKind.SECTION, index=number))
    return tuple(exits)


def _rows(frame: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    if isinstance(frame, Sequence):
        return [dict(row) for row in frame]
    points = getattr(frame, "geometry", None) if hasattr(frame, "crs") else None
    table = frame.drop(columns=frame.geometry.name) if points is not None else frame
    rows: list[dict[str, Any]] = table.to_dict("records")
    if points is not None:
        degrees = points.to_crs("EPSG:4326") if frame.crs is not None else points
        for row, point in zip(rows, degrees, strict=True):
            row["lon"], row["lat"] = point.x, point.y
    return rows


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
