"""What `import stopline as sl` gives, as a researcher uses it."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import stopline as sl
from stopline.sealing.blockade import earliest_blockade
from stopline.testing.toy_network import toy_network

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.problem import SealingProblem


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return toy_network()


def table(network: RoadNetwork, *junctions: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [f"u{number}" for number in junctions],
            "lon": [network.junction_lon[number] for number in junctions],
            "lat": [network.junction_lat[number] for number in junctions],
            "colour": "blue",
        }
    )


def spot(network: RoadNetwork) -> tuple[float, float]:
    """Junction W3, from which roads lead on and none leads out."""
    number = network.junction_id.tolist().index(103)
    return float(network.junction_lon[number]), float(network.junction_lat[number])


def problem(network: RoadNetwork, **more: Any) -> SealingProblem:
    lon, lat = spot(network)
    given: dict[str, Any] = {
        "sources": [sl.Seen(lon=lon, lat=lat)],
        "exits": sl.exits_from(network, "West"),
        "units": sl.units_from_frame(table(network, 1, 5, 7, 8, 10), side="one"),
        "margin_s": 0.0,
        "setup_s": 10.0,
    }
    return sl.SealingProblem(network, **(given | more))


def test_from_a_table_to_a_plan_that_separate_code_confirms(
    network: RoadNetwork, tmp_path: Path
) -> None:
    asked = problem(network)
    plan = sl.plan(asked)
    assert plan.verdict in {"sealed", "impossible"}
    checked = sl.verify(plan)
    assert checked.holds
    assert len(repr(checked)) < 250
    assert checked.escape is None or len(repr(checked.escape)) < 120
    frame = plan.to_geodataframe()
    assert len(frame) == len(plan.seals)
    assert plan.plot(tmp_path / "plan.png").stat().st_size > 10_000
    assert plan.save(tmp_path / "plan.json").exists()
    assert len(repr(plan)) < 80
    assert len(repr(asked)) < 200
    assert repr(network) == f"<network: {network.junctions} junctions, {network.sections} sections>"


def test_every_fault_of_a_problem_is_told_at_once_and_never_sealed(network: RoadNetwork) -> None:
    units = [
        sl.Unit(id="a", side="s", agency="police", lon=0.0, lat=0.0),
        sl.Unit(id="a", side="s", agency="police", lon=9.5, lat=47.1, speed_factor=-1.0),
    ]
    with pytest.raises(sl.BadInput) as told:
        sl.SealingProblem(
            network, sources=[], exits=[], units=units, objective=["beauty"], margin_s=-1.0,
            vehicle=sl.Vehicle(speed_factor=-2.0),
        )  # fmt: skip
    text = str(told.value)
    for word in ("sources", "exits", "another unit has", "km from the nearest road", "speed_factor",
                 "'beauty'", "margin_s", "vehicle.speed_factor"):  # fmt: skip
        assert word in text, word


def test_swapped_coordinates_are_said(network: RoadNetwork) -> None:
    lon, lat = spot(network)
    swapped = sl.Seen(lon=lat, lat=lon)
    with pytest.raises(sl.BadInput, match="look swapped"):
        problem(network, sources=[swapped])


def test_a_vehicle_that_is_at_an_exit_already_is_a_fault(network: RoadNetwork) -> None:
    (bridge, *_) = sl.exits_from(network, "West")
    section = network.geometry(bridge.index).mean(axis=0)
    with pytest.raises(sl.BadInput, match="at an exit"):
        problem(network, sources=[sl.Seen(lon=section[0], lat=section[1])])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"id": "x", "lat": 47.0}, "units: column lon: found the columns id, lat"),
        ({"id": "x", "lon": 9.5, "lat": 47.0, "ready_s": -5}, "ready_s"),
        ({"id": "x", "lon": 9.5, "lat": 47.0, "strength": 1.5}, "strength"),
    ],
)
def test_a_row_that_is_no_unit_is_named(row: dict[str, object], said: str) -> None:
    with pytest.raises(sl.BadInput, match=said):
        sl.units_from_frame([row], side="one")


def test_a_graph_there_and_back_keeps_lengths_speeds_and_ids(network: RoadNetwork) -> None:
    graph = sl.to_networkx(network)
    edge = next(iter(graph.edges(data=True)))[2]
    assert edge["travel_time"] == pytest.approx(edge["length"] / (edge["speed_kph"] / 3.6))
    again = sl.from_networkx(graph)
    assert set(again.section_id) <= set(network.section_id)
    assert again.section_length_m.sum() == pytest.approx(network.section_length_m.sum(), rel=0.25)


def test_a_projected_graph_and_no_graph_are_refused() -> None:
    graph = nx.MultiDiGraph(crs="epsg:32632")
    with pytest.raises(sl.BadInput, match="project it back"):
        sl.from_networkx(graph)
    with pytest.raises(sl.BadInput, match="a networkx graph"):
        sl.from_networkx({"a": "b"})


def test_a_network_is_a_table(network: RoadNetwork) -> None:
    frame = network.to_geodataframe()
    assert len(frame) == network.sections
    assert frame.crs.to_epsg() == 4326


def test_a_belief_is_the_same_for_a_seed_and_its_routes_sum_to_one(network: RoadNetwork) -> None:
    asked = problem(network)
    seen = sl.Witness(
        id="w", source="x", known_s=5.0, lon=spot(network)[0],
        lat=spot(network)[1], radius_m=50.0, from_s=0.0, until_s=0.0,
    )  # fmt: skip
    one, other = (sl.believe(asked, [seen], at_s=60.0, particles=2000) for _ in range(2))
    assert one.sections == pytest.approx(other.sections)
    assert sum(one.destinations.values()) == pytest.approx(1.0)
    assert len(repr(one)) < 160
    assert one.routes(100).weight.sum() == pytest.approx(1.0)
    with pytest.raises(sl.BadInput, match="none of the vehicle itself"):
        sl.believe(asked, [])


def best_by_hand(
    routes: list[dict[str, float]], ready: dict[str, dict[str, float]], weight: list[float]
) -> float:
    choices = [[None, *row] for row in ready.values()]
    best = 0.0
    for chosen in itertools.product(*choices):
        shut: dict[str, float] = {}
        for unit, site in zip(ready, chosen, strict=True):
            if site is not None:
                shut[site] = min(shut.get(site, math.inf), ready[unit][site])
        stopped = [any(shut.get(s, math.inf) <= t for s, t in route.items()) for route in routes]
        best = max(best, sum(w for w, held in zip(weight, stopped, strict=True) if held))
    return best / sum(weight)


def test_what_a_route_has_passed_already_stops_it_nowhere() -> None:
    found = sl.intercept([{"bridge": -1, "tunnel": 5}, {"bridge": -9}], {"car": {"bridge": 0}})
    assert (found.share, found.stopped, found.past) == (0.0, (False, False), 1)
    assert repr(found).endswith("; routes past every site of theirs: 1>")


def test_a_site_that_no_route_meets_is_told() -> None:
    ready = {"car": {"bridge": 10, "brigde": 5, "tunnel": 1}, "bus": {"pass": np.float32("inf")}}
    found = sl.intercept([{"bridge": 20}], ready)
    assert found.sites == {"car": "bridge"}
    assert found.unmet == ("brigde", "tunnel", "pass")
    assert repr(found).endswith("proven; no route meets brigde and 2 more sites>")


@pytest.mark.parametrize("seed", range(20))
def test_interception_of_own_routes_is_the_best_by_hand(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sites = list("abcde")
    routes = [
        {str(s): float(rng.integers(1, 20)) for s in rng.choice(sites, 3, replace=False)}
        for _ in range(6)
    ]
    ready = {
        f"u{unit}": {str(s): float(rng.integers(1, 20)) for s in rng.choice(sites, 3, False)}
        for unit in range(3)
    }
    weight = rng.integers(1, 9, 6).astype(float).tolist()
    found = sl.intercept(routes, ready, weight=weight)
    assert found.proven
    assert found.share == pytest.approx(best_by_hand(routes, ready, weight))


def test_faults_of_routes_and_ready_times_are_told_at_once() -> None:
    with pytest.raises(sl.BadInput) as told:
        sl.intercept([{"a": math.nan}], {"u": {"a": math.nan}}, weight=[1, 2], need={"a": 0})
    assert [
        word in str(told.value) for word in ("routes[0]", "ready_s of u", "weight", "need")
    ] == [True] * 4


@pytest.mark.parametrize("seed", range(40))
def test_the_blockade_is_the_earliest_and_says_why(seed: int) -> None:
    rng = np.random.default_rng(seed)
    units, places = int(rng.integers(1, 6)), int(rng.integers(1, 5))
    ready = rng.integers(1, 30, (units, places)).astype(float)
    ready[rng.random(ready.shape) < 0.3] = np.inf
    found = earliest_blockade(ready)
    orders = itertools.permutations(range(units), places) if units >= places else []
    truth = min(
        (max(ready[unit, place] for place, unit in enumerate(order)) for order in orders),
        default=math.inf,
    )
    assert found.last_closing_s == truth
    before = ready < truth
    able = np.flatnonzero(before[:, list(found.crowded)].any(axis=1))
    assert able.size == found.too_few < len(found.crowded)


def test_a_blockade_of_named_places(network: RoadNetwork) -> None:
    places = sl.exits_from(network, "West")
    units = sl.units_from_frame(table(network, *range(12)), side="one")
    found = sl.blockade(network, places, units)
    assert set(found.units) == {one.name for one in places}
    assert found.last_closing_s == max(found.closed_at_s.values())
    assert re.search(r"(no unit|only \d+ units?) could hold (this|any of these)", found.reason)


def test_separate_code_confirms_a_blockade_and_refuses_one_that_was_changed(
    network: RoadNetwork, tmp_path: Path
) -> None:
    units = sl.units_from_frame(table(network, *range(12)), side="one")
    found = sl.blockade(network, sl.exits_from(network, "West"), units)
    checked = sl.verify(found)
    assert checked.holds, checked.sentence
    content = json.loads(found.save(tmp_path / "blockade.json").read_text("utf-8"))
    assert {one["name"]: one["unit"] for one in content["places"]} == found.units
    first, *rest = found.plan.closed
    sooner = dataclasses.replace(first, closed_s=first.closed_s - 5.0)
    changed = dataclasses.replace(found.plan, closed=(sooner, *rest))
    refused = sl.verify(dataclasses.replace(found, plan=changed))
    assert not refused.holds
    assert f"{first.unit} cannot hold" in refused.sentence
    few = sl.blockade(network, sl.exits_from(network, "West"), units[:1])
    assert few.last_closing_s == math.inf
    assert sl.verify(few).holds, sl.verify(few).sentence
    assert few.reason.startswith("at any time only 1 unit could hold any of these ")


def test_importing_it_loads_nothing_and_every_name_is_there() -> None:
    script = "import sys, stopline; print('numpy' in sys.modules, len(sys.modules) < 120)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[0] == "False"
    for name in sl.__all__:
        assert getattr(sl, name) is not None
    with pytest.raises(AttributeError, match="it has"):
        sl.sael  # noqa: B018


@pytest.mark.parametrize("speed_kph", [45.0, 50.0, 54.7, 110.0])
def test_the_speed_that_osmnx_put_on_an_edge_is_kept(speed_kph: float) -> None:
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for number, lon in ((1, 9.50), (2, 9.51)):
        graph.add_node(number, x=lon, y=47.1)
    for ends in ((1, 2), (2, 1)):
        graph.add_edge(*ends, highway="primary", length=760.0, speed_kph=speed_kph, osmid=7)
    network = sl.from_networkx(graph)
    assert sorted(network.junction_id.tolist()) == [1, 2]
    (edge, _) = [data for *_, data in sl.to_networkx(network).edges(data=True)]
    assert edge["speed_kph"] == pytest.approx(speed_kph, abs=0.1)
    assert edge["length"] == pytest.approx(760.0, rel=0.01)
