"""What people say by radio: a number for each seal and a letter for each way out of a case.

Neither is used again in a case, so that "five" and "A" never mean two places. Both follow from the
journal alone: every screen of a side, and a replay of any moment, says the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.errors import NotNow
from stopline.operation.core.projection import Projection, folds, on_message, projection
from stopline.operation.facts.orders import (
    OrderIssued,
    PlanAdopted,
    PlanProposed,
    ReplanOffered,
    VerdictChanged,
)
from stopline.operation.orders.plan_text import read_plan_text

if TYPE_CHECKING:
    from stopline.journal.base import Entry

_LETTERS = 26


@projection("incident")
class SealLabels(Projection):
    """Numbers and letters that were given out.

    Attributes:
        numbers: of seals, by site (`section 7`), from 1.
        letters: of ways out, by name of the exit: A to Z, then AA.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.letters: dict[str, str] = {}

    @folds(PlanAdopted)
    def _adopted(self, body: PlanAdopted, entry: Entry) -> None:
        del entry
        self._number(body.plan)

    @folds(PlanProposed)
    def _proposed(self, body: PlanProposed, entry: Entry) -> None:
        del entry
        self._number(body.plan)

    @folds(ReplanOffered)
    def _offered(self, body: ReplanOffered, entry: Entry) -> None:
        del entry
        if body.plan:
            self._number(body.plan)

    @folds(OrderIssued)
    def _issued(self, body: OrderIssued, entry: Entry) -> None:
        del entry
        self.numbers.setdefault(body.site, len(self.numbers) + 1)

    @folds(VerdictChanged)
    def _changed(self, body: VerdictChanged, entry: Entry) -> None:
        del entry
        for way in body.ways:
            self.letters.setdefault(way.exit, letter(len(self.letters)))

    @on_message(ProcedureSaid)
    def _said(self, body: ProcedureSaid, entry: Entry, *, received: bool) -> None:
        del entry, received
        named = [one.site for one in body.wanted_sections]
        named += [one.site for one in body.commitments] + [one.site for one in body.seal_status]
        for site in named:
            self.numbers.setdefault(site, len(self.numbers) + 1)

    def _number(self, text: str) -> None:
        try:
            seals = read_plan_text(text).seals
        except NotNow:  # of another version; its seals stay without a number
            return
        for seal in seals:
            site = f"{seal.site.kind} {seal.site.index}"
            self.numbers.setdefault(site, len(self.numbers) + 1)


def letter(number: int) -> str:
    """The letter of a way: 0 is A, 25 is Z, 26 is AA."""
    found = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, _LETTERS)
        found = chr(ord("A") + rest) + found
    return found
