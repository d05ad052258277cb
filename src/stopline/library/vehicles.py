"""Whether a vehicle that was given can drive so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from stopline.library.given import fields_are_right, is_number, shown
from stopline.network.drive_graph import Vehicle
from stopline.network.road_network import ROAD_CLASSES

if TYPE_CHECKING:
    from stopline.errors import FaultList


def check_vehicle(vehicle: object, faults: FaultList) -> None:
    """Refuse a vehicle that cannot drive so."""
    if not isinstance(vehicle, Vehicle):
        faults.add(
            "vehicle", shown(vehicle), "sl.Vehicle, for example sl.Vehicle(speed_factor=1.3)"
        )
        return
    if not fields_are_right(vehicle, "vehicle", faults):
        return
    for key in ("speed_factor", "max_speed_mps"):
        value = getattr(vehicle, key)
        if not value > 0:
            faults.add(f"vehicle.{key}", str(value), "a number above 0")
    if not 0 <= vehicle.min_speed_mps <= vehicle.max_speed_mps:
        faults.add(
            "vehicle.min_speed_mps", str(vehicle.min_speed_mps),
            "metres a second, from 0 to max_speed_mps",
        )  # fmt: skip
    _check_class_speeds(vehicle.class_speed_mps, faults)
    if vehicle.local_time and not _is_wall_clock(vehicle.local_time):
        faults.add("vehicle.local_time", vehicle.local_time, "a time such as 2026-06-12T21:30:00")


def _is_wall_clock(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


def _check_class_speeds(speeds: object, faults: FaultList) -> None:
    if speeds is not None and not isinstance(speeds, Mapping):
        faults.add("vehicle.class_speed_mps", shown(speeds), "metres a second by road class")
    elif speeds is not None:
        for road, speed in speeds.items():
            if road not in ROAD_CLASSES:
                faults.add("vehicle.class_speed_mps", str(road), f"of {', '.join(ROAD_CLASSES)}")
            is_number(speed, f"vehicle.class_speed_mps of {road}", faults, least=0.1,
                      what="metres a second")  # fmt: skip
