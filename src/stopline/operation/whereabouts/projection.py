"""What the node last found of the vehicle's whereabouts in an incident."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.operation.core.projection import Projection, folds, projection
from stopline.operation.facts.whereabouts import BeliefComputed

if TYPE_CHECKING:
    from stopline.journal.base import Entry
    from stopline.operation.facts.whereabouts import Whereabouts


@projection("incident")
class Beliefs(Projection):
    """The belief found last.

    Attributes:
        now: None before the first.
    """

    def __init__(self) -> None:
        self.now: Whereabouts | None = None

    @folds(BeliefComputed)
    def _computed(self, body: BeliefComputed, entry: Entry) -> None:
        del entry
        self.now = body.found
