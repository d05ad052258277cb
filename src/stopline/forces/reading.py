"""Read units from CSV or GeoJSON; every fault is reported with its line or feature."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Final

from stopline.documents.csv_rows import MOST_FAULTS, read_rows
from stopline.errors import FaultList, unreadable
from stopline.forces.unit_form import BY_ID, FIELDS, NEEDED, UnitForm

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from stopline.forces.side import Side
    from stopline.forces.unit import Unit

_LARGEST_GEOJSON: Final = 64_000_000
_NO_UNITS: Final = "at least one unit"


def read_units(
    path: Path,
    sides: Mapping[str, Side],
    territories: Collection[str] | None = None,
) -> tuple[Unit, ...]:
    """Read the units of one file.

    Args:
        path: a `.csv`, or a `.geojson` or `.json` file.
        sides: the sides that units may belong to, by id.
        territories: names that `may_act_in` may use; None if they are not known.

    Returns:
        The units in file order, at least one.

    Raises:
        BadInput: with all faults of the file.
    """
    faults = FaultList()
    units = read_units_into(path, UnitForm(sides, territories, faults), faults)
    faults.raise_if_any()
    return units


def read_units_into(path: Path, form: UnitForm, faults: FaultList) -> tuple[Unit, ...]:
    """Read the units of one file of several; `form` knows the ids of the files before."""
    kind = path.suffix.lower()
    if kind == ".csv":
        return _from_csv(path, form, faults)
    if kind in {".geojson", ".json"}:
        return _from_geojson(path, form, faults)
    faults.add(str(path), f"a file named *{kind}", "a .csv, .geojson or .json file")
    return ()


def _from_csv(path: Path, form: UnitForm, faults: FaultList) -> tuple[Unit, ...]:
    before, rows = len(faults), 0
    units: list[Unit] = []
    instead = dict.fromkeys(("lon", "lat"), BY_ID)
    for row in read_rows(path, faults, columns=FIELDS, needed=NEEDED, instead=instead):
        rows += 1
        fields = {name: cell for name, cell in row.fields.items() if name in form.fields}
        unit = form.unit(fields, lambda key, where=row.where: f"{where}: {key}")  # type: ignore[misc]
        if unit:
            units.append(unit)
    if not rows and len(faults) == before:
        faults.add(str(path), "no units", _NO_UNITS)
    return tuple(units)


def _from_geojson(path: Path, form: UnitForm, faults: FaultList) -> tuple[Unit, ...]:
    features = _features(path, faults)
    if features is None:
        return ()
    units: list[Unit] = []
    for number, feature in enumerate(features, start=1):
        where = f"{path} feature {number}"
        fields = _fields_of_feature(feature, where, faults)
        if fields is not None:
            unit = form.unit(fields, lambda key, where=where: f"{where}: {key}")  # type: ignore[misc]
            if unit:
                units.append(unit)
        if len(faults) > MOST_FAULTS:
            faults.add(str(path), "more faults than these", "these to be mended first")
            return ()
    if not features:
        faults.add(f"{path}: features", "no units", _NO_UNITS)
    return tuple(units)


def column_of(path: Path, name: str) -> list[tuple[str, str]]:
    """Where and what each unit of a CSV or GeoJSON has in a column; none if it cannot be read."""
    if path.suffix.lower() == ".csv":
        rows = read_rows(path, FaultList())
        found = [(row.where, row.fields.get(name, "")) for row in rows]
    else:
        features = enumerate(_features(path, FaultList()) or [], start=1)
        found = [
            (f"{path} feature {number}", str(fields.get(name) or "").strip())
            for number, one in features
            if (fields := _fields_of_feature(one, "", FaultList()))
        ]
    return [(where, text) for where, text in found if text]


def sides_in_file(path: Path) -> set[str]:
    """The sides that the units of a CSV or GeoJSON file name; none if it cannot be read."""
    return {side for _, side in column_of(path, "side")}


def _features(path: Path, faults: FaultList) -> list[object] | None:
    document = _json_document(path, faults)
    if document is None:
        return None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        kind = document.get("type") if isinstance(document, dict) else type(document).__name__
        faults.add(str(path), f"type {kind!r}", "a GeoJSON FeatureCollection with features")
        return None
    return features


def _json_document(path: Path, faults: FaultList) -> object:
    """Content of a JSON file of bounded size; None if a fault was noted."""
    where, seen, expected = str(path), "", "a GeoJSON FeatureCollection"
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_GEOJSON + 1)
        if len(raw) > _LARGEST_GEOJSON:
            seen, expected = "more than 64 MB", "a smaller file"
        else:
            document: object = json.loads(raw.decode("utf-8-sig"))
            if document is not None:
                return document
            seen = "null"
    except OSError as error:
        seen, expected = unreadable(error), "a file that can be read"
    except UnicodeDecodeError as error:
        where, seen = f"{path} byte {error.start + 1}", "text that is not UTF-8"
        expected = "text in UTF-8"
    except json.JSONDecodeError as error:
        where, seen = f"{path} line {error.lineno}", error.msg if raw.strip() else "an empty file"
    except (ValueError, RecursionError):
        seen = "nesting too deep or a number too long"
    faults.add(where, seen, expected)
    return None


def _fields_of_feature(feature: object, where: str, faults: FaultList) -> dict[str, object] | None:
    """Fields of a unit from a GeoJSON point feature with properties."""
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict) or not isinstance(properties, dict):
        faults.add(where, "no geometry or no properties", "a Feature with a Point and properties")
        return None
    coordinates = geometry.get("coordinates")
    if geometry.get("type") != "Point" or not isinstance(coordinates, list) or len(coordinates) < 2:  # noqa: PLR2004
        faults.add(f"{where}: geometry", geometry.get("type"), "a Point with [lon, lat]")
        return None
    unknown = [str(key) for key in properties if key not in FIELDS]
    for key in unknown:
        near = difflib.get_close_matches(key, FIELDS, n=1)
        if near and near[0] not in properties:
            faults.add(f"{where}: {key}", "an unknown property", f"did you mean {near[0]!r}?")
    fields = {key: value for key, value in properties.items() if key in FIELDS}
    return {**fields, "lon": coordinates[0], "lat": coordinates[1]}
