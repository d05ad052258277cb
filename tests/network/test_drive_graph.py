"""What a vehicle may drive: one-way signs bind those who obey them, each in its own direction."""

from __future__ import annotations

import numpy as np
import pytest

from stopline.network.builder import RawRoads, build_network
from stopline.network.drive_graph import Vehicle, drive_graph
from stopline.network.road_network import ROAD_CLASSES, Direction

SIGNS = [Direction.BOTH, Direction.FORWARD, Direction.BACKWARD]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("obeys", [True, False])
def test_a_one_way_road_is_driven_from_its_tail_to_its_head(
    sign: Direction,
    obeys: bool,  # noqa: FBT001
) -> None:
    roads = build_network(
        RawRoads(
            junction_lon=[9.5, 9.6],
            junction_lat=[47.0, 47.0],
            junction_id=[1, 2],
            section_tail=[0],
            section_head=[1],
            section_id=[7],
            section_length_m=[7600.0],
            section_speed_mps=[20.0],
            section_class=[ROAD_CLASSES.index("primary")],
            section_direction=[sign],
            source="two junctions",
        ),
        reorder=False,
    )
    graph = drive_graph(roads, Vehicle(speed_factor=1.0, obeys_one_way=obeys))
    driven = {
        (int(graph.tail[arc]), int(graph.head[arc])) for arc in np.flatnonzero(graph.time_s < 1e9)
    }
    there, back = (0, 1), (1, 0)
    wanted = {
        Direction.BOTH: {there, back},
        Direction.FORWARD: {there},
        Direction.BACKWARD: {back},
    }
    assert driven == (wanted[sign] if obeys else {there, back})
