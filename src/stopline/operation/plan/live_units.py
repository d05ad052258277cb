"""What live readiness says of our units, taken out of the book for a re-plan in another thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stopline.operation.joint.unit_bindings import units_for_our_plan
from stopline.operation.orders.projection import Orders
from stopline.operation.readiness.planner import OLDEST_FIX_S, not_counted, units_now
from stopline.operation.readiness.projection import Readiness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.forces.unit import Unit
    from stopline.operation.core.state import NodeState


@dataclass(frozen=True, slots=True)
class LiveUnits:
    """Our registered units at a moment.

    Attributes:
        units: those that a plan may count on, by id, at their last fix or base.
        out: why others are not counted, by id.
        fix_age_s: seconds since the last fix, of units that have one that is fresh enough.
    """

    units: Mapping[str, Unit] = field(default_factory=dict)
    out: Mapping[str, str] = field(default_factory=dict)
    fix_age_s: Mapping[str, float] = field(default_factory=dict)


def live_units(book: NodeState, incident: str, now_s: float) -> LiveUnits:
    """Read them; an older fix than `OLDEST_FIX_S` does not say where a unit is.

    Who is promised to the other side, or ordered in another incident, is not counted: a new plan
    may send only units that are free, or that hold an order of the incident itself.
    """
    known = book.projection(Readiness)
    age_s = {name: max(0.0, now_s - fix.at_s) for name, fix in known.fixes.items()}
    held = {one.issued.unit for one in book.incident(incident).projection(Orders).standing()}
    bound = units_for_our_plan(book, incident, now_s)
    out = {name: one.why for name, one in bound.items() if name not in held}
    out |= not_counted(known, now_s)
    return LiveUnits(
        units={unit.id: unit for unit in units_now(known, now_s)},
        out=out,
        fix_age_s={name: age for name, age in age_s.items() if age <= OLDEST_FIX_S},
    )
