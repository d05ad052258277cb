"""Two nodes get to know each other, change keys, and stop believing one: each step is a fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.journal.base import Fact
from stopline.journal.facts import KeyRotated
from stopline.journal.keyring import make_rotation
from stopline.link.errors import Forged
from stopline.link.facts import PeerKeyRevoked, PeerPaired
from stopline.link.identity import adopt_key, prepare_key
from stopline.link.ids import new_id
from stopline.link.mailbox import Message, post, read_mark
from stopline.link.messages import LANES, PeerKeyRotated
from stopline.link.pairing import fingerprint, read_offer, same_fingerprint
from stopline.link.peers import PEER_SHELF, Peer, keep_peer

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.journal.base import Journal
    from stopline.journal.kinds import FactBody
    from stopline.link.identity import Identity


def accept_pairing(
    journal: Journal, own: str, theirs: str, *, spoken: str, person: str, now_s: float
) -> Peer:
    """Pair with the other node, after people compared the fingerprint.

    Args:
        journal: of this node.
        own: this node's pairing file.
        theirs: the other node's.
        spoken: the digits as the other side read them out.
        person: who compared them.
        now_s: UTC seconds.

    Raises:
        Forged: the digits differ: one of the files is not what the other side wrote.
        BadInput: a file is not of the form, or one node is for exercises and the other is not.
        BadSignature: the other file is not signed by the key that it names.
    """
    offered, here = read_offer(theirs), read_offer(own)
    name = offered.name
    if offered.exercise is not here.exercise:
        kinds = {True: "a node for exercises", False: "a node in service"}
        expected = f"{kinds[here.exercise]}, as this one is; the two kinds never pair"
        raise BadInput.single("pairing file", kinds[offered.exercise], expected)
    digits = fingerprint(own, theirs)
    if not same_fingerprint(digits, spoken):
        raise Forged(f"the fingerprint is {digits}, and {spoken or 'nothing'} was read out")
    if name == here.name:
        raise BadInput.single("pairing file", name, "the file of the other node")
    with journal.transaction() as work:
        held = work.get(PEER_SHELF, name)
        peer = Peer.met(theirs) if held is None else Peer.from_bytes(held).met_again(theirs)
        keep_peer(work, peer)
        paired = PeerPaired(peer=name, pairing=theirs, fingerprint=digits)
        work.append([_fact(paired, person, "administrator", now_s)])
    return peer


def rotate(journal: Journal, identity: Identity, folder: Path, now_s: float) -> Identity:
    """Change the node's key: the old one hands over to the new one, here and at every peer."""
    fresh = prepare_key(identity, folder)
    peers = [name for name, _ in journal.shelf(PEER_SHELF)]
    with journal.transaction() as work:
        note = make_rotation(identity.signer, fresh.signer, work.size)
        work.append([_fact(KeyRotated(note=note), identity.name, "node", now_s)])
        for peer in peers:
            until = {str(lane): read_mark(work, peer, "posted", lane) for lane in LANES}
            until["alarm"] += 1  # this very message
            message = Message(
                message_id=new_id(now_s),
                body=PeerKeyRotated(note=note, until=until),
                time_s=now_s,
                author=identity.name,
                role="node",
            )
            post(work, identity.signer, peer, message, None)
    adopt_key(folder)
    return fresh


def revoke_peer_key(
    journal: Journal, name: str, key_id: str, *, person: str, reason: str, now_s: float
) -> Peer:
    """Stop believing a key of the other node from now on; what it signed before stays.

    Raises:
        NotPaired: the node is not known.
        BadInput: it has no such key.
    """
    with journal.transaction() as work:
        held = work.get(PEER_SHELF, name)
        if held is None:
            raise BadInput.single("peer", name, "a paired node")
        received = {str(lane): read_mark(work, name, "received", lane) for lane in LANES}
        shown = work.get("peer-checkpoint", name)
        size = int(shown.split(b"\n")[1]) if shown is not None else 0
        peer = Peer.from_bytes(held).revoked(key_id, received, size)
        keep_peer(work, peer)
        revoked = PeerKeyRevoked(peer=name, key=key_id, reason=reason)
        work.append([_fact(revoked, person, "administrator", now_s)])
    return peer


def _fact(body: FactBody, author: str, role: str, now_s: float) -> Fact:
    return Fact(fact_id=new_id(now_s), time_s=now_s, author=author, role=role, body=body)
