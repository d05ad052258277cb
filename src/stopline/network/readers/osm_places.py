"""Names of towns, villages and quarters in an OpenStreetMap file, with where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import osmium

if TYPE_CHECKING:
    from pathlib import Path

RANKS: Final = (
    "city", "town", "village", "suburb", "hamlet", "quarter", "neighbourhood", "locality",
)  # fmt: skip
"""Kinds of places that people name, the largest first."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """A place as the map names it.

    Attributes:
        name: its name.
        rank: position of its kind in `RANKS`; 0 is the largest.
        lon: degrees.
        lat: degrees.
    """

    name: str
    rank: int
    lon: float
    lat: float


def settlements(path: Path) -> tuple[Settlement, ...]:
    """Read the named places of a file, the largest first; none where it cannot be read."""
    found: list[Settlement] = []
    try:
        named = osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(
            osmium.filter.KeyFilter("place")
        )
        for node in named:
            kind, name = node.tags.get("place", ""), " ".join(node.tags.get("name", "").split())
            if name.isprintable() and name and kind in RANKS and node.location.valid():
                found.append(
                    Settlement(name, RANKS.index(kind), node.location.lon, node.location.lat)
                )
    except (RuntimeError, OSError, ValueError):
        return ()  # the reader of roads says what is wrong with the file
    return tuple(sorted(found, key=lambda one: (one.rank, one.name, one.lon)))
