"""Check a plan file against the road network, by code that shares nothing with the planner.

docs/checker.md says what is checked and what cannot be. Rooms: `checker_roads` drives the vehicle
and searches for a way out past the seals, `checker_units` drives the units, `checker_seals` holds
each seal against both, `checker_routes` drives the routes that a plan names, `checker_proof`
confirms that sealing is impossible.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stopline.errors import BadInput, FaultList
from stopline.network.cache import open_network
from stopline.network.findings import Finding, map_sentence
from stopline.network.read_settings import ReadSettings
from stopline.network.road_network import ROAD_CLASSES
from stopline.sealing.checker.certificate import certificate_faults
from stopline.sealing.checker.joint import commitment_faults, joint_notes
from stopline.sealing.checker.proof import proof_faults, site_list_faults
from stopline.sealing.checker.roads import NOWHERE, Barriers, CheckedArrivals, Roads, arrivals
from stopline.sealing.checker.routes import route_faults
from stopline.sealing.checker.seals import (
    barriers_of,
    seal_faults,
    time_faults,
)
from stopline.sealing.checker.sentences import CheckedSentences, check_statements
from stopline.sealing.checker.units import UnitDrives
from stopline.sealing.plan_file.consistency import note_contradictions
from stopline.sealing.plan_file.file import network_path, read_plan, zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.plan_file.schema import PlanFile

_MOST_ROADS_NAMED: Final = 12  # in the sentence on a route that escapes


@dataclass(frozen=True, slots=True, kw_only=True)
class EscapeRoute:
    """The earliest drive past the seals.

    Attributes:
        source: name of the source.
        exit: name of the exit.
        sections: sections driven, in order.
        enter_s: when each is entered, seconds after now.
        arrival_s: when the exit is reached, seconds after now.
        sentence: the same with road names and clock times.
    """

    source: str
    exit: str
    sections: tuple[int, ...]
    enter_s: tuple[float, ...]
    arrival_s: float
    sentence: str

    def __repr__(self) -> str:
        drive = f"from {self.source} to {self.exit} in {self.arrival_s:.0f} s"
        return f"<escape: {drive}, {len(self.sections)} sections>"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What the checker found.

    Attributes:
        ok: whether the plan is what it says.
        confirmed: one sentence: what is confirmed, or that the plan is refused.
        faults: sentences that say what is wrong; empty if nothing is.
        statements: what else the plan says of itself, each confirmed.
        escape: the earliest drive past the seals; for a plan that says it leaks, its first leak.
        notes: what could not be checked, in sentences.
    """

    ok: bool
    confirmed: str
    faults: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    escape: EscapeRoute | None = None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        more = f" {len(self.faults)} faults" if self.faults else ""
        return f"<check: {self.confirmed}{more}>"

    @property
    def holds(self) -> bool:
        """Whether the plan is what it says."""
        return self.ok

    @property
    def sentence(self) -> str:
        """All that was found, one sentence to a line."""
        lines = [self.confirmed, *(f"- {fault}" for fault in self.faults)]
        lines += [f"{one}." for one in self.statements]
        if self.escape is not None:
            lines.append(self.escape.sentence)
        return "\n".join([*lines, *self.notes])


def check_plan_file(path: Path | str, network: Path | str | None = None) -> CheckResult:
    """Read a plan file and its road network, and check the plan.

    Args:
        path: the plan file.
        network: the road network; None to take the one that the plan names, where it was read or
            beside the plan file.

    Raises:
        BadInput: the file is no plan, or the network is not there or cannot be read.
    """
    path = Path(path)
    plan = read_plan(path)
    try:
        settings = ReadSettings(**(plan.network.read_settings or {}))
    except TypeError as error:
        where, seen = f"{path}: network.read_settings", str(error)
        raise BadInput.single(where, seen, "the settings of docs/formats/scenario.md") from error
    roads = network_path(plan.network, path) if network is None else Path(network)
    return check_plan(plan, open_network(roads, settings))


