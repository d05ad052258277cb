"""The territories of a network as polygons for the map, from where its reader took them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from shapely.geometry import mapping

from stopline.errors import StoplineError
from stopline.network.readers.osm_borders import read_borders
from stopline.network.territory import read_geojson

if TYPE_CHECKING:
    from stopline.network.road_network import RoadNetwork
    from stopline.network.territory import Territories
    from stopline.scenario.loader import Scenario

_AROUND: Final = 0.35  # degrees beyond the roads that are shown
_BESIDE: Final = 0.01  # degrees beyond the outermost roads to which a border is drawn
_FINE: Final = 0.0002  # degrees that may be left out of a border line
_DIGITS: Final = 5


def border_features(network: RoadNetwork, scenario: Scenario | None) -> list[dict[str, Any]]:
    """Territories as GeoJSON features: areas by name, and lines of their borders; none if unknown.

    A network remembers in which territory each junction lies, not the polygons; they are read
    again from the file that it was made of.
    """
    lon, lat = network.junction_lon, network.junction_lat
    if not np.isfinite(lon).any():
        return []
    bounds = (
        float(np.nanmin(lon)), float(np.nanmin(lat)), float(np.nanmax(lon)), float(np.nanmax(lat)),
    )  # fmt: skip
    try:
        found = _territories(network, scenario, bounds)
    except (StoplineError, OSError, RuntimeError, ValueError):
        return []
    if found is None:
        return []
    west, south, east, north = bounds
    frame = shapely.box(west - _AROUND, south - _AROUND, east + _AROUND, north + _AROUND)
    places = np.column_stack([lon, lat])[np.isfinite(lon)]
    near = shapely.buffer(shapely.convex_hull(shapely.multipoints(places)), _BESIDE)
    features: list[dict[str, Any]] = []
    for name, polygon in zip(found.names, found.polygons, strict=True):
        cut = shapely.simplify(shapely.intersection(polygon, frame), _FINE)
        if cut.is_empty:
            continue
        # A map cut out of a larger one closes its neighbours by straight lines that are no border:
        # a line is drawn only where there are roads beside it.
        line = shapely.intersection(shapely.boundary(cut), near)
        for is_line, part in ((False, cut), (True, line)):
            if not part.is_empty:
                features.append(
                    {"type": "Feature", "properties": {"name": name, "line": is_line},
                     "geometry": _rounded(part)}
                )  # fmt: skip
    return features


def _territories(
    network: RoadNetwork, scenario: Scenario | None, bounds: tuple[float, float, float, float]
) -> Territories | None:
    settings = None if scenario is None else scenario.settings
    source = Path(network.source)
    if settings is not None and settings.territories.endswith((".geojson", ".json")):
        return read_geojson(Path(settings.territories), settings.territory_property)
    if source.is_file() and source.suffix in {".pbf", ".osm"}:
        return read_borders(source, bounds)
    return None


def _rounded(geometry: Any) -> dict[str, Any]:  # noqa: ANN401  (shapely is untyped here)
    text = json.dumps(mapping(shapely.set_precision(geometry, 10.0**-_DIGITS)))
    found: dict[str, Any] = json.loads(text, parse_float=lambda each: round(float(each), _DIGITS))
    return found
