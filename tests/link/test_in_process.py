"""The simulated line passes over idle steps, and nothing comes earlier or later for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.link.pairs import NAMES, Pair, message

from stopline.link.disclosure import AllKinds
from stopline.link.mailbox import post

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.testing.in_process_line import InProcessLine


def post_on_disk(pair: Pair, end: int, number: int) -> None:
    """As a desk does, which leaves it to the engine to look."""
    with pair.journals[end].transaction() as work:
        signer = pair.identities[end].signer
        post(work, signer, NAMES[1 - end], message(end, number), AllKinds())


def came_s(line: InProcessLine, pair: Pair, *, skips: bool, pause_s: float) -> list[float]:
    """When each message was there, and the time and frames at the end."""
    found = []
    for number in range(1, 25):
        if number == 12:  # a black hole for some seconds, then it heals
            line.faults[0].cut = True
        if number == 16:
            line.faults[0].cut = False
        post_on_disk(pair, number % 2, number)
        if skips:
            line.run(pause_s)
        else:
            line.run(pause_s, until=lambda: False)  # looks at every step
        kinds = [
            [e.time_s for e in j.read() if e.kind == "message.received"] for j in pair.journals
        ]
        found += [float(len(kinds[0])), float(len(kinds[1])), *kinds[0][-1:], *kinds[1][-1:]]
    return [*found, line.now_s, float(line.frames)]


@pytest.mark.parametrize("pause_s", [0.1, 0.37, 1.0, 3.0])
def test_all_comes_at_the_same_moment(tmp_path: Path, pause_s: float) -> None:
    seen = []
    for skips in (False, True):
        pair = Pair(tmp_path / str(skips))
        seen.append(came_s(pair.line(), pair, skips=skips, pause_s=pause_s))
        pair.close()
    assert seen[0] == seen[1]
