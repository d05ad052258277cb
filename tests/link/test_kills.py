"""Two served nodes, killed at random instants during deliveries, lose and double nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.link.pairs import NAMES, message
from tests.link.test_commands import make_two
from tests.link.test_https import free_ports

from stopline.journal.verify import verify_journal
from stopline.link.disclosure import AllKinds
from stopline.link.mailbox import outbox_shelf, post
from stopline.link.messages import LANES, MessageAcknowledged
from stopline.operation.core.node import open_journal, open_node

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journal.conftest import Places

    from stopline.link.mailbox import Message
    from stopline.link.messages import Lane

SERVE = "from stopline.cli.main import app; app()"
ALL_THERE_S = 90.0


class Served:
    """Two nodes, each a process of its own over loopback HTTPS; the test writes their outboxes."""

    def __init__(self, folder: Path, journals: tuple[str, str]) -> None:
        self.ports = free_ports(2)
        self.folders = make_two(folder, (self.ports[0], self.ports[1]), journals)
        self.looks = [open_journal(p, w) for p, w in zip(self.folders, journals, strict=True)]
        self.sent: list[dict[str, list[str]]] = [{lane: [] for lane in LANES} for _ in NAMES]
        self.number = 0
        for end in (0, 1):
            self.send(end, ["routine"])
        self.running = [self.serve(end) for end in (0, 1)]

    def made(self, end: int, lane: Lane) -> Message:
        """A message that a node takes which has no protocol; alarms acknowledge what was sent."""
        self.number += 1
        each = message(end, self.number, lane)
        if lane != "alarm":
            return each
        known = self.sent[1 - end]["routine"][0]
        said = MessageAcknowledged(message=known, person="a.novak", role="duty-officer")
        return replace(each, body=said)

    def serve(self, end: int) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.Popen(
            [sys.executable, "-c", SERVE, "serve", self.folders[end], "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE,
            env=environment,
        )

    def wait_until_listening(self, end: int) -> None:
        out = self.running[end].stdout
        assert out is not None
        assert any(b"lines on" in line for line in out)

    def send(self, end: int, lanes: list[Lane]) -> None:
        """Post on disk, from this process, as a console beside the node would."""
        with open_node(self.folders[end]) as node, node.journal.transaction() as work:
            made = []
            for lane in lanes:
                each = self.made(end, lane)
                post(work, node.identity.signer, NAMES[1 - end], each, AllKinds())
                made.append((lane, each.message_id))
        for lane, name in made:  # acknowledged: from here on none may be lost
            self.sent[end][lane].append(name)

    def kill(self, end: int) -> None:
        self.running[end].send_signal(signal.SIGKILL)
        self.running[end].wait()
        out = self.running[end].stdout
        assert out is not None
        out.close()
        self.running[end] = self.serve(end)

    def waiting(self) -> int:
        """Count envelopes that the other side has not confirmed."""
        ends = zip(self.looks, reversed(NAMES), strict=True)
        return sum(len(list(look.shelf(outbox_shelf(peer)))) for look, peer in ends)

    def inbox(self, end: int) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {lane: [] for lane in LANES}
        for entry in self.looks[end].read():
            if entry.kind != "message.received" or entry.body is None:
                continue
            if not str(entry.body["kind"]).startswith("journal."):  # the nodes' own checkpoints
                found[str(entry.body["lane"])].append(str(entry.body["message"]))
        return found

    def wait_until_all_there(self) -> float:
        start = time.monotonic()
        while self.inbox(1) != self.sent[0] or self.inbox(0) != self.sent[1]:
            assert time.monotonic() - start < ALL_THERE_S, (self.sent, self.inbox(0), self.inbox(1))
            time.sleep(0.2)
        return time.monotonic() - start

    def close(self) -> None:
        for look in self.looks:
            look.close()
        for each in self.running:
            each.kill()
            each.wait()
            if each.stdout is not None:
                each.stdout.close()


def run_kills(folder: Path, journals: tuple[str, str], seed: int, kills: int) -> tuple[float, int]:
    """Send both ways, kill either node at seeded instants.

    Gives the wait until all was there, and how many kills came while something was under way.
    """
    chance = random.Random(seed)
    served, under_way = Served(folder, journals), 0
    try:
        for end in (0, 1):
            served.wait_until_listening(end)
        for _ in range(kills):
            for end in (0, 1):
                served.send(end, [chance.choice(LANES) for _ in range(20)])
            time.sleep(chance.random() * 0.5)  # within the delivery of what was just posted
            end = chance.randrange(2)
            under_way += served.waiting() > 0
            served.kill(end)
            if chance.random() < 0.7:  # else the other may be killed while this one starts
                served.wait_until_listening(end)
        waited = served.wait_until_all_there()
        time.sleep(1)  # a repeated envelope that is still on its way must change nothing
        assert (served.inbox(0), served.inbox(1)) == (served.sent[1], served.sent[0])
    finally:
        served.close()
    for place in served.folders:
        with open_node(place) as node:
            report = verify_journal(node.journal)
            assert report.holds, report.faults
    return waited, under_way


@pytest.mark.parametrize("places", ["sqlite", "postgres"], indirect=True)
def test_kills_during_deliveries(
    places: Places, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    seed = int(request.config.getoption("--seed"))
    kills = 6 if places.kind == "sqlite" else 3  # a start on PostgreSQL takes seconds
    run_kills(tmp_path, (places.url("a"), places.url("b")), seed, kills)


@pytest.mark.long
@pytest.mark.parametrize("places", ["sqlite", "postgres"], indirect=True)
def test_many_kills_during_deliveries(
    places: Places, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    seed, kills = int(request.config.getoption("--seed")), 60
    waited, under_way = run_kills(tmp_path, (places.url("a"), places.url("b")), seed, kills)
    print(f"{under_way} of {kills} kills while something was under way; all there {waited:.1f} s")  # noqa: T201
