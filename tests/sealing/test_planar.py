"""Planar networks of 40 to 80 junctions against an exact program of routes that shares no code."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array
from scipy.spatial import Delaunay

from sealing.oracle_roads import OracleRoads, Seal, Walk
from stopline.forces.unit import Unit
from stopline.network.builder import RawRoads, build_network
from stopline.network.drive_graph import Vehicle
from stopline.sealing.plan import SiteKind
from stopline.sealing.problem import Exit, Rules, SealingProblem, Source, all_sections
from stopline.sealing.search.impossibility import prove
from stopline.sealing.search.objectives import best_plan
from stopline.sealing.search.sealer import Sealer
from stopline.sealing.session import prepare

if TYPE_CHECKING:
    from collections.abc import Callable

DEGREES = 0.05  # how wide a network is
ROUTES_A_ROUND = 10


class RouteProgram(OracleRoads):
    """Fewest units by one row for each route that escapes the plan so far (HiGHS by SciPy)."""

    def fewest_units(self, margin_s: float) -> int | None:
        pair: dict[tuple[int, int], int] = {}
        rows: list[list[int]] = []
        seals: tuple[Seal, ...] = ()
        while walks := self._escapes(seals, margin_s):
            for walk in walks:
                met = {self.site_of[p]: at_s for p, at_s in walk.events if p in self.site_of}
                able = [
                    (unit, site)
                    for site, at_s in met.items()
                    for unit in range(len(self.strength))
                    if self.ready[unit][site] + margin_s <= at_s
                ]
                if not able:
                    return None
                rows.append([pair.setdefault(one, len(pair)) for one in able])
            chosen = self._cover(pair, rows)
            if chosen is None:
                return None
            holds: dict[int, list[int]] = {}
            for unit, site in chosen:
                holds.setdefault(site, []).append(unit)
            # More than one unit at a site closes it when the first is there.
            first = {c: min(us, key=lambda u: self.ready[u][c]) for c, us in holds.items()}
            seals = tuple(Seal(site, (unit,)) for site, unit in first.items())
        return len(seals)

    def _escapes(self, seals: tuple[Seal, ...], margin_s: float) -> list[Walk]:
        """Routes that escape: the next where the last one is barred at its last site."""
        shut, walks = self.shut(seals, margin_s), list[Walk]()
        while len(walks) < ROUTES_A_ROUND and (walk := self.escape(shut)) is not None:
            walks.append(walk)
            last = [place for place, _ in walk.events if place in self.site_of][-1:]
            shut = {**shut, **dict.fromkeys(last, -1e9)}
            if not last:
                break
        return walks

    def _cover(
        self, pair: dict[tuple[int, int], int], rows: list[list[int]]
    ) -> list[tuple[int, int]] | None:
        units, size = len(self.strength), len(pair)
        row = [r for r, columns in enumerate(rows) for _ in columns]
        column = [c for columns in rows for c in columns]
        routes = coo_array((np.ones(len(row)), (row, column)), shape=(len(rows), size)).tocsr()
        owner = [unit for unit, _ in pair]
        once = coo_array((np.ones(size), (owner, range(size))), shape=(units, size)).tocsr()
        found = milp(
            np.ones(size),
            constraints=[LinearConstraint(routes, 1.0), LinearConstraint(once, ub=1.0)],
            integrality=np.ones(size),
            bounds=Bounds(0.0, 1.0),
        )
        if found.x is None:
            return None
        return [one for one, place in pair.items() if found.x[place] > 0.5]


def planar_problem(seed: int) -> SealingProblem:
    """Streets between random points, thinned; the vehicle in the middle, exits at the rim."""
    rng = np.random.default_rng([seed, 4080])
    count = int(rng.integers(40, 81))
    at = rng.random((count, 2))
    edges = {
        (min(a, b), max(a, b))
        for corners in Delaunay(at).simplices.tolist()
        for a, b in ((corners[0], corners[1]), (corners[1], corners[2]), (corners[2], corners[0]))
    }
    ends = np.array(sorted(edges))
    length = np.linalg.norm(at[ends[:, 0]] - at[ends[:, 1]], axis=1)
    kept = (length < 0.35) & (rng.random(len(ends)) < rng.uniform(0.6, 0.9))
    ends, length = ends[kept], length[kept]
    network = build_network(
        RawRoads(
            junction_lon=9 + DEGREES * at[:, 0],
            junction_lat=47 + DEGREES * at[:, 1],
            section_tail=ends[:, 0],
            section_head=ends[:, 1],
            section_length_m=5000.0 * length + 20.0,
            section_speed_mps=rng.uniform(8, 25, len(ends)),
            section_direction=rng.choice(3, len(ends), p=(0.85, 0.08, 0.07)),
            source="planar",
        ),
        reorder=False,
    )
    rim = np.flatnonzero(np.abs(at - 0.5).max(axis=1) > 0.42)
    middle = int(np.linalg.norm(at - 0.5, axis=1).argmin())
    units = int(rng.integers(10, 22))
    section = rng.integers(network.sections, size=units)
    head_start_s = float(rng.uniform(40, 160))
    return SealingProblem(
        network=network,
        vehicle=Vehicle(speed_factor=float(rng.uniform(1.0, 1.5))),
        sources=(Source(name="seen", time_s=head_start_s, junction=middle),),
        exits=tuple(
            Exit(name=f"rim {j}", kind=SiteKind.JUNCTION, index=int(j)) for j in rim if j != middle
        ),
        sites=all_sections(network, setup_s=0.0),
        units=tuple(
            Unit(
                id=f"u{n}", side="s", agency="police", lon=9.0, lat=47.0,
                ready_s=float(rng.uniform(0, 50)), speed_factor=float(rng.uniform(0.7, 1.6)),
            )
            for n in range(units)
        ),
        unit_places=tuple((int(s), float(rng.uniform(0.2, 0.8))) for s in section),
        rules=Rules(margin_s=0.0, objective=("units",), time_limit_s=60.0),
    )  # fmt: skip


def agrees(seed: int) -> str:
    """Decide, hold it against the program, and say the verdict."""
    problem = planar_problem(seed)
    session = prepare(problem)
    sealer = Sealer(session.chase, session.sides, problem.sites.need, time.perf_counter() + 120.0)
    found, goal = best_plan(sealer, problem.rules)
    oracle = RouteProgram(problem)
    truth = oracle.fewest_units(problem.rules.margin_s)
    assert found.proven, seed
    if truth is None:
        assert not found.sealed, seed
        sealer.until = time.perf_counter() + 120.0  # the program's time is not the planner's
        shown = found.certificate is not None or prove(sealer, problem, found, goal).steps
        assert shown, seed  # to others
        return "impossible"
    assert found.sealed, seed
    assert (found.cost, found.bound) == (truth, truth), seed
    number = {unit.id: n for n, unit in enumerate(problem.units)}
    assert found.answers is not None
    assert found.question is not None
    seals = [
        Seal(int(found.question.site[option]), tuple(number[one.unit] for one in holders))
        for options, commitment in found.answers.commitments.values()
        for option, holders in zip(options.tolist(), commitment.holders, strict=True)
    ]
    assert oracle.escape(oracle.shut(seals, 0.0)) is None, seed
    return f"sealed {min(truth, 3)}"


@pytest.fixture(autouse=True)
def _by_computing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits count seconds of computing, so that a busy machine changes no verdict."""
    monkeypatch.setattr(time, "perf_counter", time.process_time)


def test_planar_networks_agree_with_the_program_of_routes(
    seeds: Callable[[int, int], range],
) -> None:
    found = [agrees(seed) for seed in seeds(0, 6)]
    assert found.count("impossible") >= 1, found
    assert len(found) > found.count("impossible"), found


@pytest.mark.long
@pytest.mark.parametrize("block", range(10))
def test_five_hundred_planar_networks(seeds: Callable[[int, int], range], block: int) -> None:
    found = [agrees(seed) for seed in seeds(100 + 50 * block, 50)]
    assert found.count("sealed 3") >= 3, found  # cuts of three units and more
