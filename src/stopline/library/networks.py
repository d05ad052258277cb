"""Road networks to and from the graphs and tables of other libraries."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stopline.errors import BadInput, FaultList
from stopline.library.given import A_NETWORK, expect, is_number, listed
from stopline.network.reading import read_network
from stopline.network.road_network import Direction, RoadNetwork

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.network.read_settings import ReadSettings

_KMH_PER_MPS = 3.6


def from_networkx(graph: Any, settings: ReadSettings | None = None) -> RoadNetwork:  # noqa: ANN401
    """Make a network of a graph as OSMnx makes it.

    It is read as the GraphML file that OSMnx would save is read. `speed_kph` is the speed of an
    edge that has it, unless it is slower than a fugitive drives on any road of the class; geometry
    and the ids of nodes are taken over. Lengths are measured along the geometry, so that they and
    `travel_time` may differ from the graph's by a part of a percent.
    Edges that no car can drive are left out, and a node where one road merely goes on becomes a
    point of its geometry.

    Args:
        graph: a networkx graph whose nodes have `x` and `y` in degrees.
        settings: what to take from it; the defaults suit a car on public roads.

    Raises:
        BadInput: with every fault, a graph in projected coordinates among them.
    """
    import networkx as nx  # noqa: PLC0415  (an extra)

    if not isinstance(graph, nx.Graph):
        raise BadInput.single("graph", type(graph).__name__, "a networkx graph, as OSMnx makes it")
    crs = str(graph.graph.get("crs", "epsg:4326")).lower()
    if "4326" not in crs and "crs84" not in crs and "wgs 84" not in crs:
        raise BadInput.single(
            "graph.graph['crs']", crs, "epsg:4326: project it back with osmnx.project_graph(graph,"
            " to_latlong=True)",
        )  # fmt: skip
    plain = graph.__class__()
    plain.graph.update({key: str(value) for key, value in graph.graph.items()})
    for node, data in graph.nodes(data=True):
        plain.add_node(node, **{str(key): _text(value) for key, value in data.items()})
    edges = graph.edges(data=True, keys=True) if graph.is_multigraph() else graph.edges(data=True)
    faults = FaultList()
    for *ends, data in edges:
        _check_edge(f"edge {ends[0]} to {ends[1]}", data, faults)
        plain.add_edge(*ends, **_with_speed({str(k): _text(v) for k, v in data.items()}))
    faults.raise_if_any()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.graphml"
        nx.write_graphml(plain, path)
        try:
            network = read_network(path, settings)
        except BadInput as error:
            there = re.compile(re.escape(str(path)) + r"( line \d+)?")
            raise BadInput(
                replace(fault, where=there.sub("graph", fault.where)) for fault in error.faults
            ) from None
    return replace(network, source="networkx graph")


def to_networkx(network: RoadNetwork) -> Any:  # noqa: ANN401
    """Make a networkx graph in the form of OSMnx: a `MultiDiGraph` with an edge for each arc.

    Nodes are junction numbers with `x`, `y`, `osmid` and `territory`; edges have `section`,
    `osmid`, `name`, `highway`, `length` (metres), `speed_kph`, `travel_time` (seconds) and
    `oneway`. An arc against a one-way sign is left out, as OSMnx does.
    """
    import networkx as nx  # noqa: PLC0415  (an extra)
    from shapely.geometry import LineString  # noqa: PLC0415

    expect(network, RoadNetwork, "network", A_NETWORK)
    graph = nx.MultiDiGraph(crs="epsg:4326", source=network.source)
    for number in range(network.junctions):
        code = int(network.junction_territory[number])
        graph.add_node(
            number,
            x=float(network.junction_lon[number]),
            y=float(network.junction_lat[number]),
            osmid=int(network.junction_id[number]),
            territory=network.territories[code] if code >= 0 else "",
        )
    for number in range(network.sections):
        ends = int(network.section_tail[number]), int(network.section_head[number])
        way = int(network.section_direction[number])
        length_m = float(network.section_length_m[number])
        speed_mps = float(network.section_speed_mps[number])
        data = {
            "section": number,
            "osmid": int(network.section_id[number]),
            "name": network.name_of(number),
            "highway": network.class_of(number),
            "length": length_m,
            "speed_kph": speed_mps * _KMH_PER_MPS,
            "travel_time": length_m / speed_mps,
            "oneway": way != Direction.BOTH,
        }
        line = LineString(network.geometry(number))
        if way != Direction.BACKWARD:
            graph.add_edge(*ends, **data, geometry=line)
        if way != Direction.FORWARD:
            graph.add_edge(*reversed(ends), **data, geometry=line.reverse())
    return graph


def section_numbers(network: RoadNetwork, ids: Iterable[int]) -> tuple[int, ...]:
    """Find sections by the ids of the network's own file; an id may stand for several.

    Raises:
        BadInput: with every id that the network does not have.
    """
    expect(network, RoadNetwork, "network", A_NETWORK)
    faults = FaultList()
    asked = listed(
        ids, (int, np.integer), "ids", "whole numbers, ids of the network's file", faults
    )
    by_id: dict[int, list[int]] = {}
    for number, one in enumerate(network.section_id.tolist()):
        by_id.setdefault(one, []).append(number)
    for one in asked:
        if one not in by_id:
            faults.add("section id", str(one), "an id of the network's file")
    faults.raise_if_any()
    return tuple(number for one in asked for number in by_id[one])


def _check_edge(where: str, data: dict[str, Any], faults: FaultList) -> None:
    """What OSMnx puts on an edge as a number is one, and not below nothing."""
    for key in ("length", "speed_kph", "travel_time"):
        value = data.get(key)
        if value is not None and not (isinstance(value, str) and _is_a_number(value)):
            is_number(value, f"{where}: {key}", faults, least=0.0, what="a number")


def _is_a_number(text: str) -> bool:
    """A graph that was loaded without its types has numbers as text."""
    try:
        return 0 <= float(text) < float("inf")
    except ValueError:
        return False


def _with_speed(data: dict[str, str]) -> dict[str, str]:
    """The speed that OSMnx put on an edge counts as its limit: it has looked at the signs."""
    try:
        speed_kph = float(data.get("speed_kph", ""))
    except ValueError:
        return data
    return {**data, "maxspeed": f"{speed_kph:g}"} if 0 < speed_kph < float("inf") else data


def _text(value: object) -> str:
    """An attribute as OSMnx writes it."""
    wkt = getattr(value, "wkt", None)
    return str(value if wkt is None else wkt)
