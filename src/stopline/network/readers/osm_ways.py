"""Take roads, barriers and turn restrictions out of an OpenStreetMap file in one pass."""

from __future__ import annotations

import itertools
from array import array
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium
from osmium.osm import NODE, WAY

from stopline.network.access import Access, NodeAccess
from stopline.network.findings import Findings
from stopline.network.readers.osm_barriers import (
    NODE_KEYS,
    drawn_across,
    is_barrier,
    node_access,
    stops_all,
)
from stopline.network.readers.osm_copies import WayCopy, copies_of, copy_of
from stopline.network.readers.osm_joins import as_driven, parted, renamed, same_places, through
from stopline.network.readers.osm_restrictions import Restriction, restriction_of
from stopline.network.readers.osm_source import OsmSource, original_id
from stopline.network.readers.osm_squares import YARD_KEYS, Outlines, SquareCollector, is_yard
from stopline.network.readers.osm_tags import (
    FERRIES,
    RULE_KEYS,
    UNUSED_KEYS,
    LeftOut,
    WayRule,
    way_rule,
)
from stopline.network.readers.way_sections import Runs
from stopline.network.road_network import SectionFlag

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.network.read_settings import ReadSettings
    from stopline.network.readers.osm_copies import Copy

_WKB_HEADER = 18  # hex digits before the coordinates of a line: byte order, type, count
_REPORT_EVERY = 20_000


class EditedIdsError(Exception):
    """A file of another kind than XML has ids below zero, which osmium does not find."""


@dataclass(slots=True)
class OsmRoads:
    """What one pass over a file finds.

    Attributes:
        runs: the roads; a way is several runs where the file lacks a node of it.
        kinds: rule and name index by kind of run.
        names: road names; the first is empty.
        barriers: nodes with a barrier, true where it is a border control.
        node_access: `NodeAccess` bits of nodes where something stops a unit or the map ends.
        restrictions: turn restrictions over a single node.
        findings: what was left out, guessed or is doubtful.
        border_relations: whether there are administrative boundaries of states.
        ways_in_file: ways that could be roads.
        ways_read: how many of them are.
    """

    runs: Runs
    kinds: list[tuple[WayRule, int]]
    names: tuple[str, ...]
    barriers: dict[int, bool]
    restrictions: list[Restriction]
    node_access: dict[int, int] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    border_relations: bool = False
    ways_in_file: int = 0
    ways_read: int = 0


