"""What one kind of vehicle can drive on a network, and how long each arc takes it.

A `Vehicle` gives the rules; `drive_graph` applies them. A vehicle that ignores turn bans shares
the network's own topology; one that obeys them gets a topology in which each banned junction is
split by the section over which it is entered, so that searches need not know of turns at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.access import vehicle_closed
from stopline.network.road_network import ROAD_CLASSES, Direction, RoadNetwork
from stopline.network.turn_split import split_by_turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


MIN_SPEED_KMH: Final = 20.0
"""What a scenario takes for `min_speed_mps` unless it says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """How a vehicle drives. The defaults are the worst case for whoever wants to stop it.

    Attributes:
        speed_factor: times the speed limit.
        obeys_one_way: whether it keeps to the signed direction.
        obeys_turn_bans: whether it keeps to turn restrictions.
        min_speed_mps: no road is driven slower than this (a limit of 5 km/h is no obstacle).
        max_speed_mps: no road is driven faster than this.
        class_speed_mps: speed by road class, in place of limit and factor.
        obeys_access_signs: whether it keeps out of roads that a sign closes to it.
        uses_fords: whether it drives through fords.
        local_time: wall clock of the incident, ISO 8601 without a zone, for signs with hours;
            empty where unknown.
    """

    speed_factor: float = 1.3
    obeys_one_way: bool = False
    obeys_turn_bans: bool = False
    min_speed_mps: float = 0.0
    max_speed_mps: float = float("inf")
    class_speed_mps: Mapping[str, float] | None = None
    obeys_access_signs: bool = False
    uses_fords: bool = True
    local_time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveGraph:
    """Topology and travel times for one vehicle; n nodes, a arcs.

    Attributes:
        first_out: int32[n + 1], arcs sorted by tail.
        tail: int32[a].
        head: int32[a].
        section: int32[a], the road section each arc runs along; -1 for a turn within a junction,
            which takes no time.
        forward: bool[a], true where the arc runs from section tail to section head.
        time_s: float64[a], >= 0; infinite where the vehicle may not drive.
        junction: int32[n], the junction of each node (several nodes of one junction only where
            turn bans are obeyed).
        first_node: int32[j + 1] and `node_of`: int32[n], the nodes of junction v are
            `node_of[first_node[v]:first_node[v + 1]]`.
        network: what it was made from.
    """

    first_out: NDArray[np.int32]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    section: NDArray[np.int32]
    forward: NDArray[np.bool_]
    time_s: NDArray[np.float64]
    junction: NDArray[np.int32]
    first_node: NDArray[np.int32]
    node_of: NDArray[np.int32]
    network: RoadNetwork

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return int(self.first_out.shape[0]) - 1

    @property
    def arcs(self) -> int:
        """Number of arcs, those that may not be driven included."""
        return int(self.head.shape[0])

    def nodes_of(self, junction: int) -> NDArray[np.int32]:
        """The nodes that stand for a junction."""
        return self.node_of[self.first_node[junction] : self.first_node[junction + 1]]


def section_times(network: RoadNetwork, vehicle: Vehicle) -> NDArray[np.float64]:
    """Seconds to drive each section from end to end, float64[s]; infinite where it does not."""
    speed = network.section_speed_mps * vehicle.speed_factor
    if vehicle.class_speed_mps:
        for name, value in vehicle.class_speed_mps.items():
            speed[network.section_class == ROAD_CLASSES.index(name)] = value
    speed = np.clip(speed, vehicle.min_speed_mps, vehicle.max_speed_mps)
    time_s: NDArray[np.float64] = network.section_length_m / speed
    time_s[vehicle_closed(network, vehicle)] = np.inf
    return time_s


def drive_graph(network: RoadNetwork, vehicle: Vehicle) -> DriveGraph:
    """Make the graph that `vehicle` drives on."""
    time_s = section_times(network, vehicle)[network.arc_section]
    if vehicle.obeys_one_way:
        time_s[against_one_way(network)] = np.inf
    if vehicle.obeys_turn_bans and network.turn_via.size:
        return DriveGraph(**split_by_turns(network, time_s)._asdict(), network=network)
    nodes = np.arange(network.junctions, dtype=np.int32)
    return DriveGraph(
        first_out=network.first_out,
        tail=network.arc_tail,
        head=network.arc_head,
        section=network.arc_section,
        forward=network.arc_forward,
        time_s=time_s,
        junction=nodes,
        first_node=np.arange(network.junctions + 1, dtype=np.int32),
        node_of=nodes,
        network=network,
    )


def against_one_way(network: RoadNetwork) -> NDArray[np.bool_]:
    """Arcs that run against a one-way sign, bool[2s]."""
    direction = network.section_direction[network.arc_section]
    against: NDArray[np.bool_] = np.where(
        network.arc_forward, direction == Direction.BACKWARD, direction == Direction.FORWARD
    )
    return against
