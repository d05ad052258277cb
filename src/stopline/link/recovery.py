"""A node that was put back from an old copy gets its messages again, from the other side's export.

What this node had sent and the other holds stands in that export with our signature; what the other
had sent stands there with its own. Both are checked and taken in; then this copy may count again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.errors import StoplineError, VerificationFailed
from stopline.journal.base import Fact
from stopline.journal.entry import read_entry
from stopline.journal.verify import verify_journal
from stopline.link.copies import take_over
from stopline.link.envelope import parse_envelope
from stopline.link.facts import MessageSent
from stopline.link.mailbox import outbox_key, outbox_shelf, read_mark, write_mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.journal.base import Journal
    from stopline.journal.export import JsonlCopy
    from stopline.link.engine import LinkEngine
    from stopline.link.envelope import Envelope
    from stopline.link.identity import Identity
    from stopline.link.line_state import Moment


@dataclass(slots=True)
class Recovered:
    """What came back.

    Attributes:
        ours: messages of this node that its record had lost.
        theirs: messages of the other node that it had lost.
        erasable: personal ones, which no export holds; people tell each other again.
        epoch: the start after which this copy counts.
    """

    ours: int = 0
    theirs: int = 0
    erasable: int = 0
    epoch: int = 0


def recover(
    engine: LinkEngine, export: JsonlCopy, now: Moment, role_of: Callable[[Envelope], str]
) -> Recovered:
    """Take in from the other node's export what this node's record has lost.

    Args:
        engine: of the line to that node, asking its desk what may be taken.
        export: the other node's journal, JSON Lines.
        now: both clocks.
        role_of: gives the role that may send a message of this node.

    Raises:
        VerificationFailed: the export does not hold, or is of another node.
    """
    peer, own = engine.peer, engine.identity
    report = verify_journal(export, key=peer.keys[0].key)
    if not report.holds:
        raise VerificationFailed(f"the export of {peer.name}: {report.faults[0]}")
    found = Recovered()
    for index, _, leaf in export.leaves():
        entry = read_entry(index, leaf, lambda _id, _sealed: None)
        body = entry.body
        if body is None:
            found.erasable += entry.kind.startswith("message.")
        elif body.get("peer") != own.name:
            continue
        elif entry.kind == "message.received":
            ours = parse_envelope(str(body["envelope"]).encode())
            found.ours += _ours_again(engine.journal, own, peer.name, ours, role_of(ours))
        elif entry.kind == "message.sent":
            found.theirs += len(engine.take_in([str(body["envelope"]).encode()], now))
        elif entry.kind == "peer.line-began":
            found.epoch = max(found.epoch, int(str(body["epoch"])))
    found.epoch = take_over(engine.journal, own.name, found.epoch, now.utc_s)
    return found


def _ours_again(journal: Journal, own: Identity, peer: str, envelope: Envelope, role: str) -> bool:
    """Write a lost message of ours down again, as it is in the other's record; False if it is not.

    Who of this side sent it is lost: it stands there in the node's own name, in the role that may.
    """
    keys = {s.key.key_id.hex(): s.key for s in (own.signer, own.previous) if s is not None}
    key = keys.get(envelope.key_id)
    if key is None or envelope.recipient != peer:
        return False
    try:
        envelope.check(key)
    except StoplineError:
        return False
    with journal.transaction() as work:
        if envelope.seq != read_mark(work, peer, "posted", envelope.lane) + 1:
            return False
        body = MessageSent(
            peer=peer, lane=envelope.lane, seq=envelope.seq, message=envelope.message_id,
            kind=envelope.kind, envelope=envelope.text.decode(),
        )  # fmt: skip
        fact = Fact(
            fact_id=envelope.message_id, time_s=envelope.time_s, author=own.name, role=role,
            incident=envelope.incident, body=body,
        )  # fmt: skip
        work.append([fact])
        work.put(outbox_shelf(peer), outbox_key(envelope.lane, envelope.seq), envelope.text)
        write_mark(work, peer, "posted", envelope.lane, envelope.seq)
    return True
