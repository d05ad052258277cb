"""Squares and yards drawn as areas: a vehicle crosses them in a straight line, and no unit.

Squares that share a node are one place. Lines are drawn between all its entrances, the nodes of its
outlines that lie on roads. Where those are many, the lines of their Delaunay triangulation stand in
for all: no way over them is twice as long as the straight line (Xia 2013), so each counts half, and
the vehicle is favoured again.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.spatial import Delaunay, QhullError

from stopline.network.readers.osm_source import original_id
from stopline.network.readers.osm_tags import LeftOut, WayRule, way_rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from stopline.network.findings import Findings
    from stopline.network.read_settings import ReadSettings

# Open ground that is no road of its own, but that a vehicle gets across.
_YARDS: Final = {
    "amenity": ("parking", "fuel", "bus_station", "marketplace"),
    "place": ("square",),
}
YARD_KEYS: Final = tuple(_YARDS)
_BUILT_OVER: Final = ("underground", "multi-storey", "garage_boxes", "carports", "sheds")
_MOST_IN_PAIRS: Final = 8
_HALF: Final = 0.5

_AS_ROAD: Final = {"highway": "service", "area": "yes"}
_LONELY: Final = "squares and yards drawn as areas, which no two roads lead to"
_LONELY_RELATION: Final = "outlines of squares drawn as relations, which no two roads lead to"
_CROSSED: Final = (
    "squares and yards drawn as areas, which the vehicle crosses in a straight line and no unit"
)

Place = tuple[int, float, float]
Line = tuple[int, Place, Place, tuple[WayRule, int]]


@dataclass(frozen=True, slots=True)
class Square:
    """An area that a vehicle may cross.

    Attributes:
        way: its id.
        rule: how it may be driven.
        name: index of its name.
        label: its id and name, for what is told of it.
        outline: node id, longitude and latitude of the nodes that the file holds.
        is_way: whether it is drawn as a way of its own, not as a relation.
        yard: whether no tag makes it a road, so that it counts only where roads lead to it.
    """

    way: int
    rule: WayRule
    name: int
    label: str
    outline: tuple[Place, ...]
    is_way: bool = True
    yard: bool = False


def is_yard(tags: Mapping[str, str]) -> bool:
    """Whether an area is a car park or the like, under the open sky."""
    if tags.get("building", "no") != "no" or tags.get("parking") in _BUILT_OVER:
        return False
    return any(tags.get(key) in kinds for key, kinds in _YARDS.items())


class SquareCollector:
    """Takes squares as ways and relations, and draws lines over those that join roads.

    Args:
        settings: which roads are wanted.
        findings: where to note squares.
        names: road names with their index, which may grow.
    """

    def __init__(self, settings: ReadSettings, findings: Findings, names: dict[str, int]) -> None:
        self._settings = settings
        self.findings = findings
        self._names = names
        self.squares: list[Square] = []
        self.outer: dict[int, Square] = {}

    def keep(
        self,
        way: Any,  # noqa: ANN401  (pyosmium hands out views)
        rule: WayRule,
        called: str,
        label: str,
        *,
        is_way: bool = True,
        yard: bool = False,
    ) -> None:
        """Keep a closed way."""
        name = self._names.setdefault(called, len(self._names))
        kept = Square(way.id, rule, name, label, _outline(way), is_way=is_way, yard=yard)
        self.squares.append(kept)

    def keep_yard(self, way: Any, tags: dict[str, str]) -> None:  # noqa: ANN401
        """Keep a car park or the like, which is crossed as a service road is driven."""
        rule = way_rule({**tags, **_AS_ROAD}, self._settings)
        if isinstance(rule, WayRule):
            called = tags.get("name") or ""
            label = f"way {original_id(way.id)}" + (f" {called}" if called else "")
            self.keep(way, rule, called, label, yard=True)

    def keep_relation(self, relation: Any) -> bool:  # noqa: ANN401
        """Keep an area drawn as a relation; false if it is none that a vehicle crosses."""
        tags = {tag.k: tag.v for tag in relation.tags}
        yard = "highway" not in tags and is_yard(tags)
        if not yard and "highway" not in tags:
            return False
        label = f"relation {original_id(relation.id)}"
        rule = way_rule({**tags, **(_AS_ROAD if yard else {"area": "yes"})}, self._settings)
        outer = [m.ref for m in relation.members if m.type == "w" and m.role != "inner"]
        if isinstance(rule, LeftOut) or not outer:
            if not yard:
                text = "squares drawn as relations, of which no outline can be told"
                self.findings.note("left out", "square_relations", text, label)
            return True
        name = self._names.setdefault(tags.get("name") or "", len(self._names))
        for way in outer:
            self.outer[way] = Square(way, rule, name, label, (), is_way=False, yard=yard)
        return True

    def lines(self, on_roads: set[int]) -> tuple[int, int, list[Line]]:
        """Draw lines over all squares that join roads, and note them.

        Args:
            on_roads: nodes that lie on roads.

        Returns:
            How many ways count as roads that were not counted before, how many ways are read, and
            the lines: way, both ends, rule and name.
        """
        counted = read = 0
        made: list[Line] = []
        for place in joined(self.squares):
            ends = entrances(place, on_roads)
            crossed = len(ends) > 1
            for square in place:
                counted += square.yard and square.is_way and crossed
                read += square.is_way and crossed
                if crossed:
                    self.findings.note("guessed", "squares", _CROSSED, square.label)
                elif not square.yard:
                    ways = square.is_way
                    kind, text = ("area", _LONELY) if ways else ("area_relations", _LONELY_RELATION)
                    self.findings.note(
                        "left out", kind, text, square.label, ways=ways, matters=False
                    )
            rule = max((square.rule for square in place), key=lambda one: one.speed_mps)
            for one, two, part in crossings(ends):
                halved = replace(rule, speed_mps=rule.speed_mps / part)
                made.append((place[0].way, one, two, (halved, place[0].name)))
        return counted, read, made


class Outlines:
    """Takes the outlines of squares that are drawn as relations, in a pass of its own.

    Args:
        collector: where to put them; by outer way it has what each relation says.
    """

    def __init__(self, collector: SquareCollector) -> None:
        self._collector = collector
        self._missing = dict(collector.outer)

    def way(self, way: Any) -> None:  # noqa: ANN401  (pyosmium hands out views)
        """Take the nodes of an outer way; those that share nodes are one place anyhow."""
        square = self._collector.outer.get(way.id)
        if square is None or way.deleted:
            return
        self._missing.pop(way.id, None)
        self._collector.squares.append(replace(square, way=way.id, outline=_outline(way)))

    def note_missing(self) -> None:
        """Note the outer ways that are not in the file."""
        for square in self._missing.values():
            text = "outlines of squares drawn as relations, which are not in the file"
            self._collector.findings.note("left out", "square_outlines", text, square.label)


def _outline(way: Any) -> tuple[Place, ...]:  # noqa: ANN401
    known = [node for node in way.nodes if node.location.valid()]
    return tuple((node.ref, node.location.lon, node.location.lat) for node in known)


def joined(squares: Sequence[Square]) -> list[list[Square]]:
    """Squares that share nodes, together; in the order of the file."""
    group = list(range(len(squares)))

    def root(number: int) -> int:
        while group[number] != number:
            group[number] = group[group[number]]
            number = group[number]
        return number

    first: dict[int, int] = {}
    for number, square in enumerate(squares):
        for ref, _, _ in square.outline:
            one, two = root(first.setdefault(ref, number)), root(number)
            group[max(one, two)] = min(one, two)
    places: dict[int, list[Square]] = defaultdict(list)
    for number, square in enumerate(squares):
        places[root(number)].append(square)
    return list(places.values())


def entrances(squares: Iterable[Square], on_roads: set[int]) -> list[Place]:
    """Nodes of the outlines that lie on roads, each once."""
    places = {place[0]: place for square in squares for place in square.outline}
    return [place for ref, place in places.items() if ref in on_roads]


def crossings(places: Sequence[Place]) -> Iterator[tuple[Place, Place, float]]:
    """Lines between entrances, and what part of its length each counts, by a higher speed."""
    if len(places) <= _MOST_IN_PAIRS:
        for one, two in itertools.combinations(places, 2):
            yield one, two, 1.0
        return
    at = np.array([(lon, lat) for _, lon, lat in places])
    at[:, 0] *= np.cos(np.radians(at[:, 1].mean()))
    try:
        corners = Delaunay(at).simplices
    except QhullError:  # all on one line
        order = np.lexsort(at.T)
        corners = np.column_stack((order[:-1], order[1:]))
    lines = {
        (min(a, b), max(a, b))
        for row in corners.tolist()
        for a, b in itertools.combinations(row, 2)
    }
    for a, b in sorted(lines):
        yield places[a], places[b], _HALF
