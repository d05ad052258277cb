"""GMNS tables: units, words, geometry, every fault at once, and files meant to harm."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stopline.errors import BadInput
from stopline.network.invariants import violations
from stopline.network.read_settings import ReadSettings
from stopline.network.reading import read_network
from stopline.network.road_network import Direction

if TYPE_CHECKING:
    from pathlib import Path

NODES = "node_id,x_coord,y_coord,country\n1,20,50,A\n2,20.1,50,A\n3,20.2,50,B\n"
LINKS = (
    "link_id,from_node_id,to_node_id,directed,length,facility_type\n"
    "7,1,2,False,7.5,trunk\n8,2,3,True,7.5,Minor Arterial\n"
)


def write(folder: Path, nodes: str = NODES, links: str = LINKS) -> Path:
    (folder / "node.csv").write_text(nodes)
    (folder / "link.csv").write_text(links)
    return folder


@pytest.mark.parametrize("name", ["", "node.csv", "link.csv"])
def test_reads_directory_or_either_file(tmp_path: Path, name: str) -> None:
    network = read_network(write(tmp_path) / name)
    assert violations(network) == []
    assert network.section_length_m.tolist() == [7500, 7500]
    assert network.territories == ("A", "B")
    assert network.crossings().tolist() == [1]
    assert [network.class_of(s) for s in (0, 1)] == ["trunk", "secondary"]
    assert network.section_direction.tolist() == [Direction.BOTH, Direction.FORWARD]
    assert network.section_id.tolist() == [7, 8]


@pytest.mark.parametrize(("unit", "factor"), [("m", 1000), ("km", 1), ("mi", 1 / 1.609344)])
def test_length_unit_is_told_from_the_map(tmp_path: Path, unit: str, factor: float) -> None:
    links = LINKS.replace("7.5", f"{7.5 * factor:.6f}")
    for chosen in ("auto", unit):
        network = read_network(write(tmp_path, links=links), ReadSettings(length_unit=chosen))
        assert network.section_length_m == pytest.approx([7500, 7500])


def test_impossible_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="length_unit"):
        read_network(write(tmp_path, links=LINKS.replace("7.5", "0.0075")))


def test_quotes_speed_names_and_geometry(tmp_path: Path) -> None:
    links = (
        "link_id,from_node_id,to_node_id,name,free_speed,geometry\n"
        '1,1,2,"Road, long",100,"LINESTRING (20 50, 20.05 50.01, 20.1 50)"\n'
        "2,2,3,,,\n"
    )
    network = read_network(write(tmp_path, links=links))
    assert violations(network) == []
    assert network.name_of(0) == "Road, long"
    assert network.section_speed_mps == pytest.approx([100 / 3.6, 50 / 3.6])
    assert network.geometry(0).shape == (3, 2)
    assert network.section_length_m == pytest.approx([7486, 7147], rel=1e-3)


def test_all_faults_at_once(tmp_path: Path) -> None:
    nodes = NODES + "3,20,50,A\n4,nan,50,A\n5,20,95,A\n"
    links = LINKS + "9,1,77,False,1,x\n10,1,2,maybe,1,x\n11,1,2,0,-3,x\n12,1,2,0,NaN,x\n13,1\n"
    with pytest.raises(BadInput) as caught:
        read_network(write(tmp_path, nodes, links))
    text = str(caught.value)
    for part in (
        "node.csv line 5: node_id: found '3'",
        "node.csv line 6: x_coord: found 'nan'",
        "node.csv line 7: y_coord: found '95'",
        "link.csv line 4: to_node_id: found '77'",
        "link.csv line 5: directed: found 'maybe'",
        "link.csv line 6: length: found '-3'",
        "link.csv line 7: length: found 'NaN'",
        "link.csv line 8: found 2 values",
    ):
        assert part in text


def test_many_faults_are_counted(tmp_path: Path) -> None:
    links = LINKS + "".join(f"{9 + n},1,77,False,1,x\n" for n in range(1000))
    with pytest.raises(BadInput) as caught:
        read_network(write(tmp_path, links=links))
    assert len(caught.value.faults) == 21
    assert "1000 faults in all" in str(caught.value)


@pytest.mark.parametrize(
    ("nodes", "links"),
    [
        ("", LINKS),
        (NODES, ""),
        (NODES, LINKS.splitlines()[0] + "\n"),
        ("node_id,x_coord\n1,2\n", LINKS),
        (NODES, "a,b\n1,2\n"),
        (NODES, LINKS + '"' + "x" * 200_000),
        ("node_id,node_id,x_coord,y_coord\n1,1,2,3\n", LINKS),
    ],
)
def test_bad_tables(tmp_path: Path, nodes: str, links: str) -> None:
    with pytest.raises(BadInput, match=r"(node|link)\.csv"):
        read_network(write(tmp_path, nodes, links))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"a folder without node\.csv"):
        read_network(tmp_path)
    with pytest.raises(BadInput, match="no such file"):
        read_network(tmp_path / "nowhere.osm")


def test_line_of_two_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    write(tmp_path)
    with (tmp_path / "link.csv").open("ab") as file:
        file.truncate(2 << 30)  # a hole: nothing is on disk
    with pytest.raises(BadInput, match="line 4: found a line of more than"):
        read_network(tmp_path)


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    (write(tmp_path) / "node.csv").write_bytes(NODES.encode() + b"\xff\xfe")
    with pytest.raises(BadInput, match="UTF-8"):
        read_network(tmp_path)


def test_fuzz(tmp_path: Path) -> None:
    rng = random.Random(2)
    for _ in range(300):
        texts = [bytearray(NODES.encode()), bytearray(LINKS.encode())]
        for text in texts:
            for _ in range(rng.randrange(4)):
                text[rng.randrange(len(text))] = rng.choice(b'0123456789.,-\n\r"e \x00\xffnaif')
        (tmp_path / "node.csv").write_bytes(texts[0])
        (tmp_path / "link.csv").write_bytes(texts[1])
        try:
            network = read_network(tmp_path)
        except BadInput:
            continue
        assert violations(network) == []


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), min_size=1),
    st.booleans(),
)
def test_round_trip(
    tmp_path: Path,
    roads: list[tuple[int, int, bool]],
    quoted: bool,  # noqa: FBT001
) -> None:
    """Loops, roads side by side and parts apart come out; links against each other as one."""
    nodes = "node_id,x_coord,y_coord\n" + "".join(
        f"{v},{v * 0.01},{v * v * 0.001}\n" for v in range(10)
    )
    mark = '"' if quoted else ""
    links = "from_node_id,to_node_id,directed,length\n" + "".join(
        f"{mark}{a}{mark},{b},{one},{1000 + row}\n" for row, (a, b, one) in enumerate(roads)
    )
    network = read_network(write(tmp_path, nodes, links), ReadSettings(length_unit="m"))
    assert violations(network) == []
    ids = network.junction_id
    seen = list(
        zip(
            ids[network.section_tail].tolist(),
            ids[network.section_head].tolist(),
            (network.section_direction == Direction.FORWARD).tolist(),
            strict=True,
        )
    )
    driven = Counter((a, b) if one else tuple(sorted((a, b))) for a, b, one in roads)
    for a, b, one in seen:
        if one or driven[tuple(sorted((a, b)))]:
            driven[(a, b) if one else tuple(sorted((a, b)))] -= 1
        else:
            driven[a, b] -= 1
            driven[b, a] -= 1
    assert set(driven.values()) <= {0}
    assert network.ways_read == network.ways_in_file == len(roads)
