"""The region on the map: its roads, places and borders, loaded once and shared by all requests."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.console.tiles.network_tiles import NetworkTiles
from stopline.errors import StoplineError, UnknownName
from stopline.network.place_names import crossing_road, is_file_id, section_name
from stopline.scenario.place_text import NamedPlace, near_text, nearest_place

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from stopline.network.road_network import RoadNetwork
    from stopline.operation.core.command_handler import CommandHandler
    from stopline.operation.orders.scenario_store import ScenarioStore
    from stopline.scenario.loader import Scenario
    from stopline.sealing.plan_file.schema import PlanFile

_NEAR_M: Final = 5_000.0
_DIGITS: Final = 6
_MOST_FOUND: Final = 12


@dataclass(frozen=True, slots=True)
class RegionHit:
    """A road or place that was searched for.

    Attributes:
        name: of the road or place.
        near: the nearest named place; empty for none, or if it is one.
        lon: degrees.
        lat: degrees.
        section: section of the network; None for a place.
    """

    name: str
    near: str
    lon: float
    lat: float
    section: int | None


class RegionRoads:
    """One network with its places, as screens ask for it."""

    def __init__(
        self, network: RoadNetwork, scenario: Scenario | None, tiles: NetworkTiles
    ) -> None:
        self.network, self.scenario, self.tiles = network, scenario, tiles
        places = {} if scenario is None else scenario.places
        self.places = tuple(NamedPlace(name, lon, lat) for name, (lon, lat) in places.items())

    def near(self, lon: float, lat: float) -> str:
        """The nearest named place within some kilometres; empty for none."""
        found = nearest_place(lon, lat, self.places)
        return "" if found is None or found[1] > _NEAR_M else found[0].name

    def where(self, site: str, road: str) -> str:
        """Where on its road a site is: the road that it meets, and the nearest named place.

        Two roads of one name are told apart by it: `at Lettstrasse, 3 km south of Schaan`. What
        the name of the road says already is left out.
        """
        middle = self.middle_of(site)
        if middle is None:
            return ""
        kind, _, number = site.partition(" ")
        meets = crossing_road(self.network, int(number)) if kind == "section" else ""
        parts = (f"at {meets}" if meets else "", near_text(*middle, self.places))
        return ", ".join(part for part in parts if part and part not in road)

    def middle_of(self, site: str) -> tuple[float, float] | None:
        """A point of a site; None if the network has no such site or no coordinates."""
        kind, _, number = site.partition(" ")
        if not number.isdecimal():
            return None
        index = int(number)
        if kind == "junction" and index < self.network.junctions:
            lon, lat = self.network.junction_lon[index], self.network.junction_lat[index]
        elif kind == "section" and index < self.network.sections:
            points = self.network.geometry(index)
            lon, lat = points[len(points) // 2]
        else:
            return None
        return None if np.isnan(lon) else (round(float(lon), _DIGITS), round(float(lat), _DIGITS))

    def name_of(self, site: str, name: str) -> str:
        """What people call a site: its road's name, or the class of the road and its id."""
        kind, _, number = site.partition(" ")
        if (
            not (name == site or not name or is_file_id(name))
            or kind != "section"
            or not number.isdecimal()
        ):
            return name or site
        index = int(number)
        if index >= self.network.sections:
            return site
        return section_name(self.network, index)

    def line_of(self, sections: Iterable[int]) -> list[tuple[float, float]]:
        """The positions of a drive over sections, in its direction."""
        line: list[tuple[float, float]] = []
        end: int | None = None
        route = [one for one in sections if 0 <= one < self.network.sections]
        for number, section in enumerate(route):
            points = self.network.geometry(section)
            tail, head = (
                int(self.network.section_tail[section]), int(self.network.section_head[section]),
            )  # fmt: skip
            if end is None and number + 1 < len(route):
                after = route[number + 1]
                ends = {
                    int(self.network.section_tail[after]), int(self.network.section_head[after]),
                }  # fmt: skip
                end = tail if head in ends else head
            forward = end is None or end == tail
            end = head if forward else tail
            points = points if forward else points[::-1]
            line += [
                (round(float(lon), _DIGITS), round(float(lat), _DIGITS))
                for lon, lat in points[1 if line else 0 :]
            ]
        return line

    def search(self, text: str) -> list[RegionHit]:
        """Find places and roads by a part of their name, those that begin with it first."""
        wanted = text.casefold().strip()
        if not wanted:
            return []
        found = [
            RegionHit(place.name, "", place.lon, place.lat, None)
            for place in self.places if wanted in place.name.casefold()
        ]  # fmt: skip
        roads = [
            one for name, sections in self._by_name.items() if wanted in name.casefold()
            for one in self._stretches(name, sections)
        ]  # fmt: skip
        roads.sort(key=lambda one: (not one.name.casefold().startswith(wanted), one.name, one.near))
        return [*found, *roads][:_MOST_FOUND]

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for section, name in enumerate(self.network.section_name.tolist()):
            if name:
                found.setdefault(self.network.names[name], []).append(section)
        return found

    def _stretches(self, name: str, sections: list[int]) -> list[RegionHit]:
        """One row for each place that a road runs near; its middle section there."""
        by_place: dict[str, list[tuple[int, tuple[float, float]]]] = {}
        for section in sections[:: max(1, len(sections) // 60)]:
            middle = self.middle_of(f"section {section}")
            if middle is not None:
                by_place.setdefault(self.near(*middle), []).append((section, middle))
        return [
            RegionHit(name, near, *each[len(each) // 2][1], each[len(each) // 2][0])
            for near, each in by_place.items()
        ]

    @cached_property
    def borders(self) -> list[dict[str, Any]]:
        """Territories as GeoJSON features, cut near the roads; none where no polygons are known."""
        from stopline.console.tiles.borders import border_features  # noqa: PLC0415  (heavy)

        return border_features(self.network, self.scenario)


@dataclass(slots=True)
class Region:
    """Finds the roads that an incident goes by; what was read is kept. Threads may share it.

    Attributes:
        desk: whose plans name the networks.
        scenarios: finds the scenario of a plan, or the one that was given.
        folder: where tiles are kept on disk; None to keep none.
    """

    desk: CommandHandler
    scenarios: ScenarioStore
    folder: Path | None = None
    _known: dict[str, RegionRoads] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, plan: PlanFile | None) -> RegionRoads | None:
        """The roads of a plan, or before there is one those of the scenario; None for neither."""
        with self._lock:
            try:
                scenario = self.scenarios.of(plan)
            except (StoplineError, OSError):
                scenario = None
            network = None
            if plan is not None:
                try:
                    network = self.desk.networks.of(plan.network)
                except (StoplineError, OSError):
                    network = None
            if network is None and scenario is not None:
                network = scenario.problem.network
            return None if network is None else self._roads(network, scenario)

    def tiles(self, digest: str) -> NetworkTiles:
        """The tiles of a network that is open.

        Raises:
            UnknownName: none of that digest is open.
        """
        found = self._known.get(digest)
        if found is None:
            self.of(None)
            found = self._known.get(digest)
        if found is None:
            raise UnknownName(f"network {digest[:80]}")
        return found.tiles

    def _roads(self, network: RoadNetwork, scenario: Scenario | None) -> RegionRoads:
        known = self._known.get(network.digest)
        if known is None or (known.scenario is None and scenario is not None):
            tiles = NetworkTiles(network, self.folder) if known is None else known.tiles
            known = RegionRoads(network, scenario, tiles)
            self._known[network.digest] = known
        return known
