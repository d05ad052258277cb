"""What an atlas is made for: the region of an event or scenario, and who is on duty when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.documents.yaml import read_yaml
from stopline.errors import BadInput
from stopline.network.snapping import junctions_within, nearest_junction
from stopline.planning.event_input import load_event
from stopline.scenario.loader import load_scenario
from stopline.sealing.search.pursuit_graph import make_pursuit_graph

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo
    from pathlib import Path

    from numpy.typing import NDArray

    from stopline.documents.yaml import YamlDocument
    from stopline.event.forces import RosterShift
    from stopline.forces.side import Side
    from stopline.sealing.problem import SealingProblem

_HOUR_S: Final = 3600.0
_OF_EVENTS: Final = frozenset({"venue", "phases", "risk"})  # keys that no scenario has


@dataclass(frozen=True, slots=True, kw_only=True)
class AtlasRegion:
    """A region with its forces.

    Attributes:
        name: what people call it.
        path: the file it was read from.
        problem: roads, exits, sites, all units, rules.
        sides: by id.
        zone: the zone for times.
        places: junctions of each named place, the venue of an event first.
        points: longitude and latitude of each named place.
        hours: start of each hour (UTC seconds) with the ids of the units on duty.
    """

    name: str
    path: Path
    problem: SealingProblem
    sides: Mapping[str, Side]
    zone: tzinfo
    places: Mapping[str, NDArray[np.int32]]
    points: Mapping[str, tuple[float, float]]
    hours: tuple[tuple[float, tuple[str, ...]], ...]


def load_region(path: Path, progress: Callable[[str, float], None] | None = None) -> AtlasRegion:
    """Read an event or a scenario.

    Raises:
        BadInput: with all its faults; or it has no units.
    """
    document = read_yaml(path)
    if isinstance(document.content, dict) and document.content.keys() & _OF_EVENTS:
        return _of_event(document, progress)
    scenario = load_scenario(path, progress=progress)
    problem = scenario.problem
    everybody = tuple(unit.id for unit in problem.units)
    return AtlasRegion(
        name=scenario.name,
        path=path,
        problem=problem,
        sides=scenario.sides,
        zone=scenario.zone,
        places={
            name: np.array([nearest_junction(problem.network, *point)], dtype=np.int32)
            for name, point in scenario.places.items()
        },
        points=dict(scenario.places),
        hours=((problem.now_utc_s, everybody),),
    )


def _of_event(document: YamlDocument, progress: Callable[[str, float], None] | None) -> AtlasRegion:
    path = document.path
    event = load_event(path, progress=progress)
    problem = event.problem
    if not problem.units:
        where = document.where(("units",))
        raise BadInput.single(where, "none", "units, to ask from where they could seal")
    places = {event.form.venue.name: event.venue.junctions}
    points = {event.form.venue.name: event.venue.centre[:2]}
    for name, place in event.form.places.items():
        found = np.empty(0, dtype=np.int32)
        if place.radius_m is not None:
            found = junctions_within(problem.network, place.lon, place.lat, place.radius_m)
        if not found.size:
            nearest = nearest_junction(problem.network, place.lon, place.lat)
            found = np.array([nearest], dtype=np.int32)
        places.setdefault(name, found)
        points.setdefault(name, (place.lon, place.lat))
    begin = min(phase.start for phase in event.phases).timestamp()
    end = max(phase.until for phase in event.phases).timestamp()
    return AtlasRegion(
        name=event.form.name,
        path=path,
        problem=problem,
        sides=event.sides,
        zone=event.zone,
        places=places,
        points=points,
        hours=tuple(_hours(begin, end, event.shifts, [unit.id for unit in problem.units])),
    )


def _hours(
    begin: float, end: float, shifts: tuple[RosterShift, ...], ids: list[str]
) -> list[tuple[float, tuple[str, ...]]]:
    """Units on duty throughout each hour; a unit without shifts always is."""
    of_unit: dict[str, list[RosterShift]] = {}
    for shift in shifts:
        of_unit.setdefault(shift.unit, []).append(shift)
    hours = []
    start = begin - begin % _HOUR_S
    while start < end:
        first, last = max(start, begin), min(start + _HOUR_S, end)
        there = tuple(
            unit
            for unit in ids
            if unit not in of_unit
            or any(one.start_s <= first and one.end_s >= last for one in of_unit[unit])
        )
        hours.append((start, there))
        start += _HOUR_S
    return hours


def origins_of(problem: SealingProblem) -> NDArray[np.int32]:
    """Junctions that a vehicle can be at before it is out, and from which it can get out."""
    chase = make_pursuit_graph(problem, everything=True)
    found = chase.search.run(chase.start_node, np.zeros(chase.start_node.shape[0]))
    reached = np.isfinite(found.arrival_s)
    graph = chase.graph
    junctions = np.arange(problem.network.junctions, dtype=np.int32)
    inside = reached[graph.node_of[graph.first_node[:-1]]]
    return junctions[inside]


def moment(start_s: float, zone: tzinfo) -> datetime:
    """An hour's start in the region's zone."""
    return datetime.fromtimestamp(start_s, tz=zone)
