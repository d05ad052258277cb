"""Objects that stand in an OpenStreetMap file several times: versions, and copies that differ.

Of several versions the newest counts. Extracts that were cut at their rims and joined hold one
version of a way twice, each with a part of its nodes: all of them are roads. Parts that number
alike, as files of editors do, cannot be told apart, so they are refused.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import osmium

from stopline.errors import BadInput
from stopline.network.geodesy import distance_m

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from stopline.network.findings import Findings

_MOST_MOVED_M: Final = 50.0
_ROUNDED_M: Final = 0.1

Copy = tuple[tuple[int, ...], tuple[tuple[str, str], ...]]


class CopyPlace(NamedTuple):
    """Where a node of a copy is, as osmium tells it."""

    lon: float
    lat: float

    def valid(self) -> bool:
        """Whether the file holds the node."""
        return math.isfinite(self.lon)


class CopyNode(NamedTuple):
    """A node of a copy."""

    ref: int
    location: CopyPlace


@dataclass(frozen=True, slots=True)
class WayCopy:
    """A copy of a way, to be read like a way that osmium hands out."""

    id: int
    nodes: tuple[CopyNode, ...]
    tags: dict[str, str]

    def is_closed(self) -> bool:
        """Whether it ends where it begins."""
        return self.nodes[0].ref == self.nodes[-1].ref


class _Places:
    """Takes the places of some nodes."""

    def __init__(self, wanted: set[int]) -> None:
        self._wanted = wanted
        self.found: dict[int, CopyPlace] = {}

    def node(self, node: Any) -> None:  # noqa: ANN401
        if node.id in self._wanted and not node.deleted and node.location.valid():
            self.found[node.id] = CopyPlace(node.location.lon, node.location.lat)


def copies_of(source: Objects, several: Mapping[int, Collection[Copy]]) -> list[WayCopy]:
    """Make ways of copies, with the newest places of their nodes."""
    wanted = {ref for copies in several.values() for refs, _ in copies for ref in refs}
    if not wanted:
        return []
    places = _Places(wanted)
    source.apply(osmium.filter.EntityFilter(osmium.osm.NODE), places)
    nowhere = CopyPlace(math.nan, math.nan)
    return [
        WayCopy(
            way, tuple(CopyNode(ref, places.found.get(ref, nowhere)) for ref in refs), dict(tags)
        )
        for way, copies in several.items()
        for refs, tags in sorted(copies)
        if refs
    ]


class Objects(Protocol):
    """A file whose objects can be looked at several times."""

    path: Path
    plain: bytes | None
    is_text: bool

    def apply(self, *handlers: Any, newest: bool = True) -> None:  # noqa: ANN401
        """Let handlers see all objects, or only the newest version of each."""


class _Repeats:
    """Finds ways that stand in the file more than once."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.again: dict[int, None] = {}

    def way(self, way: Any) -> None:  # noqa: ANN401  (pyosmium hands out views)
        if way.id in self.seen:
            self.again.setdefault(way.id)
        self.seen.add(way.id)


class _Moved:
    """Finds nodes of which one version stands at different places; it sees them in order."""

    def __init__(self) -> None:
        self.last: tuple[int, int, float, float] | None = None
        self.far: dict[int, float] = {}

    def node(self, node: Any) -> None:  # noqa: ANN401
        if node.deleted or not node.location.valid():
            return
        here = (node.id, node.version, node.location.lon, node.location.lat)
        if self.last is not None and self.last[:2] == here[:2] and self.last != here:
            away_m = float(distance_m(*self.last[2:], *here[2:]))
            if away_m > _ROUNDED_M:
                self.far[node.id] = max(away_m, self.far.get(node.id, 0.0))
        self.last = here


class _Newest:
    """Takes all copies of the newest version of some ways."""

    def __init__(self, wanted: dict[int, None]) -> None:
        self._wanted = wanted
        self.version: dict[int, int] = {}
        self.copies: dict[int, dict[Copy, None]] = defaultdict(dict)

    def way(self, way: Any) -> None:  # noqa: ANN401
        if way.id not in self._wanted:
            return
        if way.version > self.version.get(way.id, -1):
            self.copies[way.id] = {}
            self.version[way.id] = way.version
        if way.version == self.version[way.id] and not way.deleted:
            self.copies[way.id].setdefault(copy_of(way))


def copy_of(way: Any) -> Copy:  # noqa: ANN401
    """What tells one copy of a way from another: its nodes and tags."""
    return tuple(node.ref for node in way.nodes), tuple(sorted((t.k, t.v) for t in way.tags))


def find_copies(
    source: Objects, findings: Findings, name: Callable[[int], int]
) -> dict[int, set[Copy]]:
    """Note what stands in the file several times.

    Args:
        source: the file.
        findings: where to note it.
        name: the id that stands in the file.

    Returns:
        Copies by way, of those ways of which they differ under one version: all count.

    Raises:
        BadInput: nodes far apart share an id and a version.
    """
    repeats = _Repeats()
    if source.plain is None:
        for way in osmium.FileProcessor(str(source.path), osmium.osm.WAY):
            repeats.way(way)
    else:
        source.apply(osmium.filter.EntityFilter(osmium.osm.WAY), repeats, newest=False)
    if source.is_text:
        _note_moved(source, findings, name)
    if not repeats.again:
        return {}
    newest = _Newest(repeats.again)
    source.apply(osmium.filter.EntityFilter(osmium.osm.WAY), newest, newest=False)
    several = {way: set(found) for way, found in newest.copies.items() if len(found) > 1}
    for way in repeats.again:
        kind, text = (
            (
                "several_copies",
                "ways of which several copies stand in the file that differ: all of them count",
            )
            if way in several
            else (
                "several_versions",
                "ways that stand in the file several times, of which the newest counts",
            )
        )
        findings.note("doubtful", kind, text, f"way {name(way)}")
    return several


def _note_moved(source: Objects, findings: Findings, name: Callable[[int], int]) -> None:
    moved = _Moved()
    source.apply(osmium.filter.EntityFilter(osmium.osm.NODE), moved, newest=False)
    for node, away_m in moved.far.items():
        if away_m > _MOST_MOVED_M:
            seen = f"two nodes {name(node)} of one version, {away_m:,.0f} m apart"
            expected = "ids that no two nodes share; the parts this file was joined from number "
            expected += "alike, so join them in an editor"
            raise BadInput.single(str(source.path), seen, expected)
        text = "nodes that stand in the file at several places near by, of which one counts"
        findings.note("doubtful", "moved", text, f"node {name(node)}")
