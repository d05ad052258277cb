"""What the method promises of every instance, tried against plain programs and every plan."""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import lil_array

from sealing.instances import random_problem
from sealing.oracle import Oracle
from sealing.price_instances import COUNTEREXAMPLES, INF, Instance, layered
from stopline.sealing.search.cut_graph import SINK, SOURCE, CutGraph, Flow, merge
from stopline.sealing.search.cut_levels import _well_connected
from stopline.sealing.search.cut_options import ask_for_sites
from stopline.sealing.search.deadlines import unhindered
from stopline.sealing.search.goal import nothing, shut_by
from stopline.sealing.search.objectives import first_goal
from stopline.sealing.search.pair_search import PairSearch
from stopline.sealing.search.price_search import PriceSearch
from stopline.sealing.search.priced_graph import PricedGraph
from stopline.sealing.search.pursuit_graph import make_pursuit_graph
from stopline.sealing.search.route_search import CheapestSearch, no_graph
from stopline.sealing.search.sealer import Sealer, whole
from stopline.sealing.search.surely_reached import SureReach
from stopline.sealing.search.time_graph import time_graph
from stopline.sealing.search.unit_prices import least_prices
from stopline.sealing.session import prepare

if TYPE_CHECKING:
    from stopline.sealing.search.time_graph import TimeGraph
    from stopline.sealing.search.unit_times import UnitTimes

NEAR = 2e-3


def whole_program(graph: TimeGraph, times: UnitTimes, *, overload: bool) -> float:
    """The linear program on all copies and all pairs, as the method states it; inf for no end."""
    row = np.where(graph.arc >= 0, times.row[graph.arc], -1)
    pairs = {
        pair: number
        for number, pair in enumerate(
            dict.fromkeys(
                (int(graph.arc[e]), u)
                for e in range(graph.tail.shape[0])
                if row[e] >= 0
                for u in range(times.units)
                if times.ready_s[row[e], u] <= graph.by_s[e] and times.ready_s[row[e], u] < INF
            )
        )
    }
    n, edges = graph.nodes, graph.tail.shape[0]
    extra = n + len(pairs)
    a = lil_array((edges + times.units, extra + 1))
    b = np.zeros(edges + times.units)
    for e in range(edges):
        a[e, int(graph.tail[e])] += 1.0
        a[e, int(graph.head[e])] -= 1.0
        for u in range(times.units):
            place = pairs.get((int(graph.arc[e]), u))
            if place is not None and row[e] >= 0 and times.ready_s[row[e], u] <= graph.by_s[e]:
                a[e, n + place] = -1.0
    for (_, u), place in pairs.items():
        a[edges + u, n + place] = 1.0
    if overload:
        a[edges:, extra] = -1.0
    else:
        b[edges:] = 1.0
    cost = np.zeros(extra + 1)
    cost[extra if overload else slice(n, extra)] = 1.0
    bounds = [(0.0, 1.0)] * n + [(0.0, None)] * (len(pairs) + 1)
    bounds[SOURCE], bounds[SINK] = (1.0, 1.0), (0.0, 0.0)
    found = linprog(cost, A_ub=a.tocsr(), b_ub=b, bounds=bounds, method="highs")
    return float(found.fun) if found.status == 0 else INF


def test_refining_classes_ends_where_the_whole_program_does() -> None:
    compared = overloads = 0
    for seed in range(40):
        instance = layered(np.random.default_rng([seed, 77]))
        pursuit = instance.pursuit()
        times = instance.times(pursuit)
        reach = SureReach(pursuit, times, 0.0)
        for copies in ([], [unhindered(pursuit).at_s]):
            graph = time_graph(pursuit, copies, reach.at_s)
            if graph is None:
                continue
            cost = np.ones(times.units, dtype=np.int64)
            priced = PricedGraph(graph, times, 0.0, cost)
            sigma = whole_program(graph, times, overload=True)
            found = least_prices(priced, cost=np.zeros_like(cost))
            assert found is not None
            if sigma < INF:
                assert found.bound == pytest.approx(sigma, abs=NEAR), seed
                overloads += sigma > 1.0 + NEAR
            least = whole_program(graph, times, overload=False)
            prices = least_prices(priced)
            assert prices is not None
            if least < INF:
                assert prices.bound == pytest.approx(least, abs=NEAR), seed
                compared += 1
    assert compared > 20
    assert overloads > 2


def can_be_kept_away(instance: Instance, node: int, by_s: float) -> bool:
    """Whether some plan keeps the vehicle from a node until after a time."""

    def earliest(shut: dict[int, float]) -> list[tuple[int, float]] | None:
        heap: list[tuple[float, int, int, tuple[tuple[int, float], ...]]] = [
            (t, i, v, ()) for i, (v, t) in enumerate(instance.starts)
        ]
        count, best = len(heap), set[int]()
        heapq.heapify(heap)
        while heap:
            now, _, here, met = heapq.heappop(heap)
            if here in best or now > by_s:
                continue
            if here == node:
                return list(met)
            best.add(here)
            for tail, head, time_s, site in instance.arcs:
                if tail == here and here != instance.out and shut.get(site, INF) > now:
                    count += 1
                    passed = (*met, (site, now)) if site >= 0 else met
                    heapq.heappush(heap, (now + time_s, count, head, passed))
        return None

    def search(shut: dict[int, float], used: frozenset[int]) -> bool:
        way = earliest(shut)
        if way is None:
            return True
        return any(
            search({**shut, site: min(ready[site], shut.get(site, INF))}, used | {unit})
            for site, now in way
            for unit, ready in enumerate(instance.ready)
            if unit not in used and ready[site] <= now and ready[site] < INF
        )

    return search({}, frozenset())


