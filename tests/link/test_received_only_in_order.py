"""The inbox takes what is addressed to this node, in order, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.link.pairs import NAMES, START_S, Pair, message

from stopline.link.disclosure import ALWAYS, DISCLOSED, ENVELOPE, FRAME, PAIRING, disclose
from stopline.link.envelope import parse_envelope, seal_envelope
from stopline.link.errors import Forged, NotDisclosable
from stopline.link.frame import Frame
from stopline.link.line_state import Moment
from stopline.link.mailbox import receive

if TYPE_CHECKING:
    from stopline.link.envelope import Envelope

NOW = Moment(10.0, START_S)


def sealed(pair: Pair, seq: int, recipient: str = NAMES[1]) -> Envelope:
    text = seal_envelope(
        signer=pair.identities[0].signer, recipient=recipient, lane="routine", seq=seq,
        message_id=message(0, seq).message_id, kind="text.sent", schema=1, time_s=START_S,
        incident=None, body={"text": f"number {seq}"},
    ).text  # fmt: skip
    return parse_envelope(text)


def test_an_envelope_after_a_gap_is_not_taken(pair: Pair) -> None:
    journal = pair.journals[1]
    with journal.transaction() as work:
        assert receive(work, sealed(pair, 1), START_S)
    size = journal.size
    with journal.transaction() as work:
        assert not receive(work, sealed(pair, 3), START_S)
    assert journal.size == size
    with journal.transaction() as work:
        assert receive(work, sealed(pair, 2), START_S)
        assert receive(work, sealed(pair, 3), START_S)
    assert len(pair.inbox(1)) == 3


def test_an_envelope_to_somebody_else_is_refused_though_frame_and_seals_are_good(
    pair: Pair,
) -> None:
    signer = pair.identities[0].signer
    frame = Frame(
        sender=NAMES[0], recipient=NAMES[1], session="0" * 32, counter=1, sent_s=START_S,
        echo=None, acks=dict.fromkeys(("alarm", "routine", "bulk"), 0),
        envelopes=(sealed(pair, 1, recipient="west.example/node").text,),
    ).encode([signer])  # fmt: skip
    result = pair.engine(1).receive(frame, NOW)
    assert [type(error) for error in result.refused] == [Forged]
    assert pair.inbox(1) == []


@pytest.mark.parametrize("kind", sorted(set(DISCLOSED) - ALWAYS))
def test_without_agreed_rules_nothing_leaves_but_what_the_link_needs(kind: str) -> None:
    with pytest.raises(NotDisclosable, match="the agreed rules forbid it"):
        disclose(kind, {}, rules=None)
    for needed in (ENVELOPE, FRAME, PAIRING):
        assert disclose(needed, {}, rules=None) == {}


def test_a_refusal_names_the_kind_and_why() -> None:
    with pytest.raises(
        NotDisclosable, match=r"nonesuch\.said.*not in the table of disclosed kinds"
    ):
        disclose("nonesuch.said", {}, rules=None)
    with pytest.raises(NotDisclosable, match=r"text\.sent.*colour, shape not in the table"):
        disclose("text.sent", {"shape": 1, "colour": 2, "text": ""}, rules=None)
    with pytest.raises(NotDisclosable, match=r"text\.sent.*forbid it in phase SEAL"):
        disclose("text.sent", {"text": ""}, rules=None, phase="SEAL")
