"""The exercise document: shipped ones are sound, fifty mutations of one are each told where."""

from __future__ import annotations

import copy
import os
import random
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from stopline.errors import BadInput
from stopline.exercise.document.check import check_exercise
from stopline.exercise.document.load import load_exercise
from stopline.exercise.document.reader import ExerciseFile, parse_exercise
from stopline.network.territory import read_geojson
from stopline.protocol.reader import read_protocol

if TYPE_CHECKING:
    from stopline.scenario.loader import Scenario

FOLDER = Path(__file__).parents[2] / "examples" / "exercises"
SHIPPED = FOLDER / "liechtenstein.yaml"
GONE: Any = object()

# What is changed, by the path of keys, and what the fault must say is expected.
MUTATIONS: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("form",), "stopline-exercise/2", "one of"),
    (("name",), "two words", "a name"),
    (("name",), GONE, "required"),
    (("title",), "", "some text"),
    (("title",), 7, "text"),
    (("objectives",), {}, "at least 1"),
    (("objectives",), [], "a mapping"),
    (("scenario",), GONE, "required"),
    (("protocol",), 3, "text"),
    (("seed",), -1, "at least 0"),
    (("seed",), 1.5, "a whole number"),
    (("startex",), "2026-06-12 20:00", "a time with zone"),
    (("startex",), "at eight", "a time with zone"),
    (("startex",), "1812-06-24T00:00:00Z", "a time with zone"),
    (("endex",), {}, "required"),
    (("endex", "at_s"), 0, "seconds after STARTEX, > 0"),
    (("endex", "at_s"), 1e9, "at most"),
    (("endex", "detained"), "perhaps", "true or false"),
    (("lead",), "cedar", "one of `sides`"),
    (("sides", "birch"), GONE, "two sides"),
    (("sides", "alder", "scenario"), "AT", "scenario's sides"),
    (("sides", "alder", "scenario"), "CH", "another side of the scenario"),
    (("sides", "alder", "zone"), "Vaduz", "a zone"),
    (("sides", "alder", "players"), ["king"], "a role of the protocol"),
    (("truth", "vehicle", "driver"), "reckless", "one of"),
    (("truth", "vehicle", "start"), {"place": "Atlantis"}, "a named place"),
    (("truth", "vehicle", "start"), {"lon": 9.5}, "either `place`, or both"),
    (("truth", "vehicle", "start"), {"place": "Vaduz", "lon": 9.5, "lat": 47.1}, "either `place`"),
    (("truth", "vehicle", "leaves_s"), 99_999, "before ENDEX"),
    (("truth", "vehicle", "sees"), 1.5, "at most 1"),
    (("truth", "vehicle", "speed_factor"), 0, "greater than 0"),
    (("truth", "vehicle", "destinations"), [], "at least 1"),
    (("truth", "vehicle", "destinations", 0, "weight"), 0, "greater than 0"),
    (("truth", "vehicle", "changes_mind"), [{"at_s": 1, "to": {"place": "Vaduz"}}], "in order"),
    (("truth", "cameras", 0, "side"), "cedar", "one of `sides`"),
    (("truth", "cameras", 1, "name"), "Camera Rhine bridge Vaduz", "each once"),
    (("truth", "cameras", 0, "lon"), 200, "at most 180"),
    (("truth", "cameras", 0, "delay"), {"constant_s": -1}, "at least 0"),
    (("truth", "cameras", 0, "delay"), {}, "exactly one"),
    (("truth", "witnesses", 0, "grade"), "G9", "a grade"),
    (("truth", "units", "LP-Nowhere"), {"late_s": 3}, "a unit of the scenario"),
    (("truth", "units", "LP-Eschen", "late_s"), -3, "at least 0"),
    (("truth", "people", "cedar.duty_officer"), {"constant_s": 1}, "a side"),
    (("truth", "people", "king"), {"constant_s": 1}, "a role of the protocol"),
    (("truth", "outcomes", "is_it_raining"), {"yes": 1.0}, "a decision of the protocol"),
    (("truth", "outcomes", "is_it_the_one"), {"yes": 0.4}, "1 in sum"),
    (("truth", "line", 0, "kind"), "wet", "one of"),
    (("truth", "line", 0, "until_s"), 1, "after `from_s`"),
    (("truth", "line", 0, "delay_s"), 1, "with `slow`"),
    (("msel", 0, "number"), 2, "each once"),
    (("msel", 0, "number"), "one", "a whole number"),
    (("msel", 0, "when"), {"at_s": 1, "on_call": True}, "exactly one"),
    (("msel", 0, "when"), {"at_s": 5000}, "before ENDEX"),
    (("msel", 0, "when"), {"after_inject": 1}, "do not wait for themselves"),
    (("msel", 0, "when"), {"after_inject": 77}, "number of an inject"),
    (("msel", 0, "when"), {"after_fact": "moon.rose"}, "a kind of fact"),
    (("msel", 0, "to", "role"), "king", "a role of the protocol"),
    (("msel", 0, "to", "side"), "cedar", "one of `sides`"),
    (("msel", 0, "how"), "telegram", "one of"),
    (("msel", 2, "sighting"), GONE, "beside `how: sighting`"),
    (("msel", 0, "report"), {"about": "press"}, "only with `how: report`"),
    (("msel", 0, "expect", "command"), "make.tea", "a command of the node"),
    (("msel", 0, "expect", "within_s"), 0, "greater than 0"),
    (("msel", 0, "objective"), "win", "one of `objectives`"),
    (("msel", 0, "colour"), "red", "docs/formats/exercise.md"),
    (("seed",), "7", "a whole number"),
    (("startex",), "2026-02-30T20:00:00+01:00", "a time with zone"),
    (("lead",), "birch", "the alarm is raised there"),
    (("truth", "vehicle", "start"), {"lon": 2.35, "lat": 48.85}, "a road within 5 km"),
    (("truth", "vehicle", "destinations"), [{"lon": 47.1, "lat": 9.5}], "a road within 500 km"),
    (
        ("truth", "vehicle", "changes_mind"),
        [{"at_s": 1801, "to": {"place": "Vaduz"}}],
        "before ENDEX",
    ),
    (("truth", "cameras", 0, "lon"), 9.6, "a road within 100 m"),
    (("truth", "witnesses", 0, "lat"), 47.0, "a road within 250 m"),
    (("truth", "witnesses", 1, "false_at_s"), 1801, "before ENDEX"),
    (
        ("truth", "line"),
        [
            {"kind": "slow", "from_s": 150, "until_s": 250, "delay_s": 2.0},
            {"kind": "cut", "from_s": 100, "until_s": 200},
        ],
        "one fault at a time",
    ),
    (("msel", 2, "sighting"), {"lon": 2.35, "lat": 48.85, "grade": "A1"}, "a road within 300 m"),
    (("msel", 0, "expect", "command"), "orders.withdraw", "that the records show"),
    (("msel", 1, "expect", "of"), "good morning", "a name of the protocol"),
    (("msel", 7, "fault"), {"for_s": 3}, "exactly one of `line`, `stops`"),
    (("msel", 7, "fault"), {"stops": "cedar", "for_s": 3}, "one of `sides`"),
    # What a node would refuse, or what would get lost without a word while it is played.
    (("title",), "   ", "not blanks alone"),
    (("alarm",), "Shots\x1b[2J", "U+001B"),
    (("place",), "a\u202eb", "U+202E"),
    (("msel", 0, "text"), " \n ", "not blanks alone"),
    (("msel", 0, "text"), "x" * 2001, "at most 2000 characters"),
    (("truth", "vehicle", "plate"), "AB", "4 or more"),
    (("truth", "vehicle", "plate"), "FL<90817>", "letters, digits"),
    (("truth", "vehicle", "plate"), "????", "4 or more"),
    (("truth", "witnesses", 0, "name"), "Camera Triesen", "a camera has it on line"),
    (("truth", "witnesses", 1, "name"), "resident of Steg", "each once"),
    (("sides", "alder", "players"), ["duty_officer", "duty_officer"], "each once"),
    (("sides", "alder", "services"), {"fire brigade": "police"}, "a service of LI"),
    (("sides", "alder", "services"), {"police": "fire_brigade"}, "a service of the protocol"),
    (("msel", 0, "expect", "by", "role"), "press_officer", "may give `alarm.raise`"),
    (("msel", 1, "expect", "by", "role"), "press_officer", "sends `alert`"),
    (("msel", 1, "expect", "by", "side"), "birch", "`lead`"),
    (("msel", 1, "expect", "command"), "request.ask", "a message that is a request"),
    (("msel", 3, "expect", "by", "role"), "head_of_state", "may give `plan.adopt`"),
    (("msel", 5, "expect", "by", "role"), "press_officer", "does `report_progress`"),
    (
        ("msel", 0, "expect"),
        {
            "command": "decision.voice",
            "of": "joint_sealing",
            "within_s": 9.0,
            "by": {"side": "alder", "role": "press_officer"},
        },
        "decides `joint_sealing`",
    ),
    # Values of another kind, bounds, and what is not there.
    (("seed",), 2**31, "less than"),
    (("seed",), True, "a whole number"),
    (("startex",), 20260612, "text"),
    (("startex",), "2026-06-12T21:30:00", "a time with zone"),
    (("endex",), 5, "a mapping"),
    (("endex", "at_s"), "1800", "a number"),
    (("endex", "at_s"), float("nan"), "a number"),
    (("endex", "play_on_s"), -1, "at least 0"),
    (("endex", "when"), 3, "only fields of the form"),
    (("sides",), ["alder", "birch"], "a mapping"),
    (("sides",), {}, "two sides, not 0"),
    (("sides", "cedar"), {"scenario": "AT"}, "two sides, not 3"),
    (("sides", "alder", "zone"), "+02:00", "a zone"),
    (("sides", "alder", "players"), "duty_officer", "a list"),
    (("truth",), GONE, "required"),
    (("truth", "vehicle", "start"), "Malbun", "a mapping"),
    (("truth", "vehicle", "start"), {"lon": 47.1020, "lat": 9.6087}, "a road within 5 km"),
    (("truth", "vehicle", "leaves_s"), -5, "at least 0"),
    (("truth", "vehicle", "destinations"), {"place": "Buchs"}, "a list"),
    (("truth", "vehicle", "destinations", 0, "weight"), float("inf"), "a number"),
    (
        ("truth", "vehicle", "changes_mind"),
        [{"at_s": 600, "to": {"place": "Vaduz"}}, {"at_s": 300, "to": {"place": "Vaduz"}}],
        "from 600 on, in order",
    ),
    (("truth", "cameras", 0, "detection"), -0.1, "at least 0"),
    (("truth", "cameras", 0, "lat"), "47.1N", "a number"),
    (("truth", "cameras", 0, "sees_m"), 0, "a road within 0 m"),
    (("truth", "cameras", 0, "delay"), 8, "a mapping"),
    (("truth", "cameras", 0, "delay"), {"lognormal": {"median_s": 30, "p95_s": 8}}, "p95_s"),
    (
        ("truth", "cameras", 0, "delay"),
        {"triangular": {"low_s": 5, "mode_s": 1, "high_s": 9}},
        "low_s <= mode_s",
    ),
    (("truth", "cameras", 0, "delay"), {"uniform": {"low_s": 1}}, "only fields of the form"),
    (("truth", "witnesses", 0, "grade"), "b2", "a grade"),
    (("truth", "witnesses", 0, "error_s"), "twenty", "a number"),
    (("truth", "units", "LP-Eschen"), None, "a mapping"),
    (("truth", "units", "LP-Eschen", "travel_factor"), 0, "greater than 0"),
    (("truth", "units", "LP-Eschen", "refuses"), True, "text"),
    (("truth", "people", "alder.king"), {"constant_s": 1}, "a role of the protocol"),
    (("truth", "people", "duty_officer"), 30, "a mapping"),
    (("truth", "outcomes", "is_it_the_one"), {}, "1 in sum"),
    (("truth", "outcomes", "is_it_the_one"), {"perhaps": 1.0}, "an outcome"),
    (("truth", "outcomes", "call_out_military"), {"yes": 0.5, "no": 0.6}, "1 in sum"),
    (("truth", "line", 0), {"kind": "slow", "from_s": 1, "until_s": 2}, "with `slow`"),
    (("truth", "line", 0), {"kind": "cut", "from_s": 1900, "until_s": 2000}, "before ENDEX"),
    (("msel", 0), None, "a mapping"),
    (("msel", 0, "number"), 10_000, "at most 9999"),
    (("msel", 0, "when"), {}, "exactly one"),
    (("msel", 0, "when"), {"on_call": False}, "exactly one"),
    (("msel", 0, "when"), {"at_s": 1, "side": "alder"}, "only with `after_fact`"),
    (("msel", 0, "when"), {"after_fact": "alarm.raised", "side": "cedar"}, "one of `sides`"),
    (("msel", 2, "when"), {"after_inject": 4}, "do not wait for themselves"),
    (("msel", 0, "to"), "duty_officer", "a mapping"),
    (("msel", 0, "how"), "message", "beside `how: message`"),
    (("msel", 2, "sighting", "confirmed"), "yes", "true or false"),
    (("msel", 2, "sighting"), {"place": "Nowhere"}, "a named place"),
    (("msel", 7, "fault"), {"line": "cut", "for_s": 0}, "greater than 0"),
    (("msel", 7, "fault"), {"line": "cut"}, "required"),
    (("msel", 0, "expect", "command"), "alarm", "that the records show"),
    (("msel", 5, "expect", "of"), "report_regress", "a name of the protocol"),
    (("truth", "cameras", 0, "colour"), 1, "only fields of the form"),
]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_exercise(SHIPPED).scenario


