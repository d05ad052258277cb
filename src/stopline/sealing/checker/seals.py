"""Hold each seal of a plan against the network: the place, the units on it, and its times."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stopline.network.road_network import NO_TERRITORY, ROAD_CLASSES
from stopline.sealing.checker.roads import Barriers, Place, slack_s

if TYPE_CHECKING:
    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.checker.roads import CheckedArrivals
    from stopline.sealing.checker.units import UnitDrives
    from stopline.sealing.plan_file.schema import HolderPart, PlanFile, SealPart, SitePart, UnitPart

_NEAR_DEG = 1e-6  # a tenth of a metre, for positions that were written and read


def place_of(site: SitePart) -> Place:
    """The place of a site, to compare it with others."""
    return site.kind, site.index


def name_of(site: SitePart) -> str:
    """What to call a site in a sentence."""
    return f"{site.name} ({site.kind} {site.index})"


def barriers_of(plan: PlanFile) -> Barriers:
    """From when each seal stops the vehicle, as the file says."""
    barriers = Barriers()
    for seal in plan.seals:
        place, since = place_of(seal.site), seal.closed_at_s + plan.rules.margin_s
        barriers.from_s[place] = min(since, barriers.from_s.get(place, math.inf))
    return barriers


def site_faults(site: SitePart, network: RoadNetwork, sites: int) -> list[str]:
    """Say where a site differs from the network; `sites` is how many there are in all."""
    at_junction = site.kind == "junction"
    if site.index >= (network.junctions if at_junction else network.sections):
        return [f"{name_of(site)} is not in the network."]
    ids = network.junction_id if at_junction else network.section_id
    found = []
    if site.number >= sites:
        found.append(f"{name_of(site)} has the number {site.number}, but there are {sites} sites.")
    if int(ids[site.index]) != site.original_id:
        found.append(
            f"{name_of(site)} has the id {int(ids[site.index])} in the network's file, "
            f"not {site.original_id}."
        )
    if at_junction:
        around = slice(*network.first_out[site.index : site.index + 2].tolist())
        classes = network.section_class[network.arc_section[around]]
        junctions = [site.index]
        lons, lats = network.junction_lon[junctions], network.junction_lat[junctions]
    else:
        classes = network.section_class[[site.index]]
        junctions = [int(ends[site.index]) for ends in (network.section_tail, network.section_head)]
        lons, lats = network.geometry(site.index).T
    road_class = ROAD_CLASSES[int(classes.min()) if classes.size else 0]
    if site.road_class != road_class:
        found.append(f"{name_of(site)} is a {road_class} road, not {site.road_class}.")
    numbers = {int(network.junction_territory[junction]) for junction in junctions}
    territories = {network.territories[i] for i in numbers if i != NO_TERRITORY}
    if set(site.territories) != territories:
        found.append(
            f"{name_of(site)} lies in {_listed(territories)}, not in {_listed(site.territories)}."
        )
    for value, line in ((site.lon, lons), (site.lat, lats)):
        if value is not None and not line.min() - _NEAR_DEG <= value <= line.max() + _NEAR_DEG:
            found.append(f"{name_of(site)} is not at the position given, {site.lon}, {site.lat}.")
            break
    return found


def seal_faults(plan: PlanFile, network: RoadNetwork, drives: UnitDrives) -> list[str]:
    """Say what is wrong with the seals: places, holders, permissions, strengths and times."""
    units = {unit.id: unit for unit in plan.units}
    found, seen = [], set()
    for seal in plan.seals:
        name = name_of(seal.site)
        wrong_place = site_faults(seal.site, network, plan.sites.count)
        found += wrong_place
        if place_of(seal.site) in seen:
            found.append(f"{name} is sealed twice.")
        seen.add(place_of(seal.site))
        if seal.site.index < (
            network.sections if seal.site.kind == "section" else network.junctions
        ):
            for holder in seal.holders:
                found += _holder_faults(holder, units[holder.unit], seal, drives)
        found += _closing_faults(seal, units)
    used = sum(len(seal.holders) for seal in plan.seals)
    used += sum(part.units for seal in plan.seals for part in seal.committed)
    if used != plan.units_used:
        found.append(f"The seals take {used} units, but units_used is {plan.units_used}.")
    return found


def _holder_faults(
    holder: HolderPart, unit: UnitPart, seal: SealPart, drives: UnitDrives
) -> list[str]:
    site, found = seal.site, []
    name, place = name_of(site), place_of(site)
    if (holder.side, holder.agency) != (unit.side, unit.agency):
        found.append(
            f"Unit {unit.id} at {name} belongs to {unit.side} {unit.agency}, "
            f"not to {holder.side} {holder.agency}."
        )
    if unit.bound_to is not None and unit.bound_to != f"{place[0]} {place[1]}":
        found.append(f"Unit {unit.id} is bound to {unit.bound_to} and may not hold {name}.")
    elif not drives.may_hold(unit, place):
        found.append(f"Unit {unit.id} may act in {_listed(unit.may_act_in)}, not at {name}.")
    setup_s = drives.setup_s(unit, place, site.setup_s)
    if abs(holder.setup_s - setup_s) > slack_s(setup_s):
        found.append(
            f"Setting up at {name} takes {setup_s:g} s, "
            f"but {holder.setup_s:g} s is counted for unit {unit.id}."
        )
    claimed_s = max(holder.ready_s - unit.ready_s, holder.drive_s)
    drive_s = drives.drive_s(unit, [place], claimed_s + slack_s(claimed_s))[place]
    if math.isinf(drive_s):  # not within the time claimed: then how long does it take?
        drive_s = drives.drive_s(unit, [place])[place]
    if math.isinf(drive_s):
        return [*found, f"Unit {unit.id} cannot drive to {name} at all."]
    if holder.drive_s < drive_s - slack_s(drive_s):
        found.append(
            f"Unit {unit.id} drives at least {drive_s:.1f} s to {name}, not {holder.drive_s:.1f} s."
        )
    ready_s = unit.ready_s + drive_s + setup_s
    if holder.ready_s < ready_s - slack_s(ready_s):
        found.append(
            f"Unit {unit.id} cannot hold {name} before {ready_s:.1f} s, "
            f"but the plan says {holder.ready_s:.1f} s."
        )
    return found


def _closing_faults(seal: SealPart, units: dict[str, UnitPart]) -> list[str]:
    """A seal is closed when the strengths of its holders, by time, add up to its need."""
    have, name = 0, name_of(seal.site)
    there = [(one.ready_s, units[one.unit].strength, f"unit {one.unit}") for one in seal.holders]
    there += [(part.closed_s, part.strength, part.side) for part in seal.committed]
    for ready_s, strength, who in sorted(there):
        have += strength
        if have >= seal.site.need:
            if seal.closed_at_s < ready_s - slack_s(ready_s):
                needed = f"{name} is closed when {who} is there"
                return [f"{needed}, at {ready_s:.1f} s, not at {seal.closed_at_s:.1f} s."]
            return []
    return [f"{name} needs a strength of {seal.site.need}, its units have {have}."]


def time_faults(
    plan: PlanFile, hindered: CheckedArrivals, unhindered: CheckedArrivals
) -> list[str]:
    """Hold the arrivals, margins and latest orders of the seals against the two searches."""
    found = []
    for seal in plan.seals:
        name, place = name_of(seal.site), place_of(seal.site)
        arrival_s = hindered.at.get(place, math.inf)
        found += _differs(f"The vehicle's arrival at {name}", arrival_s, seal.arrival_s)
        first_s = unhindered.at.get(place, math.inf)
        found += _differs(f"The unhindered arrival at {name}", first_s, seal.unhindered_s)
        found += _differs(f"The margin at {name}", arrival_s - seal.closed_at_s, seal.margin_s)
        for holder in seal.holders:
            late_s = arrival_s - plan.rules.margin_s - holder.drive_s - holder.setup_s
            order_by_s = math.inf if holder.order_by_s is None else holder.order_by_s
            if order_by_s > late_s + slack_s(late_s) and arrival_s < math.inf:
                found.append(
                    f"Unit {holder.unit} must be ordered to {name} by {late_s:.1f} s, "
                    f"not by {_said(holder.order_by_s)}."
                )
    margins = [math.inf if seal.margin_s is None else seal.margin_s for seal in plan.seals]
    if plan.verdict == "sealed":
        least_s = min(margins, default=math.inf)
        found += _differs("The smallest margin of the plan", least_s, plan.margin_s)
    # Orders that were only judged as they are may hold seals that come too late to matter.
    if plan.verdict == "sealed" and plan.choice != "assess":
        found += [
            f"The margin at {name_of(seal.site)} is {margin_s:.1f} s, "
            f"less than the {plan.rules.margin_s:g} s asked for."
            for seal, margin_s in zip(plan.seals, margins, strict=True)
            if margin_s < plan.rules.margin_s - slack_s(seal.closed_at_s)
        ]
    return found


def _differs(what: str, right_s: float, said_s: float | None) -> list[str]:
    said = math.inf if said_s is None else said_s
    if right_s == said or abs(right_s - said) <= 10 * slack_s(right_s):
        return []
    return [f"{what} is {_said(right_s)}, not {_said(said_s)}."]


def _said(seconds: float | None) -> str:
    return "never" if seconds is None or math.isinf(seconds) else f"{seconds:.3f} s"


def _listed(names: tuple[str, ...] | set[str]) -> str:
    return " and ".join(sorted(names)) or "no territory"
