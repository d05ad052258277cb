"""What a journal asks of a database: a handful of rows, and a transaction around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.journal.merkle import TreeNode

SCHEMA_VERSION = 1
TRY_MS = 200  # one try to begin a transaction; `StoredJournal` tries again


class Rows(Protocol):
    """One connection to one database; every method raises `StorageError` when it refuses."""

    def begin(self) -> None:
        """Start a transaction that alone may write."""
        ...

    def check_there(self) -> None:
        """See that the database is still the one that was opened."""
        ...

    def begin_reading(self) -> None:
        """Start a transaction that sees one moment; `rollback` ends it."""
        ...

    def commit(self) -> None:
        """Put the transaction on disk; on an error nothing of it is there."""
        ...

    def rollback(self) -> None:
        """Forget the transaction; never raises."""
        ...

    def head(self) -> tuple[int, bytes]:
        """Give the size and the frontier's hashes."""
        ...

    def set_head(self, size: int, edge: bytes) -> None:
        """Store the size and the frontier's hashes."""
        ...

    def add_entries(self, rows: Sequence[tuple[int, str, bytes]]) -> None:
        """Insert entries: index, fact id, leaf."""
        ...

    def add_nodes(self, nodes: Sequence[TreeNode]) -> None:
        """Insert complete subtrees."""
        ...

    def node(self, level: int, index: int) -> bytes | None:
        """Look a complete subtree up."""
        ...

    def nodes(self, level: int, first: int, last: int) -> list[tuple[int, bytes]]:
        """List the subtrees of one level with first <= index < last."""
        ...

    def by_id(self, fact_id: str) -> tuple[int, bytes] | None:
        """Look an entry up by its fact's id: index, leaf."""
        ...

    def leaves(self, first: int, last: int) -> list[tuple[int, str, bytes]]:
        """List entries with first <= index < last: index, fact id, leaf."""
        ...

    def leaves_at(self, indices: Sequence[int]) -> list[tuple[int, bytes]]:
        """List the entries with these indices, in the order of the journal: index, leaf."""
        ...

    def last_index(self) -> int:
        """Give the highest index of an entry, -1 if there is none."""
        ...

    def put(self, shelf: str, key: str, value: bytes) -> None:
        """Insert or replace a value."""
        ...

    def get(self, shelf: str, key: str) -> bytes | None:
        """Look a value up."""
        ...

    def remove(self, shelf: str, key: str) -> None:
        """Delete a value."""
        ...

    def scan(self, shelf: str, first: str, limit: int) -> list[tuple[str, bytes]]:
        """List values with key >= first, by key."""
        ...

    def scrub(self) -> None:
        """Wipe what removed values left behind, as far as the database can."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...
