"""OSMnx GraphML: pairs of edges become sections, and hostile XML is refused."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from stopline.errors import BadInput
from stopline.network.invariants import violations
from stopline.network.reading import read_network

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.network.road_network import RoadNetwork

FIELDS = ("osmid", "highway", "oneway", "name", "maxspeed", "length", "geometry")
Edge = tuple[int, int, dict[str, str]]


def graphml(edges: list[Edge], default: str = "directed") -> str:
    keys = "".join(
        f'<key id="e{k}" for="edge" attr.name="{name}" attr.type="string"/>'
        for k, name in enumerate(FIELDS)
    )
    nodes = "".join(
        f'<node id="{v}"><data key="x">{9.5 + v * 0.01}</data><data key="y">47</data></node>\n'
        for v in range(4)
    )
    lines = "".join(
        f'<edge source="{a}" target="{b}" id="0">'
        + "".join(f'<data key="e{FIELDS.index(k)}">{v}</data>' for k, v in data.items())
        + "</edge>\n"
        for a, b, data in edges
    )
    return (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        '<key id="x" for="node" attr.name="x" attr.type="string"/>'
        '<key id="y" for="node" attr.name="y" attr.type="string"/>'
        f'{keys}<graph edgedefault="{default}">{nodes}{lines}</graph></graphml>'
    )


def read(folder: Path, text: str) -> RoadNetwork:
    (folder / "g.graphml").write_text(text)
    return read_network(folder / "g.graphml")


TWO_WAY = {"osmid": "5", "highway": "primary", "oneway": "False", "length": "760.5"}


def test_mirrored_edges_are_one_section(tmp_path: Path) -> None:
    one_way = {"osmid": "6", "highway": "['residential', 'tertiary']", "oneway": "True"}
    edges = [
        (0, 1, {**TWO_WAY, "osmid": "[5, 7]", "geometry": "LINESTRING (9.5 47, 9.505 47.1, 9.51 47)"}),  # noqa: E501
        (1, 0, {**TWO_WAY, "osmid": "[7, 5]", "geometry": "LINESTRING (9.51 47, 9.505 47.1, 9.5 47)"}),  # noqa: E501
        (1, 2, {**one_way, "name": "['A', \"B's\"]", "maxspeed": "['30', '50']"}),
    ]  # fmt: skip
    network = read(tmp_path, graphml(edges))
    assert violations(network) == []
    assert network.sections == 2
    assert network.section_direction.tolist() == [0, 1]
    assert network.geometry(0).shape == (3, 2)
    assert network.class_of(1) == "residential"
    assert network.name_of(1) == "A"
    assert network.section_speed_mps[1] * 3.6 == pytest.approx(50)


def test_unsimplified_edges_are_joined(tmp_path: Path) -> None:
    edges = [(a, a + 1, TWO_WAY) for a in range(3)] + [(a + 1, a, TWO_WAY) for a in range(3)]
    network = read(tmp_path, graphml(edges))
    assert (network.junctions, network.sections) == (2, 1)
    assert network.geometry(0).shape == (4, 2)


def test_undirected_graph_loop_and_parallels(tmp_path: Path) -> None:
    edges = [(0, 1, TWO_WAY), (0, 1, {**TWO_WAY, "osmid": "6"}), (1, 2, TWO_WAY)]
    network = read(tmp_path, graphml(edges, "undirected"))
    assert network.sections in {2, 3}
    assert violations(network) == []
    loop = {**TWO_WAY, "geometry": "LINESTRING (9.5 47, 9.6 47, 9.6 47.1, 9.5 47)"}
    network = read(
        tmp_path, graphml([(0, 0, loop), (0, 0, loop), (0, 1, TWO_WAY), (1, 0, TWO_WAY)])
    )
    assert network.sections == 2
    assert network.section_direction.tolist() == [0, 0]


BOMB = """<?xml version="1.0"?><!DOCTYPE g [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph><node id="&d;"/></graph></graphml>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE g [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph><node id="1">&x;</node></graph></graphml>"""  # noqa: E501


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<graphml",
        "<a/>",
        BOMB,
        OUTSIDE,
        graphml([]),
        graphml([(0, 9, TWO_WAY)]),
        graphml([(0, 1, {**TWO_WAY, "geometry": "POINT (1 2)"})]),
        graphml([(0, 1, {**TWO_WAY, "geometry": "LINESTRING (a b, c)"})]),
        graphml([(0, 1, {"highway": "footway"})]),
        graphml([(0, 1, TWO_WAY)]).replace("9.5<", "500000<"),
        graphml([(0, 1, TWO_WAY)]).replace('node id="1"', 'node id="0"'),
    ],
)
def test_bad_files(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput, match=r"g\.graphml"):
        read(tmp_path, text)


def test_fuzz(tmp_path: Path) -> None:
    whole = graphml([(0, 1, TWO_WAY), (1, 0, TWO_WAY), (1, 2, TWO_WAY)]).encode()
    rng = random.Random(3)
    for turn in range(200):
        broken = bytearray(whole[: rng.randrange(len(whole))] if turn % 4 == 0 else whole)
        for _ in range(rng.randrange(1, 5)):
            if broken:
                broken[rng.randrange(len(broken))] = rng.choice(b"<>&\"'/0129.-[]ax \x00\xff")
        (tmp_path / "g.graphml").write_bytes(broken)
        try:
            network = read_network(tmp_path / "g.graphml")
        except BadInput:
            continue
        assert violations(network) == []
