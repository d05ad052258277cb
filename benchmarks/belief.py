"""Belief: how fast an update is, and how good the belief is beside two others.

    python benchmarks/belief.py --data ../shared/data [--pursuits 500] [--seed 11] [--stonesoup 50]

Speed: Porto, 100,000 samples, 200 cameras, updates of ten seconds with all silences. Quality:
simulated pursuits in Liechtenstein (`pursuit_drivers.py`: drivers that do not drive by the filter's
model), 30 cameras (detection 0.9), the belief after 4 and 8 minutes, judged by the log score of the
section the vehicle is on (a vehicle that is out counts as one more place) and by how often the 50 %
and 90 % regions hold it. Beside it, given the same hits: the filter alone, before it is calibrated
(`belief/calibration.py`), uniform over what can be reached since the last hit, and, with
--stonesoup N, on the first N pursuits the road-network particle filter of Stone Soup (its model
moves along shortest paths; 300 samples; it takes no silences).
"""

from __future__ import annotations

import argparse
import math
import platform
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pursuit_drivers import Pursuit, simulate

from stopline.belief.answers import by_section, region
from stopline.belief.calibration import calibrated
from stopline.belief.motion import Destination, make_motion
from stopline.belief.particle import ParticleFilter
from stopline.belief.sightings import CameraHit, Silence
from stopline.belief.tracker import track
from stopline.network.cache import open_network
from stopline.network.drive_graph import Vehicle, drive_graph
from stopline.network.read_settings import ReadSettings
from stopline.network.search import ArrivalSearch
from stopline.planning.track import scenario_motion
from stopline.scenario.loader import load_scenario

if TYPE_CHECKING:
    from stopline.belief.motion import Motion
    from stopline.network.drive_graph import DriveGraph
    from stopline.scenario.loader import Scenario

ROOT = Path(__file__).resolve().parents[1]
FLOOR = 1e-7  # no forecast is worse than one in ten million


def speed(data: Path) -> None:
    """Time updates on Porto."""
    network = open_network(data / "porto/porto.osm.pbf", ReadSettings())
    graph = drive_graph(network, Vehicle(speed_factor=1.1, obeys_one_way=True))
    rng = np.random.default_rng(1)
    lon, lat = network.junction_lon, network.junction_lat
    far = np.hypot((lon + 8.61) * 84, (lat - 41.15) * 111)
    edge = np.flatnonzero((far > 7.5) & (far < 8.5))
    ends = rng.choice(edge, 40, replace=False)
    motion = make_motion(
        graph, [Destination(name=f"e{i}", nodes=(int(n),), exit=i) for i, n in enumerate(ends)]
    )
    start = int(np.argmin(far))
    arc = int(graph.first_out[start])
    belief = ParticleFilter(motion, count=100_000, seed=1)
    belief.begin(hit_at(graph, arc, 0.0))
    for _ in range(30):
        belief.advance(10.0, [])
    busy = np.argsort(-belief.by_arc())[:2000]
    cameras = [
        Silence(id=f"c{i}", source="x", known_s=1e9, section=int(graph.section[a]), from_s=0.0,
                until_s=1e9, detection=0.9)
        for i, a in enumerate(rng.choice(busy, 200, replace=False))
    ]  # fmt: skip
    moving = float(belief.weight[belief.state == 0].sum())
    took = []
    for _ in range(15):
        begun = time.perf_counter()
        belief.advance(10.0, cameras)
        took.append((time.perf_counter() - begun) * 1000)
    low, high = np.quantile(took, (0.1, 0.9))
    print(
        f"Porto, {network.junctions:,} junctions, 100,000 samples, 200 cameras: one update median "
        f"{statistics.median(took):.0f} ms (10 % to 90 %: {low:.0f} to {high:.0f}); {moving:.0%} "
        "of the samples drive at the beginning"
    )


def hit_at(graph: DriveGraph, arc: int, at_s: float, name: str = "hit") -> CameraHit:
    """A hit on an arc."""
    return CameraHit(
        id=name, source="camera", known_s=at_s, section=int(graph.section[arc]),
        forward=bool(graph.forward[arc]), at_s=at_s,
    )  # fmt: skip


class Score:
    """Log scores and coverage of one method."""

    def __init__(self) -> None:
        self.logs: list[float] = []
        self.inside: dict[float, list[bool]] = {0.5: [], 0.9: []}
        self.seconds: list[float] = []

    def add(self, probability: np.ndarray, truth: int) -> None:
        """One forecast: probability by section, the last one for "out"."""
        self.logs.append(math.log(max(float(probability[truth]), FLOOR)))
        for share, found in self.inside.items():
            found.append(bool((region(probability, share) == truth).any()))

    def row(self, name: str) -> str:
        """One line of the table."""
        mean = statistics.mean(self.logs)
        half = 1.96 * statistics.stdev(self.logs) / math.sqrt(len(self.logs))
        cover = [f"{statistics.mean(v):.0%}" for v in self.inside.values()]
        return (
            f"| {name} | {len(self.logs)} | {mean:.2f} +- {half:.2f} | {cover[0]} | {cover[1]} | "
            f"{statistics.median(self.seconds or [0.0]) * 1000:.0f} |"
        )


