"""A plain, slow reading of small OpenStreetMap files, written apart: could a car leave?

It shares nothing with the readers: XML by the standard library, one edge of a networkx graph for
each two neighbouring nodes of a way, no sections, no arrays.
"""

from __future__ import annotations

import heapq
import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import Any

import networkx as nx

CLASS_KMH = {
    "primary": 80, "secondary": 70, "residential": 50, "service": 30, "track": 30,
}  # fmt: skip
FLOOR_KMH = {
    "primary": 40, "secondary": 30, "residential": 20, "service": 15, "track": 15,
}  # fmt: skip
CLASSES = {**{name: name for name in CLASS_KMH}, "pedestrian": "residential"}
CLASSES |= {"minor": "residential", "abandoned": "residential", "footway": ""}
PASSABLE = {"border_control", "toll_booth", "cattle_grid", "entrance", "kerb"}
GATES = {"gate"}
DOUBTS = ("ford", "construction", "seasonal", "maxheight", "opening_hours", "surface", "tidal")
DOUBTS += ("locked", "temporary:access")


def newest(root: ET.Element, kind: str) -> list[tuple[int, ET.Element]]:
    """All copies of the newest version of each object that is not deleted."""
    latest: dict[int, int] = {}
    for element in root.iter(kind):
        number, version = int(element.attrib["id"]), int(element.get("version", "0"))
        latest[number] = max(version, latest.get(number, 0))
    return [
        (int(element.attrib["id"]), element)
        for element in root.iter(kind)
        if int(element.get("version", "0")) == latest[int(element.attrib["id"])]
        if element.get("visible") != "false" and element.get("action") != "delete"
    ]


def tags_of(element: ET.Element) -> dict[str, str]:
    return {tag.attrib["k"]: tag.attrib["v"] for tag in element.iter("tag")}


def length_m(one: tuple[float, float], two: tuple[float, float]) -> float:
    east = math.radians(two[0] - one[0]) * math.cos(math.radians((one[1] + two[1]) / 2))
    return 6_371_008.8 * math.hypot(east, math.radians(two[1] - one[1]))


def limits(tags: dict[str, str], road_class: str) -> tuple[float, float]:
    """Highest and lowest speed in km/h."""
    found: list[float] = []
    for key, value in tags.items():
        if key.startswith("maxspeed"):
            plain = re.sub(r"@\s*\([^)]*\)", "", value)
            for number, unit in re.findall(r"(\d+)\s*(mph)?", plain):
                found.append(float(number) * (1.609344 if unit else 1.0))
    usual = CLASS_KMH[road_class]
    if not {"maxspeed", "maxspeed:lanes"} & tags.keys() and not (
        "maxspeed:forward" in tags and "maxspeed:backward" in tags
    ):
        found.append(usual)  # nothing is told for the other hours, directions or vehicles
    highest = max(found, default=usual)
    if "maxspeed:variable" in tags:
        highest = max(highest, usual)
    return max(highest, FLOOR_KMH[road_class]), min(found, default=usual)


def unit_may(tags: dict[str, str]) -> bool:
    if tags["highway"] == "pedestrian" and tags.get("motor_vehicle") != "yes":
        return False
    if tags["highway"] in ("minor", "abandoned") or any(key in tags for key in DOUBTS):
        return False
    signs = [tags[key] for key in ("motor_vehicle", "vehicle", "access") if key in tags]
    if signs and signs[0] in ("no", "private"):
        return False
    if any(key.endswith(":conditional") and not key.startswith("maxspeed") for key in tags):
        return False
    return tags.get("tracktype") not in ("grade3", "grade4", "grade5")


def stops_unit(tags: dict[str, str]) -> bool:
    """Whether a barrier at a node, or across a road, stops a unit."""
    barrier = tags.get("barrier")
    if not barrier and "highway" not in tags:  # a node with a sign, or a low arch
        signs = [tags[key] for key in ("motor_vehicle", "vehicle", "access") if key in tags]
        return "maxheight" in tags or (bool(signs) and signs[0] in ("no", "private"))
    if not barrier or barrier in PASSABLE:
        return False
    at_times = tags.get("locked") == "yes" or "opening_hours" in tags
    if at_times or any(key.endswith(":conditional") for key in tags):
        return True
    keys = ["motor_vehicle", "vehicle", "emergency", *(["access"] if barrier in GATES else [])]
    return all(tags.get(key) != "yes" for key in keys)


