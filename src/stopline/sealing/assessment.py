"""Assess orders as they are: do they seal, what stays open, and what would close it?"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stopline.sealing.explain import describe_seals, make_seals, needed_none
from stopline.sealing.plan import TIE_S, Holder, Plan, Verdict
from stopline.sealing.planner import lineage_of
from stopline.sealing.replanning import status_of_units
from stopline.sealing.search.objectives import best_plan
from stopline.sealing.search.pursuit_graph import make_pursuit_graph
from stopline.sealing.search.sealer import Sealer
from stopline.sealing.session import Session, prepare
from stopline.sealing.wording import ASSESS, clock_time, count, sentence_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stopline.sealing.plan import Seal
    from stopline.sealing.problem import SealingProblem

    Held = dict[int, tuple[tuple[Holder, ...], float]]

_MOST_NAMED = 12


def assess_orders(
    problem: SealingProblem,
    orders: Mapping[str, int],
    *,
    session: Session | None = None,
    advise: bool = True,
    progress: Callable[[str, float], None] | None = None,
) -> Plan:
    """Judge orders without changing them.

    Args:
        problem: what is asked; its units may have more than the orders use.
        orders: number of the site by id of the unit. A unit in position holds the site where it
            stands at once, every other from when it can be there and has set up.
        session: an earlier session of the incident, to save what has not changed.
        advise: whether to search for the seals that would close it.
        progress: is told each stage and how far the whole is, from 0 to 1.

    Returns:
        A plan with the choice `assess`: `sealed`, or `leaking` with the open routes, and in
        `missing` the seals that would close it with these orders kept.
    """
    started = time.perf_counter()
    report = progress or (lambda _what, _part: None)
    report("reading roads and forces", 0.0)
    session = prepare(problem, session)
    until = started + problem.rules.time_limit_s
    # Orders may stand where no drive to an exit needs to come; they are described all the same.
    whole = make_pursuit_graph(problem, session.graph, everything=True)
    sealer = Sealer(whole, session.sides, problem.sites.need, until)
    held, notes = _held(session, orders)
    shut_s = np.full(problem.sites.count, np.inf)
    for site, (_, closed_s) in held.items():
        shut_s[site] = closed_s + problem.rules.margin_s - TIE_S
    report("searching what stays open", 0.3)
    seals, reached = describe_seals(sealer, problem, held, shut_s, status_of_units(problem))
    seals = tuple(replace(seal, why=_why(seal, problem.rules.margin_s)) for seal in seals)
    if reached.drives and advise:
        report("searching what would close it", 0.5)
        notes = [_closing(session, orders, held, until), *notes]
    names = tuple(dict.fromkeys(place.name for place in problem.exits))
    open_exits = {problem.exits[number].name for number in reached.drives}
    routes = (sealer.chase.describe(drive) for drive in reached.drives.values())
    plan = Plan(
        verdict=Verdict.LEAKING if reached.drives else Verdict.SEALED,
        proven=True,
        sentence="",
        now_utc_s=problem.now_utc_s,
        required_margin_s=problem.rules.margin_s,
        seals=seals,
        units_used=sum(len(seal.holders) for seal in seals),
        lower_bound=0,
        margin_s=min((seal.margin_s for seal in seals), default=np.inf),
        objective=problem.rules.objective,
        choice=ASSESS,
        open_routes=tuple(sorted(routes, key=lambda route: route.arrival_s)),
        sealed_exits=tuple(name for name in names if name not in open_exits),
        open_exits=tuple(name for name in names if name in open_exits),
        needed_none=needed_none(sealer, problem),
        missing=". ".join(notes),
        seconds={"assessing": time.perf_counter() - started},
        lineage={**lineage_of(problem), "orders": len(orders)},
    )
    return replace(plan, sentence=sentence_for(plan, problem.zone))


def _held(session: Session, orders: Mapping[str, int]) -> tuple[Held, list[str]]:
    """Holders and closing time of each site that is closed at all, and what is not."""
    by_site: dict[int, list[tuple[Holder, int]]] = {}
    notes: list[str] = []
    for side in session.readiness.values():
        for number, unit in enumerate(side.placed.units):
            if unit.id not in orders:
                continue
            site = orders[unit.id]
            everyone = side.near(site, np.inf, int(side.strength.sum()) + 1)
            ready_s = {who: when for when, who in everyone}.get(number)
            if ready_s is None:
                notes.append(f"{unit.id} cannot get to {session.problem.site(site).name}")
                continue
            setup_s = side.setup_s(number, site)
            holder = Holder(
                unit=unit.id,
                side=unit.side,
                agency=unit.agency,
                ready_s=ready_s,
                order_by_s=np.inf,
                drive_s=max(0.0, ready_s - setup_s - unit.ready_s),
                setup_s=setup_s,
            )
            by_site.setdefault(site, []).append((holder, unit.strength))
    held: Held = {}
    for site, there in by_site.items():
        closed_s = _closed_s(there, int(session.problem.sites.need[site]))
        if np.isfinite(closed_s):
            held[site] = (tuple(holder for holder, _ in there), closed_s)
        else:
            named = session.problem.site(site)
            brought = sum(strength for _, strength in there)
            notes.append(f"{named.name} needs strength {named.need}, its units have {brought}")
    return held, notes


def _closed_s(there: list[tuple[Holder, int]], need: int) -> float:
    """When the strengths of those who come, by time, add up to the need."""
    have = 0
    for holder, strength in sorted(there, key=lambda one: one[0].ready_s):
        have += strength
        if have >= need:
            return holder.ready_s
    return np.inf


def _why(seal: Seal, margin_s: float) -> str:
    if seal.margin_s < margin_s - TIE_S:
        return "closes too late: the vehicle can be past it"
    if seal.witness is None and not np.isfinite(seal.arrival_s):
        return "the other seals keep the vehicle away from it"
    return seal.why


def _closing(session: Session, orders: Mapping[str, int], held: Held, until: float) -> str:
    """What further seals would close it with these orders kept, or that none would."""
    problem = session.problem
    need, rules = problem.sites.need, problem.rules
    until = max(until, time.perf_counter() + rules.time_limit_s / 2)
    kept = Sealer(session.chase, session.locked(orders), need, until)
    found, _ = best_plan(kept, rules)
    if found.sealed:
        seals, _ = make_seals(kept, problem, found, {})
        places = {(problem.site(site).kind, problem.site(site).index) for site in held}
        more = [seal for seal in seals if (seal.site.kind, seal.site.index) not in places]
        return f"{count(len(more), 'more seal')}: {_listed(more, problem)}"
    if not found.proven:
        return "no seals that would close it were found in the time given"
    free, _ = best_plan(Sealer(session.chase, session.sides, need, until), rules)
    if free.sealed:
        return (
            "with these orders kept no further seals close it; with other orders it can be sealed"
        )
    if free.proven:
        return "no further seals close it, nor would other orders: it cannot be sealed"
    return "with these orders kept no further seals close it"


def _listed(seals: list[Seal], problem: SealingProblem) -> str:
    """Name seals with their units, the most urgent order first.

    A seal that the others keep the vehicle away from has no latest order: nothing presses there.
    """
    named = [
        (min(holder.order_by_s for holder in seal.holders), seal) for seal in seals if seal.holders
    ]
    texts = []
    for order_by_s, seal in sorted(named, key=lambda one: one[0])[:_MOST_NAMED]:
        units = " and ".join(holder.unit for holder in seal.holders)
        at = clock_time(problem.now_utc_s, order_by_s, problem.zone)
        latest = f" (order by {at})" if 0 <= order_by_s < np.inf else ""
        texts.append(f"{seal.site.name} by {units}{latest}")
    rest = len(seals) - len(texts)
    return "; ".join(texts) + (f"; and {rest} more" if rest > 0 else "")
