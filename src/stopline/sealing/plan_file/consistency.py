"""Hold the parts of a plan file against each other: clocks, numbers and ids must agree."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.errors import FaultList
    from stopline.sealing.plan_file.schema import PlanFile

_SAME_SECOND: Final = 1.0


def note_contradictions(plan: PlanFile, where: str, faults: FaultList) -> None:
    """Note what the form allows but cannot be: a wrong clock, a unit that is not listed."""
    _check_clock(plan, where, faults)
    units = {unit.id for unit in plan.units}
    if len(units) < len(plan.units):
        faults.add(f"{where}: units", "an id that stands twice", "every unit once")
    _check_seals(plan, units, where, faults)
    _check_ends(plan, where, faults)
    _check_proof(plan, units, where, faults)
    _check_joint(plan, units, where, faults)


def _check_clock(plan: PlanFile, where: str, faults: FaultList) -> None:
    """Each time for people must be the second of the number beside it."""
    for key, text, after_now_s in _instants(plan, ""):
        name = f"{where}: {key}"
        expected_s = plan.now_utc_s + (0.0 if key == "now" else after_now_s or 0.0)
        if (text is None) != (after_now_s is None):
            faults.add(name, text or "null", f"null exactly where {key}_s is null")
            continue
        if text is None:
            continue
        try:
            seen = datetime.fromisoformat(text)
            away_s = abs(seen.timestamp() - expected_s)
        except (ValueError, OverflowError):
            faults.add(name, text, "a time in ISO 8601, for example 2026-06-12T21:30:00+02:00")
            continue
        if seen.tzinfo is None:
            faults.add(name, text, "a time with zone, for example 2026-06-12T21:30:00+02:00")
        elif away_s > _SAME_SECOND:
            right = datetime.fromtimestamp(int(expected_s), tz=seen.tzinfo)
            faults.add(name, text, f"{right.isoformat()}, the time of the seconds beside it")


def _instants(part: BaseModel, at: str) -> Iterator[tuple[str, str | None, float | None]]:
    """Key, text and seconds of every time that stands twice."""
    fields = type(part).model_fields
    for name in fields:
        value = getattr(part, name)
        seconds = "now_utc_s" if name == "now" else f"{name}_s"
        if seconds in fields:
            yield f"{at}{name}", value, getattr(part, seconds)
        yield from _inner(value, f"{at}{name}")


def _inner(value: object, key: str) -> Iterator[tuple[str, str | None, float | None]]:
    if isinstance(value, BaseModel):
        yield from _instants(value, f"{key}.")
    elif isinstance(value, tuple):
        for number, part in enumerate(value):
            yield from _inner(part, f"{key}[{number}]")


def _check_seals(plan: PlanFile, units: set[str], where: str, faults: FaultList) -> None:
    held: dict[str, str] = {}
    for number, seal in enumerate(plan.seals):
        key = f"{where}: seals[{number}]"
        most = _most(plan, seal.site.kind)
        if seal.site.index >= most:
            faults.add(f"{key}.site.index", seal.site.index, f"less than {most}")
        if not seal.holders and not seal.committed:
            faults.add(f"{key}.holders", "none", "a unit, or the other side under committed")
        for place, holder in enumerate(seal.holders):
            name = f"{key}.holders[{place}].unit"
            if holder.unit not in units:
                faults.add(name, holder.unit, "the id of a unit under units")
            if holder.unit in held:
                faults.add(name, f"{holder.unit}, also at {held[holder.unit]}", "a unit once")
            held.setdefault(holder.unit, f"seals[{number}]")


def _check_ends(plan: PlanFile, where: str, faults: FaultList) -> None:
    for number, one in enumerate(plan.exits):
        most = _most(plan, one.kind)
        if one.index >= most:
            faults.add(f"{where}: exits[{number}].index", one.index, f"less than {most}")
    for number, source in enumerate(plan.sources):
        key = f"{where}: sources[{number}]"
        if (source.junction is None) == (source.section is None):
            faults.add(key, "both or neither", "junction or section")
        if source.junction is not None and source.junction >= plan.network.junctions:
            expected = f"less than {plan.network.junctions}"
            faults.add(f"{key}.junction", source.junction, expected)
        if source.section is not None and source.section >= plan.network.sections:
            faults.add(f"{key}.section", source.section, f"less than {plan.network.sections}")


def _check_proof(plan: PlanFile, units: set[str], where: str, faults: FaultList) -> None:
    for number, step in enumerate(plan.proof.steps):
        for place, stop in enumerate(step.stoppable_by):
            name = f"{where}: proof.steps[{number}].stoppable_by[{place}]"
            joint = plan.joint is not None and stop.unit == plan.joint.side
            if stop.unit not in units and not joint:
                faults.add(f"{name}.unit", stop.unit, "the id of a unit under units")
            if stop.site >= len(plan.proof.sites):
                faults.add(f"{name}.site", stop.site, f"less than {len(plan.proof.sites)}")


def _check_joint(plan: PlanFile, units: set[str], where: str, faults: FaultList) -> None:
    """What rests on the other side's word must name that side, and one commitment."""
    joint = plan.joint
    _check_committed(plan, where, faults)
    if joint is None:
        return
    if joint.side in units or any(unit.side == joint.side for unit in plan.units):
        faults.add(f"{where}: joint.side", joint.side, "a side whose units are not listed")
    known = {site.number for site in plan.sites.on_routes}
    rows = (*joint.standing, *(one for row in joint.refused for one in row.demands))
    if any(one.site not in known for one in rows):
        faults.add(f"{where}: joint", "a site not in sites.on_routes", "sites listed there")
    if joint.answered and joint.standing:
        faults.add(f"{where}: joint.standing", "sites", "none where the other side answered")


def _check_committed(plan: PlanFile, where: str, faults: FaultList) -> None:
    joint = plan.joint
    for number, seal in enumerate(plan.seals):
        for place, part in enumerate(seal.committed):
            key = f"{where}: seals[{number}].committed[{place}]"
            if joint is None:
                faults.add(key, "a commitment", "none: joint does not say with whom")
                continue
            if part.side != joint.side:
                faults.add(f"{key}.side", part.side, f"{joint.side}, as in joint.side")
            if part.commitment != joint.commitment:
                faults.add(f"{key}.commitment", part.commitment, str(joint.commitment))
        if len(seal.committed) > 1:
            faults.add(f"{where}: seals[{number}].committed", "the side twice", "its part once")


def _most(plan: PlanFile, kind: str) -> int:
    return plan.network.sections if kind == "section" else plan.network.junctions
