"""Whatever the other side sends as part of a joint plan is answered, declined or left: no crash."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from tests.link.pairs import NAMES, START_S

from operation.joint.joint_case import Desks, part_of
from sealing.instances import random_problem
from stopline.errors import BadInput
from stopline.link.envelope import parse_envelope, seal_envelope
from stopline.link.ids import derived_id
from stopline.link.mailbox import Message, outbox_key, outbox_shelf, read_mark, write_mark
from stopline.link.messages import MessageBody, all_message_kinds
from stopline.link.plan_messages import (
    PlanAnswered,
    PlanAsked,
    PlanDecided,
    PlanTaken,
    PlanWithdrawn,
)
from stopline.operation.core.state import NodeState
from stopline.operation.joint.message_codec import answer_of, common_of
from stopline.sealing.side import Commitment, Demands

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 40
JOINT = [kind for kind in all_message_kinds() if kind.name.startswith("plan.")]
numbers = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(repr),
    st.sampled_from(["", " ", "1_0", "0x1", "\u0661", "1e999", "-inf", "nan", "None", "9" * 400]),
)
# Signs that are not seen are refused before: tests/attack/test_odd_content.py
seen = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs")), max_size=LONGEST)
rows = st.lists(numbers, max_size=5).map(" ".join) | seen
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=LONGEST),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip
matters = seen
moments = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    problem = random_problem(7001)
    north, south = part_of(problem, "north"), part_of(problem, "south")
    made = Desks(tmp_path_factory.mktemp("malformed") / "n", north, south)
    made.answering.budget = 1 << 60
    yield made
    made.pair.close()


def send(desks: Desks, body: MessageBody) -> list[str]:
    """Send from north to south, let south work, and give the kinds of what it sent back."""
    engine, south = desks.line.ends[0], desks.answering.journal
    assert engine is not None
    before = south.size
    now_s = START_S + desks.line.now_s
    message_id = derived_id(now_s, "fuzz", before)
    engine.post(Message(message_id=message_id, body=body, time_s=now_s, author="x", role="y"))
    for _ in range(20):
        desks.pause()
    entries = list(south.read(before))
    assert any(entry.kind == "message.received" for entry in entries)  # it stands in the journal
    return [
        str(entry.body["kind"])
        for entry in entries
        if entry.kind == "message.sent" and entry.body is not None
    ]


quiet = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@quiet
@given(
    wanted=st.integers(1, 2**70), now_utc_s=moments, site=rows, strength=rows, by_s=rows,
    prefer=seen | st.just("units"), matter=matters, number=st.integers(),
)  # fmt: skip
def test_a_question_is_answered_or_declined(desks: Desks, **fields: Any) -> None:
    asked = PlanAsked(common=common_of(desks.problem), **fields)
    if len(str(fields["number"])) > 15:
        asked = asked.model_copy(update={"number": 1})  # the envelope takes no larger number
    if asked.wanted > 2**53:
        asked = asked.model_copy(update={"wanted": 2**53 - 1})
    (kind,) = send(desks, asked)
    assert kind in {"plan.answered", "plan.declined"}


@quiet
@given(matter=matters, number=st.integers(-5, 5), held=rows, expires=moments)
def test_what_was_never_said_cannot_be_taken(
    desks: Desks, matter: str, number: int, held: str, expires: float
) -> None:
    before = desks.answering.journal.size
    bodies = (
        PlanTaken(matter=matter, number=number, held=held, expires_utc_s=expires),
        PlanDecided(matter=matter, number=number),
        PlanWithdrawn(matter=matter, number=number, reason=held),
    )
    for body in bodies:
        assert send(desks, body) == []
    facts = [entry.kind for entry in desks.answering.journal.read(before)]
    assert "joint.commitment-given" not in facts


def send_as_it_is(desks: Desks, kind: str, body: dict[str, Any]) -> None:
    """Send a signed envelope whose body nobody has checked, as a faulty peer would."""
    engine, journal = desks.line.ends[0], desks.pair.journals[0]
    assert engine is not None
    now_s = START_S + desks.line.now_s
    with journal.transaction() as work:
        seq = read_mark(work, NAMES[1], "posted", "alarm") + 1
        envelope = seal_envelope(
            signer=desks.pair.identities[0].signer, recipient=NAMES[1], lane="alarm", seq=seq,
            message_id=derived_id(now_s, "raw", seq), kind=kind, schema=1, time_s=now_s,
            incident=None, body=body,
        )  # fmt: skip
        write_mark(work, NAMES[1], "posted", "alarm", seq)
        work.put(outbox_shelf(NAMES[1]), outbox_key("alarm", seq), envelope.text)
    engine.look()


@quiet
@given(
    kind=st.sampled_from(sorted(kind.name for kind in JOINT)),
    data=st.data(),
)
def test_a_body_of_another_form_is_recorded_and_left(
    desks: Desks, kind: str, data: st.DataObject
) -> None:
    names = sorted(next(one for one in JOINT if one.name == kind).body.model_fields)
    body = data.draw(st.dictionaries(st.sampled_from([*names, "unit"]), anything))
    south = desks.answering.journal
    before = south.size
    send_as_it_is(desks, kind, body)
    for _ in range(20):
        desks.pause()
    received = [e for e in south.read(before) if e.kind == "message.received"]
    assert len(received) == 1
    book = NodeState()
    book.fold(south.read(before))  # what cannot be read is named, and folding goes on
    assert book.size == south.size


DEMANDS = Demands(
    site=np.array([3, 4, 5], dtype=np.int32),
    strength=np.array([1, 1, 2], dtype=np.int32),
    by_s=np.array([10.0, 20.0, np.inf]),
)


@given(
    closed=st.lists(st.floats(), max_size=3), units=st.lists(st.integers(), max_size=3),
    strength=st.lists(st.integers(), max_size=3), members=st.lists(rows, max_size=3),
    most=st.lists(st.integers(), max_size=3),
)  # fmt: skip
def test_an_answer_is_believed_only_if_it_fits_the_question(
    closed: list[float], units: list[int], strength: list[int], members: list[str], most: list[int]
) -> None:
    said = PlanAnswered(
        matter="m", number=1, closed_s=closed, units=units, strength=strength, members=members,
        most=most,
    )  # fmt: skip
    try:
        answer = answer_of(said, DEMANDS, 2)
    except BadInput:
        return
    if isinstance(answer, Commitment):
        assert (answer.closed_s <= DEMANDS.by_s[:2]).all()
        assert (answer.strength >= DEMANDS.strength[:2]).all()
        assert (answer.units >= 1).all()
    else:
        assert any((row.members < 2).sum() > row.most for row in answer)


def test_the_line_goes_on_after_all_of_it(desks: Desks) -> None:
    joint = desks.plan("after-the-fuzz")
    assert joint.answered
    peers = {
        parse_envelope(str(entry.body["envelope"]).encode()).sender
        for entry in desks.answering.journal.read()
        if entry.kind == "message.received" and entry.body is not None
    }
    assert peers == {NAMES[0]}
    assert json.dumps(desks.crossed())
