"""Who holds which post since when, and which hand-overs nobody has taken over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stopline.operation.core.context import seconds
from stopline.operation.core.projection import Projection, folds, projection
from stopline.operation.facts.shifts import ShiftBegun, ShiftHandedOver, ShiftTakenOver

if TYPE_CHECKING:
    from stopline.journal.base import Entry


@dataclass(frozen=True, slots=True)
class HandOver:
    """One hand-over.

    Attributes:
        id: id of the fact.
        role: the post.
        by: who hands over.
        at_s: when, UTC seconds.
        since_s: begin of the shift.
        body: to whom, and the lists as they stood.
        taken_s: when the successor took over; None while it is open.
        replaced: a later hand-over of the same shift took its place.
    """

    id: str
    role: str
    by: str
    at_s: float
    since_s: float
    body: ShiftHandedOver
    taken_s: float | None = None
    replaced: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nobody has taken it over."""
        return self.taken_s is None and not self.replaced


@projection("node")
class Shifts(Projection):
    """Shifts of this side.

    Attributes:
        since_s: begin of each shift that goes on, by role and person.
        handovers: by id, in order.
    """

    def __init__(self) -> None:
        self.since_s: dict[tuple[str, str], float] = {}
        self.handovers: dict[str, HandOver] = {}

    def open(self) -> list[HandOver]:
        """Hand-overs that nobody has taken over, oldest first."""
        return [each for each in self.handovers.values() if each.is_open]

    def shift_of(self, role: str, person: str) -> float | None:
        """Since when a person holds a post; None if they do not."""
        return self.since_s.get((role, same(person)))

    @folds(ShiftBegun)
    def _begun(self, body: ShiftBegun, entry: Entry) -> None:
        del body
        self.since_s[entry.role, same(entry.author)] = entry.time_s

    @folds(ShiftHandedOver)
    def _handed_over(self, body: ShiftHandedOver, entry: Entry) -> None:
        for each in self.open():
            if (each.role, each.by) == (entry.role, entry.author):
                self.handovers[each.id] = replace(each, replaced=True)
        self.handovers[entry.fact_id] = HandOver(
            id=entry.fact_id, role=entry.role, by=entry.author, at_s=entry.time_s,
            since_s=seconds(body.since), body=body,
        )  # fmt: skip

    @folds(ShiftTakenOver)
    def _taken_over(self, body: ShiftTakenOver, entry: Entry) -> None:
        known = self.handovers.get(body.handover)
        if known is not None and known.is_open:
            self.handovers[known.id] = replace(known, taken_s=entry.time_s)
            self.since_s.pop((known.role, same(known.by)), None)
            self.since_s[known.role, same(entry.author)] = entry.time_s


def same(person: str) -> str:
    """A name as it is compared: case and outer spaces do not tell two people apart."""
    return person.strip().casefold()
