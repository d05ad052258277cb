"""What a journal is: facts go in once and for good, and every one can be proved.

The interface and its nouns. Databases stand behind it (`sqlite.py`, `postgres.py`); time comes in
with each fact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from stopline.errors import BadInput, FaultList
from stopline.journal.errors import Erased
from stopline.journal.kinds import kind_of, read_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from stopline.journal.checkpoint import EntryProof, SignedCheckpoint
    from stopline.journal.kinds import FactBody, FactKind

_ULID = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"
_UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
FACT_ID = re.compile(f"(?:{_ULID}|{_UUID7})", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_LONGEST_NAME = 200
_LATEST_S = 253_402_300_799.0  # the last second of the year 9999
CLOCK_BACK_S = 1.0  # a fact this much older than the one before it is called out


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened, in the past tense; it never changes.

    Attributes:
        fact_id: ULID or UUIDv7, given by the caller: giving the same fact twice records it once.
        time_s: when, UTC seconds since 1970; kept to the microsecond.
        author: who says so: a person's or a node's name.
        role: in which role.
        body: the typed content; its class names the kind and the schema version.
        incident: the incident it belongs to, if any.
    """

    fact_id: str
    time_s: float
    author: str
    role: str
    body: FactBody
    incident: str | None = None

    def __post_init__(self) -> None:
        faults = FaultList()
        if not FACT_ID.fullmatch(self.fact_id):
            faults.add("fact_id", self.fact_id, "a ULID or a UUIDv7 in lower case")
        if not 0 <= self.time_s <= _LATEST_S:
            faults.add("time_s", self.time_s, "UTC seconds since 1970")
        for name in ("author", "role", "incident"):
            text = getattr(self, name)
            if text is not None and not 0 < len(text) <= _LONGEST_NAME:
                faults.add(name, text, f"1 to {_LONGEST_NAME} characters")
        faults.raise_if_any()
        object.__setattr__(self, "time_s", read_time(write_time(self.time_s)))

    @property
    def kind(self) -> FactKind:
        """The kind that the body belongs to."""
        return kind_of(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A fact as it stands in the journal.

    Attributes:
        index: place in the journal, from zero.
        fact_id: see `Fact`.
        time_s: see `Fact`.
        author: see `Fact`.
        role: see `Fact`.
        incident: see `Fact`.
        kind: name of the kind.
        schema: version of the body's form.
        body: the content as JSON; None where it was erased.
        leaf: the canonical bytes that the tree holds.
        personal: the body is stored apart and can be erased.
    """

    index: int
    fact_id: str
    time_s: float
    author: str
    role: str
    incident: str | None
    kind: str
    schema: int
    body: Mapping[str, object] | None
    leaf: bytes
    personal: bool = False

    def typed(self) -> FactBody:
        """Read the body into its model.

        Raises:
            Erased: the body was destroyed.
            UnknownName: this build does not know the kind.
        """
        if self.body is None:
            raise Erased(self.fact_id)
        return read_body(self.kind, self.schema, self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The answer to an append: these facts are on disk.

    Attributes:
        indices: place of each fact given, in the order given.
        size: entries of the journal now.
        repeated: ids that stood there before and were not written again.
        clock_back_s: seconds by which the first new fact is older than the entry before it, if
            more than one: somebody's clock was set back.
    """

    indices: tuple[int, ...]
    size: int
    repeated: frozenset[str] = frozenset()
    clock_back_s: float = 0.0


class Transaction(Protocol):
    """Work that becomes true as a whole or not at all.

    A *shelf* keeps small values that are not facts (what is still to be sent, high-water marks) in
    the same database, so that they change together with the facts.
    """

    @property
    def size(self) -> int:
        """Entries, those of this transaction included."""
        ...

    def append(self, facts: Sequence[Fact]) -> Receipt:
        """Add facts; a fact whose id stands there already is not written again."""
        ...

    def put(self, shelf: str, key: str, value: bytes) -> None:
        """Keep a value under a key, in place of an earlier one."""
        ...

    def get(self, shelf: str, key: str) -> bytes | None:
        """Look a value up."""
        ...

    def remove(self, shelf: str, key: str) -> None:
        """Take a value away; on SQLite its bytes are overwritten."""
        ...

    def scan(self, shelf: str, first: str = "", limit: int = 1000) -> list[tuple[str, bytes]]:
        """List values from key `first` on, in the order of keys."""
        ...


class Journal(Protocol):
    """The append-only record of one node. Several processes may write to it."""

    def transaction(
        self, *, expected_size: int | None = None, patience_s: float | None = None
    ) -> AbstractContextManager[Transaction]:
        """Begin work that is on disk when the `with` block has ended without an error.

        Args:
            expected_size: nothing is written if the journal holds another number of entries.
            patience_s: seconds to wait for other writers; the journal's own if not given. Others
                may read meanwhile.

        Raises:
            Conflict: `expected_size` was given and somebody wrote since.
            StorageError: the database refused; nothing was written.
        """
        ...

    def append(self, facts: Sequence[Fact], *, expected_size: int | None = None) -> Receipt:
        """Record facts, all or none; when this returns they are on disk.

        Raises:
            Conflict: `expected_size` was given and somebody wrote since.
            IdTaken: an id stands there with other content.
            StorageError: the database refused; nothing was written.
        """
        ...

    @property
    def size(self) -> int:
        """Entries on disk."""
        ...

    def read(self, first: int = 0, last: int | None = None) -> Iterator[Entry]:
        """Give entries [first, last) in order."""
        ...

    def read_at(self, indices: Iterable[int]) -> Iterator[Entry]:
        """Give the entries with these indices, which rise.

        Raises:
            StorageDamaged: one of them is not there.
        """
        ...

    def find(self, fact_id: str) -> Entry:
        """Give the entry with an id.

        Raises:
            UnknownName: there is none.
        """
        ...

    def root(self, size: int | None = None) -> bytes:
        """Give the RFC 6962 root over the first `size` entries (all by default)."""
        ...

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Give the audit path of an entry in the tree of the first `size`."""
        ...

    def consistency(self, earlier: int, later: int) -> list[bytes]:
        """Give the proof that the first `earlier` entries are the same at `later`."""
        ...

    def shelf(self, name: str, first: str = "") -> Iterator[tuple[str, bytes]]:
        """Give the values of a shelf from key `first` on, by key."""
        ...

    def look_up(self, shelf: str, key: str) -> bytes | None:
        """Give one value of a shelf; None if there is none."""
        ...

    def keep_checkpoint(self, signed: SignedCheckpoint) -> None:
        """Store a signed checkpoint of this journal, or further signatures of one.

        Raises:
            Contradiction: its root is not the root of this journal at its size.
        """
        ...

    def checkpoints(self) -> list[SignedCheckpoint]:
        """List the stored checkpoints, the smallest first."""
        ...

    def prove(self, fact_id: str) -> EntryProof:
        """Make the proof of an entry under the last stored checkpoint that covers it.

        Raises:
            UnknownName: there is no such entry, or no checkpoint covers it yet.
        """
        ...

    def erase(self, fact_id: str) -> None:
        """Destroy the key and the ciphertext of a personal body; say so in a fact of your own.

        Raises:
            UnknownName: there is no such entry.
            BadInput: its kind is not personal.
        """
        ...

    def close(self) -> None:
        """Let the database go."""
        ...


def write_time(time_s: float) -> str:
    """Write UTC seconds as ISO 8601 with microseconds and Z."""
    moment = datetime.fromtimestamp(time_s, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def read_time(text: str) -> float:
    """Read what `write_time` wrote, into UTC seconds.

    Raises:
        BadInput: it is not of that form.
    """
    try:
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text).timestamp()
    except ValueError:
        pass
    raise BadInput.single("time", text[:40], "for example 2026-11-23T21:40:00.000000Z")
