"""The beliefs by section that were found last, for the map; light, as every node has one."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

_KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class BeliefBands:
    """The sections that hold a share of the probability, most probable first.

    Attributes:
        basis: digest of the sightings that it rests on.
        at: the moment, ISO 8601 with zone.
        sections: for each of the shares 50, 90 and 99 %, the sections that are in it and in no
            smaller one.
    """

    basis: str
    at: str
    sections: tuple[tuple[int, ...], ...]


class KeptBands:
    """The bands that were found last, by incident and moment; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str, str], BeliefBands] = OrderedDict()

    def put(self, incident: str, bands: BeliefBands) -> None:
        """Keep them, and let go of the oldest."""
        with self._lock:
            self._known[incident, bands.at, bands.basis] = bands
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)

    def get(self, incident: str, at: str, basis: str) -> BeliefBands | None:
        """Those of a moment; None if they are not at hand."""
        with self._lock:
            return self._known.get((incident, at, basis))
