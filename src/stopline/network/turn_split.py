"""Split junctions that have turn bans, so that searches need not know of turns.

At such a junction a vehicle arrives at the node of the section it came by, passes an arc that
takes no time to the gate of the section it leaves by, and drives on. Each direction of a section
has one gate, so that entering a section is one event, whatever turn led there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.network.road_network import RoadNetwork


class SplitTopology(NamedTuple):
    """Arrays of a `DriveGraph` whose banned junctions are split, under its names."""

    first_out: NDArray[np.int32]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    section: NDArray[np.int32]
    forward: NDArray[np.bool_]
    time_s: NDArray[np.float64]
    junction: NDArray[np.int32]
    first_node: NDArray[np.int32]
    node_of: NDArray[np.int32]


@dataclass(slots=True)
class _SplitArcs:
    """Arcs in the making, as columns."""

    tail: list[int] = field(default_factory=list)
    head: list[int] = field(default_factory=list)
    origin: list[int] = field(default_factory=list)  # arc of the network, -1 for a turn

    def add(self, tail: int, head: int, origin: int) -> None:
        self.tail.append(tail)
        self.head.append(head)
        self.origin.append(origin)


def split_by_turns(network: RoadNetwork, time_s: NDArray[np.float64]) -> SplitTopology:
    """Make the topology of a vehicle that obeys the turn bans of `network`.

    Args:
        network: the roads.
        time_s: float64[2s], driving time of each arc of the network.

    Returns:
        Arrays of a graph whose first n nodes are the junctions; a vehicle that starts at one may
        leave by every arc.
    """
    n = network.junctions
    banned = np.zeros(n, dtype=bool)
    banned[network.turn_via] = True
    junction = list(range(n))
    entry = _entry_nodes(network, banned, junction)
    arcs = _SplitArcs()
    bans = set(
        zip(
            network.turn_from.tolist(),
            network.turn_via.tolist(),
            network.turn_to.tolist(),
            strict=True,
        )
    )
    sections = network.arc_section.tolist()
    heads = network.arc_head.tolist()
    for arc, tail in enumerate(network.arc_tail.tolist()):
        head = entry.get((sections[arc], heads[arc]), heads[arc])
        if not banned[tail]:
            arcs.add(tail, head, arc)
            continue
        gate = len(junction)
        junction.append(tail)
        arcs.add(gate, head, arc)
        arcs.add(tail, gate, -1)
    _add_turns(arcs, entry, bans, sections)
    return _graph_of(network, time_s, arcs, np.array(junction, dtype=np.int32))


def _entry_nodes(
    network: RoadNetwork, banned: NDArray[np.bool_], junction: list[int]
) -> dict[tuple[int, int], int]:
    """Number a node for each (section, banned junction) by which it is entered."""
    entry: dict[tuple[int, int], int] = {}
    for arc in np.flatnonzero(banned[network.arc_head]).tolist():
        key = (int(network.arc_section[arc]), int(network.arc_head[arc]))
        if key not in entry:
            entry[key] = len(junction)
            junction.append(key[1])
    return entry


def _add_turns(
    arcs: _SplitArcs,
    entry: dict[tuple[int, int], int],
    bans: set[tuple[int, int, int]],
    sections: list[int],
) -> None:
    """Join every entry node with the gates it may turn to."""
    gates: dict[int, list[int]] = {}
    for tail, head, origin in zip(arcs.tail, arcs.head, arcs.origin, strict=True):
        if origin < 0:
            gates.setdefault(tail, []).append(head)
    section_of_gate = {
        tail: sections[origin]
        for tail, origin in zip(arcs.tail, arcs.origin, strict=True)
        if origin >= 0
    }
    for (section, via), node in entry.items():
        for gate in gates.get(via, ()):
            if (section, via, section_of_gate[gate]) not in bans:
                arcs.add(node, gate, -1)


def _graph_of(
    network: RoadNetwork,
    time_s: NDArray[np.float64],
    arcs: _SplitArcs,
    junction: NDArray[np.int32],
) -> SplitTopology:
    nodes = junction.shape[0]
    tail = np.array(arcs.tail, dtype=np.int32)
    by_tail = np.argsort(tail, kind="stable")
    origin = np.array(arcs.origin, dtype=np.int32)[by_tail]
    turn = origin < 0
    first_out = np.zeros(nodes + 1, dtype=np.int32)
    np.cumsum(np.bincount(tail, minlength=nodes), out=first_out[1:])
    first_node = np.zeros(network.junctions + 1, dtype=np.int32)
    np.cumsum(np.bincount(junction, minlength=network.junctions), out=first_node[1:])
    return SplitTopology(
        first_out=first_out,
        tail=tail[by_tail],
        head=np.array(arcs.head, dtype=np.int32)[by_tail],
        section=np.where(turn, np.int32(-1), network.arc_section[origin]),
        forward=np.where(turn, np.False_, network.arc_forward[origin]),
        time_s=np.where(turn, 0.0, time_s[origin]),
        junction=junction,
        first_node=first_node,
        node_of=np.argsort(junction, kind="stable").astype(np.int32),
    )
