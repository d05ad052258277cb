"""Units from CSV and GeoJSON: what is read, and the message of every fault."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003  (hypothesis reads the annotations)

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stopline.errors import BadInput
from stopline.forces.reading import read_units
from stopline.forces.side import Side
from stopline.forces.unit import Unit

SIDES = {
    "LI": Side(id="LI", territories=("Liechtenstein",), agencies=("police", "army")),
    "CH": Side(id="CH", territories=("Schweiz",)),
}
HEADER = "id,side,agency,lon,lat,ready_s,speed_factor,strength,may_act_in,name,status\n"
GOOD = "P1,LI,police,9.52,47.14,300,1.2,2,Liechtenstein;Schweiz,Patrol 1,under way\n"


def csv_of(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "units.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def message(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        read_units(path, SIDES, ("Liechtenstein", "Schweiz"))
    return str(caught.value)


def test_reads_every_column(tmp_path: Path) -> None:
    units = read_units(csv_of(tmp_path, HEADER + GOOD), SIDES)
    assert units == (
        Unit(
            id="P1",
            side="LI",
            agency="police",
            lon=9.52,
            lat=47.14,
            ready_s=300.0,
            speed_factor=1.2,
            strength=2,
            may_act_in=frozenset({"Liechtenstein", "Schweiz"}),
            name="Patrol 1",
            status="under way",
        ),
    )


def test_defaults_and_byte_order_mark(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbfid,side,agency,lon,lat\r\nP1,CH,police,9.5,47.1\r\n\r\n"
    (unit,) = read_units(csv_of(tmp_path, text), SIDES)
    assert unit.may_act_in == {"Schweiz"}
    assert (unit.ready_s, unit.speed_factor, unit.strength, unit.status) == (0, 1, 1, "free")


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        ("P1,XX,police,9.5,47.1,,,,,,", ["line 2: side: found XX", "sides CH, LI"]),
        ("P1,LI,navy,9.5,47.1,,,,,,", ["line 2: agency: found navy", "agencies of LI: army"]),
        (
            "P1,LI,police,9.5,47.1,-5,,,,,",
            ["line 2: ready_s: found -5", "seconds as a number >= 0"],
        ),
        ("P1,LI,police,9.5,47.1,5 min,,,,,", ["ready_s: found 5 min", "for example 300"]),
        ("P1,LI,police,9.5,47.1,,-1,,,,", ["speed_factor: found -1", "a number > 0"]),
        ("P1,LI,police,9.5,47.1,,0,,,,", ["speed_factor: found 0", "a number > 0"]),
        ("P1,LI,police,nan,47.1,,,,,,", ["lon: found nan", "longitude in degrees"]),
        ("P1,LI,police,9.5,inf,,,,,,", ["lat: found inf"]),
        ("P1,LI,police,9.5,NaN,NaN,,,,,", ["lat: found NaN", "ready_s: found NaN"]),
        ("P1,LI,police,47.1,139.5,,,,,,", ["lat: found 139.5", "lon and lat look swapped"]),
        ("P1,LI,police,200,47.1,,,,,,", ["lon: found 200", "-180 to 180"]),
        ("P1,LI,police,9.5,47.1,,,0,,,", ["strength: found 0", "a whole number >= 1"]),
        ("P1,LI,police,9.5,47.1,,,1.5,,,", ["strength: found 1.5"]),
        ("P1,LI,police,9.5,47.1,,,,Atlantis,,", ["may_act_in: found Atlantis", "Liechtenstein"]),
        ("P1,LI,police,9.5,47.1,,,,,,asleep", ["status: found asleep", "free, under way"]),
        (",LI,police,9.5,47.1,,,,,,", ["line 2: id: found nothing"]),
        ("P1,LI,police,9.5", ["line 2: found 4 cells", "11 cells"]),
        ("P1,LI,police,9.5,47.1,1e999,,,,,", ["ready_s: found 1e999"]),
    ],
)
def test_message_of_each_fault(tmp_path: Path, row: str, parts: list[str]) -> None:
    said = message(csv_of(tmp_path, HEADER + row + "\n"))
    for part in parts:
        assert part in said


def test_two_units_with_one_id_and_all_faults_at_once(tmp_path: Path) -> None:
    said = message(csv_of(tmp_path, HEADER + GOOD + GOOD + "P2,XX,a,b,c,,,,,,\n"))
    assert "line 3: id: found P1 a second time" in said
    assert "line 2: id" in said
    assert "line 4: side: found XX" in said
    assert "line 4: lon: found b" in said
    assert "line 4: lat: found c" in said


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "an empty file"),
        (HEADER.encode(), "found no units; expected at least one unit"),
        (b"id,side,agency,lon\n", "no column 'lat'"),
        (
            b"id,side,agency,lon,lat,redy_s\n",
            "found column 'redy_s'; expected 'ready_s'; did you mean that?",
        ),
        (b"id,side,agency,lon,lat,lat\n", "column 'lat' twice"),
        (b"id;side;agency;lon;lat\n", "no units"),
        ("id,side".encode("utf-16"), "no column 'agency'"),
        (b"\xff\xfe\x00", "bytes that are not UTF-16"),
        (HEADER.encode() + b"P1,LI,\xfcber,9,47,,,,,,\n", "line 2 byte 7: found byte 0xfc"),
        (HEADER.encode() + b"P1,LI,a\0b,9,47,,,,,,\n", "line 2: found a zero byte"),
        (HEADER.encode() + b'P1,"LI"x,police,9,47,,,,,,\n', "line 2: found broken CSV"),
    ],
)
def test_files_that_cannot_be_units(tmp_path: Path, content: bytes, part: str) -> None:
    assert part in message(csv_of(tmp_path, content))


def test_two_gigabyte_line_is_refused_unread(tmp_path: Path) -> None:
    path = csv_of(tmp_path, HEADER + GOOD)
    with path.open("r+b") as file:
        file.truncate(2_000_000_000)  # a sparse file: zeros without a line end
    assert "line 3: found a line over 1 MB" in message(path)


def test_missing_file_and_unknown_kind(tmp_path: Path) -> None:
    assert "no such file" in message(tmp_path / "none.csv")
    assert "expected a .csv, .geojson or .json file" in message(tmp_path / "units.xlsx")


def geojson_of(tmp_path: Path, *features: object) -> Path:
    path = tmp_path / "units.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def feature(coordinates: object = (9.5, 47.1), **properties: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": coordinates},
        "properties": {"id": "P1", "side": "LI", "agency": "police", **properties},
    }


def test_geojson_unit(tmp_path: Path) -> None:
    path = geojson_of(tmp_path, feature(may_act_in=["Schweiz"], strength=3, ready_s=60))
    (unit,) = read_units(path, SIDES)
    assert (unit.lon, unit.lat, unit.strength, unit.ready_s) == (9.5, 47.1, 3, 60)
    assert unit.may_act_in == {"Schweiz"}


@pytest.mark.parametrize(
    ("one", "part"),
    [
        (feature(strength=True), "feature 1: strength: found True"),
        (feature(ready_s=float("nan")), "feature 1: ready_s: found nan"),
        (feature(coordinates=["9", None]), "feature 1: lat: found nothing"),
        (feature(may_act_in=[1]), "feature 1: may_act_in"),
        (feature(redy_s=1), "feature 1: redy_s"),
        (feature(id={"a": 1}), "feature 1: id: found {'a': 1}"),
        (feature(strength=10**400), "feature 1: strength"),
        ({"type": "Feature"}, "feature 1: found no geometry"),
        (7, "feature 1: found no geometry"),
    ],
)
def test_geojson_faults(tmp_path: Path, one: object, part: str) -> None:
    assert part in message(geojson_of(tmp_path, one))


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{", "[" * 100_000, '{"features": 1}', "1" * 9999]
)
def test_broken_geojson_is_bad_input(tmp_path: Path, text: str) -> None:
    path = tmp_path / "units.json"
    path.write_text(text)
    assert "GeoJSON" in message(path)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.binary(max_size=300), headed=st.booleans(), as_json=st.booleans())
def test_random_bytes_give_units_or_bad_input(
    tmp_path: Path, body: bytes, *, headed: bool, as_json: bool
) -> None:
    path = tmp_path / ("units.json" if as_json else "units.csv")
    path.write_bytes(HEADER.encode() + body if headed else body)
    try:
        assert read_units(path, SIDES)
    except BadInput as error:
        assert error.faults  # noqa: PT017


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    key=st.sampled_from(["id", "side", "agency", "strength", "may_act_in", "ready_s", "name"]),
    value=json_values,
)
def test_random_properties_give_units_or_bad_input(tmp_path: Path, key: str, value: object) -> None:
    try:
        assert read_units(geojson_of(tmp_path, feature(**{key: value})), SIDES)
    except BadInput as error:
        assert error.faults  # noqa: PT017
