"""The road-network particle filter of Stone Soup, given the same hits; needs stonesoup[roadnet].

Positions and speeds along edges are in seconds of travel time, so that one process noise serves all
roads. Hits weigh samples by their distance, as ours do. Destinations are the same exits.
"""

from __future__ import annotations

import datetime

import numpy as np
from stonesoup.models.transition.graph import OptimalPathToDestinationTransitionModel
from stonesoup.models.transition.linear import (
    CombinedLinearGaussianTransitionModel,
    ConstantVelocity,
)
from stonesoup.types.array import StateVectors
from stonesoup.types.graph import RoadNetwork
from stonesoup.types.state import State

COUNT = 300
STEP_S = 10.0


class Peer:
    """Stone Soup's filter on a motion model's graph."""

    def __init__(self, motion) -> None:
        self.motion, graph = motion, motion.graph
        network = graph.network
        self.roads = RoadNetwork()
        for node in range(graph.nodes):
            place = (float(network.junction_lon[node]), float(network.junction_lat[node]))
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
        self.goals = [one.nodes[0] + 1 for one in motion.destinations]

    def forecast(self, hits, at_s: float, *, seed: int) -> np.ndarray:
        """Probability by section, the last for out."""
        rng = np.random.default_rng(seed)
        graph = self.motion.graph
        first = self._arc(hits[0])
        edge = self.edges.get((int(graph.tail[first]) + 1, int(graph.head[first]) + 1), 0)
        source = int(graph.tail[first]) + 1
        model = OptimalPathToDestinationTransitionModel(
            CombinedLinearGaussianTransitionModel([ConstantVelocity(0.0005)]),
            self.roads, 0.02, self.goals, seed=seed,
        )  # fmt: skip
        vectors = np.zeros((5, COUNT))
        vectors[1] = rng.lognormal(0.0, 0.2, COUNT)
        vectors[2] = edge
        vectors[3] = rng.choice(self.goals, COUNT, p=self.motion.prior)
        vectors[4] = source
        weight = np.full(COUNT, 1.0 / COUNT)
        now, later = 0.0, [one for one in hits[1:]]
        while now < at_s - 1e-6:
            until = min(now + STEP_S, at_s, *(one.at_s for one in later[:1]))
            span = datetime.timedelta(seconds=max(until - now, 1e-3))
            state = State(StateVectors(vectors))
            vectors = np.array(model.function(state, noise=True, time_interval=span), dtype=float)
            now = max(until, now + 1e-3)
            while later and later[0].at_s <= now + 1e-3:
                vectors, weight = self._weigh(later.pop(0), vectors, weight, rng)
        sections = np.zeros(graph.network.sections + 1)
        arcs = self.arc_of[vectors[2].astype(int)]
        ended = vectors[0] >= graph.time_s[arcs] - 1e-6
        there = np.isin(graph.head[arcs] + 1, self.goals) & ended
        np.add.at(sections, np.where(there, graph.network.sections, graph.section[arcs]), weight)
        return sections

    def _weigh(self, hit, vectors, weight, rng):
        graph, network = self.motion.graph, self.motion.graph.network
        arcs = self.arc_of[vectors[2].astype(int)]
        part = np.clip(vectors[0] / graph.time_s[arcs], 0, 1)
        at = self._arc(hit)
        lon, lat = network.junction_lon, network.junction_lat
        tail, head = graph.tail, graph.head
        x = lon[tail[arcs]] * (1 - part) + lon[head[arcs]] * part
        y = lat[tail[arcs]] * (1 - part) + lat[head[arcs]] * part
        east = (x - (lon[tail[at]] + lon[head[at]]) / 2) * 75_000
        north = (y - (lat[tail[at]] + lat[head[at]]) / 2) * 111_000
        weight = weight * (0.95 * np.exp(-(east**2 + north**2) / (2 * 64.0**2)) + 1e-6)
        weight /= weight.sum()
        if 1 / (weight**2).sum() < COUNT / 2:
            kept = rng.choice(COUNT, COUNT, p=weight)
            vectors, weight = vectors[:, kept], np.full(COUNT, 1.0 / COUNT)
        return vectors, weight

    def _arc(self, hit) -> int:
        return int(self.motion.arc_of[int(bool(hit.forward)), hit.section])
