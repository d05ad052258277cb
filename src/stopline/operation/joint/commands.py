"""Commands about commitments that this side gave: order our units to keep one, or withdraw it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from stopline.link.ids import derived_id
from stopline.link.plan_messages import PlanWithdrawn
from stopline.operation.core.command import IncidentCommand, Line, command
from stopline.operation.core.context import iso
from stopline.operation.core.errors import NotNow
from stopline.operation.core.short_ids import pick, short
from stopline.operation.facts.joint import CommitmentOrdered, CommitmentWithdrawn
from stopline.operation.facts.orders import OrderIssued
from stopline.operation.joint.projection import JointPlans
from stopline.operation.orders.issuing import check_leave
from stopline.operation.orders.projection import Orders

if TYPE_CHECKING:
    from stopline.operation.core.context import CommandContext
    from stopline.operation.facts.joint import CommitmentGiven, GivenSeal
    from stopline.operation.joint.projection import StandingMatter

_NO_PRESSURE_S = 3600.0  # where nothing presses, an order has an hour more


class _AboutCommitment(IncidentCommand):
    """A command about one commitment that this side gave."""

    commitment: Annotated[str, Field(max_length=240)] = Field(
        default="",
        description="MATTER/NUMBER as `stopline node commitments` shows it, or how it begins or "
        "ends; empty: the one that waits",
    )
    matter: Annotated[str, Field(max_length=200)] = Field(
        default="", description="id of the joint plan, in place of `commitment`"
    )
    number: int | None = Field(
        default=None, ge=1, description="number of the question that was answered, with `matter`"
    )

    def given(self, at: CommandContext) -> StandingMatter[CommitmentGiven]:
        """The commitment.

        Raises:
            NotNow: this side gave none of that name in the incident, or it does not count any more.
        """
        known = {
            f"{matter}/{number}": one
            for (matter, number), one in at.book.projection(JointPlans).given.items()
            if one.incident == at.scope
        }
        named = self.commitment or (f"{self.matter}/{self.number}" if self.matter else "")
        if not known:
            given = f"no commitment {named}" if named else "no commitment"
            raise NotNow(f"this side has given {given} in incident {at.scope}")
        if not named:
            return self._waiting(known, at.now_s)
        name = pick(named, known, "commitment")
        ended = known[name].ended(at.now_s)
        if ended:
            raise NotNow(f"commitment {name} does not count any more: {ended}")
        return known[name]

    def _waiting(
        self, known: dict[str, StandingMatter[CommitmentGiven]], now_s: float
    ) -> StandingMatter[CommitmentGiven]:
        """The one that is meant where none is named."""
        counts = {name: one for name, one in known.items() if not one.ended(now_s)}
        waits = {name: one for name, one in counts.items() if not one.ordered}
        if len(waits or counts) == 1:
            return next(iter((waits or counts).values()))
        if not counts:
            name, one = next(reversed(known.items()))
            raise NotNow(f"commitment {name} does not count any more: {one.ended(now_s)}")
        names = ", ".join(short(name, counts) for name in waits or counts)
        raise NotNow(f"which commitment? Say `commitment=` one of {names}")


@command("commitment.order")
class OrderCommitment(_AboutCommitment):
    """Order our units to hold what we committed ourselves to, by our own decision."""

    def decide(self, at: CommandContext) -> None:
        """Only once the other side has adopted its plan, and with the leave that orders need."""
        incident = at.incident()
        found = self.given(at)
        body = found.body
        if found.decided_s is None:
            raise NotNow(f"{body.peer} has not adopted the plan that builds on it")
        check_leave(incident)
        standing = incident.projection(Orders).standing()
        there = {(one.issued.unit, one.issued.site) for one in standing}
        busy = {one.issued.unit for one in standing}
        issued = 0
        for seal in body.seals:
            for unit in seal.units:
                if (unit.unit, seal.site) in there:
                    continue
                if unit.unit in busy:
                    raise NotNow(
                        f"{unit.unit} has another order; withdraw that first, or the commitment"
                    )
                at.record(_order(at, seal, unit.unit, unit.agency, unit.strength))
                issued += 1
        if not issued:
            raise NotNow("every order of this commitment stands already")
        at.record(CommitmentOrdered(peer=body.peer, matter=body.matter, number=body.number))


@command("commitment.withdraw")
class WithdrawCommitment(_AboutCommitment):
    """Withdraw a commitment that cannot be kept; the other side is told why, in words."""

    reason: Line = Field(description="why, in words that the other side will read")

    def decide(self, at: CommandContext) -> None:
        """Orders that were given for it stand until they are withdrawn themselves."""
        at.incident()
        body = self.given(at).body
        at.record(
            CommitmentWithdrawn(
                peer=body.peer, matter=body.matter, number=body.number, reason=self.reason,
                ours=True,
            )
        )  # fmt: skip
        at.send(PlanWithdrawn(matter=body.matter, number=body.number, reason=self.reason))


def _order(
    at: CommandContext, seal: GivenSeal, unit: str, agency: str, strength: int
) -> OrderIssued:
    by_s = seal.by_utc_s if seal.by_utc_s is not None else seal.closed_utc_s + _NO_PRESSURE_S
    return OrderIssued(
        order=derived_id(at.now_s, at.command_id, unit, seal.site),
        unit=unit, agency=agency, site=seal.site, road=seal.road, lon=seal.lon, lat=seal.lat,
        deadline=iso(by_s), expected=iso(seal.closed_utc_s), at_exit=seal.at_exit,
        strength=strength,
        need=seal.need,
    )  # fmt: skip