@dataclass(slots=True)
class _Collector:
    """Grows while the file is read; flat arrays, because a country has millions of points."""

    settings: ReadSettings
    findings: Findings
    progress: Callable[[str, int], None] | None
    ref: array[int] = field(default_factory=lambda: array("q"))
    coordinates: bytearray = field(default_factory=bytearray)
    size: array[int] = field(default_factory=lambda: array("q"))
    way_id: array[int] = field(default_factory=lambda: array("q"))
    kind: array[int] = field(default_factory=lambda: array("q"))
    against: bytearray = field(default_factory=bytearray)
    kinds: dict[tuple[WayRule, int], int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=lambda: {"": 0})
    rules: dict[tuple[tuple[str, str], ...], WayRule | LeftOut] = field(default_factory=dict)
    matters: dict[str, bool] = field(default_factory=dict)
    barriers: dict[int, bool] = field(default_factory=dict)
    node_access: dict[int, int] = field(default_factory=dict)
    walls: set[int] = field(default_factory=set)
    across: set[int] = field(default_factory=set)
    told: set[int] = field(default_factory=set)  # nodes that say themselves what stands there
    restrictions: list[Restriction] = field(default_factory=list)
    several: dict[int, set[Copy]] = field(default_factory=dict)
    squares: SquareCollector = field(init=False)
    borders: bool = False
    ways_in_file: int = 0
    ways_read: int = 0
    wkb: Any = field(default_factory=osmium.geom.WKBFactory)

    def __post_init__(self) -> None:
        self.squares = SquareCollector(self.settings, self.findings, self.names)

    def way(self, way: Any) -> None:  # noqa: ANN401  (pyosmium hands out views)
        """Take a way if it is a road."""
        if way.deleted:
            return
        if way.id in self.several:
            self.several[way.id].discard(copy_of(way))
        tags = tuple((tag.k, tag.v) for tag in way.tags if self._matters(tag.k))
        keys = {key for key, _ in tags}
        get = way.tags.get
        if keys.isdisjoint(("highway", *UNUSED_KEYS)) and get("route") not in FERRIES:
            plain = dict(way.tags)
            if drawn_across(plain):
                self.across.update(node.ref for node in way.nodes)
            if is_yard(plain) and way.is_closed():
                self.squares.keep_yard(way, plain)
            return
        self._count()
        if tags not in self.rules:
            self.rules[tags] = way_rule(dict(tags), self.settings)
        rule = self.rules[tags]
        called = get("name") or get("ref") or ""
        label = f"way {original_id(way.id)}" + (f" {called}" if called else "")
        if isinstance(rule, LeftOut):
            shown = label if rule.matters else ""
            self.findings.note(
                "left out", rule.kind, rule.text, shown, ways=True, matters=rule.matters
            )
        elif rule.area and way.is_closed():
            self.squares.keep(way, rule, called, label)
        elif self._add_way(way, rule, called, label):
            self.ways_read += 1
            note_rule(self.findings, rule, label)

    def copy(self, way: WayCopy) -> None:
        """Take another copy of a way that was counted: what it holds more is a road too."""
        rule = way_rule({k: v for k, v in way.tags.items() if self._matters(k)}, self.settings)
        called = way.tags.get("name") or way.tags.get("ref") or ""
        label = f"way {original_id(way.id)}" + (f" {called}" if called else "")
        known = {node.ref for node in way.nodes if node.location.valid()}
        if isinstance(rule, LeftOut):
            return
        if len(known) < 2:  # noqa: PLR2004
            for ref in known:
                self._note_edge(ref)
        elif rule.area and way.is_closed():
            self.squares.keep(way, rule, called, label, is_way=False)
        else:
            self._add_way(way, rule, called, label)

    def _count(self) -> None:
        self.ways_in_file += 1
        if self.progress is not None and self.ways_in_file % _REPORT_EVERY == 0:
            self.progress("ways", self.ways_in_file)

    def _add_way(self, way: Any, rule: WayRule, called: str, label: str) -> bool:  # noqa: ANN401
        """Add a road; false if too few of its nodes are there."""
        # Once turned to run forward, a way may join one that was drawn forward.
        against = rule.direction < 0
        if against:
            turned = {0: 0, 1: -1, -1: 1, 2: 2}
            rule = replace(
                rule, one_way=turned[rule.one_way], unit_one_way=turned[rule.unit_one_way]
            )
        name = self.names.setdefault(called, len(self.names))
        kind = self.kinds.setdefault((rule, name), len(self.kinds))
        nodes = way.nodes
        if isinstance(way, WayCopy):
            return self._add_incomplete(way.id, (rule, name), nodes, label, against=against)
        try:
            line = bytes.fromhex(self.wkb.create_linestring(way, _ALL_NODES)[_WKB_HEADER:])
        except (osmium.InvalidLocationError, RuntimeError):
            return self._add_incomplete(way.id, (rule, name), nodes, label, against=against)
        self._add_run(way.id, kind, against, [node.ref for node in nodes], line)
        return True

    def node(self, node: Any) -> None:  # noqa: ANN401
        """Take a node if a barrier or a ford stands on it."""
        if node.deleted:
            return
        tags = dict(node.tags)
        if is_barrier(tags):
            self.barriers[node.id] = tags.get("barrier") == "border_control"
        access = node_access(tags)
        if "barrier" in tags:
            self.told.add(node.id)
        if access:
            self.node_access[node.id] = access
        if stops_all(tags):
            self.walls.add(node.id)

    def relation(self, relation: Any) -> None:  # noqa: ANN401
        """Take a relation if it is a turn restriction; look whether there are borders."""
        if relation.deleted:
            return
        get = relation.tags.get
        if get("type") == "multipolygon" and self.squares.keep_relation(relation):
            return
        if get("boundary") == "administrative":
            self.borders = self.borders or get("admin_level") == "2"
            return
        restriction = restriction_of(relation, self.findings)
        if restriction is not None:
            self.restrictions.append(restriction)

    def _matters(self, key: str) -> bool:
        found = self.matters.get(key)
        if found is None:
            found = self.matters[key] = bool(RULE_KEYS.match(key))
        return found

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
        self.way_id.append(way)
        self.kind.append(kind)

    def _add_incomplete(
        self,
        way: int,
        ruled: tuple[WayRule, int],
        nodes: Any,  # noqa: ANN401
        label: str,
        *,
        against: bool,
    ) -> bool:
        """Add the parts of a way whose nodes are in the file, and straight lines over gaps.

        Returns:
            Whether there are two known nodes at all.
        """
        if any(node.ref < 0 for node in nodes):
            raise EditedIdsError
        rule, name = ruled
        kind = self.kinds[(rule, name)]
        known = [node.location.valid() for node in nodes]
        places = [i for i, there in enumerate(known) if there]
        if len({nodes[i].ref for i in places}) < 2:  # noqa: PLR2004
            self.findings.note(
                "left out",
                "nodes_missing",
                "ways of which fewer than two nodes are in the file",
                label,
                ways=True,
            )
            for i in places:
                self._note_edge(nodes[i].ref)
            return False
        guessed = rule.flags | SectionFlag.GUESSED
        gap = (replace(rule, access=rule.access | Access.UNSURE, flags=int(guessed)), name)
        refs: list[int] = [nodes[places[0]].ref]
        line: list[float] = [nodes[places[0]].location.lon, nodes[places[0]].location.lat]
        for before, here in itertools.pairwise(places):
            node = nodes[here]
            step = [node.location.lon, node.location.lat]
            if here - before > 1:
                if len(refs) > 1:
                    self._add_run(way, kind, against, refs, np.array(line).tobytes())
                over = self.kinds.setdefault(gap, len(self.kinds))
                ends = np.array([*line[-2:], *step]).tobytes()
                self._add_run(way, over, against, [refs[-1], node.ref], ends)
                refs, line = [], []
            refs.append(node.ref)
            line += step
        if len(refs) > 1:
            self._add_run(way, kind, against, refs, np.array(line).tobytes())
        gaps = any(b - a > 1 for a, b in itertools.pairwise(places))
        if gaps:
            self.findings.note(
                "guessed",
                "gaps",
                "roads of which nodes are missing, which the vehicle crosses in a straight line "
                "and no unit",
                label,
            )
        for end in (end for end, i in ((places[0], 0), (places[-1], len(known) - 1)) if end != i):
            self._note_edge(nodes[end].ref)
            self.findings.note(
                "doubtful", "leaves_map", "roads that go on beyond what the file holds", label
            )
        return True

    def _note_edge(self, ref: int) -> None:
        self.node_access[ref] = self.node_access.get(ref, 0) | int(NodeAccess.EDGE)

    def _join_place(self, ref: int, least: int) -> None:
        """Let the vehicle, and no unit, drive on where a road ends at the place of another node."""
        own = self.node_access.get(ref, 0) | int(NodeAccess.BARRED)
        self.node_access[least] = self.node_access.get(least, 0) | own
        text = "nodes at which roads meet under several ids, which the vehicle passes and no unit"
        if ref != least:
            self.findings.note("guessed", "same_place", text, f"node {original_id(ref)}")

    def finish(self) -> OsmRoads:
        """Put all that was found into arrays."""
        counted, read, lines = self.squares.lines(set(self.ref))
        self.ways_in_file += counted
        self.ways_read += read
        for way, one, two, ruled in lines:
            kind_of_line = self.kinds.setdefault(ruled, len(self.kinds))
            ends = np.array([*one[1:], *two[1:]]).tobytes()
            self._add_run(way, kind_of_line, False, [one[0], two[0]], ends)
        first = np.zeros(len(self.size) + 1, dtype=np.int64)
        np.cumsum(np.array(self.size, dtype=np.int64), out=first[1:])
        position = np.frombuffer(bytes(self.coordinates), dtype="<f8").reshape(-1, 2)
        kinds = list(self.kinds)
        kind = np.array(self.kind, dtype=np.int64)
        directed = np.array([rule.direction != 0 for rule, _ in kinds] or [False])[kind]
        order = as_driven(first, np.frombuffer(bytes(self.against), dtype=bool))
        runs = Runs(
            ref=np.array(self.ref, dtype=np.int64)[order],
            lon=position[order, 0],
            lat=position[order, 1],
            first=first,
            way=np.array(self.way_id, dtype=np.int64),
            kind=kind,
            one_way=directed,
        )
        joined = same_places(runs)
        for ref, least in joined.items():
            self._join_place(ref, least)
        runs = replace(runs, ref=renamed(runs.ref, joined)) if joined else runs
        for ref in (self.across - self.told) & set(self.ref):
            self.node_access[ref] = self.node_access.get(ref, 0) | int(NodeAccess.BARRED)
        for ref in self.node_access.keys() & self.walls:
            self.node_access.pop(ref)
        for ref in sorted(self.walls & through(runs)):
            text = "walls across a road, which neither the vehicle nor a unit passes"
            self.findings.note("doubtful", "walls", text, f"node {original_id(ref)}")
        return OsmRoads(
            runs=parted(runs, self.walls),
            kinds=kinds,
            names=tuple(self.names),
            barriers=self.barriers,
            restrictions=self.restrictions,
            node_access=self.node_access,
            findings=self.findings,
            border_relations=self.borders,
            ways_in_file=self.ways_in_file,
            ways_read=self.ways_read,
        )


