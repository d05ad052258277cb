"""The journal over any database that has `Rows`: one behaviour for all of them."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Self

from stopline.errors import BadInput, UnknownName
from stopline.journal.checkpoint import EntryProof, SignedCheckpoint
from stopline.journal.entry import read_entry
from stopline.journal.erasure import KEY_SHELF, SEALED_SHELF
from stopline.journal.errors import Conflict, Contradiction, StorageBusy, StorageDamaged
from stopline.journal.merkle import (
    Frontier,
    consistency_path,
    frontier_nodes,
    inclusion_path,
    leaf_hash,
    range_hash,
)
from stopline.journal.work import Work, checked, open_sealed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from stopline.journal.base import Entry, Fact, Receipt, Transaction
    from stopline.journal.rows import Rows

CHECKPOINT_SHELF = "checkpoint"
PATIENCE_S = 20.0  # for other writers
_BETWEEN_TRIES_S = 0.02
_PAGE = 1000
_OPENING_LEAVES = 64


class StoredJournal:
    """A `Journal` over `Rows`. Threads may share it; processes open one each."""

    holds_bodies = True  # of personal facts, on a shelf of its own

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._lock = threading.RLock()
        self._busy = False
        self.patience_s = PATIENCE_S

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(
        self, *, expected_size: int | None = None, patience_s: float | None = None
    ) -> Iterator[Transaction]:
        """Begin work that is on disk when the `with` block has ended without an error."""
        with self._turn(self.patience_s if patience_s is None else patience_s):
            self._busy = True
            try:
                try:
                    work = Work(self._rows)
                    _check_expected(expected_size, work.size)
                    yield work
                    work.finish()
                except BaseException:
                    self._rows.rollback()
                    raise
                self._rows.commit()
            finally:
                self._busy = False

    @contextmanager
    def _turn(self, patience_s: float) -> Iterator[None]:
        """Hold the journal for a transaction that has begun.

        While another process holds the database, threads of this one read on: each try to begin
        is a short one, and nothing is held in between.
        """
        until_s = time.monotonic() + patience_s
        while True:
            with self._lock:
                if self._busy:
                    raise BadInput.single(
                        "journal", "a transaction inside another", "one at a time"
                    )
                try:
                    self._rows.begin()
                except StorageBusy:
                    if time.monotonic() >= until_s:
                        raise
                else:
                    yield
                    return
            time.sleep(_BETWEEN_TRIES_S)

    def append(self, facts: Sequence[Fact], *, expected_size: int | None = None) -> Receipt:
        """Record facts, all or none; when this returns they are on disk."""
        with self.transaction(expected_size=expected_size) as work:
            return work.append(facts)

    @property
    def size(self) -> int:
        """Entries on disk."""
        with self._lock:
            return self._rows.head()[0]

    def read(self, first: int = 0, last: int | None = None) -> Iterator[Entry]:
        """Give entries [first, last) in order."""
        for index, _, leaf in self.leaves(first, last):
            yield self._entry(index, leaf)

    def read_at(self, indices: Iterable[int]) -> Iterator[Entry]:
        """Give the entries with these indices, which rise."""
        waiting = iter(indices)
        while wanted := list(islice(waiting, _PAGE)):
            with self._lock:
                page = self._rows.leaves_at(wanted)
            if [index for index, _ in page] != wanted:
                raise StorageDamaged(f"entries are missing between {wanted[0]} and {wanted[-1]}")
            for index, leaf in page:
                yield self._entry(index, leaf)

    def leaves(self, first: int = 0, last: int | None = None) -> Iterator[tuple[int, str, bytes]]:
        """Give index, fact id and leaf of entries [first, last) as they are stored."""
        end = self.size if last is None else min(last, self.size)
        while first < end:
            with self._lock:
                page = self._rows.leaves(first, min(first + _PAGE, end))
            if [row[0] for row in page] != list(range(first, min(first + _PAGE, end))):
                raise StorageDamaged(f"entries are missing between {first} and {first + _PAGE}")
            yield from page
            first += len(page)

    def find(self, fact_id: str) -> Entry:
        """Give the entry with an id."""
        with self._lock:
            row = self._rows.by_id(fact_id)
        if row is None:
            raise UnknownName(fact_id)
        return self._entry(*row)

    def root(self, size: int | None = None) -> bytes:
        """Give the RFC 6962 root over the first `size` entries (all by default)."""
        with self._lock:
            whole, edge = self._rows.head()
            if size is None or size == whole:
                return Frontier.from_bytes(whole, edge).root()
            self._check_size(size, whole)
            return range_hash(0, size, self._node)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Give the audit path of an entry in the tree of the first `size`."""
        with self._lock:
            self._check_size(size, self._rows.head()[0])
            return inclusion_path(index, size, self._node)

    def consistency(self, earlier: int, later: int) -> list[bytes]:
        """Give the proof that the first `earlier` entries are the same at `later`."""
        with self._lock:
            self._check_size(later, self._rows.head()[0])
            return consistency_path(earlier, later, self._node)

    def keep_checkpoint(self, signed: SignedCheckpoint) -> None:
        """Store a signed checkpoint of this journal, or further signatures of one."""
        check_is_ours(self, signed)
        key = f"{signed.checkpoint.size:020d}"
        with self.transaction() as work:
            held = work.get(CHECKPOINT_SHELF, key)
            note = signed.note
            if held is not None:
                old = SignedCheckpoint.parse(held.decode()).note
                if old.text != note.text:
                    size = signed.checkpoint.size
                    raise Contradiction(signed.checkpoint.origin, size, size, "two texts")
                note = old.with_signatures(note.signatures)
            work.put(CHECKPOINT_SHELF, key, note.encode().encode())

    def checkpoints(self) -> list[SignedCheckpoint]:
        """List the stored checkpoints, the smallest first."""
        rows = self.shelf(CHECKPOINT_SHELF)
        return [SignedCheckpoint.parse(text.decode()) for _, text in rows]

    def shelf(self, name: str, first: str = "") -> Iterator[tuple[str, bytes]]:
        """Give the values of a shelf from key `first` on, by key."""
        while True:
            with self._lock:
                page = [
                    (key, checked(name, key, raw))
                    for key, raw in self._rows.scan(name, first, _PAGE)
                ]
            yield from page
            if len(page) < _PAGE:
                return
            first = page[-1][0] + "\x01"  # the next key: none holds control characters

    def look_up(self, shelf: str, key: str) -> bytes | None:
        """Give one value of a shelf; None if there is none."""
        with self._lock:
            raw = self._rows.get(shelf, key)
        return None if raw is None else checked(shelf, key, raw)

    def nodes(self, level: int, first: int, last: int) -> list[tuple[int, bytes]]:
        """List stored subtrees of one level with first <= index < last."""
        with self._lock:
            return self._rows.nodes(level, first, last)

    def prove(self, fact_id: str) -> EntryProof:
        """Make the proof of an entry under the last stored checkpoint that covers it."""
        entry = self.find(fact_id)
        covering = [c for c in self.checkpoints() if c.checkpoint.size > entry.index]
        if not covering:
            raise UnknownName(f"a checkpoint that covers entry {entry.index}; sign one first")
        path = self.inclusion(entry.index, covering[-1].checkpoint.size)
        return EntryProof(entry.index, tuple(path), covering[-1], entry.leaf)

    def erase(self, fact_id: str) -> None:
        """Destroy the key and the ciphertext of a personal body."""
        if not self.find(fact_id).personal:
            raise BadInput.single(fact_id, "a kind that is not personal", "a personal kind")
        with self.transaction() as work:
            work.remove(KEY_SHELF, fact_id)
            work.remove(SEALED_SHELF, fact_id)
        with self._lock:
            self._rows.scrub()

    def check_opening(self) -> None:
        """Look for damage where a crash or a bad disk would leave it: at the end.

        Raises:
            StorageDamaged: the end of the tree does not fit the entries.
        """
        with self._lock:
            self._rows.begin_reading()
            try:
                self._check_end()
            finally:
                self._rows.rollback()

    def check_there(self) -> None:
        """See that the database is still the one that was opened.

        Raises:
            StorageGone: its file is gone, or another lies at its place.
            StorageError: it does not answer.
        """
        with self._lock:
            self._rows.check_there()

    def close(self) -> None:
        """Let the database go."""
        with self._lock:
            self._rows.close()

    def _check_end(self) -> None:
        size, edge = self._rows.head()
        if self._rows.last_index() != size - 1:
            raise StorageDamaged(f"{self._rows.last_index() + 1} entries, and the head says {size}")
        frontier = Frontier.from_bytes(size, edge)
        for (level, index), digest in zip(frontier_nodes(size), frontier.digests, strict=True):
            if self._node(level, index) != digest:
                raise StorageDamaged(f"tree node {level}/{index} is not what the head says")
        for index, _, leaf in self._rows.leaves(max(0, size - _OPENING_LEAVES), size):
            if self._node(0, index) != leaf_hash(leaf):
                raise StorageDamaged(f"entry {index} is not what the tree says")

    def _node(self, level: int, index: int) -> bytes:
        digest = self._rows.node(level, index)
        if digest is None:
            raise StorageDamaged(f"tree node {level}/{index} is missing")
        return digest

    def _check_size(self, size: int, whole: int) -> None:
        if not 0 <= size <= whole:
            raise UnknownName(f"a tree of {size} entries; there are {whole}")

    def _entry(self, index: int, leaf: bytes) -> Entry:
        try:
            return read_entry(index, leaf, self._open_body)
        except BadInput as error:
            raise StorageDamaged(str(error)) from error

    def _open_body(self, fact_id: str, sealed: str) -> Mapping[str, object] | None:
        with self._lock:
            return open_sealed(self._rows, fact_id, sealed)


def _check_expected(expected: int | None, size: int) -> None:
    if expected is not None and expected != size:
        raise Conflict(expected, size)


def check_is_ours(journal: StoredJournal, signed: SignedCheckpoint) -> None:
    """Check that a checkpoint says of this journal what is true of it.

    Raises:
        Contradiction: the journal is shorter, or has another root at that size: it was rolled
            back, restored from an old copy, or rewritten.
    """
    point, size = signed.checkpoint, journal.size
    if point.size > size:
        raise Contradiction(point.origin, point.size, size, "the journal is shorter now")
    if journal.root(point.size) != point.root:
        raise Contradiction(point.origin, point.size, size, "the journal has another root there")
