"""Facts about plans, orders and the stand-down."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from stopline.forces.agency import agency_name
from stopline.journal.kinds import fact_kind
from stopline.operation.facts.incident import IncidentFact, Meaning

OrderState = Literal[
    "issued", "acknowledged", "under way", "in position", "closed", "refused", "withdrawn",
    "reopened",
]  # fmt: skip
SealNews = Literal["first_closed", "all_closed", "opened", "all_reopened"]


@fact_kind("plan.adopted", schema=2)
class PlanAdopted(IncidentFact):
    """A plan was adopted: its seals become orders, its verdict is known to the procedure."""

    digest: str = Field(description="hex SHA-256 of plan.json")
    plan: str = Field(description="plan.json, to the byte")
    verdict: str = Field(description="sealed, leaking or impossible")
    sentence: str = Field(description="the verdict in one sentence")
    check: str = Field(default="", description="what the checker found; empty: it was not asked")
    unchecked_because: str = Field(
        default="", description="why it was adopted without its proof confirmed; empty if it was"
    )
    offer: str = Field(
        default="", description="id of the offer or proposal that was taken, empty for none"
    )
    late_because: str = Field(
        default="", description="why it was adopted though orders were late; empty if none was"
    )
    decision: str = Field(
        default="",
        description="what it did in one decision: orders by service; empty: adopted alone",
    )

    def meanings(self) -> tuple[Meaning, ...]:
        """A plan with its verdict."""
        return (Meaning("plan", outcome=self.verdict),)


@fact_kind("order.issued")
class OrderIssued(IncidentFact):
    """A unit was ordered to hold a site; the person who ordered it is the author."""

    order: str = Field(description="id of the order")
    unit: str = Field(description="id of the unit")
    agency: Annotated[str, AfterValidator(agency_name)] = Field(
        description="its service, which reports on it, as the unit does itself"
    )
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
    """The state of an order changed, as the unit itself or its own service reports."""

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


class PlanPart(BaseModel):
    """A part of a fact: frozen, no unknown fields, every field described."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class WayOut(PlanPart):
    """An exit that can be reached past what is really closed."""

    exit: str = Field(description="name of the exit")
    earliest: str = Field(description="earliest time there, ISO 8601 with zone")
    roads: tuple[str, ...] = Field(description="the first roads of that way, as people name them")
    site: str = Field(description="the seal that it meets open; empty: it meets none")
    road: str = Field(description="name of that seal's road, empty for none")
    passed: str = Field(description="when it is passed at the earliest, ISO 8601; empty for none")
    why: str = Field(description="why it is open, for example `unit U is late`")
    unit: str = Field(description="unit of this side that should hold it, empty for none")
    still_open: bool = Field(
        description="a way there is open still; false: closed by now, but it may have passed before"
    )
    sections: tuple[int, ...] = Field(
        default=(), description="sections of that way in the order driven, for a map"
    )


@fact_kind("verdict.changed")
class VerdictChanged(IncidentFact):
    """The verdict was found anew from what is really closed, and is another than before."""

    verdict: Literal["sealed", "leaking", "unknown"] = Field(description="the verdict")
    sentence: str = Field(description="the verdict in one sentence")
    plan: str = Field(description="hex SHA-256 of the adopted plan")
    entries: int = Field(description="entries of the journal that it was found from")
    at: str = Field(description="the moment it was found for, ISO 8601 with zone")
    sighting: str = Field(description="confirmed sighting it counts from; empty: the plan's own")
    ways: tuple[WayOut, ...] = Field(description="exits that can be reached, the earliest first")
    more: int = Field(description="further exits that can be reached and are not listed")
    unreported: tuple[str, ...] = Field(
        description="roads that count by the other side's word, over their time without a report"
    )


class ChangedOrder(PlanPart):
    """An order that a new plan adds or drops."""

    unit: str = Field(description="id of the unit")
    agency: str = Field(description="its service")
    site: str = Field(description="`section N` or `junction N`")
    road: str = Field(description="name of the road, for people")
    by: str = Field(description="closed by then by the new plan, ISO 8601; empty for a withdrawal")


@fact_kind("replan.offered")
class ReplanOffered(IncidentFact):
    """A new plan with the fewest changed orders was computed against a leak, from actual states."""

    offer: str = Field(description="id of the offer")
    leak: str = Field(description="id of the fact that says what leaks")
    verdict: str = Field(description="sealed, leaking or impossible; empty: nothing better found")
    sentence: str = Field(description="what it is, in one sentence")
    note: str = Field(description="what it was computed from, in words")
    withdraw: tuple[ChangedOrder, ...] = Field(description="orders that it drops")
    order: tuple[ChangedOrder, ...] = Field(description="orders that it adds")
    plan: str = Field(description="plan.json, to the byte; empty: nothing better was found")


class ProposedChoice(PlanPart):
    """One way to use the units where not every road can be closed, judged by four odds."""

    name: str = Field(description="cover, intercept, delay or randomise")
    exits_sealed: float = Field(description="part of the exits, by weight, that is sealed off")
    stopped: float | None = Field(description="probability, by the belief, that it is stopped")
    first_escape: str | None = Field(description="earliest escape, ISO 8601 with zone; null: never")
    assured: float = Field(description="probability that a driver is stopped who knows the plan")
    units: int = Field(description="units that it uses")


class NotCounted(PlanPart):
    """A unit that a plan does not count on, and why."""

    unit: str = Field(description="id of the unit")
    why: str = Field(description="why, in words")


@fact_kind("plan.proposed")
class PlanProposed(IncidentFact):
    """A plan was made from what the node knew; an officer adopts it by `plan.adopt`, or not."""

    proposal: str = Field(description="id of the proposal")
    plan: str = Field(description="plan.json, to the byte")
    verdict: Literal["sealed", "leaking", "impossible"] = Field(description="its verdict")
    sentence: str = Field(description="the verdict in one sentence")
    check: str = Field(description="what the independent checker found")
    holds: bool = Field(description="the checker confirmed it")
    sides: tuple[str, ...] = Field(description="our side's names in the plan's units")
    region: str = Field(description="file of the region's scenario")
    sightings: tuple[str, ...] = Field(description="ids of the sightings it was made from")
    seen: str = Field(description="when the vehicle was seen last, ISO 8601; empty: not known")
    place: str = Field(description="where that was, as people name it")
    units: int = Field(description="units that were counted")
    not_counted: tuple[NotCounted, ...] = Field(description="units that were not, with why")
    notes: tuple[str, ...] = Field(description="what else an officer should know of it")
    choices: tuple[ProposedChoice, ...] = Field(description="what else these units can do")
    geometry: str = Field(description="a GeoJSON FeatureCollection: seals, exits, ways out")
