"""The part of a chase that is searched: arrivals in it are those of the whole, whatever is shut."""

from __future__ import annotations

import numpy as np
import pytest

from sealing.instances import random_problem
from stopline.sealing.search.connectivity_kernel import dead_ends
from stopline.sealing.search.cut_graph import CutGraph, adjacency
from stopline.sealing.search.pursuit_graph import make_pursuit_graph


@pytest.mark.parametrize("seed", range(60))
def test_arrivals_out_are_those_of_the_whole_network(seed: int) -> None:
    problem = random_problem(seed)
    small, whole = make_pursuit_graph(problem), make_pursuit_graph(problem, everything=True)
    assert small.nodes <= whole.nodes
    rng = np.random.default_rng(seed)
    for _ in range(5):
        shut_s = rng.choice([-np.inf, np.inf, 30.0, 90.0, 200.0], problem.sites.count)
        out = [
            float(
                chase.search.run(chase.start_node, chase.start_s, shut_s=shut_s).arrival_s[
                    chase.way_out
                ]
            )
            for chase in (small, whole)
        ]
        assert out[0] == out[1]


def test_dead_ends_go_into_where_they_hang_and_rings_stay() -> None:
    # 0 and 1 are source and sink; 2-3-4 is a ring on them, 5-6 hang off 4, doubly joined.
    pairs = [(0, 2), (2, 3), (3, 4), (4, 2), (3, 1), (4, 5), (5, 4), (5, 6), (6, 5), (5, 6)]
    tail, head = (np.array(ends, dtype=np.int32) for ends in zip(*pairs, strict=True))
    ones = np.ones(len(pairs), dtype=np.int32)
    graph = CutGraph(
        nodes=7, tail=tail, head=head, capacity=ones, arc=ones, number=np.arange(7, dtype=np.int32)
    )
    near, into = adjacency(graph), np.empty(7, dtype=np.int32)
    dead_ends(near.first, near.edge, near.to, 2, into)
    assert into.tolist() == [0, 1, 2, 3, 4, 4, 4]
