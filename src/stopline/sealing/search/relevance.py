"""The part of a chase that matters to a plan: where simple drives to an exit can lie."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import read_only
from stopline.network.search import ArrivalSearch
from stopline.sealing.search.relevance_kernel import on_ways_out

if TYPE_CHECKING:
    from stopline.sealing.search.pursuit import PursuitGraph


def relevant(chase: PursuitGraph) -> PursuitGraph:
    """The part of a chase in which all simple drives from a start to the way out lie.

    Nothing else matters to a plan: a drive that comes by a node twice is one that waits. Arrivals
    at the nodes that are left stay as they are, whatever is closed.
    """
    kept = np.zeros(chase.nodes, dtype=bool)
    partly = chase.start_arc[chase.start_arc >= 0]
    on_ways_out(
        read_only(chase.first_out),
        read_only(chase.head),
        read_only(chase.time_s),
        read_only(np.concatenate((chase.start_node, chase.tail[partly])).astype(np.int32)),
        chase.way_out,
        kept,
    )
    nodes = np.flatnonzero(kept)
    number = np.full(chase.nodes, -1, dtype=np.int32)
    number[nodes] = np.arange(nodes.shape[0], dtype=np.int32)
    count = chase.first_out[nodes + 1] - chase.first_out[nodes]
    before = np.cumsum(count) - count
    arcs = np.arange(int(count.sum())) + np.repeat(chase.first_out[nodes] - before, count)
    stays = kept[chase.head[arcs]] & np.isfinite(chase.time_s[arcs])
    arcs = arcs[stays]
    tail = np.repeat(np.arange(nodes.shape[0], dtype=np.int32), count)[stays]
    first_out = np.zeros(nodes.shape[0] + 1, dtype=np.int32)
    np.cumsum(np.bincount(tail, minlength=nodes.shape[0]), out=first_out[1:])
    head, time_s, site = number[chase.head[arcs]], chase.time_s[arcs], chase.site[arcs]
    start_arc = chase.start_arc.copy()
    start_arc[start_arc >= 0] = np.searchsorted(arcs, partly)
    return replace(
        chase,
        graph_arc=chase.graph_arc[arcs],
        way_out=int(number[chase.way_out]),
        first_out=first_out,
        tail=tail,
        head=head,
        time_s=time_s,
        site=site,
        exit_of=chase.exit_of[arcs],
        start_node=number[chase.start_node],
        start_arc=start_arc,
        search=ArrivalSearch(first_out, head, time_s, site),
    )
