"""Units of a file, as a service registers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.errors import FaultList
from stopline.forces.agency import agency_name
from stopline.forces.reading import read_units
from stopline.forces.side import Side
from stopline.forces.unit import FREE
from stopline.operation.facts.readiness import RegisteredUnit

if TYPE_CHECKING:
    from pathlib import Path


def registered_from(path: Path, side: str, agency: str) -> tuple[tuple[RegisteredUnit, ...], int]:
    """Read the units of one service from units.csv or GeoJSON.

    Files write `riot police` where a protocol, whose names have no blanks, says `riot_police`:
    these are the same, and the unit bears the protocol's name.

    Args:
        path: the file; it may hold units of several services of one side.
        side: the side as the file names it.
        agency: the service whose units are wanted.

    Returns:
        Its units, at least one, and how many units of other services the file holds.

    Raises:
        BadInput: with all faults of the file; or it holds no unit of the service.
    """
    units = read_units(path, {side: Side(id=side, territories=(side,))})
    own = [unit for unit in units if agency_name(unit.agency) == agency_name(agency)]
    faults = FaultList()
    for unit in own:
        if unit.status != FREE:
            faults.add(
                f"{path}: {unit.id} status", unit.status, f"{FREE}; a unit says what it does"
            )
    if not own:
        named = ", ".join(sorted({unit.agency for unit in units}))
        faults.add(str(path), f"units of {named}", f"units of {agency or 'your service'}")
    faults.raise_if_any()
    made = tuple(
        RegisteredUnit(
            id=unit.id, side=unit.side, agency=agency, lon=unit.lon, lat=unit.lat,
            ready_s=unit.ready_s, speed_factor=unit.speed_factor, strength=unit.strength,
            may_act_in=tuple(sorted(unit.may_act_in)), name=unit.name,
        )
        for unit in own
    )  # fmt: skip
    return made, len(units) - len(own)
