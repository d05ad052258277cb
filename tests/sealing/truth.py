"""Hold a plan against the oracle: everything it says that the oracle can know."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sealing.oracle import Oracle
from sealing.oracle_roads import NEVER, Place, Seal
from stopline.sealing.checker.check import check_plan
from stopline.sealing.plan import SiteKind, Verdict
from stopline.sealing.plan_file.writing import form_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.sealing import plan as plans
    from stopline.sealing.problem import SealingProblem

NEAR_S = 1e-6
Events = list[tuple[Place, float]]


def seals_of(oracle: Oracle, plan: plans.Plan) -> tuple[Seal, ...]:
    """A plan's seals by the oracle's numbers."""
    number = {unit.id: n for n, unit in enumerate(oracle.problem.units)}
    return tuple(
        Seal(
            oracle.site_of[place_of(seal.site)],
            tuple(number[holder.unit] for holder in seal.holders),
        )
        for seal in plan.seals
    )


def place_of(site: plans.Site) -> Place:
    return Place(site.kind is SiteKind.JUNCTION, site.index)


def faults_of(problem: SealingProblem, plan: plans.Plan) -> list[str]:
    """All that is wrong with a plan, whatever its objective; empty if nothing is."""
    oracle = Oracle(problem)
    found = [*_seal_faults(oracle, plan)]
    if found:
        return found
    margin_s = problem.rules.margin_s
    seals = seals_of(oracle, plan)
    leak = oracle.escape(oracle.shut(seals, margin_s))
    possible = oracle.can_seal(margin_s)
    if not plan.proven:
        found.append("not proven")
    if plan.verdict is Verdict.SEALED:
        if leak is not None:
            found.append(f"sealed, but leaks: {leak}")
        if not possible:
            found.append("sealed, but it is impossible")
        found += _arrival_faults(oracle, plan, seals)
    elif plan.verdict is Verdict.IMPOSSIBLE:
        if possible:
            found.append(f"impossible, but {oracle.search(margin_s)} seals")
        else:
            found += _proof_faults(oracle, plan)
        found += _open_faults(oracle, plan, seals)
    else:
        found.append("neither sealed nor impossible")
    return found


def _seal_faults(  # noqa: C901  (a list of single checks)
    oracle: Oracle, plan: plans.Plan
) -> Iterator[str]:
    problem = oracle.problem
    number = {unit.id: n for n, unit in enumerate(problem.units)}
    used = [holder.unit for seal in plan.seals for holder in seal.holders]
    if len(set(used)) != len(used):
        yield f"a unit holds two sites: {used}"
    if plan.units_used != len(used):
        yield f"units_used {plan.units_used}, but there are {len(used)} holders"
    if len({place_of(seal.site) for seal in plan.seals}) != len(plan.seals):
        yield "two seals at one site"
    for seal in plan.seals:
        place = place_of(seal.site)
        if place not in oracle.site_of:
            yield f"{place} is no site"
            continue
        site = oracle.site_of[place]
        team = Seal(site, tuple(number[holder.unit] for holder in seal.holders))
        for unit, holder in zip(team.units, seal.holders, strict=True):
            ready_s = oracle.ready[unit][site]
            if not math.isclose(ready_s, holder.ready_s, abs_tol=NEAR_S):
                yield f"{holder.unit} is ready at {place} at {ready_s}, not {holder.ready_s}"
            given = problem.units[unit]
            if (holder.side, holder.agency) != (given.side, given.agency):
                yield f"{holder.unit} is of {given.side}, {given.agency}"
            parts = given.ready_s + holder.drive_s + holder.setup_s
            if not math.isclose(parts, holder.ready_s, abs_tol=NEAR_S):
                yield f"{holder.unit}: ready {holder.ready_s} is not free + drive + set-up {parts}"
        closing_s = oracle.closing_s(team)
        if not math.isclose(closing_s, seal.closed_at_s, abs_tol=NEAR_S):
            yield f"{place} is closed at {closing_s}, not {seal.closed_at_s}"
        if seal.site.need != oracle.need[site]:
            yield f"{place} needs {oracle.need[site]}, not {seal.site.need}"


def _arrival_faults(oracle: Oracle, plan: plans.Plan, seals: tuple[Seal, ...]) -> Iterator[str]:
    margin_s = oracle.problem.rules.margin_s
    now = oracle.front(oracle.shut(seals, margin_s)).first_at
    for seal in plan.seals:
        place = place_of(seal.site)
        arrival_s = now.get(place, NEVER)
        if not _same(arrival_s, seal.arrival_s):
            yield f"{place} is come to at {arrival_s}, not {seal.arrival_s}"
        if not _same(arrival_s - seal.closed_at_s, seal.margin_s):
            yield f"{place} has margin {arrival_s - seal.closed_at_s}, not {seal.margin_s}"
    least = min((seal.margin_s for seal in plan.seals), default=NEVER)
    if not _same(least, plan.margin_s):
        yield f"the smallest margin is {least}, not {plan.margin_s}"
    if set(plan.sealed_exits) != {place.name for place in oracle.problem.exits}:
        yield f"sealed, but the exits are {plan.sealed_exits}"


def _open_faults(oracle: Oracle, plan: plans.Plan, seals: tuple[Seal, ...]) -> Iterator[str]:
    problem = oracle.problem
    margin_s = problem.rules.margin_s
    reached = oracle.reached(seals, margin_s)
    names = [place.name for place in problem.exits]
    truly_open = {names[number]: at_s for number, at_s in reached.items()}
    if set(plan.open_exits) != set(truly_open):
        yield f"open are {sorted(truly_open)}, not {plan.open_exits}"
    if set(plan.sealed_exits) != set(names) - set(truly_open):
        yield f"sealed are {sorted(set(names) - set(truly_open))}, not {plan.sealed_exits}"
    if not plan.open_routes:
        yield "impossible, but no open route is shown"
    elif not _same(plan.open_routes[0].arrival_s, min(truly_open.values(), default=NEVER)):
        yield f"the first escape is at {min(truly_open.values())}, not {plan.open_routes[0]}"
    shut = oracle.shut(seals, margin_s)
    for route in plan.open_routes:
        faults, events = events_of(oracle, route)
        yield from faults
        if any(at_s >= shut.get(place, NEVER) for place, at_s in events):
            yield f"open route is stopped: {route}"


def _same(one: float, other: float) -> bool:
    return one == other or math.isclose(one, other, abs_tol=NEAR_S)


def events_of(  # noqa: PLR0911  (ends at the first thing that is wrong)
    oracle: Oracle, route: plans.Route
) -> tuple[list[str], Events]:
    """Drive a route: what is wrong with it, and what it enters or arrives at, and when."""
    problem = oracle.problem
    source = next(s for s in problem.sources if s.name == route.source)
    goal = next((p for p in problem.exits if p.name == route.exit), None)
    if goal is None:
        return [f"the route leads to no exit: {route}"], []
    junctions, events = list(route.junctions), []
    came_by, now = -1, source.time_s
    if source.junction is not None:
        here, steps = junctions.pop(0), list(zip(route.sections, route.enter_s, strict=True))
        if here != source.junction:
            return [f"the route does not begin at its source: {route}"], []
    else:
        here = junctions.pop(0)
        steps = list(zip(route.sections[1:], route.enter_s[1:], strict=True))
        ways = [w for w in oracle.first_drives(source) if w[2] == here]
        entered = route.enter_s[1] if len(route.enter_s) > 1 else route.arrival_s
        ways = [w for w in ways if math.isclose(w[1], entered, abs_tol=NEAR_S)]
        if not ways or route.sections[0] != source.section:
            return [f"the first drive is wrong: {route}"], []
        came_by, now, _ = ways[0]
        events.append((Place(True, here), now))
    for section, enter_s in steps:
        end = junctions.pop(0)
        arcs = [a for a in oracle.arcs[here] if (a.section, a.head) == (section, end)]
        if not arcs or (came_by, here, section) in oracle.bans or not _same(now, enter_s):
            return [f"cannot be driven at section {section}, at {now}: {route}"], []
        events.append((Place(False, section), now))
        came_by, now, here = section, now + arcs[0].time_s, end
        events.append((Place(True, here), now))
    if goal.kind is SiteKind.SECTION:
        events.pop()
    last = Place(True, here) if goal.kind is SiteKind.JUNCTION else Place(False, came_by)
    if last != (goal.kind is SiteKind.JUNCTION, goal.index) or junctions:
        return [f"the route does not end at its exit: {route}"], []
    if not _same(now, route.arrival_s):
        return [f"arrives at {now}: {route}"], []
    return [], events


def _proof_faults(oracle: Oracle, plan: plans.Plan) -> Iterator[str]:
    """A proof is a family of true routes that no assignment stops all, or a certificate."""
    if not plan.proof:
        if plan.certificate is None:
            yield "impossible without a proof"
        else:
            yield from _certificate_faults(oracle, plan)
        return
    margin_s = oracle.problem.rules.margin_s
    number = {unit.id: n for n, unit in enumerate(oracle.problem.units)}
    sites = [oracle.site_of[place_of(site)] for site in plan.proof_sites]
    family: list[Events] = []
    for step in plan.proof:
        faults, events = events_of(oracle, step.route)
        yield from faults
        if faults:
            return
        family.append(events)
        latest = _latest(oracle, events)
        true_pairs = {
            (unit, site)
            for site, at_s in latest.items()
            for unit in range(len(oracle.problem.units))
            if oracle.ready[unit][site] + margin_s <= at_s
        }
        useful = {
            (unit, site)
            for site, at_s in latest.items()
            for team, closed_s in oracle.minimal_teams[site]
            if closed_s + margin_s <= at_s
            for unit in team
        }
        said = {(number[unit], sites[site]) for unit, site in step.stoppable_by}
        if not useful <= said <= true_pairs:
            yield f"stoppable by {said}; truly by {useful}: {step}"
    if _can_stop_all(oracle, family, margin_s):
        yield f"units can stop every route of the proof: {plan.proof}"


def _certificate_faults(oracle: Oracle, plan: plans.Plan) -> Iterator[str]:
    """The checker, which shares nothing with the planner, confirms the certificate."""
    problem = oracle.problem
    ids = [unit.id for unit in problem.units]
    places = dict(zip(ids, problem.unit_places or (), strict=False))
    yield from check_plan(form_of(plan, problem), problem.network, unit_places=places).faults


def _latest(oracle: Oracle, events: Events) -> dict[int, float]:
    latest: dict[int, float] = {}
    for place, at_s in events:
        if place in oracle.site_of:
            site = oracle.site_of[place]
            latest[site] = max(latest.get(site, -NEVER), at_s)
    return latest


def _can_stop_all(oracle: Oracle, family: list[Events], margin_s: float) -> bool:
    """Try every assignment that stops all routes of a family."""
    latest = [_latest(oracle, events) for events in family]

    def stopped(row: dict[int, float], seals: tuple[Seal, ...]) -> bool:
        return any(
            seal.site in row and oracle.closing_s(seal) + margin_s <= row[seal.site]
            for seal in seals
        )

    def extend(seals: tuple[Seal, ...]) -> bool:
        first = next((row for row in latest if not stopped(row, seals)), None)
        if first is None:
            return True
        used = {unit for seal in seals for unit in seal.units}
        closed = {seal.site for seal in seals}
        return any(
            extend((*seals, Seal(site, team)))
            for site, at_s in first.items()
            if site not in closed
            for team, closed_s in oracle.minimal_teams[site]
            if closed_s + margin_s <= at_s and used.isdisjoint(team)
        )

    return extend(())
