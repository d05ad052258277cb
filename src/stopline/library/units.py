"""Units of a table, and whether units that were given are right and stand near a road."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from stopline.documents.csv_rows import with_point
from stopline.errors import FaultList
from stopline.forces.side import Side
from stopline.forces.unit import IN_POSITION, Unit
from stopline.forces.unit_form import BY_ID, FIELDS, NEEDED, NUMBERS, STATUSES, UnitForm
from stopline.library.given import check_position, fields_are_right, listed, shown
from stopline.scenario.file_ids import position_of
from stopline.sealing.problem import Rules

if TYPE_CHECKING:
    from stopline.network.point_snapper import PointSnapper
    from stopline.network.road_network import RoadNetwork

_A_UNIT: Final = "sl.Unit, as sl.units_from_frame gives"


def units_from_frame(
    frame: Any,  # noqa: ANN401
    *,
    side: str = "",
    agency: str = "police",
    network: RoadNetwork | None = None,
) -> tuple[Unit, ...]:
    """Make units of a table: one row a unit, columns as in units.csv.

    Args:
        frame: a pandas DataFrame, a GeoDataFrame (its points give `lon` and `lat`), or a list of
            dicts. Columns that units do not have are passed over. Numbers may be text with decimal
            commas where those of `lon` and `lat` are.
        side: of rows that name none.
        agency: of rows that name none.
        network: the roads, so that a column `node`, `link` or `way` with ids of their file may
            stand in place of `lon` and `lat`.

    Raises:
        BadInput: with every fault of every row.
    """
    faults = FaultList()
    rows = _rows(frame, faults)
    if not rows and not faults:
        faults.add("units", "a table without rows", "one row a unit")
    faults.raise_if_any()
    columns = list(dict.fromkeys(str(key) for row in rows for key in row))
    by_id = ("lon", "lat") if set(BY_ID) & set(columns) else ()
    for key in NEEDED:
        if key not in (*columns, *by_id) and not {"side": side, "agency": agency}.get(key):
            faults.add(f"units: column {key}", f"the columns {', '.join(columns)}", FIELDS[key])
    faults.raise_if_any()
    _mend_commas(rows)
    given = [
        {"side": side, "agency": agency, **{k: v for k, v in row.items() if not _blank(v)}}
        for row in rows
    ]
    sides = {str(row["side"]): Side(id=str(row["side"])) for row in given if row["side"]}
    position = None if network is None else partial(position_of, network)
    form = UnitForm(sides, None, faults, position)
    units = [
        form.unit(
            {key: value for key, value in row.items() if key in form.fields},
            lambda key, number=number: f"units row {number}: {key}",  # type: ignore[misc]
        )
        for number, row in enumerate(given)
    ]
    faults.raise_if_any()
    return tuple(unit for unit in units if unit is not None)


def placed_units(
    network: RoadNetwork, units: object, points: PointSnapper, faults: FaultList, snap_m: float
) -> tuple[tuple[Unit, ...], tuple[tuple[int, float], ...]]:
    """The units with the places where they stand on the roads."""
    before = len(faults)
    given = listed(units, Unit, "units", _A_UNIT, faults)
    if not given and len(faults) == before:
        faults.add("units", "none", "at least one, for example from sl.units_from_frame(...)")
    right = [
        one for number, one in enumerate(given) if _unit_is_right(network, one, number, faults)
    ]
    seen: set[str] = set()
    for number, unit in enumerate(given):
        if unit.id in seen:
            faults.add(
                f"units[{number}] {unit.id}", "an id that another unit has", "each unit once"
            )
        seen.add(unit.id)
    if not right:
        return (), ()
    forces = tuple(_anywhere(unit, network) for unit in right)
    snapped = points.place_units(
        [(unit.lon, unit.lat) for unit in forces],
        Rules(),
        [unit.status == IN_POSITION for unit in forces],
    )
    for unit, near in zip(forces, snapped, strict=True):
        if not near.distance_m <= snap_m:
            far = points.too_far(unit.lon, unit.lat, near.distance_m)
            number = next(n for n, one in enumerate(given) if one.id == unit.id)
            faults.add(f"units[{number}] {unit.id}", far, f"a unit within {snap_m:g} m of a road")
    return forces, tuple((near.section, near.fraction) for near in snapped)


def _unit_is_right(network: RoadNetwork, unit: Unit, number: int, faults: FaultList) -> bool:
    where, before = f"units[{number}] {unit.id}", len(faults)
    if not fields_are_right(unit, where, faults):
        return False
    for key in ("id", "side", "agency"):
        if not getattr(unit, key).strip():
            faults.add(f"{where}: {key}", "nothing", "text")
    if unit.speed_factor <= 0:
        faults.add(f"{where}: speed_factor", str(unit.speed_factor), "a number above 0")
    if unit.ready_s < 0:
        faults.add(f"{where}: ready_s", str(unit.ready_s), "seconds, 0 or more")
    if unit.strength < 1:
        faults.add(f"{where}: strength", str(unit.strength), "1 or more")
    if unit.status not in STATUSES:
        faults.add(f"{where}: status", unit.status, f"one of {', '.join(STATUSES)}")
    if unit.bound_to and not _is_a_site(network, unit.bound_to):
        faults.add(f"{where}: bound_to", unit.bound_to, "a site, as `section 12` or `junction 7`")
    unknown = unit.may_act_in - set(network.territories)
    if unknown and network.territories:
        known = ", ".join(network.territories)
        faults.add(f"{where}: may_act_in", ", ".join(sorted(unknown)), f"of {known}")
    check_position(faults, where, unit.lon, unit.lat)
    return len(faults) == before


def _is_a_site(network: RoadNetwork, text: str) -> bool:
    kind, _, number = text.partition(" ")
    most = {"section": network.sections, "junction": network.junctions}.get(kind, 0)
    return number.isdecimal() and int(number) < most


def _anywhere(unit: Unit, network: RoadNetwork) -> Unit:
    """A unit may act anywhere if nobody said where and its side is no territory."""
    if unit.may_act_in - {unit.side} or unit.side in network.territories:
        return unit
    return replace(unit, may_act_in=frozenset(network.territories))


def _rows(frame: Any, faults: FaultList) -> list[dict[str, Any]]:  # noqa: ANN401
    if not hasattr(frame, "columns"):
        whole = listed(frame, Mapping, "units", "dicts, one a unit, or a DataFrame", faults)
        return [dict(row) for row in whole]
    points = getattr(frame, "geometry", None) if hasattr(frame, "crs") else None
    table = frame.drop(columns=frame.geometry.name) if points is not None else frame
    rows: list[dict[str, Any]] = table.to_dict("records")
    if points is not None:
        degrees = points.to_crs("EPSG:4326") if frame.crs is not None else points
        for number, (row, point) in enumerate(zip(rows, degrees, strict=True)):
            if getattr(point, "geom_type", "") == "Point" and not point.is_empty:
                row["lon"], row["lat"] = point.x, point.y
            else:
                seen = getattr(point, "geom_type", "") or shown(point)
                faults.add(f"units row {number}: geometry", seen, "a point")
    return rows


def _mend_commas(rows: list[dict[str, Any]]) -> None:
    """Put points for decimal commas, in a table whose positions have them.

    Where they have points, or are no text, 1,200 could as well be twelve hundred, and is refused.
    """
    positions = {str(row[key]).strip() for row in rows for key in ("lon", "lat") if key in row}
    if not any(_with_point(text) != text for text in positions):
        return
    for row in rows:
        for key in set(NUMBERS) & set(row):
            if isinstance(row[key], str):
                row[key] = _with_point(row[key].strip())


def _with_point(text: str) -> str:
    return with_point(text, ";")


def _blank(value: object) -> bool:
    """Whether a cell is empty as pandas writes it: None, NaN, NaT or NA."""
    return (
        value is None
        or type(value).__name__ in {"NAType", "NaTType"}
        or (isinstance(value, float) and math.isnan(value))
    )
