"""Measure intercept and randomise on real networks, beside peers on the same routes and forces.

Seconds are medians of three repeats after one to warm up (one where it takes over five seconds);
making the network, the driving times of the units and the routes is not counted. Peers: the plain
program (a column for each unit and site in time, a row for each route as sampled) in HiGHS under
the same limit; lazy greedy; and a small evolutionary search (sites of units as genes, population
40, tournaments, uniform crossover, mutation), stopped when it has the best known value.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import TYPE_CHECKING, TypeVar

import interdiction_instances
import numpy as np

from stopline.integer_program import IntegerProgram
from stopline.interdiction.game import randomise
from stopline.interdiction.greedy import greedy
from stopline.interdiction.incidence import Meetings
from stopline.interdiction.intercept import intercept

if TYPE_CHECKING:
    from collections.abc import Callable

    from interdiction_instances import Pursuit

    from stopline.belief.routes import Routes

_Run = TypeVar("_Run")
_SLOW_S = 5.0
_MOST_ENTRIES = 4_000_000
_PLACES = {
    "liechtenstein": interdiction_instances.liechtenstein,
    "porto": interdiction_instances.porto,
}
_SIZES = ((1_000, 3), (1_000, 10), (10_000, 3), (10_000, 30), (50_000, 3), (50_000, 100))
_GAMES = (
    ("liechtenstein", 20, 120.0),
    ("liechtenstein", 10, 180.0),
    ("liechtenstein", 10, 300.0),
    ("porto", 10, 300.0),
    ("porto", 30, 180.0),
    ("porto", 30, 300.0),
)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=20.0, help="seconds for each program")
    parser.add_argument("--peers", type=float, default=10.0, help="seconds for the evolution")
    parser.add_argument("--seeds", type=int, default=1, help="how many instances of each size")
    parser.add_argument("--only", choices=_PLACES, help="this network alone, without games")
    parser.add_argument("--most", type=int, default=50_000, help="routes of the largest instance")
    options = parser.parse_args()
    _warm()
    print(
        "| routes, units, seed | stopped | bound | optimum s | 1 % s | greedy s (of bound) "
        "| plain s (value) | evolution s (value) |"
    )
    for name, place in _PLACES.items():
        if options.only not in {None, name}:
            continue
        for seed in range(options.seeds):
            for count, units in (size for size in _SIZES if size[0] <= options.most):
                pursuit = place(units, seed)
                line = _intercepts(pursuit, pursuit.routes(count, seed + 1), options)
                print(f"| {name} {count}, {units}, {seed} | {line}", flush=True)
    print("| game: units, lead, seed | value | bound | gap | rounds | plans | s | ended |")
    for name, units, lead_s in () if options.only else _GAMES:
        for seed in range(options.seeds):
            _game(name, units, lead_s, seed)


def _warm() -> None:
    pursuit = interdiction_instances.liechtenstein(3, 0)
    intercept(pursuit.routes(100, 0), pursuit.means)
    randomise(pursuit.escape, pursuit.means, time_limit_s=0.1)


def _timed(run: Callable[[], _Run]) -> tuple[float, _Run]:
    seconds: list[float] = []
    while True:
        begun = time.perf_counter()
        out = run()
        seconds.append(time.perf_counter() - begun)
        if len(seconds) == 3 or seconds[-1] > _SLOW_S:
            return statistics.median(seconds), out


def _intercepts(pursuit: Pursuit, routes: Routes, options: argparse.Namespace) -> str:
    means, limit = pursuit.means, options.limit
    near_s, near = _timed(lambda: intercept(routes, means, time_limit_s=limit, gap=0.01))
    best_s, best = _timed(lambda: intercept(routes, means, time_limit_s=limit))
    quick_s, quick = _timed(lambda: greedy(routes, means))
    bound = min(best.bound, near.bound)
    proven = f"{best_s:.3f}" if best.proven else f"> {limit:.0f} (gap {100 * best.gap:.1f} %)"
    near_text = f"{near_s:.3f}" if near.gap <= 0.01 + 1e-9 else f"> {limit:.0f}"
    value = max(best.value, near.value)
    parts = (
        f"{value:.4f}",
        f"{bound:.4f}",
        proven,
        near_text,
        f"{quick_s:.3f} ({quick.value / bound if bound else 1.0:.3f})",
        _plain(pursuit, routes, limit),
        _evolution(pursuit, routes, value, options.peers),
    )
    return " | ".join(parts) + " |"


def _plain(pursuit: Pursuit, routes: Routes, limit: float) -> str:
    """The program as anybody would write it down."""
    means = pursuit.means
    begun = time.perf_counter()
    met = Meetings.of(routes, means)
    in_time = means.ready_s[:, met.site] + means.margin_s <= met.met_s
    if np.count_nonzero(in_time) > _MOST_ENTRIES:
        return f"not run ({np.count_nonzero(in_time):.1e} entries)"
    hit, unit = np.nonzero(in_time.T)
    route = np.repeat(np.arange(routes.count), np.diff(met.first))[hit]
    pair, column = np.unique(unit * means.sites + met.site[hit], return_inverse=True)
    program = IntegerProgram()
    x = program.add_columns(np.zeros(pair.size), 0.0, 1.0, integer=True)
    z = program.add_columns(-routes.weight * routes.count, 0.0, 1.0, integer=False)
    owner, first = np.unique(pair // means.sites, return_index=True)
    program.add_rows(-np.inf, np.ones(owner.size), first, x + np.arange(pair.size), 1.0)
    starts = np.searchsorted(route, np.arange(routes.count))
    columns = np.insert(x + column, starts, z + np.arange(routes.count))
    factors = np.insert(-np.ones(route.size), starts, 1.0)
    program.add_rows(-np.inf, 0.0, starts + np.arange(routes.count), columns, factors)
    found = program.solve(limit)
    seconds = time.perf_counter() - begun
    value = -found.objective / routes.count
    proven = "" if found.outcome.value == "optimal" else ", not proven"
    return f"{seconds:.3f} ({value:.4f}{proven})"


def _evolution(pursuit: Pursuit, routes: Routes, target: float, limit: float) -> str:
    means, rng = pursuit.means, np.random.default_rng(0)
    met = Meetings.of(routes, means)
    useful = np.unique(met.site)
    begun = time.perf_counter()

    def worth(genes: np.ndarray) -> float:
        return float(routes.weight[met.stopped(means.shut_s(genes))].sum())

    people = rng.choice(useful, (40, means.units)).astype(np.int32)
    fit = np.array([worth(one) for one in people])
    while time.perf_counter() - begun < limit and fit.max() < target - 1e-9:
        pick = [max(rng.integers(0, 40, 3), key=lambda one: fit[one]) for _ in range(2)]
        child = np.where(rng.random(means.units) < 0.5, people[pick[0]], people[pick[1]])
        change = rng.random(means.units) < 1.5 / means.units
        child[change] = rng.choice(useful, int(change.sum()))
        worst, value = int(fit.argmin()), worth(child)
        if value >= fit[worst]:
            people[worst], fit[worst] = child, value
    return f"{time.perf_counter() - begun:.3f} ({fit.max():.4f})"


def _game(name: str, units: int, lead_s: float, seed: int) -> None:
    pursuit = _PLACES[name](units, seed, lead_s)
    seconds, found = _timed(lambda: randomise(pursuit.escape, pursuit.means, time_limit_s=10.0))
    print(
        f"| {name} {units}, {lead_s:.0f}, {seed} | {found.value:.4f} | {found.bound:.4f} | "
        f"{100 * found.gap:.1f} % | {found.rounds} | {found.chance.size} | {seconds:.2f} | "
        f"{found.ended} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
