"""The toy network is as its drawing says."""

from __future__ import annotations

import numpy as np
import pytest

from stopline.network.drive_graph import Vehicle, drive_graph
from stopline.network.road_network import Direction, RoadNetwork, SectionFlag
from stopline.testing import toy_network
from stopline.testing.toy_network import junction_named, section_numbered


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return toy_network()


def ends(network: RoadNetwork, number: int) -> tuple[int, int]:
    section = section_numbered(network, number)
    return int(network.section_tail[section]), int(network.section_head[section])


def test_the_two_bridges_cross_the_border(network: RoadNetwork) -> None:
    crossings = network.crossings()

    named = [section for section in crossings if network.name_of(section)]
    assert [network.name_of(section) for section in named] == ["New Bridge", "Old Bridge"]
    assert (network.section_flags[named] & SectionFlag.BRIDGE).all()


def test_the_forest_track_leads_into_the_meadow_between_the_territories_and_crosses(
    network: RoadNetwork,
) -> None:
    meadow = junction_named(network, "M")

    assert network.junction_territory[meadow] == -1
    tracks = {section_numbered(network, number) for number in (44, 45)}
    assert tracks <= set(network.crossings().tolist())
    assert ends(network, 44) == (junction_named(network, "W7"), meadow)
    assert ends(network, 45) == (meadow, junction_named(network, "E5"))


def test_high_street_is_one_way(network: RoadNetwork) -> None:
    street = section_numbered(network, 32)
    assert network.section_direction[street] == Direction.FORWARD

    graph = drive_graph(network, Vehicle(obeys_one_way=True, speed_factor=1.0))
    time_s = {
        bool(graph.forward[arc]): graph.time_s[arc]
        for arc in np.flatnonzero(graph.section == street)
    }
    assert time_s == {True: 50.0, False: np.inf}


def test_there_are_a_loop_a_second_road_and_a_piece_on_its_own(network: RoadNetwork) -> None:
    assert ends(network, 50) == (junction_named(network, "W5"),) * 2
    assert ends(network, 51) == ends(network, 10)
    alone = {junction_named(network, "X1"), junction_named(network, "X2")}
    assert set(ends(network, 60)) == alone
    others = [n for n in network.section_id if n != 60]
    assert not any(alone & set(ends(network, int(n))) for n in others)


def test_the_turn_from_church_road_into_the_old_bridge_is_banned(network: RoadNetwork) -> None:
    ban = (int(network.turn_from[0]), int(network.turn_via[0]), int(network.turn_to[0]))

    assert ban == (
        section_numbered(network, 21),
        junction_named(network, "W4"),
        section_numbered(network, 31),
    )


def test_only_the_old_bridge_bends(network: RoadNetwork) -> None:
    points = [len(network.geometry(section)) for section in range(network.sections)]

    assert points[section_numbered(network, 31)] == 3
    assert sorted(points)[:-1] == [2] * (network.sections - 1)


def test_lengths_are_not_shorter_than_the_straight_line(network: RoadNetwork) -> None:
    for section in range(network.sections):
        line = network.geometry(section)
        step = np.diff(line, axis=0) * 111_320 * [np.cos(np.radians(47.1)), 1]
        assert np.hypot(*step.T).sum() <= network.section_length_m[section] * 1.01
