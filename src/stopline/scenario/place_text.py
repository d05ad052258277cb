"""What a place on the road is called, for people who have to drive there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.network.geodesy import distance_m
from stopline.network.place_names import compass, is_file_id, road_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stopline.sealing.plan import Site

_FAR_M: Final = 80_000.0
_HERE_M: Final = 1_500.0  # up to so far a place is where something is, and not beside it


@dataclass(frozen=True, slots=True)
class NamedPlace:
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
    return road_text(site.name, site.road_class, site.meets)


def place_of(site: Site, places: Sequence[NamedPlace] = ()) -> str:
    """Where a site lies: the border it is on, and the nearest named place or its territory."""
    border = " - ".join(site.territories) if len(site.territories) > 1 else ""
    near = near_text(site.lon, site.lat, places)
    if border:
        return f"border {border}" + (f", {near}" if near else "")
    return near or "".join(site.territories)


def title_of(site: Site, places: Sequence[NamedPlace] = ()) -> str:
    """Short name of a site: the road's own, or its class with the place."""
    if not is_file_id(site.name):
        return site.name
    road = site.road_class.replace("_", " ") if site.kind == "section" else "junction"
    near = nearest_place(site.lon, site.lat, places)
    if near is not None:
        return f"{road} near {near[0].name}"
    where = " - ".join(site.territories)
    return f"{road_of(site)}, {where}" if where else road_of(site)


def titles_of(sites: Sequence[Site], places: Sequence[NamedPlace] = ()) -> list[str]:
    """Short names of sites that stand in one list: no two of them read alike.

    Those that would are told apart by the road that they meet, by where they lie from the nearest
    place, and at last by their number.
    """

    def meeting(site: Site) -> str:
        return f"{title_of(site, places)}, at {site.meets}" if site.meets else ""

    def lying(site: Site) -> str:
        return f"{title_of(site, places)}, {place_of(site, places)}"

    ways: tuple[Callable[[Site], str], ...] = (lambda s: title_of(s, places), meeting, lying)
    titles = [""] * len(sites)
    waiting = list(range(len(sites)))
    for way in ways:
        said = {number: way(sites[number]) for number in waiting}
        count = Counter(said.values())
        for number, title in said.items():
            if title and count[title] == 1 and title not in titles:
                titles[number] = title
        waiting = [number for number in waiting if not titles[number]]
    for number in waiting:
        site = sites[number]
        titles[number] = f"{title_of(site, places)} ({site.own_id})"
    return titles


def near_text(lon: float, lat: float, places: Sequence[NamedPlace]) -> str:
    """A point by the nearest named place: `Schaan`, `3 km south of Schaan`; empty for none."""
    found = nearest_place(lon, lat, places)
    if found is None:
        return ""
    place, far_m = found
    if far_m <= _HERE_M:
        return place.name
    return f"{far_m / 1000:.0f} km {compass(place.lon, place.lat, lon, lat)} of {place.name}"


def nearest_place(
    lon: float, lat: float, places: Sequence[NamedPlace]
) -> tuple[NamedPlace, float] | None:
    """The nearest named place and how far it is, metres; None if none is near."""
    away = [(float(distance_m(lon, lat, one.lon, one.lat)), one) for one in places]
    far_m, place = min(away, key=lambda pair: (pair[0], pair[1].name), default=(_FAR_M, None))
    return None if place is None or far_m > _FAR_M else (place, far_m)
