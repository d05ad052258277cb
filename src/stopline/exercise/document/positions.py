"""Positions of an exercise against the roads: a vehicle starts on one, a camera sees one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from stopline.network.point_snapper import PointSnapper
from stopline.operation.core.placing import OFF_ROAD_M

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.exercise.document.fields import Place
    from stopline.exercise.document.schema import Exercise
    from stopline.scenario.loader import Scenario

    Keys = tuple[str | int, ...]
    Position = tuple[Keys, tuple[float, float], float]

_START_M: Final = 5_000.0  # a map of main roads leaves out the street it sets out in
_DESTINATION_M: Final = 500_000.0  # it may head for what lies beyond the map
_KILOMETRE_M: Final = 1_000.0
_USUAL_ERRORS: Final = 2.0  # a witness is held to be so far off


def off_the_roads(exercise: Exercise, scenario: Scenario) -> Iterator[tuple[Keys, str, str]]:
    """Find what lies too far from every road: keys, what was seen, what is expected."""
    snapper = PointSnapper(scenario.problem.network)
    positions = list(_positions(exercise, scenario))
    near = snapper.snap([point for _, point, _ in positions])
    for (keys, point, most_m), road in zip(positions, near, strict=True):
        if road.distance_m > most_m:
            swapped = snapper.swapped(*point, road.distance_m)
            hint = " (lon and lat look swapped)" if swapped else ""
            seen = f"{_length(math.ceil(road.distance_m))} from the nearest road{hint}"
            yield keys, seen, f"a road within {_length(most_m)}"


def _positions(exercise: Exercise, scenario: Scenario) -> Iterator[Position]:
    """All positions of the document, with how far from a road each may be."""
    vehicle = exercise.truth.vehicle
    at: Keys = ("truth", "vehicle")
    yield from _placed((*at, "start"), vehicle.start, scenario, _START_M)
    for number, one in enumerate(vehicle.destinations):
        yield from _placed((*at, "destinations", number), one, scenario, _DESTINATION_M)
    for number, turn in enumerate(vehicle.changes_mind):
        yield from _placed((*at, "changes_mind", number, "to"), turn.to, scenario, _DESTINATION_M)
    for number, camera in enumerate(exercise.truth.cameras):
        yield ("truth", "cameras", number), (camera.lon, camera.lat), camera.sees_m
    for number, witness in enumerate(exercise.truth.witnesses):
        most_m = (
            witness.sees_m
            if witness.false_at_s is None
            else max(OFF_ROAD_M, _USUAL_ERRORS * witness.error_m)
        )
        yield ("truth", "witnesses", number), (witness.lon, witness.lat), most_m
    for number, inject in enumerate(exercise.msel):
        if inject.sighting is not None:  # what a node refuses would be lost without a word
            most_m = max(OFF_ROAD_M, inject.sighting.radius_m)
            keys: Keys = ("msel", number, "sighting")
            yield from _placed(keys, inject.sighting, scenario, most_m)


def _length(metres: float) -> str:
    return f"{metres:g} m" if metres < _KILOMETRE_M else f"{metres / _KILOMETRE_M:.4g} km"


def _placed(keys: Keys, place: Place, scenario: Scenario, most_m: float) -> Iterator[Position]:
    if place.lon is not None and place.lat is not None:
        yield keys, (place.lon, place.lat), most_m
    elif place.place is not None and place.place in scenario.places:
        yield (*keys, "place"), scenario.places[place.place], most_m
