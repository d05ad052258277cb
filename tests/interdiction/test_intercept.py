"""Intercept against every plan there is, and what must move in one direction only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interdiction.instances import Instance, all_plans, instance, stops, table
from stopline.errors import BadInput
from stopline.interdiction.greedy import greedy, greedy_start
from stopline.interdiction.incidence import Meetings, incidence, thinned
from stopline.interdiction.intercept import _Program, _rounded, _step, best_plan, intercept
from stopline.interdiction.interception import interception
from stopline.interdiction.means import Means

NEAR = 1e-7
SEEDS = range(60)


def best(made: Instance) -> float:
    return float((table(made) * made.routes.weight).sum(axis=1).max())


@pytest.mark.parametrize("strong", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_is_the_best_of_all_plans(seed: int, *, strong: bool) -> None:
    made = instance(seed, units=3, sites=4, strong=strong)
    found = intercept(made.routes, made.means)
    assert found.value == pytest.approx(best(made), abs=NEAR)
    assert found.proven
    assert found.guarantee == 1.0
    again = stops(made.routes, made.means, tuple(found.site_of))
    assert np.array_equal(again, found.stopped)
    assert found.value == pytest.approx(float(made.routes.weight[again].sum()))


def test_the_instances_have_something_to_decide() -> None:
    values = [best(instance(seed, units=3, sites=4)) for seed in SEEDS]
    assert sum(0.05 < value < 0.95 for value in values) > len(SEEDS) / 3


@given(seed=st.integers(100, 10_000))
def test_stops_a_route_as_the_definition_says(seed: int) -> None:
    made = instance(seed, strong=True)
    met = Meetings.of(made.routes, made.means)
    plans = all_plans(made.means)
    for plan in plans[:: max(1, len(plans) // 7)]:
        shut_s = made.means.shut_s(np.array(plan, dtype=np.int32))
        assert np.array_equal(met.stopped(shut_s), stops(made.routes, made.means, plan))


@pytest.mark.parametrize("strong", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_greedy_keeps_its_guarantee_and_its_bound(seed: int, *, strong: bool) -> None:
    made = instance(seed, units=3, sites=4, strong=strong)
    found, most = greedy(made.routes, made.means, exchanges=False), best(made)
    assert found.value >= found.guarantee * most - NEAR
    assert found.bound >= most - NEAR
    assert greedy(made.routes, made.means, exchanges=True).value >= found.value - NEAR


def test_no_guarantee_where_a_site_needs_several_units() -> None:
    found = [greedy(made.routes, made.means) for made in map(strong_instance, SEEDS)]
    assert any(one.guarantee == 0.0 for one in found)


def strong_instance(seed: int) -> Instance:
    return instance(seed, units=3, sites=4, strong=True)


@given(seed=st.integers(100, 10_000), margin_s=st.integers(1, 6))
def test_more_margin_never_helps_and_more_units_never_hurt(seed: int, margin_s: int) -> None:
    made = instance(seed, units=3, sites=4, strong=True)
    value = intercept(made.routes, made.means).value
    careful = replace(made.means, margin_s=made.means.margin_s + margin_s)
    assert intercept(made.routes, careful).value <= value + NEAR
    fewer = replace(made.means, ready_s=made.means.ready_s[:-1], strength=made.means.strength[:-1])
    assert intercept(made.routes, fewer).value <= value + NEAR


def test_without_time_the_bound_still_holds() -> None:
    for seed in SEEDS:
        made = instance(seed, units=3, sites=4)
        found = intercept(made.routes, made.means, time_limit_s=0.0)
        assert found.value - NEAR <= best(made) <= found.bound + NEAR


def test_without_units_nothing_is_stopped() -> None:
    made = instance(1)
    none = replace(made.means, ready_s=made.means.ready_s[:0], strength=made.means.strength[:0])
    assert intercept(made.routes, none).value == 0.0


def test_says_all_that_is_wrong_with_the_means() -> None:
    means = instance(1).means
    with pytest.raises(BadInput) as caught:
        replace(means, need=means.need * 0, margin_s=-1.0, arc_site=means.arc_site + 99)
    text = str(caught.value)
    assert "means.need: found 0; expected 1 or more" in text
    assert "means.margin_s" in text
    assert "means.arc_site" in text
    with pytest.raises(BadInput, match="not a number"):
        replace(means, ready_s=means.ready_s * np.nan)


def test_what_is_left_out_by_the_bound_is_never_needed() -> None:
    """Larger instances against the whole program; some are settled in parts, some need more."""
    decided = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        count, sites, units = 40, 12, 4
        meets = rng.integers(2, 7, count)
        site = np.concatenate([rng.choice(sites, k, replace=False) for k in meets])
        first = np.concatenate(([0], np.cumsum(meets)))
        met = Meetings(first, site.astype(np.int32), rng.integers(0, 20, site.size).astype(float))
        weight = rng.random(count) if seed % 2 else np.full(count, 1.0)
        weight /= weight.sum()
        ready_s = rng.integers(0, 40, (units, sites)).astype(float)
        means = Means(
            ready_s=ready_s,
            strength=np.ones(units, dtype=np.int32),
            need=np.ones(sites, dtype=np.int32),
            arc_site=np.full(1, -1, dtype=np.int32),
            head_site=np.full(1, -1, dtype=np.int32),
            margin_s=0.0,
        )
        whole = thinned(incidence(met, weight, means))
        start = greedy_start(whole)
        held, bound = _Program(whole).solve(start, 30.0, 0.0)
        plain = interception(held, whole, met, weight, means, bound=bound)
        found = best_plan(met, weight, means, time_limit_s=60.0)
        assert found.proven, seed
        assert found.value == pytest.approx(plain.value, abs=NEAR), seed
        decided += start.bound > start.value + NEAR
    assert decided > 8


def test_weights_of_routes_sampled_alike_round_the_bound() -> None:
    assert _step(np.array([0.002, 0.001, 0.005])) == pytest.approx(0.001)
    assert _step(np.array([0.002, 0.003])) == pytest.approx(0.001)
    assert _step(np.array([0.3, 0.1 * np.pi])) == 0.0
    assert _rounded(0.99758, 0.001) == pytest.approx(0.997)
    assert _rounded(0.997, 0.001) == pytest.approx(0.997)
    assert _rounded(0.5, 0.0) == 0.5
