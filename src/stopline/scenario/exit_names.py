"""What exits are called, for people: the road, the place it is near, and the border it crosses.

The carriageways of one road at one border get one name, so that they count as one exit.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from stopline.network.geodesy import distance_m
from stopline.network.place_names import section_id, section_name
from stopline.network.road_network import NO_TERRITORY
from stopline.scenario.place_text import NamedPlace, nearest_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from stopline.scenario.context import ScenarioPart

_BESIDE_M: Final = 150.0


def exit_names(
    part: ScenarioPart, sections: Sequence[int], beyond: NDArray[np.bool_] | None
) -> list[str]:
    """Name exit sections.

    Args:
        part: the scenario.
        sections: the exits of one entry.
        beyond: bool[n], junctions behind the exits, to say in which direction they lead; None
            where either direction does.
    """
    places = [NamedPlace(name, one.lon, one.lat) for name, one in part.form.places.items()]
    points = [_point(part, section) for section in sections]
    roads = [
        _road(part, section, point, places) for section, point in zip(sections, points, strict=True)
    ]
    border = [_border(part, section, beyond) for section in sections]
    group = _carriageways(roads, border, points)
    first = sorted(set(group))
    names = {one: _joined(roads[one], border[one]) for one in first}
    told = Counter(names.values())
    for one in first:
        near = nearest_place(*points[one], places)
        if told[names[one]] > 1 and near is not None:
            unnamed = not part.network.name_of(sections[one])
            kind = part.network.class_of(sections[one]).replace("_", " ")
            own = section_id(part.network, sections[one])
            road = f"{kind} ({own})" if unnamed else roads[one]
            names[one] = _joined(f"{road} near {near[0].name}", border[one])
    seen: dict[str, int] = {}
    for one in first:
        if seen.setdefault(names[one], one) != one:
            names[one] = f"{names[one]}, {section_id(part.network, sections[one])}"
    return [names[one] for one in group]


def _joined(road: str, border: str) -> str:
    return f"{road} ({border})" if border else road


def _point(part: ScenarioPart, section: int) -> tuple[float, float]:
    lon, lat = part.network.geometry(section).mean(axis=0).tolist()
    return lon, lat


def _road(
    part: ScenarioPart, section: int, point: tuple[float, float], places: Sequence[NamedPlace]
) -> str:
    """The road's own name, or its class with the nearest place, or with its number."""
    name = part.network.name_of(section)
    if name:
        return name
    kind = part.network.class_of(section).replace("_", " ")
    near = nearest_place(*point, places)
    return section_name(part.network, section) if near is None else f"{kind} near {near[0].name}"


def _border(part: ScenarioPart, section: int, beyond: NDArray[np.bool_] | None) -> str:
    """The territories on both ends, the one that the vehicle comes from first."""
    network = part.network
    ends = [int(network.section_tail[section]), int(network.section_head[section])]
    if beyond is not None and beyond[ends[0]]:
        ends.reverse()
    sides = [int(network.junction_territory[end]) for end in ends]
    if sides[0] == sides[1]:
        return ""
    names = [network.territories[t] if t != NO_TERRITORY else "outside" for t in sides]
    return " to ".join(names) if beyond is not None else " - ".join(sorted(names))


def _carriageways(
    roads: Sequence[str], borders: Sequence[str], points: Sequence[tuple[float, float]]
) -> list[int]:
    """For each section the first that runs beside it under the same name over the same border."""
    group: list[int] = []
    for number, (lon, lat) in enumerate(points):
        beside = (
            group[other]
            for other in range(number)
            if roads[other] == roads[number]
            and borders[other] == borders[number]
            and borders[number]
            and float(distance_m(lon, lat, *points[other])) <= _BESIDE_M
        )
        group.append(next(beside, number))
    return group
