"""Plan: from a problem to seals with a proven verdict."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.explain import make_seals, needed_none
from stopline.sealing.missing import what_is_missing
from stopline.sealing.plan import Plan, Verdict
from stopline.sealing.replanning import keep_orders, standing_orders, status_of_units
from stopline.sealing.search.cover import cover
from stopline.sealing.search.cut_options import cost_of
from stopline.sealing.search.delay import Partial, delay
from stopline.sealing.search.disturbance import least_disturbance
from stopline.sealing.search.impossibility import Proof, prove
from stopline.sealing.search.objectives import best_plan
from stopline.sealing.search.sealer import Sealer
from stopline.sealing.session import Session, prepare
from stopline.sealing.wording import sentence_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stopline.sealing.plan import Certificate
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.search.goal import Found, Goal

    Progress = Callable[[str, float], None]


# By which part of the time limit each stage has to end.
_SOLVED: Final = 0.85
_CALM: Final = 0.9  # least disturbance; the proof that sealing is impossible
_OTHERWISE: Final = 0.97  # the best that can be done otherwise


def make_plan(
    problem: SealingProblem,
    *,
    previous: Plan | None = None,
    orders: Mapping[str, int] | None = None,
    progress: Progress | None = None,
    session: Session | None = None,
) -> Plan:
    """Find the best plan and prove it.

    Args:
        problem: what is asked.
        previous: an earlier plan of the incident; its orders are kept unless changing them is
            worth more than `rules.keep_gain`.
        orders: site by unit, for orders given already; those of units under way or in position
            are kept in the same way.
        progress: is told each stage and how far the whole is, from 0 to 1.
        session: an earlier session of the incident, to save what has not changed.

    Returns:
        The plan: `sealed`, `impossible` with the proof and the best partial plan, or `leaking`
        where time ran out before either was certain.
    """
    clock = _Clock(progress, problem.rules.time_limit_s)
    until = clock.at(_SOLVED)
    clock.stage("reading roads and forces", 0.0)
    session = prepare(problem, session)
    clock.stage("searching where the vehicle can be", 0.2)
    sealer = Sealer(session.chase, session.sides, problem.sites.need, until)
    clock.stage("choosing sites and units", 0.4)
    standing = standing_orders(problem, previous, orders)
    if standing:
        found, goal, sealer = keep_orders(session, problem, standing, until)
    else:
        found, goal = best_plan(sealer, problem.rules)
    if found.sealed and "disturbance" in problem.rules.objective:
        clock.stage("disturbing traffic least", 0.7)
        sealer.until = clock.at(_CALM)
        found = least_disturbance(sealer, goal, found, problem.sites.disturbance)
    if standing:  # what was proven holds only of plans that keep the orders
        found = replace(found, certificate=None)
    status = status_of_units(problem, previous)
    if found.sealed:
        return _sealed(sealer, problem, found, status, clock)
    return _not_sealed(sealer, problem, found, goal, status, clock)


class _Clock:
    """Measures stages and reports progress."""

    def __init__(self, progress: Progress | None, limit_s: float) -> None:
        self._progress = progress
        self._begin, self._limit_s = time.perf_counter(), limit_s
        self._name = ""
        self._since = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def at(self, part: float) -> float:
        """`time.perf_counter()` when so much of the time limit is over."""
        return self._begin + part * self._limit_s

    def stage(self, name: str, done: float) -> None:
        """Begin a stage."""
        now = time.perf_counter()
        if self._name:
            self.seconds[self._name] = now - self._since
        self._name, self._since = name, now
        if self._progress is not None:
            self._progress(name, done)

    def stop(self) -> Mapping[str, float]:
        """End the last stage and give the seconds of all."""
        self.stage("", 1.0)
        return self.seconds


def _sealed(
    sealer: Sealer,
    problem: SealingProblem,
    found: Found,
    status: Mapping[str, str],
    clock: _Clock,
) -> Plan:
    clock.stage("explaining", 0.9)
    sealer.until = clock.at(1.0)
    seals, _ = make_seals(sealer, problem, found, status)
    margin_s = min((seal.margin_s for seal in seals), default=np.inf)
    units = units_of(found)
    by_units = "strength" not in problem.rules.objective
    bound = int(found.bound) if by_units and np.isfinite(found.bound) else 0
    plan = Plan(
        verdict=Verdict.SEALED,
        proven=found.proven,
        sentence="",
        now_utc_s=problem.now_utc_s,
        required_margin_s=problem.rules.margin_s,
        seals=seals,
        units_used=units,
        lower_bound=min(bound, units),
        margin_s=margin_s,
        objective=problem.rules.objective,
        sealed_exits=tuple(dict.fromkeys(place.name for place in problem.exits)),
        needed_none=needed_none(sealer, problem),
        seconds=clock.stop(),
        lineage=lineage_of(problem),
        certificate=_certificate_of(found, min(bound, units)),
    )
    return replace(plan, sentence=sentence_for(plan))


def _certificate_of(found: Found, bound: int) -> Certificate | None:
    """The certificate of a bound, if there is one for that very bound."""
    shown = found.certificate
    return shown if shown is not None and bound > 0 and shown.units == bound else None


def _not_sealed(
    sealer: Sealer,
    problem: SealingProblem,
    found: Found,
    goal: Goal,
    status: Mapping[str, str],
    clock: _Clock,
) -> Plan:
    clock.stage("proving that it is impossible", 0.6)
    sealer.until = clock.at(_CALM)
    shown = found.certificate if found.proven else None
    proof = Proof()
    if found.proven and shown is None:
        proof = prove(sealer, problem, found, goal)
    # What cannot be shown to others is not called impossible.
    proven = len(proof.steps) > 0 or shown is not None
    clock.stage("finding the best that can be done", 0.8)
    sealer.until = clock.at(_OTHERWISE)
    partial = _partial(sealer, problem, goal)
    seals, reached = make_seals(sealer, problem, partial.plan, status)
    names = tuple(place.name for place in problem.exits)
    open_exits = tuple(dict.fromkeys(names[number] for number in reached.drives))
    routes = sorted(
        (sealer.chase.describe(drive) for drive in reached.drives.values()),
        key=lambda route: route.arrival_s,
    )
    plan = Plan(
        verdict=Verdict.IMPOSSIBLE if proven else Verdict.LEAKING,
        proven=proven,
        sentence="",
        now_utc_s=problem.now_utc_s,
        required_margin_s=problem.rules.margin_s,
        seals=seals,
        units_used=units_of(partial.plan),
        lower_bound=0 if not np.isfinite(found.bound) else int(found.bound),
        margin_s=min((seal.margin_s for seal in seals), default=np.inf),
        objective=problem.rules.objective,
        choice=problem.rules.partial,
        open_routes=tuple(routes),
        sealed_exits=tuple(dict.fromkeys(n for n in names if n not in open_exits)),
        open_exits=open_exits,
        needed_none=needed_none(sealer, problem),
        proof=proof.steps,
        proof_sites=proof.sites,
        missing=what_is_missing(sealer, problem, proof, shown),
        seconds=clock.stop(),
        lineage={**lineage_of(problem), "value": partial.value, "bound": partial.bound},
        certificate=shown,
    )
    return replace(plan, sentence=sentence_for(plan))


def _partial(sealer: Sealer, problem: SealingProblem, goal: Goal) -> Partial:
    if problem.rules.partial == "delay":
        return delay(sealer, goal)
    return cover(sealer, goal)


def units_of(found: Found) -> int:
    """Number of units in a plan, those of sides that do not name them included."""
    return 0 if found.answers is None else cost_of(found.answers, "units")


def lineage_of(problem: SealingProblem) -> dict[str, object]:
    """Where the plan came from, as far as the problem knows."""
    return {
        "network": problem.network.source,
        "network_digest": problem.network.digest,
        "sources": [source.name for source in problem.sources],
        "units": len(problem.units),
    }
