"""Messages of a joint plan that fit nothing: refused, told once, and the answers go on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from tests.link.pairs import NAMES, START_S

from operation.joint.joint_case import Desks, part_of
from sealing.instances import random_problem
from stopline.link.envelope import seal_envelope
from stopline.link.ids import derived_id
from stopline.link.mailbox import outbox_key, outbox_shelf, read_mark, write_mark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    problem = random_problem(7001)
    made = Desks(tmp_path / "n", part_of(problem, "north"), part_of(problem, "south"))
    made.answering.budget = 1 << 60
    yield made
    made.pair.close()


def say(desks: Desks, kind: str, body: dict[str, Any], message: str) -> None:
    """Sign anything under any id, as a hostile peer does, and let the other side work."""
    engine, journal = desks.line.ends[0], desks.pair.journals[0]
    assert engine is not None
    with journal.transaction() as work:
        seq = read_mark(work, NAMES[1], "posted", "alarm") + 1
        envelope = seal_envelope(
            signer=desks.pair.identities[0].signer, recipient=NAMES[1], lane="alarm", seq=seq,
            message_id=message, kind=kind, schema=1, time_s=START_S + desks.line.now_s,
            incident=None, body=body,
        )  # fmt: skip
        write_mark(work, NAMES[1], "posted", "alarm", seq)
        work.put(outbox_shelf(NAMES[1]), outbox_key("alarm", seq), envelope.text)
    engine.look()
    for _ in range(20):
        desks.pause()


ANSWER = {
    "matter": "of-nothing", "number": 7, "closed_s": [1.0], "units": [1], "strength": [1],
    "members": [], "most": [],
}  # fmt: skip
WITHDRAWN = {"matter": "of-nothing", "number": 1, "reason": "a"}
TAKEN = {"matter": "of-nothing", "number": 1, "held": "0", "expires_utc_s": 9e9}


def test_the_chore_goes_on_after_messages_that_fit_nothing(
    desks: Desks, caplog: pytest.LogCaptureFixture
) -> None:
    one = derived_id(START_S, "one id for two")
    with caplog.at_level(logging.WARNING):
        say(desks, "plan.withdrawn", WITHDRAWN, one)
        say(desks, "plan.withdrawn", {**WITHDRAWN, "reason": "b"}, one)  # one id, two messages
        say(desks, "plan.decided", {"matter": "of-nothing", "number": 1}, one)
        for number in range(5):
            say(desks, "plan.answered", ANSWER, derived_id(START_S, "answer", number))
            say(desks, "plan.taken", TAKEN, derived_id(START_S, "taken", number))
            say(desks, "plan.withdrawn", WITHDRAWN, derived_id(START_S, "again", number))
        before = desks.answering.journal.size
        for _ in range(300):  # six seconds of a chore that is done fifty times a second
            desks.pause()
    assert desks.answering.journal.size - before < 20
    told = sum(len(record.getMessage()) for record in caplog.records)
    assert told < 10_000
    joint = desks.plan("a true question")
    assert joint.answered
