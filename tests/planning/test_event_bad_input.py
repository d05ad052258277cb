"""Event files that say a thing twice, against themselves, or beyond a limit are refused plainly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from event.cases import write_event
from stopline.errors import BadInput
from stopline.planning.event_input import load_event

if TYPE_CHECKING:
    from pathlib import Path


def phase(name: str, begin: str, end: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "from": f"{begin}:00+02:00", "until": f"{end}:00+02:00", **more}


def shift(begin: str, end: str, **more: Any) -> dict[str, Any]:
    return {"unit": "P1", "service": "police", "people": 3, "from": begin, "until": end, **more}


TWICE: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "gates": (
        {"venue": {"name": "M", "gates": [{"section": 24}, {"section": 24},
                                          {"name": "east", "section": 25},
                                          {"name": "east", "section": 30}]}},
        ("venue.gates[1], at the place of venue.gates[0]", "east a second time"),
    ),
    "cameras, which would count as two": (
        {"cameras": {"layers": 2, "existing": [{"name": "A", "section": 24},
                                               {"name": "B", "section": 24, "fraction": 0.5001}]}},
        ("cameras.existing[1]: found B, at the place of A",),
    ),
    "barriers": (
        {"barriers": {"from_m": 300, "existing": [{"section": 24}, {"section": 24}]}},
        ("barriers.existing[1]",),
    ),
    "types, masts and prices": (
        {"cameras": {
            "types": [{"name": "L", "cost": 1, "pixels": 1920}] * 2,
            "masts": [{"name": "T", "cost": 1, "sections": [1, 1]},
                      {"name": "T", "cost": 2, "sections": [2]}],
            "prices": [{"section": 5, "cost": 1}, {"section": 5, "cost": 7},
                       {"road": "Row 3", "cost": 1}, {"road": "Row 3"}]}},
        ("cameras.types[1]: found L a second time", "cameras.masts[1]: found T a second time",
         "cameras.masts[0].sections[1]: found 1 a second time",
         "cameras.prices[1]: found section 5 a second time",
         "cameras.prices[3]: found the road Row 3 a second time"),
    ),
    "phases": (
        {"phases": [phase("Doors", "2026-06-12T18:00", "2026-06-12T20:00"),
                    phase("Match", "2026-06-12T19:59", "2026-06-12T21:00"),
                    phase("Match", "2026-06-12T22:00", "2026-06-12T23:00")], "roster_gaps": True},
        ("phases[1]: found Match begins at 2026-06-12T19:59:00+02:00, before Doors ends",
         "phases[2]: found Match a second time"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TWICE)
def test_what_is_said_twice_is_refused_all_at_once(tmp_path: Path, what: str) -> None:
    changes, parts = TWICE[what]
    with pytest.raises(BadInput) as raised:
        load_event(write_event(tmp_path, **changes))
    for part in parts:
        assert part in str(raised.value)
    assert all(" line " in str(fault) for fault in raised.value.faults)


def test_a_limit_is_named_and_the_kind_that_was_not_meant_is_no_fault(tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "name": "  ",
        "cameras": {"layers": 65, "site_cost": 10**12, "existing": [{"section": 1, "fraction": 3}]},
        "shifts": [shift("2026-06-12T17:00:00", "2026-06-12T21:00:00+02:00", people=-3)],
    }
    with pytest.raises(BadInput) as raised:
        load_event(write_event(tmp_path, **changes))
    told = {fault.where.partition(": ")[2]: fault for fault in raised.value.faults}
    expected = ["name", "cameras.layers", "cameras.site_cost", "cameras.existing[0].fraction",
                "shifts[0].people", "shifts[0].from"]  # fmt: skip
    assert sorted(told) == sorted(expected)
    assert "at most 64" in told["cameras.layers"].expected
    assert "at most 1,000,000,000" in told["cameras.site_cost"].expected


def test_a_roster_goes_over_midnight_and_over_a_change_of_clocks(tmp_path: Path) -> None:
    night = [{"name": "Night", "from": "2026-10-24T22:00:00+02:00",
              "until": "2026-10-25T05:00:00+01:00", "crowd": 10}]  # fmt: skip
    late, early = shift("2026-10-24T21:00:00+02:00", "2026-10-25T03:00:00+02:00"), "T06:00:00+01:00"
    follows = shift("2026-10-25T02:00:00+01:00", f"2026-10-25{early}")
    event = load_event(write_event(tmp_path, phases=night, shifts=[late, follows]))
    assert [one.end_s - one.start_s for one in event.shifts] == [6 * 3600, 4 * 3600]
    by_the_clock = shift("2026-10-25T03:00:00+01:00", f"2026-10-25{early}")
    with pytest.raises(BadInput, match="nobody of police for 60 min"):
        load_event(write_event(tmp_path, phases=night, shifts=[late, by_the_clock]))


ALL_AT_ONCE: dict[str, Any] = {
    "venue": {"name": "Sea", "circle": {"lon": 1.0, "lat": 40.0, "radius_m": 60}},
    "phases": [phase("Doors", "2026-06-12T18:00", "2026-06-12T20:00", crowd=-5),
               phase("Match", "2026-06-12T22:00", "2026-06-12T21:00", crowd=1.5),
               phase("Leaving", "2026-06-12T22:00", "2026-06-12T23:00",
                     pedestrians={"circle": {"lon": 1.0, "lat": 40.0, "radius_m": 9}})],
    "cameras": {
        "layers": 0,
        "site_cost": -1,
        "existing": [{"name": "A", "lon": 1.0, "lat": 40.0}, {"name": "B", "section": -1},
                     {"name": "C", "section": 99_999}],
        "masts": [{"name": "M", "cost": 1.5, "sections": [88_888]},
                  {"name": "N", "sections": [77_777]}],
        "class": "identify", "pixels_per_m": 100,
    },
    "barriers": {"from_m": 300, "exclude": ["Nowhere"]},
    "shifts": [shift("2026-06-12T18:00:00+02:00", "2026-06-12T17:00:00+02:00"),
               shift("2026-06-12T17:00:00+02:00", "2026-06-12T21:00:00+02:00", people=0),
               {"unit": "P9", "people": 1, "from": "2026-06-12T17:00:00+02:00",
                "until": "2026-06-12T21:00:00+02:00"}],
    "units": ["gone.csv"],
    "force_rules": "gone.yaml",
}  # fmt: skip


def test_faults_of_the_form_and_on_the_roads_are_told_together_each_at_its_place(
    tmp_path: Path,
) -> None:
    path = write_event(tmp_path, **ALL_AT_ONCE)
    with pytest.raises(BadInput) as raised:
        load_event(path)
    told = [fault.where.partition(": ")[2] for fault in raised.value.faults]
    assert sorted(told) == sorted([
        "venue", "phases[0].crowd", "phases[1]", "phases[1].crowd", "phases[2].pedestrians",
        "cameras", "cameras.layers", "cameras.site_cost", "cameras.existing[0]",
        "cameras.existing[1].section", "cameras.existing[2]", "cameras.masts[0].cost",
        "cameras.masts[0].sections[0]", "cameras.masts[1].cost", "cameras.masts[1].sections[0]",
        "barriers.exclude[0]", "shifts[0]", "shifts[1].people", "units[0]", "force_rules",
    ])  # fmt: skip
    lines = path.read_text().splitlines()
    for fault in raised.value.faults:
        number, _, keys = fault.where.rpartition(" line ")[2].partition(": ")
        last = keys.rpartition(".")[2]
        assert last in lines[int(number) - 1] or "[" in last or fault.seen == "nothing"


def test_each_fault_alone_is_told_alone(tmp_path: Path) -> None:
    """What is left out because of a fault is no fault of what remains."""
    for number, (key, value, where) in enumerate([
        ("phases", ALL_AT_ONCE["phases"][:1], "phases[0].crowd"),
        ("cameras", {"existing": [{"name": "B", "section": -1}]}, "cameras.existing[0].section"),
        ("cameras", {"masts": [{"name": "N", "sections": [1]}]}, "cameras.masts[0].cost"),
        ("shifts", [shift("2026-06-12T20:00:00+02:00", "2026-06-12T19:00:00+02:00"),
                    shift("2026-06-12T17:00:00+02:00", "2026-06-12T18:30:00+02:00")], "shifts[0]"),
        ("radius_m", None, "radius_m"),
        ("risk", {"level": "mild", "reasons": ["x"]}, "risk.level"),
    ]):  # fmt: skip
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(BadInput) as raised:
            load_event(write_event(folder, **{key: value}))
        assert [fault.where.partition(": ")[2] for fault in raised.value.faults] == [where]


def test_a_rule_table_tells_all_its_faults_with_those_of_the_event(tmp_path: Path) -> None:
    path = write_event(tmp_path, cameras={"layers": 2, "existing": [{"section": 99_999}]},
                       phases=[phase("A", "2026-06-12T18:00", "2026-06-12T20:00", crowd=-1)],
                       force_rules="bad.yaml")  # fmt: skip
    row = {"kind": "task", "service": "police", "what": "patrol", "people": 2, "date": "2026-01-01"}
    rows = [
        {"id": "a", "source": "x", **row},
        {"id": "a", "source": "x", **row},
        {"id": "b", **row},
    ]
    table = {"name": "T", "example": True, "rows": rows}
    (tmp_path / "bad.yaml").write_text(yaml.safe_dump(table))
    with pytest.raises(BadInput) as raised:
        load_event(path)
    told = [fault.where.partition(": ")[2] for fault in raised.value.faults]
    expected = ["cameras.existing[0]", "phases[0].crowd", "rows[1].id", "rows[2].source"]
    assert sorted(told) == expected
