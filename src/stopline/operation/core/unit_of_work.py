"""A transaction of the desk that keeps what was appended, so that it can be folded at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.journal.base import Entry, Fact, Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.journal.base import Transaction


class UnitOfWork:
    """A transaction that keeps what was appended, so that it can be folded at once."""

    def __init__(self, work: Transaction) -> None:
        self._work = work
        self.entries: list[Entry] = []
        self.put, self.get = work.put, work.get
        self.remove, self.scan = work.remove, work.scan

    @property
    def size(self) -> int:
        """Entries on disk and in this transaction."""
        return self._work.size

    def append(self, facts: Sequence[Fact]) -> Receipt:
        """Append facts, and keep those that were not there before."""
        receipt = self._work.append(facts)
        self.entries += [
            _entry_of(fact, index)
            for fact, index in zip(facts, receipt.indices, strict=True)
            if fact.fact_id not in receipt.repeated
        ]
        return receipt


def _entry_of(fact: Fact, index: int) -> Entry:
    return Entry(
        index=index, fact_id=fact.fact_id, time_s=fact.time_s, author=fact.author, role=fact.role,
        incident=fact.incident, kind=fact.kind.name, schema=fact.kind.schema,
        body=fact.body.model_dump(mode="json"), leaf=b"", personal=fact.kind.personal,
    )  # fmt: skip
