"""How many units of each service are where in their readiness: for reports, tables and screens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.rendering.time_text import span

if TYPE_CHECKING:
    from stopline.operation.core.incident import Incident
    from stopline.operation.readiness.projection import Fix, Readiness, UnitNow


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyReadiness:
    """The units of a service in numbers; a unit is counted once.

    Attributes:
        agency: the service.
        in_position: units in position.
        under_way: units under way.
        alerted: units that were called and have answered.
        unanswered: units that were called and have not answered.
        overdue: of these, units whose time to answer is over.
        on_call: units on call.
        off_duty: units off duty.
        released: units released.
    """

    agency: str
    in_position: int = 0
    under_way: int = 0
    alerted: int = 0
    unanswered: int = 0
    overdue: int = 0
    on_call: int = 0
    off_duty: int = 0
    released: int = 0

    def words(self) -> str:
        """The numbers that are not zero, in words; `no units` for none."""
        overdue = f" ({self.overdue} overdue)" if self.overdue else ""
        counted = (
            (self.unanswered, f"called without answer{overdue}"), (self.alerted, "alerted"),
            (self.under_way, "under way"), (self.in_position, "in position"),
            (self.on_call, "on call"), (self.released, "released"), (self.off_duty, "off duty"),
        )  # fmt: skip
        return ", ".join(f"{count} {what}" for count, what in counted if count) or "no units"


def readiness_summary(known: Readiness, now_s: float) -> tuple[AgencyReadiness, ...]:
    """Count the units of each service at a time, services by name."""
    counts: dict[str, dict[str, int]] = {}
    for one in known.units.values():
        mine = counts.setdefault(one.registered.agency, {})
        what = "unanswered" if one.unanswered else one.state.replace(" ", "_")
        mine[what] = mine.get(what, 0) + 1
        if one.is_overdue(now_s):
            mine["overdue"] = mine.get("overdue", 0) + 1
    return tuple(AgencyReadiness(agency=name, **counts[name]) for name in sorted(counts))


def not_alerted(known: Readiness, incident: Incident) -> list[str]:
    """Services that the protocol names at the level in force and nobody has called at it."""
    level = incident.state.level
    document = incident.machine.protocol.levels.get(level)
    called = {
        one.agency
        for one in known.alerts.values()
        if (one.incident, one.level) == (incident.id, level)
    }
    named = () if document is None else document.readiness
    return [name for name in named if name not in called and known.of_agency(name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLine:
    """A unit in the list.

    Attributes:
        unit: the unit.
        said: what it does, in words, with how long or what is wrong.
        fix: its last fix; None before the first.
        road: the road of its order; empty for none.
        overdue: it should have answered an alert by now.
    """

    unit: UnitNow
    said: str
    fix: Fix | None
    road: str
    overdue: bool


# Who needs something first: those called who have not answered, then those at work, then the rest.
_RANK: Final = {
    "alerted": 2, "under way": 3, "in position": 4, "on call": 5, "released": 6, "off duty": 7,
}  # fmt: skip


def unit_list(known: Readiness, now_s: float) -> list[UnitLine]:
    """Every unit, those overdue on top, the longest first."""
    late = {one.registered.id: n for n, one in enumerate(known.overdue(now_s))}
    lines = [_line(known, one, now_s) for one in known.units.values()]

    def rank(line: UnitLine) -> tuple[int, int, str, str]:
        what = line.unit.registered
        if line.overdue:
            return 0, late[what.id], "", ""
        first = 1 if line.unit.unanswered else _RANK[line.unit.state]
        return first, 0, what.agency, what.id

    return sorted(lines, key=rank)


def _line(known: Readiness, one: UnitNow, now_s: float) -> UnitLine:
    name = one.registered.id
    overdue = one.is_overdue(now_s)
    said = f"{one.state}, {span(max(0.0, now_s - one.since_s))}"
    if overdue and one.answer_by_s is not None:
        said = f"NO ANSWER, {span(now_s - one.answer_by_s)} overdue"
    elif one.unanswered and one.answer_by_s is not None:
        said = f"alerted, no answer yet, {span(one.answer_by_s - now_s)} left"
    elif one.unanswered:
        said = f"ordered, not acknowledged, {span(max(0.0, now_s - one.since_s))}"
    elif one.refused:
        said = "refused its order"
    held = known.held.of(name)
    road = (held[-1].issued.road or held[-1].issued.site) if held else ""
    return UnitLine(unit=one, said=said, fix=known.fixes.get(name), road=road, overdue=overdue)
