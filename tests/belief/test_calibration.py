"""The belief that is told leaves room for drivers that are not of the model, where they can be."""

from __future__ import annotations

import numpy as np
import pytest

from belief.cases import START_S, busy_section, hit, network, world
from stopline.belief.answers import by_section, region
from stopline.belief.calibration import DOUBT, calibrated
from stopline.belief.motion_kernel import OUT
from stopline.belief.particle import ParticleFilter
from stopline.belief.tracker import Track, track
from stopline.network.drive_graph import Vehicle
from stopline.network.search import ArrivalSearch

WORST = Vehicle(speed_factor=1.5)


def followed(seconds: float, *again: tuple[int, float]) -> Track:
    motion = world(2)
    seen = [hit(section, START_S + at_s, name=f"hit {at_s}") for section, at_s in again]
    start = hit(busy_section(motion, 2), confidence=1.0)
    return track(
        ParticleFilter(motion, count=5000, seed=5), [start, *seen], until_s=START_S + seconds,
        known_s=START_S + 1000,
    )  # fmt: skip


def arrival_s(found: Track) -> np.ndarray:
    """When a drive at 1.5 times the limit, any way round, can be at each junction."""
    roads = network(2)
    time_s = roads.section_length_m / roads.section_speed_mps / 1.5
    search = ArrivalSearch(roads.first_out, roads.arc_head, time_s[roads.arc_section])
    ends = np.concatenate((roads.section_tail[found.seen_on], roads.section_head[found.seen_on]))
    return found.seen_s + search.run(ends, np.zeros(ends.size)).arrival_s


def reached_m(found: Track) -> np.ndarray:
    """Metres of road that such a drive can have begun."""
    roads, at_s = network(2), arrival_s(found)
    first_s = np.minimum(at_s[roads.section_tail], at_s[roads.section_head])
    return np.where(first_s <= found.belief.time_s, roads.section_length_m, 0.0)


def reached_exits(found: Track) -> int:
    """How many of the three exits it can be at."""
    at_s = arrival_s(found)
    nodes = [one.nodes[0] for one in found.belief.motion.destinations if one.is_exit]
    return int((at_s[nodes] <= found.belief.time_s).sum())


@pytest.mark.parametrize("seconds", [0.0, 20.0, 60.0])
def test_a_tempered_belief_is_mixed_with_what_the_worst_case_can_have_reached(
    seconds: float,
) -> None:
    found = followed(seconds)
    own, out = by_section(found.belief), found.belief.out().sum()
    told = calibrated(found, WORST, sharpness=1.5, doubt=0.2)
    sharp, metres, exits = own**1.5, reached_m(found), 0.02 * reached_exits(found)
    anywhere = metres / metres.sum() / (1 + exits)
    assert np.allclose(told.sections, 0.8 * own.sum() * sharp / sharp.sum() + 0.2 * anywhere)
    assert told.out == pytest.approx(0.8 * out + 0.2 * exits / (1 + exits))
    assert told.sections.sum() + told.out == pytest.approx(1.0)


def test_whoever_asks_for_neither_is_told_the_filter() -> None:
    found = followed(40.0)
    told = calibrated(found, WORST, sharpness=1.0, doubt=0.0)
    assert np.allclose(told.sections, by_section(found.belief))
    assert told.out == pytest.approx(found.belief.out().sum())


def test_a_road_that_no_sample_is_on_is_possible_and_one_out_of_reach_is_not() -> None:
    found = followed(4.0)
    own, told = by_section(found.belief), calibrated(found, WORST).sections
    metres = reached_m(found)
    assert ((own == 0) & (metres > 0)).any()
    assert (told[metres > 0] > 0).all()
    assert ((metres == 0) & (own == 0)).any()
    assert (told[(metres == 0) & (own == 0)] == 0).all()


def test_what_can_be_reached_counts_from_the_last_time_it_was_seen() -> None:
    first = followed(40.0)
    busiest = int(np.argsort(-by_section(first.belief))[0])
    again = followed(40.0, (busiest, 40.0))
    assert (first.seen_s, again.seen_s) == (START_S, START_S + 40)
    assert busiest in again.seen_on
    first_told, again_told = (calibrated(one, WORST).sections for one in (first, again))
    assert (again_told > 0).sum() < (first_told > 0).sum()


def test_a_vehicle_that_the_filter_has_outside_may_be_inside_by_as_much_as_is_doubted() -> None:
    found = followed(20.0)
    found.belief.state[:] = OUT  # type: ignore[attr-defined]
    told = calibrated(found, WORST)
    assert told.out >= 1 - DOUBT
    assert told.sections.sum() == pytest.approx(1 - told.out)


def test_a_region_is_as_near_to_its_share_as_whole_places_come() -> None:
    assert region(np.array([0.1, 0.6, 0.3]), 0.5).tolist() == [1]
    assert region(np.array([0.45, 0.4, 0.15]), 0.5).tolist() == [0]
    assert region(np.array([0.3, 0.4, 0.3]), 0.5).tolist() == [1]
    assert region(np.array([0.2, 0.5, 0.3]), 0.9).tolist() == [1, 2, 0]
    assert region(np.array([0.9, 0.1]), 0.5).tolist() == [0]
    assert region(np.zeros(3), 0.5).tolist() == []
