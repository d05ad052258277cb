"""Commands about orders and the stand-down."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from stopline.errors import meant
from stopline.operation.core.command import IncidentCommand, Line, LongText, command
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.core.permissions import UNIT
from stopline.operation.core.short_ids import pick
from stopline.operation.facts.orders import (
    LessonWritten,
    OrderMoved,
    OrderState,
    SealLate,
    SealNews,
)
from stopline.operation.orders.issuing import check_leave, issue, our_sides
from stopline.operation.orders.plan_text import read_plan_text
from stopline.operation.orders.projection import FOLLOWS, Order, Orders
from stopline.operation.readiness.ownership import own_unit

if TYPE_CHECKING:
    from stopline.operation.core.context import CommandContext

Name = Annotated[str, Field(min_length=1, max_length=200)]
# What a unit says of its own order; that a road is given back to the traffic its service says.
_BY_UNIT: Final[frozenset[OrderState]] = frozenset(
    {"acknowledged", "under way", "in position", "closed", "refused"}
)


@command("orders.issue")
class IssueOrders(IncidentCommand):
    """Issue the orders of our part of the adopted plan; each bears the name of who gives it.

    Orders that stand already are not given again. Where the plan sends a unit elsewhere its old
    order is withdrawn, and so is that of a late unit which a plan that seals does without.
    """

    side: Annotated[str, Field(max_length=200)] = Field(
        default="",
        description="our side's name in the plan's units; empty: that of the units registered here",
    )

    def decide(self, at: CommandContext) -> None:
        """Needs the leave that the protocol asks for; orders that stand are not given twice."""
        incident = at.incident()
        known = incident.projection(Orders)
        if known.plan is None:
            raise NotNow("no plan is adopted; adopt one first")
        check_leave(incident)
        plan = read_plan_text(known.plan.plan)
        sides = our_sides(at.book, incident, plan, self.side)
        if not issue(at, incident, plan, sides):
            ours = " and ".join(sorted(sides))
            raise NotNow(f"the plan has no order for {ours} that does not stand already")


@command("order.move")
class MoveOrder(IncidentCommand):
    """Report how an order stands; only the unit itself or its own service does."""

    order: Name = Field(description="id of the order, or of the unit if it has one order alone")
    state: OrderState = Field(description="the new state")
    reason: Annotated[str, Field(max_length=2000)] = Field(
        default="", description="why it is refused, or what was reported"
    )

    def decide(self, at: CommandContext) -> None:
        """Legal steps only; a refusal gives its reason."""
        known = at.incident(running=False).projection(Orders)
        order = order_meant(known, self.order)
        at.need_agency(order.issued.agency, f"order of {order.issued.unit}")
        if at.actor.role == UNIT:
            _check_unit(at, order, self.state)
        if self.state not in FOLLOWS[order.state]:
            allowed = ", ".join(sorted(FOLLOWS[order.state])) or "nothing"
            raise NotNow(f"after {order.state} comes {allowed}, not {self.state}")
        if self.state == "refused" and not self.reason.strip():
            raise NotNow("a refusal gives its reason")
        news = _news(known, order, self.state)
        at.record(
            OrderMoved(
                order=order.issued.order, state=self.state, reason=self.reason.strip(), seals=news
            )
        )


def order_meant(known: Orders, name: str) -> Order:
    """The order that is meant: by its id, how that begins or ends, or by a unit's id.

    Raises:
        NotNow: none is meant, or several may be.
    """
    of_unit = [o for o in known.standing() if o.issued.unit.casefold() == name.casefold()]
    if len(of_unit) == 1:
        return of_unit[0]
    try:
        return known.orders[pick(name, known.orders, "order")]
    except NotNow as error:
        units = [one.issued.unit for one in known.standing()]
        raise NotNow(f"{error}{meant(name, units)}") from None


def _check_unit(at: CommandContext, order: Order, state: OrderState) -> None:
    """See that a unit that speaks for itself reports on its own order, and no more than it may.

    Raises:
        NotNow: no unit of that id is registered, so nobody can be known to be it.
        NotPermitted: it is another unit's order, or not for a unit to say.
    """
    own_unit(at, order.issued.unit)
    if state not in _BY_UNIT:
        raise NotPermitted(
            f"a unit reports {', '.join(sorted(_BY_UNIT))}; that its order is {state} its service "
            "says"
        )


@command("orders.check")
class CheckOrders(IncidentCommand):
    """Note every seal that should be closed by now and is not."""

    def decide(self, at: CommandContext) -> None:
        """Each is noted once."""
        late = [
            one
            for one in at.incident().projection(Orders).orders.values()
            if one.is_late(at.now_s) and not one.noted_late
        ]
        if not late:
            raise NotNow("no seal is late that is not noted already")
        for one in late:
            at.record(SealLate(order=one.issued.order, deadline=one.issued.deadline))


@command("orders.withdraw")
class WithdrawOrders(IncidentCommand):
    """Withdraw orders: all in the stand-down, or single ones when a new plan replaces them.

    In the stand-down the innermost seals are told first and those at the exits last, so that a
    vehicle that was missed still meets a closed road before it is out. Each road counts as open
    when its unit reports it reopened; an order that had closed nothing ends at once.
    """

    orders: tuple[Name, ...] = Field(default=(), description="which; empty for all, in stand-down")
    reason: Line = Field(description="why")

    def decide(self, at: CommandContext) -> None:
        """All only after the protocol's decision; single ones need a newer plan without them."""
        incident = at.incident(running=False)
        known = incident.projection(Orders)
        phase = incident.machine.protocol.phases[incident.phase]
        named = {order_meant(known, name).issued.order for name in self.orders}
        chosen = [o for o in known.standing() if not self.orders or o.issued.order in named]
        if not chosen:
            raise NotNow("no order stands that could be withdrawn")
        if not (phase.withdraws or phase.final):
            if not self.orders:
                raise NotNow(f"all orders are withdrawn in the stand-down, not in {incident.phase}")
            wanted = _wanted(known)
            kept = [o for o in chosen if (o.issued.unit, o.issued.site) in wanted]
            if kept:
                names = ", ".join(one.issued.unit for one in kept)
                raise NotNow(f"the adopted plan still asks for the orders of {names}")
        for one in sorted(chosen, key=_inner_first):
            at.record(
                OrderMoved(order=one.issued.order, state="withdrawn", reason=self.reason, seals=())
            )


