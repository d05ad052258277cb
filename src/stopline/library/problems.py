"""From a network, sightings, exits and units to a sealing problem; every fault is told at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.errors import FaultList
from stopline.library.exits import checked_exits
from stopline.library.given import (
    A_NETWORK,
    check_position,
    expect,
    fields_are_right,
    is_number,
    listed,
    shown,
)
from stopline.library.units import placed_units
from stopline.library.vehicles import check_vehicle
from stopline.network.access import known_course
from stopline.network.drive_graph import Vehicle
from stopline.network.point_snapper import PointSnapper
from stopline.network.road_network import ROAD_CLASSES, RoadNetwork
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
    expect(network, RoadNetwork, "network", A_NETWORK)
    faults = FaultList()
    points = PointSnapper(network)
    near = is_number(snap_m, "snap_m", faults, least=0.0, what="metres")
    reach_m = snap_m if near else math.inf
    seen = listed(sources, (Seen, Source), "sources", "sl.Seen(lon=..., lat=...)", faults)
    if not seen and not faults:
        faults.add("sources", "none", "at least one place where the vehicle was")
    placed = [
        _source(one, number, points, faults, reach_m, network) for number, one in enumerate(seen)
    ]
    goals = _exits(network, exits, faults)
    _check_not_out(placed, goals, faults)
    forces, places = placed_units(network, units, points, faults, reach_m)
    drives = Vehicle() if vehicle is None else vehicle
    check_vehicle(drives, faults)
    for key, value, least in (
        ("margin_s", margin_s, 0.0), ("setup_s", setup_s, 0.0), ("time_limit_s", time_limit_s, 1e-3)
    ):  # fmt: skip
        is_number(value, key, faults, least=least)
    best = _objective(objective, faults)
    held = _sites(network, sites, setup_s, need, faults)
    faults.raise_if_any()
    return SealingProblem(
        network=network,
        vehicle=drives,
        sources=tuple(one for one in placed if one is not None),
        exits=goals,
        sites=held,
        units=forces,
        unit_places=places,
        rules=Rules(
            objective=best,
            margin_s=margin_s,
            enough_margin_s=max(300.0, margin_s),
            time_limit_s=time_limit_s,
        ),
    )


def _on_the_network(one: Source, where: str, network: RoadNetwork, faults: FaultList) -> bool:
    before = len(faults)
    if (one.junction is None) == (one.section is None):
        faults.add(where, "junction and section both or neither", "exactly one of them")
    for index, most in ((one.junction, network.junctions), (one.section, network.sections)):
        if index is not None and not 0 <= index < most:
            faults.add(where, f"number {index}", f"a number from 0 to {most - 1}")
    if not 0.0 <= one.fraction <= 1.0:
        faults.add(f"{where}: fraction", str(one.fraction), "a part of the length, 0 to 1")
    return len(faults) == before


def _objective(objective: object, faults: FaultList) -> tuple[str, ...]:
    before, expected = len(faults), f"words of {', '.join(OBJECTIVES)}"
    words = listed(objective, str, "objective", expected, faults)
    for word in words:
        if word not in OBJECTIVES:
            faults.add("objective", repr(word), expected)
    for word in sorted({word for word in words if words.count(word) > 1}):
        faults.add("objective", f"{word} twice", "each once")
    if not words and len(faults) == before:
        faults.add("objective", "none", expected)
    return tuple(words)


def _sites(
    network: RoadNetwork, sites: object, setup_s: float, need: object, faults: FaultList
) -> SiteList:
    classes = _need(need, faults)
    every = all_sections(network, need=classes, setup_s=0.0 if faults else setup_s)
    if isinstance(sites, SiteList):
        return sites
    before = len(faults)
    if sites is None:
        given = np.flatnonzero(known_course(network))
    else:
        given = np.asarray(
            listed(sites, (int, np.integer, np.bool_), "sites",
                   "whole numbers of sections, as sl.section_numbers gives", faults)
        )  # fmt: skip
    if given.dtype == np.bool_:
        faults.add("sites", "true and false", "numbers of sections, as np.flatnonzero(...) gives")
        return every
    numbers = np.unique(given.astype(np.int64))
    if numbers.size == 0 and len(faults) == before:
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


def _need(need: object, faults: FaultList) -> dict[str, int]:
    """Strength by road class; what is none is a fault."""
    if need is None:
        return {}
    if not isinstance(need, Mapping):
        faults.add("need", shown(need), "strength by road class, for example {'motorway': 2}")
        return {}
    kept = {}
    for road, strength in need.items():
        if road not in ROAD_CLASSES:
            faults.add("need", str(road), f"a road class, of {', '.join(ROAD_CLASSES)}")
        elif not isinstance(strength, int | np.integer) or strength < 1:
            faults.add(f"need of {road}", shown(strength), "a whole number, 1 or more")
        else:
            kept[road] = int(strength)
    return kept


def _source(
    one: Source | Seen,
    number: int,
    points: PointSnapper,
    faults: FaultList,
    snap_m: float,
    network: RoadNetwork,
) -> Source | None:
    where = f"sources[{number}]"
    if not fields_are_right(one, where, faults):
        return None
    if one.time_s > 0:
        expected = "0 or less: seconds from now; five minutes ago is -300"
        faults.add(f"{where}: time_s", f"{one.time_s:.0f} s in the future", expected)
        return None
    if isinstance(one, Source):
        return one if _on_the_network(one, where, network, faults) else None
    if not check_position(faults, where, one.lon, one.lat):
        return None
    (near,) = points.snap([(one.lon, one.lat)])
    if not near.distance_m <= snap_m:
        seen = points.too_far(one.lon, one.lat, near.distance_m)
        faults.add(where, seen, f"a place within {snap_m:g} m of a road")
        return None
    return Source(name=one.name, time_s=one.time_s, section=near.section, fraction=near.fraction)


def _exits(network: RoadNetwork, exits: object, faults: FaultList) -> tuple[Exit, ...]:
    before = len(faults)
    given = checked_exits(network, exits, "exits", faults)
    if not given and len(faults) == before:
        faults.add("exits", "none", "at least one, for example from sl.exits_beyond(...)")
    return given


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
