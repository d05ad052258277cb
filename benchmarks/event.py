"""Event plans and the readiness atlas: how fast, and whether they agree with planning alone.

    STOPLINE_DATA=../shared/data python benchmarks/event.py rings
    STOPLINE_DATA=../shared/data python benchmarks/event.py failures
    STOPLINE_DATA=../shared/data python benchmarks/event.py bounds
    python benchmarks/event.py atlas --limit 180
    python benchmarks/event.py agreement --origins 500

Seconds are processor time of one core (`time.process_time`), medians of `--repeat` runs, reading
excluded; on an idle machine that is the time on the clock.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stopline.event.atlas import make_atlas
from stopline.event.atlas_work import begin
from stopline.event.ring import bound_of, fewest_cameras, solve_ring
from stopline.event.ring_network import SitePrices, ring_network
from stopline.forces.unit import Unit
from stopline.network.cache import open_network
from stopline.network.drive_graph import Vehicle
from stopline.network.read_settings import ReadSettings
from stopline.network.snapping import junctions_within
from stopline.planning.atlas_input import load_region, origins_of
from stopline.sealing.plan import SiteKind
from stopline.sealing.problem import Exit, Rules, SealingProblem, Source, all_sections
from stopline.sealing.search.goal import Goal
from stopline.sealing.search.sealer import Sealer
from stopline.sealing.session import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from numpy.typing import NDArray

    from stopline.event.atlas import Atlas
    from stopline.event.ring_network import RingNetwork
    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.session import Session

DATA = Path(os.environ.get("STOPLINE_DATA", "../shared/data"))
ROOT = Path(__file__).parents[1]
REGION = ROOT / "examples" / "liechtenstein" / "sealed.yaml"
VADUZ = (9.5209, 47.1392, 250.0)
STADIUM = (-8.5836, 41.1617, 250.0)
ALONE_S = (2.0, 10.0, 60.0)  # of computing for an origin planned alone
LONGER_S = 60.0  # for an origin that the atlas left undecided


def liechtenstein() -> RoadNetwork:
    """The roads of Liechtenstein."""
    return open_network(ROOT / "examples/liechtenstein/liechtenstein.osm.pbf", ReadSettings())


def porto() -> RoadNetwork:
    """The roads of Porto."""
    return open_network(DATA / "porto" / "porto.osm.pbf", ReadSettings())


def cases() -> Iterator[tuple[str, RoadNetwork, NDArray[np.int32], dict[str, Any]]]:
    """Name, roads, venue, and where routes end."""
    network = liechtenstein()
    inside = network.junction_territory == network.territory_index("LI")
    out = np.flatnonzero(inside[network.section_tail] != inside[network.section_head])
    venue = junctions_within(network, *VADUZ)
    for layers in (1, 2, 3):
        exits = {"exit_sections": out, "layers": layers}
        yield f"Liechtenstein, to its borders, k = {layers}", network, venue, exits
    network = porto()
    inside = np.zeros(network.junctions, dtype=bool)
    inside[junctions_within(network, *STADIUM[:2], 4000)] = True
    out = np.flatnonzero(inside[network.section_tail] != inside[network.section_head])
    venue = junctions_within(network, *STADIUM)
    for layers in (1, 2, 3):
        exits = {"exit_sections": out, "layers": layers}
        yield f"Porto, stadium, exits at 4 km, k = {layers}", network, venue, exits
    for layers in (1, 2):
        given = {"within_s": 600.0, "layers": layers}
        yield f"Porto, stadium, T = 600 s, k = {layers}", network, venue, given


def made(network: RoadNetwork, venue: NDArray[np.int32], given: dict[str, Any]) -> RingNetwork:
    """The ring problem of a case, every section at price 1."""
    one = np.ones(network.sections, dtype=np.int64)
    return ring_network(network, Vehicle(), venue, SitePrices(price=one, most=one), **given)


def median_s(repeat: int, call: Callable[[], object]) -> float:
    """Processor seconds of a call, the first one (which may load machine code) left out."""
    call()
    times = []
    for _ in range(repeat):
        before = time.process_time()
        call()
        times.append(time.process_time() - before)
    return statistics.median(times)


def _must(holds: bool, what: str) -> None:  # noqa: FBT001
    if not holds:
        raise SystemExit(what)


def rings(repeat: int) -> None:
    """How long each ring takes, and that its routes prove its cost."""
    print("| case | junctions | sites | routes of the proof | seconds |")
    print("|---|---|---|---|---|")
    for name, network, venue, given in cases():
        ring_of = made(network, venue, given)
        ring = solve_ring(ring_of.problem)
        _must(bound_of(ring_of.problem, ring.routes) == ring.cost, f"{name}: the proof falls short")
        seconds = median_s(
            repeat,
            lambda network=network, venue=venue, given=given: solve_ring(
                made(network, venue, given).problem
            ),
        )
        within = int((ring_of.arrival_s <= given.get("within_s", np.inf)).sum())
        print(f"| {name} | {within:,} | {ring.cost} | {len(ring.routes)} | {seconds:.3f} |")


def failures() -> None:
    """Every single failure (k = 2), every pair (k = 3): no route may be left unseen."""
    for name, network, venue, given in cases():
        layers = given["layers"]
        if layers == 1 or (layers == 3 and network.junctions > 10_000):
            continue
        ring_of = made(network, venue, given)
        ring = solve_ring(ring_of.problem)
        sites = np.flatnonzero(ring.cameras)
        tried = 0
        for gone in itertools.combinations(sites.tolist(), layers - 1):
            left = ring.cameras.copy()
            left[list(gone)] = 0
            _must(fewest_cameras(ring_of.problem, left, 1)[1] is None, f"{name}: {gone}")
            tried += 1
        for site in sites.tolist():  # each camera is needed
            left = ring.cameras.copy()
            left[site] -= 1
            _must(fewest_cameras(ring_of.problem, left, layers)[1] is not None, f"{name}: {site}")
        print(f"{name}: {tried} failures, no route unseen; each of {sites.size} sites is needed")


def bounds(repeat: int) -> None:
    """Both bounds for all junctions of Porto: 40 units, every section a site."""
    network = porto()
    rng = np.random.default_rng(1)
    inside = np.zeros(network.junctions, dtype=bool)
    inside[junctions_within(network, *STADIUM[:2], 9000)] = True
    out = np.flatnonzero(inside[network.section_tail] != inside[network.section_head])
    places = [(int(s), 0.5) for s in rng.integers(0, network.sections, 40)]
    units = tuple(
        Unit(id=f"U{i}", side="PT", agency="police", lon=0.0, lat=0.0, speed_factor=1.2)
        for i in range(len(places))
    )
    problem = SealingProblem(
        network=network,
        vehicle=Vehicle(),
        sources=(Source(name="x", time_s=0.0, junction=int(np.flatnonzero(inside)[0])),),
        exits=tuple(Exit(name=str(s), kind=SiteKind.SECTION, index=int(s)) for s in out),
        sites=all_sections(network),
        units=units,
        unit_places=tuple(places),
        rules=Rules(margin_s=30.0),
    )
    found = begin(problem)
    shut_s = np.where(rng.random(problem.sites.count) < 0.01, 300.0, np.inf)

    def both() -> None:
        begin(problem).search.latest_s(shut_s)

    seconds = median_s(repeat, both)
    open_now = int((found.low_s > 0).sum())
    print(f"Porto, {network.junctions:,} junctions: both bounds in {seconds:.2f} s; {open_now:,} "
          "proven impossible")  # fmt: skip


def atlas(limit_s: float, origin_limit_s: float) -> None:
    """The atlas of Liechtenstein, one hour, one core; limits count processor time."""
    time.perf_counter = time.process_time  # type: ignore[assignment]
    region = load_region(REGION)
    origins = origins_of(region.problem)
    begin(region.problem)
    found = make_atlas(region.problem, origins, origin_limit_s=origin_limit_s, time_limit_s=limit_s)
    _told(found)


def _told(found: Atlas) -> None:
    undecided, size = int(found.undecided.sum()), found.origins.size
    print(
        f"Liechtenstein, {size:,} origins: {int(found.sealed.sum()):,} sealed, "
        f"{int(found.open.sum()):,} open, {undecided} undecided ({100 * undecided / size:.1f} %); "
        f"{found.by_bounds:,} by the bounds, {found.asked} asked, {found.seconds:.0f} s",
        flush=True,
    )


def agreement(count: int, limit_s: float) -> None:
    """Plan each of some random origins alone: where both are certain the verdicts must agree.

    Who is not decided is asked again with more time, of the atlas and alone.
    """
    time.perf_counter = time.process_time  # type: ignore[assignment]
    problem = load_region(REGION).problem
    origins = origins_of(problem)
    work = begin(problem)
    found = make_atlas(problem, origins, time_limit_s=limit_s, work=work)
    _told(found)
    chosen = np.random.default_rng(5).choice(origins.size, count, replace=False)
    before = found.undecided[chosen]
    found = make_atlas(problem, origins[chosen], origin_limit_s=LONGER_S, work=work,
                       time_limit_s=LONGER_S * int(before.sum()))  # fmt: skip
    left = int(found.undecided.sum())
    print(f"of {count} origins {int(before.sum())} are undecided, {left} with {LONGER_S:g} s more")
    waiting = list(range(count))
    for alone_s in ALONE_S:
        asked, waiting = waiting, []
        for row in asked:
            state = _alone(problem, int(origins[chosen[row]]), work.session, alone_s)
            if state == "undecided":
                waiting.append(row)
            elif found.state(row) != "undecided":
                _must(state == found.state(row), f"{origins[chosen[row]]}: {state}, atlas differs")
        both = sum(found.state(row) != "undecided" for row in range(count) if row not in waiting)
        print(f"planned alone for up to {alone_s:g} s: {both} of {count} agree, none contradicts, "
              f"{len(waiting)} are not decided alone", flush=True)  # fmt: skip


def _alone(problem: SealingProblem, origin: int, session: Session, limit_s: float) -> str:
    """The verdict of an origin that is planned as if there were no others."""
    source = Source(name="x", time_s=0.0, junction=origin)
    here = prepare(replace(problem, sources=(source,)), session)
    sealer = Sealer(here.chase, here.sides, problem.sites.need, time.perf_counter() + limit_s)
    plan = sealer.solve(Goal(margin_s=problem.rules.margin_s, cheapest=False))
    return "sealed" if plan.sealed else "open" if plan.proven else "undecided"


def main() -> None:
    """Run one of the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("rings", "failures", "bounds", "atlas", "agreement"))
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--limit", type=float, default=180.0)
    parser.add_argument("--origin-limit", type=float, default=15.0)
    parser.add_argument("--origins", type=int, default=500)
    given = parser.parse_args()
    if given.what == "rings":
        rings(given.repeat)
    elif given.what == "failures":
        failures()
    elif given.what == "bounds":
        bounds(given.repeat)
    elif given.what == "atlas":
        atlas(given.limit, given.origin_limit)
    else:
        agreement(given.origins, given.limit)


if __name__ == "__main__":
    main()
