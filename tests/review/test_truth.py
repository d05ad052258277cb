"""A track of the vehicle is read, or refused with every fault, and put on the roads."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.errors import BadInput
from stopline.review.ground_truth import TrueTrack, driven, read_truth
from stopline.scenario.loader import load_scenario

ROOT = Path(__file__).parents[2]
ROWS = [
    ("2026-11-18T12:00:00+01:00", 9.52, 47.13),
    ("2026-11-18T11:01:00+00:00", 9.53, 47.12),
    ("2026-11-18T12:02:00+01:00", 9.54, 47.11),
]


def csv_of(rows: list[tuple[str, float, float]]) -> str:
    return "lon,time,lat\n" + "".join(f"{lon},{time},{lat}\n" for time, lon, lat in rows)


def feature(geometry: dict[str, object], **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def test_csv_points_and_lines_say_the_same(tmp_path: Path) -> None:
    table, points, line = (tmp_path / name for name in ("t.csv", "p.geojson", "l.json"))
    table.write_text(csv_of(ROWS[::-1]), "utf-8")
    points.write_text(json.dumps({"type": "FeatureCollection", "features": [
        feature({"type": "Point", "coordinates": [lon, lat]}, time=time) for time, lon, lat in ROWS
    ]}), "utf-8")  # fmt: skip
    coordinates = [[lon, lat, 450.0] for _, lon, lat in ROWS]
    times = [time for time, _, _ in ROWS]
    line.write_text(
        json.dumps(feature({"type": "LineString", "coordinates": coordinates}, times=times)),
        "utf-8",
    )
    found = [read_truth(path) for path in (table, points, line)]
    for one in found:
        assert one.time_s.tolist() == found[0].time_s.tolist()
        assert one.lon.tolist() == [9.52, 9.53, 9.54]
    begin = found[0].time_s[0]
    assert found[0].at(begin + 30) == pytest.approx((9.525, 47.125))
    assert found[0].at(begin - 1) is None
    assert found[0].at(begin + 121) is None


@pytest.mark.parametrize(("name", "text", "fault"), [
    ("a.csv", "time,lon\n", "columns time, lon, lat"),
    ("a.csv", csv_of(ROWS[:1]), "1 points"),
    ("a.csv", csv_of([("noon", 200.0, 47.0), *ROWS]), "lon"),
    ("a.csv", csv_of([("2026-11-18T12:00:00", 9.0, 47.0), *ROWS]), "zone"),
    ("a.csv", csv_of([(ROWS[0][0], 9.0, 47.0), *ROWS]), "one place at a time"),
    ("a.geojson", "{", "GeoJSON"),
    ("a.geojson", "[]", "GeoJSON"),
    ("a.geojson", json.dumps(feature({"type": "Polygon", "coordinates": []})), "Polygon"),
    ("a.geojson", json.dumps(feature({"type": "LineString", "coordinates": [[1, 2]]})), "0 times"),
])  # fmt: skip
def test_what_is_no_track_is_refused(tmp_path: Path, name: str, text: str, fault: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    with pytest.raises(BadInput, match=fault):
        read_truth(path)


@given(st.binary(max_size=200), st.sampled_from(["t.csv", "t.geojson"]))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    path = tmp_path_factory.mktemp("t") / name
    path.write_bytes(data)
    try:
        found = read_truth(path)
    except BadInput:
        return
    assert found.time_s.size > 1


def test_it_is_put_on_the_roads_it_drove(tmp_path: Path) -> None:
    del tmp_path
    network = load_scenario(ROOT / "examples/liechtenstein/sealed.yaml").problem.network
    arc = int(np.flatnonzero(network.section_length_m > 400)[0])
    line = network.geometry(arc)
    times = np.linspace(0.0, 60.0, len(line))
    found = driven(TrueTrack(times, line[:, 0].copy(), line[:, 1].copy()), network)
    assert arc in {one.section for one in found}
    longest = max(found, key=lambda one: one.leave_s - one.enter_s)
    assert longest.section == arc
    assert all(one.enter_s <= one.leave_s for one in found)
    assert [one.enter_s for one in found] == sorted(one.enter_s for one in found)
