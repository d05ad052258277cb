"""Landmarks: where a book may begin, so that a restart does not read a day of positions again.

A fleeting fact (see `area.py`) is in the record for good, and a book needs only the last of its
kind. A landmark lists the other facts before it, and holds what the fleeting ones had left by then.
It is made from the journal alone and lies on a shelf beside it; without it, or if it is damaged,
the whole journal is read.
"""

from __future__ import annotations

import hashlib
import json
import logging
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from stopline.journal.errors import StorageDamaged
from stopline.operation.core.projection import fleeting_kinds
from stopline.operation.core.state import NodeState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stopline.journal.base import Entry, Journal, Transaction

EVERY: Final = 10_000  # entries; a landmark costs as much as some hundred of them
EVERY_S: Final = 60.0  # if there was anything fleeting: a batch of positions is one entry
_FORM: Final = 1
_LAST = "last"
_log = logging.getLogger("stopline.operation.landmarks")


def state_from_snapshot(journal: Journal) -> NodeState:
    """Give a book that knows the journal up to its last landmark; fold the rest into it."""
    try:
        last = _last(journal)
        if last is None:
            return NodeState()
        book = NodeState()
        book.fold(journal.read_at(_listed(journal, last["size"])))
        book.begin_from(last["size"], last["remains"])
    except (StorageDamaged, ValueError, KeyError, TypeError) as error:
        _log.warning("a landmark is damaged, the whole journal is read: %s", error)
        return NodeState()
    return book


def lasting_entries(journal: Journal) -> Iterator[Entry]:
    """Give all entries but fleeting ones before the last landmark, in order."""
    last = _last(journal)
    size = 0 if last is None else int(last["size"])
    yield from journal.read_at(_listed(journal, size))
    yield from journal.read(size)


def is_due(book: NodeState, age_s: float) -> bool:
    """Whether to lay a landmark now; `age_s` is the age of the last one that was laid here."""
    new = book.size - book.landmark
    return new >= EVERY or (age_s >= EVERY_S and new > len(book.lasting))


def take_snapshot(journal: Journal, book: NodeState) -> None:
    """Lay a landmark at the end of a book, if no other server has laid one since the last."""
    shelf = _shelf()
    with journal.transaction(patience_s=0.0) as work:
        first = _laid(work, shelf)
        if first == book.landmark and book.size <= work.size:
            listed = json.dumps(_runs(book.lasting)).encode()
            last = {"size": book.size, "remains": book.remains()}
            work.put(shelf, f"{first:020d}", listed)
            work.put(shelf, _LAST, json.dumps(last, separators=(",", ":")).encode())
            first = book.size
    if first <= book.size:
        book.passed(first)


def check_snapshots(journal: Journal) -> list[str]:
    """Say what is wrong with the landmarks, by reading the whole journal: what would be missed."""
    last = _last(journal)
    if last is None:
        return []
    listed, size, kinds = set(_listed(journal, last["size"])), int(last["size"]), fleeting_kinds()
    return [
        f"entry {entry.index} ({entry.kind}) is not listed by the landmarks"
        for entry in journal.read(0, size)
        if entry.kind not in kinds and entry.index not in listed
    ]


def _shelf() -> str:
    """The name of the shelf: what another build counts as fleeting is not believed."""
    said = json.dumps([_FORM, sorted(fleeting_kinds())])
    return f"landmarks-{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def _last(journal: Journal) -> dict[str, Any] | None:
    told = journal.look_up(_shelf(), _LAST)
    found: dict[str, Any] | None = None if told is None else json.loads(told)
    return found


def _laid(work: Transaction, shelf: str) -> int:
    told = work.get(shelf, _LAST)
    return 0 if told is None else int(json.loads(told)["size"])


def _listed(journal: Journal, size: int) -> Iterator[int]:
    """Indices of the lasting entries before a landmark, in order."""
    for key, told in journal.shelf(_shelf()):
        if key != _LAST and int(key) < size:
            for first, last in json.loads(told):
                yield from range(first, last)


def _runs(indices: Iterable[int]) -> list[tuple[int, int]]:
    """Rising indices as ranges [first, last)."""
    known = list(indices)
    if not known:
        return []
    cuts = [i + 1 for i, (one, other) in enumerate(pairwise(known)) if other != one + 1]
    ends = [0, *cuts, len(known)]
    return [(known[a], known[b - 1] + 1) for a, b in pairwise(ends)]
