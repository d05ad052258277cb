"""Confirm that sealing is impossible: no assignment of the units stops all routes of the proof.

Which unit stops which route where is computed anew; the other side of a joint plan may hold what it
has not ruled out. A small integer program then looks for an
assignment that stops all routes; the proof holds if there is none.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stopline.sealing.checker.joint import OtherSide
from stopline.sealing.checker.program import Hoped, Program
from stopline.sealing.checker.roads import Place, slack_s
from stopline.sealing.checker.routes import NotDriven, drive_again
from stopline.sealing.checker.seals import name_of, place_of, site_faults

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.checker.roads import Roads
    from stopline.sealing.checker.routes import Driven
    from stopline.sealing.checker.units import UnitDrives
    from stopline.sealing.plan_file.schema import PlanFile, ProofStepPart, SitePart

Ready = dict[tuple[str, Place], float]
"""When a unit can hold a place, seconds; pairs that never can are left out."""


def proof_faults(
    plan: PlanFile, network: RoadNetwork, roads: Roads, drives: UnitDrives
) -> list[str]:
    """Say why the proof of impossibility does not hold; nothing if it does."""
    if not plan.proof.steps:
        shown = plan.certificate
        if shown is None or 0 < shown.units <= len(plan.units):
            return ["The proof has no routes."]
        # Who is in time by as little is counted among those who can stop a route.
        if shown.margin_s > plan.rules.margin_s + slack_s(plan.rules.margin_s):
            return ["The certificate is of plans with a wider margin than was asked for."]
        return site_list_faults(plan, network)
    found = site_list_faults(plan, network)
    routes: list[Driven] = []
    for number, step in enumerate(plan.proof.steps):
        try:
            routes.append(drive_again(roads, plan, step.route))
        except NotDriven as error:
            found.append(f"Route {number + 1} of the proof is no such drive: {error}.")
    if found:
        return found
    sites = {place_of(site): site for site in plan.sites.on_routes}
    ready = _ready_times(plan, drives, sites, routes)
    for number, (step, route) in enumerate(zip(plan.proof.steps, routes, strict=True)):
        found += _step_faults(plan, f"Route {number + 1} of the proof", step, route, ready)
    return found + _ways_out_of(plan, sites, routes, ready)


def site_list_faults(plan: PlanFile, network: RoadNetwork) -> list[str]:
    """Say what is wrong with the sites listed, or which site on a route of the proof is missing."""
    listed = {place_of(site): site for site in plan.sites.on_routes}
    others = (*plan.proof.sites, *(seal.site for seal in plan.seals))
    found = [
        fault
        for site in {**{place_of(site): site for site in plan.proof.sites}, **listed}.values()
        for fault in site_faults(site, network, plan.sites.count)
    ]
    if found:
        return found
    passed = {
        place
        for step in plan.proof.steps
        for place in (
            *(("section", section) for section in step.route.sections),
            *(("junction", junction) for junction in step.route.junctions),
        )
    }
    certified = _certified_sections(plan)
    if any(section >= network.sections for section in certified):
        return ["The certificate names a section that there is not."]
    for section in certified:
        passed.add(("section", section))
        for end in (network.section_tail, network.section_head):
            passed.add(("junction", int(end[section])))
    for site in others:
        same = listed.get(place_of(site), site)
        if (same.number, same.need, same.setup_s) != (site.number, site.need, site.setup_s):
            found.append(f"{name_of(site)} stands twice in the file, and differs.")
    known = {place_of(site) for site in others}
    if every_section_is_a_site((*plan.sites.on_routes, *others), plan, network):
        known |= {place for place in passed if place[0] == "section"}
    found += [
        f"The {kind} {index} is a site on a route of the proof, but sites.on_routes leaves it out."
        for kind, index in sorted((known & passed) - listed.keys())
    ]
    numbers = [site.number for site in plan.sites.on_routes]
    if len(set(numbers)) < len(numbers) or len(listed) < len(numbers):
        found.append("A site stands twice in sites.on_routes.")
    return found


def _certified_sections(plan: PlanFile) -> set[int]:
    steps = () if plan.certificate is None else plan.certificate.steps
    return {section for step in steps for route in step.routes for section in route.sections}


def every_section_is_a_site(
    sites: Iterable[SitePart], plan: PlanFile, network: RoadNetwork
) -> bool:
    """Whether count and numbers show that the sites are all sections, in their order."""
    in_order = all(site.kind == "section" and site.number == site.index for site in sites)
    return in_order and plan.sites.count == network.sections


def _ready_times(
    plan: PlanFile, drives: UnitDrives, sites: dict[Place, SitePart], routes: list[Driven]
) -> Ready:
    """When each unit can hold each site on a route, as far as it is in time for one of them."""
    latest_s: dict[Place, float] = {}
    for route in routes:
        for place in route.met.keys() & sites.keys():
            latest_s[place] = max(route.met[place], latest_s.get(place, -math.inf))
    ready: Ready = {}
    for unit in plan.units:
        allowed = [place for place in latest_s if drives.may_hold(unit, place)]
        if not allowed:
            continue
        # A unit in position drives nowhere, so that its missing set-up cannot make this too short.
        most_s = max(latest_s[p] - sites[p].setup_s for p in allowed)
        most_s += 1.0 - plan.rules.margin_s - unit.ready_s
        for place, drive_s in drives.drive_s(unit, allowed, most_s).items():
            setup_s = drives.setup_s(unit, place, sites[place].setup_s)
            ready_s = unit.ready_s + drive_s + setup_s
            if _in_time(plan, ready_s, latest_s[place], tie=True):
                ready[unit.id, place] = ready_s
    return ready


def _in_time(plan: PlanFile, ready_s: float, at_s: float, *, tie: bool) -> bool:
    """Whether a place closed then stops a vehicle that comes to it then; `tie` if just so."""
    slack = slack_s(at_s)
    return ready_s + plan.rules.margin_s <= at_s + (slack if tie else -slack)


def _step_faults(
    plan: PlanFile, name: str, step: ProofStepPart, route: Driven, ready: Ready
) -> list[str]:
    """Hold the pairs that are said to stop a route against those that do."""
    said = {(stop.unit, place_of(plan.proof.sites[stop.site])) for stop in step.stoppable_by}
    found = _hope_faults(plan, name, said, route)
    for who, place in sorted(said):
        if plan.joint is not None and who == plan.joint.side:
            continue
        ready_s = ready.get((who, place), math.inf)
        if not _in_time(plan, ready_s, route.met.get(place, -math.inf), tie=True):
            found.append(f"{name} is not stopped by unit {who} at {place[0]} {place[1]}.")
    sites = {place_of(site): site for site in plan.sites.on_routes}
    untold = [
        (unit.id, place, at_s)
        for place, at_s in sorted(route.met.items())
        if place in sites
        for unit in plan.units
        if unit.strength >= sites[place].need
        and (unit.id, place) not in said
        and _in_time(plan, ready.get((unit.id, place), math.inf), at_s, tie=False)
    ]
    if untold:
        unit, place, at_s = untold[0]
        found.append(
            f"{name} can be stopped by unit {unit} at {name_of(sites[place])}: it can hold it at "
            f"{ready[unit, place]:.1f} s, the vehicle comes at {at_s:.1f} s. The proof leaves that "
            f"out{f', and {len(untold) - 1} more' if len(untold) > 1 else ''}."
        )
    return found


def _hope_faults(
    plan: PlanFile, name: str, said: set[tuple[str, Place]], route: Driven
) -> list[str]:
    """Hold what the other side is said to stop against what it has not ruled out."""
    other, found = OtherSide(plan), []
    sites = {place_of(site): site for site in plan.sites.on_routes}
    for place in sorted(route.met.keys() & sites.keys()) if plan.joint is not None else ():
        site = sites[place]
        hope = other.strength_by(site, route.met[place] - plan.rules.margin_s)
        told = (other.name, place) in said
        if told and not hope:
            found.append(f"{name} is not stopped by {other.name} at {name_of(site)}.")
        if hope >= site.need and not told:
            found.append(
                f"{name} may be stopped by {other.name} at {name_of(site)}: nothing that it said "
                "rules that out. The proof leaves that out."
            )
    return found


def _ways_out_of(
    plan: PlanFile, sites: dict[Place, SitePart], routes: list[Driven], ready: Ready
) -> list[str]:
    """Look for an assignment that stops all routes; a fault if there is one."""
    program = Program()
    strength = {unit.id: unit.strength for unit in plan.units}
    columns_of: dict[str, list[int]] = {}
    units_at: dict[Place, list[str]] = {}
    for unit, place in sorted(ready):
        program.hold[unit, place] = program.column()
        columns_of.setdefault(unit, []).append(program.hold[unit, place])
        units_at.setdefault(place, []).append(unit)
    for own in columns_of.values():
        program.row(-math.inf, 1.0, own, [1.0] * len(own))
    closed: dict[tuple[Place, float], int] = {}
    hoped = Hoped(OtherSide(plan), program)
    for route in routes:
        stops = []
        for place in sorted(route.met.keys() & sites.keys()):
            need, at_s = sites[place].need, route.met[place]
            units = [
                unit
                for unit in units_at.get(place, ())
                if _in_time(plan, ready[unit, place], at_s, tie=False)
            ]
            by_s = at_s - plan.rules.margin_s
            ours = sum(strength[unit] for unit in units)
            if ours + hoped.other.strength_by(sites[place], by_s) < need:
                continue
            if (place, at_s) not in closed:
                # Closed by then only if those who are in time are strong enough together.
                closed[place, at_s] = program.column()
                columns = [program.hold[unit, place] for unit in units]
                counts = [float(min(strength[unit], need)) for unit in units]
                more, strengths = hoped.at(sites[place], by_s)
                columns, counts = [*columns, *more], [*counts, *strengths]
                program.row(0.0, math.inf, [*columns, closed[place, at_s]], [*counts, -need])
            stops.append(closed[place, at_s])
        if not stops:
            return []  # this one route cannot be stopped at all
        program.row(1.0, math.inf, stops, [1.0] * len(stops))
    hoped.bound()
    return program.answer(sites)
