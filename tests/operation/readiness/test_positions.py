"""Positions: each row is judged by itself; a text is read with all its faults, or whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operation.readiness_case import DUTY, FEED, enrol, radio, readiness, row
from stopline.errors import BadInput, Fault
from stopline.operation.core.errors import NotNow
from stopline.operation.readiness.positions import (
    AHEAD_S,
    PositionRow,
    ReportPositions,
    report_positions,
)
from stopline.operation.readiness.positions_csv import read_positions_csv, write_positions_csv

if TYPE_CHECKING:
    from operation.liaison_case import Case


def test_bad_rows_are_left_out_one_by_one_and_counted(case: Case) -> None:
    enrol(case)
    now = case.both.now_s
    rows = (
        row("P1", now),
        row("nobody", now),
        row("R1", now),
        row("P2", now + 60),
        row("P2", now - 86_401),
        row("P2", now - 30, lon=200.0),
        row("P2", now - 20),
        row("P2", now - 20, lon=9.6),
        row("P2", now - 40),
        row("P2", now - 19, lon=9.53001),
        row("P3", now + AHEAD_S / 2, speed_mps=13.88, heading_deg=270.0),
    )
    outcome = report_positions(case.both.desks[0], rows, FEED, command_id="c", now_s=now)
    assert outcome.taken == 3
    assert [(one.row, one.reason) for one in outcome.refused] == [
        (1, "unknown unit"),
        (2, "unit of another service"),
        (3, "time in the future"),
        (4, "more than a day old"),
        (5, "no place on earth"),
    ]
    assert str(outcome.refused[0]).startswith("row 2 (nobody): unknown unit; expected the id of")
    assert outcome.passed_over == {"not newer than its last": 2, "stands still": 1}
    entry = case.both.desks[0].node.journal.find(outcome.done.ids[0])
    assert entry.body is not None
    assert entry.body["left_out"] == {
        "unknown unit": 1, "unit of another service": 1, "time in the future": 1,
        "more than a day old": 1,
        "no place on earth": 1, "not newer than its last": 2, "stands still": 1,
    }  # fmt: skip
    fixes = readiness(case).fixes
    assert set(fixes) == {"P1", "P2", "P3"}
    assert fixes["P2"].at_s == round(now - 20, 3)
    assert (fixes["P3"].speed_mps, fixes["P3"].heading_deg) == (13.9, 270.0)
    assert fixes["P1"].speed_mps is None
    again = report_positions(case.both.desks[0], rows, FEED, command_id="c", now_s=now)
    assert (again.done.repeated, again.taken) == (True, 0)


def test_a_batch_of_nothing_but_rows_to_mend_is_refused(case: Case) -> None:
    enrol(case)
    now = case.both.now_s
    for name, reason in (("nobody", "unknown unit"), ("R1", "unit of another service")):
        with pytest.raises(NotNow, match=f"none of 1 rows can be taken: row 1 .{name}.: {reason}"):
            case.do(0, ReportPositions(rows=(row(name, now),)), FEED)
    with pytest.raises(NotNow, match="unit of another service"):
        case.do(0, ReportPositions(rows=(row("P2", now),)), radio("P1"))


def test_what_is_old_or_stands_still_is_no_fault_and_no_fact(case: Case) -> None:
    enrol(case)
    now = case.both.now_s
    assert case.do(0, ReportPositions(rows=(row("P1", now),)), DUTY).entries
    for seconds in (0, -5, 59):
        case.both.run(1)
        again = ReportPositions(rows=(row("P1", now + min(seconds, 2)),))
        assert case.do(0, again, DUTY).entries == ()
    case.both.run(60)
    assert case.do(0, ReportPositions(rows=(row("P1", now + 60.5),)), DUTY).entries
    moved = ReportPositions(rows=(row("P1", now + 61.5, lon=9.5302),))
    assert case.do(0, moved, DUTY).entries, "15 m are a move"


def test_positions_are_the_same_after_a_restart(case: Case) -> None:
    enrol(case)
    case.alarm()
    for number in range(3):
        case.both.run(5)
        now = case.both.now_s
        rows = tuple(row(f"P{n}", now, lon=9.5 + number / 100, speed_mps=n) for n in (1, 2))
        case.do(0, ReportPositions(rows=rows), FEED)
    before = dict(readiness(case).fixes)
    assert len(before) == 2
    case.restart_folds_the_same()
    assert readiness(case).fixes == before


ROWS = st.builds(
    PositionRow,
    unit=st.text(
        st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=200
    ),
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    time=st.datetimes(
        datetime(1970, 1, 2), datetime(9990, 1, 1),  # noqa: DTZ001
        timezones=st.integers(-14, 14).map(lambda h: timezone(timedelta(hours=h))),
    ),
    speed_mps=st.none() | st.floats(0, 200),
    heading_deg=st.none() | st.floats(0, 360),
)  # fmt: skip


@given(st.lists(ROWS, min_size=1, max_size=20))
def test_what_is_written_is_read_again(rows: list[PositionRow]) -> None:
    assert list(read_positions_csv(write_positions_csv(rows), "x")) == rows


@given(
    st.text()
    | st.text(alphabet='unitlonametspdheg_,;\n\r"0123456789.-:+ZT\ufeff\0')
    | st.text(alphabet='0123456789.-:+ZT,"\n naif').map(lambda t: f"unit,lon,lat,time\n{t}")
)
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    rows, faults = read(text)
    assert bool(rows) != bool(faults)
    assert all(fault.where.startswith("feed.csv") for fault in faults)
    assert all(-180 <= one.lon <= 180 and one.time.tzinfo for one in rows)


def read(text: str) -> tuple[tuple[PositionRow, ...], tuple[Fault, ...]]:
    try:
        return read_positions_csv(text, "feed.csv"), ()
    except BadInput as error:
        return (), error.faults


def test_all_faults_of_a_text_are_named_at_once() -> None:
    text = (
        "unit,lon,lat,time,speed_mps\n"
        "P1,9.5,47.1,2026-11-25T21:40:05Z,12\n"
        ",9.5,47.1,2026-11-25T21:40:05Z,\n"
        "P2,190,x,2026-11-25T21:40:05,-1\n"
        "P3,9.5,47.1\n"
        "P4,9.5,1_0,2026-11-25T21:40:05Z,\n"
    )
    with pytest.raises(BadInput) as told:
        read_positions_csv(text, "feed.csv")
    assert [fault.where for fault in told.value.faults] == [
        "feed.csv line 3: unit",
        "feed.csv line 4: lon",
        "feed.csv line 4: lat",
        "feed.csv line 4: speed_mps",
        "feed.csv line 4: time",
        "feed.csv line 5",
        "feed.csv line 6: lat",
    ]
    assert "found 2026-11-25T21:40:05; expected a time with zone" in str(told.value)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("", "nothing"),
        ("unit,lon,lat,time\n", "no positions"),
        ("unit;lon;lat;time\n", "semicolons"),
        ("unit,lon,lat\nP1,1,2\n", "no column 'time'"),
        ("unit,lon,lat,time,lon\n", "'lon' twice"),
        ("unit,lon,lat,time,height\n", "column 'height'"),
        ('unit,lon,lat,time\n"P1,1,2,3\n', "broken CSV"),
        ("unit,lon,lat,time\n" + "P,1,1,x\n" * 300, "more faults than these"),
        ("unit,lon,lat,time\n" + "P,1,1,2026-11-25T21:40:05Z\n" * 5001, "more than 5000 rows"),
        ("x" * 4_000_001, "over 4 million"),
    ],
)
def test_a_text_that_will_not_do_says_why(text: str, seen: str) -> None:
    with pytest.raises(BadInput, match=seen):
        read_positions_csv(text, "feed.csv")


def test_times_of_any_zone_are_the_same_moment() -> None:
    (one,) = read_positions_csv("unit,lon,lat,time\nP,1,2,2026-11-25T22:40:05+01:00\n", "x")
    assert one.time == datetime(2026, 11, 25, 21, 40, 5, tzinfo=UTC)
