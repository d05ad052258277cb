"""What a node notes by itself about its orders: the verdict from actual states, and a re-plan.

Several processes may find the same thing at once; each is noted once, and never an older one after
a newer: that is decided here, on the book, and not by who was first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from stopline.link.ids import derived_id
from stopline.operation.core.command import IncidentCommand, command
from stopline.operation.core.context import seconds
from stopline.operation.core.errors import NotNow
from stopline.operation.facts.orders import ChangedOrder, ReplanOffered, VerdictChanged, WayOut
from stopline.operation.orders.projection import Orders
from stopline.operation.plan.verdict_projection import Verdicts
from stopline.operation.plan.verdict_text import essence_of

if TYPE_CHECKING:
    from stopline.operation.core.context import CommandContext

Text = Annotated[str, Field(max_length=4000)]
Few = 100


@command("verdict.note")
class NoteVerdict(IncidentCommand):
    """Note the verdict as it was found from what is really closed, if it is another than before."""

    verdict: Literal["sealed", "leaking", "unknown"] = Field(description="the verdict")
    sentence: Text = Field(description="the verdict in one sentence")
    plan: Text = Field(description="hex SHA-256 of the adopted plan")
    entries: int = Field(ge=0, description="entries of the journal that it was found from")
    at: Text = Field(description="the moment it was found for, ISO 8601 with zone")
    sighting: Text = Field(default="", description="confirmed sighting it counts from, or empty")
    ways: Annotated[tuple[WayOut, ...], Field(max_length=Few)] = Field(
        default=(), description="exits that can be reached, the earliest first"
    )
    more: int = Field(default=0, ge=0, description="further exits that can be reached")
    unreported: Annotated[tuple[Text, ...], Field(max_length=1000)] = Field(
        default=(), description="roads of the other side over their time without a report"
    )

    def decide(self, at: CommandContext) -> None:
        """Only what is new, and newer than what is known."""
        incident = at.incident()
        plan, known = incident.projection(Orders).plan, incident.projection(Verdicts).now
        if plan is None or plan.digest != self.plan:
            raise NotNow("another plan is adopted by now")
        if known is not None:
            if (known.entries, seconds(known.at)) > (self.entries, seconds(self.at)):
                raise NotNow("a newer verdict is known")
            if essence_of(known, known.plan) == essence_of(self, self.plan):
                raise NotNow("that is the verdict already")
        at.record(
            VerdictChanged(
                verdict=self.verdict, sentence=self.sentence, plan=self.plan,
                entries=self.entries, at=self.at, sighting=self.sighting, ways=self.ways,
                more=self.more, unreported=self.unreported,
            )
        )  # fmt: skip


@command("replan.offer")
class OfferReplan(IncidentCommand):
    """Offer a new plan against a leak; an officer takes it by `plan.adopt`, or leaves it."""

    leak: Text = Field(description="id of the fact that says what leaks")
    verdict: Literal["", "sealed", "leaking", "impossible"] = Field(
        description="its verdict; empty: nothing better was found"
    )
    sentence: Text = Field(description="what it is, in one sentence")
    note: Text = Field(description="what it was computed from, in words")
    withdraw: tuple[ChangedOrder, ...] = Field(default=(), description="orders that it drops")
    order: tuple[ChangedOrder, ...] = Field(default=(), description="orders that it adds")
    plan: str = Field(default="", max_length=64 << 20, description="plan.json, to the byte")

    def decide(self, at: CommandContext) -> None:
        """One offer for each leak, and only while it is the one that is open."""
        known = at.incident().projection(Verdicts)
        if not known.leak or known.leak != self.leak:
            raise NotNow("that leak is not the one that is open now")
        if known.offer is not None:
            raise NotNow("a plan is offered against this leak already")
        at.record(
            ReplanOffered(
                offer=derived_id(at.now_s, "offer", self.leak), leak=self.leak,
                verdict=self.verdict, sentence=self.sentence, note=self.note,
                withdraw=self.withdraw, order=self.order, plan=self.plan,
            )
        )  # fmt: skip
