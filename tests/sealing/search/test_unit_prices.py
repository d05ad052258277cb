"""Bounds by unit prices hold on instances made to break them, and on random ones."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sealing.price_instances import COUNTEREXAMPLES, Instance, layered
from stopline.sealing.search.deadlines import unhindered
from stopline.sealing.search.priced_graph import SCALE, PricedGraph
from stopline.sealing.search.surely_reached import SureReach
from stopline.sealing.search.time_graph import time_graph
from stopline.sealing.search.unit_prices import least_prices

ROUNDING = 1e-6


def bounds(instance: Instance, extra: np.random.Generator | None = None) -> list[float]:
    """Bounds by every kind of copies, and by random prices and shares."""
    pursuit = instance.pursuit()
    times = instance.times(pursuit)
    free_s = unhindered(pursuit).at_s
    cost = np.ones(times.units, dtype=np.int64)
    found = []
    for rounds in (0, 3):
        reach = SureReach(pursuit, times, 0.0)
        for _ in range(rounds):
            reach.improve(math.inf)
        layers = [[], [free_s]]
        if extra is not None:
            later = np.where(np.isfinite(free_s), free_s + extra.integers(0, 4, free_s.shape), 0.0)
            layers.append([free_s, later])
        for copies in layers:
            graph = time_graph(pursuit, copies, reach.at_s)
            if graph is None:
                found.append(math.inf)
                continue
            priced = PricedGraph(graph, times, 0.0, cost)
            prices = least_prices(priced)
            assert prices is not None
            found.append(prices.bound)
            overload = least_prices(priced, cost=np.zeros_like(cost))
            assert overload is not None
            found.append(math.inf if overload.bound > 1 + ROUNDING else 0.0)
            if extra is not None:
                price = extra.integers(0, 3 * SCALE, times.units)
                carried = extra.integers(0, 2 * SCALE, graph.tail.shape[0])
                cut = priced.cut(price, carried, cost)
                assert cut is not None
                found.append(cut.bound / SCALE)
    return found


@pytest.mark.parametrize("name", COUNTEREXAMPLES)
def test_smallest_instances_on_which_a_careless_bound_is_wrong(name: str) -> None:
    instance, truth = COUNTEREXAMPLES[name]
    assert instance.fewest() == truth
    assert (
        max(math.ceil(bound - ROUNDING) if bound < 1e9 else math.inf for bound in bounds(instance))
        <= truth
    )


def test_no_bound_is_above_the_truth_on_lanes() -> None:
    above_plain = sealed = 0
    for seed in range(60):
        rng = np.random.default_rng([seed, 19])
        instance = layered(rng)
        truth = instance.fewest()
        found = bounds(instance, rng)
        best = max(found)
        assert best == math.inf or math.ceil(best - ROUNDING) <= truth, (seed, found, truth)
        assert best < math.inf or truth == math.inf, (seed, found, truth)
        sealed += truth < math.inf
        above_plain += best > found[0] + 0.1
    assert sealed > 10
    assert above_plain > 4  # else the instances would try nothing