def read(  # noqa: C901, PLR0912  (one plain loop, on purpose)
    text: str,
) -> tuple[nx.DiGraph, nx.DiGraph, dict[int, tuple[float, float]]]:
    """The vehicle's graph, the units' graph, and where nodes are."""
    root = ET.fromstring(text)  # noqa: S314  (we wrote it ourselves)
    nodes = dict(newest(root, "node"))
    places = {n: (float(e.attrib["lon"]), float(e.attrib["lat"])) for n, e in nodes.items()}
    node_tags = {number: tags_of(element) for number, element in nodes.items()}
    vehicle, unit = nx.DiGraph(), nx.DiGraph()
    across: set[int] = set()
    for _, element in newest(root, "way"):
        tags = tags_of(element)
        if stops_unit(tags):
            across |= {int(nd.attrib["ref"]) for nd in element.iter("nd")}
        if tags.get("area") == "yes" or tags.get("amenity") == "parking":
            rim = {int(nd.attrib["ref"]) for nd in element.iter("nd")} & places.keys()
            for u, v in ((u, v) for u in rim for v in rim if u != v):
                slow = 30 if tags.get("highway", "service") == "service" else 50
                add(vehicle, u, v, length_m(places[u], places[v]) / (slow / 3.6))
                vehicle[u][v].setdefault("road", False)
            continue
        road_class = CLASSES.get(tags.get("highway", ""), "")
        if not road_class:
            continue
        refs = [int(nd.attrib["ref"]) for nd in element.iter("nd")]
        known = [(i, ref) for i, ref in enumerate(refs) if ref in places]
        highest, lowest = limits(tags, road_class)
        one_way = tags.get("oneway", "no")
        for (i, a), (j, b) in pairwise(known):
            if a == b:
                continue
            metres = length_m(places[a], places[b])
            for u, v in ((a, b), (b, a)):
                add(vehicle, u, v, metres / (highest / 3.6))
                vehicle[u][v]["road"] = True
            if j - i > 1 or not unit_may(tags):
                continue
            for u, v, way in ((a, b, "yes"), (b, a, "-1")):
                if one_way in ("no", way):
                    add(unit, u, v, metres / (lowest / 3.6))
    for node, own in node_tags.items():
        shut = stops_unit(own) or (node in across and "barrier" not in own)
        if shut and node in unit:
            unit.remove_edges_from([(node, other) for other in list(unit.successors(node))])
    return vehicle, unit, places


def add(graph: nx.DiGraph, u: int, v: int, seconds: float) -> None:
    if not graph.has_edge(u, v) or graph[u][v]["s"] > seconds:
        graph.add_edge(u, v, s=seconds)


def on_a_road(graph: nx.DiGraph, node: int) -> bool:
    """Whether a way leads through it, not only the outline of a square."""
    return node in graph and any(data.get("road", True) for data in graph[node].values())


def earliest(
    graph: nx.DiGraph, start: int, factor: float, closed: dict[tuple[int, int], float]
) -> dict[int, float]:
    """Earliest arrival at each node, past edges that close at some time."""
    at: dict[int, float] = {}
    heap: list[tuple[float, int]] = [(0.0, start)]
    while heap:
        now, node = heapq.heappop(heap)
        if node in at or node not in graph:
            continue
        at[node] = now
        for other, data in graph[node].items():
            if now < closed.get((node, other), math.inf):
                heapq.heappush(heap, (now + data["s"] / factor, other))
    return at


def contradictions(text: str, plan: Any, network: Any, given: dict[str, Any]) -> list[str]:
    """What is wrong with a plan that says sealed; empty if nothing is."""
    vehicle, unit, places = read(text)
    by_place = {(round(x, 6), round(y, 6)): n for n, (x, y) in places.items()}
    closed: dict[tuple[int, int], float] = {}
    found: list[str] = []
    for seal in plan.seals:
        line = [by_place[round(x, 6), round(y, 6)] for x, y in network.geometry(seal.site.index)]
        for u, v in ((line[0], line[1]), (line[-1], line[-2])):
            closed[u, v] = min(closed.get((u, v), math.inf), seal.closed_at_s)
        for holder in seal.holders:
            stands = given["units"][holder.unit]
            drive = earliest(unit, stands, 1.0, {})
            there = min(
                (drive.get(node, math.inf) for node in (line[0], line[-1])), default=math.inf
            )
            if stands in line:
                there = 0.0
            if there > holder.drive_s + 1.0:
                found.append(f"{holder.unit} needs {there:.0f} s, not {holder.drive_s:.0f}")
    if not on_a_road(vehicle, given["alarm"]):
        return found  # off the roads it is taken to be on the nearest of them
    arrival = earliest(vehicle, given["alarm"], 1.3 * 0.9999, closed)
    if given["exit"] in arrival:
        found.append(f"the car is out at {arrival[given['exit']]:.0f} s")
    return found
