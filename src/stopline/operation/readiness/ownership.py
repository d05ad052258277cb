"""Whose unit it is: only its own service, or the unit itself, speaks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.errors import meant
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.core.permissions import UNIT
from stopline.operation.readiness.projection import Readiness, UnitNow

if TYPE_CHECKING:
    from stopline.operation.core.actor import Actor
    from stopline.operation.core.context import CommandContext


def may_speak_for(actor: Actor, unit: str) -> bool:
    """Whether somebody of a service may speak for its unit: in the role `unit` for itself alone.

    A unit signs in under its id in lower case; ids that differ in case alone are not registered.
    """
    return actor.role != UNIT or actor.person.casefold() == unit.casefold()


def own_unit(at: CommandContext, name: str) -> UnitNow:
    """Find a unit that the actor may speak for.

    Raises:
        NotNow: no unit of that id is registered.
        NotPermitted: it is of another service, or the actor is another unit.
    """
    units = at.book.projection(Readiness).units
    unit = units.get(name)
    if unit is None:
        near = meant(name, units).rstrip(".")
        raise NotNow(f"there is no unit {name}{near or '; its service registers it first'}")
    at.need_agency(unit.registered.agency, f"unit {name}")
    if not may_speak_for(at.actor, name):
        raise NotPermitted(f"{at.actor.person} speaks for itself alone, not for {name}")
    return unit
