"""What an event file says twice or against itself, and the roads it names that are not there.

A camera that is listed twice would count as two, and a plan for two cameras on every way out would
rest on one; of two prices for one section the later would win unseen. Both are faults.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stopline.documents.yaml import KeyPath
    from stopline.planning.event_schema import EventForm
    from stopline.planning.event_venue import RoadSpot
    from stopline.scenario.context import ScenarioPart

_SAME_PLACE_M: Final = 1.0


def check_sections(part: ScenarioPart, form: EventForm) -> None:
    """Sections and roads that prices, exclusions and masts name must be there."""
    cameras, barriers = form.cameras, form.barriers
    for i, price in enumerate(cameras.prices):
        if price.section is not None:
            part.has_section(price.section, ("cameras", "prices", i, "section"))
        elif price.road not in part.network.names:
            keys = ("cameras", "prices", i, "road")
            part.fault(keys, price.road, "the name of a road of the network")
    for i, mast in enumerate(cameras.masts):
        for j, section in enumerate(mast.sections):
            part.has_section(section, ("cameras", "masts", i, "sections", j))
    for name, listed in (("cameras", cameras.exclude), ("barriers", barriers.exclude)):
        for i, one in enumerate(listed):
            _check_excluded(part, (name, "exclude", i), one)


def _check_excluded(part: ScenarioPart, keys: KeyPath, one: object) -> None:
    if isinstance(one, int) and not isinstance(one, bool):
        if one < 0:
            part.fault(keys, one, "a section number >= 0")
        else:
            part.has_section(one, keys)
    elif not isinstance(one, str) or one not in part.network.names:
        part.fault(keys, one, "the number of a section or the name of a road")


def check_twice(
    part: ScenarioPart, form: EventForm, spots: Mapping[str, Iterable[RoadSpot]]
) -> None:
    """Nothing may be said twice: phases at one time, a gate, a camera, a type, a price, a mast.

    Args:
        part: for faults.
        form: the file.
        spots: gates, cameras and barriers by what one of them is called.
    """
    _phases(part, form)
    for what, listed in spots.items():
        _spots(part, what, listed)
    types, masts = form.cameras.types, form.cameras.masts
    _once(part, ("cameras", "types"), "a type", [one.name for one in types])
    _once(part, ("cameras", "masts"), "a mast", [one.name for one in masts])
    for i, mast in enumerate(masts):
        sections = (str(one) for one in mast.sections)
        _once(part, ("cameras", "masts", i, "sections"), "a section", sections)
    _once(
        part,
        ("cameras", "prices"),
        "a price",
        [
            f"section {price.section}" if price.section is not None else f"the road {price.road}"
            for price in form.cameras.prices
        ],
    )


def _phases(part: ScenarioPart, form: EventForm) -> None:
    _once(part, ("phases",), "a phase", [phase.name for phase in form.phases])
    order = sorted(range(len(form.phases)), key=lambda number: form.phases[number].start)
    for before, after in pairwise(order):
        one, other = form.phases[before], form.phases[after]
        if other.start < one.until:
            seen = f"{other.name} begins at {other.start.isoformat()}, before {one.name} ends"
            part.fault(("phases", after), seen, f"a start from {one.until.isoformat()} on")


def _spots(part: ScenarioPart, what: str, spots: Iterable[RoadSpot]) -> None:
    """A place on a road counts once; two things with one name are taken for one."""
    names: dict[str, str] = {}
    places: dict[int, list[RoadSpot]] = {}
    for spot in spots:
        first = names.setdefault(spot.name, spot.where)
        length_m = float(part.network.section_length_m[spot.section])
        same = [
            one
            for one in places.setdefault(spot.section, [])
            if abs(one.fraction - spot.fraction) * length_m < _SAME_PLACE_M
        ]
        if first != spot.where:
            part.faults.add(spot.where, f"{spot.name} a second time", f"a {what} not in {first}")
        elif same:
            seen = f"{spot.name}, at the place of {same[0].name}"
            expected = f"each {what} once; two at one place at least 1 m apart"
            part.faults.add(spot.where, seen, expected)
        places[spot.section].append(spot)


def _once(part: ScenarioPart, keys: KeyPath, what: str, names: Iterable[str]) -> None:
    """Each name once in a list."""
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name in seen:
            part.fault((*keys, number), f"{name} a second time", f"{what} once")
        seen.add(name)
