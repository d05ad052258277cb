"""Check a blockade's file against the road network, by code that shares nothing with the planner.

Every drive is found anew. That no assignment closes the last place earlier is shown by counting:
so many places, and before that time fewer units that could hold any of them.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stopline.errors import BadInput
from stopline.network.cache import open_network
from stopline.network.read_settings import ReadSettings
from stopline.sealing.checker.check import CheckResult
from stopline.sealing.checker.roads import slack_s
from stopline.sealing.checker.units import UnitDrives
from stopline.sealing.plan_file.blockade import read_blockade
from stopline.sealing.plan_file.file import network_path, zone_of

if TYPE_CHECKING:
    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.plan_file.blockade import BlockadeFile, ClosedPlacePart
    from stopline.sealing.plan_file.schema import UnitPart

_NUMBERS: Final = re.compile(r"\d+")


def check_blockade_file(path: Path, network: Path | None = None) -> CheckResult:
    """Read a blockade's file and its road network, and check it.

    Raises:
        BadInput: the file is no blockade's, or the network is not there or cannot be read.
    """
    file = read_blockade(path)
    try:
        settings = ReadSettings(**(file.network.read_settings or {}))
    except TypeError as error:
        where, seen = f"{path}: network.read_settings", str(error)
        raise BadInput.single(where, seen, "the settings of docs/formats/scenario.md") from error
    roads = network_path(file.network, path) if network is None else Path(network)
    return check_blockade(file, open_network(roads, settings))


def check_blockade(file: BlockadeFile, network: RoadNetwork) -> CheckResult:
    """Check a blockade: each closing, the last one, and why none is earlier."""
    faults = _mismatches(file, network)
    if faults:
        return _refused(faults)
    drives = UnitDrives(network, file)
    units = {unit.id: unit for unit in file.units}
    faults = drives.place_faults()
    for place in file.places:
        faults += _closing_faults(place, units, drives)
    faults += _last_faults(file)
    if not faults:
        faults += _earlier_faults(file, drives) + _sentence_faults(file)
    return _refused(faults) if faults else CheckResult(ok=True, confirmed=_confirmed(file))


def _mismatches(file: BlockadeFile, network: RoadNetwork) -> list[str]:
    """What keeps the file from being checked at all."""
    if file.network.digest != network.digest:
        return ["The blockade was made on another network."]
    found = [
        f"Unit {unit.id} is put on section {unit.section}, which is not in the network."
        for unit in file.units
        if unit.section is not None and unit.section >= network.sections
    ]
    ids = [unit.id for unit in file.units]
    found += [f"Unit {one} stands twice in the file." for one in sorted(_twice(ids))]
    for place in file.places:
        there = network.junction_id if place.kind == "junction" else network.section_id
        if place.index >= len(there):
            found.append(f"{_called(place)} is not in the network.")
        elif int(there[place.index]) != place.original_id:
            found.append(
                f"{_called(place)} has the id {int(there[place.index])} in the network's file, "
                f"not {place.original_id}."
            )
    spots = [_called(place) for place in file.places]
    found += [f"{one} stands twice in the file." for one in sorted(_twice(spots))]
    if any(one >= len(file.places) for one in file.not_earlier.places):
        found.append("`not_earlier` names a place that is not in the file.")
    return found


def _closing_faults(
    place: ClosedPlacePart, units: dict[str, UnitPart], drives: UnitDrives
) -> list[str]:
    name = _called(place)
    if place.unit is None:
        return [] if place.closed_s is None else [f"{name} is closed by no unit."]
    unit = units.get(place.unit)
    if unit is None:
        return [f"Unit {place.unit} at {name} was not offered."]
    found = []
    if unit.side != place.side:
        found.append(f"Unit {unit.id} at {name} belongs to {unit.side}, not to {place.side}.")
    ready_s = _ready_s(unit, place, drives)
    if math.isinf(ready_s):
        return [*found, f"Unit {unit.id} can never hold {name}."]
    if place.closed_s is None or place.closed_s < ready_s - slack_s(ready_s):
        found.append(
            f"Unit {unit.id} cannot hold {name} before {ready_s:.1f} s, but the file says "
            f"{place.closed_s} s."
        )
    return found


def _ready_s(unit: UnitPart, place: ClosedPlacePart, drives: UnitDrives) -> float:
    """When a unit can hold a place, seconds after now; infinite for never."""
    spot = place.kind, place.index
    if not drives.may_hold(unit, spot):
        return math.inf
    drive_s = drives.drive_s(unit, [spot])[spot]
    return unit.ready_s + drive_s + drives.setup_s(unit, spot, place.setup_s)


def _last_faults(file: BlockadeFile) -> list[str]:
    used = [place.unit for place in file.places if place.unit is not None]
    found = [f"Unit {one} closes more than one place." for one in sorted(_twice(used))]
    closed = [place.closed_s for place in file.places]
    times = [math.inf if one is None else one for one in closed]
    last_s = math.inf if file.last_closing_s is None else file.last_closing_s
    if last_s != max(times) and abs(last_s - max(times)) > slack_s(max(times)):
        found.append(f"The last place is closed at {max(times):.1f} s, not at {last_s:.1f} s.")
    if file.complete != math.isfinite(max(times)):
        found.append(f"The file says complete: {str(file.complete).lower()}, which is not so.")
    return found


def _earlier_faults(file: BlockadeFile, drives: UnitDrives) -> list[str]:
    """Count the units that could hold any of the places called too many."""
    shown = sorted(set(file.not_earlier.places))
    crowded = [file.places[number] for number in shown]
    last_s = math.inf if file.last_closing_s is None else file.last_closing_s
    before_s = last_s - slack_s(last_s) if math.isfinite(last_s) else math.inf
    able = sum(
        any(_ready_s(unit, place, drives) < before_s for place in crowded) for unit in file.units
    )
    never = sum(place.unit is None for place in file.places)
    when = f"before {last_s:.1f} s" if file.complete else "at any time"
    if able <= file.not_earlier.units <= len(crowded) - max(never, 1):
        return []
    told = f"{when} {able} units can hold any of {len(crowded)} places"
    said = f"the file says {file.not_earlier.units} units"
    return [f"It is not shown that no assignment is better: {told}; {said}."]


def _sentence_faults(file: BlockadeFile) -> list[str]:
    """Hold the numbers and the time of the sentence against the table; names are left alone."""
    sentence = re.sub(r" UTC[+-][0-9:]+", "", file.sentence)
    for name in sorted((place.name for place in file.places), key=len, reverse=True):
        sentence = sentence.replace(name, "")
    never = sum(place.unit is None for place in file.places)
    expected = {len(file.places), len(file.not_earlier.places), file.not_earlier.units}
    clock = ""
    if file.last_closing_s is None:
        expected |= {never}
    else:
        expected |= {len(file.places) - never, len(file.units)}
        clock = _clock(file)
    told = {int(one) for one in _NUMBERS.findall(sentence.replace(clock, ""))}
    found = []
    if clock not in sentence:
        found.append(f"The sentence does not say that the last place is closed by {clock}.")
    if told - expected:
        wrong = ", ".join(map(str, sorted(told - expected)))
        found.append(f"Nothing in the file stands behind the number {wrong} of the sentence.")
    if file.complete != sentence.startswith("All "):
        found.append("The sentence and the table differ on whether all places are closed.")
    return found


def _clock(file: BlockadeFile) -> str:
    """The last closing, carried to the second after it, as a sentence tells it."""
    zone = zone_of(file)
    now = datetime.fromtimestamp(file.now_utc_s, zone)
    last_s = math.ceil(file.last_closing_s or 0.0)
    at = (now.astimezone(UTC) + timedelta(seconds=last_s)).astimezone(zone)
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at:%d %b %H:%M:%S}"


def _confirmed(file: BlockadeFile) -> str:
    crowded, able = len(file.not_earlier.places), file.not_earlier.units
    if file.complete:
        return (
            f"Confirmed: all {len(file.places)} places are closed, the last at "
            f"{file.last_closing}; no assignment closes the last one earlier, as before that "
            f"{able} units can hold any of {crowded} places."
        )
    never = sum(place.unit is None for place in file.places)
    return (
        f"Confirmed: {never} of {len(file.places)} places cannot be closed, as {able} units can "
        f"ever hold any of {crowded} places."
    )


def _refused(faults: list[str]) -> CheckResult:
    return CheckResult(ok=False, confirmed="The plan is refused.", faults=tuple(faults))


def _called(place: ClosedPlacePart) -> str:
    return f"{place.name} ({place.kind} {place.index})"


def _twice(names: list[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}
