"""Outbox and inbox on the journal's shelves: a message and its fact become true together."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stopline.documents.canonical_json import canonical
from stopline.errors import UnknownName
from stopline.journal.base import Fact
from stopline.journal.errors import IdTaken
from stopline.link.disclosure import disclose
from stopline.link.envelope import seal_envelope
from stopline.link.errors import PeerContradicts
from stopline.link.facts import (
    MessageReceived,
    MessageSent,
    PersonalMessageReceived,
    PersonalMessageSent,
)
from stopline.link.ids import derived_id
from stopline.link.messages import LANES, all_message_kinds, kind_of_message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.journal.base import Journal, Transaction
    from stopline.link.disclosure import DisclosureRules
    from stopline.link.envelope import Envelope
    from stopline.link.messages import Lane, MessageBody
    from stopline.signed_note import Signer

ACKNOWLEDGED_SHELF = "acknowledged"
_DIGITS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a person or a room wants to tell the other side.

    Attributes:
        message_id: ULID or UUIDv7 given by the caller: posting it twice sends it once.
        body: the typed content; its class names the kind and the lane.
        time_s: when it was written, UTC seconds.
        author: who says so.
        role: in which role.
        incident: the incident it belongs to, if any.
        phase: phase of the protocol in force, for the disclosure rules.
    """

    message_id: str
    body: MessageBody
    time_s: float
    author: str
    role: str
    incident: str | None = None
    phase: str | None = None


def outbox_shelf(peer: str) -> str:
    """Name the shelf of envelopes that the peer has not confirmed."""
    return f"outbox:{peer}"


def outbox_key(lane: Lane, seq: int) -> str:
    """Name an envelope's place: lanes in order of urgency, then by number."""
    return f"{LANES.index(lane)}:{seq:0{_DIGITS}d}"


def read_mark(work: Transaction, peer: str, what: str, lane: Lane) -> int:
    """Read a high-water mark: `posted`, `delivered` or `received` of a lane."""
    raw = work.get(f"marks:{peer}", f"{what}:{lane}")
    return 0 if raw is None else int(raw)


def write_mark(work: Transaction, peer: str, what: str, lane: Lane, value: int) -> None:
    """Write a high-water mark."""
    work.put(f"marks:{peer}", f"{what}:{lane}", str(value).encode())


def read_marks(journal: Journal, peer: str, what: str) -> dict[Lane, int]:
    """Read a high-water mark of each lane, outside a transaction."""
    rows = dict(journal.shelf(f"marks:{peer}"))
    return {lane: int(rows.get(f"{what}:{lane}", b"0")) for lane in LANES}


def post(
    work: Transaction,
    signer: Signer,
    peer: str,
    message: Message,
    rules: DisclosureRules | None,
) -> int:
    """Put a message into the outbox and the fact into the journal; give its number in its lane.

    Raises:
        NotDisclosable: the agreed rules do not let it leave; nothing is written.
        IdTaken: the id was given before, for another message.
    """
    kind = kind_of_message(message.body)
    fields = message.body.model_dump(mode="json")
    body = disclose(kind.name, fields, rules=rules, phase=message.phase)
    content = hashlib.sha256(canonical([kind.name, fields, message.incident])).hexdigest()
    known = work.get(f"posted:{peer}", message.message_id)
    if known is not None:
        told = json.loads(known)
        if told["content"] != content:
            raise IdTaken(message.message_id, told["index"])
        return int(told["seq"])
    seq = read_mark(work, peer, "posted", kind.lane) + 1
    envelope = seal_envelope(
        signer=signer,
        recipient=peer,
        lane=kind.lane,
        seq=seq,
        message_id=message.message_id,
        kind=kind.name,
        schema=kind.schema,
        time_s=message.time_s,
        incident=message.incident,
        body=body,
    )
    carried = PersonalMessageSent if kind.personal else MessageSent
    fact = Fact(
        fact_id=message.message_id,
        time_s=message.time_s,
        author=message.author,
        role=message.role,
        incident=message.incident,
        body=carried.model_validate(_carried(peer, envelope)),
    )
    (index,) = work.append([fact]).indices
    told = {"seq": seq, "index": index, "content": content}
    work.put(f"posted:{peer}", message.message_id, canonical(told))
    write_mark(work, peer, "posted", kind.lane, seq)
    work.put(outbox_shelf(peer), outbox_key(kind.lane, seq), envelope.text)
    return seq