def test_no_plan_keeps_the_vehicle_from_what_it_reaches_for_sure() -> None:
    instances = [one for one, _ in COUNTEREXAMPLES.values()]
    instances += [layered(np.random.default_rng([seed, 5])) for seed in range(70)]
    tried = by_choice = 0
    for instance in instances:
        pursuit = instance.pursuit()
        reach = SureReach(pursuit, instance.times(pursuit), 0.0)
        for _ in range(4):
            if not reach.improve(math.inf):
                break
        by_choice += len(reach.steps)
        for node in np.flatnonzero(np.isfinite(reach.at_s)).tolist():
            tried += 1
            assert not can_be_kept_away(instance, node, float(reach.at_s[node])), (instance, node)
    assert tried > 60
    assert by_choice > 5


@pytest.mark.parametrize("gap", [0, 1, 2])
def test_what_is_merged_is_parted_by_no_cut_within_the_gap(gap: int) -> None:
    merged = 0
    for seed in range(60):
        rng = np.random.default_rng([seed, gap])
        graph = random_cut_graph(rng)
        flow = Flow(graph)
        number = flow.on_some_minimum_cut() if gap == 0 else _well_connected(graph, flow, gap)
        same = [
            (u, v)
            for u in range(graph.nodes)
            for v in range(graph.nodes)
            if u != v and number[u] == number[v] and u != SINK and v != SOURCE
        ]
        for u, v in [same[i] for i in rng.permutation(len(same))[:12]]:
            parted = np.arange(graph.nodes, dtype=np.int32)
            parted[u], parted[v] = SOURCE, SINK
            assert Flow(merge(graph, parted)).value > flow.value + gap, (seed, u, v)
            merged += 1
        # A cheapest cut, and its cost, are still there.
        assert Flow(merge(graph, number)).value == flow.value
    assert merged > 60


def random_cut_graph(rng: np.random.Generator) -> CutGraph:
    """Lanes with rungs: minimum cuts of two to four, many of them."""
    lanes, long = int(rng.integers(2, 5)), int(rng.integers(2, 5))
    nodes = 2 + lanes * long
    ends: list[tuple[int, int]] = []
    for lane in range(lanes):
        row = [2 + lane * long + i for i in range(long)]
        ends += [(SOURCE, row[0]), (row[-1], SINK)]
        for a, b in itertools.pairwise(row):
            ends += [(a, b)] + ([(b, a)] if rng.random() < 0.8 else [])
    for _ in range(int(rng.integers(lanes, 4 * lanes))):
        a, b = (int(x) for x in rng.choice(np.arange(2, nodes), 2, replace=False))
        ends += [(a, b), (b, a)]
    tail, head = (np.array(column, dtype=np.int32) for column in zip(*ends, strict=True))
    return CutGraph(
        nodes=nodes,
        tail=tail,
        head=head,
        capacity=rng.choice([1, 1, 1, 2], tail.shape[0]).astype(np.int32),
        arc=np.arange(tail.shape[0], dtype=np.int32),
        number=np.arange(nodes, dtype=np.int32),
    )


@pytest.mark.parametrize("known", [True, False])
def test_the_loop_of_routes_ends_at_the_truth_and_learns_in_every_round(*, known: bool) -> None:
    """With a column for each unit at each site, and by questions that the sides answer."""
    routes = 0
    for seed in range(300, 340):
        problem = random_problem(seed)
        problem = replace(problem, rules=replace(problem.rules, objective=("units",)))
        session = prepare(problem)
        sealer = Sealer(session.chase, session.sides, problem.sites.need)
        goal, times = first_goal(problem.rules), sealer.times()
        everything = sealer.everything("units")
        if known and times is not None and times.units:
            pairs = PairSearch(sealer, times, goal, everything)
            found = pairs.solve(replace(nothing(()), bound=0.0, proven=False), 0.0)
            drives = pairs.drives
        else:
            none = np.empty(0, dtype=np.int32)
            question = ask_for_sites(none, np.empty(0), sealer.sides, sealer.need, goal.prefer)
            asked = CheapestSearch(sealer, goal, question, no_graph(), everything)
            found = asked.solve(nothing(()), 0.0)
            drives = asked.learnt.drives
        truth = Oracle(problem).fewest_units(problem.rules.margin_s)
        assert found.proven, seed
        assert (int(found.cost) if found.sealed else None) == truth, seed
        if found.sealed and truth is not None:
            assert found.bound == truth
            assert sealer.escape(shut_by(found, sealer.need, goal.margin_s)) is None
        assert len({(drive.start, drive.arcs) for drive in drives}) == len(drives), seed
        routes += len(drives)
    assert routes > 40


def test_roads_that_no_drive_out_needs_change_neither_plan_nor_bound() -> None:
    smaller = compared = 0
    for seed in range(400, 460):
        problem = random_problem(seed)
        problem = replace(problem, rules=replace(problem.rules, objective=("units",)))
        session = prepare(problem)
        if session.chase.split or not problem.units:
            continue
        ends = []
        for everything in (False, True):
            chase = make_pursuit_graph(problem, session.graph, everything=everything)
            sealer = Sealer(chase, session.sides, problem.sites.need)
            goal, times = first_goal(problem.rules), sealer.times()
            assert times is not None
            search = PriceSearch(sealer, times, goal)
            found = sealer.solve(goal)
            arcs = int(np.isfinite(chase.time_s).sum())
            ends.append((whole(search.prove(math.inf, INF)), found.sealed, found.cost, arcs))
        (bound, *plan, few), (bound_of_all, *plan_of_all, many) = ends
        assert (bound, plan) == (bound_of_all, plan_of_all), seed
        smaller += few < many
        compared += 0 < bound < INF
    assert smaller > 10
    assert compared > 3
