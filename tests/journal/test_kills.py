"""A writer killed at any instant loses nothing that it was told is on disk, and doubles nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.journal.conftest import open_at
from tests.journal.facts import fact, personal

from stopline.journal.checkpoint import Checkpoint, SignedCheckpoint
from stopline.journal.verify import verify_journal
from stopline.signed_note import Signer

if TYPE_CHECKING:
    from tests.journal.conftest import Places

WRITER = """
import sys
from tests.journal.test_kills import write
write(sys.argv[1], int(sys.argv[2]))
"""
SIGNER = Signer("north.example/node", Ed25519PrivateKey.from_private_bytes(b"n" * 32))


def write(url: str, first: int) -> None:
    """Append facts, shelf values and checkpoints for ever; say each number once it is on disk."""
    journal = open_at(url)
    print("ready", flush=True)  # noqa: T201
    for number in range(first, first + 100_000):
        made = personal(number) if number % 7 == 0 else fact(number)
        with journal.transaction() as work:
            work.append([made])
            work.put("out", f"{number:020d}", str(number).encode())
            size = work.size
        if number % 5 == 0:
            point = Checkpoint("north.example/node", size, journal.root(size))
            journal.keep_checkpoint(SignedCheckpoint.make(point, SIGNER))
        print(number, flush=True)  # noqa: T201


def kill_once(url: str, first: int, after_s: float) -> int:
    """Start a writer, kill it; give the last number that it was told is on disk."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, url, str(first)],
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    time.sleep(after_s)
    child.send_signal(signal.SIGKILL)
    told = child.stdout.read().split(b"\n")[:-1]  # a line cut short was not told
    child.stdout.close()
    child.wait()
    return int(told[-1]) if told else first - 1


def check(url: str, told: int) -> int:
    """Check the journal after a kill; give the next free number."""
    with open_at(url) as journal:
        report = verify_journal(journal, key=SIGNER.key)
        assert report.holds, report.faults
        ids = [entry.fact_id for entry in journal.read()]
        assert ids == [fact(number).fact_id for number in range(len(ids))]  # once, in order
        assert len(ids) > told
        assert [int(value) for _, value in journal.shelf("out")] == list(range(len(ids)))
        return len(ids)


@pytest.mark.parametrize("places", ["sqlite", "postgres"], indirect=True)
def test_kills_in_each_run(places: Places, request: pytest.FixtureRequest) -> None:
    run_kills(places, int(request.config.getoption("--seed")), 10)


@pytest.mark.long
@pytest.mark.parametrize("places", ["sqlite", "postgres"], indirect=True)
def test_a_thousand_kills(places: Places, request: pytest.FixtureRequest) -> None:
    run_kills(places, int(request.config.getoption("--seed")), 500, fresh_every=50)


def run_kills(places: Places, seed: int, kills: int, fresh_every: int = 10**9) -> None:
    chance, first, name = random.Random(seed), 0, 0
    for kill in range(kills):
        if kill % fresh_every == 0:
            first, name = 0, kill  # a fresh journal, so that checking stays quick
        url = places.url(f"kills{name}")
        told = kill_once(url, first, chance.random() * 0.12)
        first = check(url, told)