def checked(text: str, scenario: Scenario) -> None:
    exercise, lines = parse_exercise(text.encode(), "bad.yaml")
    file = ExerciseFile(exercise, lines, FOLDER, "")
    check_exercise(file, read_protocol(file.protocol_path).protocol, scenario)


@cache
def shipped() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(SHIPPED.read_text("utf-8"))
    return {**found, "startex": "2026-06-12T21:30:00+02:00"}


def mutated(path: tuple[str | int, ...], value: Any) -> str:
    content = copy.deepcopy(shipped())
    at = content
    for key in path[:-1]:
        at = at[key]
    if value is GONE:
        del at[path[-1]]
    elif isinstance(at, list) and path[-1] == len(at):
        at.append(value)
    else:
        at[path[-1]] = value
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000)


def test_the_shipped_documents_are_sound() -> None:
    for name in ("liechtenstein.yaml", "corridor.yaml"):
        loaded = load_exercise(FOLDER / name)
        assert loaded.exercise.objectives
        served = {one.objective for one in loaded.exercise.msel if one.expect is not None}
        assert served == set(loaded.exercise.objectives), "each objective has an expected action"


def test_what_is_mutated_is_sound(scenario: Scenario) -> None:
    checked(mutated(("seed",), 8), scenario)
    assert len(MUTATIONS) >= 50


