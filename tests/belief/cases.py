"""Small worlds in which the exact filter and the particle filter must agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.belief.motion import Destination, Motion, MotionRules, make_motion
from stopline.belief.sightings import CameraHit, Witness
from stopline.network.drive_graph import Vehicle, drive_graph
from stopline.testing.random_network import random_network

if TYPE_CHECKING:
    from stopline.network.road_network import RoadNetwork

START_S = 1000.0
RULES = MotionRules(
    speeds=(1.0, 2.0), speed_weights=(0.6, 0.4), hide_per_h=40.0, leave_per_h=120.0,
    hidden_at_start=0.1, turn=0.0, step_s=5.0,
)  # fmt: skip


def network(seed: int, junctions: int = 14) -> RoadNetwork:
    return random_network(
        np.random.default_rng(seed), junctions, density=0.9, odd=0.0, whole_seconds=True
    )


def world(seed: int, rules: MotionRules = RULES) -> Motion:
    """Three exits and a place on a random network whose times are whole seconds."""
    roads = network(seed)
    graph = drive_graph(roads, Vehicle(speed_factor=1.0, obeys_one_way=True))
    rng = np.random.default_rng(seed)
    nodes = rng.choice(graph.nodes, 4, replace=False)
    places = [
        Destination(name=f"exit {i}", nodes=(int(node),), prior=1.0 + i, exit=i)
        for i, node in enumerate(nodes[:3])
    ]
    town = Destination(name="town", nodes=(int(nodes[3]),), is_exit=False)
    return make_motion(graph, [*places, town], rules)


def busy_section(motion: Motion, seed: int) -> int:
    """A section with a way from it to every destination, and a cell in its middle."""
    graph = motion.graph
    good = np.isfinite(graph.time_s) & (motion.left_s[:, graph.head] < 1e8).all(axis=0)
    good &= (motion.left_s[:, graph.tail] > 0).all(axis=0) & (
        np.where(good, graph.time_s, 1.0) % 2 == 0
    )
    arcs = np.flatnonzero(good)
    return int(graph.section[np.random.default_rng(seed).choice(arcs)])


def hit(
    section: int, at_s: float = START_S, confidence: float = 0.95, name: str = "hit"
) -> CameraHit:
    return CameraHit(
        id=name, source="camera 7", known_s=at_s, section=section, forward=None, at_s=at_s,
        confidence=confidence,
    )  # fmt: skip


def witness(motion: Motion, section: int, at_s: float, name: str = "seen") -> Witness:
    roads = motion.graph.network
    tail = roads.section_tail[section]
    return Witness(
        id=name, source="a. novak", known_s=at_s, lon=float(roads.junction_lon[tail]),
        lat=float(roads.junction_lat[tail]), radius_m=900.0, from_s=at_s, until_s=at_s,
    )  # fmt: skip
