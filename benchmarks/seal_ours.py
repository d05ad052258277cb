"""Measure the planner on sealing problems: time by part, verdict, memory, re-planning."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import seal_instances
import seal_plain
from scipy.sparse.csgraph import dijkstra

from stopline.network.drive_graph import drive_graph
from stopline.network.search import ArrivalSearch
from stopline.sealing.checker.check import check_plan
from stopline.sealing.plan_file.writing import form_of
from stopline.sealing.planner import make_plan
from stopline.sealing.search.objectives import best_plan
from stopline.sealing.search.sealer import Sealer
from stopline.sealing.session import Session, prepare

if TYPE_CHECKING:
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.search.goal import Found

_SEARCH_S = 4.0  # of SciPy's searches, then no more rounds
_MOST_CHECKED = 1_000_000  # junctions; the checker drives in plain Python
_REPEATS = 3  # of what takes less than a second


@dataclass(frozen=True, slots=True)
class Ours:
    """How the planner did on one problem; seconds are medians of repeats."""

    seed: int
    verdict: str
    proven: bool
    cost: int
    bound: float
    routes: int
    prepare_s: float
    solve_s: float
    again_verdict: str
    again_proven: bool
    again_prepare_s: float
    again_solve_s: float
    memory_mb: float

    @property
    def total_s(self) -> float:
        """From the open network to the verdict."""
        return self.prepare_s + self.solve_s

    @property
    def again_s(self) -> float:
        """From the second sighting to the verdict."""
        return self.again_prepare_s + self.again_solve_s

    def as_dict(self) -> dict[str, object]:
        """For the results file."""
        return asdict(self) | {"total_s": self.total_s, "again_s": self.again_s}


def warm() -> None:
    """Compile or load every kernel, on a small network."""
    for units, seed in ((40, 1), (12, 1)):
        problem = seal_instances.corridor(units, seed)
        session, _ = _prepare(problem, None)
        _solve(problem, session, 5.0)
        _prepare(seal_instances.second_sighting(problem), session)


def measure(problem: SealingProblem, seed: int, limit_s: float) -> Ours:
    """Plan a problem, then plan it again for a second sighting."""
    _touch(problem)
    second = seal_instances.second_sighting(problem)
    before = _restart_peak()
    session, prepare_s = _prepare(problem, None)
    found, solve_s = _solve(problem, session, limit_s)
    memory = _peak_mb() - before
    prepares, solves = [prepare_s], [solve_s]
    again, again_prepare_s = _prepare(second, session)
    again_found, again_solve_s = _solve(second, again, limit_s)
    agains = [(again_prepare_s, again_solve_s)]
    while prepare_s + solve_s < 1.0 and len(prepares) < _REPEATS:
        session, one = _prepare(problem, None)
        prepares.append(one)
        solves.append(_solve(problem, session, limit_s)[1])
        if again_solve_s < 1.0:
            again, one = _prepare(second, session)
            agains.append((one, _solve(second, again, limit_s)[1]))
    return Ours(
        seed=seed,
        verdict=_verdict(found),
        proven=found.proven,
        cost=int(found.cost) if found.sealed else 0,
        bound=float(found.bound),
        routes=len(found.drives),
        prepare_s=statistics.median(prepares),
        solve_s=statistics.median(solves),
        again_verdict=_verdict(again_found),
        again_proven=again_found.proven,
        again_prepare_s=statistics.median(a for a, _ in agains),
        again_solve_s=statistics.median(b for _, b in agains),
        memory_mb=memory,
    )


@dataclass(frozen=True, slots=True)
class Decided:
    """A whole plan, and what the independent checker says of it."""

    label: str
    verdict: str
    proven: bool
    units: int
    bound: int
    certified: int
    plan_s: float
    limit_s: float
    checked: str


def decided(problem: SealingProblem, label: str, limit_s: float) -> Decided:
    """Make a plan within a limit, and hold it against the checker."""
    print(label, file=sys.stderr, flush=True)
    asked = replace(problem, rules=replace(problem.rules, time_limit_s=limit_s))
    begin = time.perf_counter()
    plan = make_plan(asked)
    plan_s = time.perf_counter() - begin
    checked = "too large"
    if problem.network.junctions < _MOST_CHECKED:
        places = zip((unit.id for unit in asked.units), asked.unit_places or (), strict=True)
        found = check_plan(form_of(plan, asked), asked.network, unit_places=dict(places))
        checked = "confirmed" if found.ok else f"refused: {found.faults[:1]}"
    return Decided(
        label, str(plan.verdict), plan.proven, plan.units_used, plan.lower_bound,
        0 if plan.certificate is None else plan.certificate.units, plan_s, limit_s, checked,
    )  # fmt: skip


def searches(problem: SealingProblem, rounds: int = 31) -> dict[str, float]:
    """One search by SciPy's Dijkstra and by ours, turn about, on the same graph."""
    roads = seal_plain.plain(problem)
    matrix = roads.matrix
    graph = drive_graph(problem.network, problem.vehicle)
    search = ArrivalSearch(roads.first_out, roads.head, roads.time_s)
    theirs, ours = [], []
    for _ in range(rounds):
        begin = time.perf_counter()
        found = np.asarray(dijkstra(matrix, indices=roads.start))
        theirs.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        same = search.run([roads.start], [0.0]).arrival_s
        ours.append(time.perf_counter() - begin)
        if sum(theirs) > _SEARCH_S:
            break
    if not np.allclose(found, same):
        msg = "the searches disagree"
        raise ArithmeticError(msg)
    return {
        "junctions": problem.network.junctions,
        "arcs": graph.arcs,
        "scipy_s": statistics.median(theirs),
        "ours_s": statistics.median(ours),
    }


def _prepare(problem: SealingProblem, earlier: Session | None) -> tuple[Session, float]:
    begin = time.perf_counter()
    return prepare(problem, earlier), time.perf_counter() - begin


def _solve(problem: SealingProblem, session: Session, limit_s: float) -> tuple[Found, float]:
    begin = time.perf_counter()
    sealer = Sealer(session.chase, session.sides, problem.sites.need, begin + limit_s)
    found, _ = best_plan(sealer, problem.rules)
    return found, time.perf_counter() - begin


def _verdict(found: Found) -> str:
    if found.sealed:
        return "sealed"
    return "impossible" if found.proven else "undecided"


def _touch(problem: SealingProblem) -> None:
    """Bring the memory-mapped network in, so that it does not count as the planner's."""
    network = problem.network
    for name in type(network).__slots__:
        value = getattr(network, name, None)
        if isinstance(value, np.ndarray):
            value.tobytes()


def _restart_peak() -> float:
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:  # not Linux, or not allowed: the peak of the whole process counts
        return _peak_mb()
    return _status_mb("VmRSS")


def _peak_mb() -> float:
    try:
        return _status_mb("VmHWM")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _status_mb(key: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(key)) / 1024
