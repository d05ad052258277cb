"""The line is shown as it is now: never up from what was recorded before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from operation.liaison_case import INCIDENT, Case
from stopline.operation.core import command_handler
from stopline.operation.core.line_now import line_now
from stopline.operation.core.node_alarms import node_alarms
from stopline.operation.runtime.line_watch import LineWatch
from stopline.operation.situation.report import situation_report
from stopline.testing.in_process_line import Faults

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


@dataclass
class Watched:
    """Two desks whose lines are watched as a serving node does."""

    case: Case

    def __post_init__(self) -> None:
        both = self.case.both
        self.watches = [
            LineWatch(desk, [engine])
            for desk, engine in zip(both.desks, both.line.ends, strict=True)
            if engine is not None
        ]

    def run(self, seconds: int) -> None:
        both = self.case.both
        for _ in range(seconds):
            both.run(1)
            for end, watch in enumerate(self.watches):
                watch(both.line.moment(end))


def test_each_direction_is_shown_and_a_dead_process_keeps_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_handler, "_LINES_S", 0.0)
    case = Case(tmp_path)
    case.liaison()
    watched, both = Watched(case), case.both
    watched.run(3)
    desk = both.desks[0]
    assert line_now(desk.catch_up(), both.now_s).up
    assert node_alarms(desk.catch_up(), both.now_s) == []

    both.line.faults[0] = Faults(cut=True)  # ours do not arrive; theirs do
    watched.run(6)
    now = line_now(desk.catch_up(), both.now_s)
    assert (now.up, now.hears) == (False, True)
    there = line_now(both.desks[1].catch_up(), both.now_s)
    assert (there.up, there.hears) == (False, False)
    (alarm,) = node_alarms(desk.catch_up(), both.now_s)
    assert alarm.lead == "LINE DOWN"
    assert "frames arrive, ours are not answered" in alarm.text

    both.line.faults[0] = Faults()
    watched.run(5)
    assert line_now(desk.catch_up(), both.now_s).up
    # The process that keeps the line dies: whoever looks later is not told that it is up.
    later_s = both.now_s + 60
    book = desk.catch_up()
    assert line_now(book, later_s).up is False
    assert "no process of this node keeps the line" in line_now(book, later_s).why
    page = situation_report(book, book.incident(INCIDENT), later_s)
    assert any("DOWN" in fact for fact in page.facts)


def test_a_line_that_died_with_its_process_is_noted_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_handler, "_LINES_S", 0.0)
    case = Case(tmp_path)
    case.liaison()
    both = case.both
    both.restart(0)
    both.line.ends[1] = None  # the other node is gone meanwhile
    watched = Watched(case)
    before = both.desks[0].node.journal.size
    watched.run(6)
    changes = [e.body for e in both.desks[0].node.journal.read(before) if e.kind == "link.changed"]
    assert [body["up"] for body in changes if body] == [False]
