"""When not every road can be closed: what else can be done with the units, side by side.

Each is a plan of the same units, judged by the same odds, so that the officer can choose: what
part of the exits is fully sealed off, what part of the belief is stopped, how late the first escape
can be, with what probability a driver who knows the plan is stopped all the same, and within what
ring the vehicle is contained. Combine does what officers do in life: most of the belief is stopped
near by, a ring farther out if the units left can hold one, and the rest stays in reserve.
"""

from __future__ import annotations

import dataclasses
import math
import time
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.interdiction.game import randomise
from stopline.interdiction.incidence import Meetings
from stopline.interdiction.intercept import best_plan
from stopline.planning.interdiction import Interdiction
from stopline.rendering.time_text import Clock, span
from stopline.sealing.assessment import assess_orders
from stopline.sealing.containment import contain
from stopline.sealing.plan import Verdict
from stopline.sealing.planner import make_plan
from stopline.sealing.search.objectives import first_goal
from stopline.sealing.search.price_search import PriceSearch
from stopline.sealing.search.sealer import Sealer
from stopline.sealing.wording import PART_OF_RING, count
from stopline.sealing.wording import share as in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import tzinfo

    from stopline.belief.routes import Routes
    from stopline.interdiction.interception import Interception
    from stopline.interdiction.strategy import Draw, Strategy
    from stopline.sealing.containment import Containment
    from stopline.sealing.plan import BelievedOdds, Plan, Seal
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.session import Session

    Progress = Callable[[str, float], None]

