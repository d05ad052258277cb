"""Facts about the stand-down."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from stopline.journal.kinds import fact_kind
from stopline.operation.facts.incident import IncidentFact, Meaning

StepName = Literal["not closed yet", "inside", "at the exits"]


class StandDownStep(BaseModel):
    """Orders that are withdrawn together."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: StepName = Field(description="which roads these are")
    orders: tuple[str, ...] = Field(description="ids of the orders, in the order of telling")


@fact_kind("stand-down.proposed")
class StandDownProposed(IncidentFact):
    """The order in which roads reopen was laid down."""

    steps: tuple[StandDownStep, ...] = Field(description="one after the other")
    confirmed: bool = Field(description="the vehicle is stopped, and it is the one")


@fact_kind("stand-down.checked")
class StandDownChecked(IncidentFact):
    """It was checked that no road of this side is closed any more."""

    closed_there: tuple[str, ...] = Field(
        description="roads that the other side told us of and has not reported reopened"
    )

    def meanings(self) -> tuple[Meaning, ...]:
        """All our roads are open, also where none had been closed."""
        return (Meaning("seal", outcome="all_reopened"),)
