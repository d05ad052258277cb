"""Interception rates in simulated pursuits: this planner's choices beside three simple ones.

    python benchmarks/pursuits.py [--case corridor] [--pursuits 500] [--seed 3]

Liechtenstein, all units of both sides, the alarm half a minute after the vehicle left; or the
corridor, every sixth unit, the alarm half an hour after. Starts are drawn anew among the three in
ten places that are farthest from the exits, for each group of 50 pursuits. Plans by the same
units: intercept (our optimum over routes from the belief), randomise (a draw from our strategy
for each pursuit), units to the nearest exits, greedy on the shortest route to each exit, and
units at random sites near them. Drivers (`pursuit_drivers.py`): naive; one that sees a closed
road in time with probability 0.7, turns and seeks another way; one that knows the plan, or the
strategy but not the draw, and drives the best answer at the speed of an ordinary driver in a
hurry. A plan's seals close when its units are there; a pursuit is intercepted where it meets one.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pursuit_drivers import Pursuit, way

from stopline.belief.particle import ParticleFilter
from stopline.belief.routes import Routes
from stopline.belief.sampling import sample_routes
from stopline.belief.sightings import Witness
from stopline.interdiction.escape import Escape, best_answer
from stopline.interdiction.game import randomise
from stopline.interdiction.greedy import greedy
from stopline.interdiction.intercept import intercept
from stopline.network.search import ArrivalSearch, path_arcs
from stopline.planning.interdiction import Interdiction
from stopline.planning.track import scenario_motion
from stopline.scenario.loader import load_scenario
from stopline.sealing.problem import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.belief.motion import Motion
    from stopline.interdiction.means import Means
    from stopline.scenario.loader import Scenario

ROOT = Path(__file__).resolve().parents[1]
PLANS = ("intercept", "randomise", "nearest exits", "greedy, shortest routes", "random")
DRIVERS = ("naive", "avoids what it sees", "knows the strategy")
CASES = {"liechtenstein": (1, 30.0), "corridor": (6, 1800.0)}  # every n-th unit, head start
GROUP = 50


def main() -> None:
    """Run all pursuits and print the table."""
    reader = argparse.ArgumentParser()
    reader.add_argument("--case", choices=CASES, default="liechtenstein")
    reader.add_argument("--pursuits", type=int, default=500)
    reader.add_argument("--seed", type=int, default=3)
    given = reader.parse_args()
    scenario = load_scenario(ROOT / f"examples/{given.case}/sealed.yaml")
    every, head_start_s = CASES[given.case]
    kept = slice(None, None, every)
    problem = dataclasses.replace(
        scenario.problem, units=scenario.problem.units[kept],
        unit_places=(scenario.problem.unit_places or ())[kept],
    )  # fmt: skip
    scenario = dataclasses.replace(scenario, problem=problem)
    motion = scenario_motion(scenario)
    caught = {(plan, driver): 0 for plan in PLANS for driver in DRIVERS}
    assured: list[float] = []
    groups = math.ceil(given.pursuits / GROUP)
    for group in range(groups):
        rng = np.random.default_rng([given.seed, group])
        frame, start = _case(scenario, motion, head_start_s, rng)
        mixtures = _mixtures(frame, motion, start, head_start_s, rng)
        assured.append(mixtures["randomise"].assured)
        answers = {name: mixture.best_arcs(frame, motion) for name, mixture in mixtures.items()}
        for number in range(GROUP):
            # Streams of their own: the game ends by time, and must not change who drives where.
            drives = np.random.default_rng([given.seed, group, number + 1])
            drive = _drive(motion, start, head_start_s, drives)
            for name, mixture in mixtures.items():
                rng = np.random.default_rng([given.seed, group, number + 1, PLANS.index(name) + 1])
                shut_s = mixture.shut_s[rng.choice(len(mixture.chance), p=mixture.chance)]
                arc_shut = _by_arc(frame.means, shut_s)
                caught[name, "naive"] += _meets(drive, arc_shut)
                caught[name, "avoids what it sees"] += _turned(motion, drive, arc_shut, rng)
                caught[name, "knows the strategy"] += _meets(answers[name], arc_shut)
        print(f"group {group + 1} of {groups}", flush=True)
    total = groups * GROUP
    print(f"{platform.machine()}, Python {platform.python_version()}, seed {given.seed}")
    print(f"| plan | {' | '.join(DRIVERS)} |\n|---|{'---|' * len(DRIVERS)}")
    for name in PLANS:
        cells = [_cell(caught[name, driver], total) for driver in DRIVERS]
        print(f"| {name} | {' | '.join(cells)} |")
    print(
        f"Guaranteed by the strategies: mean {np.mean(assured):.1%} over {groups} starts; "
        "the last column of randomise must not lie below it by more than chance."
    )


@dataclasses.dataclass(frozen=True)
class _Mixture:
    """Plans with their chances: closings by site, float64[k, c]."""

    shut_s: NDArray[np.float64]
    chance: NDArray[np.float64]
    assured: float = 0.0

    def best_arcs(self, frame: Interdiction, motion: Motion) -> Pursuit:
        """The best answer of a driver who knows the mixture."""
        escape = _escape(frame, motion)
        latest = np.array([escape.latest_s(frame.means, row) for row in self.shut_s])
        found = best_answer(escape, frame.means, self.shut_s, latest, self.chance).routes
        if found is None:  # no way out at all: it drives somewhere
            return Pursuit(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0), -1)
        arcs = found.arc[: found.first[1]].astype(np.int64)
        enter = found.enter_s[: found.first[1]]
        return Pursuit(arcs, enter, np.append(enter[1:], found.end_s[0]), int(found.exit[0]))


def _case(
    scenario: Scenario, motion: Motion, head_start_s: float, rng: np.random.Generator
) -> tuple[Interdiction, int]:
    """A start in a place that leads everywhere; "now" is some time after it left there."""
    whole = (motion.left_s < 1e8).all(axis=0)
    nearest = np.where(whole, motion.left_s.min(axis=0), -1.0)
    start = int(rng.choice(np.flatnonzero(nearest >= np.quantile(nearest[whole], 0.7))))
    source = Source(name="start", time_s=-head_start_s, junction=start)
    problem = dataclasses.replace(scenario.problem, sources=(source,))
    rules = dataclasses.replace(problem.rules, margin_s=0.0)
    return Interdiction.of(dataclasses.replace(problem, rules=rules)), start


def _mixtures(
    frame: Interdiction,
    motion: Motion,
    start: int,
    head_start_s: float,
    rng: np.random.Generator,
) -> dict[str, _Mixture]:
    """The five plans."""
    means = frame.means
    network = motion.graph.network
    belief = ParticleFilter(motion, count=10_000, seed=int(rng.integers(1 << 30)))
    belief.begin(
        Witness(
            id="start", source="x", known_s=0.0, lon=float(network.junction_lon[start]),
            lat=float(network.junction_lat[start]), radius_m=80.0, from_s=-head_start_s,
            until_s=-head_start_s,
        )
    )  # fmt: skip
    step_s = min(motion.rules.step_s, head_start_s)
    for _ in range(int(head_start_s / step_s)):
        belief.advance(step_s, [])
    routes = sample_routes(belief, 4000, seed=1)
    best = intercept(routes, means, time_limit_s=5.0).site_of
    strategy = randomise(_escape(frame, motion), means, time_limit_s=5.0)
    if strategy.value <= 0.0:  # as planning/choices.py does where nothing can be assured
        strategy = dataclasses.replace(strategy, site_of=best[None], chance=np.ones(1))
    shortest = greedy(_shortest(frame, motion), means).site_of
    one = np.ones(1)
    return {
        "intercept": _Mixture(means.shut_s(best)[None], one),
        "randomise": _Mixture(
            np.array([means.shut_s(row) for row in strategy.site_of]), strategy.chance,
            strategy.value,
        ),
        "nearest exits": _Mixture(means.shut_s(_nearest(frame))[None], one),
        "greedy, shortest routes": _Mixture(means.shut_s(shortest)[None], one),
        "random": _Mixture(means.shut_s(_random(means, rng))[None], one),
    }  # fmt: skip


def _escape(frame: Interdiction, motion: Motion) -> Escape:
    """What a driver can do who keeps to one-way signs and to usual speeds."""
    return dataclasses.replace(frame.escape(), time_s=motion.graph.time_s)


def _shortest(frame: Interdiction, motion: Motion) -> Routes:
    """The shortest route to each exit from the start, all of one weight."""
    escape = _escape(frame, motion)
    graph = motion.graph
    search = ArrivalSearch(graph.first_out, graph.head, graph.time_s)
    found = search.run(escape.start_node, escape.start_s)
    arcs: list[int] = []
    first = [0]
    exits = []
    for number in range(int(escape.exit_of.max()) + 1):
        ways = np.flatnonzero(escape.exit_of == number)
        ways = ways[np.isfinite(graph.time_s[ways])]
        if not ways.size:
            continue
        last = int(ways[np.argmin(found.arrival_s[graph.tail[ways]] + graph.time_s[ways])])
        if not np.isfinite(found.arrival_s[graph.tail[last]]):
            continue
        arcs += [*path_arcs(found.via, graph.tail, int(graph.tail[last])), last]
        first.append(len(arcs))
        exits.append(number)
    arc = np.array(arcs, dtype=np.int32)
    enter = found.arrival_s[graph.tail[arc]]
    ends = np.array([enter[i - 1] + graph.time_s[arc[i - 1]] for i in first[1:]])
    count = len(exits)
    return Routes(
        first=np.array(first, dtype=np.int64), arc=arc, enter_s=enter, end_s=ends,
        weight=np.full(count, 1.0 / count), exit=np.array(exits, dtype=np.int32),
    )  # fmt: skip


def _nearest(frame: Interdiction) -> NDArray[np.int32]:
    """Each unit to the exit it is at soonest that nobody holds yet, the soonest pair first."""
    means, problem = frame.means, frame.problem
    sites = [int(np.flatnonzero(problem.sites.index == one.index)[0]) for one in problem.exits]
    ready = means.ready_s[:, sites].copy()
    site_of = np.full(means.units, -1, dtype=np.int32)
    while np.isfinite(ready).any():
        unit, exit_number = np.unravel_index(np.argmin(ready), ready.shape)
        site_of[unit] = sites[exit_number]
        ready[unit, :] = np.inf
        ready[:, exit_number] = np.inf
    return site_of


def _random(means: Means, rng: np.random.Generator) -> NDArray[np.int32]:
    """Each unit at a random site that it holds within an hour of its nearest."""
    site_of = np.full(means.units, -1, dtype=np.int32)
    for unit in range(means.units):
        near = np.flatnonzero(means.ready_s[unit] <= means.ready_s[unit].min() + 3600.0)
        if near.size:
            site_of[unit] = rng.choice(near)
    return site_of


def _by_arc(means: Means, shut_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """From when on each arc cannot be entered."""
    return np.where(means.arc_site >= 0, shut_s[means.arc_site], np.inf)


def _drive(motion: Motion, start: int, head_start_s: float, rng: np.random.Generator) -> Pursuit:
    from pursuit_drivers import simulate  # noqa: PLC0415

    while True:
        drive = simulate(motion, start, rng)
        if drive is not None:
            return Pursuit(
                drive.arc, drive.enter_s - head_start_s, drive.leave_s - head_start_s,
                drive.destination,
            )  # fmt: skip


def _meets(drive: Pursuit, arc_shut: NDArray[np.float64]) -> bool:
    return bool((drive.enter_s >= arc_shut[drive.arc]).any()) if drive.arc.size else True


def _turned(
    motion: Motion, drive: Pursuit, arc_shut: NDArray[np.float64], rng: np.random.Generator
) -> bool:
    """Whether a driver is caught who turns before what it sees and seeks another way."""
    graph = motion.graph
    speed = 1.0
    banned = np.zeros(graph.arcs, dtype=bool)
    arcs, enter = drive.arc, drive.enter_s
    for _ in range(12):
        closed = np.flatnonzero(enter >= arc_shut[arcs])
        if not closed.size:
            return False
        if rng.random() >= 0.7:
            return True
        at = int(closed[0])
        banned[graph.section == graph.section[arcs[at]]] = True
        times = np.where(banned, np.inf, graph.time_s)
        here, now = int(graph.tail[arcs[at]]), float(enter[at])
        goals = motion.destinations[int(rng.choice(len(motion.prior), p=motion.prior))].nodes
        onward = way(graph, times, here, goals)
        if not onward:
            return True
        arcs = np.array(onward)
        took = graph.time_s[arcs] / speed
        enter = now + np.cumsum(took) - took
    return True


def _cell(count: int, total: int) -> str:
    """A rate with its 95 % interval (Wilson 1927)."""
    p, z = count / total, 1.96
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(p * (1 - p) / total + z * z / (4 * total**2))
    return f"{p:.0%} ({max(middle - half, 0):.0%} to {min(middle + half, 1):.0%})"


if __name__ == "__main__":
    main()
