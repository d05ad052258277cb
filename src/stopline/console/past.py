"""The journal folded again: what was known at a past moment, and the course of an incident."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from stopline.operation.core.snapshots import lasting_entries
from stopline.operation.core.state import NodeState
from stopline.review.history import History, fold_history

if TYPE_CHECKING:
    from stopline.journal.base import Journal

_KEPT: Final = 12


class PastBooks:
    """Books of past moments of one journal; threads may share it.

    A book is made for the number of entries that were recorded by the moment, so that two moments
    between the same two facts share one.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._known: OrderedDict[int, NodeState] = OrderedDict()

    def at(self, moment_s: float) -> NodeState:
        """All that was known then; a caller holds `lock` while it looks into it."""
        entries = list(lasting_entries(self._journal))
        # The order of the journal counts: a clock that stood ahead for a while, at one entry or
        # some, hides nothing of what was written after it.
        while entries and entries[-1].time_s > moment_s:
            entries.pop()
        size = entries[-1].index + 1 if entries else 0
        known = self._known.get(size)
        if known is None:
            known = NodeState()
            known.fold(entries)
            self._known[size] = known
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(size)
        return known

    @property
    def lock(self) -> threading.Lock:
        """Hold it while calling `at` and looking into the book."""
        return self._lock


class Courses:
    """The history of an incident, folded anew when the journal has grown; threads may share it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, History]] = {}

    def of(self, incident: str) -> History:
        """Give the history of an incident that the node knows of; nobody changes it.

        Raises:
            BadInput: it knows none of that id.
        """
        with self._lock:
            size = self._journal.size
            known = self._known.get(incident)
            if known is None or known[0] != size:
                known = (size, fold_history(lasting_entries(self._journal), incident))
                self._known = {incident: known}
            return known[1]