def test_a_message_comes_from_a_side_that_may_send_it(scenario: Scenario) -> None:
    """Alder raised the alarm, so Birch sends no alert; what it may send is taken."""
    inject = {
        "number": 50, "when": {"at_s": 100}, "from": "Birch", "how": "message", "text": "Hear.",
        "to": {"side": "alder", "role": "duty_officer"}, "message": "alert",
    }  # fmt: skip
    with pytest.raises(BadInput, match="`alert`; expected a message that birch may send"):
        checked(mutated(("msel", 8), inject), scenario)
    checked(mutated(("msel", 8), inject | {"message": "alert_understood"}), scenario)


@pytest.mark.parametrize("key", ["scenario", "protocol"])
@pytest.mark.parametrize("named", ["nowhere.yaml", ".", "a\u0000b"])
def test_a_file_that_is_not_there_is_told_at_its_line(tmp_path: Path, key: str, named: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(mutated((key,), named), "utf-8")
    with pytest.raises(BadInput) as told:
        load_exercise(path)
    fault = next(one for one in told.value.faults if f": {key}" in one.where)
    assert fault.where.startswith("bad.yaml line ")
    assert "\0" not in str(fault)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"[]", b"7", b"a: &b 1\nc: *b\n", b"a: 1\na: 2\n", b"a: !!python/object:x 1\n",
        b"a: 1\n---\nb: 2\n", b"a:\n\t- 1\n", b"a: \xff\n", b"\xef\xbb\xbf", b"x" * 300_000,
        b"[" * 5000, b"{" * 40 + b"}" * 40, b"a: {<<: {b: 1}}\n",
    ],
)  # fmt: skip
def test_what_is_no_document_is_told_in_one_way(text: bytes) -> None:
    with pytest.raises(BadInput) as told:
        parse_exercise(text, "bad.yaml")
    for fault in told.value.faults:
        assert fault.where.startswith("bad.yaml")
        assert fault.seen
        assert fault.expected