@command("lesson.write")
class WriteLesson(IncidentCommand):
    """Write down what was learnt, also when the incident is over."""

    text: LongText = Field(description="what was learnt, and what should change")

    def decide(self, at: CommandContext) -> None:
        """Anybody may."""
        at.incident(running=False)
        at.record(LessonWritten(text=self.text))


def _news(known: Orders, order: Order, state: OrderState) -> tuple[SealNews, ...]:
    """What a change means for all our seals: counted by sites, as several units may hold one."""
    after = Orders()
    after.orders = {**known.orders, order.issued.order: replace(order, state=state)}
    site = order.issued.site
    if state == "closed" and after.is_closed(site) and not known.is_closed(site):
        first = not any(known.is_closed(one) for one in known.needed())
        all_ = all(after.is_closed(one) for one in after.needed())
        return (*(("first_closed",) if first else ()), *(("all_closed",) if all_ else ()))
    if state == "refused" and not after.is_closed(site):
        return ("opened",)
    if state == "reopened":
        held = [one for one in after.orders.values() if one.closed_s is not None]
        ended = all(one.state in {"reopened", "refused"} for one in held)
        return ("all_reopened",) if ended and not after.standing() else ()
    return ()


def _wanted(known: Orders) -> set[tuple[str, str]]:
    if known.plan is None:
        return set()
    return {
        (holder.unit, f"{seal.site.kind} {seal.site.index}")
        for seal in read_plan_text(known.plan.plan).seals
        for holder in seal.holders
    }


def _inner_first(order: Order) -> tuple[bool, float]:
    """Inner seals before those at exits; of each, those that the vehicle would meet first."""
    return order.issued.at_exit, order.deadline_s
