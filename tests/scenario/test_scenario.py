"""Scenarios: what a sound one gives, and the message of every fault."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stopline.documents.yaml import read_yaml
from stopline.errors import BadInput
from stopline.scenario import network_schema as network_form
from stopline.scenario import schema as scenario_form
from stopline.scenario.loader import load_scenario

_spec = importlib.util.spec_from_file_location(
    "scenario_case", Path(__file__).parent / "scenario_case.py"
)
assert _spec is not None
assert _spec.loader is not None
case = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(case)

AT = "2026-06-12T21:29:00+02:00"
SIGHTING = {"at": AT, "lon": 9.5, "lat": 47.1}


def message(folder: Path, **changes: object) -> str:
    path = case.write_case(folder, **changes)
    with pytest.raises(BadInput) as caught:
        load_scenario(path)
    return str(caught.value)


def test_a_sound_scenario(tmp_path: Path) -> None:
    scenario = load_scenario(case.write_case(tmp_path))
    problem = scenario.problem
    assert scenario.name == "grid"
    assert problem.now_utc_s == 1781292600.0
    assert [source.time_s for source in problem.sources] == [-60.0]
    assert [one.name for one in problem.exits] == ["South Road (Westland to Outland)"] or len(
        problem.exits
    ) == 1
    assert problem.sites.count == problem.network.sections
    assert set(problem.sites.setup_s) == {5.0}
    assert problem.rules.margin_s == 10
    assert problem.units[0].may_act_in == {"Westland"}
    assert all(point.distance_m < 60 for point in scenario.snapped)
    assert len(scenario.digest) == 64


def test_a_sighting_by_radius_junction_section_or_place(tmp_path: Path) -> None:
    sightings = [
        {**SIGHTING, "radius_m": 600, "name": "wide"},
        {"at": AT, "junction": 3},
        {"at": AT, "section": 4, "fraction": 0.25},
        {"at": AT, "lon": 9.5033, "lat": 47.1},
    ]
    exits = [{"place": {"name": "Harbour", "lon": 9.533, "lat": 47.1135, "radius_m": 100}}]
    path = case.write_case(tmp_path, sightings=sightings, exits=exits)
    sources = load_scenario(path).problem.sources
    assert sum(source.name == "wide" for source in sources) >= 3
    assert [s.junction for s in sources if s.name == "sighting 2"] == [3]
    assert [(s.section, s.fraction) for s in sources if s.name == "sighting 3"] == [(4, 0.25)]
    (point,) = [s for s in sources if s.name == "sighting 4"]
    assert point.fraction == pytest.approx(0.5, abs=0.01)


def test_every_kind_of_exit(tmp_path: Path) -> None:
    def exits(one: dict[str, Any]) -> tuple[Any, ...]:
        return load_scenario(case.write_case(tmp_path, exits=[one])).problem.exits

    line = exits({"crossings_between": ["W", "E"], "name": "line", "weight": 2})
    assert len({one.name for one in line}) == 4
    assert {one.weight for one in line} == {2.0}
    harbour = {"name": "Harbour", "lon": 9.533, "lat": 47.1135, "radius_m": 100}
    assert [one.name for one in exits({"place": harbour})] == ["Harbour", "Harbour"]
    assert len(exits({"beyond": {"lon": 9.5, "lat": 47.1, "radius_m": 1200}})) == 6
    network = load_scenario(case.write_case(tmp_path)).problem.network
    far = int(
        np.argmax(network.junction_lon + network.junction_lat - 9 * (network.junction_lon > 9.6))
    )
    (one,) = exits({"junctions": [far], "name": "corner"})
    assert (one.name, one.kind, one.index) == ("corner", "junction", far)
    section = int(np.flatnonzero(network.section_head == far)[0])
    assert exits({"sections": [section]})[0].index == section


def test_without_sides_the_name_of_a_territory_tells_its_border(tmp_path: Path) -> None:
    named = load_scenario(case.write_case(tmp_path, exits=[{"crossings_between": ["W", "E"]}]))
    exits = [{"crossings_between": ["Westland", "Eastland"]}]
    bare = load_scenario(case.write_case(tmp_path, sides=None, exits=exits))
    places = [sorted(one.index for one in found.problem.exits) for found in (named, bare)]
    assert places[0] == places[1]
    exits = [{"crossings_of": ["Westland", "Eastland"]}]
    assert len(load_scenario(case.write_case(tmp_path, sides=None, exits=exits)).problem.exits) == 1
    with pytest.raises(BadInput, match=r"one of the territories .*; is Eastland meant"):
        load_scenario(case.write_case(tmp_path, sides=None, exits=[{"crossings_of": ["Eastlnad"]}]))


def test_sites_by_kind_class_exclusion_and_checkpoints(tmp_path: Path) -> None:
    def count(sites: object) -> int:
        return load_scenario(case.write_case(tmp_path, sites=sites)).problem.sites.count

    everything = count("sections")
    assert count({"kind": "sections", "classes": ["primary"]}) == 20
    assert count({"exclude": ["South Road"]}) == everything - 2
    assert count({"exclude": [0, 1]}) == everything - 2
    assert count("junctions") == 28
    (tmp_path / "posts.csv").write_text(
        "name,lon,lat,need,setup_s\nBridge,9.5165,47.1,3,20\nGate,9.5,47.0975,,\n"
    )
    posts = load_scenario(case.write_case(tmp_path, sites={"checkpoints": "posts.csv"})).problem
    assert list(posts.sites.names.values()) == ["Bridge", "Gate"]
    assert posts.sites.need.tolist() == [3, 1]
    assert posts.sites.setup_s.tolist() == [20.0, 5.0]
    listed = [{"name": "Bridge", "lon": 9.5165, "lat": 47.1, "setup_s": 1}]
    assert count({"kind": "sections", "checkpoints": listed}) == everything
    assert count({"checkpoints": [{"name": "Gate", "junction": 2}]}) == 1


def test_strength_and_setup_by_class(tmp_path: Path) -> None:
    rules = {"setup_s": {"default": 7, "primary": 9}, "strength": {"default": 2, "primary": 4}}
    sites = load_scenario(case.write_case(tmp_path, rules=rules)).problem.sites
    assert set(zip(sites.need.tolist(), sites.setup_s.tolist(), strict=True)) == {
        (2, 7.0),
        (4, 9.0),
    }


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"now": "2026-06-12T21:30:00"}, ["now: found 2026-06-12T21:30:00 without zone"]),
        ({"now": "yesterday"}, ["now: found 'yesterday'", "2026-06-12T21:30:00+02:00"]),
        ({"now": None}, ["now: found nothing; expected a time with zone"]),
        (
            {"sightings": [{**SIGHTING, "at": "2026-06-12T21:29:00"}]},
            ["sightings[0].at: found 2026-06-12T21:29:00 without zone"],
        ),
        (
            {"sightings": [{**SIGHTING, "at": "2026-06-12T21:31:00+02:00"}]},
            ["sightings[0].at", "60 s in the future"],
        ),
        ({"sightings": [{**SIGHTING, "lon": 5.0}]}, ["sightings[0]", "km from the nearest road"]),
        ({"sightings": [{"at": AT, "place": "Moon"}]}, ["found Moon", "places: Stadium"]),
        ({"sightings": [{"at": AT, "junction": 9999}]}, ["found 9999", "a junction number below"]),
        ({"sightings": [{"at": AT, "section": 9999}]}, ["found 9999", "a section number below"]),
        ({"sightings": [{"at": AT}]}, ["exactly one of lon and lat, junction, section, place"]),
        ({"sightings": []}, ["sightings: found none; expected at least one sighting"]),
        ({"sides": {"W": {"territories": ["Nowhere"]}}}, ["found Nowhere", "Eastland, Outland"]),
        (
            {"sides": {"W": {"territories": ["Westland"]}, "E": {"territories": "Westland"}}},
            ["sides.E.territories: found Westland, of W already"],
        ),
        ({"exits": [{"crossings_of": "X"}]}, ["exits[0].crossings_of: found X", "sides W, E"]),
        ({"exits": [{"crossings_of": "E"}]}, ["alarm at or beyond this exit"]),
        (
            {"exits": [{"beyond": {"lon": 9.533, "lat": 47.1, "radius_m": 900}}]},
            ["exits[0]", "alarm at or beyond this exit"],
        ),
        (
            {"exits": [{"place": {"name": "here", "lon": 9.5, "lat": 47.1, "radius_m": 900}}]},
            ["alarm at or beyond this exit"],
        ),
        (
            {"exits": [{"place": {"name": "Isle", "lon": 9.7, "lat": 47.09, "radius_m": 300}}]},
            ["exits that cannot be reached: Isle", "allow_unreachable: true"],
        ),
        (
            {"exits": [{"place": {"name": "sea", "lon": 9.9, "lat": 47.5, "radius_m": 300}}]},
            ["no road within 300 m"],
        ),
        (
            {
                "sides": {"W": {"territories": "all"}, "E": {"territories": "all"}},
                "exits": [{"crossings_between": ["W", "E"]}],
            },
            ["found W and E, whose territories overlap", "territories of their own"],
        ),
        ({"exits": [{"place": "Moon"}]}, ["found Moon", "a name under places: Stadium"]),
        ({"exits": [{"place": "stadim"}]}, ["a name under places: Stadium; is Stadium meant?"]),
        ({"exits": [{"sections": [0], "junctions": [0]}]}, ["exactly one of crossings_of"]),
        ({"exits": [{"weight": 2}]}, ["exits[0]", "exactly one of crossings_of"]),
        ({"units": []}, ["units: found none", "at least one unit"]),
        ({"units": "none.csv"}, ["units[0]: found none.csv, which is not there"]),
        (
            {"units": [{"id": "a", "side": "X", "agency": "police", "lon": 9.5, "lat": 47.1}]},
            ["units[0].side: found X; expected one of the sides E, W"],
        ),
        (
            {"units": [{"id": "a", "side": "W", "agency": "police", "lon": 5.0, "lat": 43.0}]},
            ["a ", "km from the nearest road", "units within 2000 m of a road"],
        ),
        (
            {"units": [{"id": "a", "side": "W", "agency": "police", "lon": 47.1, "lat": 9.5}]},
            ["lon and lat look swapped"],
        ),
        (
            {"units": [{"id": "a", "side": "W", "agency": "police", "speed": 3, "lon": 9.5}]},
            ["units[0].speed: found an unknown key", "units[0].lat: found nothing"],
        ),
        ({"units": [7]}, ["units[0]: found 7", "the path of a CSV or GeoJSON"]),
        ({"vehicle": {"speed_factor": -1}}, ["vehicle.speed_factor: found -1", "a number > 0"]),
        ({"vehicle": {"speed_factor": float("nan")}}, ["vehicle.speed_factor: found nan"]),
        ({"vehicle": {"max_speed_kmh": 5, "min_speed_kmh": 9}}, ["at least min_speed_kmh"]),
        ({"network": {"path": "gone"}}, ["network.path: found gone, which is not there"]),
        ({"network": {"path": "roads", "kindd": "osm"}}, ["did you mean kind?"]),
        ({"rules": {"objective": "margins"}}, ["rules.objective: found margins"]),
        (
            {"rules": {"partial": "hope"}},
            [
                (
                    "rules.partial: found 'hope'; expected combine, contain, cover, intercept, "
                    "delay or randomise"
                )
            ],
        ),
        ({"rules": {"strength": {"lane": 1}}}, ["rules.strength: found lane", "motorway"]),
        ({"sites": {"exclude": ["No Road"]}}, ["found 'No Road'", "the name of a road"]),
        ({"sites": {"classes": ["motorway"]}}, ["no site after all filters"]),
        (
            {"sites": {"checkpoints": "gone.csv"}},
            ["sites.checkpoints: found gone.csv, which is not there"],
        ),
        (
            {"sites": {"checkpoints": [{"name": "a", "section": 0}, {"name": "b", "section": 0}]}},
            ["b on the section of a"],
        ),
    ],
)
def test_message_of_each_fault(
    tmp_path: Path, changes: dict[str, object], parts: list[str]
) -> None:
    said = message(tmp_path, **changes)
    for part in parts:
        assert part in said
    assert re.match(r".*(line \d+|\.csv): ", said)


def test_all_faults_of_a_scenario_at_once(tmp_path: Path) -> None:
    bad = {"id": "a", "side": "X", "agency": "police", "lon": 9.5, "lat": 47.1}
    said = message(
        tmp_path, units=[bad], exits=[{"crossings_of": "Z"}], sites={"exclude": ["No Road"]}
    )
    assert said.count("\n") == 2


def test_unreachable_exits_may_be_allowed(tmp_path: Path) -> None:
    exits = [{"place": {"name": "Isle", "lon": 9.7, "lat": 47.09, "radius_m": 300}}]
    path = case.write_case(tmp_path, exits=exits, allow_unreachable=True)
    assert load_scenario(path).problem.exits[0].name == "Isle"


def test_checkpoint_file_says_its_lines(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text(
        "name,lon,lat,need\nA,9.5,47.1,none\nB,9.5,,1\n,9.5,47.1,1\n"
    )
    said = message(tmp_path, sites={"checkpoints": "posts.csv"})
    assert "posts.csv line 2: need: found 'none'" in said
    assert "posts.csv line 3: found one of them; expected lon and lat together" in said
    assert "posts.csv line 4: name: found nothing" in said


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (BOMB, "a YAML bomb"),
        ("a: &a [*a]\n", "a YAML bomb"),
        ("[" * 5000, "line 1: found nesting deeper than 40"),
        ("a: [" + "1, " * 200_001 + "]", "more than 200000 values"),
        ("x" * 2_000_001, "more than 2 MB"),
        ("", "an empty file"),
        ("now: 1\nname: x\nnow: 2\n", "line 3: now: found the key 'now' a second time"),
        ("a: [1, 2", "line 1 column 9: found broken YAML"),
        ("a:\n\tb: 1\n", "line 2 column 1: found a tab; expected spaces; YAML is indented by"),
        ("a: !!python/object/apply:os.system [ls]", "found"),
        ("a: !!python/name:os.system x", "found the tag tag:yaml.org,2002:python/name:os.system"),
        ("? [a, b]\n: 1\n", "line 1: found a list or mapping as key"),
        ("a: b\n---\nc: d\n", "line 2 column 1: found broken YAML"),
        ("just text", "line 1: found 'just text'; expected"),
        ("null", "line 1: found nothing; expected"),
        ("name: \x07", "broken YAML"),
    ],
)
def test_files_that_cannot_be_scenarios(tmp_path: Path, text: str, part: str) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        load_scenario(path)
    assert part in str(caught.value)


def test_a_country_code_is_text_and_a_clock_is_text(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text('NO: yes\nat: 21:30\nn: [1, 2.5, .inf, -3e2, "5", true, ~, 0x1F]\n')
    content = read_yaml(path).content
    assert content["NO"] == "yes"
    assert content["at"] == "21:30"
    assert content["n"] == [1, 2.5, np.inf, -300.0, "5", True, None, "0x1F"]


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.text(alphabet="ab:[]{}&*!|>-?,'\"%@#0\n\t 1.", max_size=80).map(str.encode),
    )
)
def test_random_bytes_give_only_bad_input(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "case.yaml"
    path.write_bytes(body)
    with pytest.raises(BadInput):
        load_scenario(path)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(alphabet="ab W\u00e9\u0000", max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(key=st.sampled_from([*case.SOUND, "sites"]), value=values)
def test_random_values_give_a_scenario_or_bad_input(
    tmp_path: Path, key: str, value: object
) -> None:
    path = case.write_case(tmp_path)
    content = {**case.SOUND, key: value}
    path.write_text(case.yaml.safe_dump(content))
    try:
        load_scenario(path)
    except BadInput as error:
        assert error.faults  # noqa: PT017


def test_every_key_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/formats/scenario.md").read_text()
    missing = sorted(
        name for name in _keys() if f"`{name}`" not in page and f"`{name}:" not in page
    )
    assert not missing


def _keys() -> set[str]:
    found: set[str] = set()
    for module in (network_form, scenario_form):
        for kind in vars(module).values():
            if isinstance(kind, type) and hasattr(kind, "model_fields"):
                found |= {field.alias or name for name, field in kind.model_fields.items()}
    return found
