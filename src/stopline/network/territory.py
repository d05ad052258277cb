"""Territories as polygons, and in which of them each junction lies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.geometry import shape

from stopline.errors import BadInput, FaultList
from stopline.network.road_network import NO_TERRITORY

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

_MAX_TERRITORIES = 10_000


@dataclass(frozen=True, slots=True)
class Territories:
    """Named areas; a territory of several parts has several polygons of one name.

    Attributes:
        names: name of each polygon.
        polygons: shapely polygons or multipolygons in degrees, as (lon, lat).
    """

    names: tuple[str, ...]
    polygons: tuple[Any, ...]


def locate(
    territories: Territories, lon: ArrayLike, lat: ArrayLike
) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """Tell in which territory each point lies.

    Args:
        territories: the polygons; where two overlap the first one counts.
        lon: degrees, float64[n]; NaN lies nowhere.
        lat: degrees, float64[n].

    Returns:
        The names in alphabetical order, and int16[n], an index into them or `NO_TERRITORY`.
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    names = tuple(sorted(set(territories.names)))
    result = np.full(lon.shape[0], NO_TERRITORY, dtype=np.int16)
    for name, polygon in zip(territories.names, territories.polygons, strict=True):
        west, south, east, north = polygon.bounds
        near = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        rows = np.flatnonzero(near & (result == NO_TERRITORY))
        shapely.prepare(polygon)
        inside = shapely.intersects_xy(polygon, lon[rows], lat[rows])
        result[rows[inside]] = names.index(name)
    return names, result


def read_geojson(path: Path, name_property: str) -> Territories:
    """Read territories from a GeoJSON file (RFC 7946) of polygons.

    Args:
        path: a FeatureCollection of Polygon or MultiPolygon features.
        name_property: the property that names each feature.

    Returns:
        One polygon per feature.

    Raises:
        BadInput: with every fault of the file.
    """
    features = _features(path)
    faults = FaultList()
    names: list[str] = []
    polygons: list[Any] = []
    for number, feature in enumerate(features):
        where = f"{path} feature {number + 1}"
        content = feature if isinstance(feature, dict) else {}
        properties = content.get("properties")
        name = properties.get(name_property) if isinstance(properties, dict) else None
        if not isinstance(name, str) or not name:
            faults.add(where, name, f"a text as property {name_property!r}")
        polygon = _polygon(content.get("geometry"))
        if polygon is None:
            faults.add(where, "no usable polygon", "a Polygon or MultiPolygon in degrees")
        names.append(str(name))
        polygons.append(polygon)
    faults.raise_if_any()
    return Territories(tuple(names), tuple(polygons))


def _features(path: Path) -> list[Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput.single(str(path), f"{error}", "a GeoJSON file") from error
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not 0 < len(features) <= _MAX_TERRITORIES:
        raise BadInput.single(
            str(path), "no list of features", "a GeoJSON FeatureCollection of polygons"
        )
    return features


def _polygon(geometry: object) -> Any:  # noqa: ANN401  (shapely is untyped here)
    """The polygon of a GeoJSON geometry, mended where it crosses itself; None if it is none."""
    try:
        polygon = shape(geometry)
        if polygon.geom_type not in ("Polygon", "MultiPolygon") or polygon.is_empty:
            return None
        west, south, east, north = polygon.bounds
        if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):  # noqa: PLR2004
            return None
        return polygon if polygon.is_valid else shapely.make_valid(polygon)
    except (
        AttributeError,
        IndexError,
        KeyError,
        RecursionError,
        TypeError,
        ValueError,
        shapely.errors.ShapelyError,
    ):
        return None