def check_plan(
    plan: PlanFile,
    network: RoadNetwork,
    *,
    unit_places: Mapping[str, tuple[int, float]] | None = None,
) -> CheckResult:
    """Check a plan: seals, times, verdict and proof are computed anew.

    Args:
        plan: the plan file.
        network: the road network.
        unit_places: section of a unit and the fraction along it from its tail, by id; units left
            out stand where the plan says, or else on the section nearest to their position.
    """
    faults = _mismatches(plan, network)
    if faults:
        return _refused(faults)
    try:
        drives = UnitDrives(network, plan, unit_places)
    except BadInput as error:
        return _refused([f"The units cannot be put on the roads: {error}."])
    roads, barriers = Roads(network, plan.vehicle), barriers_of(plan)
    faults = drives.place_faults() + seal_faults(plan, network, drives) + commitment_faults(plan)
    if plan.required_margin_s != plan.rules.margin_s:
        faults.append(
            f"The rules ask for a margin of {plan.rules.margin_s:g} s, "
            f"but required_margin_s is {plan.required_margin_s:g} s."
        )
    hindered = arrivals(roads, plan.sources, plan.exits, barriers)
    unhindered = arrivals(roads, plan.sources, plan.exits, Barriers(), barriers.from_s)
    faults += time_faults(plan, hindered, unhindered)
    faults += _exit_faults(plan, hindered)
    faults += route_faults(plan, roads, barriers)
    if plan.verdict == "impossible":
        faults += proof_faults(plan, network, roads, drives)
    else:
        faults += site_list_faults(plan, network)
    if not faults:
        faults += certificate_faults(plan, network, roads, drives)
    if plan.certificate is not None and plan.verdict == "sealed":
        faults += _bound_faults(plan)
    said = check_statements(plan, hindered, unhindered, zone_of(plan))
    faults += said.faults
    escape = _escape(plan, network, hindered)
    if faults or (plan.verdict == "sealed" and escape):
        return dataclasses.replace(_refused(faults), escape=escape)
    taken = (f"{one[:1].upper()}{one[1:]}." for one in said.open)
    return CheckResult(
        ok=True,
        confirmed=_confirmed(plan, said.by_seals),
        statements=_statements(said),
        escape=escape,
        notes=(*taken, *_notes(plan), *_map_notes(plan, network)),
    )


def _mismatches(plan: PlanFile, network: RoadNetwork) -> list[str]:
    """What keeps the plan from being checked at all."""
    given, found = plan.network, []
    for what, said, there in (
        ("junctions", given.junctions, network.junctions),
        ("sections", given.sections, network.sections),
        ("the digest", given.digest, network.digest),
    ):
        if said != there:
            found.append(f"The plan was made on another network: {what} {said}; this one: {there}.")
    contradictions = FaultList()
    note_contradictions(plan, "plan", contradictions)
    try:
        contradictions.raise_if_any()
    except BadInput as error:
        found += [f"{fault}." for fault in error.faults]
    found += _untold(plan, network)
    found += [
        f"Unit {unit.id} is put on section {unit.section}, which is not in the network."
        for unit in plan.units
        if unit.section is not None and unit.section >= network.sections
    ]
    unknown = set(plan.vehicle.class_speed_mps or {}) - set(ROAD_CLASSES)
    found += [f"There is no road class {name!r}, as in class_speed_mps." for name in unknown]
    return found


def _untold(plan: PlanFile, network: RoadNetwork) -> list[str]:
    """What the map leaves out, guesses or doubts, and the plan does not tell of."""
    if plan.rests_on is None:
        return []
    told = {(one.group, one.kind): one.count for one in plan.rests_on.findings}
    return [
        f"The plan does not say what of the map was {one.group}: {one.sentence}."
        for one in network.findings
        if told.get((one.group, one.kind)) != one.count
    ]


def _map_notes(plan: PlanFile, network: RoadNetwork) -> tuple[str, ...]:
    """What the verdict rests on, anew from the map; of positions what the plan says."""
    if plan.rests_on is not None:
        told = tuple(Finding.from_dict(one.model_dump()) for one in plan.rests_on.findings)
        here = {(one.group, one.kind) for one in network.findings}
        doubts = tuple(one for one in told if (one.group, one.kind) not in here)
    else:
        doubts = ()
    sentence = map_sentence(doubts + network.findings)
    return (sentence,) if sentence else ()


def _exit_faults(plan: PlanFile, hindered: CheckedArrivals) -> list[str]:
    """Hold the verdict and the exits called sealed or open against what was reached."""
    names = {one.name for one in plan.exits}
    found = [
        f"There is no exit {name!r}." for name in {*plan.sealed_exits, *plan.open_exits} - names
    ]
    found += [
        f"The exit {name} is called sealed, but it can be reached at {hindered.out[name][3]:.1f} s."
        for name in plan.sealed_exits
        if name in hindered.out
    ]
    found += [
        f"The exit {name} is called open, but it cannot be reached."
        for name in plan.open_exits
        if name in names and name not in hindered.out
    ]
    if plan.verdict != "sealed" and not hindered.out:
        found.append(
            f"The plan says {plan.verdict}, but its seals keep every exit from being reached."
        )
    if plan.verdict == "impossible":
        return found
    untold = names - {*plan.sealed_exits, *plan.open_exits}
    found += [f"The exit {name} is called neither sealed nor open." for name in sorted(untold)]
    if plan.verdict == "leaking" and not plan.open_routes:
        found.append("The plan says it leaks, but shows no open route.")
    if plan.verdict == "sealed" and plan.open_routes:
        found.append("The plan says it is sealed, but shows open routes.")
    if plan.verdict == "sealed" and plan.lower_bound > plan.units_used:
        found.append(
            f"No sealing plan is said to use fewer than {plan.lower_bound} units, "
            f"but this one uses {plan.units_used}."
        )
    return found


