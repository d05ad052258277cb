"""The builder keeps what it is given; turn bans split junctions as an edge-based search says."""

from __future__ import annotations

import heapq
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stopline.network.builder import RawRoads, build_network
from stopline.network.drive_graph import DriveGraph, Vehicle, against_one_way, drive_graph
from stopline.network.invariants import violations

if TYPE_CHECKING:
    from stopline.network.road_network import RoadNetwork


def random_raw(seed: int, *, coordinates: bool = True) -> RawRoads:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 9))
    s = int(rng.integers(1, 16))
    tail, head = rng.integers(0, n, s), rng.integers(0, n, s)
    bans = {
        (int(a), int(v), int(b))
        for a in range(s)
        for v in (tail[a], head[a])
        for b in range(s)
        if v in (tail[b], head[b]) and rng.random() < 0.3
    }
    turn = np.array(sorted(bans), dtype=np.int32).reshape(-1, 3)
    return RawRoads(
        junction_lon=rng.uniform(0, 1, n) if coordinates else np.full(n, np.nan),
        junction_lat=rng.uniform(0, 1, n) if coordinates else np.full(n, np.nan),
        section_tail=tail,
        section_head=head,
        section_length_m=rng.uniform(10, 100, s),
        section_speed_mps=10.0,
        section_direction=rng.integers(0, 3, s),
        turn_from=turn[:, 0],
        turn_via=turn[:, 1],
        turn_to=turn[:, 2],
    )


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.booleans())
def test_builder_keeps_what_it_is_given(
    seed: int,
    coordinates: bool,  # noqa: FBT001
    reorder: bool,  # noqa: FBT001
) -> None:
    raw = random_raw(seed, coordinates=coordinates)
    network = build_network(raw, reorder=reorder)
    assert violations(network) == []
    ids = network.junction_id
    assert np.array_equal(ids[network.section_tail], raw.section_tail)
    assert np.array_equal(ids[network.section_head], raw.section_head)
    assert np.array_equal(ids[network.turn_via], raw.turn_via)
    assert np.array_equal(network.junction_lon, np.asarray(raw.junction_lon)[ids], equal_nan=True)


def test_empty_network() -> None:
    raw = RawRoads(
        junction_lon=[], junction_lat=[], section_tail=[], section_head=[], section_length_m=[]
    )
    assert violations(build_network(raw)) == []


def test_violations_are_told() -> None:
    network = build_network(random_raw(7))
    wrong_head = network.arc_head.copy()
    wrong_head[0] = (wrong_head[0] + 1) % network.junctions
    length = network.section_length_m.copy()
    length[0] = np.nan
    for broken, word in (
        (replace(network, arc_head=wrong_head), "join"),
        (replace(network, section_length_m=length), "section_length_m"),
        (replace(network, section_class=network.section_class + np.uint8(99)), "section_class"),
        (replace(network, first_out=network.first_out[::-1].copy()), "first_out"),
        (replace(network, first_out=network.first_out[1:]), "shape"),
        (replace(network, section_id=network.section_id.astype(np.int32)), "int64"),
        (replace(network, arc_forward=~network.arc_forward), "join"),
        (replace(network, names=("x",)), "names"),
    ):
        assert any(word in text for text in violations(broken)), word


def edge_based(network: RoadNetwork, start: int, vehicle: Vehicle) -> list[float]:
    """Oracle: arrival times by a search over arcs that looks at each turn by itself."""
    bans = set(
        zip(
            network.turn_from.tolist(),
            network.turn_via.tolist(),
            network.turn_to.tolist(),
            strict=True,
        )
    )
    closed = against_one_way(network) if vehicle.obeys_one_way else np.zeros(network.arcs, bool)
    time = network.section_length_m / (network.section_speed_mps * vehicle.speed_factor)
    best = [float("inf")] * network.junctions
    best[start] = 0.0
    done: set[int] = set()
    queue = [
        (float(time[network.arc_section[a]]), a)
        for a in range(network.arcs)
        if network.arc_tail[a] == start and not closed[a]
    ]
    heapq.heapify(queue)
    while queue:
        at, arc = heapq.heappop(queue)
        if arc in done:
            continue
        done.add(arc)
        via, section = int(network.arc_head[arc]), int(network.arc_section[arc])
        best[via] = min(best[via], at)
        for after in range(int(network.first_out[via]), int(network.first_out[via + 1])):
            onto = int(network.arc_section[after])
            if not closed[after] and (section, via, onto) not in bans:
                heapq.heappush(queue, (at + float(time[onto]), after))
    return best


def plain_search(graph: DriveGraph, start: int) -> list[float]:
    """Dijkstra on the split graph, from the first node of the junction."""
    best = [float("inf")] * graph.nodes
    first = int(graph.nodes_of(start)[0])
    queue = [(0.0, first)]
    while queue:
        at, node = heapq.heappop(queue)
        if at >= best[node]:
            continue
        best[node] = at
        for arc in range(int(graph.first_out[node]), int(graph.first_out[node + 1])):
            if np.isfinite(graph.time_s[arc]):
                heapq.heappush(queue, (at + float(graph.time_s[arc]), int(graph.head[arc])))
    return [
        min(best[node] for node in graph.nodes_of(v).tolist())
        for v in range(graph.network.junctions)
    ]


@pytest.mark.parametrize("obeys_one_way", [False, True])
@pytest.mark.parametrize("seed", range(60))
def test_turn_bans_against_edge_based_search(seed: int, obeys_one_way: bool) -> None:  # noqa: FBT001
    network = build_network(random_raw(seed))
    vehicle = Vehicle(obeys_turn_bans=True, obeys_one_way=obeys_one_way)
    graph = drive_graph(network, vehicle)
    for start in range(network.junctions):
        expected = edge_based(network, start, vehicle)
        assert plain_search(graph, start) == pytest.approx(expected)
