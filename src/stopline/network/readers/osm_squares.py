"""Squares and yards drawn as areas: a vehicle crosses them in a straight line, and no unit.

Squares that share a node are one place. Lines are drawn between all its entrances, the nodes of its
outlines that lie on roads. Where those are many, the lines of their Delaunay triangulation stand in
for all: no way over them is twice as long as the straight line (Xia 2013), so each counts half, and
the vehicle is favoured again.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

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
    """

    way: int
    rule: WayRule
    name: int
    label: str
    outline: tuple[Place, ...]


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