def _bound_faults(plan: PlanFile) -> list[str]:
    """Hold the bound that a sealed plan gives against its certificate."""
    if plan.certificate is None or plan.lower_bound == plan.certificate.units:
        return []
    given, shown = plan.lower_bound, plan.certificate.units
    return [f"The plan gives a bound of {given} units, its certificate is for {shown}."]


def _escape(plan: PlanFile, network: RoadNetwork, hindered: CheckedArrivals) -> EscapeRoute | None:
    """The earliest way out, with road names and clock times."""
    if not hindered.out:
        return None
    name, last = min(hindered.out.items(), key=lambda item: (item[1].arrive_s, item[0]))
    driven = [step for step in last.steps() if step.section != NOWHERE]
    zone = zone_of(plan)

    def clock(after_now_s: float) -> str:
        then = datetime.fromtimestamp(plan.now_utc_s, tz=zone) + timedelta(seconds=after_now_s)
        return then.strftime("%H:%M:%S")

    ways: list[str] = []
    last_road = ""
    for step in driven:
        road = network.name_of(step.section) or f"unnamed {network.class_of(step.section)}"
        if road != last_road:
            ways.append(f"{road} ({clock(step.enter_s)})")
        last_road = road
    if len(ways) > _MOST_ROADS_NAMED:
        part = _MOST_ROADS_NAMED // 2
        left = len(ways) - 2 * part
        ways = [*ways[:part], f"{left} more road{'s' if left > 1 else ''}", *ways[-part:]]
    by = f" by {', '.join(ways)}" if ways else ""
    return EscapeRoute(
        source=last.source,
        exit=name,
        sections=tuple(step.section for step in driven),
        enter_s=tuple(step.enter_s for step in driven),
        arrival_s=last.arrive_s,
        sentence=f"A route escapes: from {last.source}{by}; at {name} by {clock(last.arrive_s)}.",
    )


def _refused(faults: list[str]) -> CheckResult:
    return CheckResult(
        ok=False, confirmed="The plan is refused.", faults=tuple(dict.fromkeys(faults))
    )


def _confirmed(plan: PlanFile, by_seals: int) -> str:
    fewest = ""
    if plan.certificate is not None and plan.certificate.units:
        wide = plan.certificate.margin_s
        with_margin = f" with a margin of {wide:.1f} s" if wide > plan.rules.margin_s else ""
        fewest = f" No plan{with_margin} uses fewer than {plan.certificate.units} units."
    if plan.verdict == "sealed":
        given = "" if plan.joint is None else f", as {plan.joint.side} keeps its word"
        held = f"{plan.units_used} units in {len(plan.seals)} seals"
        return f"Confirmed: {held} stop every route{given}.{fewest}"
    if plan.verdict == "leaking":
        exits = len(plan.sealed_exits) + len(plan.open_exits)
        return f"Confirmed: the plan leaks as it says; it seals off {by_seals} of {exits} exits."
    if not plan.proof.steps:
        reason = fewest or " Whatever they hold, the vehicle gets to an exit."
        return f"Confirmed: the {len(plan.units)} units cannot seal.{reason}"
    whose = f"the {len(plan.units)} units"
    if plan.joint is not None:
        can = "has not ruled out" if plan.joint.answered else "is committed to"
        whose = f"our {len(plan.units)} units and of what {plan.joint.side} {can}"
    return (
        f"Confirmed: no assignment of {whose} stops {_all_routes(len(plan.proof.steps))} of the "
        "proof, so sealing is impossible."
    )


def _statements(said: CheckedSentences) -> tuple[str, ...]:
    words = "; ".join(f'"{one}"' for one in dict.fromkeys(said.confirmed))
    return (said.exits, *([f"True as well: {words}"] if words else []))


def _all_routes(number: int) -> str:
    return {1: "the one route", 2: "both routes"}.get(number, f"all {number} routes")


def _notes(plan: PlanFile) -> tuple[str, ...]:
    notes = ["The strength that each site needs and its set-up time are taken from the file."]
    if plan.verdict == "sealed" and plan.certificate is None:
        notes.append("That no plan is better was not checked.")
    if plan.verdict == "leaking":
        notes.append("That sealing is beyond these units was not checked.")
    if not plan.proven:
        notes.append("The plan itself does not say that its verdict is final.")
    return (*notes, *joint_notes(plan))