def receive(work: Transaction, envelope: Envelope, now_s: float) -> bool:
    """Take the next envelope of its lane into the journal; False if it stands there already.

    The fact bears the time of arrival, from which the clocks of tasks count; when it was written
    stands in the envelope.

    Raises:
        PeerContradicts: another envelope stands there under the same number.
    """
    seen = read_mark(work, envelope.sender, "received", envelope.lane)
    if envelope.seq != seen + 1:
        return False
    personal = {kind.name for kind in all_message_kinds() if kind.personal}
    carried = PersonalMessageReceived if envelope.kind in personal else MessageReceived
    fact = Fact(
        fact_id=received_id(envelope),
        time_s=now_s,
        author=envelope.sender,
        role="node",
        incident=envelope.incident,
        body=carried.model_validate(_carried(envelope.sender, envelope)),
    )
    work.append([fact])
    write_mark(work, envelope.sender, "received", envelope.lane, envelope.seq)
    return True


def pass_by(work: Transaction, envelope: Envelope) -> bool:
    """Count the next envelope of its lane as received without taking it; False if it was before."""
    if envelope.seq != read_mark(work, envelope.sender, "received", envelope.lane) + 1:
        return False
    write_mark(work, envelope.sender, "received", envelope.lane, envelope.seq)
    return True


def check_repeated(journal: Journal, envelope: Envelope) -> None:
    """Compare an envelope that was received before with what stands in the journal.

    One that is not there was not taken when it came, and its sender was told.

    Raises:
        PeerContradicts: its sender signed two different messages under one number.
    """
    try:
        body = journal.find(received_id(envelope)).body
    except UnknownName:
        return
    if body is not None and body["envelope"] != envelope.text.decode():
        where = f"{envelope.lane} {envelope.seq}"
        raise PeerContradicts(f"{envelope.sender} signed two messages as {where}")


def received_id(envelope: Envelope) -> str:
    """Name the fact of an envelope's arrival: the same envelope, the same id."""
    e = envelope
    return derived_id(e.time_s, "received", e.sender, e.recipient, e.lane, e.seq)


def note_delivered(work: Transaction, peer: str, lane: Lane, through: int) -> None:
    """Take confirmed envelopes out of the outbox."""
    for seq in range(read_mark(work, peer, "delivered", lane) + 1, through + 1):
        work.remove(outbox_shelf(peer), outbox_key(lane, seq))
    write_mark(work, peer, "delivered", lane, through)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a message got.

    Attributes:
        state: waiting here, in the other node's journal, or noted by a person there.
        person: who took note.
        role: in which role.
    """

    state: Literal["waiting", "delivered", "acknowledged"]
    person: str | None = None
    role: str | None = None


def delivery(journal: Journal, message_id: str) -> Delivery:
    """Tell how far a message got.

    Raises:
        UnknownName: no message of that id was sent.
    """
    entry = journal.find(message_id)
    if entry.body is None or not entry.kind.startswith("message.sent"):
        raise UnknownName(message_id)
    for _, value in journal.shelf(ACKNOWLEDGED_SHELF, message_id):
        told = json.loads(value)
        if told["message"] == message_id:
            return Delivery("acknowledged", told["person"], told["role"])
        break
    peer, lane = str(entry.body["peer"]), str(entry.body["lane"])
    marks = read_marks(journal, peer, "delivered")
    there = any(
        lane == name and int(str(entry.body["seq"])) <= mark for name, mark in marks.items()
    )
    return Delivery("delivered" if there else "waiting")


def keep_acknowledgement(work: Transaction, message: str, person: str, role: str) -> None:
    """Keep who took note of a message of ours."""
    value = canonical({"message": message, "person": person, "role": role})
    work.put(ACKNOWLEDGED_SHELF, message, value)


def waiting(journal: Journal, peer: str, lane: Lane, after: int) -> Iterator[tuple[int, bytes]]:
    """Give the unconfirmed envelopes of a lane with a number above `after`."""
    prefix = f"{LANES.index(lane)}:"
    for key, text in journal.shelf(outbox_shelf(peer), outbox_key(lane, after + 1)):
        if not key.startswith(prefix):
            return
        yield int(key[len(prefix) :]), text


def _carried(peer: str, envelope: Envelope) -> dict[str, str | int]:
    return {
        "peer": peer,
        "lane": envelope.lane,
        "seq": envelope.seq,
        "message": envelope.message_id,
        "kind": envelope.kind,
        "envelope": envelope.text.decode(),
    }
