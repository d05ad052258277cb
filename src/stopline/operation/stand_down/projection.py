"""The stand-down of an incident as it was laid down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.operation.core.projection import Projection, folds, projection
from stopline.operation.facts.stand_down import StandDownChecked, StandDownProposed

if TYPE_CHECKING:
    from stopline.journal.base import Entry


@projection("incident")
class StandDown(Projection):
    """The stand-down.

    Attributes:
        proposed: the order laid down last; None before.
        checked_s: when it was checked that nothing is closed; None before.
        closed_there: roads of the other side that were not reported reopened then.
    """

    def __init__(self) -> None:
        self.proposed: StandDownProposed | None = None
        self.checked_s: float | None = None
        self.closed_there: tuple[str, ...] = ()

    @folds(StandDownProposed)
    def _proposed(self, body: StandDownProposed, entry: Entry) -> None:
        del entry
        self.proposed = body

    @folds(StandDownChecked)
    def _checked(self, body: StandDownChecked, entry: Entry) -> None:
        self.checked_s, self.closed_there = entry.time_s, body.closed_there
