"""Facts about units: who they are, what they do, where they were, who was called and answered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from stopline.forces.agency import agency_name
from stopline.journal.kinds import FactBody, fact_kind
from stopline.operation.facts.incident import IncidentFact
from stopline.operation.facts.unit_states import UnitState

UnitName = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
AgencyName = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(agency_name)
]


class RegisteredUnit(BaseModel):
    """A unit as its service registers it: the fields of units.csv but for what it is doing."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    id: UnitName = Field(description="a name that no other unit of this side has")
    side: UnitName = Field(description="the side that commands it, as plans and scenarios name it")
    agency: AgencyName = Field(description="its service")
    lon: float = Field(ge=-180, le=180, description="longitude of its base, WGS 84 degrees")
    lat: float = Field(ge=-90, le=90, description="latitude of its base")
    ready_s: float = Field(
        default=0.0, ge=0, le=1e7, description="seconds from a call until it can move"
    )
    speed_factor: float = Field(
        default=1.0, gt=0, le=10, description="times the speed limit at which it drives"
    )
    strength: int = Field(default=1, ge=1, le=1_000_000, description="what it counts for at a site")
    may_act_in: tuple[UnitName, ...] = Field(
        default=(), max_length=100, description="territories in which it may drive and hold sites"
    )
    name: Annotated[str, Field(max_length=200)] = Field(
        default="", description="what people call it; the id if empty"
    )


@fact_kind("units.registered")
class UnitsRegistered(FactBody):
    """A service registered units of its own, or changed what they are."""

    agency: str = Field(description="the service")
    state: Literal["off duty", "on call"] = Field(description="what those not known before do")
    units: tuple[RegisteredUnit, ...] = Field(description="new and changed, fields of units.csv")


@fact_kind("unit.retired")
class UnitRetired(FactBody):
    """A service took a unit of its own out of the list; it exists no more."""

    unit: str = Field(description="id of the unit")
    reason: str = Field(description="why")


@fact_kind("unit.set")
class UnitSet(FactBody):
    """A unit's own service said what it is doing."""

    unit: str = Field(description="id of the unit")
    state: UnitState = Field(description="what it does now")
    reason: str = Field(description="why, empty if not said")


@fact_kind("units.released")
class UnitsReleased(FactBody):
    """A service released units of its own: they are no longer called."""

    units: tuple[str, ...] = Field(description="ids of the units")
    reason: str = Field(description="why, empty if not said")


@fact_kind("positions.reported")
class PositionsReported(FactBody):
    """Where units were, as they or a feed of their service reported; a column per field.

    Only what is new is written: a unit that stands still is written once a minute.
    """

    unit: tuple[str, ...] = Field(description="ids of the units, one for each fix")
    lon: tuple[float, ...] = Field(description="longitude of each fix, WGS 84 degrees")
    lat: tuple[float, ...] = Field(description="latitude of each fix")
    at_ms: tuple[int, ...] = Field(description="time of each fix, UTC milliseconds since 1970")
    speed_mps: tuple[float | None, ...] | None = Field(
        description="speed at each fix, null where not known; null for none at all"
    )
    heading_deg: tuple[float | None, ...] | None = Field(
        description="heading at each fix, degrees clockwise from north; null as with speed"
    )
    left_out: dict[str, int] = Field(description="rows that were not taken, counted by reason")


@fact_kind("agency.alerted")
class AgencyAlerted(IncidentFact):
    """Units of a service were called at an alert level; each must acknowledge."""

    agency: str = Field(description="the service")
    level: str = Field(description="the alert level in force; empty if the protocol has none")
    demand: str = Field(description="what the protocol asks of the service at this level")
    units: tuple[str, ...] = Field(description="ids of the units called")
    answer_by: str = Field(description="each acknowledges by then, ISO 8601 with zone")


@fact_kind("unit.acknowledged")
class UnitAcknowledged(IncidentFact):
    """A unit, or its service for it, acknowledged an alert."""

    unit: str = Field(description="id of the unit")
    alert: str = Field(description="id of the fact that called it")
