"""Checkpoints and entry proofs, as c2sp.org/tlog-checkpoint and c2sp.org/tlog-proof have them."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.journal.errors import BadProof, Contradiction
from stopline.journal.merkle import HASH_BYTES, leaf_hash, verify_consistency, verify_inclusion
from stopline.signed_note import Note, Signer, decode_base64, parse_note, sign_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stopline.signed_note import PublicKey, Verified

PROOF_HEADER = "c2sp.org/tlog-proof@v1"
MAX_PATH = 64
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_CHECKPOINT_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a journal says of itself at one size.

    Attributes:
        origin: name of the journal.
        size: entries.
        root: RFC 6962 root hash, 32 bytes.
        extensions: further lines, kept as they are.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """Write the note text."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode())
        return "".join(f"{line}\n" for line in (*lines, *self.extensions))

    def sign(self, signer: Signer) -> Note:
        """Sign it as the journal's own node."""
        return sign_note(self.text(), signer)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint (without signatures).

    Raises:
        BadInput: it is not of the form.
    """
    where = "checkpoint"
    lines = text.split("\n")
    if len(lines) < _CHECKPOINT_LINES + 1 or lines.pop() or not all(lines):
        raise BadInput.single(where, f"{len(lines)} lines", "origin, size, root hash, one a line")
    size = _decimal(lines[1], f"{where} size")
    root = _hash(lines[2], f"{where} root")
    return Checkpoint(lines[0], size, root, tuple(lines[_CHECKPOINT_LINES:]))


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with the note that carries it."""

    checkpoint: Checkpoint
    note: Note

    @classmethod
    def parse(cls, text: str) -> SignedCheckpoint:
        """Read a signed checkpoint; nothing is verified yet.

        Raises:
            BadInput: it is not of the form.
        """
        note = parse_note(text)
        return cls(parse_checkpoint(note.text), note)

    @classmethod
    def make(cls, checkpoint: Checkpoint, signer: Signer) -> SignedCheckpoint:
        """Sign a checkpoint."""
        return cls(checkpoint, checkpoint.sign(signer))

    def encode(self) -> str:
        """Write the note."""
        return self.note.encode()

    def verify(self, keys: Iterable[PublicKey]) -> list[Verified]:
        """Check its signatures against the trusted keys.

        Raises:
            BadSignature: a trusted key's signature is wrong, or none is there.
        """
        return self.note.verify(keys)


def check_same_history(
    earlier: SignedCheckpoint, later: SignedCheckpoint, path: Sequence[bytes]
) -> None:
    """Check that a later checkpoint continues an earlier one.

    Raises:
        Contradiction: it does not; the two notes together are the evidence.
    """
    old, new = earlier.checkpoint, later.checkpoint
    if old.origin != new.origin:
        raise Contradiction(old.origin, old.size, new.size, f"the other is of {new.origin}")
    if new.size < old.size:
        raise Contradiction(old.origin, old.size, new.size, "the journal became shorter")
    try:
        verify_consistency(old.size, new.size, old.root, new.root, path)
    except BadProof as error:
        raise Contradiction(old.origin, old.size, new.size, str(error)) from error


@dataclass(frozen=True, slots=True)
class EntryProof:
    """The proof that one entry stands in a journal, as a tlog-proof.

    Attributes:
        index: number of the entry, from zero.
        path: hashes from the leaf's sibling to the root's child.
        checkpoint: the signed checkpoint it leads to.
        extra: bytes that travel along and are proved by nothing but the path: here the entry.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: SignedCheckpoint
    extra: bytes | None = None

    def encode(self) -> str:
        """Write the proof as text."""
        lines = [PROOF_HEADER]
        if self.extra is not None:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(part).decode() for part in self.path]
        return "\n".join(lines) + "\n\n" + self.checkpoint.encode()

    @classmethod
    def parse(cls, text: str) -> EntryProof:
        """Read a proof; nothing is verified yet.

        Raises:
            BadInput: it is not of the form.
        """
        where = "tlog-proof"
        head, gap, tail = text.partition("\n\n")
        lines = head.split("\n")
        if not gap or lines[0] != PROOF_HEADER:
            raise BadInput.single(where, lines[0][:60], f"{PROOF_HEADER}, and a checkpoint")
        at, extra = 1, None
        if len(lines) > at and lines[at].startswith("extra "):
            extra = decode_base64(lines[at][6:], f"{where} extra")
            at += 1
        if len(lines) <= at or not lines[at].startswith("index "):
            raise BadInput.single(where, f"{len(lines)} lines", "a line `index N`")
        index = _decimal(lines[at][6:], f"{where} index")
        parts = lines[at + 1 :]
        if len(parts) > MAX_PATH:
            raise BadInput.single(where, f"{len(parts)} hashes", f"at most {MAX_PATH}")
        path = tuple(_hash(line, f"{where} path") for line in parts)
        return cls(index, path, SignedCheckpoint.parse(tail), extra)

    def verify(self, entry: bytes, keys: Iterable[PublicKey]) -> list[Verified]:
        """Check that the entry stands in a journal whose checkpoint a trusted key signed.

        Raises:
            BadSignature: no trusted key signed the checkpoint.
            BadProof: the entry does not lead to the checkpoint's root.
        """
        signed_by = self.checkpoint.verify(keys)
        tree = self.checkpoint.checkpoint
        verify_inclusion(self.index, tree.size, leaf_hash(entry), self.path, tree.root)
        return signed_by


def _decimal(text: str, where: str) -> int:
    if not _DECIMAL.fullmatch(text):
        raise BadInput.single(where, text[:40], "a decimal number without leading zeros")
    return int(text)


def _hash(text: str, where: str) -> bytes:
    raw = decode_base64(text, where)
    if len(raw) != HASH_BYTES:
        raise BadInput.single(where, f"{len(raw)} bytes", "32 bytes in base64")
    return raw
