"""Units of several services on two desks, for the tests of readiness."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from operation.liaison_case import actor
from stopline.journal.base import Entry
from stopline.journal.kinds import kind_of
from stopline.operation.core.actor import Actor
from stopline.operation.facts.orders import OrderIssued, OrderMoved
from stopline.operation.facts.readiness import AgencyAlerted, RegisteredUnit, UnitsRegistered
from stopline.operation.readiness.commands import RegisterUnits
from stopline.operation.readiness.positions import PositionRow
from stopline.operation.readiness.projection import Readiness, UnitNow

if TYPE_CHECKING:
    from operation.liaison_case import Case
    from stopline.journal.kinds import FactBody

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
    return case.both.desks[end].catch_up().projection(Readiness)


def unit(case: Case, name: str) -> UnitNow:
    """One unit."""
    return readiness(case).units[name]


def row(
    name: str, at_s: float, lon: float = 9.53, lat: float = 47.15, **more: object
) -> PositionRow:
    """A fix of a unit."""
    time = datetime.fromtimestamp(at_s, UTC)
    return PositionRow.model_validate({"unit": name, "lon": lon, "lat": lat, "time": time, **more})


AT = "2026-11-18T12:00:00+00:00"


class Told:
    """The area alone, told facts one second after the other."""

    def __init__(self) -> None:
        self.area, self.now_s = Readiness(), 1000.0
        units = tuple(registered(f"P{n}") for n in (1, 2))
        self.tell(UnitsRegistered(agency="police", state="on call", units=units))

    def tell(self, body: FactBody) -> str:
        self.now_s += 1.0
        entry = Entry(
            index=0, fact_id=f"fact {self.now_s}", time_s=self.now_s, author="x", role="y",
            incident="i", kind=kind_of(body).name, schema=1, leaf=b"",
            body=body.model_dump(mode="json"),
        )  # fmt: skip
        self.area.apply(body, entry)
        return entry.fact_id

    def order(self, name: str = "o", unit: str = "P1", site: str = "section 7") -> None:
        """Issue an order."""
        self.tell(
            OrderIssued(
                order=name, unit=unit, agency="police", site=site, road="A 3", lon=9.6,
                lat=47.2, deadline=AT, expected=AT, at_exit=False, strength=1, need=1,
            )
        )  # fmt: skip

    def move(self, state: str, name: str = "o") -> None:
        body = {"order": name, "state": state, "reason": "engine", "seals": ()}
        self.tell(OrderMoved.model_validate(body))

    def alert(self, *units: str) -> str:
        return self.tell(
            AgencyAlerted(agency="police", level="HIGH", demand="", units=units, answer_by=AT)
        )

    @property
    def state(self) -> str:
        return self.area.units["P1"].state