@pytest.mark.parametrize(("path", "value", "expected"), MUTATIONS)
def test_a_mutation_is_told_where(
    path: tuple[str | int, ...], value: Any, expected: str, scenario: Scenario
) -> None:
    text = mutated(path, value)
    with pytest.raises(BadInput) as told:
        checked(text, scenario)
    fault = next(one for one in told.value.faults if expected in one.expected)
    assert fault.where.startswith("bad.yaml line ")
    assert fault.seen.isprintable()
    assert fault.seen
    line = int(fault.where.removeprefix("bad.yaml line ").split(":")[0])
    around = text.splitlines()[max(0, line - 8) : line + 8]
    key = next((str(one) for one in reversed(path) if isinstance(one, str)), "")
    parent = next((str(one) for one in reversed(path[:-1]) if isinstance(one, str)), "")
    assert any(key in one or parent in one for one in around) or len(path) == 1


def test_all_faults_come_at_once(scenario: Scenario) -> None:
    text = mutated(("lead",), "cedar").replace("Camera Triesen", "Camera Buchs")
    text = text.replace("is_it_the_one", "is_it_raining")
    with pytest.raises(BadInput) as told:
        checked(text, scenario)
    assert len(told.value.faults) >= 3


def test_a_user_brings_the_network_where_the_document_asks(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--network FILE"):
        load_exercise(FOLDER / "porto.yaml", work=tmp_path)
    with pytest.raises(BadInput, match=r"--network.*not there.*a file that exists"):
        load_exercise(FOLDER / "porto.yaml", network=tmp_path / "x.osm.pbf", work=tmp_path)
    with pytest.raises(BadInput, match="brings its roads"):
        load_exercise(SHIPPED, network=tmp_path / "x.osm.pbf", work=tmp_path)


def test_the_banks_of_porto_meet_in_the_river_and_nowhere_else() -> None:
    drawn = read_geojson(FOLDER / "porto" / "territories.geojson", "name")
    north, south = drawn.polygons
    assert north.intersection(south).area == 0
    assert not north.union(south).interiors
    assert north.contains(Point(-8.6095, 41.1520))  # Trindade
    assert south.contains(Point(-8.6110, 41.1250))  # Gaia


@pytest.mark.skipif("STOPLINE_DATA" not in os.environ, reason="its roads are not in the repository")
def test_twelve_roads_cross_the_douro_and_all_are_bridges(tmp_path: Path) -> None:
    roads = Path(os.environ["STOPLINE_DATA"]) / "porto" / "porto.osm.pbf"
    problem = load_exercise(FOLDER / "porto.yaml", network=roads, work=tmp_path).scenario.problem
    names = [one.name.partition(" (")[0].partition(" ")[0] for one in problem.exits]
    assert len(names) == 12
    assert set(names) == {"Ponte", "Barragem", "A"}


@given(st.binary(max_size=400))
def test_bytes_never_surprise(data: bytes) -> None:
    with pytest.raises(BadInput):
        parse_exercise(data, "fuzz")


_LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=12)
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
)


