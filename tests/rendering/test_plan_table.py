"""The table fits the terminal, and its plain form is one line per seal."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from stopline.rendering.plan_table import COLUMNS, plan_markdown, plan_rows_tsv, plan_table
from stopline.rendering.time_text import Clock, span, without_verdict
from stopline.scenario.place_text import NamedPlace, place_of, road_of, title_of
from stopline.sealing.plan import Plan, Verdict
from stopline.testing.toy_plan import NOW_UTC_S, toy_plan, toy_problem

PROBLEM = toy_problem()
ZONE = timezone(timedelta(hours=2))


def printed(plan: Plan, width: int) -> str:
    console = Console(width=width, file=io.StringIO(), color_system=None)
    console.print(plan_table(plan, ZONE))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_table_fits(width: int, verdict: Verdict) -> None:
    text = printed(toy_plan(PROBLEM, verdict), width)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    assert verdict.upper() in text
    assert "21:32:30" in text
    assert ("Why" in text) == (verdict == Verdict.IMPOSSIBLE)
    assert ("Open: " in text) == (verdict != Verdict.SEALED)


def test_a_wide_terminal_says_why() -> None:
    assert "Without it the" in printed(toy_plan(PROBLEM), 200)
    assert "Without it the" not in printed(toy_plan(PROBLEM), 80)


def test_plain_lines_hold_every_column_and_no_tricks() -> None:
    plan = toy_plan(PROBLEM)
    nasty = replace(plan.seals[0], why="a\tb\x1b[31m\nc")
    lines = plan_rows_tsv(replace(plan, seals=(nasty, *plan.seals[1:])), ZONE).splitlines()
    assert lines[0].split("\t") == list(COLUMNS)
    assert len(lines) == 7
    assert all(line.count("\t") == len(COLUMNS) - 1 for line in lines)
    assert "\x1b" not in lines[1]
    assert "[31m" not in printed(replace(plan, sentence="x\x1b[31m"), 100).replace("[31m", "", 1)


def test_markdown_has_verdict_table_and_what_is_open() -> None:
    text = plan_markdown(toy_plan(PROBLEM, Verdict.LEAKING), ZONE)
    assert text.startswith("**LEAKING.** 6 seals by 6 units.")
    assert "| 1 | motorway (way 1000) at Landstrasse | Westland | W | W-1 |" in text
    assert "- Missing: One more unit" in text


def test_the_date_stands_where_it_is_another_day() -> None:
    clock = Clock(NOW_UTC_S, ZONE)
    assert clock.exact(60.4) == "21:31:00"
    assert clock.exact(60.4, late=True) == "21:31:01"
    assert clock.exact(3 * 3600) == "13 Jun 00:30:00"
    assert clock.short(3 * 3600) == "00:30:00⁺¹"
    assert clock.exact(float("inf")) == "never"
    assert clock.minute(61, late=True) == "21:32"
    assert clock.minute(61) == "21:31"
    assert clock.day() == "Fri 12 Jun 2026, UTC+02:00"


def test_an_hour_that_is_skipped_is_not_counted() -> None:
    before = 1774744200.0  # 2026-03-29T01:30+01:00, half an hour before summer time
    assert Clock(before, ZoneInfo("Europe/Vaduz")).exact(3600) == "03:30:00"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (75.9, "75 s"),
        (-3, "\N{MINUS SIGN}3 s"),
        (299, "4 min"),
        (7500, "2 h 05 min"),
        (float("inf"), "no bound"),
        (1e6, "11 days"),
    ],
)
def test_spans_promise_no_more_than_there_is(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_an_hour_that_comes_twice_is_told_apart() -> None:
    before = 1792888200.0  # 2026-10-25T02:30+02:00, half an hour before winter time
    clock = Clock(before, ZoneInfo("Europe/Vaduz"))
    assert [clock.exact(s) for s in (0, 3600)] == ["02:30:00", "02:30:00 UTC+01:00"]


def test_places_have_names() -> None:
    site = PROBLEM.site(0)
    near = (NamedPlace("Oldtown", site.lon + 0.05, site.lat), NamedPlace("Faraway", 0, 0))
    assert road_of(site) == "motorway (way 1000) at Landstrasse"
    assert place_of(site, near) == "4 km west of Oldtown"
    assert title_of(site, near) == "motorway near Oldtown"
    assert title_of(site) == "motorway (way 1000) at Landstrasse, Westland"
    crossing = PROBLEM.site(3)
    assert place_of(crossing) == "border Westland - Eastland"
    assert title_of(crossing) == crossing.name == "Churer Strasse"
    assert without_verdict("Sealed: all of it.", "sealed") == "All of it."
    assert without_verdict("All of it.", "sealed") == "All of it."
