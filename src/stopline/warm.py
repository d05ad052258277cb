"""Compile every kernel once, on a toy, so that nobody waits for it in an incident.

The kernels are compiled by the calls that a plan makes, so that the machine code is that of real
runs; a test holds that a plan made afterwards compiles nothing more.
"""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import stopline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stopline.belief.routes import Routes
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.session import Session

_PACKAGE: Final = Path(stopline.__file__).parent
_WIDE: Final = 8


def prepare(report: Callable[[str, float], None]) -> None:
    """Compile what this installation has not compiled yet; return at once if there is nothing.

    Args:
        report: told what is being prepared and the part that is done, 0 to 1.
    """
    stamp = _stamp()
    if stamp is None or stamp.exists():
        return
    from stopline.compiled import KERNELS  # noqa: PLC0415  (all of this is for the first run only)

    for what in _calls():
        done = sum(1 for one in KERNELS if one.signatures)
        report(f"preparing the first run, once: {what}", done / max(1, len(KERNELS)))
    report("preparing the first run, once", 1.0)
    with suppress(OSError):
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()


def is_prepared() -> bool:
    """Whether the machine code of this installation lies on disk, or is not wanted."""
    stamp = _stamp()
    return stamp is None or stamp.exists()


def _stamp() -> Path | None:
    """The file that tells that all is compiled; it lies where Numba keeps the machine code.

    Its name changes with all that makes machine code useless: another version of Stopline, of
    Python or of Numba, another processor, kernels that were edited. None if Numba is switched off.
    """
    from stopline.compiled import compiler  # noqa: PLC0415  (it takes a fifth of a second)

    by = compiler()
    if by is None:
        return None
    kernels = [(path.name, path.stat()) for path in sorted(_PACKAGE.rglob("*_kernel.py"))]
    key = [
        str(_PACKAGE),
        stopline.__version__,
        sys.version,
        by,
        *(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in kernels),
    ]
    digest = hashlib.sha256("\n".join(key).encode()).hexdigest()[:16]
    folder = os.environ.get("NUMBA_CACHE_DIR") or _PACKAGE / "__pycache__"
    return Path(folder) / f"stopline-kernels-{digest}.ready"


def _calls() -> Iterator[str]:
    """Make each kind of call, and name it before."""
    # All kernels are imported first, so that the part that is done can be told.
    import stopline.belief.sampling  # noqa: PLC0415
    import stopline.cameras.alignment_kernel  # noqa: PLC0415
    import stopline.event.atlas  # noqa: PLC0415
    import stopline.interdiction.game  # noqa: PLC0415, F401
    from stopline.sealing.planner import make_plan  # noqa: PLC0415
    from stopline.sealing.session import prepare as make_session  # noqa: PLC0415

    yield "roads"
    problem = toy_problem()
    yield "where the vehicle can be, and where forces can be"
    session = make_session(problem)
    yield "cuts"
    _cut(session)
    yield "prices on units"
    _price(problem, session)
    yield "who holds what"
    _assign()
    yield "a whole plan"
    make_plan(problem, session=session)
    yield "where the vehicle probably is"
    routes = _follow(problem)
    yield "checkpoints at random"
    _stop_routes(problem, routes)
    yield "rings of cameras"
    _ring(problem)
    yield "the plate that is watched for"
    _align()


def _price(problem: SealingProblem, session: Session) -> None:
    """Bound the toy by prices on units, write down why, and search by routes."""
    import time  # noqa: PLC0415

    import numpy as np  # noqa: PLC0415

    from stopline.sealing.search.certify import ways_of_flow  # noqa: PLC0415
    from stopline.sealing.search.goal import nothing  # noqa: PLC0415
    from stopline.sealing.search.objectives import first_goal  # noqa: PLC0415
    from stopline.sealing.search.pair_search import PairSearch  # noqa: PLC0415
    from stopline.sealing.search.price_search import PriceSearch  # noqa: PLC0415
    from stopline.sealing.search.sealer import Sealer  # noqa: PLC0415

    sealer = Sealer(session.chase, session.sides, problem.sites.need)
    times = sealer.times()
    if times is None:
        return
    search = PriceSearch(sealer, times, first_goal(problem.rules))
    until = time.perf_counter() + 10.0
    search.plan(until)
    search.prove(until, 1e6)
    if search.time_graph is not None and search.prices is not None:
        ways_of_flow(search.time_graph, search.prices.cut)
    PairSearch(sealer, times, search.goal, np.inf).solve(nothing(()), 0.0)


