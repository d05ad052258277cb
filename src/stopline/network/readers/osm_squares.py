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

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stopline.network.readers.osm_tags import WayRule

_MOST_IN_PAIRS: Final = 8
_HALF: Final = 0.5

Place = tuple[int, float, float]


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
    """

    way: int
    rule: WayRule
    name: int
    label: str
    outline: tuple[Place, ...]
    is_way: bool = True


class Outlines:
    """Takes the outlines of squares that are drawn as relations, in a pass of its own.

    Args:
        squares: by outer way, what each relation says, without an outline.
    """

    def __init__(self, squares: dict[int, Square]) -> None:
        self._squares = squares
        self.found: list[Square] = []

    def way(self, way: Any) -> None:  # noqa: ANN401  (pyosmium hands out views)
        """Take the nodes of an outer way; those that share nodes are one place anyhow."""
        square = self._squares.get(way.id)
        if square is None or way.deleted:
            return
        known = [node for node in way.nodes if node.location.valid()]
        outline = tuple((node.ref, node.location.lon, node.location.lat) for node in known)
        self.found.append(replace(square, way=way.id, outline=outline))


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
