"""A node put back from a backup, and a second copy of it: found on the line, told, and mended."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from operation.liaison_case import DUTY, INCIDENT, LIAISON, Case
from stopline.cli.main import app
from stopline.link.copies import begin_lines, note_fell_behind, note_fenced
from stopline.link.engine import LinkEngine
from stopline.link.errors import Fenced
from stopline.operation.core.admission import DeskAdmission
from stopline.operation.core.node_alarms import node_alarms
from stopline.operation.runtime.bootstrap import open_command_handler
from stopline.testing.in_process_line import InProcessLine

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.operation.core.command_handler import CommandHandler


def engine_of(desk: CommandHandler, now_s: float, *, epoch: int | None = None) -> LinkEngine:
    node = desk.node
    engine = LinkEngine(node.journal, node.identity, str(desk.peer), admission=DeskAdmission(desk))
    engine.begin_epoch(epoch or begin_lines(node.journal, node.identity.name, now_s))
    return engine


def leads(desk: CommandHandler, now_s: float) -> list[str]:
    return [one.lead for one in node_alarms(desk.catch_up(), now_s)]


class Copied:
    """Two nodes in an incident; alder was copied in the middle of it, then went on."""

    def __init__(self, folder: Path) -> None:
        self.case = Case(folder / "first")
        both = self.case.both
        for end in (0, 1):
            both.line.ends[end] = engine_of(both.desks[end], both.now_s)
        self.case.alarm()
        self.backup = folder / "backup"
        shutil.copytree(both.folders[0], self.backup)
        self.case.do(0, self.case.said("alert", what_happened="shots", vehicle="van"), DUTY)
        self.case.do(1, self.case.said("alert_understood"), DUTY)
        self.case.do(1, self.case.said("liaison_open", contact_persons="B. Kovar"), LIAISON)

    @property
    def line(self) -> InProcessLine:
        return self.case.both.line

    def put_back(self) -> CommandHandler:
        """Alder's node from the backup, in place of the one that went on."""
        both = self.case.both
        both.desks[0].node.journal.close()
        both.desks[0] = open_command_handler(self.backup)
        return both.desks[0]


def test_a_restored_node_is_found_and_told_on_both_sides_and_comes_back(tmp_path: Path) -> None:
    copied = Copied(tmp_path)
    both = copied.case.both
    restored = copied.put_back()
    peer = both.desks[1]
    ours = engine_of(restored, both.now_s, epoch=9)  # as if it had been started often enough
    both.line.ends[0] = ours
    both.line.run(3)
    assert "alarm 1" in ours.diverged
    note_fell_behind(
        restored.node.journal, "alder.example/node", str(restored.peer), ours.diverged, both.now_s
    )
    assert "THIS RECORD IS AN OLD COPY" in leads(restored, both.now_s)
    assert "THEY LOST PART OF THEIR RECORD" in leads(peer, both.now_s)
    assert restored.catch_up().incident(INCIDENT).phase == "ALARM"
    # The way back, as docs/nodes.md has it.
    export = tmp_path / "birch.jsonl"
    both.close()
    run = CliRunner()
    done = run.invoke(app, ["journal", "export", str(both.folders[1]), str(export)])
    assert done.exit_code == 0, done.output
    done = run.invoke(
        app, ["link", "recover", str(copied.backup), "birch.example/node", str(export)]
    )
    assert done.exit_code == 0, done.output
    assert "1 messages of this node and 2 of birch.example/node are back" in done.output
    assert run.invoke(app, ["journal", "verify", str(copied.backup)]).exit_code == 0
    again, there = open_command_handler(copied.backup), open_command_handler(both.folders[1])
    assert again.catch_up().incident(INCIDENT).phase == "LIAISON"
    ends = [engine_of(desk, both.now_s) for desk in (again, there)]
    line = InProcessLine([*ends], both.line.chance)
    line.now_s = both.line.now_s + 10
    line.run(3)
    assert [end.diverged for end in ends] == ["", ""]
    assert all(end.line.up for end in ends)
    assert leads(again, both.now_s) == []
    for desk in (again, there):
        desk.node.journal.close()


def test_of_two_copies_only_one_counts(tmp_path: Path) -> None:
    copied = Copied(tmp_path)
    both = copied.case.both
    first, peer = both.line.ends[0], both.line.ends[1]
    assert first is not None
    assert peer is not None
    standby = open_command_handler(copied.backup)
    second = engine_of(standby, both.now_s)  # a later start, while the first is heard

    def hear(sender: LinkEngine) -> None:
        peer.receive(sender.tick(both.line.moment(0), reply=True)[0], both.line.moment(1))

    for _ in range(4):
        with pytest.raises(Fenced, match="while start 1 is heard") as found:
            hear(second)
        assert not found.value.for_good
        both.line.run(1)
    assert first.line.up  # the one that counts has not noticed
    assert "TWO COPIES OF THE OTHER NODE" in leads(both.desks[1], both.now_s)
    both.line.ends[0] = None  # the first ends, and the second takes its place
    both.line.run(3)
    hear(second)
    with pytest.raises(Fenced, match="does not count") as found:
        hear(first)
    assert found.value.for_good
    assert first.state().unacknowledged == 0
    standby.node.journal.close()
    both.close()


def test_a_copy_that_is_fenced_does_not_count_its_way_past_the_other(tmp_path: Path) -> None:
    copied = Copied(tmp_path)
    both = copied.case.both
    standby = open_command_handler(copied.backup)
    engine = engine_of(standby, both.now_s)
    engine.fence("start 2 does not count")
    assert engine.state().why == "start 2 does not count"
    note_fenced(standby.node.journal, "alder.example/node", "birch.example/node", "x", both.now_s)
    assert "THIS COPY DOES NOT COUNT" in leads(standby, both.now_s)
    numbers = {begin_lines(standby.node.journal, "alder.example/node", both.now_s) for _ in "abc"}
    assert len(numbers) == 1
    standby.node.journal.close()
    both.close()
