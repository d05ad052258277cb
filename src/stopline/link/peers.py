"""What this node knows of the other: its pairing file, and which of its keys count how far."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stopline.documents.canonical_json import canonical
from stopline.errors import BadInput
from stopline.journal.keyring import HeldKey, KeyRing, parse_rotation
from stopline.link.errors import Forged, KeyEnded, NotPaired
from stopline.link.pairing import read_offer
from stopline.signed_note import PublicKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stopline.journal.base import Transaction
    from stopline.link.envelope import Envelope
    from stopline.link.pairing import Offer

PEER_SHELF = "peer"


@dataclass(frozen=True, slots=True)
class PeerKey:
    """A key of the other node.

    Attributes:
        key: the public key.
        from_size: smallest checkpoint of its journal that the key may sign, entries.
        until: last number of each lane that it may sign; None while it is in use.
        until_size: largest checkpoint that it may sign; None while it is in use.
        revoked: people decided that it is not believed any more.
    """

    key: PublicKey
    from_size: int = 0
    until: Mapping[str, int] | None = None
    until_size: int | None = None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Peer:
    """The other node as this one knows it; the newest key is last."""

    name: str
    pairing: str
    keys: tuple[PeerKey, ...]

    @classmethod
    def met(cls, pairing: str) -> Peer:
        """Begin from a pairing file whose fingerprint people compared."""
        offer = read_offer(pairing)
        return cls(offer.name, pairing, (PeerKey(offer.key),))

    @property
    def offer(self) -> Offer:
        """The pairing file, read."""
        return read_offer(self.pairing)

    def frame_keys(self) -> list[PublicKey]:
        """List the keys that may sign frames: those in use."""
        return [held.key for held in self.keys if held.until is None and not held.revoked]

    def check(self, envelope: Envelope) -> None:
        """Check that a key which counted for its number signed the envelope.

        Raises:
            KeyEnded: that key had ended by then.
            Forged: it is signed by no key of the peer, or wrongly.
        """
        held = next((k for k in self.keys if k.key.key_id.hex() == envelope.key_id), None)
        what = f"{envelope.lane} {envelope.seq} from {envelope.sender}"
        if held is None:
            raise Forged(f"{what}: key {envelope.key_id} is not a key of {self.name}")
        if held.until is not None and envelope.seq > held.until.get(envelope.lane, 0):
            raise KeyEnded(f"{what}: key {envelope.key_id} ended before that")
        envelope.check(held.key)

    def rotated(self, note: str, until: Mapping[str, int]) -> Peer:
        """Follow the peer's rotation note.

        Raises:
            BadSignature: the key in use and the new one did not both sign it.
            BadInput: it is no rotation note.
        """
        self.ring().rotated(note)
        _, new, size, _ = parse_rotation(note)
        ended = replace(self.keys[-1], until=dict(until), until_size=size)
        return replace(self, keys=(*self.keys[:-1], ended, PeerKey(new, from_size=size)))

    def revoked(self, key_id: str, received: Mapping[str, int], size: int) -> Peer:
        """Stop believing a key after what was received already.

        Raises:
            BadInput: it is not a key of the peer.
        """
        if all(held.key.key_id.hex() != key_id for held in self.keys):
            raise BadInput.single("key", key_id, f"a key id of {self.name}")
        return replace(
            self,
            keys=tuple(
                replace(held, until=dict(received), until_size=size, revoked=True)
                if held.key.key_id.hex() == key_id
                else held
                for held in self.keys
            ),
        )

    def met_again(self, pairing: str) -> Peer:
        """Take a new key over from a new pairing file that people compared."""
        offer = read_offer(pairing)
        if offer.name != self.name:
            raise BadInput.single("pairing file", offer.name, self.name)
        if any(held.key == offer.key for held in self.keys):
            return replace(self, pairing=pairing)
        size = max(held.until_size or 0 for held in self.keys)
        return replace(self, pairing=pairing, keys=(*self.keys, PeerKey(offer.key, size)))

    def ring(self) -> KeyRing:
        """Give the keys as they count for the peer's checkpoints."""
        return KeyRing(
            self.name,
            tuple(HeldKey(k.key, k.from_size, k.until_size, k.revoked) for k in self.keys),
        )

    def to_bytes(self) -> bytes:
        """Write the record for its shelf."""
        keys = [
            {
                "key": held.key.encode(),
                "from_size": held.from_size,
                "until": None if held.until is None else dict(held.until),
                "until_size": held.until_size,
                "revoked": held.revoked,
            }
            for held in self.keys
        ]
        return canonical({"pairing": self.pairing, "keys": keys})

    @classmethod
    def from_bytes(cls, data: bytes) -> Peer:
        """Read what `to_bytes` wrote."""
        value = json.loads(data)
        keys = tuple(
            PeerKey(
                PublicKey.decode(held["key"]),
                held["from_size"],
                held["until"],
                held["until_size"],
                held["revoked"],
            )
            for held in value["keys"]
        )
        return cls(read_offer(value["pairing"]).name, value["pairing"], keys)


def keep_peer(work: Transaction, peer: Peer) -> None:
    """Store what is known of a peer."""
    work.put(PEER_SHELF, peer.name, peer.to_bytes())


def load_peer(rows: Iterable[tuple[str, bytes]], name: str) -> Peer:
    """Find a peer among the values of its shelf.

    Raises:
        NotPaired: it is not there.
    """
    for key, value in rows:
        if key == name:
            return Peer.from_bytes(value)
    raise NotPaired(name)
