"""Where a report is: by a name that the region knows, or by coordinates; the one check of both.

What lies far from every road is not taken quietly: coordinates are swapped more often than a
vehicle leaves the roads. A node that was told of no region holds a point against the places that
it knows: its units and what was seen before.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.errors import StoplineError
from stopline.network.geodesy import distance_m
from stopline.operation.core.known_places import KnownPlaces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.operation.core.preparation import Preparation, Regions
    from stopline.scenario.loader import Scenario

    Point = tuple[float, float]

OFF_ROAD_M: Final = 300.0
UNIT_OFF_ROAD_M: Final = 10_000.0  # a base, on a map of main roads
FIX_OFF_ROAD_M: Final = 100_000.0  # a unit that comes from outside the map
_NAMED_M: Final = 200.0  # how exact a place without a radius is meant
_FAR_M: Final = 2_000_000.0  # from everything that a node without a region knows
_SWAPPED_M: Final = 100_000.0  # from there on swapped coordinates are looked for
_MOST_LAT: Final = 90.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A place that was looked up.

    Attributes:
        lon: WGS 84 degrees; None if it is not known.
        lat: WGS 84 degrees; None if it is not known.
        radius_m: how far from there it may have been.
        name: as people of the region call it; empty where none is known.
        refusal: why it cannot be meant, in words; empty if it can.
    """

    lon: float | None = None
    lat: float | None = None
    radius_m: float = 0.0
    name: str = ""
    refusal: str = ""


def placed_by_name(ground: Preparation, name: str) -> Placed | None:
    """A place of the region by its name; None where no region is known."""
    region = _region(ground.regions)
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


def placed_by_point(ground: Preparation, lon: float, lat: float, radius_m: float) -> Placed:
    """A point, if it lies near a road of the region or, without one, near what is known."""
    (refusal,) = ground_refusals(ground, [(lon, lat)], max(OFF_ROAD_M, radius_m))
    if refusal and _region(ground.regions) is not None:
        refusal += ", or a `radius_m` as large as it is uncertain"
    if refusal:
        return Placed(refusal=refusal)
    return Placed(lon, lat, radius_m, _named(ground.regions, lon, lat))


def placed_by_section(ground: Preparation, section: int | None) -> Placed | None:
    """A refusal where the region's map has no such section; None where nothing is wrong."""
    region = _region(ground.regions)
    if region is None or section is None or section < region.problem.network.sections:
        return None
    most = region.problem.network.sections - 1
    return Placed(
        refusal=f"section {section} is not on the map of the region; expected a number from 0 to "
        f"{most}, or lon and lat"
    )


def _named(regions: Regions | None, lon: float, lat: float) -> str:
    """What people of the region call a point; empty where no region is known."""
    region = _region(regions)
    if region is None or regions is None:
        return ""
    from stopline.scenario.spot_text import spot_text  # noqa: PLC0415  (with the region only)

    (near,) = regions.points(region).snap([(lon, lat)])
    return spot_text(region, lon, lat, near.section)


def ground_refusals(ground: Preparation, points: Sequence[Point], most_m: float) -> list[str]:
    """Say of each point why it cannot be meant; empty if it can.

    Args:
        ground: the moment of the command.
        points: longitude and latitude of each.
        most_m: how far from a road of the region they may be.
    """
    known = ground.look(lambda book: book.projection(KnownPlaces).all())
    return refusals(ground.regions, known, points, most_m)


def refusals(
    regions: Regions | None, known: Sequence[Point], points: Sequence[Point], most_m: float
) -> list[str]:
    """The same from the region, or where there is none from places that are known."""
    region = _region(regions)
    if region is None or regions is None:
        return _beside_known(known, points)
    network = region.problem.network
    lon, lat = np.array(points, dtype=np.float64).reshape(-1, 2).T
    inside = np.zeros(lon.shape, dtype=bool)
    if most_m >= FIX_OFF_ROAD_M:  # feeds are many; within the map nothing is that far off
        west, east = network.junction_lon.min(), network.junction_lon.max()
        south, north = network.junction_lat.min(), network.junction_lat.max()
        inside = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
    said = [""] * len(points)
    asked = np.flatnonzero(~inside).tolist()
    snapper = regions.points(region)
    for number, there in zip(asked, snapper.snap([points[n] for n in asked]), strict=True):
        if there.distance_m > most_m:
            far = snapper.too_far(*points[number], there.distance_m)
            said[number] = (
                f"{_written(points[number])} is {far}; expected a place within {_length(most_m)} "
                "of a road"
            )
    return said


def _beside_known(known: Sequence[Point], points: Sequence[Point]) -> list[str]:
    """Hold points against the places known, or, where there are none, against each other."""
    said = []
    for number, (lon, lat) in enumerate(points):
        others = known or [one for other, one in enumerate(points) if other != number]
        if not others:
            said.append("")
            continue
        far_m = _nearest_m(others, lon, lat)
        turned_m = _nearest_m(others, lat, lon) if abs(lon) <= _MOST_LAT else np.inf
        swapped = far_m > _SWAPPED_M and turned_m < far_m / 10
        if not swapped and far_m <= _FAR_M:
            said.append("")
            continue
        hint = " (lon and lat look swapped)" if swapped else ""
        said.append(
            f"{_written((lon, lat))} is {_length(far_m)} from the units and sightings known here"
            f"{hint}; expected a place near them, or a node served with --scenario, which tells it "
            "its region"
        )
    return said


def _nearest_m(places: Sequence[Point], lon: float, lat: float) -> float:
    columns = np.array(places, dtype=np.float64).T
    return float(np.median(distance_m(columns[0], columns[1], lon, lat)))


def _written(point: Point) -> str:
    return f"lon={point[0]:g} lat={point[1]:g}"


def _length(metres: float) -> str:
    return f"{metres:g} m" if metres < 1000 else f"{metres / 1000:,.0f} km"  # noqa: PLR2004


def _region(regions: Regions | None) -> Scenario | None:
    try:
        return None if regions is None else regions.of(None)
    except (StoplineError, OSError):
        return None  # that it cannot be read is said by the duty that needs it
