"""Commands about units, which only their own service gives: register, retire, set, release."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from stopline.forces.agency import agency_name
from stopline.operation.core.command import Command, Line, command
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.core.placing import UNIT_OFF_ROAD_M, ground_refusals
from stopline.operation.facts.readiness import (
    RegisteredUnit,
    UnitName,
    UnitRetired,
    UnitSet,
    UnitsRegistered,
    UnitsReleased,
)
from stopline.operation.facts.unit_states import CALLED, FOLLOWS, NEEDS_REASON
from stopline.operation.readiness.ownership import own_unit
from stopline.operation.readiness.projection import Readiness, UnitNow

if TYPE_CHECKING:
    from stopline.operation.core.context import CommandContext
    from stopline.operation.core.preparation import Preparation

Reason = Annotated[str, Field(max_length=2000)]
MOST_UNITS = 5000


@command("units.register")
class RegisterUnits(Command):
    """Register units of one's own service, or change what they are; those alike are left alone."""

    units: Annotated[tuple[RegisteredUnit, ...], Field(min_length=1, max_length=MOST_UNITS)] = (
        Field(description="the units, with the fields of units.csv")
    )
    state: Literal["off duty", "on call"] = Field(
        default="on call", description="what units not known before do"
    )

    def prepare(self, ground: Preparation) -> list[str]:
        """Hold the bases against the roads of the region."""
        bases = [(one.lon, one.lat) for one in self.units]
        return ground_refusals(ground, bases, UNIT_OFF_ROAD_M)

    def decide(self, at: CommandContext) -> None:
        """All of one's own service and of one side, each id once; all faults are said."""
        known = at.book.projection(Readiness).units
        own = None if at.actor.agency is None else agency_name(at.actor.agency)
        _check_service(at, own)
        faults = list(_faults(self.units, known, own))
        if isinstance(at.prepared, list):
            far = zip(self.units, at.prepared, strict=True)
            faults += [f"{unit.id}: {refusal}" for unit, refusal in far if refusal]
        if faults:
            raise NotPermitted("; ".join(faults[:20]))
        new = tuple(
            one for one in self.units if one.id not in known or known[one.id].registered != one
        )
        if new:
            at.record(UnitsRegistered(agency=str(own), state=self.state, units=new))


@command("unit.retire")
class RetireUnit(Command):
    """Take a unit of one's own service out of the list; it exists no more."""

    unit: UnitName = Field(description="id of the unit")
    reason: Line = Field(description="why")

    def decide(self, at: CommandContext) -> None:
        """Not while it holds an order."""
        own_unit(at, self.unit)
        _check_free(at, self.unit)
        at.record(UnitRetired(unit=self.unit, reason=self.reason))


@command("unit.set")
class SetUnit(Command):
    """Say what a unit is doing; only the unit or its own service does."""

    unit: UnitName = Field(description="id of the unit")
    state: Literal["off duty", "on call", "alerted", "under way", "in position"] = Field(
        description="what it does now; `unit.release` says that it is released"
    )
    reason: Reason = Field(default="", description="why; needed when it drops out or turns back")

    def decide(self, at: CommandContext) -> None:
        """Legal steps only; a unit that holds an order reports on the order instead."""
        unit = own_unit(at, self.unit)
        _check_free(at, self.unit)
        if self.state not in FOLLOWS[unit.state]:
            allowed = ", ".join(sorted(FOLLOWS[unit.state]))
            raise NotNow(f"{self.unit} is {unit.state}; next can be {allowed}, not {self.state}")
        if (unit.state, self.state) in NEEDS_REASON and not self.reason.strip():
            raise NotNow(f"say why {self.unit} goes from {unit.state} to {self.state}")
        at.record(UnitSet(unit=self.unit, state=self.state, reason=self.reason.strip()))


@command("unit.release")
class ReleaseUnits(Command):
    """Release units of one's own service: they are no longer called."""

    units: Annotated[tuple[UnitName, ...], Field(max_length=MOST_UNITS)] = Field(
        default=(), description="ids; empty for all of the service that are called, without order"
    )
    reason: Reason = Field(default="", description="why")

    def decide(self, at: CommandContext) -> None:
        """Named units all or none; an order is withdrawn and its road reopened before."""
        known = at.book.projection(Readiness)
        if self.units:
            chosen = [own_unit(at, name) for name in dict.fromkeys(self.units)]
            for one in chosen:
                _check_free(at, one.registered.id)
                if one.state not in CALLED:
                    raise NotNow(f"{one.registered.id} is {one.state}, not called")
        else:
            chosen = [
                one
                for one in known.of_agency(at.actor.agency or "")
                if one.state in CALLED and not known.held.of(one.registered.id)
            ]
        if not chosen:
            raise NotNow("no unit of your service is called and free of orders")
        names = tuple(one.registered.id for one in chosen)
        at.record(UnitsReleased(units=names, reason=self.reason.strip()))


def _check_free(at: CommandContext, unit: str) -> None:
    held = at.book.projection(Readiness).held.of(unit)
    if held:
        raise NotNow(
            f"{unit} holds order {held[0].issued.order} ({held[0].issued.road}, {held[0].state}); "
            "report on the order by `order.move`, and the unit follows"
        )


def _check_service(at: CommandContext, agency: str | None) -> None:
    """See that the agreed protocol knows the service; nobody could order its units else.

    Raises:
        NotNow: it does not; those that it knows are said.
    """
    machine = at.book.machines.get(at.book.in_force)
    known = [] if machine is None else [r.agency for r in machine.protocol.roles.values()]
    services = sorted({one for one in known if one})
    if agency is None or not services or agency in services:
        return
    near = get_close_matches(agency, services, n=1, cutoff=0.5)
    meant = f"; is {near[0]} meant?" if near else ""
    raise NotNow(
        f"the agreed protocol knows no service {agency}; it has {', '.join(services)}{meant}"
    )


def _faults(
    units: tuple[RegisteredUnit, ...], known: dict[str, UnitNow], agency: str | None
) -> list[str]:
    """Everything that stands against registering units."""
    faults, seen = [], set()
    written = {name.casefold(): name for name in known}
    sides = {one.registered.side for one in known.values()} or {units[0].side}
    for one in units:
        holder = known[one.id].registered.agency if one.id in known else one.agency
        if agency is None or one.agency != agency or holder != agency:
            faults.append(f"{one.id} is of {holder}, and you are of {agency or 'no service'}")
        if one.side not in sides:
            faults.append(f"{one.id} is of side {one.side}; ours is {' or '.join(sorted(sides))}")
        if one.id.casefold() in seen:
            faults.append(f"{one.id} stands there twice")
        elif written.get(one.id.casefold(), one.id) != one.id:
            faults.append(f"{one.id} differs from {written[one.id.casefold()]} in case alone")
        seen.add(one.id.casefold())
    return faults
