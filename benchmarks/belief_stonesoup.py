"""The road-network particle filter of Stone Soup, given the same hits; needs stonesoup[roadnet].

Its model measures edges as straight lines between nodes, so positions are metres on a plane; a
sample keeps nearly its speed, first drawn around 14 m/s (log-normal, sigma 0.35): the model knows
no speed limits. Shortest paths are by travel time. Hits weigh samples by distance, as ours do.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
from stonesoup.models.transition.graph import OptimalPathToDestinationTransitionModel
from stonesoup.models.transition.linear import (
    CombinedLinearGaussianTransitionModel,
    ConstantVelocity,
)
from stonesoup.types.array import StateVectors
from stonesoup.types.graph import RoadNetwork
from stonesoup.types.state import State

if TYPE_CHECKING:
    from stopline.belief.motion import Motion
    from stopline.belief.sightings import CameraHit

COUNT = 300
EAST_M, NORTH_M = 75_800.0, 111_200.0  # metres of a degree at 47 degrees north
STEP_S = 10.0


class Peer:
    """Stone Soup's filter on a motion model's graph."""

    def __init__(self, motion: Motion) -> None:
        self.motion, graph = motion, motion.graph
        network = graph.network
        self.roads = RoadNetwork()
        for node in range(graph.nodes):
            place = (
                float(network.junction_lon[node]) * EAST_M,
                float(network.junction_lat[node]) * NORTH_M,
            )
            self.roads.add_node(node + 1, pos=place)
        best: dict[tuple[int, int], int] = {}
        for arc in np.flatnonzero(np.isfinite(graph.time_s)):
            key = (int(graph.tail[arc]) + 1, int(graph.head[arc]) + 1)
            if key[0] != key[1] and (
                key not in best or graph.time_s[arc] < graph.time_s[best[key]]
            ):
                best[key] = int(arc)
        for (u, v), arc in best.items():
            self.roads.add_edge(u, v, weight=float(graph.time_s[arc]))
        self.edges = {tuple(map(int, edge)): i for i, edge in enumerate(self.roads.edge_list)}
        self.arc_of = np.array([best[tuple(map(int, edge))] for edge in self.roads.edge_list])
        tail, head = graph.tail, graph.head
        east = (network.junction_lon[head] - network.junction_lon[tail]) * EAST_M
        north = (network.junction_lat[head] - network.junction_lat[tail]) * NORTH_M
        self.metres = np.hypot(east, north)
        self.goals = [one.nodes[0] + 1 for one in motion.destinations]

    def forecast(self, hits: list[CameraHit], at_s: float, *, seed: int) -> np.ndarray:
        """Probability by section, the last for out."""
        rng = np.random.default_rng(seed)
        graph = self.motion.graph
        source = int(graph.head[self._arc(hits[0])]) + 1
        model = OptimalPathToDestinationTransitionModel(
            CombinedLinearGaussianTransitionModel([ConstantVelocity(0.05)]),
            self.roads, 0.02, self.goals, seed=seed,
        )  # fmt: skip
        vectors = np.zeros((5, COUNT))
        vectors[1] = 14.0 * rng.lognormal(0.0, 0.35, COUNT)
        vectors[3] = rng.choice(self.goals, COUNT, p=self.motion.prior)
        vectors[4] = source
        paths = self.roads.shortest_path([source], self.goals, path_type="edge")
        for i in range(COUNT):
            path = paths.get((source, int(vectors[3, i])), ())
            vectors[2, i] = path[0] if len(path) else 0
        weight = np.full(COUNT, 1.0 / COUNT)
        now, later = 0.0, list(hits[1:])
        while now < at_s - 1e-6:
            until = min(now + STEP_S, at_s, *(one.at_s for one in later[:1]))
            span = dt.timedelta(seconds=max(until - now, 1e-3))
            state = State(StateVectors(vectors))
            vectors = np.array(model.function(state, noise=True, time_interval=span), dtype=float)
            now = max(until, now + 1e-3)
            while later and later[0].at_s <= now + 1e-3:
                vectors, weight = self._weigh(later.pop(0), vectors, weight, rng)
        sections = np.zeros(graph.network.sections + 1)
        arcs = self.arc_of[vectors[2].astype(int)]
        ended = vectors[0] >= self.metres[arcs] - 1e-6
        there = np.isin(graph.head[arcs] + 1, self.goals) & ended
        np.add.at(sections, np.where(there, graph.network.sections, graph.section[arcs]), weight)
        return sections

    def _weigh(
        self, hit: CameraHit, vectors: np.ndarray, weight: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        graph, network = self.motion.graph, self.motion.graph.network
        arcs = self.arc_of[vectors[2].astype(int)]
        part = np.clip(vectors[0] / np.maximum(self.metres[arcs], 1e-9), 0, 1)
        at = self._arc(hit)
        lon, lat = network.junction_lon, network.junction_lat
        tail, head = graph.tail, graph.head
        x = lon[tail[arcs]] * (1 - part) + lon[head[arcs]] * part
        y = lat[tail[arcs]] * (1 - part) + lat[head[arcs]] * part
        east = (x - (lon[tail[at]] + lon[head[at]]) / 2) * EAST_M
        north = (y - (lat[tail[at]] + lat[head[at]]) / 2) * NORTH_M
        weight = weight * (0.95 * np.exp(-(east**2 + north**2) / (2 * 64.0**2)) + 1e-6)
        weight /= weight.sum()
        if 1 / (weight**2).sum() < COUNT / 2:
            kept = rng.choice(COUNT, COUNT, p=weight)
            vectors, weight = vectors[:, kept], np.full(COUNT, 1.0 / COUNT)
        return vectors, weight

    def _arc(self, hit: CameraHit) -> int:
        return int(self.motion.arc_of[int(bool(hit.forward)), hit.section])
