"""Smallest problems on which a bound that charges each direction of a section is wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stopline.forces.unit import Unit
from stopline.network.builder import RawRoads, build_network
from stopline.network.drive_graph import Vehicle
from stopline.network.geodesy import along
from stopline.network.road_network import ROAD_CLASSES, RoadNetwork
from stopline.sealing.checker.check import check_plan
from stopline.sealing.plan import SiteKind
from stopline.sealing.plan_file.writing import form_of
from stopline.sealing.planner import make_plan
from stopline.sealing.problem import Exit, Rules, SealingProblem, SiteList, Source
from stopline.sealing.search.objectives import first_goal
from stopline.sealing.search.price_search import PriceSearch
from stopline.sealing.search.sealer import Sealer
from stopline.sealing.session import prepare


def roads(
    ends: list[tuple[int, int]], bans: list[tuple[int, int, int]] | None = None
) -> RoadNetwork:
    count = 1 + max(max(pair) for pair in ends)
    turned = bans or []
    return build_network(
        RawRoads(
            junction_lon=9.5 + 0.01 * np.arange(count),
            junction_lat=47.0 + 0.002 * (np.arange(count) % 2),
            section_tail=[a for a, _ in ends],
            section_head=[b for _, b in ends],
            section_length_m=[1000.0] * len(ends),
            section_speed_mps=[10.0] * len(ends),
            section_class=[ROAD_CLASSES.index("primary")] * len(ends),
            turn_from=[a for a, _, _ in turned],
            turn_via=[b for _, b, _ in turned],
            turn_to=[c for _, _, c in turned],
            source="a smallest instance",
        ),
        reorder=False,
    )


def problem(
    network: RoadNetwork, site: int, sources: list[int], exits: list[int], *, bans: bool = False
) -> SealingProblem:
    """One unit, on the one section that may be closed."""
    lon, lat = along(network, site, 0.5)
    return SealingProblem(
        network=network,
        vehicle=Vehicle(obeys_turn_bans=bans),
        sources=tuple(Source(name=f"seen at {v}", time_s=0.0, junction=v) for v in sources),
        exits=tuple(Exit(name=f"out {s}", kind=SiteKind.SECTION, index=s) for s in exits),
        sites=SiteList(
            is_junction=np.array([False]),
            index=np.array([site], dtype=np.int32),
            need=np.ones(1, dtype=np.int32),
            setup_s=np.zeros(1),
            disturbance=np.ones(1),
            names={},
        ),
        units=(Unit(id="u", side="s", agency="police", lon=lon, lat=lat),),
        unit_places=((site, 0.5),),
        rules=Rules(margin_s=0.0, objective=("units",)),
    )


def d1() -> SealingProblem:
    """The exit is a section that can be entered from both of its ends, joined by a road."""
    return problem(roads([(0, 1), (0, 1)]), site=1, sources=[0], exits=[1])


def d2() -> SealingProblem:
    """Both directions of a section are driven past it, by different turns."""
    # A-v 0, B-w 1, s 2, and an exit at v (3, not from A) and at w (4, not from B).
    network = roads([(0, 1), (3, 2), (1, 2), (1, 4), (2, 5)], [(0, 1, 3), (1, 2, 4)])
    return problem(network, site=2, sources=[0, 3], exits=[3, 4], bans=True)


@pytest.mark.parametrize("make", [d1, d2])
def test_one_unit_on_a_section_stops_both_directions(make: object) -> None:
    assert callable(make)
    asked = make()
    plan = make_plan(asked)
    assert plan.verdict == "sealed", plan.sentence
    assert plan.units_used == 1
    assert check_plan(form_of(plan, asked), asked.network).ok
    session = prepare(asked)
    sealer = Sealer(session.chase, session.sides, asked.sites.need)
    times = sealer.times()
    assert times is not None
    search = PriceSearch(sealer, times, first_goal(asked.rules))
    assert search.prove(math.inf, math.inf) <= 1.0 + 1e-6 or session.chase.split


def test_without_the_unit_both_leak() -> None:
    for make in (d1, d2):
        asked = make()
        alone = SealingProblem(
            **{
                name: getattr(asked, name)
                for name in asked.__dataclass_fields__
                if name not in {"units", "unit_places"}
            },
            units=(),
        )
        assert make_plan(alone).verdict == "impossible"
