"""Commands of the stand-down: lay down the order, withdraw step by step, check that all is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from stopline.operation.core.command import IncidentCommand, Line, command
from stopline.operation.core.errors import NotNow
from stopline.operation.core.happenings import Happenings
from stopline.operation.facts.orders import OrderMoved
from stopline.operation.facts.stand_down import StandDownChecked, StandDownProposed
from stopline.operation.orders.projection import Orders
from stopline.operation.sightings.projection import Sightings
from stopline.operation.stand_down.projection import StandDown
from stopline.operation.stand_down.sequence import next_step, steps, still_closed, waits_for

if TYPE_CHECKING:
    from stopline.operation.core.context import CommandContext
    from stopline.operation.core.incident import Incident

_THE_ONE = "is_it_the_one"  # the decision of the shipped protocol that confirms the vehicle


@command("stand-down.propose")
class ProposeStandDown(IncidentCommand):
    """Lay down the order in which roads reopen: inside first, the exits nearest to it last."""

    def decide(self, at: CommandContext) -> None:
        """Only in the stand-down; given again, it replaces what was laid down before."""
        incident = _standing_down(at)
        seen = incident.projection(Sightings).last_seen()
        place = None
        if seen is not None and seen.lon is not None and seen.lat is not None:
            place = (seen.lon, seen.lat)
        laid = steps(incident.projection(Orders), place)
        if not laid:
            raise NotNow("no order stands; `stand-down.check` says whether every road is open")
        confirmed = f"decision {_THE_ONE} yes" in incident.state.happened
        at.record(StandDownProposed(steps=laid, confirmed=confirmed))


@command("stand-down.withdraw")
class WithdrawNextStep(IncidentCommand):
    """Withdraw the orders of the next step that was laid down."""

    reason: Line = Field(description="why")

    def decide(self, at: CommandContext) -> None:
        """Only when every road of the steps before is reported reopened by its unit."""
        incident = _standing_down(at)
        orders, laid = incident.projection(Orders), incident.projection(StandDown).proposed
        if laid is None:
            raise NotNow("no order of reopening is laid down; give `stand-down.propose` first")
        known = {order for step in laid.steps for order in step.orders}
        if any(one.issued.order not in known for one in orders.standing()):
            raise NotNow("orders were issued since; give `stand-down.propose` again")
        step = next_step(laid.steps, orders)
        if step is None:
            raise NotNow("all orders are withdrawn; `stand-down.check` says what is still closed")
        waiting = waits_for(laid.steps, step, orders)
        if waiting:
            roads = ", ".join(f"{one.issued.road} ({one.issued.unit})" for one in waiting)
            raise NotNow(f"not yet reported reopened, before the roads {step.name}: {roads}")
        standing = {one.issued.order for one in orders.standing()}
        for order in step.orders:
            if order in standing:
                at.record(OrderMoved(order=order, state="withdrawn", reason=self.reason, seals=()))


@command("stand-down.check")
class CheckStandDown(IncidentCommand):
    """Check that no order stands and no road is closed any more; closes the task of reopening."""

    def decide(self, at: CommandContext) -> None:
        """Our own roads must be open; what the other side has not reported is written down."""
        incident = _standing_down(at)
        orders = incident.projection(Orders)
        standing = [f"{one.issued.unit} at {one.issued.road}" for one in orders.standing()]
        shut = [one.issued.road for one in still_closed(orders)]
        if shut or standing:
            raise NotNow(
                f"still closed: {', '.join(shut) or 'none'}; orders that stand: "
                f"{', '.join(standing) or 'none'}; each unit reports its road reopened"
            )
        there = incident.projection(Happenings).seals_there
        closed = tuple(
            seal.status.road or site
            for site, seal in there.items()
            if seal.status.state not in {"reopened", "open"}
        )
        at.record(StandDownChecked(closed_there=closed))


def _standing_down(at: CommandContext) -> Incident:
    incident = at.incident(running=False)
    phase = incident.machine.protocol.phases[incident.phase]
    if not (phase.withdraws or phase.final):
        raise NotNow(f"roads reopen in the stand-down, not in {incident.phase}")
    return incident
