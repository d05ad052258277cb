"""Facts about shifts."""

from __future__ import annotations

from pydantic import Field

from stopline.journal.kinds import FactBody, fact_kind


@fact_kind("shift.begun")
class ShiftBegun(FactBody):
    """A person took up a post without taking it over from somebody."""


@fact_kind("shift.handed-over")
class ShiftHandedOver(FactBody):
    """A person handed a post over; it stays open until the successor takes it over by name."""

    to: str = Field(description="name of the successor")
    since: str = Field(description="begin of the shift, ISO 8601 with zone")
    note: str = Field(description="what the list does not say")
    matters: list[str] = Field(description="open matters, as they stood")
    overdue: list[str] = Field(description="overdue tasks, as they stood")
    changed: list[str] = Field(description="what changed since the shift began")


@fact_kind("shift.taken-over")
class ShiftTakenOver(FactBody):
    """The successor read a hand-over and took the post."""

    handover: str = Field(description="id of the hand-over")
