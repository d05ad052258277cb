"""Where a report is on the roads of the region: by a name that it knows, or by coordinates.

What lies far from every road is not taken quietly: coordinates are swapped more often than a
vehicle leaves the roads.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from stopline.errors import StoplineError

if TYPE_CHECKING:
    from stopline.operation.core.preparation import Preparation
    from stopline.scenario.loader import Scenario

OFF_ROAD_M: Final = 300.0
_NAMED_M: Final = 200.0  # how exact a place without a radius is meant


@dataclass(frozen=True, slots=True)
class Placed:
    """A place that was looked up.

    Attributes:
        lon: WGS 84 degrees; None if it is not known.
        lat: WGS 84 degrees; None if it is not known.
        radius_m: how far from there it may have been.
        name: as the region names it; empty for a point.
        refusal: why it cannot be meant, in words; empty if it can.
    """

    lon: float | None = None
    lat: float | None = None
    radius_m: float = 0.0
    name: str = ""
    refusal: str = ""


def placed_by_name(ground: Preparation, name: str) -> Placed | None:
    """A place of the region by its name; None where no region is known."""
    region = _region(ground)
    if region is None:
        return None
    places = {known.casefold(): known for known in region.places}
    found = places.get(name.casefold().strip())
    if found is not None:
        lon, lat = region.places[found]
        return Placed(lon, lat, _NAMED_M, found)
    near = get_close_matches(name.casefold(), places, n=1)
    meant = f"; is {places[near[0]]} meant?" if near else ""
    names = ", ".join(region.places) or "none"
    return Placed(
        refusal=f"the region knows no place `{name}`{meant} It knows {names}; of any other place "
        "say lon and lat"
    )


def placed_by_point(ground: Preparation, lon: float, lat: float, radius_m: float) -> Placed | None:
    """A point, if it lies near a road of the region; None where no region is known."""
    region = _region(ground)
    if region is None or ground.regions is None:
        return None
    points = ground.regions.points(region)
    (point,) = points.snap([(lon, lat)])
    if point.distance_m <= max(OFF_ROAD_M, radius_m):
        return Placed(lon, lat, radius_m)
    said = points.too_far(lon, lat, point.distance_m)
    return Placed(
        refusal=f"lon={lon:g} lat={lat:g} is {said}; expected a place within "
        f"{max(OFF_ROAD_M, radius_m):g} m of a road, or a `radius_m` as large as it is uncertain"
    )


def _region(ground: Preparation) -> Scenario | None:
    try:
        return None if ground.regions is None else ground.regions.of(None)
    except (StoplineError, OSError):
        return None  # that it cannot be read is said by the duty that needs it
