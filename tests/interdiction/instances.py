"""Small random instances whose every route and every plan can be listed."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from stopline.belief.routes import Routes
from stopline.interdiction.escape import Escape
from stopline.interdiction.means import Means

NODES = 7


@dataclass(frozen=True)
class Instance:
    """A driver, the means against it, and all its simple routes."""

    escape: Escape
    means: Means
    routes: Routes


def instance(seed: int, *, units: int = 2, sites: int = 5, strong: bool = False) -> Instance:
    """Make one; whole seconds, so that times tie."""
    rng = np.random.default_rng(seed)
    tail, head = np.nonzero(~np.eye(NODES, dtype=bool) & (rng.random((NODES, NODES)) < 0.35))
    # Always a way from the start to the last node.
    tail = np.append(tail, [0, NODES - 2])
    head = np.append(head, [NODES - 2, NODES - 1])
    order = np.argsort(tail, kind="stable")
    tail, head = tail[order].astype(np.int32), head[order].astype(np.int32)
    arcs = tail.shape[0]
    exit_of = np.where(head == NODES - 1, 0, np.where(rng.random(arcs) < 0.1, 1, -1))
    escape = Escape(
        first_out=np.searchsorted(tail, np.arange(NODES + 1)).astype(np.int32),
        head=head,
        time_s=rng.integers(1, 6, arcs).astype(float),
        exit_of=exit_of.astype(np.int32),
        start_node=np.array([0], dtype=np.int32),
        start_s=np.array([float(rng.integers(0, 3 + 9 * (seed % 2)))]),
    )
    arc_site, head_site = np.full((2, arcs), -1, dtype=np.int32)
    on_arcs = sites - 1
    # Half of the instances have a site on every arc: there a driver must take its chance.
    chosen = rng.permutation(arcs)[: arcs if seed % 2 else 2 * on_arcs]
    arc_site[chosen] = np.arange(chosen.size) % on_arcs
    head_site[head == rng.integers(1, NODES)] = sites - 1
    ready_s = rng.integers(0, 12, (units, sites)).astype(float)
    ready_s[rng.random((units, sites)) < 0.15] = np.inf
    means = Means(
        ready_s=ready_s,
        strength=rng.integers(1, 4 if strong else 2, units).astype(np.int32),
        need=rng.integers(1, 4 if strong else 2, sites).astype(np.int32),
        arc_site=arc_site,
        head_site=head_site,
        margin_s=float(rng.integers(0, 3)),
    )
    return Instance(escape, means, all_routes(escape, rng))


def all_routes(escape: Escape, rng: np.random.Generator) -> Routes:
    """Every route without a node twice, with random weights."""
    found: list[list[int]] = []

    def go(node: int, seen: set[int], arcs: list[int]) -> None:
        for arc in range(escape.first_out[node], escape.first_out[node + 1]):
            if escape.exit_of[arc] >= 0:
                found.append([*arcs, arc])
            elif int(escape.head[arc]) not in seen:
                go(int(escape.head[arc]), seen | {int(escape.head[arc])}, [*arcs, arc])

    start = int(escape.start_node[0])
    go(start, {start}, [])
    arcs = [arc for route in found for arc in route]
    ends = [escape.start_s[0] + np.cumsum(escape.time_s[route]) for route in found]
    enter = [np.concatenate(([escape.start_s[0]], end[:-1])) for end in ends]
    weight = rng.random(len(found)) + 0.01
    return Routes(
        first=np.cumsum([0] + [len(route) for route in found]),
        arc=np.array(arcs, dtype=np.int32),
        enter_s=np.concatenate(enter),
        end_s=np.array([end[-1] for end in ends]),
        weight=weight / weight.sum(),
        exit=np.array([escape.exit_of[route[-1]] for route in found], dtype=np.int32),
    )


def stops(routes: Routes, means: Means, site_of: tuple[int, ...]) -> np.ndarray:
    """Which routes a plan stops, word for word as the definition says; bool[r]."""
    shut = {}
    for site in set(site_of) - {-1}:
        moments = sorted({means.ready_s[u, site] for u, at in enumerate(site_of) if at == site})
        for moment in moments:
            there = [
                means.strength[u]
                for u, at in enumerate(site_of)
                if at == site and means.ready_s[u, site] <= moment
            ]
            if sum(there) >= means.need[site]:
                shut[site] = moment + means.margin_s
                break
    out = np.zeros(routes.count, dtype=bool)
    for route in range(routes.count):
        begin, end = routes.first[route], routes.first[route + 1]
        for step in range(begin, end):
            leave = routes.enter_s[step + 1] if step + 1 < end else routes.end_s[route]
            arc = routes.arc[step]
            out[route] |= routes.enter_s[step] >= shut.get(int(means.arc_site[arc]), np.inf)
            out[route] |= leave >= shut.get(int(means.head_site[arc]), np.inf)
    return out


def all_plans(means: Means) -> list[tuple[int, ...]]:
    """Every way to send units to sites."""
    return list(itertools.product(range(-1, means.sites), repeat=means.units))


def table(made: Instance) -> np.ndarray:
    """What each plan stops; bool[plans, routes]."""
    return np.array([stops(made.routes, made.means, plan) for plan in all_plans(made.means)])


def game_value(stopped: np.ndarray) -> float:
    """The value of the game on the whole table."""
    plans, routes = stopped.shape
    cost = np.zeros(plans + 1)
    cost[-1] = -1.0
    rows = np.hstack((-stopped.T.astype(float), np.ones((routes, 1))))
    found = linprog(
        cost,
        A_ub=rows,
        b_ub=np.zeros(routes),
        A_eq=[[1.0] * plans + [0.0]],
        b_eq=[1.0],
        bounds=[(0, 1)] * (plans + 1),
    )
    return -float(found.fun)
