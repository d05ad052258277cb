"""Under every attack by a stranger the line stays up and an officer's command is answered.

`--long` runs every attack and holds the figures of docs/reliability.md; each run takes a short one.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.console.test_serving import DUTY
from tests.link.test_https import free_ports

from attack.measured import ATTACKS, MIB, Measured, Node, Officer, is_loaded, measure
from console.served import DOCUMENT, INCIDENT, House
from stopline.operation.accounts.settings import AccessSettings
from stopline.operation.core.commands import OpenIncident
from stopline.testing.two_desks import TwoNodes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS: list[Measured] = []


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Officer]]:
    folder = tmp_path_factory.mktemp("measured")
    both, token = make_pair(folder)
    nodes = [Node.start(place) for place in both]
    officer = Officer(nodes[0], token, INCIDENT)
    try:
        officer_sees_the_line(officer)
        yield nodes[0], officer
    finally:
        for node in nodes:
            node.end()


def make_pair(folder: Path) -> tuple[tuple[Path, Path], str]:
    """Two nodes that can call each other, and the token of a duty officer."""
    both = TwoNodes.make(folder, DOCUMENT.read_bytes(), ports=tuple(free_ports(2)))
    house = House.of(both, AccessSettings())  # passwords are hashed as at a real node
    house.now_s = time.time()
    house.admit("p.duty", "duty_officer")
    expires = datetime.fromtimestamp(time.time() + 9e4, UTC)
    house.do(OpenIncident(incident=INCIDENT, title="x", authority="y", expires=expires), DUTY)
    token = house.log_in("p.duty").token
    both.close()
    return both.folders, token


def officer_sees_the_line(officer: Officer) -> None:
    import threading  # noqa: PLC0415

    stop = threading.Event()
    thread = threading.Thread(target=officer.work, args=(stop,))
    thread.start()
    until_s = time.monotonic() + 60
    while not (officer.ups and officer.ups[-1]):
        assert time.monotonic() < until_s, officer.failed[-3:]
        time.sleep(0.2)
    stop.set()
    thread.join()


@pytest.mark.parametrize(
    "name",
    [name if number == 3 else pytest.param(name, marks=pytest.mark.long)
     for number, name in enumerate(ATTACKS)],
)  # fmt: skip
def test_officers_do_not_notice_strangers(pair: tuple[Node, Officer], name: str) -> None:
    node, officer = pair
    found = measure(node, officer, name)
    ROWS.append(found)
    sys.stdout.write(found.row() + "\n")
    assert not found.failed
    assert found.grown < 100 * MIB
    assert found.logged < 20_000
    if not is_loaded():  # else the peer itself is late
        assert found.up
        assert found.longest_s < 1
