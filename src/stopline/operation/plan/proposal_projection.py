"""The plans that were proposed in an incident, the newest of them for who does not name one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.operation.core.projection import Projection, folds, projection
from stopline.operation.facts.orders import PlanAdopted, PlanProposed

if TYPE_CHECKING:
    from stopline.journal.base import Entry


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan that was proposed.

    Attributes:
        body: what was proposed.
        by: who had it made.
        at_s: when, UTC seconds.
        adopted_s: when it was adopted; None if it was not.
    """

    body: PlanProposed
    by: str
    at_s: float
    adopted_s: float | None = None


@projection("incident")
class Proposals(Projection):
    """Proposals by id, in the order in which they were made."""

    def __init__(self) -> None:
        self.by_id: dict[str, Proposal] = {}

    @property
    def newest(self) -> Proposal | None:
        """The one made last; None before the first."""
        return next(reversed(self.by_id.values()), None)

    @folds(PlanProposed)
    def _proposed(self, body: PlanProposed, entry: Entry) -> None:
        self.by_id[body.proposal] = Proposal(body, entry.author, entry.time_s)

    @folds(PlanAdopted)
    def _adopted(self, body: PlanAdopted, entry: Entry) -> None:
        known = self.by_id.get(body.offer)
        if known is not None:
            self.by_id[body.offer] = Proposal(known.body, known.by, known.at_s, entry.time_s)
