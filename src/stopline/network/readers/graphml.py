"""Read a road network that OSMnx saved as GraphML, simplified or not.

OSMnx gives a two-way street as two edges; they become one section again. Lengths are measured
along the geometry, as OSMnx does. A file with a document type declaration is refused: nobody
needs one, and entities are how an XML file eats a machine.
"""

from __future__ import annotations

import itertools
import math
import re
from array import array
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from lxml import etree

from stopline.documents.capped_faults import CappedFaults
from stopline.errors import BadInput
from stopline.network.findings import Findings
from stopline.network.geodesy import distance_m
from stopline.network.read_settings import DEGREES_OR_CRS, to_degrees
from stopline.network.readers.osm import raw_roads
from stopline.network.readers.osm_access import NEITHER
from stopline.network.readers.osm_barriers import node_access
from stopline.network.readers.osm_joins import joined_rule
from stopline.network.readers.osm_source import EDITOR_IDS
from stopline.network.readers.osm_tags import RULE_KEYS, LeftOut, WayRule, way_rule
from stopline.network.readers.osm_ways import OsmRoads, note_rule
from stopline.network.readers.way_sections import Runs, cut_sections
from stopline.network.road_network import NO_ID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from stopline.network.builder import RawRoads
    from stopline.network.read_settings import ReadSettings

