"""Commands that call whole services at an alert level, and the answer of each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from stopline.operation.core.command import IncidentCommand, command
from stopline.operation.core.context import iso
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.core.permissions import CENTRE, acts_as
from stopline.operation.facts.readiness import (
    AgencyAlerted,
    AgencyName,
    UnitAcknowledged,
    UnitName,
)
from stopline.operation.readiness.ownership import own_unit
from stopline.operation.readiness.projection import Readiness

if TYPE_CHECKING:
    from stopline.operation.core.context import CommandContext
    from stopline.operation.readiness.projection import UnitNow

ANSWER_WITHIN_S = 300.0


@command("agency.alert")
class AlertAgencies(IncidentCommand):
    """Call every unit of services at the alert level in force; each must acknowledge.

    The level itself is raised by the agreed protocol: by entering a phase, or `level.set`.
    """

    agencies: Annotated[tuple[AgencyName, ...], Field(max_length=50)] = Field(
        default=(), description="services; empty for all that the protocol names at this level"
    )
    level: Annotated[str, Field(max_length=200)] = Field(
        default="", description="the level meant; empty for the one in force"
    )
    off_duty: bool = Field(default=False, description="call those off duty, too")
    answer_within_s: Annotated[float, Field(ge=10, le=86_400)] = Field(
        default=ANSWER_WITHIN_S, description="seconds in which each must acknowledge"
    )

    def decide(self, at: CommandContext) -> None:
        """The centre calls any service, other officers their own; nobody is called twice."""
        incident = at.incident()
        level = incident.state.level
        if self.level not in {"", level}:
            raise NotNow(f"the level in force is {level or 'none'}; raise it by `level.set` first")
        document = incident.machine.protocol.levels.get(level)
        demands = {} if document is None else document.readiness
        agencies = tuple(dict.fromkeys(self.agencies)) or tuple(demands)
        if not agencies:
            raise NotNow(f"the protocol names no service at level {level or 'none'}; name some")
        if not acts_as(at.actor.role, CENTRE, at.book) and set(agencies) != {at.actor.agency}:
            raise NotPermitted(
                f"{at.actor.role} calls units of {at.actor.agency or 'no service'} alone; other "
                "services are called by the operations centre"
            )
        answer_by = iso(at.now_s + self.answer_within_s)
        for agency in agencies:
            names = self._called(at.book.projection(Readiness), incident.id, agency, level)
            if names:
                demand = demands.get(agency, "")
                at.record(
                    AgencyAlerted(
                        agency=agency, level=level, demand=demand, units=names, answer_by=answer_by
                    )
                )
        if not at.effects:
            raise NotNow(f"no unit of {', '.join(agencies)} is left to call at this level")

    def _called(self, known: Readiness, incident: str, agency: str, level: str) -> tuple[str, ...]:
        """Units to call: not at work, and not called already at this level in this incident."""
        idle = {"on call", "released", *(("off duty",) if self.off_duty else ())}

        def wanted(unit: UnitNow) -> bool:
            if unit.state in idle:
                return True
            before = known.alerts.get(unit.alert)
            same = before is not None and (before.incident, before.level) == (incident, level)
            return unit.state == "alerted" and not same

        return tuple(one.registered.id for one in known.of_agency(agency) if wanted(one))


@command("unit.acknowledge")
class AcknowledgeAlert(IncidentCommand):
    """Acknowledge the alert that called a unit: the unit itself, or its service for it."""

    unit: UnitName = Field(description="id of the unit")

    def decide(self, at: CommandContext) -> None:
        """Once for each alert; also when the incident is over."""
        incident = at.incident(running=False)
        unit = own_unit(at, self.unit)
        alert = at.book.projection(Readiness).alerts.get(unit.alert)
        if alert is None or alert.incident != incident.id:
            raise NotNow(f"no alert of incident {incident.id} calls {self.unit}")
        if unit.answered_s is not None:
            raise NotNow(f"{self.unit} has acknowledged already")
        at.record(UnitAcknowledged(unit=self.unit, alert=alert.id))
