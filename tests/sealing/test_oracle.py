"""The oracle's search agrees with the literal enumeration of all assignments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealing.instances import random_problem, with_sites, without_units
from sealing.oracle import Oracle
from sealing.oracle_roads import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_UNITS, MOST_SITES = 3, 9


def test_search_finds_what_enumeration_finds(seeds: Callable[[int, int], range]) -> None:
    sealed = impossible = 0
    for seed in seeds(0, 120):
        problem = random_problem(seed)
        problem = without_units(problem, range(MOST_UNITS, len(problem.units)))
        problem = with_sites(problem, range(min(MOST_SITES, problem.sites.count)))
        oracle, margin_s = Oracle(problem), problem.rules.margin_s
        sealing = [
            seals
            for seals in oracle.every_assignment()
            if oracle.escape(oracle.shut(seals, margin_s)) is None
        ]
        fewest = min((sum(len(s.units) for s in seals) for seals in sealing), default=None)
        assert oracle.fewest_units(margin_s) == fewest, seed
        weakest = min(
            (sum(oracle.strength[u] for s in seals for u in s.units) for seals in sealing),
            default=None,
        )
        assert oracle.least_strength(margin_s) == weakest, seed
        closing = min(
            (max(map(oracle.closing_s, seals), default=-NEVER) for seals in sealing),
            default=None,
        )
        assert oracle.earliest_last_closing(margin_s) == closing, seed
        if not sealing:
            impossible += 1
            reached = [oracle.reached(s, margin_s) for s in oracle.every_assignment()]
            weight = [e.weight for e in problem.exits]
            assert oracle.best_cover(margin_s) == max(
                sum(w for e, w in enumerate(weight) if e not in open_) for open_ in reached
            ), seed
            latest = max(min(open_.values()) for open_ in reached)
            assert abs(oracle.best_delay(margin_s) - latest) < 0.3, seed
            assert oracle.largest_margin() == -NEVER
        else:
            sealed += 1
            best = max(oracle.margin_of(seals) for seals in sealing)
            assert abs(oracle.largest_margin() - best) < 0.3, seed
    assert min(sealed, impossible) > 20