@pytest.mark.long
def test_whatever_is_changed_in_a_whole_document_is_taken_or_told(
    scenario: Scenario, pytestconfig: pytest.Config
) -> None:
    """Values of another kind or size, keys renamed, taken away or put elsewhere."""
    chance = random.Random(int(pytestconfig.getoption("--seed")))
    paths = places(shipped())
    values = [
        None, True, 0, -1, 1e9, 0.5, float("nan"), "", " ", "x", "birch", "Vaduz", "\u202e", [], {},
        [1], {"a": 1}, {1: 2}, {None: 1}, 1801, "a" * 500, {"place": "Vaduz"},
        {"lon": 9.5, "lat": 99},
    ]  # fmt: skip
    for _ in range(300):
        content: Any = copy.deepcopy(shipped())
        path, other = chance.choice(paths), chance.choice(paths)
        at, moved = content, content
        for key in path[:-1]:
            at = at[key]
        for key in other:
            moved = moved[key]
        way = chance.random()
        if way < 0.15 and isinstance(at, dict):
            del at[path[-1]]
        elif way < 0.3 and isinstance(at, dict):
            at[chance.choice(["x", "", 1, None, True])] = at.pop(path[-1])
        else:
            at[path[-1]] = copy.deepcopy(moved) if way < 0.4 else chance.choice(values)
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000)
        try:
            checked(text, scenario)
        except BadInput as error:
            for fault in error.faults:
                assert fault.where.startswith("bad.yaml line "), (path, fault)
                assert fault.seen.strip(), (path, fault)
                assert fault.expected.strip(), (path, fault)


