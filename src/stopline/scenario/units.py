"""The units of a scenario: from files or the scenario itself, each near enough to a road."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from stopline.forces.reading import read_units_into
from stopline.forces.unit_form import UnitForm

if TYPE_CHECKING:
    from stopline.forces.unit import Unit
    from stopline.network.point_snapper import Snapped
    from stopline.scenario.context import ScenarioPart


def units_of(part: ScenarioPart) -> tuple[Unit, ...]:
    """Read all units; a path and a unit given in place may stand side by side."""
    form = UnitForm(part.sides, part.network.territories or None, part.faults)
    units: list[Unit] = []
    for number, entry in enumerate(part.form.units):
        keys = ("units", number)
        if isinstance(entry, str):
            units += read_units_into(part.document.path.parent / entry, form, part.faults)
        elif isinstance(entry, dict):
            unknown = set(entry) - set(form.fields)
            for key in sorted(unknown):
                part.fault((*keys, key), "an unknown key", f"keys of {', '.join(form.fields)}")
            unit = form.unit(entry, partial(_where, part, number))
            if unit is not None:
                units.append(unit)
        else:
            part.fault(keys, entry, "the path of a CSV or GeoJSON, or a unit")
    return tuple(units)


def _where(part: ScenarioPart, number: int, key: str) -> str:
    return part.document.where(("units", number, key))


def snap_units(part: ScenarioPart, units: tuple[Unit, ...]) -> tuple[Snapped, ...]:
    """Put units on their nearest sections; one that stands in the sea is a fault."""
    most_m = part.form.rules.max_snap_m
    snapped = part.points.snap([(unit.lon, unit.lat) for unit in units])
    for unit, point in zip(units, snapped, strict=True):
        if not point.distance_m <= most_m:
            seen = f"{unit.id} {part.points.too_far(unit.lon, unit.lat, point.distance_m)}"
            part.fault(("units",), seen, f"units within {most_m:g} m of a road")
    return snapped
