"""The verdict as it was last found from actual states, and the new plan that is offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.operation.desk.area import Area, area, folds
from stopline.operation.orders.facts import PlanAdopted, ReplanOffered, VerdictChanged

if TYPE_CHECKING:
    from stopline.journal.base import Entry


@area("incident")
class Verdicts(Area):
    """What is open, by what is really closed.

    Attributes:
        now: the verdict found last; None before the first, and after a new plan until it is judged.
        id: id of the fact that says so; empty for none.
        since_s: when it was found, UTC seconds.
        leaking_since_s: since when it leaks, over changes of the leak; None while it does not.
        offer: the re-plan offered for this verdict; None for none.
    """

    def __init__(self) -> None:
        self.now: VerdictChanged | None = None
        self.id = ""
        self.since_s = 0.0
        self.leaking_since_s: float | None = None
        self.offer: ReplanOffered | None = None

    @folds(VerdictChanged)
    def _changed(self, body: VerdictChanged, entry: Entry) -> None:
        self.now, self.id, self.since_s, self.offer = body, entry.fact_id, entry.time_s, None
        if body.verdict != "leaking":
            self.leaking_since_s = None
        elif self.leaking_since_s is None:
            self.leaking_since_s = entry.time_s

    @folds(ReplanOffered)
    def _offered(self, body: ReplanOffered, entry: Entry) -> None:
        del entry
        if body.leak == self.id:
            self.offer = body

    @folds(PlanAdopted)
    def _adopted(self, body: PlanAdopted, entry: Entry) -> None:
        del body, entry
        self.offer = None
