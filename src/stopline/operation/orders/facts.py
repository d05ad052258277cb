"""Facts about plans, orders and the stand-down."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stopline.journal.kinds import fact_kind
from stopline.operation.desk.facts import IncidentFact, Meaning

OrderState = Literal[
    "issued", "acknowledged", "under way", "in position", "closed", "refused", "withdrawn",
    "reopened",
]  # fmt: skip
SealNews = Literal["first_closed", "all_closed", "opened", "all_reopened"]


@fact_kind("plan.adopted")
class PlanAdopted(IncidentFact):
    """A plan was adopted: its seals become orders, its verdict is known to the procedure."""

    digest: str = Field(description="hex SHA-256 of plan.json")
    plan: str = Field(description="plan.json, to the byte")
    verdict: str = Field(description="sealed, leaking or impossible")
    sentence: str = Field(description="the verdict in one sentence")

    def meanings(self) -> tuple[Meaning, ...]:
        """A plan with its verdict."""
        return (Meaning("plan", outcome=self.verdict),)


@fact_kind("order.issued")
class OrderIssued(IncidentFact):
    """A unit was ordered to hold a site; the person who ordered it is the author."""

    order: str = Field(description="id of the order")
    unit: str = Field(description="id of the unit")
    agency: str = Field(description="its service, which alone reports on it")
    site: str = Field(description="`section N` or `junction N` of the network")
    road: str = Field(description="name of the road, for people")
    lon: float | None = Field(description="WGS 84 degrees, or null")
    lat: float | None = Field(description="WGS 84 degrees, or null")
    deadline: str = Field(description="closed by then at the latest, ISO 8601 with zone")
    expected: str = Field(description="closed then by the plan, ISO 8601 with zone")
    at_exit: bool = Field(description="the site is an exit itself")
    strength: int = Field(description="what the unit counts for at the site")
    need: int = Field(description="strength that closes the site")


@fact_kind("order.moved")
class OrderMoved(IncidentFact):
    """The state of an order changed, as the unit's own service reports."""

    order: str = Field(description="id of the order")
    state: OrderState = Field(description="the new state")
    reason: str = Field(
        description="why, where it was refused or withdrawn; else what was reported"
    )
    seals: tuple[SealNews, ...] = Field(description="what it means for all our seals")

    def meanings(self) -> tuple[Meaning, ...]:
        """News of our seals."""
        return tuple(Meaning("seal", outcome=news) for news in self.seals)


@fact_kind("seal.late")
class SealLate(IncidentFact):
    """A seal was not closed by its deadline: a road is open."""

    order: str = Field(description="id of the order")
    deadline: str = Field(description="the deadline, ISO 8601 with zone")

    def meanings(self) -> tuple[Meaning, ...]:
        """A late seal."""
        return (Meaning("seal", outcome="late"),)


@fact_kind("lesson.written")
class LessonWritten(IncidentFact):
    """Something was learnt."""

    text: str = Field(description="what was learnt, and what should change")
