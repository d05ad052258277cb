"""What of the link's shelves follows from the record, and the keys of those who cosign it.

The shelves lie beside the entries in the same database: whoever can write there could give the
other node another key, or let a message count as delivered. Each value is derived anew and
compared.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stopline.errors import StoplineError
from stopline.journal.keyring import HeldKey, KeyRing, parse_rotation
from stopline.link.mailbox import outbox_key, outbox_shelf, read_marks
from stopline.link.messages import LANES
from stopline.link.peers import PEER_SHELF, Peer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.journal.base import Entry
    from stopline.journal.stored import StoredJournal
    from stopline.link.messages import Lane
    from stopline.signed_note import PublicKey

_SENT = frozenset({"message.sent", "message.sent-personal"})
_RECEIVED = frozenset({"message.received", "message.received-personal"})


@dataclass(slots=True)
class _Line:
    """What the entries say of the line to one peer."""

    sent: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    received: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    delivered: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    refused: int = 0


def peer_rings(entries: Iterable[Entry]) -> list[KeyRing]:
    """Give the keys of every paired node, from the facts of pairing: those who may cosign."""
    rings: dict[str, list[HeldKey]] = {}
    for entry in entries:
        for name, peer in _paired(entry).items():
            held = rings.setdefault(name, [])
            known = {one.key for one in held}
            held += [HeldKey(key) for key in peer if key not in known]
    return [KeyRing(name, tuple(keys)) for name, keys in rings.items()]


def check_shelves(journal: StoredJournal) -> list[str]:
    """Say what lies on the link's shelves and does not follow from the entries."""
    lines: dict[str, _Line] = defaultdict(_Line)
    rings: dict[str, set[str]] = defaultdict(set)
    for entry in journal.read():
        _follow(lines, entry)
        for name, keys in _paired(entry).items():
            rings[name] |= {key.encode() for key in keys}
    found: list[str] = []
    for name, raw in journal.shelf(PEER_SHELF):
        try:
            held = {one.key.encode() for one in Peer.from_bytes(raw).keys}
        except (StoplineError, ValueError, KeyError, TypeError) as error:
            found.append(f"peer {name}: {error}")
            continue
        if held - rings[name]:
            found.append(f"peer {name}: a key that no fact names; expected those of its pairing")
        found += _marks(journal, name, lines[name])
    return found


def _paired(entry: Entry) -> dict[str, list[PublicKey]]:
    """The keys that an entry gives to a peer, by its name."""
    body = entry.body
    if body is None or entry.kind not in {"peer.paired", "peer.key-rotated"}:
        return {}
    try:
        if entry.kind == "peer.paired":
            peer = Peer.met(str(body["pairing"]))
            return {peer.name: [one.key for one in peer.keys]}
        _, new, _, _ = parse_rotation(str(body["note"]))
        return {str(body["peer"]): [new]}
    except StoplineError:
        return {}


def _follow(lines: dict[str, _Line], entry: Entry) -> None:
    body = entry.body
    if body is None:
        return
    if entry.kind in _SENT:
        lane, seq = str(body["lane"]), int(str(body["seq"]))
        lines[str(body["peer"])].sent[lane][seq] = str(body["envelope"])
    elif entry.kind in _RECEIVED:
        lane, seq = str(body["lane"]), int(str(body["seq"]))
        received = lines[str(body["peer"])].received
        received[lane] = max(received[lane], seq)
    elif entry.kind == "message.refused":
        lane, seq = str(body["lane"]), int(str(body["seq"]))
        line = lines[str(body["peer"])]
        line.received[lane] = max(line.received[lane], seq)
        line.refused += 1
    elif entry.kind == "message.delivered":
        through = body["through"]
        if isinstance(through, dict):
            for lane, seq in through.items():
                lines[str(body["peer"])].delivered[str(lane)] = int(str(seq))


def _outbox(line: _Line, lane: Lane, where: str, waiting: dict[str, bytes]) -> list[str]:
    """Compare what waits with what was signed and not delivered; take it out of `waiting`."""
    found = []
    for seq, text in line.sent[lane].items():
        held = waiting.pop(outbox_key(lane, seq), None)
        if seq <= line.delivered[lane]:
            if held is not None:
                found.append(f"{where}: {seq} waits, and was delivered")
        elif held is None or held.decode("utf-8", "replace") != text:
            found.append(f"{where}: {seq} is not in the outbox as it was signed")
    return found


def _marks(journal: StoredJournal, peer: str, line: _Line) -> list[str]:
    found: list[str] = []
    posted = read_marks(journal, peer, "posted")
    received = read_marks(journal, peer, "received")
    delivered = read_marks(journal, peer, "delivered")
    waiting = dict(journal.shelf(outbox_shelf(peer)))
    for lane in LANES:
        where = f"{peer}, lane {lane}"
        last = max(line.sent[lane], default=0)
        if posted[lane] < last:
            found.append(f"{where}: {posted[lane]} posted; expected {last} from the entries")
        # Of what was refused only a bounded number stands in the entries.
        more = received[lane] > line.received[lane] and not line.refused
        if received[lane] < line.received[lane] or more:
            expected = line.received[lane]
            found.append(f"{where}: {received[lane]} received; expected {expected}")
        if delivered[lane] != line.delivered[lane]:
            expected = line.delivered[lane]
            found.append(f"{where}: {delivered[lane]} delivered; expected {expected}")
        found += _outbox(line, lane, where, waiting)
    for key, raw in waiting.items():
        try:
            kind = str(json.loads(raw)["kind"])
        except (ValueError, KeyError, TypeError):
            kind = "something unreadable"
        found.append(f"{peer}, outbox {key}: {kind}, which no entry names")
    return found
