"""The verdict as it was last found from actual states, and the new plan that is offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.operation.core.projection import Projection, folds, projection
from stopline.operation.facts.orders import PlanAdopted, ReplanOffered, VerdictChanged

if TYPE_CHECKING:
    from stopline.journal.base import Entry


@projection("incident")
class Verdicts(Projection):
    """What is open, by what is really closed.

    Attributes:
        now: the verdict found last; None before the first, and after a new plan until it is judged.
        since_s: when it was found, UTC seconds.
        leak: id of the fact since which these ways are open; empty while nothing leaks.
        offer: the re-plan offered against this leak; None for none.
    """

    def __init__(self) -> None:
        self.now: VerdictChanged | None = None
        self.since_s = 0.0
        self.leak = ""
        self.offer: ReplanOffered | None = None

    @folds(VerdictChanged)
    def _changed(self, body: VerdictChanged, entry: Entry) -> None:
        before, self.now, self.since_s = self.now, body, entry.time_s
        if body.verdict != "leaking":
            self.leak, self.offer = "", None
        elif not self.leak or before is None or _ways(before) != _ways(body):
            self.leak, self.offer = entry.fact_id, None

    @folds(ReplanOffered)
    def _offered(self, body: ReplanOffered, entry: Entry) -> None:
        del entry
        if body.leak == self.leak:
            self.offer = body

    @folds(PlanAdopted)
    def _adopted(self, body: PlanAdopted, entry: Entry) -> None:
        del body, entry
        self.offer = None


def _ways(found: VerdictChanged) -> object:
    return found.plan, found.sighting, found.ways, found.more