NAMES: Final = ("combine", "contain", "cover", "intercept", "delay", "randomise")
COLUMNS: Final = (
    "choice", "exits_sealed", "belief_stopped", "first_escape", "assured", "units", "contained",
)  # fmt: skip
_SHARE: Final = 4.0  # of the time limit, for each
_LONGEST_S: Final = 5.0
_SHORTEST_S: Final = 0.05
_SHARE_OF_BOUND: Final = 0.3  # of the time for a mixture, for what no mixture exceeds
_NOTHING: Final = 1e-6
_AS_GOOD: Final = 0.005  # of the belief: the screen rounds it away, and so does a sample of routes
_BY_BELIEF: Final = frozenset({"combine", "intercept"})
_BY_ROUTES: Final = _BY_BELIEF | {"randomise"}
_SHARE_OF_BEST: Final = 3.0  # of the time that is left, for what stops most of the belief


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to use the units.

    Attributes:
        name: `combine`, `contain`, `cover`, `intercept`, `delay` or `randomise`.
        plan: its seals; of randomise, those drawn.
        exits: part of the exits, by weight, that is fully sealed off.
        stopped: probability, by the belief, that the vehicle is stopped; of randomise, over all
            draws; NaN without a belief.
        escape_s: earliest possible escape, seconds after "now"; of randomise, of the plan drawn.
        assured: probability that a driver is stopped who knows the plan (or the strategy, but not
            the draw).
        bound: no plan of this kind does better in what it aims at.
        units: ids of all units, in the order of the strategy.
        strategy: of randomise, the mixture.
        draw: of randomise, the draw.
        ring: of combine and contain, the area in which the vehicle is contained, if there is one.
        no_ring: of combine, the area that lacks fewest units where all units can hold none.
        reserve: of combine, ids of the units that are left.
        believed: what its seals stop of the belief, route by route; None without a belief.
    """

    name: str
    plan: Plan
    exits: float
    stopped: float
    escape_s: float
    assured: float
    bound: float
    units: tuple[str, ...]
    strategy: Strategy | None = None
    draw: Draw | None = None
    ring: Containment | None = None
    no_ring: Containment | None = None
    reserve: tuple[str, ...] = ()
    believed: BelievedOdds | None = None


def all_choices(
    problem: SealingProblem,
    routes: Routes | None,
    *,
    seed: int,
    sealed: Plan | None = None,
    names: Sequence[str] = NAMES,
    limit_s: float | None = None,
    until: float = math.inf,
    progress: Progress | None = None,
) -> tuple[Choice, ...]:
    """Make the choices.

    Args:
        problem: what is asked, with its time limit.
        routes: sampled from the belief, on the roads of the problem; None if there is none.
        seed: of the draw.
        sealed: a partial plan made already, to take for its own choice.
        names: which of them.
        limit_s: seconds of computing for each; a quarter of the problem's limit, five at most, if
            None.
        until: `time.perf_counter()` by which all must be made; each gets its part of what is left.
        progress: told what is being done.
    """
    shared_s = min(problem.rules.time_limit_s / _SHARE, _LONGEST_S)
    longest_s = shared_s if limit_s is None else limit_s
    rules = dataclasses.replace(problem.rules, time_limit_s=longest_s)
    problem = dataclasses.replace(problem, rules=rules)
    frame = Interdiction.of(problem)
    met = None if routes is None else Meetings.of(routes, frame.means)
    best = None
    if routes is not None and met is not None and _BY_ROUTES.intersection(names):
        limit_s = max(min(longest_s, (until - time.perf_counter()) / _SHARE_OF_BEST), _SHORTEST_S)
        best = best_plan(met, routes.weight, frame.means, time_limit_s=limit_s)
    made: dict[str, Choice] = {}
    ring: Containment | None = None
    beyond_s = 0.0  # its limit: what one choice took at most, as judging it takes time, too
    for number, name in enumerate(sorted(names, key=_made_late)):
        began = time.perf_counter()
        if progress is not None:
            progress(f"choice: {name}", number / len(names))
        left_s = (until - began) / (len(names) - number) - beyond_s
        limit_s = max(min(longest_s, left_s), _SHORTEST_S)
        if sealed is not None and sealed.choice == name:
            made[name] = _judged(name, sealed, frame, routes, met)
        elif name in {"cover", "delay"}:
            asked = dataclasses.replace(rules, partial=name, time_limit_s=limit_s)
            plan = make_plan(dataclasses.replace(problem, rules=asked), session=frame.session)
            made[name] = _judged(name, plan, frame, routes, met)
        elif name == "contain":
            ring = contain(frame.problem, session=frame.session, limit_s=limit_s)
            made.update((one.name, one) for one in _held_rings(frame, routes, met, ring))
        elif name == "randomise":
            made[name] = _randomise(frame, routes, met, seed, limit_s, best)
        elif routes is not None and met is not None and best is not None:
            most = made.get("intercept") or _intercept(frame, routes, met, best)
            if name == "combine":
                limit_s = max(limit_s - (time.perf_counter() - began), _SHORTEST_S)
                others = [one.plan for one in made.values()] + ([sealed] if sealed else [])
                most = _combine(frame, routes, met, most, limit_s, others)
                most = dataclasses.replace(most, no_ring=None if most.ring else ring)
            made[name] = most
        beyond_s = max(beyond_s, time.perf_counter() - began - limit_s)
    return tuple(made[name] for name in names if name in made)


def _made_late(name: str) -> int:
    """Whether a choice looks at the others first, so as not to be beaten by one of them."""
    return ("intercept", "combine").index(name) + 1 if name in {"intercept", "combine"} else 0


def _intercept(frame: Interdiction, routes: Routes, met: Meetings, best: Interception) -> Choice:
    orders = frame.orders(frame.needed(best.site_of, routes, met))
    choice = _intercepting(frame, routes, met, orders)
    return dataclasses.replace(choice, stopped=best.value, bound=best.bound)


def _intercepting(
    frame: Interdiction, routes: Routes, met: Meetings, orders: dict[str, int]
) -> Choice:
    """Orders judged by what each stops of the belief."""
    plan = _plan_of(frame, orders, "intercept")
    plan = dataclasses.replace(
        plan, seals=tuple(_with_share(seal, frame, routes, met) for seal in plan.seals)
    )
    return _judged("intercept", plan, frame, routes, met)


def _held_rings(
    frame: Interdiction, routes: Routes | None, met: Meetings | None, ring: Containment | None
) -> list[Choice]:
    """The smallest ring as a choice, if it can be held."""
    if ring is None or ring.plan is None:
        return []
    orders = frame.orders_of(ring.plan)
    plan = _with_purposes(_plan_of(frame, orders, "contain"), set(orders), ring)
    return [dataclasses.replace(_judged("contain", plan, frame, routes, met), ring=ring)]


def _combine(
    frame: Interdiction,
    routes: Routes,
    met: Meetings,
    most: Choice,
    limit_s: float,
    others: Sequence[Plan],
) -> Choice:
    """Stop most of the belief, hold a ring with the units left if they can, name the reserve.

    Other plans that stop as much of the belief, as far as a sample of routes can tell, are tried
    too: of combinations of equal worth the one is taken from which the vehicle escapes last.
    """
    first = [most, *(_intercepting(frame, routes, met, frame.orders_of(one)) for one in others)]
    first = [one for one in first if one.stopped >= most.stopped - _AS_GOOD]
    distinct = list({_orders_key(one.plan): one for one in reversed(first)}.values())[::-1]
    until, made = time.perf_counter() + limit_s, list[Choice]()
    for number, one in enumerate(distinct):
        left_s = (until - time.perf_counter()) / (len(distinct) - number)
        if number and left_s <= 0:
            break
        made.append(_with_ring(frame, routes, met, one, max(left_s, _SHORTEST_S)))
    best = max(
        made,
        key=lambda one: (one.ring is not None, one.escape_s, one.stopped, len(one.reserve)),
    )
    return dataclasses.replace(best, bound=most.bound)


def _orders_key(plan: Plan) -> tuple[tuple[str, str, int], ...]:
    """Which unit holds which site."""
    return tuple(
        sorted(
            (holder.unit, str(seal.site.kind), seal.site.index)
            for seal in plan.seals
            for holder in seal.holders
        )
    )


def _with_ring(
    frame: Interdiction, routes: Routes, met: Meetings, first: Choice, limit_s: float
) -> Choice:
    """Seals near by, with a ring of the units left where they can hold one."""
    near_by = frame.orders_of(first.plan)
    shares = {holder.unit: seal.why for seal in first.plan.seals for holder in seal.holders}
    ring, held = None, dict[str, int]()
    problem = _without(frame.problem, set(near_by))
    if problem.units:
        found = contain(problem, session=frame.session, limit_s=limit_s)
        if found is not None and found.plan is not None:
            ring, held = found, frame.orders_of(found.plan)
    plan = _plan_of(frame, {**near_by, **held}, "combine")
    seals = tuple(
        dataclasses.replace(
            seal, why=next((shares[h.unit] for h in seal.holders if h.unit in shares), seal.why)
        )
        for seal in plan.seals
    )
    plan = _with_purposes(dataclasses.replace(plan, seals=seals), set(held), ring)
    choice = _judged("combine", plan, frame, routes, met)
    used = {holder.unit for seal in plan.seals for holder in seal.holders}
    return dataclasses.replace(
        choice,
        stopped=max(choice.stopped, first.stopped),
        ring=ring,
        reserve=tuple(sorted(unit.id for unit in frame.problem.units if unit.id not in used)),
    )


def _without(problem: SealingProblem, units: set[str]) -> SealingProblem:
    """A problem without some of its units."""
    kept = [number for number, unit in enumerate(problem.units) if unit.id not in units]
    places = problem.unit_places
    return dataclasses.replace(
        problem,
        units=tuple(problem.units[number] for number in kept),
        unit_places=None if places is None else tuple(places[number] for number in kept),
    )


def _with_purposes(plan: Plan, ring_units: set[str], ring: Containment | None) -> Plan:
    """Let the seals of a ring say that they are of the ring."""
    if ring is None:
        return plan
    seals = tuple(
        dataclasses.replace(seal, why=f"{PART_OF_RING} {within(ring)}")
        if any(holder.unit in ring_units for holder in seal.holders)
        else seal
        for seal in plan.seals
    )
    return dataclasses.replace(plan, seals=seals)


def within(ring: Containment) -> str:
    """How far a ring reaches, in words."""
    if math.isnan(ring.within_m):
        return f"reached {span(ring.edge_s, sign=True)}"
    return f"within {max(ring.within_m, 100.0) / 1000:.1f} km"


def _randomise(
    frame: Interdiction,
    routes: Routes | None,
    met: Meetings | None,
    seed: int,
    limit_s: float,
    best: Interception | None,
) -> Choice:
    until = time.perf_counter() + limit_s
    most = assured_at_most(frame.problem, frame.session, limit_s * _SHARE_OF_BOUND)
    left_s = max(until - time.perf_counter(), _SHORTEST_S)
    strategy = randomise(frame.escape(), frame.means, time_limit_s=left_s)
    strategy = dataclasses.replace(strategy, bound=max(strategy.value, min(strategy.bound, most)))
    if strategy.value <= _NOTHING and best is not None:
        # No strategy assures anything, so the one that stops most of the belief assures as much.
        strategy = dataclasses.replace(
            strategy, site_of=best.site_of[None], chance=np.ones(1), value=0.0
        )
    draw = strategy.draw(seed)
    plan = _plan_of(frame, frame.orders(strategy.site_of[draw.plan]), "randomise")
    choice = _judged("randomise", plan, frame, routes, met)
    stopped = choice.stopped
    if routes is not None and met is not None:
        stopped = sum(
            float(chance) * float(routes.weight[met.stopped(frame.means.shut_s(site_of))].sum())
            for chance, site_of in zip(strategy.chance, strategy.site_of, strict=True)
        )
    return dataclasses.replace(
        choice, stopped=stopped, assured=strategy.value, bound=strategy.bound,
        strategy=strategy, draw=draw,
    )  # fmt: skip


def assured_at_most(problem: SealingProblem, session: Session, limit_s: float) -> float:
    """No mixture of plans stops a driver who knows it with more than this chance."""
    sealer = Sealer(session.chase, session.sides, problem.sites.need)
    times = sealer.times()
    if times is None or not times.units:
        return 1.0
    search = PriceSearch(sealer, times, first_goal(problem.rules))
    return search.assured_at_most(time.perf_counter() + limit_s)


def _with_share(seal: Seal, frame: Interdiction, routes: Routes, met: Meetings) -> Seal:
    """A seal that says how much of the belief it stops by itself."""
    orders = {holder.unit: frame.number_of(seal) for holder in seal.holders}
    shut_s = frame.means.shut_s(frame.site_of(orders))
    share = float(routes.weight[met.stopped(shut_s)].sum())
    return dataclasses.replace(seal, why=f"stops {in_words(share)} of what is believed by itself")


def _plan_of(frame: Interdiction, orders: dict[str, int], name: str) -> Plan:
    """The plan that orders make: its seals, and what it leaves open."""
    plan = assess_orders(frame.problem, orders, session=frame.session, advise=False)
    used = [seal for seal in plan.seals if not math.isinf(seal.closed_at_s)]
    return dataclasses.replace(plan, choice=name, missing="", seals=tuple(used))


def _judged(
    name: str, plan: Plan, frame: Interdiction, routes: Routes | None, met: Meetings | None
) -> Choice:
    weights: dict[str, float] = {}
    for one in frame.problem.exits:
        weights[one.name] = max(weights.get(one.name, 0.0), one.weight)
    shut = math.fsum(weights[name] for name in set(plan.sealed_exits) if name in weights)
    tight = plan.verdict == Verdict.SEALED
    stopped, believed = math.nan, None
    if routes is not None and met is not None:
        stopped = frame.stopped(routes, met, plan)
        if name in _BY_BELIEF:
            believed = frame.believed(routes, met, plan)
    return Choice(
        name=name,
        plan=plan,
        exits=shut / sum(weights.values()),
        stopped=stopped,
        escape_s=min((route.arrival_s for route in plan.open_routes), default=math.inf),
        assured=1.0 if tight else 0.0,
        bound=math.nan,
        units=frame.units,
        believed=believed,
    )


def choice_rows(choices: Sequence[Choice], now_utc_s: float, zone: tzinfo) -> list[tuple[str, ...]]:
    """Rows of the table, in the order of `COLUMNS`."""
    clock = Clock(now_utc_s, zone)
    return [
        (
            one.name,
            f"{one.exits:.0%}",
            "-" if math.isnan(one.stopped) else f"{one.stopped:.0%}",
            f"{clock.minute(one.escape_s)} ({span(one.escape_s, sign=True)})"
            if math.isfinite(one.escape_s)
            else "never",
            f"{one.assured:.0%}",
            str(one.plan.units_used),
            _contained(one, clock),
        )
        for one in choices
    ]


def _contained(choice: Choice, clock: Clock) -> str:
    ring = choice.ring
    if ring is None:
        return "-"
    return f"{within(ring)} from {clock.minute(ring.from_s)}" if ring.plan else "-"


def chosen_plan(main: Plan, choice: Choice, zone: tzinfo = UTC) -> Plan:
    """The main plan, with verdict and proof, but with the seals of another choice."""
    with_units = f"with {choice.plan.units_used} units"
    if choice.name in {"combine", "contain"}:
        done = _combined_words(choice, Clock(main.now_utc_s, zone))
    elif choice.name == "intercept":
        odds = in_words(choice.stopped)
        done = f"these orders stop the vehicle with {odds} by the belief, {with_units}"
    else:
        done = (
            "drawn at random from a strategy that stops whoever knows it with "
            f"{in_words(choice.assured)}, {with_units}"
        )
    head = "Impossible to seal: no plan of these units stops every route"
    if main.verdict != Verdict.IMPOSSIBLE:
        head = "Leaking: no sealing plan was found in the time given, nor shown impossible"
    chosen = choice.plan
    return dataclasses.replace(
        main,
        sentence=f"{head}; {done}.",
        seals=chosen.seals,
        units_used=chosen.units_used,
        margin_s=chosen.margin_s,
        choice=choice.name,
        open_routes=chosen.open_routes,
        sealed_exits=chosen.sealed_exits,
        open_exits=chosen.open_exits,
        needed_none=chosen.needed_none,
        believed=choice.believed,
    )


def _combined_words(choice: Choice, clock: Clock) -> str:
    """What a combination does: the first line of the sheet."""
    ring = choice.ring
    held = 0 if ring is None or ring.plan is None else ring.plan.units_used
    words = []
    if choice.name == "combine":
        near_by = choice.plan.units_used - held
        words.append(
            f"these orders stop the vehicle with {in_words(choice.stopped)} by the belief, "
            f"with {count(near_by, 'unit')}"
        )
    if ring is not None and ring.plan is not None:
        from_when = f" from {clock.minute(ring.from_s)}" if math.isfinite(ring.from_s) else ""
        words.append(f"contained {within(ring)}{from_when}, with {count(held, 'unit')}")
    elif choice.name == "combine":
        words.append(_no_ring_words(choice.no_ring))
    if choice.reserve:
        words.append(f"{count(len(choice.reserve), 'unit')} in reserve")
    return "; ".join(words)


def asked_in_vain(wanted: str, plan: Plan, made: Sequence[Choice]) -> Plan:
    """The plan, saying so where what was asked for could not be made and another stands in it."""
    if wanted == plan.choice or any(one.name == wanted for one in made):
        return plan
    why = "nothing says where it is heading"
    if wanted == "contain":
        why = _no_ring_words(next((one.no_ring for one in made if one.no_ring), None))
    told = f"{wanted} was asked for, but {why}: this is {plan.choice}"
    return dataclasses.replace(plan, sentence=f"{plan.sentence.removesuffix('.')}; {told}.")


def _no_ring_words(lacking: Containment | None) -> str:
    """Why there is no ring, and which one lacks fewest units, as far as that is known."""
    if lacking is None or not (lacking.missing or lacking.too_late):
        return "the units left can hold no ring"
    there = count(len(lacking.problem.units), "unit")
    if lacking.too_late:
        return f"{there} can hold no ring: of those tried, each can be left before they are there"
    return (
        f"{there} can hold no ring; the one {within(lacking)} lacks fewest: it needs at least "
        f"{lacking.needed}, so {lacking.missing} more"
    )
