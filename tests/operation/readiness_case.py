"""Units of several services on two desks, for the tests of readiness."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from operation.liaison_case import actor
from stopline.operation.desk.actor import Actor
from stopline.operation.readiness.area import Readiness, UnitNow
from stopline.operation.readiness.commands import RegisterUnits
from stopline.operation.readiness.facts import RegisteredUnit
from stopline.operation.readiness.positions import PositionRow

if TYPE_CHECKING:
    from operation.liaison_case import Case

DUTY = actor("duty_officer")
RIOT = Actor("r.riot", "riot_police_commander", "riot_police")
ARMY = Actor("m.army", "military_duty", "military")
FEED = Actor("avl.police", "feed", "police")


def radio(name: str, agency: str = "police") -> Actor:
    """A unit that speaks for itself."""
    return Actor(name, "unit", agency)


def registered(name: str, agency: str = "police", **changes: object) -> RegisteredUnit:
    """A unit as its service registers it."""
    told = {
        "id": name, "side": "LI", "agency": agency, "lon": 9.52, "lat": 47.14, "ready_s": 300.0,
        "may_act_in": ("LI",), **changes,
    }  # fmt: skip
    return RegisteredUnit.model_validate(told)


def enrol(case: Case) -> None:
    """Three units of the police, two of the riot police."""
    police = tuple(registered(f"P{n}", strength=n) for n in (1, 2, 3))
    case.do(0, RegisterUnits(units=police), DUTY)
    riot = tuple(registered(f"R{n}", "riot_police") for n in (1, 2))
    case.do(0, RegisterUnits(units=riot), RIOT)


def readiness(case: Case, end: int = 0) -> Readiness:
    """The units as a side knows them."""
    return case.both.desks[end].catch_up().area(Readiness)


def unit(case: Case, name: str) -> UnitNow:
    """One unit."""
    return readiness(case).units[name]


def row(
    name: str, at_s: float, lon: float = 9.53, lat: float = 47.15, **more: object
) -> PositionRow:
    """A fix of a unit."""
    time = datetime.fromtimestamp(at_s, UTC)
    return PositionRow.model_validate({"unit": name, "lon": lon, "lat": lat, "time": time, **more})