_NAMESPACE = "{http://graphml.graphdrawing.org/xmlns}"
_ITEM = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|([^\s,\[\]'\"]+)")
_NUMBER_PAIR = 2
_ALIKE_M, _ALIKE = 1.0, 0.05  # difference in length up to which two edges are one street


@dataclass(slots=True)
class _Edges:
    """Edges as runs of points; inner points of an edge get ids below zero of their own."""

    settings: ReadSettings
    faults: CappedFaults
    nodes: dict[str, tuple[int, float, float]] = field(default_factory=dict)
    ref: array[int] = field(default_factory=lambda: array("q"))
    position: array[float] = field(default_factory=lambda: array("d"))
    size: array[int] = field(default_factory=lambda: array("q"))
    way: array[int] = field(default_factory=lambda: array("q"))
    two_way: list[bool] = field(default_factory=list)
    told_two_way: list[bool] = field(default_factory=list)
    rule: list[WayRule] = field(default_factory=list)
    name: list[int] = field(default_factory=list)
    rules: dict[tuple[tuple[str, str], ...], WayRule | LeftOut] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    node_access: dict[int, int] = field(default_factory=dict)
    edges: int = 0
    edges_read: int = 0
    names: dict[str, int] = field(default_factory=lambda: {"": 0})
    unpaired: dict[tuple[str, ...], list[tuple[float, int]]] = field(default_factory=dict)
    drawn: dict[tuple[Any, ...], int] = field(default_factory=dict)
    inner: int = 0
    metres: bool = False
    turn: Any = None

    def add_node(self, where: str, name: str | None, data: dict[str, str]) -> None:
        try:
            lon, lat = float(data["x"]), float(data["y"])
        except (KeyError, ValueError):
            lon = lat = float("nan")
        if self.turn is not None:
            lon, lat = self.turn.transform(lon, lat)
        elif min(abs(lon), abs(lat)) > 360:  # noqa: PLR2004
            if not self.metres:  # one fault, not one for each node
                seen = f"projected coordinates, such as {lon:g}, {lat:g}"
                self.faults.add(where, seen, DEGREES_OR_CRS)
            self.metres, lon, lat = True, 0.0, 0.0
        if not (abs(lon) <= 180 and abs(lat) <= 90):  # noqa: PLR2004
            seen = f"x {data.get('x')!r}, y {data.get('y')!r}"
            self.faults.add(where, seen, "longitude and latitude in degrees (crs epsg:4326)")
        if not name or name in self.nodes:
            self.faults.add(where, f"id {name!r}", "an id that no other node has")
            return
        # Ids that are no numbers get numbers above all that are, so that 7 and a7 stay apart.
        plain = re.fullmatch(r"0|[1-9]\d{0,14}", name)
        number = int(name) if plain else EDITOR_IDS + 1 + len(self.nodes)
        self.nodes[name] = (number, lon, lat)
        access = node_access(data)
        if access:
            self.node_access[number] = access

    def add_edge(
        self, where: str, source: str, target: str, data: dict[str, str], *, directed: bool
    ) -> None:
        start, end = self.nodes.get(source), self.nodes.get(target)
        if start is None or end is None:
            missing = source if start is None else target
            self.faults.add(where, f"node {missing!r}", "a node that stands above in the file")
            return
        self.edges += 1
        osmid = _first(data.get("osmid")) or ""
        name = _first(data.get("name")) or _first(data.get("ref")) or ""
        points = self._points(where, data.get("geometry"), start, end)
        label = f"edge {source} to {target}" + (f" {name}" if name else "")
        rule = self._rule(data)
        key, length = self._key(source, target, data)
        if isinstance(rule, WayRule):
            rule = self._held_to_length(rule, points, length, label)
        if isinstance(rule, LeftOut):
            shown = label if rule.matters else ""
            self.findings.note(
                "left out", rule.kind, rule.text, shown, ways=True, matters=rule.matters
            )
            return
        self.edges_read += 1
        way = int(osmid) if re.fullmatch(r"\d{1,18}", osmid) else NO_ID + len(self.way)
        alike = length if key[0] and source != target else len(self.way)
        same = (source, target, key[0], tuple(points), alike)
        if same in self.drawn:
            self._note_doubled(self.drawn[same], rule, label)
            return
        self.drawn[same] = len(self.way)
        if directed and not _true(_first(data.get("oneway"))):
            mirror = self._mirror((target, source, *key), length)
            if mirror is not None:
                self.two_way[mirror] = True
                self.rule[mirror] = joined_rule(self.rule[mirror], rule, along=True)
                self.drawn[same] = mirror
                return
        if directed:
            waiting = self.unpaired.setdefault((source, target, *key), [])
            waiting.append((length, len(self.way)))
        note_rule(self.findings, rule, label)
        self._add_run(rule, name, way, (start[0], end[0]), points)
        self.two_way.append(not directed)
        self.told_two_way.append(_some_say_two_way(data.get("oneway")))

    def _add_run(
        self,
        rule: WayRule,
        name: str,
        way: int,
        ends: tuple[int, int],
        points: Sequence[tuple[float, float]],
    ) -> None:
        self.ref.append(ends[0])
        self.ref.extend(range(-self.inner - len(points) + 2, -self.inner))
        self.inner += len(points) - 2
        self.ref.append(ends[1])
        for point in points:
            self.position.extend(point)
        self.size.append(len(points))
        self.way.append(way)
        self.rule.append(rule)
        self.name.append(self.names.setdefault(name, len(self.names)))

    def _note_doubled(self, row: int, rule: WayRule, label: str) -> None:
        """One edge that stands in the file twice is one road."""
        self.rule[row] = joined_rule(self.rule[row], rule, along=True)
        text = "edges that stand in the file twice, taken for one"
        self.findings.note("doubtful", "doubled", text, label, matters=False)

    def _held_to_length(
        self, rule: WayRule, points: Sequence[tuple[float, float]], told_m: float, label: str
    ) -> WayRule:
        """Let the vehicle take as long as over the shorter, and a unit as over the longer way.

        Lengths are measured on the map; an edge may tell another one, as where its shape is lost.
        """
        drawn_m = sum(float(distance_m(*a, *b)) for a, b in itertools.pairwise(points))
        if not (told_m > 0 and drawn_m > 0):
            return rule
        share = told_m / drawn_m
        if abs(share - 1) <= _ALIKE or abs(told_m - drawn_m) <= _ALIKE_M:
            return rule
        text = (
            "edges whose length is not that of their shape: a unit takes as long as over the longer"
        )
        self.findings.note("doubtful", "length", text, label, matters=False)
        if share > 1:
            return replace(rule, unit_speed_mps=rule.unit_speed_mps / share)
        straight_m = float(distance_m(*points[0], *points[-1]))
        share = max(share, straight_m / drawn_m)
        return replace(rule, speed_mps=rule.speed_mps / share)

    def _mirror(self, key: tuple[str, ...], length: float) -> int | None:
        """The waiting edge against one that is the same road: the one most alike in length."""
        waiting = self.unpaired.get(key)
        if not waiting:
            return None
        best = min(waiting, key=lambda pair: abs(pair[0] - length))
        if abs(best[0] - length) > _ALIKE_M + _ALIKE * max(best[0], length):
            return None
        waiting.remove(best)
        return best[1]

    def _rule(self, data: dict[str, str]) -> WayRule | LeftOut:
        """The rule of an edge; OSMnx has already dealt with the direction."""
        given = tuple(
            sorted(
                (k, v)
                for k, v in data.items()
                if k == "speed_kph" or (RULE_KEYS.match(k) and not k.startswith("onew"))
            )
        )
        if given not in self.rules:
            tags: dict[str, str | None] = {
                key: ";".join(_items(value)) for key, value in given if key != "speed_kph"
            }
            tags["oneway"] = "no"
            if data.get("speed_kph"):  # what OSMnx has made of limits, and of none
                tags["maxspeed:made"] = ";".join(_items(data["speed_kph"]))
            classes = _items(data.get("highway")) or ["unclassified"]
            found = [way_rule({**tags, "highway": one}, self.settings) for one in classes]
            roads = [rule for rule in found if isinstance(rule, WayRule)]
            merged: WayRule | LeftOut = roads[0] if roads else found[0]
            for other in roads[1:]:
                if isinstance(merged, WayRule):
                    merged = joined_rule(merged, other, along=True)
            self.rules[given] = merged
        return self.rules[given]

    @staticmethod
    def _key(source: str, target: str, data: dict[str, str]) -> tuple[tuple[str, ...], float]:
        """What an edge and its mirror image have in common, and its length."""
        try:
            length = float(data.get("length", ""))
        except ValueError:
            length = 0.0
        length = length if math.isfinite(length) else 0.0
        return (",".join(sorted(_items(data.get("osmid")))), str(source == target)), length

    def _points(
        self,
        where: str,
        text: str | None,
        start: tuple[int, float, float],
        end: tuple[int, float, float],
    ) -> list[tuple[float, float]]:
        """The points of an edge from its source to its target."""
        ends = [start[1:], end[1:]]
        if not text or self.metres:
            return ends
        try:
            inside = re.fullmatch(r"\s*LINESTRING\s*(?:Z\s*)?\((.*)\)\s*", text, re.DOTALL)
            body = inside[1] if inside else ""
            line = [tuple(map(float, pair.split()[:2])) for pair in body.split(",")]
            if self.turn is not None:
                line = [self.turn.transform(*pair) for pair in line]
        except ValueError:
            line = []
        usable = all(
            len(p) == _NUMBER_PAIR and abs(p[0]) <= 180 and abs(p[1]) <= 90  # noqa: PLR2004
            for p in line
        )
        if len(line) < _NUMBER_PAIR or not usable:
            self.faults.add(where, text, "geometry as LINESTRING (lon lat, lon lat)")
            return ends
        inner = [(p[0], p[1]) for p in line[1:-1]]
        # Where an undirected graph was written, the shape may run the other way round.
        as_is = _off(line[0], ends[0]) + _off(line[-1], ends[1])
        if _off(line[-1], ends[0]) + _off(line[0], ends[1]) < as_is:
            inner.reverse()
        return [ends[0], *inner, ends[1]]

    def roads(self) -> OsmRoads:
        first = np.zeros(len(self.size) + 1, dtype=np.int64)
        np.cumsum(np.array(self.size, dtype=np.int64), out=first[1:])
        position = np.array(self.position, dtype=np.float64).reshape(-1, 2)
        one_way = ~np.array(self.two_way, dtype=bool)
        # A kind tells the direction too: rules come with the direction that edges really have.
        kinds: dict[tuple[WayRule, int], int] = {}
        ruled = [
            # An edge that says it is no one-way street, and has none against it, is in doubt.
            (replace(rule, one_way=int(one and not told), unit_one_way=_unit_way(rule, one)), name)
            for rule, name, one, told in zip(
                self.rule, self.name, one_way.tolist(), self.told_two_way, strict=True
            )
        ]
        kind = [kinds.setdefault(pair, len(kinds)) for pair in ruled]
        runs = Runs(
            ref=np.array(self.ref, dtype=np.int64),
            lon=position[:, 0],
            lat=position[:, 1],
            first=first,
            way=np.array(self.way, dtype=np.int64),
            kind=np.array(kind, dtype=np.int64),
            one_way=one_way,
        )
        return OsmRoads(
            runs=runs,
            kinds=list(kinds),
            names=tuple(self.names),
            barriers={},
            restrictions=[],
            node_access=self.node_access,
            findings=self.findings,
            ways_in_file=self.edges,
            ways_read=self.edges_read,
        )


def _off(one: Sequence[float], two: Sequence[float]) -> float:
    return abs(one[0] - two[0]) + abs(one[1] - two[1])


def _unit_way(rule: WayRule, one: bool) -> int:  # noqa: FBT001
    """The direction that signs surely allow a unit."""
    return NEITHER if rule.unit_one_way == NEITHER else int(one)


def read_graphml(path: Path, settings: ReadSettings) -> RawRoads:
    """Read a GraphML file as OSMnx saves it.

    Args:
        path: the file.
        settings: which roads are wanted.

    Returns:
        Sections from junction to junction.

    Raises:
        BadInput: with every fault of the file, or because it is no such file.
    """
    faults = CappedFaults(str(path))
    edges = _Edges(settings, faults, turn=to_degrees(settings.crs))
    try:
        with path.open("rb") as file:
            _parse(path, file, edges)
    except (etree.XMLSyntaxError, OSError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput.single(str(path), str(error), "a GraphML file as OSMnx saves it") from error
    faults.raise_if_any()
    roads = edges.roads()
    keep = np.array(sorted(roads.node_access), dtype=np.int64)
    sections = cut_sections(roads.runs, keep) if roads.runs.way.size else None
    if sections is None or sections.tail.size == 0:
        raise BadInput.single(str(path), "no drivable road", "edges with a drivable highway")
    raw = raw_roads(sections, roads)
    raw.source = str(path)
    return raw


def _parse(path: Path, file: BinaryIO, edges: _Edges) -> None:
    keys: dict[str, str] = {}
    usual: dict[str, dict[str, str]] = {"node": {}, "edge": {}}
    directed = True
    events = etree.iterparse(
        file,
        events=("start", "end"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for event, element in events:
        if event == "start":
            _refuse_doctype(path, element)
            if element.tag == f"{_NAMESPACE}graph":
                directed = element.get("edgedefault") != "undirected"
            continue
        if element.tag == f"{_NAMESPACE}key":
            name = keys[element.get("id") or ""] = element.get("attr.name") or ""
            default = element.find(f"{_NAMESPACE}default")
            kinds = (element.get("for"),) if element.get("for") in usual else tuple(usual)
            if default is not None and default.text:
                for kind in kinds:
                    usual[kind][name] = default.text
        elif element.tag == f"{_NAMESPACE}node":
            where = f"{path} line {element.sourceline}: node"
            edges.add_node(where, element.get("id"), {**usual["node"], **_data(element, keys)})
        elif element.tag == f"{_NAMESPACE}edge":
            where = f"{path} line {element.sourceline}: edge"
            ends = (element.get("source") or "", element.get("target") or "")
            data = {**usual["edge"], **_data(element, keys)}
            own = element.get("directed")
            edges.add_edge(where, *ends, data, directed=directed if own is None else _true(own))
        else:
            continue
        _forget(element)


def _refuse_doctype(path: Path, element: Any) -> None:  # noqa: ANN401
    if element.getparent() is None and element.getroottree().docinfo.internalDTD is not None:
        raise BadInput.single(str(path), "a DOCTYPE", "GraphML without document type declaration")


def _forget(element: Any) -> None:  # noqa: ANN401
    """Free an element that has been dealt with, and those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _data(element: Any, keys: dict[str, str]) -> dict[str, str]:  # noqa: ANN401
    return {keys.get(child.get("key") or "", ""): child.text or "" for child in element}


def _true(text: str | None) -> bool:
    return (text or "").strip().lower() in ("true", "1", "yes")


def _some_say_two_way(text: str | None) -> bool:
    """Whether some value of `oneway` is known and no plain yes."""
    return any(not _true(word) for word in _items(text))


def _items(text: str | None) -> list[str]:
    """The values of an attribute; OSMnx writes several as a Python list."""
    if not text:
        return []
    if not text.startswith("["):
        return [text]
    return [a or b or c for a, b, c in _ITEM.findall(text)]


def _first(text: str | None) -> str | None:
    return next(iter(_items(text)), None)
