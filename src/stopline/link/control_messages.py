"""What the link does by itself with some messages: keys, acknowledgements, checkpoints."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.journal.base import Fact, Journal, Transaction
from stopline.journal.checkpoint import Checkpoint, SignedCheckpoint, check_same_history
from stopline.journal.stored import CHECKPOINT_SHELF
from stopline.link.facts import PeerKeyChanged
from stopline.link.ids import derived_id
from stopline.link.mailbox import Message, keep_acknowledgement, post
from stopline.link.messages import (
    CheckpointCosigned,
    CheckpointShown,
    MessageAcknowledged,
    PeerKeyRotated,
    read_message,
)
from stopline.link.peers import Peer, keep_peer
from stopline.signed_note import Note, cosign, parse_note

if TYPE_CHECKING:
    from stopline.link.envelope import Envelope
    from stopline.link.identity import Identity

PEER_CHECKPOINT_SHELF = "peer-checkpoint"
HANDLED = frozenset(
    {"node.key-rotated", "message.acknowledged", "journal.checkpoint", "journal.cosigned"}
)


def handle(
    work: Transaction, identity: Identity, peer: Peer, envelope: Envelope, now_s: float
) -> Peer:
    """Do what a message of the link itself asks; give the peer as it is known then.

    Raises:
        VerificationFailed: a key note or a checkpoint does not hold; `Contradiction` above all.
        BadInput: its body is not of the form.
    """
    body = read_message(envelope.kind, envelope.body)
    if isinstance(body, MessageAcknowledged):
        keep_acknowledgement(work, body.message, body.person, body.role)
    elif isinstance(body, PeerKeyRotated):
        peer = peer.rotated(body.note, body.until)
        keep_peer(work, peer)
        fact = PeerKeyChanged(peer=peer.name, note=body.note)
        work.append([_own_fact(identity, envelope, fact, now_s)])
    elif isinstance(body, CheckpointShown):
        _take_checkpoint(work, identity, peer, envelope, body, now_s)
    elif isinstance(body, CheckpointCosigned):
        _take_cosignature(work, peer, body)
    return peer


def show_checkpoint(
    journal: Journal, identity: Identity, peer: str, now_s: float
) -> tuple[SignedCheckpoint, Message]:
    """Sign the journal as it is now, and write the message that asks the peer to cosign."""
    size = journal.size
    signed = SignedCheckpoint.make(
        Checkpoint(identity.name, size, journal.root(size)), identity.signer
    )
    shown = [c for c in journal.checkpoints() if _signed_by(c.note, peer)]
    earlier = shown[-1].checkpoint.size if shown else 0
    path = journal.consistency(earlier, size)
    body = CheckpointShown(
        checkpoint=signed.encode(),
        earlier=earlier,
        consistency=[base64.b64encode(part).decode() for part in path],
    )
    message = Message(
        message_id=derived_id(now_s, "checkpoint", identity.name, peer, size),
        body=body,
        time_s=now_s,
        author=identity.name,
        role="node",
    )
    return signed, message


def _take_checkpoint(
    work: Transaction,
    identity: Identity,
    peer: Peer,
    envelope: Envelope,
    body: CheckpointShown,
    now_s: float,
) -> None:
    signed = SignedCheckpoint.parse(body.checkpoint)
    point = signed.checkpoint
    if point.origin != peer.name:
        raise BadInput.single("checkpoint origin", point.origin, peer.name)
    peer.ring().verify(signed.note, point.size)
    held = work.get(PEER_CHECKPOINT_SHELF, peer.name)
    if held is not None:
        before = SignedCheckpoint.parse(held.decode())
        if before.checkpoint.size >= point.size:
            check_same_history(before, signed, [])  # names what contradicts
            return
        if body.earlier != before.checkpoint.size:
            return  # it does not know yet what was cosigned; the next one will
        check_same_history(before, signed, _hashes(body.consistency))
    work.put(PEER_CHECKPOINT_SHELF, peer.name, signed.encode().encode())
    line = cosign(signed.note.text, identity.signer, int(now_s))
    answer = Message(
        message_id=derived_id(envelope.time_s, "cosigned", identity.name, peer.name, point.size),
        body=CheckpointCosigned(size=point.size, line=line.line()),
        time_s=now_s,
        author=identity.name,
        role="node",
    )
    post(work, identity.signer, peer.name, answer, None)


def _take_cosignature(work: Transaction, peer: Peer, body: CheckpointCosigned) -> None:
    key = f"{body.size:020d}"
    held = work.get(CHECKPOINT_SHELF, key)
    if held is None:
        raise BadInput.single("cosigned size", str(body.size), "a checkpoint of this journal")
    note = parse_note(held.decode())
    added = parse_note(f"{note.text}\n{body.line}")
    added.verify(k.as_cosigner() for k in peer.frame_keys())
    work.put(CHECKPOINT_SHELF, key, note.with_signatures(added.signatures).encode().encode())


def _signed_by(note: Note, name: str) -> bool:
    return any(each.name == name for each in note.signatures)


def _hashes(texts: list[str]) -> list[bytes]:
    try:
        return [base64.b64decode(text, validate=True) for text in texts]
    except (binascii.Error, ValueError) as error:
        raise BadInput.single("consistency", str(error), "hashes in base64") from error


def _own_fact(identity: Identity, envelope: Envelope, body: PeerKeyChanged, now_s: float) -> Fact:
    return Fact(
        fact_id=derived_id(envelope.time_s, "key", envelope.sender, envelope.lane, envelope.seq),
        time_s=now_s,
        author=identity.name,
        role="node",
        body=body,
    )
