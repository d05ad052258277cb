"""Which keys of a node were good for which part of its history: rotation and revocation.

A rotation and a revocation are signed notes, so that they prove themselves. A key is good for
checkpoints of up to `until_size` entries, and for link messages of up to a sequence per lane (that
part is the link's). A stolen key can therefore sign nothing after its end, and history before it
stays verifiable.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from stopline.errors import BadInput, BadSignature
from stopline.signed_note import Note, PublicKey, Signer, Verified, parse_note, sign_note

ROTATION_HEADER = "stopline-rotation@v1"
REVOCATION_HEADER = "stopline-revocation@v1"
_ROTATION_LINES = 4
_REVOCATION_LINES = 4


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key and the part of the journal for which its signatures count.

    Attributes:
        key: the public key.
        from_size: smallest checkpoint it may sign, in entries.
        until_size: largest one; None while it is in use.
        revoked: it ended by a revocation, not by a rotation.
    """

    key: PublicKey
    from_size: int = 0
    until_size: int | None = None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All keys that one node had, the newest last."""

    name: str
    keys: tuple[HeldKey, ...] = field(default=())

    @classmethod
    def trusting(cls, key: PublicKey) -> KeyRing:
        """Begin with the one key that was compared by people."""
        return cls(key.name, (HeldKey(key),))

    @property
    def current(self) -> PublicKey | None:
        """The key in use; None after a revocation without a new one."""
        held = self.keys[-1] if self.keys else None
        return held.key if held is not None and held.until_size is None else None

    def for_size(self, size: int) -> list[PublicKey]:
        """List the keys whose signature under a checkpoint of `size` entries counts."""
        return [
            held.key
            for held in self.keys
            if held.from_size <= size and (held.until_size is None or size <= held.until_size)
        ]

    def by_id(self, key_id: str) -> HeldKey | None:
        """Find a key by its id in hex."""
        return next((held for held in self.keys if held.key.key_id.hex() == key_id), None)

    def rotated(self, text: str) -> KeyRing:
        """Follow a rotation note; both keys must have signed it.

        Raises:
            BadInput: it is no rotation note of this node.
            BadSignature: it is not signed by the key in use and by the new one.
        """
        old, new, size, note = parse_rotation(text)
        if old != self.current:
            raise BadSignature("rotation", "its old key is not the key in use")
        signed_by = [found.key for found in note.verify([old, new])]
        if old not in signed_by or new not in signed_by:
            raise BadSignature("rotation", "both the old and the new key must sign")
        last = self.keys[-1]
        ended = replace(last, until_size=size)
        return replace(self, keys=(*self.keys[:-1], ended, HeldKey(new, size)))

    def revoked(self, text: str) -> KeyRing:
        """Follow a revocation note, signed by the revoked key itself or by the key in use.

        Raises:
            BadInput: it is no revocation note of this node, or the key is not known.
            BadSignature: it is not signed so.
        """
        key_id, size, note = parse_revocation(text, self.name)
        held = self.by_id(key_id)
        if held is None:
            raise BadInput.single("revocation", key_id, "a key of this node")
        may = [held.key] if self.current is None else [held.key, self.current]
        note.verify(may)
        until = size if held.until_size is None else min(size, held.until_size)
        ended = replace(held, until_size=until, revoked=True)
        return replace(self, keys=tuple(ended if k is held else k for k in self.keys))

    def verify(self, note: Note, size: int) -> list[Verified]:
        """Check a checkpoint's note of a given size by the keys that counted then.

        Raises:
            BadSignature: no such key signed it, or a signature is wrong.
        """
        return note.verify(self.for_size(size))


def make_rotation(old: Signer, new: Signer, size: int) -> str:
    """Write the note by which a new key takes over after `size` entries."""
    lines = (ROTATION_HEADER, old.key.encode(), new.key.encode(), str(size))
    return sign_note("".join(f"{line}\n" for line in lines), old, new).encode()


def make_revocation(signer: Signer, key: PublicKey, size: int) -> str:
    """Write the note by which a key ends after `size` entries."""
    lines = (REVOCATION_HEADER, key.name, key.key_id.hex(), str(size))
    return sign_note("".join(f"{line}\n" for line in lines), signer).encode()


def parse_rotation(text: str) -> tuple[PublicKey, PublicKey, int, Note]:
    """Read a rotation note: old key, new key, size; nothing is verified yet.

    Raises:
        BadInput: it is not of the form.
    """
    note = parse_note(text)
    lines = note.text.splitlines()
    if len(lines) != _ROTATION_LINES or lines[0] != ROTATION_HEADER or not lines[3].isdecimal():
        raise BadInput.single("rotation", lines[0][:60], f"{ROTATION_HEADER}, two keys, a size")
    old, new = PublicKey.decode(lines[1]), PublicKey.decode(lines[2])
    if old.name != new.name:
        raise BadInput.single("rotation", new.name, f"the name {old.name}")
    return old, new, _size(lines[3]), note


def parse_revocation(text: str, name: str) -> tuple[str, int, Note]:
    """Read a revocation note: key id in hex, size; nothing is verified yet.

    Raises:
        BadInput: it is not of the form.
    """
    note = parse_note(text)
    lines = note.text.splitlines()
    if len(lines) != _REVOCATION_LINES or lines[0] != REVOCATION_HEADER or lines[1] != name:
        raise BadInput.single("revocation", lines[0][:60], f"{REVOCATION_HEADER} of {name}")
    return lines[2], _size(lines[3]), note


def _size(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 18:  # noqa: PLR2004
        raise BadInput.single("size", text[:40], "entries as a decimal number")
    return int(text)
