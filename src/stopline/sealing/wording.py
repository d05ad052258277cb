"""What a plan says of itself, in plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.plan import Plan, Verdict

if TYPE_CHECKING:
    from stopline.sealing.plan import ProofStep
    from stopline.sealing.problem import SealingProblem

ASSESS: Final = "assess"


def sentence_for(plan: Plan) -> str:
    """The verdict in one plain sentence."""
    if plan.choice == ASSESS:
        return _assessed_sentence(plan)
    if plan.verdict is Verdict.SEALED:
        return _sealed_sentence(plan)
    done = _partial_sentence(plan)
    if plan.verdict is Verdict.IMPOSSIBLE:
        whose = "of these units" if plan.joint is None else "of both sides"
        if plan.joint is not None and not plan.joint.answered:
            whose = f"of our units and what {plan.joint.side} is committed to"
        return f"Impossible to seal: no plan {whose} stops every route; {done}."
    return f"Leaking: no sealing plan was found in the time given, nor shown impossible; {done}."


def margin_first(plan: Plan) -> bool:
    """Whether units were saved only as far as the margin stayed as wide."""
    order = plan.objective
    return "margin" in order and "units" in order and order.index("margin") < order.index("units")


def _sealed_sentence(plan: Plan) -> str:
    seals, units = len(plan.seals), plan.units_used
    margin = (
        f"the tightest {duration(plan.margin_s)} before the vehicle can arrive"
        if np.isfinite(plan.margin_s)
        else "all before the vehicle can arrive"
    )
    if not plan.seals:
        return "Sealed: no road leads from the vehicle to an exit."
    keep = " keep that margin" if margin_first(plan) else ""
    best = ""
    if "units" in plan.objective:
        best = (
            f"; fewer units cannot{keep}"
            if plan.gap == 0 and plan.proven
            else f"; at least {plan.lower_bound} units are needed"
        )
    return (
        f"Sealed: {count(seals, 'seal')} held by {count(units, 'unit')} "
        f"stop every route, {margin}{best}."
    )


def _assessed_sentence(plan: Plan) -> str:
    held = f"{count(len(plan.seals), 'seal')} held by {count(plan.units_used, 'unit')}"
    if plan.verdict is Verdict.SEALED:
        timely = [s.margin_s for s in plan.seals if s.margin_s >= plan.required_margin_s]
        margin_s = min(timely, default=np.inf)
        margin = (
            f", the tightest {duration(margin_s)} before the vehicle can arrive"
            if np.isfinite(margin_s)
            else ""
        )
        return f"Sealed by these orders: {held} stop every route{margin}."
    total = len(plan.sealed_exits) + len(plan.open_exits)
    first = min(plan.open_routes, key=lambda route: route.arrival_s)
    return (
        f"Leaking: these orders ({held}) leave {len(plan.open_exits)} of {count(total, 'exit')} "
        f"open; the vehicle can be out at {first.exit} {duration(first.arrival_s)} after now."
    )


def _partial_sentence(plan: Plan) -> str:
    if plan.choice == "delay":
        first = min((route.arrival_s for route in plan.open_routes), default=np.inf)
        late = duration(first) if np.isfinite(first) else "never"
        return f"with {count(plan.units_used, 'unit')} the first escape is delayed to {late}"
    total = len(plan.sealed_exits) + len(plan.open_exits)
    return (
        f"the best plan seals off {len(plan.sealed_exits)} of {count(total, 'exit')} "
        f"with {count(plan.units_used, 'unit')}"
    )


def missing_units(problem: SealingProblem, steps: tuple[ProofStep, ...]) -> str:
    """What would be needed to seal, as far as the proof tells."""
    if not steps:
        return ""
    hopeless = [step for step in steps if not step.stoppable_by]
    if hopeless:
        route = hopeless[0].route
        return (
            f"a unit that can hold a site on the route to {route.exit} before the vehicle passes "
            f"(it is there {duration(route.arrival_s)} after now), or earlier orders"
        )
    units = {unit for step in steps for unit, _ in step.stoppable_by}
    return (
        f"more units in time: {count(len(steps), 'route')} compete for "
        f"{count(len(units), 'unit')} of {len(problem.units)}"
    )


def count(number: int, noun: str) -> str:
    """A number with its noun: `1 seal`, `2 seals`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: float) -> str:
    """Minutes and seconds, or hours and minutes."""
    sign, total = ("-" if seconds < 0 else ""), round(abs(seconds))
    hours, rest = divmod(total, 3600)
    minutes, seconds_left = divmod(rest, 60)
    if hours:
        return f"{sign}{hours} h {minutes:02d} min"
    return f"{sign}{minutes} min {seconds_left:02d} s"
