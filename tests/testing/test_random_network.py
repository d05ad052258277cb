"""Random networks hold what RoadNetwork promises, and do contain the odd shapes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given

from stopline.network.road_network import Direction, RoadNetwork
from stopline.testing import random_network
from stopline.testing.strategies import road_networks


@given(network=road_networks())
def test_each_section_has_its_two_arcs_sorted_by_tail(network: RoadNetwork) -> None:
    assert network.arcs == 2 * network.sections
    assert (np.diff(network.arc_tail) >= 0).all()
    for junction in range(network.junctions):
        leaving = slice(network.first_out[junction], network.first_out[junction + 1])
        assert (network.arc_tail[leaving] == junction).all()
    forward = network.arc_forward
    for arcs, begin, end in (
        (forward, network.section_tail, network.section_head),
        (~forward, network.section_head, network.section_tail),
    ):
        section = network.arc_section[arcs]
        assert sorted(section) == list(range(network.sections))
        assert (network.arc_tail[arcs] == begin[section]).all()
        assert (network.arc_head[arcs] == end[section]).all()


@given(network=road_networks())
def test_lengths_and_speeds_are_positive_and_territories_exist(network: RoadNetwork) -> None:
    assert (network.section_length_m > 0).all()
    assert (network.section_speed_mps > 0).all()
    assert (network.junction_territory < len(network.territories)).all()
    assert (network.junction_territory >= -1).all()


@given(network=road_networks(whole_seconds=True))
def test_whole_seconds_are_whole(network: RoadNetwork) -> None:
    time_s = network.section_length_m / network.section_speed_mps

    assert (time_s == np.round(time_s)).all()


def test_the_same_seed_gives_the_same_network() -> None:
    first, second = (random_network(np.random.default_rng(7), 30) for _ in range(2))

    for field in dataclasses.fields(RoadNetwork):
        np.testing.assert_array_equal(getattr(first, field.name), getattr(second, field.name))


def test_a_large_one_contains_every_odd_shape(rng: np.random.Generator) -> None:
    network = random_network(rng, 400, density=0.4, odd=0.3)
    pairs = np.sort(np.column_stack((network.section_tail, network.section_head)), axis=1)
    degree = np.diff(network.first_out)

    assert (pairs[:, 0] == pairs[:, 1]).any(), "a loop"
    assert len(np.unique(pairs, axis=0)) < len(pairs), "two roads between the same junctions"
    assert (degree == 1).any(), "a dead end"
    assert set(network.section_direction.tolist()) == set(Direction) - {Direction.NEITHER}
    assert network.crossings().size


@pytest.mark.parametrize("junctions", [1, 2, 3])
def test_the_smallest_work(junctions: int, rng: np.random.Generator) -> None:
    assert random_network(rng, junctions).junctions == junctions