def _follow(problem: SealingProblem) -> Routes:
    """Follow the toy's vehicle past a watcher, and sample where it drives on."""
    from stopline.belief.motion import Destination, MotionRules, make_motion  # noqa: PLC0415
    from stopline.belief.particle import ParticleFilter  # noqa: PLC0415
    from stopline.belief.sampling import sample_routes  # noqa: PLC0415
    from stopline.belief.sightings import CameraHit, Silence  # noqa: PLC0415
    from stopline.network.drive_graph import drive_graph  # noqa: PLC0415

    graph = drive_graph(problem.network, problem.vehicle)
    far = Destination(name="far", nodes=(problem.network.junctions - 1,), exit=0)
    town = Destination(name="town", nodes=(3,), is_exit=False)
    belief = ParticleFilter(make_motion(graph, (far, town), MotionRules()), count=200)
    belief.begin(CameraHit(id="a", source="toy", known_s=0.0, section=0, forward=None, at_s=0.0))
    quiet = Silence(
        id="b", source="toy", known_s=90.0, section=1, from_s=0.0, until_s=90.0, visible=True
    )
    belief.advance(60.0, [quiet])
    return sample_routes(belief, 20, seed=1)


def _stop_routes(problem: SealingProblem, routes: Routes) -> None:
    """Solve the game between the toy's vehicle and two units, which intercepts routes, too."""
    import numpy as np  # noqa: PLC0415

    from stopline.interdiction.escape import Escape  # noqa: PLC0415
    from stopline.interdiction.game import randomise  # noqa: PLC0415
    from stopline.interdiction.greedy import greedy  # noqa: PLC0415
    from stopline.interdiction.incidence import Meetings, incidence, thinned  # noqa: PLC0415
    from stopline.interdiction.means import Means  # noqa: PLC0415
    from stopline.network.drive_graph import drive_graph  # noqa: PLC0415

    graph = drive_graph(problem.network, problem.vehicle)
    last = problem.network.junctions - 1
    escape = Escape(
        first_out=graph.first_out,
        head=graph.head,
        time_s=graph.time_s,
        exit_of=np.where(graph.head == last, np.int32(0), np.int32(-1)),
        start_node=np.zeros(1, dtype=np.int32),
        start_s=np.zeros(1),
    )
    sites = problem.network.sections
    means = Means(
        ready_s=np.zeros((2, sites)),
        strength=np.ones(2, dtype=np.int32),
        need=np.ones(sites, dtype=np.int32),
        arc_site=graph.section,
        head_site=np.full(graph.arcs, -1, dtype=np.int32),
    )
    randomise(escape, means)
    greedy(routes, means, exchanges=True)
    met = Meetings.of(routes, means)
    thinned(incidence(met, routes.weight, means))


def _ring(problem: SealingProblem) -> None:
    """Close a ring of cameras, and find both bounds of a readiness atlas."""
    import numpy as np  # noqa: PLC0415

    from stopline.event.atlas_work import begin  # noqa: PLC0415
    from stopline.event.ring import solve_ring  # noqa: PLC0415
    from stopline.event.ring_network import SitePrices, ring_network  # noqa: PLC0415
    from stopline.sealing.search.pursuit import Drive  # noqa: PLC0415

    network = problem.network
    one = np.ones(network.sections, dtype=np.int64)
    venue = np.zeros(1, dtype=np.int32)
    made = ring_network(
        network,
        problem.vehicle,
        venue,
        SitePrices(price=one, most=one),
        layers=2,
        exit_junctions=[network.junctions - 1],
    )
    solve_ring(made.problem)
    work = begin(problem)
    work.search.joins_s((Drive(0, (0,)),), 0.0, work.earliest_s)


