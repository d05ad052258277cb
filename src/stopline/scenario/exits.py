"""From the exits of a scenario to sections and junctions where the vehicle must not get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.errors import meant
from stopline.network.access import NodeAccess
from stopline.network.geodesy import distance_m
from stopline.network.place_names import junction_id, section_id
from stopline.network.road_network import NO_TERRITORY
from stopline.network.snapping import junctions_within
from stopline.scenario.exit_names import exit_names
from stopline.scenario.map_edge import edge_label, ends_of_map
from stopline.scenario.sources import places_known
from stopline.sealing.plan import SiteKind
from stopline.sealing.problem import Exit, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from stopline.documents.yaml import KeyPath
    from stopline.network.road_network import RoadNetwork
    from stopline.scenario.context import ScenarioPart
    from stopline.scenario.schema import CircleForm, ExitForm

_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class _Found:
    """One entry of `exits` on the network.

    Attributes:
        sections: exit sections.
        junctions: exit junctions.
        beyond: bool[n], junctions that the vehicle reaches only through the exits; a source there
            is already out.
        whole: name of all of them together where they are one place; empty where each is its own.
    """

    sections: tuple[int, ...] = ()
    junctions: tuple[int, ...] = ()
    beyond: NDArray[np.bool_] | None = None
    whole: str = ""


def exits_of(part: ScenarioPart, sources: tuple[Source, ...]) -> list[tuple[int, Exit]]:
    """Put every entry of `exits` on the network, and hold it against the sources.

    Returns:
        Each exit with the number of its entry; an exit that two entries name is of the first.
    """
    exits: dict[tuple[SiteKind, int], tuple[int, Exit]] = {}
    taken: set[str] = set()
    for number, form in enumerate(part.form.exits):
        keys: KeyPath = ("exits", number)
        found = _find(part, form, sources, keys)
        if found is None:
            continue
        _check_sources(part, found, sources, keys)
        for made in _named(part, form, found, taken):
            exits.setdefault((made.kind, made.index), (number, made))
    return list(exits.values())


def _find(
    part: ScenarioPart, form: ExitForm, sources: tuple[Source, ...], keys: KeyPath
) -> _Found | None:
    """Exits of one entry, or None if a fault was noted."""
    found: _Found | None = None
    if form.crossings_of is not None:
        found = _crossings_of(part, form.crossings_of, (*keys, "crossings_of"))
    elif form.crossings_between is not None:
        found = _crossings_between(part, form.crossings_between, (*keys, "crossings_between"))
    elif form.beyond is not None:
        found = _beyond(part, form.beyond, sources, (*keys, "beyond"))
    elif form.place is not None:
        found = _place(part, form, (*keys, "place"))
    elif form.sections is not None:
        known = [part.has_section(s, (*keys, "sections", i)) for i, s in enumerate(form.sections)]
        found = _Found(tuple(form.sections)) if all(known) else None
    elif form.junctions is not None:
        listed = form.junctions
        known = [part.has_junction(j, (*keys, "junctions", i)) for i, j in enumerate(listed)]
        found = _Found(junctions=tuple(listed)) if all(known) else None
    return found


def _beyond(
    part: ScenarioPart, circle: CircleForm, sources: tuple[Source, ...], keys: KeyPath
) -> _Found | None:
    """Roads that cross a circle, and those that leave the map within it."""
    inside = _inside(part, circle.lon, circle.lat, circle.radius_m)
    if not inside.any():
        (nearest,) = part.points.snap([(circle.lon, circle.lat)])
        seen = "a circle without a junction inside: its centre is "
        seen += part.points.too_far(circle.lon, circle.lat, nearest.distance_m)
        part.fault(keys, seen, "a circle within the network")
        return None
    sections = _across(part, inside)
    centre = circle.lon, circle.lat
    ends, doubtful = ends_of_map(part.network, inside, centre, circle.radius_m)
    # Where the vehicle stands a road ends for it, unless it surely goes on beyond the file.
    goes_on = (part.network.junction_access & np.uint8(NodeAccess.EDGE)) > 0
    stands = {source.junction for source in sources if source.junction is not None}
    here = tuple(end for end in ends if end in stands and not goes_on[end])
    ends, doubtful = tuple(end for end in ends if end not in here), (*doubtful, *here)
    if not sections and not ends:
        seen = f"a circle of {circle.radius_m:g} m that no road crosses"
        part.fault(keys, seen, "a circle within the network")
        return None
    for end in ends:
        part.doubts.note(
            "doubtful",
            "map_edge",
            "roads that end at the edge of the map inside the circle, which count as exits",
            edge_label(part.network, end),
        )
    for end in doubtful:
        part.doubts.note(
            "doubtful",
            "map_edge_open",
            "dead ends at the edge of the map inside the circle, which do not count as exits",
            edge_label(part.network, end),
        )
    return _Found(sections, ends, beyond=~inside)


def _territory_of(
    part: ScenarioPart, sides: Iterable[str], keys: KeyPath
) -> NDArray[np.bool_] | None:
    """Junctions in the territories of some sides, bool[n]; None after a fault.

    Where the file names no sides, each acts everywhere, and a name means the territory.
    """
    by_name: dict[str, tuple[str, ...]] = {name: (name,) for name in part.network.territories}
    known = {name: side.territories for name, side in part.sides.items()}
    if not part.form.sides:
        known = by_name or known
    unknown = [side for side in sides if side not in known]
    for side in unknown:
        kind = "sides" if part.form.sides or not by_name else "territories"
        hint = meant(side, known).rstrip(".")
        part.fault(keys, side, f"one of the {kind} {', '.join(known)}{hint}")
    if unknown:
        return None
    names = {name for side in sides for name in known[side]}
    wanted = [part.network.territory_index(name) for name in names]
    if NO_TERRITORY in wanted:  # noted already, at the side
        return None
    return np.isin(part.network.junction_territory, wanted)


def _crossings_of(part: ScenarioPart, sides: list[str], keys: KeyPath) -> _Found | None:
    inside = _territory_of(part, sides, keys)
    if inside is None:
        return None
    sections = _across(part, inside)
    if not sections:
        part.fault(keys, f"no road that leaves {' and '.join(sides)}", "sides with crossings")
        return None
    return _Found(sections, beyond=~inside)


def _crossings_between(part: ScenarioPart, sides: list[str], keys: KeyPath) -> _Found | None:
    first, second = (_territory_of(part, [side], keys) for side in sides)
    if first is None or second is None:
        return None
    if (first & second).any():
        seen = f"{sides[0]} and {sides[1]}, whose territories overlap"
        part.fault(keys, seen, "two sides with territories of their own")
        return None
    tail, head = part.network.section_tail, part.network.section_head
    across = (first[tail] & second[head]) | (second[tail] & first[head])
    sections = tuple(int(s) for s in np.flatnonzero(across))
    if not sections:
        part.fault(keys, f"no road between {sides[0]} and {sides[1]}", "sides with a common border")
        return None
    return _Found(sections)


def _place(part: ScenarioPart, form: ExitForm, keys: KeyPath) -> _Found | None:
    place = form.place
    if place is None:
        return None
    lon, lat, radius_m = place.lon, place.lat, place.radius_m
    if lon is None or lat is None:
        known = part.form.places.get(place.name)
        if known is None:
            part.fault((*keys, "name"), place.name, places_known(part, place.name))
            return None
        lon, lat, radius_m = known.lon, known.lat, radius_m or known.radius_m
    if radius_m is None:
        part.fault(keys, "no radius_m", "radius_m, the metres around it to keep free")
        return None
    inside = _inside(part, lon, lat, radius_m)
    sections = {*_across(part, inside), *_passing(part, inside, lon, lat, radius_m)}
    if not sections:
        (nearest,) = part.points.snap([(lon, lat)])
        off = part.points.too_far(lon, lat, nearest.distance_m)
        part.fault(keys, f"no road within {radius_m:g} m: it is {off}", "a place with a road")
        return None
    return _Found(tuple(sorted(sections)), beyond=inside, whole=form.name or place.name)


def _inside(part: ScenarioPart, lon: float, lat: float, radius_m: float) -> NDArray[np.bool_]:
    inside = np.zeros(part.network.junctions, dtype=bool)
    inside[junctions_within(part.network, lon, lat, radius_m)] = True
    return inside


def _across(part: ScenarioPart, inside: NDArray[np.bool_]) -> tuple[int, ...]:
    """Sections with one end inside and one outside."""
    network = part.network
    crossing = inside[network.section_tail] != inside[network.section_head]
    return tuple(int(s) for s in np.flatnonzero(crossing))


def _passing(
    part: ScenarioPart, inside: NDArray[np.bool_], lon: float, lat: float, radius_m: float
) -> list[int]:
    """Sections that pass through a circle with both ends outside it."""
    network = part.network
    near = np.zeros(network.sections, dtype=bool)
    owner = np.repeat(np.arange(network.sections), np.diff(network.shape_first))
    points = distance_m(network.shape_lon, network.shape_lat, lon, lat) <= radius_m
    near[owner[points]] = True
    (nearest,) = part.points.snap([(lon, lat)])
    if nearest.distance_m <= radius_m:
        near[nearest.section] = True
    ends_outside = ~inside[network.section_tail] & ~inside[network.section_head]
    return [int(s) for s in np.flatnonzero(near & ends_outside)]


def _check_sources(
    part: ScenarioPart, found: _Found, sources: tuple[Source, ...], keys: KeyPath
) -> None:
    """Note a fault if the vehicle may be at an exit, or beyond it, from the start."""
    network = part.network
    held: list[str] = []
    for source in sources:
        if source.junction is not None:
            out = found.beyond is not None and bool(found.beyond[source.junction])
            at_exit = out or source.junction in found.junctions
        elif source.section is not None:
            ends = (network.section_tail[source.section], network.section_head[source.section])
            out = found.beyond is not None and bool(found.beyond[list(ends)].all())
            at_exit = out or source.section in found.sections
        else:
            continue
        if at_exit and source.name not in held:
            held.append(source.name)
    if held:
        seen = f"{', '.join(held[:_MOST_NAMED])} at or beyond this exit"
        part.fault(keys, seen, "exits that the vehicle has not reached yet")


def _named(part: ScenarioPart, form: ExitForm, found: _Found, taken: set[str]) -> Iterable[Exit]:
    """Give exits their names: the sections of one place share its name, others have their own."""
    if found.whole:
        whole, count = found.whole, 1
        while whole in taken:
            count += 1
            whole = f"{found.whole} ({count})"
        taken.add(whole)
        names = [whole] * len(found.sections)
    else:
        own = exit_names(part, found.sections, found.beyond)
        alone = len(set(own)) + len(found.junctions) == 1
        given = [
            name if not form.name else form.name if alone else f"{form.name}: {name}"
            for name in own
        ]
        names = _not_taken(part.network, given, found.sections, taken)
    for number, name in zip(found.sections, names, strict=True):
        yield Exit(name=name, kind=SiteKind.SECTION, index=number, weight=form.weight)
    several = len(found.sections) + len(found.junctions) > 1
    for number in found.junctions:
        name = (
            edge_label(part.network, number) if form.beyond else junction_id(part.network, number)
        )
        if form.name:
            name = f"{form.name}: {name}" if several else form.name
        if name in taken:
            name = f"{name}, {junction_id(part.network, number)}"
        taken.add(name)
        yield Exit(name=name, kind=SiteKind.JUNCTION, index=number, weight=form.weight)


def _not_taken(
    network: RoadNetwork, names: list[str], sections: tuple[int, ...], taken: set[str]
) -> list[str]:
    """Names that no earlier entry has; those that belong together stay the same."""
    renamed = {
        name: f"{name}, {section_id(network, section)}" if name in taken else name
        for name, section in zip(reversed(names), reversed(sections), strict=True)
    }
    taken.update(renamed.values())
    return [renamed[name] for name in names]
