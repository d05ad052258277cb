"""What a place on the road is called, for people who have to drive there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.network.great_circle import distance_m

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.sealing.plan import Site

_NUMBERED: Final = re.compile(r"^(section|junction) \d+$")
_FAR_M: Final = 60_000.0
_HERE_M: Final = 1_500.0


@dataclass(frozen=True, slots=True)
class Place:
    """A named place to find one's way by.

    Attributes:
        name: what people call it.
        lon: degrees.
        lat: degrees.
    """

    name: str
    lon: float
    lat: float


def road_of(site: Site) -> str:
    """Name of the road or post; its class where it has no name."""
    if not _NUMBERED.match(site.name):
        return site.name
    kind = site.road_class.replace("_", " ")
    return f"{kind} {site.index}" if site.kind == "section" else f"junction {site.index}"


def place_of(site: Site, places: Sequence[Place] = ()) -> str:
    """Where a site lies: the border it is on, and the nearest named place or its territory."""
    border = " - ".join(site.territories) if len(site.territories) > 1 else ""
    near = ""
    if places:
        away = [float(distance_m(site.lon, site.lat, one.lon, one.lat)) for one in places]
        nearest = min(range(len(places)), key=lambda i: (away[i], places[i].name))
        if away[nearest] <= _HERE_M:
            near = places[nearest].name
        elif away[nearest] <= _FAR_M:
            near = f"{away[nearest] / 1000:.0f} km from {places[nearest].name}"
    if border:
        return f"border {border}" + (f", {near}" if near else "")
    return near or "".join(site.territories)


def title_of(site: Site, places: Sequence[Place] = ()) -> str:
    """Short name of a site: the road's own, or its class with the place."""
    if not _NUMBERED.match(site.name):
        return site.name
    where = " - ".join(site.territories) if len(site.territories) > 1 else place_of(site, places)
    road = site.road_class.replace("_", " ") if site.kind == "section" else "junction"
    return f"{road}, {where}" if where else road_of(site)
