"""`node serve` shows its checkpoints by itself; each side cosigns, and then both are still."""

from __future__ import annotations

import random
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.link.pairs import NAMES, START_S, message
from tests.link.test_commands import make_two

from stopline.journal.verify import verify_journal
from stopline.link.engine import LinkEngine
from stopline.operation.core.node import Node, open_node
from stopline.operation.runtime.cosigning import Cosigning
from stopline.testing.in_process_line import Faults, InProcessLine

if TYPE_CHECKING:
    from pathlib import Path

EVERY_S = 60.0


class Cosigners:
    """Two nodes on a simulated line, each with the chore of `node serve`."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.ends = [
            LinkEngine(node.journal, node.identity, other)
            for node, other in zip(nodes, reversed(NAMES), strict=True)
        ]
        self.line = InProcessLine([*self.ends], random.Random(1))
        self.line.utc_s = [START_S, START_S]
        self.chores = [
            Cosigning(node, [end], EVERY_S) for node, end in zip(nodes, self.ends, strict=True)
        ]

    def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.line.run(1)
            for end, chore in enumerate(self.chores):
                chore(self.line.moment(end))

    def shown(self) -> list[int]:
        return [len(node.journal.checkpoints()) for node in self.nodes]


def test_each_side_cosigns_the_other_s_checkpoints_on_time(tmp_path: Path) -> None:
    with ExitStack() as stack:
        both = Cosigners([stack.enter_context(open_node(place)) for place in make_two(tmp_path)])
        both.run(5)
        assert both.shown() == [1, 1]  # as soon as the line is up
        both.run(600)
        idle = [node.journal.size for node in both.nodes]
        both.run(600)
        assert [node.journal.size for node in both.nodes] == idle  # no news, no checkpoint
        before = both.shown()
        for number in range(90):  # one message a second
            both.ends[0].post(message(0, number))
            both.run(1)
        assert [after - now for after, now in zip(both.shown(), before, strict=True)] == [2, 2]
        both.run(60)
        for end, node in enumerate(both.nodes):
            ring = both.ends[end].peer.ring()
            report = verify_journal(node.journal, cosigners=[ring])
            assert report.holds, report.faults
            assert report.cosigned_size > 90


def test_nothing_piles_up_while_the_line_is_down(tmp_path: Path) -> None:
    with ExitStack() as stack:
        both = Cosigners([stack.enter_context(open_node(place)) for place in make_two(tmp_path)])
        both.run(5)
        both.line.faults = [Faults(cut=True), Faults(cut=True)]
        both.run(10)
        both.ends[0].post(message(0, 1))
        both.run(600)
        assert both.ends[0].state().unacknowledged == 1
        both.line.faults = [Faults(), Faults()]
        both.run(60)
        assert all(end.state().unacknowledged == 0 for end in both.ends)
        last = both.nodes[0].journal.checkpoints()[-1]
        assert {each.name for each in last.note.signatures} == set(NAMES)
