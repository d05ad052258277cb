"""The GeoJSON of a plan is valid, finite and complete."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from shapely.geometry import shape

from stopline.sealing.plan import Verdict
from stopline.sealing.plan_reach import plan_reach
from stopline.standards.geojson import plan_geojson, route_points
from stopline.testing.toy_plan import toy_network, toy_plan, toy_problem, toy_route

PROBLEM = toy_problem()


def features(made: dict[str, Any], layer: str) -> list[dict[str, Any]]:
    return [one for one in made["features"] if one["properties"]["layer"] == layer]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_it_is_valid_geojson(verdict: Verdict) -> None:
    plan = toy_plan(PROBLEM, verdict)
    made = plan_geojson(plan, PROBLEM, arrival_s=plan_reach(PROBLEM, plan))
    again = json.loads(json.dumps(made, allow_nan=False))
    assert again["type"] == "FeatureCollection"
    assert again["attribution"] == PROBLEM.network.attribution
    for one in again["features"]:
        assert set(one) == {"type", "geometry", "properties"}
        assert one["geometry"]["type"] in ("Point", "LineString")
        form = shape(one["geometry"])
        assert not form.is_empty
        west, south, east, north = form.bounds
        assert 9.4 < west <= east < 9.7
        assert 47.0 < south <= north < 47.3
    assert features(again, "front")


def test_every_part_of_the_plan_is_there() -> None:
    plan = toy_plan(PROBLEM, Verdict.IMPOSSIBLE)
    made = plan_geojson(plan, PROBLEM)
    seals = features(made, "seal")
    assert [one["properties"]["number"] for one in seals] == list(range(1, 7))
    assert seals[0]["properties"]["order_by"] == "2026-06-12T19:32:30+00:00"
    assert seals[0]["properties"]["margin_s"] == 120.0
    assert seals[1]["properties"]["arrival"] is None
    assert seals[0]["properties"]["marker-color"] != seals[1]["properties"]["marker-color"]
    assert len(features(made, "sealed road")) == 6
    assert len(features(made, "unit")) == 6
    assert len(features(made, "source")) == 1
    assert len(features(made, "open route")) == 1
    assert len(features(made, "proof route")) == 2
    assert len(features(made, "witness")) == 1
    exits = {one["properties"]["name"]: one["properties"]["open"] for one in features(made, "exit")}
    assert exits == {"North gate": True, "South gate": False}


def test_a_route_is_one_unbroken_line_in_the_direction_of_travel() -> None:
    network = PROBLEM.network
    route = toy_route(network)
    line = route_points(network, route)
    expected = np.column_stack((network.junction_lon, network.junction_lat))[list(route.junctions)]
    assert np.allclose(line, expected)


def test_without_coordinates_there_is_no_geometry() -> None:
    nowhere = np.full(toy_network().junctions, np.nan)
    network = replace(toy_network(), junction_lon=nowhere, junction_lat=nowhere)
    problem = replace(PROBLEM, network=network)
    made = plan_geojson(toy_plan(problem, Verdict.LEAKING), problem)
    json.dumps(made, allow_nan=False)
    assert all(one["geometry"] is None for one in features(made, "seal"))
