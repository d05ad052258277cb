"""What the link does by itself with some messages: keys, acknowledgements, checkpoints."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.journal.base import Fact, Journal, Transaction
from stopline.journal.checkpoint import Checkpoint, SignedCheckpoint, check_same_history
from stopline.journal.errors import Contradiction
from stopline.journal.stored import CHECKPOINT_SHELF
from stopline.link.facts import ContradictionFound, PeerCheckpointKept, PeerKeyChanged
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
    from stopline.journal.kinds import FactBody
    from stopline.link.envelope import Envelope
    from stopline.link.identity import Identity

PEER_CHECKPOINT_SHELF, SHOWN_SHELF = "peer-checkpoint", "shown-checkpoint"
CONTRADICTION_SHELF = "contradiction"
_CONTRADICTION_EVERY_S = 60.0
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
        work.append([_fact_of("key", identity.name, envelope, fact, now_s)])
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
    if held is not None and not _continues(work, held.decode(), signed, body, envelope, now_s):
        return
    work.put(PEER_CHECKPOINT_SHELF, peer.name, signed.encode().encode())
    fact = PeerCheckpointKept(peer=peer.name, size=point.size, checkpoint=signed.encode())
    work.append([_fact_of("peer-checkpoint", identity.name, envelope, fact, now_s)])
    line = cosign(signed.note.text, identity.signer, int(now_s))
    answer = Message(
        message_id=derived_id(envelope.time_s, "cosigned", identity.name, peer.name, point.size),
        body=CheckpointCosigned(size=point.size, line=line.line()),
        time_s=now_s,
        author=identity.name,
        role="node",
    )
    post(work, identity.signer, peer.name, answer, None)


def _continues(
    work: Transaction,
    held: str,
    signed: SignedCheckpoint,
    body: CheckpointShown,
    envelope: Envelope,
    now_s: float,
) -> bool:
    """Whether a checkpoint is newer than the one held, which it continues.

    If it does not, both notes become a fact, once a minute at most: they are the evidence.

    What is proved from another size than the one held proves nothing of it, and counts as a
    contradiction, too: the peer has had our cosignature of the one held, or has lost its record.

    Raises:
        Contradiction: it does not continue the one held.
    """
    before = SignedCheckpoint.parse(held)
    size, earlier = signed.checkpoint.size, before.checkpoint.size
    if signed.checkpoint.text() == before.checkpoint.text():
        return False  # shown again; nothing is new
    try:
        if earlier < size and body.earlier != earlier:
            raise Contradiction(  # noqa: TRY301  (one way out for all of them)
                before.checkpoint.origin, earlier, size, f"it is shown to continue {body.earlier}"
            )
        check_same_history(before, signed, _hashes(body.consistency))
    except Contradiction as error:
        told = work.get(CONTRADICTION_SHELF, envelope.sender)
        if told is None or abs(now_s - float(told)) >= _CONTRADICTION_EVERY_S:
            why = str(error)
            fact = ContradictionFound(
                peer=envelope.sender, why=why, held=held, shown=signed.encode()
            )
            work.append([_fact_of("contradiction", envelope.recipient, envelope, fact, now_s)])
            work.put(CONTRADICTION_SHELF, envelope.sender, str(now_s).encode())
        raise
    return True


def _take_cosignature(work: Transaction, peer: Peer, body: CheckpointCosigned) -> None:
    """Lay the peer's own verified line under a checkpoint of this journal: one, and nothing else.

    Raises:
        BadInput: there is no such checkpoint, or the line is not one line of the peer.
        BadSignature: the line does not hold.
    """
    key = f"{body.size:020d}"
    held = work.get(CHECKPOINT_SHELF, key)
    if held is None:
        raise BadInput.single("cosigned size", str(body.size), "a checkpoint of this journal")
    note = parse_note(held.decode())
    added = parse_note(f"{note.text}\n{body.line}")
    cosigners = {k.as_cosigner().key_id: k.as_cosigner() for k in peer.frame_keys()}
    lines = [each for each in added.signatures if each.name == peer.name]
    if len(added.signatures) != 1 or len(lines) != 1 or lines[0].key_id not in cosigners:
        raise BadInput.single(
            "cosigned line", body.line[:60], f"one line by the key of {peer.name}"
        )
    added.verify(cosigners.values())
    if any(each.name == peer.name for each in note.signatures):
        return  # one is enough; a second says nothing new
    work.put(CHECKPOINT_SHELF, key, note.with_signatures(lines).encode().encode())


def _signed_by(note: Note, name: str) -> bool:
    return any(each.name == name for each in note.signatures)


def _hashes(texts: list[str]) -> list[bytes]:
    try:
        return [base64.b64decode(text, validate=True) for text in texts]
    except (binascii.Error, ValueError) as error:
        raise BadInput.single("consistency", str(error), "hashes in base64") from error


def _fact_of(what: str, node: str, envelope: Envelope, body: FactBody, now_s: float) -> Fact:
    """A fact of this node that follows from an envelope; the same envelope, the same fact."""
    return Fact(
        fact_id=derived_id(envelope.time_s, what, envelope.sender, envelope.lane, envelope.seq),
        time_s=now_s,
        author=node,
        role="node",
        body=body,
    )
