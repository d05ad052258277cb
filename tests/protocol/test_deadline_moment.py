"""A deadline has passed at its very moment, not one later."""

from __future__ import annotations

import math
from pathlib import Path

from stopline.protocol.machine import Machine
from stopline.protocol.reader import read_protocol
from stopline.protocol.state import ProtocolFact

EXAMPLES = Path(__file__).parents[2] / "examples" / "protocols"


def test_a_missed_deadline_is_noted_at_its_very_moment() -> None:
    machine = Machine(read_protocol(EXAMPLES / "minimal.yaml"))
    alarm = ProtocolFact(id="1", kind="alarm", about="", side="alder", at_s=0.0, known_s=0.0)
    state = machine.step(machine.begin("alder"), alarm)
    deadlines = {t.id: t.deadline_s for t in state.tasks.values() if t.deadline_s is not None}
    assert deadlines
    for task, deadline_s in deadlines.items():
        before = machine.due(state, math.nextafter(deadline_s, 0.0))
        assert task not in {fact.about for fact in before.facts}
        assert task not in {item.id for item in before.overdue}
        at = machine.due(state, deadline_s)
        assert task in {fact.about for fact in at.facts}
        assert task in {item.id for item in at.overdue}