def quality(count: int, *, seed: int, stonesoup: int) -> None:
    """Score the beliefs."""
    scenario = load_scenario(ROOT / "examples/liechtenstein/sealed.yaml")
    motion = scenario_motion(scenario)
    graph = motion.graph
    rng = np.random.default_rng(seed)
    starts = np.flatnonzero((motion.left_s < 1e8).all(axis=0))
    cameras = watch(motion, starts, rng)
    scores = {
        "Stopline": Score(),
        "the filter alone": Score(),
        "uniform over what can be reached": Score(),
    }
    peer = None
    if stonesoup:
        from belief_stonesoup import Peer  # noqa: PLC0415  (a package that need not be there)

        peer = Peer(motion)
        scores["Stone Soup, on the first of them"] = Score()
        mine = scores["Stopline, on the same"] = Score()
    done = 0
    while done < count:
        start = int(rng.choice(starts))
        drive = simulate(motion, start, rng)
        if drive is None:
            continue
        done += 1
        hits, silences = seen(graph, drive, cameras, rng)
        for at_s in (240.0, 480.0):
            truth_arc = drive.arc_at(at_s)
            truth = graph.network.sections if truth_arc < 0 else int(graph.section[truth_arc])
            known = [one for one in hits if one.at_s <= at_s]
            quiet = [cut(one, at_s) for one in silences if one.from_s < at_s]
            begun = time.perf_counter()
            belief = ParticleFilter(motion, count=20_000, seed=done)
            found = track(belief, [*known, *quiet], until_s=at_s)
            own = np.append(by_section(belief), belief.out().sum())
            scores["the filter alone"].seconds.append(time.perf_counter() - begun)
            scores["the filter alone"].add(own, truth)
            told = calibrated(found, scenario.problem.vehicle)
            forecast = np.append(told.sections, told.out)
            scores["Stopline"].seconds.append(time.perf_counter() - begun)
            scores["Stopline"].add(forecast, truth)
            begun = time.perf_counter()
            plain = uniform(graph, known[-1], at_s, scenario)
            scores["uniform over what can be reached"].seconds.append(time.perf_counter() - begun)
            scores["uniform over what can be reached"].add(plain, truth)
            if peer is not None and done <= stonesoup:
                mine.add(forecast, truth)
                begun = time.perf_counter()
                theirs = peer.forecast(known, at_s, seed=done)
                scores["Stone Soup, on the first of them"].seconds.append(
                    time.perf_counter() - begun
                )
                scores["Stone Soup, on the first of them"].add(theirs, truth)
    print("| belief | forecasts | log score (95 %) | in 50 % region | in 90 % region | ms |")
    print("|---|---|---|---|---|---|")
    for name, score in scores.items():
        print(score.row(name))


def watch(motion: Motion, starts: np.ndarray, rng: np.random.Generator) -> list[int]:
    """Thirty arcs that drives pass often."""
    passed = np.zeros(motion.graph.arcs)
    for _ in range(300):
        drive = simulate(motion, int(rng.choice(starts)), rng)
        if drive is not None:
            passed[drive.arc] += 1
    return rng.choice(np.argsort(-passed)[:400], 30, replace=False).tolist()


def seen(
    graph: DriveGraph, drive: Pursuit, cameras: list[int], rng: np.random.Generator
) -> tuple[list[CameraHit], list[Silence]]:
    """The hits of a drive, the first at its start, and the silences of the cameras between them."""
    hits = [hit_at(graph, int(drive.arc[0]), 0.0, "start")]
    silences = []
    for number, arc in enumerate(cameras):
        at_s = drive.passes(arc)
        caught = at_s is not None and rng.random() < 0.9
        if caught and at_s is not None:
            hits.append(hit_at(graph, arc, at_s, f"hit {number}"))
        silences.append(
            Silence(id=f"quiet {number}", source="x", known_s=0.0, section=int(graph.section[arc]),
                    forward=bool(graph.forward[arc]), from_s=0.0,
                    until_s=max(at_s - 15, 0.0) if caught and at_s is not None else 1e6,
                    detection=0.9)
        )  # fmt: skip
    return sorted(hits, key=lambda one: one.at_s), silences


def cut(one: Silence, at_s: float) -> Silence:
    """A silence as far as it is known by a time."""
    return Silence(
        id=one.id, source=one.source, known_s=at_s, section=one.section, forward=one.forward,
        from_s=one.from_s, until_s=min(one.until_s, at_s), detection=one.detection,
    )  # fmt: skip


def uniform(graph: DriveGraph, last: CameraHit, at_s: float, scenario: Scenario) -> np.ndarray:
    """Any metre of road alike that can be reached since the last hit by the worst case."""
    worst = drive_graph(graph.network, scenario.problem.vehicle)
    ends = [int(graph.network.section_tail[last.section]),
            int(graph.network.section_head[last.section])]  # fmt: skip
    search = ArrivalSearch(worst.first_out, worst.head, worst.time_s)
    arrival = search.run(ends, [last.at_s, last.at_s]).arrival_s
    network = graph.network
    first = np.minimum(arrival[network.section_tail], arrival[network.section_head])
    metres = np.where(first <= at_s, network.section_length_m, 0.0)
    out = float(sum(arrival[n] <= at_s for n in exits_of(scenario)))
    return np.append(metres, metres.sum() * 0.02 * out) / (metres.sum() * (1 + 0.02 * out))


def exits_of(scenario: Scenario) -> list[int]:
    """A node of each exit."""
    return [one.nodes[0] for one in scenario.destinations]


def main() -> None:
    """Run both parts."""
    reader = argparse.ArgumentParser()
    reader.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    reader.add_argument("--pursuits", type=int, default=500)
    reader.add_argument("--seed", type=int, default=11, help="of the pursuits")
    reader.add_argument("--stonesoup", type=int, default=0, help="pursuits it is given too")
    given = reader.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}; seeds 1 and {given.seed}")
    speed(given.data)
    quality(given.pursuits, seed=given.seed, stonesoup=given.stonesoup)


if __name__ == "__main__":
    main()
