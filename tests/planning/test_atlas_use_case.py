"""A readiness atlas from a file: by hour, by place, what helps, stopped and taken up again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from event.cases import STEP, write_event
from stopline.errors import BadInput
from stopline.planning import atlas_tasks
from stopline.planning.atlas import make_region_atlas, posts_of
from stopline.planning.atlas_files import hours_text, summary
from stopline.planning.atlas_input import load_region, origins_of
from stopline.sealing.planner import make_plan
from stopline.sealing.problem import Source

if TYPE_CHECKING:
    from pathlib import Path


def unit(number: int, column: float, row: float, ready_s: float = 0.0) -> dict[str, Any]:
    return {
        "id": f"U{number}", "side": "A", "agency": "police", "lon": 9 + column * STEP,
        "lat": 47 + row * STEP * 0.7, "ready_s": ready_s, "speed_factor": 1.2,
    }  # fmt: skip


def region(folder: Path) -> Path:
    """The town with three ways out at its corners, six units near them, two on a late shift."""
    units = [
        unit(i, *spot) for i, spot in enumerate([(1, 0), (0, 1), (5, 0), (6, 1), (6, 5), (5, 6)])
    ]
    late = {"people": 2, "service": "police", "from": "2026-06-12T19:00:00+02:00",
            "until": "2026-06-12T21:00:00+02:00"}  # fmt: skip
    corners = {"West": (0, 0), "South": (6, 0), "East": (6, 6)}
    exits = [
        {"place": {"name": name, "lon": 9 + column * STEP, "lat": 47 + row * STEP * 0.7,
                   "radius_m": 60}}
        for name, (column, row) in corners.items()
    ]  # fmt: skip
    return write_event(
        folder,
        units=units,
        shifts=[{"unit": "U0", **late}, {"unit": "U1", **late}],
        roster_gaps=True,
        places={"Corner": {"lon": 9 + 1 * STEP, "lat": 47.0}},
        rules={"margin_s": 0, "setup_s": 5},
        vehicle={"speed_factor": 1.0},
        radius_m=None,
        exits=exits,
    )


def test_every_place_agrees_with_a_plan_made_for_it_alone(tmp_path: Path) -> None:
    path = region(tmp_path)
    result = make_region_atlas(path, helps=False, origin_limit_s=30.0)
    late = max(result.sets, key=lambda one: len(one.units))
    problem = atlas_tasks.with_units(load_region(path).problem, late.units)
    states = set()
    for row, junction in enumerate(late.atlas.origins.tolist()):
        alone = replace(problem, sources=(Source(name="x", time_s=0.0, junction=junction),))
        assert late.atlas.state(row) == {
            "sealed": "sealed", "impossible": "open", "leaking": "undecided"
        }[make_plan(alone).verdict]  # fmt: skip
        states.add(late.atlas.state(row))
    assert len(states) == 2


def test_each_set_of_forces_is_worked_once_and_more_forces_seal_no_less(tmp_path: Path) -> None:
    result = make_region_atlas(region(tmp_path), helps=False, origin_limit_s=30.0)
    assert [(len(one.units), len(one.hours)) for one in result.sets] == [(4, 1), (6, 1)]
    few, many = (one.atlas for one in result.sets)
    assert (few.low_s >= many.low_s - 0.02).all()
    assert many.sealed.sum() >= few.sealed.sum()


def test_it_goes_on_from_its_answers_and_does_not_mind_a_line_cut_off(tmp_path: Path) -> None:
    path, out = region(tmp_path), tmp_path / "out"
    first = make_region_atlas(path, out, helps=False, pictures=False, time_limit_s=0.0)
    assert sum(int(one.atlas.undecided.sum()) for one in first.sets) > 0
    second = make_region_atlas(path, out, helps=False, pictures=False, origin_limit_s=30.0)
    books = sorted((out / "atlas-work").glob("*.jsonl"))
    lines = [book.read_text().splitlines() for book in books]
    asked = sum(len({json.loads(line)["junction"] for line in book}) for book in lines)
    assert asked == sum(one.atlas.asked for one in second.sets) > 0
    with books[0].open("a") as file:
        file.write('{"junction": 3, "impos')
    third = make_region_atlas(path, out, helps=False, pictures=False, time_limit_s=0.0)
    for one, again in zip(second.sets, third.sets, strict=True):
        np.testing.assert_array_equal(one.atlas.high_s, again.atlas.high_s)
        np.testing.assert_array_equal(one.atlas.low_s, again.atlas.low_s)


def test_processes_give_the_same_verdicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = region(tmp_path)
    alone = make_region_atlas(path, helps=False, origin_limit_s=30.0)

    def in_turn(tasks: Any, *, jobs: int, cluster: str | None, on_done: Any) -> None:
        assert jobs == 2
        assert cluster is None
        for number, task in enumerate(tasks):
            on_done(number, atlas_tasks.run(task))

    monkeypatch.setattr("stopline.planning.atlas.do_all", in_turn)
    shared = make_region_atlas(path, helps=False, origin_limit_s=30.0, jobs=2)
    for one, other in zip(alone.sets, shared.sets, strict=True):
        np.testing.assert_array_equal(one.atlas.sealed, other.atlas.sealed)
        np.testing.assert_array_equal(one.atlas.open, other.atlas.open)


def test_all_outputs_tell_the_same(tmp_path: Path) -> None:
    path = region(tmp_path)
    result = make_region_atlas(path, tmp_path / "out", origin_limit_s=5.0)
    names = {one.name for one in result.files}
    assert names == {"atlas.json", "atlas.geojson", "atlas.tsv", "atlas.png", "atlas.svg"}
    told = json.loads((tmp_path / "out" / "atlas.json").read_text())
    for one, made in zip(told["sets"], result.sets, strict=True):
        assert one["sealed"] + one["open"] + one["undecided"] == one["origins"]
        assert one["sealed"] == made.atlas.sealed.sum()
    points = json.loads((tmp_path / "out" / "atlas.geojson").read_text())["features"]
    assert len(points) == told["sets"][0]["origins"]
    assert {place["name"] for place in told["places"]} == {"Market", "Corner"}
    assert len((tmp_path / "out" / "atlas.tsv").read_text().splitlines()) == 1 + 2 * 2
    helps = told["what_helps"]
    assert len(helps["candidates"]) == len(posts_of(atlas_tasks.with_units(
        result.region.problem, result.sets[0].units)))  # fmt: skip
    bounds = [one["open_at_least"] for one in helps["candidates"]]
    assert bounds == sorted(bounds)
    assert len(helps["worked_out"]) == min(5, len(bounds))
    weakest = min(one["sealed"] for one in told["sets"])
    assert all(one["sealed_at_least"] >= weakest for one in helps["worked_out"])
    assert any("greedy and not optimal" in line for line in summary(result)) == bool(
        helps["greedy_sequence"]
    )


def test_an_earlier_alarm_is_a_shorter_lead(tmp_path: Path) -> None:
    result = make_region_atlas(region(tmp_path), helps=False, origin_limit_s=30.0)
    one = result.sets[0]
    sealed = [int(one.atlas.sealed.sum()), *(alarm.sealed for alarm in one.alarms)]
    assert sealed == sorted(sealed)
    left_open = [int(one.atlas.open.sum()), *(alarm.open for alarm in one.alarms)]
    assert left_open == sorted(left_open, reverse=True)


def test_an_event_without_units_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="units"):
        make_region_atlas(write_event(tmp_path))


def test_origins_lie_within_the_exits(tmp_path: Path) -> None:
    loaded = load_region(region(tmp_path))
    origins = origins_of(loaded.problem)
    network = loaded.problem.network
    away = np.hypot(network.junction_lon[origins] - 9, network.junction_lat[origins] - 47)
    assert away.min() > STEP / 2  # the corners themselves are out
    assert origins.size == 46


@pytest.mark.long
def test_a_dask_cluster_and_processes_give_what_one_process_gives(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    path = region(tmp_path)
    alone = make_region_atlas(path, helps=False, origin_limit_s=30.0)
    pooled = make_region_atlas(path, helps=False, origin_limit_s=30.0, jobs=2)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        there = make_region_atlas(path, helps=False, origin_limit_s=30.0, cluster=address)
    for one, two, three in zip(alone.sets, pooled.sets, there.sets, strict=True):
        np.testing.assert_array_equal(one.atlas.sealed, two.atlas.sealed)
        np.testing.assert_array_equal(one.atlas.open, two.atlas.open)
        np.testing.assert_array_equal(one.atlas.sealed, three.atlas.sealed)
        np.testing.assert_array_equal(one.atlas.open, three.atlas.open)


def test_hours_that_follow_on_each_other_are_told_as_one() -> None:
    begin = 1_781_280_000.0  # 2026-06-12 16:00 UTC
    hours = [begin + 3600.0 * hour for hour in (0, 1, 2, 5)]
    assert hours_text(hours, ZoneInfo("Europe/Vaduz")) == "18:00 to 21:00, 23:00"
    assert hours_text(hours[:1], UTC) == "16:00"
    assert hours_text([], UTC) == ""
