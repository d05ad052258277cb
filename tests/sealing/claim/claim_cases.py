"""Random small claims, their claim files, and their answer by enumeration of states over time."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np

from stopline.network.drive_graph import Vehicle, drive_graph
from stopline.sealing.claim.answer import ClaimAnswer, Target
from stopline.sealing.claim.closing import Closing
from stopline.sealing.claim.schema import ClaimFile
from stopline.sealing.claim.writing import claim_document
from stopline.sealing.problem import Source
from stopline.testing.random_network import random_network

if TYPE_CHECKING:
    from stopline.network.road_network import RoadNetwork

Case = tuple["RoadNetwork", Vehicle, list[Source], Target, list[Closing], float]


def random_case(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    network = random_network(rng, 14, density=0.9, whole_seconds=True)
    vehicle = Vehicle(speed_factor=1.0, obeys_one_way=bool(rng.random() < 0.5))
    sources = [Source(name="seen", time_s=0.0, junction=int(rng.integers(network.junctions)))]
    if rng.random() < 0.5:
        section = int(rng.integers(network.sections))
        sources.append(Source(name="or there", time_s=4.0, section=section, fraction=0.5))
    away = [v for v in range(network.junctions) if v != sources[0].junction]
    if rng.random() < 0.5:
        target = Target(name="X", junctions=frozenset({int(rng.choice(away))}))
    else:
        target = Target(name="X", sections=frozenset({int(rng.integers(network.sections))}))
    closings = []
    for _ in range(int(rng.integers(1, 9))):
        kind = "section" if rng.random() < 0.8 else "junction"
        most = network.sections if kind == "section" else network.junctions
        from_s = float(rng.integers(-5, 30))
        until_s = from_s + float(rng.integers(1, 30)) if rng.random() < 0.3 else math.inf
        index = int(rng.integers(most))
        closings.append(Closing(kind=kind, index=index, from_s=from_s, until_s=until_s))
    return network, vehicle, sources, target, closings, float(rng.integers(5, 60))


def brute_force(  # noqa: C901, PLR0912  (one enumeration, to be read in one go)
    network: RoadNetwork,
    vehicle: Vehicle,
    sources: list[Source],
    target: Target,
    closings: list[Closing],
    by_s: float,
) -> float:
    """Earliest entry, by trying every whole and half second at every junction (Bellman-Ford)."""
    del by_s
    graph = drive_graph(network, vehicle)

    def passes(kind: str, index: int, at_s: float) -> bool:
        return not any(
            c.kind == kind and c.index == index and c.from_s <= at_s < c.until_s for c in closings
        )

    ticks = [t / 2 for t in range(-20, 400)]
    there: set[tuple[int, float]] = set()
    for source in sources:
        if source.junction is not None:
            there.add((source.junction, source.time_s))
        else:
            for arc in np.flatnonzero(graph.section == source.section):
                if np.isfinite(graph.time_s[arc]):
                    took = 0.5 * float(graph.time_s[arc])
                    there.add((int(graph.head[arc]), source.time_s + took))
    best = math.inf
    for node, at_s in there:
        if node in target.junctions:
            best = min(best, at_s)
    # State: standing before a place at a time; every half second it may go on or wait.
    earliest = dict.fromkeys(range(graph.nodes), math.inf)
    for node, at_s in there:
        earliest[node] = min(earliest[node], at_s)
    for _ in range(graph.nodes + 1):
        for arc in range(graph.arcs):
            tail, head = int(graph.tail[arc]), int(graph.head[arc])
            section, took = int(graph.section[arc]), float(graph.time_s[arc])
            if math.isinf(earliest[tail]) or math.isinf(took) or tail in target.junctions:
                continue
            enters = next(
                (t for t in ticks if t >= earliest[tail] - 1e-9 and passes("section", section, t)),
                math.inf,
            )
            enters = max(enters, earliest[tail])
            if section in target.sections:
                best = min(best, enters + took)
                continue
            gate = enters + took
            arrives = next(
                (t for t in ticks if t >= gate - 1e-9 and passes("junction", head, t)), math.inf
            )
            arrives = max(arrives, gate)
            earliest[head] = min(earliest[head], arrives)
    for node in target.junctions:
        best = min(best, earliest[node])
    return best


def claim_file(case: Case, answer: ClaimAnswer) -> ClaimFile:
    network, vehicle, sources, target, closings, by_s = case
    content = claim_document(
        network=network, vehicle=vehicle, sources=sources, target=target, closings=closings,
        by_s=by_s, answer=answer, now_utc_s=1_795_000_000.0, claim="it could", sentence="So it is.",
        names={}, by={}, lineage={}, read_settings=None,
    )  # fmt: skip
    return ClaimFile.model_validate_json(json.dumps(content))
