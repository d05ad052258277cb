"""Forged, replayed, contradicting: each is refused under its own name, and nothing is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.link.pairs import NAMES, START_S, Pair, message

from stopline.documents.canonical_json import canonical
from stopline.errors import BadInput
from stopline.journal.checkpoint import Checkpoint, SignedCheckpoint
from stopline.journal.verify import verify_journal
from stopline.link import key_management as meeting
from stopline.link.disclosure import DISCLOSED, ENVELOPE, FRAME, PAIRING, disclose
from stopline.link.engine import LinkEngine
from stopline.link.envelope import ENVELOPE_FIELDS, parse_envelope, seal_envelope
from stopline.link.errors import (
    Forged,
    KeyEnded,
    NotDisclosable,
    NotPaired,
    PeerContradicts,
    Replayed,
)
from stopline.link.frame import FRAME_FIELDS, Frame, parse_frame
from stopline.link.key_management import accept_pairing, revoke_peer_key, rotate
from stopline.link.line_state import Moment
from stopline.link.mailbox import Message
from stopline.link.messages import CheckpointShown, TextSent, all_message_kinds
from stopline.link.pairing import PAIRING_FIELDS, fingerprint
from stopline.operation.core.node import make_node, open_node

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.signed_note import Signer

NOW = Moment(10.0, START_S)


def frame_of(signer: Signer, envelopes: list[bytes], counter: int = 1, acks: int = 0) -> bytes:
    return Frame(
        sender=NAMES[0], recipient=NAMES[1], session="0" * 32, counter=counter, sent_s=START_S,
        echo=None, acks=dict.fromkeys(("alarm", "routine", "bulk"), acks), envelopes=tuple(envelopes),  # noqa: E501
    ).encode([signer])  # fmt: skip


def text_from(signer: Signer, seq: int, text: str) -> bytes:
    return seal_envelope(
        signer=signer, recipient=NAMES[1], lane="routine", seq=seq,
        message_id=message(0, seq).message_id, kind="text.sent", schema=1, time_s=START_S,
        incident=None, body={"text": text},
    ).text  # fmt: skip


def test_a_frame_signed_by_somebody_else_is_refused(pair: Pair) -> None:
    engine = pair.engine(1)
    with pytest.raises(Forged):
        engine.receive(frame_of(pair.identities[1].signer, []), NOW)
    good = frame_of(pair.identities[0].signer, [text_from(pair.identities[0].signer, 1, "a")])
    with pytest.raises((Forged, BadInput)):
        engine.receive(good.replace(b'"counter":1', b'"counter":2'), NOW)
    with pytest.raises(BadInput):
        engine.receive(good.replace(b'"text":"a"', b'"text":"b"'), NOW)
    kinds = [
        e.body["error"] for e in pair.journals[1].read() if e.kind == "frame.refused" and e.body
    ]
    assert kinds == ["Forged"]  # one fact a minute, however many come
    assert pair.inbox(1) == []


def test_a_forged_envelope_in_a_good_frame_is_refused_and_the_true_one_still_comes(
    pair: Pair,
) -> None:
    north, engine = pair.identities[0].signer, pair.engine(1)
    value = json.loads(text_from(north, 1, "true"))
    value["body"]["text"] = "false"
    forged = canonical(value)
    said = engine.receive(frame_of(north, [forged]), NOW)
    assert [type(error) for error in said.refused] == [Forged]
    assert said.new == ()
    assert len(engine.receive(frame_of(north, [text_from(north, 1, "true")], 2), NOW).new) == 1


def test_a_replayed_frame_changes_nothing_and_is_counted(pair: Pair) -> None:
    north, engine = pair.identities[0].signer, pair.engine(1)
    frame = frame_of(north, [text_from(north, 1, "a")])
    assert len(engine.receive(frame, NOW).new) == 1
    size = pair.journals[1].size
    again = engine.receive(frame, NOW)
    assert again.new == ()
    assert [type(error) for error in again.refused] == [Replayed]
    assert engine.line.replayed == 1
    assert pair.journals[1].size == size
    assert not engine.line.up  # and it does not make the line look alive


def test_two_messages_under_one_number_are_a_contradiction(pair: Pair) -> None:
    north, engine = pair.identities[0].signer, pair.engine(1)
    engine.receive(frame_of(north, [text_from(north, 1, "yes")]), NOW)
    said = engine.receive(frame_of(north, [text_from(north, 1, "no")], 2), NOW)
    assert [type(error) for error in said.refused] == [PeerContradicts]


def test_a_checkpoint_that_contradicts_an_earlier_one_is_recorded(pair: Pair) -> None:
    signer, line = pair.identities[0].signer, pair.line()
    for number, root in enumerate((b"\1" * 32, b"\2" * 32)):
        point = SignedCheckpoint.make(Checkpoint(NAMES[0], 5, root), signer)
        north = line.ends[0]
        assert north is not None
        north.post(
            Message(
                message_id=message(0, number).message_id, time_s=START_S, author="n", role="node",
                body=CheckpointShown(checkpoint=point.encode(), earlier=0, consistency=[]),
            )
        )  # fmt: skip
        line.run(1)
    said = [e.body for e in pair.journals[1].read() if e.kind == "frame.refused" and e.body]
    assert [one["error"] for one in said] == ["Contradiction"]
    received = [e for e in pair.journals[1].read() if e.kind == "message.received"]
    assert len(received) == 2  # both signed notes are kept: they are the evidence


def test_a_rotated_key_takes_over_and_the_old_one_ends(pair: Pair) -> None:
    line, old = pair.line(), pair.identities[0].signer
    line.ends[0].post(message(0, 1))  # type: ignore[union-attr]
    pair.identities[0] = rotate(pair.journals[0], pair.identities[0], pair.folders[0], START_S)
    line.ends[0] = pair.engine(0)
    line.ends[0].post(message(0, 2))
    line.run(3)
    assert len(pair.inbox(1, "routine")) == 2
    forged = frame_of(pair.identities[0].signer, [text_from(old, 3, "by the old key")], 99)
    south = line.ends[1]
    assert south is not None
    assert [type(e) for e in south.receive(forged, line.moment(1)).refused] == [KeyEnded]
    with pytest.raises(Forged):
        south.receive(frame_of(old, [], 100), line.moment(1))


def test_a_revoked_key_is_not_believed_until_paired_anew(pair: Pair) -> None:
    north = pair.identities[0].signer
    key_id = north.key.key_id.hex()
    revoke_peer_key(
        pair.journals[1], NAMES[0], key_id, person="Eva", reason="stolen", now_s=START_S
    )
    with pytest.raises(Forged):
        pair.engine(1).receive(frame_of(north, [text_from(north, 1, "a")]), NOW)
    with pytest.raises(BadInput):
        revoke_peer_key(
            pair.journals[1], NAMES[0], "00000000", person="E", reason="", now_s=START_S
        )


def test_pairing_needs_the_same_digits_and_a_whole_file(pair: Pair) -> None:
    own, theirs = pair.offers
    assert fingerprint(own, theirs) == fingerprint(theirs, own)
    assert len(fingerprint(own, theirs).replace(" ", "")) == 30
    with pytest.raises(Forged):
        accept_pairing(pair.journals[0], own, theirs, spoken="0", person="E", now_s=START_S)
    for wrong in (
        theirs.replace("time 2", "time 3"),
        theirs[:40],
        theirs.replace("url -", "url x"),
    ):
        with pytest.raises(ValueError, match=r".+"):
            accept_pairing(pair.journals[0], own, wrong, spoken="0", person="E", now_s=START_S)


def test_an_unknown_node_has_no_line(pair: Pair) -> None:
    with pytest.raises(NotPaired):
        LinkEngine(pair.journals[0], pair.identities[0], "west.example/node")


def test_the_table_of_disclosure_names_every_kind_and_field() -> None:
    forms = {kind.name: set(kind.body.model_fields) for kind in all_message_kinds()}
    forms |= {
        ENVELOPE: set(ENVELOPE_FIELDS),
        FRAME: set(FRAME_FIELDS),
        PAIRING: set(PAIRING_FIELDS),
    }
    assert forms == {kind: set(fields) for kind, fields in DISCLOSED.items()}


@pytest.mark.parametrize("kind", sorted(DISCLOSED))
def test_a_field_that_is_not_in_the_table_does_not_leave(kind: str) -> None:
    from stopline.link.disclosure import AllKinds  # noqa: PLC0415

    fields = dict.fromkeys(DISCLOSED[kind], 1)
    assert disclose(kind, fields, rules=AllKinds()) == fields
    with pytest.raises(NotDisclosable, match="unit_position"):
        disclose(kind, {**fields, "unit_position": 1}, rules=AllKinds())


def test_what_the_rules_forbid_does_not_reach_the_outbox(pair: Pair) -> None:
    class Nothing:
        def allows(self, kind: str, phase: str | None) -> bool:
            return kind == "text.sent" and phase == "SEAL"

    engine = LinkEngine(pair.journals[0], pair.identities[0], NAMES[1], rules=Nothing())
    with pytest.raises(NotDisclosable, match="phase none"):
        engine.post(message(0, 1))
    assert engine.state().unacknowledged == 0
    told = Message(
        message_id=message(0, 1).message_id, body=TextSent(text="t"), time_s=START_S,
        author="a", role="r", phase="SEAL",
    )  # fmt: skip
    assert engine.post(told) == 1


@pytest.mark.parametrize("name", sorted(ENVELOPE_FIELDS))
def test_an_envelope_with_a_wrong_or_missing_field_is_refused(pair: Pair, name: str) -> None:
    value = json.loads(text_from(pair.identities[0].signer, 1, "a"))
    for wrong in ({k: v for k, v in value.items() if k != name}, {**value, name: 3.5}):
        with pytest.raises(BadInput):
            parse_envelope(canonical(wrong))
    with pytest.raises(BadInput):
        parse_envelope(json.dumps(value).encode())


def test_what_is_no_frame_is_refused(pair: Pair) -> None:
    good = frame_of(pair.identities[0].signer, [])
    for wrong in (b"", b"{}", b"{}\n", good[:-1], good + b"x\n", good.replace(b'"count":0', b'"count":-1'),  # noqa: E501
                  good.replace(b'"acks":{', b'"acks":{"x":1,')):  # fmt: skip
        with pytest.raises(BadInput):
            parse_frame(wrong)


def test_a_rotation_cut_short_by_a_crash_is_finished_at_the_next_start(tmp_path: Path) -> None:
    for crash_after_journal in (False, True):
        folder = tmp_path / str(crash_after_journal)
        make_node(folder, NAMES[0], journal="j.db", url="", listen="127.0.0.1:1", now_s=START_S)
        with open_node(folder) as node, pytest.MonkeyPatch.context() as patch:
            old = node.identity.key
            broken = "append_nothing" if not crash_after_journal else ""
            patch.setattr(meeting, "adopt_key", crash)
            if broken:
                patch.setattr(meeting, "make_rotation", crash)
            with pytest.raises(InterruptedError):
                rotate(node.journal, node.identity, folder, START_S)
        with open_node(folder) as node:
            assert (node.identity.key != old) is crash_after_journal
            node.sign_checkpoint()
            assert verify_journal(node.journal, key=old).holds


def crash(*_: object) -> None:
    raise InterruptedError
