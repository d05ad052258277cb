"""Forces by hour and service: needed, rostered, missing, whom to ask; each number by its row."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.errors import FaultList
from stopline.event.force_rules import RISKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stopline.event.force_rules import RuleRow, RuleTable

HOUR_S: Final = 3600.0
_LEAST_S: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdPhase:
    """A part of the event.

    Attributes:
        name: what people call it.
        start_s: UTC seconds.
        end_s: UTC seconds, after the start.
        crowd: spectators expected, >= 0.
        posts: number of posts of each kind that are held then.
    """

    name: str
    start_s: float
    end_s: float
    crowd: int
    posts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterShift:
    """People of one service on duty for a time.

    Attributes:
        unit: which unit, for overlaps.
        service: their service.
        people: how many.
        start_s: UTC seconds.
        end_s: UTC seconds, after the start.
        where: of the roster, for faults.
    """

    unit: str
    service: str
    people: int
    start_s: float
    end_s: float
    where: str = "the roster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A number of people and why: the row of the rule table, and the sum in words."""

    people: int
    row: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Whom to ask for people, how many, who decides, by which row."""

    service: str
    people: int
    decides: str
    row: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHour:
    """One service in one hour.

    Attributes:
        service: its name.
        items: what needs people, by row.
        needed: sum of the items.
        rostered: people on duty during the whole hour.
        missing: needed but not rostered, >= 0.
        asks: whom to ask.
    """

    service: str
    items: tuple[Item, ...]
    needed: int
    rostered: int
    missing: int
    asks: tuple[Ask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """All services in one hour.

    Attributes:
        start_s: UTC seconds.
        end_s: UTC seconds.
        phase: names of the phases in it.
        crowd: the largest crowd in it.
        services: in the order of the rule table.
    """

    start_s: float
    end_s: float
    phase: str
    crowd: int
    services: tuple[ServiceHour, ...]


def check_forces(
    table: RuleTable,
    risk: str,
    phases: Sequence[CrowdPhase],
    roster: Sequence[RosterShift],
    where: Callable[[int], str] = lambda number: f"phase {number + 1}",
    *,
    gaps_allowed: bool = False,
) -> FaultList:
    """Find what the rule table does not cover, and gaps and overlaps of the roster.

    Args:
        table: the rules.
        risk: of the event.
        phases: of the event, in order.
        roster: who is on duty.
        where: says where a phase stands, by its number.
        gaps_allowed: whether a service of the roster may have nobody on duty for a time.
    """
    faults = FaultList()
    posts = {row.post for row in table.of("people_per_post") if row.holds_at(risk)}
    has_crowd = any(row.holds_at(risk) for row in table.of("spectators_per_person"))
    missing: dict[str, int] = {}
    for number, phase in enumerate(phases):
        for kind, count in phase.posts.items():
            if count and kind not in posts:
                missing.setdefault(kind, number)
        if phase.crowd and not has_crowd:
            missing.setdefault("", number)
    for kind, number in missing.items():
        if kind:
            seen = f"posts of kind {kind}, which no row of {table.name} staffs at risk {risk}"
            faults.add(where(number), seen, f"a row people_per_post with post: {kind}")
        else:
            seen = f"a crowd, for which {table.name} has no row at risk {risk}"
            faults.add(where(number), seen, "a row spectators_per_person")
    _overlaps(roster, faults)
    if phases and not gaps_allowed:
        _gaps(phases, roster, faults)
    return faults


def _overlaps(roster: Sequence[RosterShift], faults: FaultList) -> None:
    last: dict[str, RosterShift] = {}
    for shift in sorted(roster, key=lambda one: (one.unit, one.start_s)):
        before = last.get(shift.unit)
        if before is not None and shift.start_s < before.end_s - _LEAST_S:
            minutes = (min(before.end_s, shift.end_s) - shift.start_s) / 60
            seen = f"{shift.unit} on two shifts for {minutes:.0f} min"
            faults.add(shift.where, seen, f"a start after the shift of {before.where}")
        if before is None or shift.end_s > before.end_s:
            last[shift.unit] = shift


def _gaps(phases: Sequence[CrowdPhase], roster: Sequence[RosterShift], faults: FaultList) -> None:
    begin, end = min(p.start_s for p in phases), max(p.end_s for p in phases)
    by_service: dict[str, list[RosterShift]] = {}
    for shift in roster:
        by_service.setdefault(shift.service, []).append(shift)
    for service, shifts in by_service.items():
        until = begin
        for shift in sorted(shifts, key=lambda one: one.start_s):
            if shift.start_s >= end:
                break
            if shift.start_s > until + _LEAST_S:
                _gap(service, until, shift.start_s, shift.where, begin, faults)
            until = max(until, shift.end_s)
        if until < end - _LEAST_S:
            _gap(service, until, end, shifts[-1].where, begin, faults)


def _gap(
    service: str, from_s: float, to_s: float, where: str, begin_s: float, faults: FaultList
) -> None:
    after = (from_s - begin_s) / HOUR_S
    seen = f"nobody of {service} for {(to_s - from_s) / 60:.0f} min, {after:.1f} h into the event"
    faults.add(where, seen, "shifts that follow on each other, or roster_gaps: true")


def forces_by_hour(
    table: RuleTable, risk: str, phases: Sequence[CrowdPhase], roster: Sequence[RosterShift]
) -> tuple[Hour, ...]:
    """Count people by hour and service.

    An hour is staffed for its busiest moment: the largest crowd, and each kind of post at its
    most. Who is on duty for a part of it only is not counted.
    """
    if not phases:
        return ()
    begin = math.floor(min(p.start_s for p in phases) / HOUR_S) * HOUR_S
    end = max(p.end_s for p in phases)
    hours = []
    services = list(dict.fromkeys(row.service for row in table.rows))
    helped = (str(row.to_help) for row in table.of("reinforcement"))
    others = dict.fromkeys([*helped, *(one.service for one in roster)])
    services += [service for service in others if service not in services]
    start = begin
    while start < end:
        stop = start + HOUR_S
        now = [p for p in phases if p.start_s < stop and p.end_s > start]
        if now:
            busy_from = max(start, min(p.start_s for p in now))
            busy_to = min(stop, max(p.end_s for p in now))
            hours.append(
                Hour(
                    start_s=start,
                    end_s=stop,
                    phase=", ".join(dict.fromkeys(p.name for p in now)),
                    crowd=max(p.crowd for p in now),
                    services=_services(
                        table, risk, now, _on_duty(roster, busy_from, busy_to), services
                    ),
                )
            )
        start = stop
    return tuple(hours)


def _on_duty(roster: Sequence[RosterShift], from_s: float, to_s: float) -> dict[str, int]:
    """People of each service who are there throughout, handing over without a gap included."""
    by_unit: dict[tuple[str, str], list[RosterShift]] = {}
    for shift in roster:
        by_unit.setdefault((shift.service, shift.unit), []).append(shift)
    counts: dict[str, int] = {}
    for service in {one.service for one in roster}:
        mine = [one for one in roster if one.service == service]
        edges = sorted(
            {from_s, *(e for one in mine for e in (one.start_s, one.end_s) if from_s < e < to_s)}
        )
        counts[service] = min(
            sum(one.people for one in mine if one.start_s <= edge < one.end_s) for edge in edges
        )
    return counts


def _services(
    table: RuleTable,
    risk: str,
    now: Sequence[CrowdPhase],
    on_duty: Mapping[str, int],
    services: Sequence[str],
) -> tuple[ServiceHour, ...]:
    items = {service: _items(table, risk, now, service) for service in services}
    added: dict[str, list[Item]] = {service: [] for service in services}
    asks: dict[str, list[Ask]] = {service: [] for service in services}
    for row in table.of("reinforcement"):
        _by_risk(row, risk, added)
    for service in _helped_first(table, services):
        needed = sum(one.people for one in (*items[service], *added[service]))
        missing = max(0, needed - on_duty.get(service, 0))
        _by_shortfall(table, service, missing, added, asks)
    result = []
    for service in services:
        both = (*items[service], *added[service])
        needed = sum(one.people for one in both)
        rostered = on_duty.get(service, 0)
        result.append(
            ServiceHour(
                service=service,
                items=both,
                needed=needed,
                rostered=rostered,
                missing=max(0, needed - rostered),
                asks=tuple(asks[service]),
            )
        )
    return tuple(result)


def _by_risk(row: RuleRow, risk: str, added: dict[str, list[Item]]) -> None:
    if row.from_risk is None or row.people is None:
        return
    if RISKS.index(risk) >= RISKS.index(row.from_risk):
        why = f"from risk {row.from_risk} on, to help {row.to_help}; decided by {row.decides}"
        added[row.service].append(Item(people=row.people, row=row.id, why=why))


def _by_shortfall(
    table: RuleTable,
    service: str,
    missing: int,
    added: dict[str, list[Item]],
    asks: dict[str, list[Ask]],
) -> None:
    for row in table.of("reinforcement"):
        if row.to_help != service or row.from_shortfall is None or missing < row.from_shortfall:
            continue
        why = f"{missing} of {service} missing, asked for from {row.from_shortfall} on"
        asks[service].append(
            Ask(service=row.service, people=missing, decides=str(row.decides), row=row.id, why=why)
        )
        added[row.service].append(Item(people=missing, row=row.id, why=f"to help: {why}"))
        return


def _helped_first(table: RuleTable, services: Sequence[str]) -> list[str]:
    """Services so that one that is helped comes before those that help it."""
    helpers: dict[str, list[str]] = {}
    for row in table.of("reinforcement"):
        helpers.setdefault(str(row.to_help), []).append(row.service)
    order: list[str] = []

    def visit(service: str) -> None:
        if service in order:
            return
        for to_help in [to for to, who in helpers.items() if service in who]:
            visit(to_help)
        order.append(service)

    for service in services:
        visit(service)
    return order


def _items(table: RuleTable, risk: str, now: Sequence[CrowdPhase], service: str) -> list[Item]:
    """What a service does by the rules of posts, crowd and tasks, then what that adds."""
    crowd = max(p.crowd for p in now)
    kinds = dict.fromkeys(kind for p in now for kind in p.posts)
    items: list[Item] = []
    for row in table.rows:
        if row.service != service or not row.holds_at(risk):
            continue
        if row.kind == "people_per_post" and row.post in kinds:
            count = max(p.posts.get(str(row.post), 0) for p in now)
            people = count * int(row.people or 0)
            if people:
                posts = "post" if count == 1 else "posts"
                why = f"{count} {posts} ({str(row.post).replace('_', ' ')}) x {row.people}"
                items.append(Item(people=people, row=row.id, why=why))
        elif row.kind == "spectators_per_person" and crowd:
            people = max(math.ceil(crowd / int(row.spectators or 1)), row.at_least or 0)
            why = f"{crowd:,} spectators, one for {row.spectators}"
            items.append(Item(people=people, row=row.id, why=why))
        elif row.kind == "task" and crowd >= (row.from_crowd or 0):
            items.append(Item(people=int(row.people or 0), row=row.id, why=str(row.what)))
    for kind in ("supervisors", "reserve", "shift"):
        for row in table.rows:
            if row.kind == kind and row.service == service and row.holds_at(risk):
                _add_on(row, items)
    return items


def _add_on(row: RuleRow, items: list[Item]) -> None:
    """Supervisors for those counted so far, a reserve of them, and who stands in for breaks."""
    people = sum(one.people for one in items)
    if not people:
        return
    if row.kind == "supervisors":
        count, why = math.ceil(people / int(row.per or 1)), f"one for {row.per} of {people}"
    elif row.kind == "reserve":
        count, why = (
            math.ceil(people * float(row.percent or 0) / 100 - 1e-9),
            (f"{row.percent:g} % of {people}"),
        )
    else:
        share = float(row.break_min or 0) / (float(row.hours or 1) * 60)
        count = math.ceil(people * share / (1 - share) - 1e-9) if share < 1 else people
        why = f"relief for breaks: {row.break_min:g} min in {row.hours:g} h, for {people}"
    if count:
        items.append(Item(people=count, row=row.id, why=why))