def _align() -> None:
    """Lay plates over what a recogniser may see."""
    import numpy as np  # noqa: PLC0415

    from stopline.cameras.alignment_kernel import align, align_each  # noqa: PLC0415

    signs, blank = np.zeros((6, 4), np.float32), np.zeros(6, np.float32)
    align(signs, blank, np.zeros(2, np.int32), 3.0)
    align_each(signs, blank, np.zeros((1, 2), np.int32), 3.0)


def _cut(session: Session) -> None:
    """Contract, cut and merge as a plan does, the rarer steps included."""
    import numpy as np  # noqa: PLC0415

    from stopline.sealing.search.cut_graph import Flow, OpenRoute, contract  # noqa: PLC0415
    from stopline.sealing.search.cut_kernel import OPEN  # noqa: PLC0415
    from stopline.sealing.search.cut_levels import HIGHEST, within  # noqa: PLC0415
    from stopline.sealing.search.deadlines import remaining  # noqa: PLC0415

    chase = session.chase
    remaining(chase)
    graph = contract(chase, np.where(chase.site >= 0, np.int32(1), np.int32(OPEN)))
    if isinstance(graph, OpenRoute):  # pragma: no cover  (every road of the toy is a site)
        return
    flow = Flow(graph)
    for gap in range(HIGHEST + 1):
        within(graph, flow, gap)


def _assign() -> None:
    import numpy as np  # noqa: PLC0415

    from stopline.sealing.search.assignment import AssignmentTask, assign  # noqa: PLC0415

    assign([AssignmentTask(1, 60.0, {0: 10.0, 1: 20.0})], np.ones(2, dtype=np.int32))


def toy_problem() -> SealingProblem:
    """A grid of streets over a border, with two sides, strong and weak units and sites."""
    import numpy as np  # noqa: PLC0415

    from stopline.forces.unit import Unit  # noqa: PLC0415
    from stopline.network.builder import RawRoads, build_network  # noqa: PLC0415
    from stopline.network.drive_graph import Vehicle  # noqa: PLC0415
    from stopline.sealing.plan import SiteKind  # noqa: PLC0415
    from stopline.sealing.problem import (  # noqa: PLC0415
        Exit,
        SealingProblem,
        Source,
        all_sections,
    )

    column, row = (line.ravel() for line in np.meshgrid(np.arange(_WIDE), np.arange(_WIDE)))
    node = row * _WIDE + column
    tail = np.concatenate((node[column + 1 < _WIDE], node[row + 1 < _WIDE]))
    head = np.concatenate((node[column + 1 < _WIDE] + 1, node[row + 1 < _WIDE] + _WIDE))
    network = build_network(
        RawRoads(
            junction_lon=9.5 + 0.01 * column,
            junction_lat=47.1 + 0.007 * row,
            junction_territory=(column >= _WIDE // 2).astype(np.int16),
            section_tail=tail,
            section_head=head,
            section_length_m=700.0 + 13.0 * (np.arange(tail.size) % 7),
            section_class=np.where(np.arange(tail.size) % 5, 6, 2),
            section_direction=(np.arange(tail.size) % 11 == 0).astype(np.uint8),
            territories=("A", "B"),
        ),
        reorder=False,
    )
    places = [(one, 0.3) for one in range(0, network.sections, 4)]
    units = tuple(
        Unit(
            id=f"u{number}",
            side="AB"[number % 2],
            agency="police",
            lon=0.0,
            lat=0.0,
            strength=1 + number % 3 // 2,
            may_act_in=frozenset("AB"[number % 2]),
        )
        for number in range(len(places))
    )
    return SealingProblem(
        network=network,
        vehicle=Vehicle(),
        sources=(Source(name="start", time_s=0.0, junction=0),),
        exits=(Exit(name="end", kind=SiteKind.JUNCTION, index=network.junctions - 1),),
        sites=all_sections(network, need={"primary": 2}),
        units=units,
        unit_places=tuple(places),
    )
