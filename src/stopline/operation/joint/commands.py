"""Commands about commitments that this side gave: order our units to keep one, or withdraw it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from stopline.link.ids import derived_id
from stopline.link.plan_messages import PlanWithdrawn
from stopline.operation.core.command import IncidentCommand, Line, command
from stopline.operation.core.context import iso
from stopline.operation.core.errors import NotNow
from stopline.operation.facts.joint import CommitmentOrdered, CommitmentWithdrawn
from stopline.operation.facts.orders import OrderIssued
from stopline.operation.joint.projection import JointPlans
from stopline.operation.orders.issuing import check_leave
from stopline.operation.orders.projection import Orders

if TYPE_CHECKING:
    from stopline.operation.core.context import Situation
    from stopline.operation.facts.joint import CommitmentGiven, GivenSeal
    from stopline.operation.joint.projection import Standing

Matter = Annotated[str, Field(min_length=1, max_length=200)]
_NO_PRESSURE_S = 3600.0  # where nothing presses, an order has an hour more


class _AboutCommitment(IncidentCommand):
    """A command about one commitment that this side gave."""

    matter: Matter = Field(description="id of the joint plan")
    number: int = Field(ge=1, description="number of the question that was answered")

    def given(self, at: Situation) -> Standing[CommitmentGiven]:
        """The commitment.

        Raises:
            NotNow: this side gave none of that name in the incident, or it does not count any more.
        """
        found = at.book.area(JointPlans).given.get((self.matter, self.number))
        name = f"commitment {self.matter}/{self.number}"
        if found is None or found.incident != at.scope:
            raise NotNow(f"this side has given no {name} in incident {at.scope}")
        ended = found.ended(at.now_s)
        if ended:
            raise NotNow(f"{name} does not count any more: {ended}")
        return found


@command("commitment.order")
class OrderCommitment(_AboutCommitment):
    """Order our units to hold what we committed ourselves to, by our own decision."""

    def decide(self, at: Situation) -> None:
        """Only once the other side has adopted its plan, and with the leave that orders need."""
        incident = at.incident()
        found = self.given(at)
        body = found.body
        if found.decided_s is None:
            raise NotNow(f"{body.peer} has not adopted the plan that builds on it")
        check_leave(incident)
        standing = incident.area(Orders).standing()
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
        at.record(CommitmentOrdered(peer=body.peer, matter=self.matter, number=self.number))


@command("commitment.withdraw")
class WithdrawCommitment(_AboutCommitment):
    """Withdraw a commitment that cannot be kept; the other side is told why, in words."""

    reason: Line = Field(description="why, in words that the other side will read")

    def decide(self, at: Situation) -> None:
        """Orders that were given for it stand until they are withdrawn themselves."""
        at.incident()
        body = self.given(at).body
        at.record(
            CommitmentWithdrawn(
                peer=body.peer, matter=self.matter, number=self.number, reason=self.reason,
                ours=True,
            )
        )  # fmt: skip
        at.send(PlanWithdrawn(matter=self.matter, number=self.number, reason=self.reason))


def _order(at: Situation, seal: GivenSeal, unit: str, agency: str, strength: int) -> OrderIssued:
    by_s = seal.by_utc_s if seal.by_utc_s is not None else seal.closed_utc_s + _NO_PRESSURE_S
    return OrderIssued(
        order=derived_id(at.now_s, at.command_id, unit, seal.site),
        unit=unit, agency=agency, site=seal.site, road=seal.road, lon=seal.lon, lat=seal.lat,
        deadline=iso(by_s), expected=iso(seal.closed_utc_s), at_exit=seal.at_exit,
        strength=strength,
        need=seal.need,
    )  # fmt: skip
