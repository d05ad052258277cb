"""Sightings, units and exits where the map has islands and edges; zones; names in lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stopline.errors import BadInput
from stopline.planning.claim import target_of
from stopline.planning.plan import plan_scenario
from stopline.rendering.plan_table import seal_rows
from stopline.scenario.loader import load_scenario
from stopline.scenario.place_text import NamedPlace, place_of, titles_of
from stopline.sealing.checker.check import check_plan_file
from stopline.sealing.plan_file.file import read_plan
from stopline.testing.osm_text import osm_text

if TYPE_CHECKING:
    from pathlib import Path

ROAD = {"highway": "primary"}
PLACES = {
    1: (9.50, 47.1), 2: (9.52, 47.1), 3: (9.54, 47.1), 4: (9.56, 47.1),
    5: (9.50, 47.12), 6: (9.54, 47.08),
    10: (9.5195, 47.1009), 11: (9.5205, 47.1009),  # a yard that no road joins
}  # fmt: skip
WAYS = [
    (1, [1, 2], {**ROAD, "name": "High Street"}),
    (2, [2, 3], {**ROAD, "name": "Middle Road"}),
    (3, [3, 4], {**ROAD, "name": "East Road"}),
    (4, [1, 5], {**ROAD, "name": "North Road"}),
    (5, [3, 6], {**ROAD, "name": "South Road"}),
    (20, [10, 11], {"highway": "service", "name": "Yard"}),
]


def test_a_road_that_passes_through_the_circle_of_a_sighting_counts(tmp_path: Path) -> None:
    sighting = {"name": "seen", "at": "2026-06-12T21:30:00+02:00", "lon": 9.53, "lat": 47.1}
    path = scenario(tmp_path, sightings=[{**sighting, "radius_m": 300}])
    sources = load_scenario(path).problem.sources
    assert [source.junction for source in sources] == [None, None]
    network = load_scenario(path).problem.network
    assert {network.name_of(source.section or 0) for source in sources} == {"Middle Road"}
    across_m = abs(sources[0].fraction - sources[1].fraction) * network.section_length_m[1]
    assert across_m == pytest.approx(600, abs=2)


def scenario(folder: Path, text: str | None = None, **changes: Any) -> Path:
    (folder / "map.osm").write_text(text or osm_text(PLACES, WAYS))
    content: dict[str, Any] = {
        "network": {"path": "map.osm", "territories": {"from": "none", "default": "A"}},
        "sides": {"A": {"territories": ["A"], "agencies": ["police"]}},
        "now": "2026-06-12T21:30:00+02:00",
        "sightings": [
            {"name": "alarm", "at": "2026-06-12T21:30:00+02:00", "lon": 9.51, "lat": 47.1}
        ],
        "exits": [{"name": "east", "sections": [2]}],
        "units": [
            {"id": f"A-{n}", "side": "A", "agency": "police", "lon": lon, "lat": lat}
            for n, (lon, lat) in enumerate(((9.541, 47.1), (9.5, 47.119), (9.54, 47.081)), start=1)
        ],
        "rules": {"margin_s": 5, "setup_s": 5},
    }
    path = folder / "case.yaml"
    path.write_text(yaml.safe_dump({**content, **changes}))
    return path


def doubts(path: Path) -> dict[str, tuple[str, ...]]:
    return {one.kind: one.names for one in load_scenario(path).problem.doubts}


def test_a_sighting_on_an_island_counts_beside_it_too(tmp_path: Path) -> None:
    alarm = {"name": "alarm", "at": "2026-06-12T21:30:00+02:00", "lon": 9.5198, "lat": 47.1009}
    path = scenario(tmp_path, sightings=[alarm])
    problem = load_scenario(path).problem
    assert {one.name for one in problem.sources} == {"alarm"}
    assert len(problem.sources) == 2
    assert doubts(path)["sighting_apart"] == ("alarm, 100 m from High Street",)
    made = plan_scenario(path, tmp_path / "out", pictures=False, choices=False)
    told = read_plan(tmp_path / "out/plan.json").rests_on
    assert told is not None
    assert "sighting_apart" in {one.kind for one in told.findings}
    checked = check_plan_file(tmp_path / "out/plan.json")
    assert checked.ok
    assert any("joins nothing" in note for note in checked.notes)
    assert made.plan.open_exits or made.plan.seals


def test_a_unit_on_an_island_stands_on_the_main_part_nearby(tmp_path: Path) -> None:
    unit = {"id": "A-1", "side": "A", "agency": "police", "lon": 9.5198, "lat": 47.1009}
    path = scenario(tmp_path, units=[unit])
    loaded = load_scenario(path)
    section = loaded.snapped[0].section
    assert loaded.problem.network.name_of(section) == "High Street"
    assert doubts(path)["unit_moved"] == ("A-1, 100 m to High Street",)
    made = plan_scenario(path, tmp_path / "out", pictures=False, choices=False)
    assert check_plan_file(tmp_path / "out/plan.json").ok
    assert made.plan.seals


def test_a_unit_far_from_the_main_part_stays_and_is_told(tmp_path: Path) -> None:
    far = {**PLACES, 10: (9.5195, 47.11), 11: (9.5205, 47.11)}
    unit = {"id": "A-1", "side": "A", "agency": "police", "lon": 9.52, "lat": 47.11}
    path = scenario(tmp_path, osm_text(far, WAYS), units=[unit])
    assert doubts(path)["unit_apart"] == ("A-1",)


def test_an_exit_on_an_island_is_said_and_no_advice_leads_to_an_empty_plan(tmp_path: Path) -> None:
    path = scenario(tmp_path, exits=[{"sections": [5]}])
    with pytest.raises(BadInput) as caught:
        load_scenario(path)
    text = str(caught.value)
    assert re.search(r"Yard is on a part of the map that joins nothing, 1\d\d m from \w+", text)
    assert "the plan would be empty and worth nothing" in text
    allowed = scenario(tmp_path, exits=[{"sections": [5]}], allow_unreachable=True)
    sentence = plan_scenario(allowed, None, choices=False).plan.sentence
    assert sentence.startswith("Sealed, without a single seal: no road of this map leads")


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("sightings", [{"name": "a", "at": "2026-06-12T21:30:00+02:00", "lon": 47.1, "lat": 9.51}]),
        ("units", [{"id": "A-1", "side": "A", "agency": "police", "lon": 47.1, "lat": 9.541}]),
        ("exits", [{"beyond": {"lon": 47.1, "lat": 9.51, "radius_m": 500}}]),
        ("exits", [{"place": {"name": "x", "lon": 47.1, "lat": 9.56, "radius_m": 50}}]),
        ("exits", [{"place": "x"}]),
    ],
)
def test_swapped_coordinates_are_recognised(tmp_path: Path, key: str, given: list[Any]) -> None:
    places = {"x": {"lon": 47.1, "lat": 9.54, "radius_m": 100}}
    path = scenario(tmp_path, places=places, **{key: given})
    with pytest.raises(BadInput, match="swapped"):
        load_scenario(path)


def test_roads_that_leave_the_map_inside_the_circle_are_exits(tmp_path: Path) -> None:
    circle = {"beyond": {"lon": 9.52, "lat": 47.1, "radius_m": 9000}}
    path = scenario(tmp_path, exits=[circle])
    loaded = load_scenario(path)
    ids = {int(loaded.problem.network.junction_id[one.index]) for one in loaded.problem.exits}
    assert ids == {4, 5, 6}
    assert len({one.name for one in loaded.problem.exits}) == 3
    assert "map_edge" in doubts(path)
    # Inside the map a circle has the roads that cross it, and no more.
    small = load_scenario(
        scenario(tmp_path, exits=[{"beyond": {"lon": 9.51, "lat": 47.1, "radius_m": 1000}}])
    )
    assert {str(one.kind) for one in small.problem.exits} == {"section"}


def test_the_road_that_the_vehicle_is_on_may_leave_the_map_too(tmp_path: Path) -> None:
    alarm = {"name": "alarm", "at": "2026-06-12T21:30:00+02:00", "lon": 9.5, "lat": 47.115}
    circle = {"beyond": {"lon": 9.52, "lat": 47.1, "radius_m": 9000}}
    problem = load_scenario(scenario(tmp_path, exits=[circle], sightings=[alarm])).problem
    ids = {int(problem.network.junction_id[one.index]) for one in problem.exits}
    assert ids == {4, 5, 6}


def test_two_exits_never_share_a_name_by_accident(tmp_path: Path) -> None:
    place = {"name": "Town", "lon": 9.56, "lat": 47.1, "radius_m": 50}
    other = {"name": "Town", "lon": 9.54, "lat": 47.08, "radius_m": 50}
    exits = load_scenario(scenario(tmp_path, exits=[{"place": place}, {"place": other}]))
    assert {one.name for one in exits.problem.exits} == {"Town", "Town (2)"}


def test_a_claim_with_a_name_that_fits_several_asks_which(tmp_path: Path) -> None:
    path = scenario(tmp_path, exits=[{"sections": [2, 3, 4]}])
    made = plan_scenario(path, tmp_path / "out", pictures=False, choices=False)
    plan = read_plan(tmp_path / "out/plan.json")
    network = made.scenario.problem.network
    names = sorted({one.name for one in plan.exits})
    assert target_of(names[0], plan, network).sections
    common = "" if len({name[0] for name in names}) > 1 else names[0][0]
    if common:
        with pytest.raises(BadInput, match="fits"):
            target_of(common, plan, network)
    two = plan.model_copy(
        update={
            "exits": tuple(
                one.model_copy(update={"name": f"Bridge {n}"}) for n, one in enumerate(plan.exits)
            )
        }
    )
    with pytest.raises(BadInput, match=r"fits 3 exits; expected one of them in full: Bridge 0"):
        target_of("Bridge", two, network)
    assert len(target_of("Bridge 1", two, network).sections) == 1


def test_a_zone_and_a_change_of_clocks_are_told(tmp_path: Path) -> None:
    autumn = "2026-10-25T02:50:00+02:00"
    path = scenario(
        tmp_path,
        zone="Europe/Vaduz",
        now=autumn,
        sightings=[{"name": "alarm", "at": autumn, "lon": 9.51, "lat": 47.1}],
    )
    plan_scenario(path, tmp_path / "out", pictures=False, choices=False)
    plan = read_plan(tmp_path / "out/plan.json")
    assert plan.zone == "Europe/Vaduz"
    assert doubts(path)["clock_change"] == ("25 Oct 2026, from UTC+0200 to UTC+0100 at 02:00",)
    assert check_plan_file(tmp_path / "out/plan.json").ok
    utc = scenario(tmp_path, zone="Europe/Vaduz", now="2026-06-12T19:30:00Z")
    plan_scenario(utc, tmp_path / "out", pictures=False, choices=False)
    assert read_plan(tmp_path / "out/plan.json").now == "2026-06-12T21:30:00+02:00"
    with pytest.raises(BadInput, match="IANA"):
        load_scenario(scenario(tmp_path, zone="Europe/Atlantis"))


def test_no_two_lines_of_a_list_read_alike(tmp_path: Path) -> None:
    bare = [(way, refs, {"highway": "trunk"}) for way, refs, _ in WAYS]
    path = scenario(tmp_path, osm_text(PLACES, bare))
    problem = load_scenario(path).problem
    sites = [problem.site(number) for number in range(problem.sites.count)]
    near = (NamedPlace("Baranovichi", 9.3, 47.1),)
    titles = titles_of(sites, near)
    assert len(set(titles)) == len(sites) == problem.network.sections
    assert place_of(sites[0], near).endswith("east of Baranovichi")
    named = load_scenario(scenario(tmp_path)).problem
    unnamed = [one for one in (named.site(n) for n in range(named.sites.count)) if one.meets]
    assert all(one.name.startswith("section ") for one in unnamed)
    plan = plan_scenario(path, None, choices=False).plan
    rows = [(row.road, row.place) for row in seal_rows(plan, places=near)]
    assert len(set(rows)) == len(rows)
