"""What a picture of a scenario shows beside plan and problem: sides, places, zone and title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.forces.side import Side
from stopline.rendering.style import Look
from stopline.scenario.place_text import NamedPlace

if TYPE_CHECKING:
    from stopline.scenario.loader import Scenario
    from stopline.sealing.plan import Plan


def look_of(scenario: Scenario, plan: Plan | None = None) -> Look:
    """What a picture shows beside plan and problem; of a joint plan the other side as well."""
    places = [
        NamedPlace(name=name, lon=lon, lat=lat) for name, (lon, lat) in scenario.places.items()
    ]
    sides = dict(scenario.sides)
    if plan is not None and plan.joint is not None:
        sides.setdefault(plan.joint.side, Side(id=plan.joint.side))
    return Look(
        sides=tuple(sides.values()),
        places=tuple(places),
        zone=scenario.zone,
        title=scenario.name,
    )
