"""The units of a scenario: from files or the scenario itself, each near enough to a road."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from stopline.forces.reading import read_units_into
from stopline.forces.unit import IN_POSITION
from stopline.forces.unit_form import UnitForm
from stopline.network.place_names import road_label
from stopline.network.point_snapper import rows
from stopline.scenario.file_ids import position_of

if TYPE_CHECKING:
    from stopline.forces.unit import Unit
    from stopline.network.access import UnitAccess
    from stopline.network.point_snapper import SnappedPoint
    from stopline.scenario.context import ScenarioPart


def units_of(part: ScenarioPart) -> tuple[Unit, ...]:
    """Read all units; a path and a unit given in place may stand side by side."""
    form = UnitForm(
        part.sides, part.network.territories or None, part.faults,
        partial(position_of, part.network),
    )  # fmt: skip
    units: list[Unit] = []
    for number, entry in enumerate(part.form.units):
        keys = ("units", number)
        if isinstance(entry, str) and not (part.document.path.parent / entry).is_file():
            part.fault(keys, f"{entry}, which is not there", "a file that exists")
        elif isinstance(entry, str):
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
    part.units_stand.update(form.stands)
    return tuple(units)


def _where(part: ScenarioPart, number: int, key: str) -> str:
    return part.document.where(("units", number, key))


def snap_units(
    part: ScenarioPart, units: tuple[Unit, ...], rules: UnitAccess
) -> tuple[SnappedPoint, ...]:
    """Put units on the roads; one that stands in the sea is a fault, one on an island is told."""
    most_m = part.form.rules.max_snap_m
    if not units:
        return ()
    lon, lat = [unit.lon for unit in units], [unit.lat for unit in units]
    fixed = [unit.status == IN_POSITION for unit in units]
    placed = part.points.unit_snapper(rules).place(lon, lat, fixed)
    snapped = rows(placed.at)
    for unit, point in zip(units, snapped, strict=True):
        if not point.distance_m <= most_m:
            seen = f"{unit.id} {part.points.too_far(unit.lon, unit.lat, point.distance_m)}"
            where = part.units_stand.get(unit.id) or part.document.where(("units",))
            part.faults.add(where, seen, f"units within {most_m:g} m of a road")
    moved = placed.at.section != placed.nearest.section
    for row, unit in enumerate(units):
        if moved[row]:
            road = road_label(part.network, int(placed.at.section[row]))
            part.doubts.note(
                "guessed",
                "unit_moved",
                "units whose nearest road no unit surely gets on from, put on the main part",
                f"{unit.id}, {placed.at.distance_m[row]:,.0f} m to {road}",
            )
        elif placed.apart[row] and not fixed[row]:
            part.doubts.note(
                "doubtful",
                "unit_apart",
                "units that stand where no unit surely gets on from, so that they can hold only "
                "the road under them",
                unit.id,
            )
    return snapped
