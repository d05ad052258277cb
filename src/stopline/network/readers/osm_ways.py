"""Take drivable ways, barriers and turn restrictions out of an OpenStreetMap file in one pass."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium
from osmium.osm import NODE, RELATION, WAY

from stopline.network.readers.osm_tags import (
    BARRIERS,
    RULE_KEYS,
    WayRule,
    drivable_tags,
    way_rule,
)
from stopline.network.readers.way_sections import Runs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from stopline.network.read_settings import ReadSettings

_WKB_HEADER = 18  # hex digits before the coordinates of a line: byte order, type, count
_RESTRICTION_KEYS = ("restriction", "restriction:motorcar", "restriction:motor_vehicle")
_REPORT_EVERY = 20_000


@dataclass(frozen=True, slots=True)
class Restriction:
    """A turn restriction as mapped: `no_left_turn`, ways and the node between them."""

    rule: str
    from_ways: tuple[int, ...]
    via: int
    to_ways: tuple[int, ...]


@dataclass(slots=True)
class OsmRoads:
    """What one pass over a file finds.

    Attributes:
        runs: the drivable ways; a way is two runs where the file lacks a node of it.
        kinds: rule and name index by kind of run.
        names: road names; the first is empty.
        barriers: nodes with a barrier, true where it is a border control.
        restrictions: turn restrictions over a single node.
        skipped_restrictions: how many were left out (over a way, or incomplete).
        border_relations: ids of administrative boundaries of states.
    """

    runs: Runs
    kinds: list[tuple[WayRule, int]]
    names: tuple[str, ...]
    barriers: dict[int, bool]
    restrictions: list[Restriction]
    skipped_restrictions: int
    border_relations: bool


@dataclass(slots=True)
class _Collector:
    """Grows while the file is read; flat arrays, because a country has millions of points."""

    settings: ReadSettings
    ref: array[int] = field(default_factory=lambda: array("q"))
    coordinates: bytearray = field(default_factory=bytearray)
    size: array[int] = field(default_factory=lambda: array("q"))
    way: array[int] = field(default_factory=lambda: array("q"))
    kind: array[int] = field(default_factory=lambda: array("q"))
    against: bytearray = field(default_factory=bytearray)
    kinds: dict[tuple[WayRule, int], int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=lambda: {"": 0})
    rules: dict[tuple[str | None, ...], WayRule | None] = field(default_factory=dict)
    barriers: dict[int, bool] = field(default_factory=dict)
    restrictions: list[Restriction] = field(default_factory=list)
    skipped: int = 0
    borders: bool = False
    wkb: Any = field(default_factory=osmium.geom.WKBFactory)

    def add_way(self, way: Any) -> None:  # noqa: ANN401  (pyosmium hands out views)
        get = way.tags.get
        tags = tuple([get(key) for key in RULE_KEYS])
        if tags not in self.rules:
            self.rules[tags] = way_rule(dict(zip(RULE_KEYS, tags, strict=True)), self.settings)
        rule = self.rules[tags]
        if rule is None:
            return
        # Once turned to run forward, a way may join one that was drawn forward.
        against = rule.one_way < 0
        rule = replace(rule, one_way=1) if against else rule
        name = self.names.setdefault(get("name") or get("ref") or "", len(self.names))
        kind = self.kinds.setdefault((rule, name), len(self.kinds))
        nodes = way.nodes
        try:
            line = bytes.fromhex(self.wkb.create_linestring(way, _ALL_NODES)[_WKB_HEADER:])
        except (osmium.InvalidLocationError, RuntimeError):
            self._add_incomplete(way.id, kind, nodes, against=against)
            return
        self._add_run(way.id, kind, against, [node.ref for node in nodes], line)

    def _add_run(
        self,
        way: int,
        kind: int,
        against: bool,  # noqa: FBT001
        refs: list[int],
        line: bytes,
    ) -> None:
        self.against.append(against)
        self.ref.extend(refs)
        self.coordinates += line
        self.size.append(len(refs))
        self.way.append(way)
        self.kind.append(kind)

    def _add_incomplete(self, way: int, kind: int, nodes: Any, *, against: bool) -> None:  # noqa: ANN401
        """Add the parts of a way whose nodes are in the file."""
        refs: list[int] = []
        line: list[float] = []
        for node in [*nodes, None]:
            if node is not None and node.location.valid():
                refs.append(node.ref)
                line += (node.location.lon, node.location.lat)
                continue
            if len(refs) > 1:
                self._add_run(way, kind, against, refs, np.array(line).tobytes())
            refs, line = [], []

    def add_node(self, node: Any) -> None:  # noqa: ANN401
        barrier = node.tags.get("barrier")
        if barrier in BARRIERS:
            self.barriers[node.id] = barrier == "border_control"

    def add_relation(self, relation: Any) -> None:  # noqa: ANN401
        get = relation.tags.get
        if get("boundary") == "administrative":
            self.borders = self.borders or get("admin_level") == "2"
            return
        rule = next((get(key) for key in _RESTRICTION_KEYS if get(key)), None)
        if rule is None or not rule.startswith(("no_", "only_")):
            return
        if "motorcar" in (get("except") or "") or "motor_vehicle" in (get("except") or ""):
            return
        members = [(member.type, member.role, member.ref) for member in relation.members]
        via = [ref for kind, role, ref in members if role == "via" and kind == "n"]
        over_way = any(role == "via" and kind != "n" for kind, role, _ in members)
        from_ways = tuple(ref for kind, role, ref in members if role == "from" and kind == "w")
        to_ways = tuple(ref for kind, role, ref in members if role == "to" and kind == "w")
        if over_way or len(via) != 1 or not from_ways or not to_ways:
            self.skipped += 1
            return
        self.restrictions.append(Restriction(rule, from_ways, via[0], to_ways))

    def finish(self) -> OsmRoads:
        first = np.zeros(len(self.size) + 1, dtype=np.int64)
        np.cumsum(np.array(self.size, dtype=np.int64), out=first[1:])
        position = np.frombuffer(bytes(self.coordinates), dtype="<f8").reshape(-1, 2)
        kinds = list(self.kinds)
        kind = np.array(self.kind, dtype=np.int64)
        one_way = np.array([rule.one_way != 0 for rule, _ in kinds] or [False])[kind]
        order = _as_driven(first, np.frombuffer(bytes(self.against), dtype=bool))
        runs = Runs(
            ref=np.array(self.ref, dtype=np.int64)[order],
            lon=position[order, 0],
            lat=position[order, 1],
            first=first,
            way=np.array(self.way, dtype=np.int64),
            kind=kind,
            one_way=one_way,
        )
        return OsmRoads(
            runs,
            kinds,
            tuple(self.names),
            self.barriers,
            self.restrictions,
            self.skipped,
            self.borders,
        )


_ALL_NODES = osmium.geom.use_nodes.ALL


def collect_roads(
    path: Path, settings: ReadSettings, progress: Callable[[str, int], None] | None
) -> OsmRoads:
    """Read the drivable ways of a file.

    Args:
        path: the file; its nodes must come before its ways, as is usual.
        settings: which roads are wanted.
        progress: called with `"ways"` and the number of ways read, now and then.

    Returns:
        The roads as drawn, one-way roads turned so that they run forward.

    Raises:
        RuntimeError: from osmium, where the file is broken.
    """
    found = _Collector(settings)
    ways = 0
    for thing in _filtered(path, settings):
        if thing.is_way():
            found.add_way(thing)
            ways += 1
            if progress is not None and ways % _REPORT_EVERY == 0:
                progress("ways", ways)
        elif thing.is_node():
            found.add_node(thing)
        else:
            found.add_relation(thing)
    return found.finish()


def _filtered(path: Path, settings: ReadSettings) -> Any:  # noqa: ANN401
    """Everything that may matter; the filters run in C++ and spare Python the rest."""
    nodes = osmium.filter.KeyFilter("barrier")
    nodes.enable_for(NODE)
    ways = osmium.filter.TagFilter(*drivable_tags(settings))
    ways.enable_for(WAY)
    relations = osmium.filter.KeyFilter("boundary", *_RESTRICTION_KEYS)
    relations.enable_for(RELATION)
    processor = osmium.FileProcessor(str(path), NODE | WAY | RELATION).with_locations("flex_mem")
    return processor.with_filter(nodes).with_filter(ways).with_filter(relations)


def _as_driven(first: NDArray[np.int64], against: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Order of points in which the runs that are one-way against their drawing are reversed."""
    order = np.arange(int(first[-1]))
    if not against.any():
        return order
    size = np.diff(first)
    turned = np.repeat(against, size)
    mirrored = np.repeat(first[:-1] + first[1:] - 1, size) - order
    return np.where(turned, mirrored, order)