# A sound document without its list of events: what is fuzzed is read again and again.
SMALL: dict[str, Any] = {
    "form": "stopline-exercise/1", "name": "small", "title": "Small", "purpose": "To be broken.",
    "objectives": {"alert": "They know"}, "scenario": "s.yaml", "protocol": "p.yaml", "seed": 7,
    "startex": "2026-06-12T21:30:00+02:00", "endex": {"at_s": 60}, "lead": "alder",
    "sides": {"alder": {"scenario": "LI"}, "birch": {"scenario": "CH", "zone": "Europe/Zurich"}},
    "alarm": "Shots", "place": "Vaduz",
    "truth": {
        "vehicle": {
            "driver": "turns", "start": {"lon": 9.5, "lat": 47.1}, "sees": 0.5,
            "destinations": [{"place": "Buchs", "weight": 2}],
        },
        "cameras": [{"name": "One", "side": "alder", "lon": 9.5, "lat": 47.1}],
        "units": {"default": {"late_s": 3}}, "people": {"default": {"constant_s": 6.0}},
        "line": [{"kind": "cut", "from_s": 3, "until_s": 9}],
    },
    "msel": [
        {"number": 1, "when": {"at_s": 1}, "from": "A", "to": {"side": "alder", "role": "x"},
         "how": "call", "text": "Hear."},
    ],
}  # fmt: skip


def places(tree: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all values of a tree."""
    inner: list[tuple[str | int, Any]] = (
        list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree))
        if isinstance(tree, list) else []
    )  # fmt: skip
    return [*([path] if path else []), *(p for key, v in inner for p in places(v, (*path, key)))]


def test_the_small_document_is_sound() -> None:
    parse_exercise(yaml.safe_dump(SMALL).encode(), "small")


@given(st.sampled_from(places(SMALL)), _TREES)
def test_any_value_at_any_place_is_taken_or_told(path: tuple[str | int, ...], value: Any) -> None:
    content = copy.deepcopy(SMALL)
    at: Any = content
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    try:
        text = yaml.safe_dump(content, allow_unicode=True)
    except yaml.YAMLError:
        return
    try:
        parse_exercise(text.encode("utf-8", "replace"), "fuzz")
    except BadInput as error:
        told = error.faults
    else:
        told = ()
    assert all(fault.where and fault.expected for fault in told)