_ALL_NODES = osmium.geom.use_nodes.ALL


def note_rule(findings: Findings, rule: WayRule, label: str) -> None:
    """Note what is guessed or doubtful of a road that was read."""
    if rule.speed_guessed:
        findings.note(
            "guessed", "speed", "roads without a speed limit, taken by class", matters=False
        )
    if rule.access & Access.FORBIDDEN:
        text = "roads closed by sign, which the vehicle is taken to ignore"
        findings.note("doubtful", "closed_by_sign", text, label)
    elif rule.access & Access.PRIVATE:
        text = "roads for some users only, which the vehicle is taken to use"
        findings.note("doubtful", "private", text, label)
    if not rule.known:
        text = "ways of a kind that is not known, which the vehicle may take and no unit"
        findings.note("doubtful", "unknown_class", text, label)
    elif rule.access & Access.UNSURE:
        text = "rough, narrow or barred roads, which the vehicle may take and no unit"
        findings.note("doubtful", "unsure", text, label)
    if rule.access & Access.FORD:
        findings.note("doubtful", "ford", "fords", label)
    if rule.condition:
        findings.note("doubtful", "hours", "roads with no-entry signs at some hours", label)
    if rule.unit_one_way != rule.one_way:
        text = "roads of which the direction is not sure, so that units keep to the surer one"
        findings.note("doubtful", "direction", text, label)


def collect_roads(
    source: OsmSource,
    settings: ReadSettings,
    findings: Findings,
    progress: Callable[[str, int], None] | None,
) -> OsmRoads:
    """Read the roads of a file.

    Args:
        source: the file.
        settings: which roads are wanted.
        findings: where to note what is left out, guessed or doubtful.
        progress: called with `"ways"` and the number of ways read, now and then.

    Raises:
        RuntimeError: from osmium, where the file is broken.
    """
    found = _Collector(settings, findings, progress)
    found.several = {way: set(copies) for way, copies in source.several.items()}
    nodes = osmium.filter.KeyFilter(*NODE_KEYS)
    nodes.enable_for(NODE)
    ways = osmium.filter.KeyFilter("highway", "route", "barrier", *UNUSED_KEYS, *YARD_KEYS)
    ways.enable_for(WAY)
    places = osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem"))
    places.ignore_errors()
    source.apply(places, nodes, ways, found)
    if found.squares.outer:
        outlines = Outlines(found.squares)
        places = osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem"))
        places.ignore_errors()
        source.apply(places, osmium.filter.EntityFilter(WAY), outlines)
        outlines.note_missing()
    for left in copies_of(source, found.several):
        found.copy(left)
    return found.finish()
