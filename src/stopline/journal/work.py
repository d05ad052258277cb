"""One transaction on a journal: the tree grows in memory, the rows go out as they come."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from stopline.documents.canonical_json import parse_json
from stopline.journal.base import CLOCK_BACK_S, Fact, Receipt
from stopline.journal.entry import body_bytes, leaf_bytes, parse_leaf, read_entry, time_of_leaf
from stopline.journal.erasure import KEY_SHELF, SEALED_SHELF, commitment, seal, unseal
from stopline.journal.errors import IdTaken, StorageDamaged
from stopline.journal.merkle import Frontier, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stopline.journal.merkle import TreeNode
    from stopline.journal.rows import Rows

_CHECK_BYTES = 8
_PAGE = 1000


class Work:
    """A `Transaction` over `Rows`."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        size, edge = rows.head()
        self._frontier = Frontier.from_bytes(size, edge)
        self._grown = False
        self._last_s: float | None = None

    @property
    def size(self) -> int:
        """Entries, those of this transaction included."""
        return self._frontier.size

    def append(self, facts: Sequence[Fact]) -> Receipt:
        """Add facts; a fact whose id stands there already is not written again."""
        entries: dict[str, tuple[int, str, bytes]] = {}
        nodes: list[TreeNode] = []
        indices: list[int] = []
        repeated: set[str] = set()
        clock_back_s = 0.0
        for fact in facts:
            held = entries.get(fact.fact_id) or self._rows.by_id(fact.fact_id)
            if held is not None:
                self._check_same(fact, held[0], held[-1])
                repeated.add(fact.fact_id)
                indices.append(held[0])
                continue
            if not entries and self.size:
                clock_back_s = self._last_time() - fact.time_s
            sealed = self._seal(fact) if fact.kind.personal else None
            leaf = leaf_bytes(fact, sealed)
            index = self._frontier.size
            self._frontier, done = self._frontier.grow(leaf_hash(leaf))
            nodes += done
            entries[fact.fact_id] = (index, fact.fact_id, leaf)
            indices.append(index)
        if entries:
            self._rows.add_entries(list(entries.values()))
            self._rows.add_nodes(nodes)
            self._grown = True
            self._last_s = facts[-1].time_s
        return Receipt(
            indices=tuple(indices),
            size=self.size,
            repeated=frozenset(repeated),
            clock_back_s=clock_back_s if clock_back_s > CLOCK_BACK_S else 0.0,
        )

    def put(self, shelf: str, key: str, value: bytes) -> None:
        """Keep a value under a key, in place of an earlier one."""
        self._rows.put(shelf, key, _check_of(shelf, key, value) + value)

    def get(self, shelf: str, key: str) -> bytes | None:
        """Look a value up."""
        raw = self._rows.get(shelf, key)
        return None if raw is None else checked(shelf, key, raw)

    def remove(self, shelf: str, key: str) -> None:
        """Take a value away."""
        self._rows.remove(shelf, key)

    def scan(self, shelf: str, first: str = "", limit: int = _PAGE) -> list[tuple[str, bytes]]:
        """List values from key `first` on, in the order of keys."""
        rows = self._rows.scan(shelf, first, limit)
        return [(key, checked(shelf, key, raw)) for key, raw in rows]

    def finish(self) -> None:
        """Write the head, if the tree grew."""
        if self._grown:
            self._rows.set_head(self._frontier.size, self._frontier.to_bytes())

    def _last_time(self) -> float:
        if self._last_s is not None:
            return self._last_s
        rows = self._rows.leaves(self.size - 1, self.size)
        if not rows:
            raise StorageDamaged(f"entry {self.size - 1} is missing")
        return time_of_leaf(rows[0][2])

    def _seal(self, fact: Fact) -> str:
        key, sealed = seal(fact.fact_id, body_bytes(fact))
        self.put(KEY_SHELF, fact.fact_id, key)
        self.put(SEALED_SHELF, fact.fact_id, sealed)
        return commitment(sealed)

    def _check_same(self, fact: Fact, index: int, leaf: bytes) -> None:
        """Refuse another fact under a known id; of an erased body only the rest can be compared."""
        held = read_entry(index, leaf, lambda i, s: open_sealed(self._rows, i, s))
        body = held.body if held.body is None else fact.body.model_dump(mode="json")
        sealed = parse_leaf(leaf).get("sealed")
        given = leaf_bytes(fact, sealed if isinstance(sealed, str) else None)
        if given != leaf or body != held.body:
            raise IdTaken(fact.fact_id, index)


def open_sealed(rows: Rows, fact_id: str, sealed: str) -> Mapping[str, object] | None:
    """Fetch and decrypt a personal body; None if it was erased.

    Raises:
        StorageDamaged: it is not the one in the tree, or its key is not its key.
    """
    raw_key, raw_body = rows.get(KEY_SHELF, fact_id), rows.get(SEALED_SHELF, fact_id)
    if raw_key is None or raw_body is None:
        return None
    body = checked(SEALED_SHELF, fact_id, raw_body)
    if commitment(body) != sealed:
        raise StorageDamaged(f"the sealed body of {fact_id} is not the one in the tree")
    text = unseal(fact_id, checked(KEY_SHELF, fact_id, raw_key), body)
    return cast("Mapping[str, object]", parse_json(text, fact_id))


def _check_of(shelf: str, key: str, value: bytes) -> bytes:
    return hashlib.sha256(f"{shelf}\0{key}\0".encode() + value).digest()[:_CHECK_BYTES]


def checked(shelf: str, key: str, raw: bytes) -> bytes:
    """Take the check off a stored value.

    Raises:
        StorageDamaged: the value is not what was written there.
    """
    value = raw[_CHECK_BYTES:]
    if _check_of(shelf, key, value) != raw[:_CHECK_BYTES]:
        raise StorageDamaged(f"shelf {shelf}, key {key}")
    return value
