"""Decide sealing for many origins of one vehicle, with the same roads, forces and exits.

For maps of where today's forces could seal: what does not depend on the origin is made once. Only
the verdict is found, with no seals described and nothing explained.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from stopline.sealing.plan import Verdict
from stopline.sealing.search.goal import shut_by
from stopline.sealing.search.objectives import first_goal
from stopline.sealing.search.sealer import Sealer
from stopline.sealing.session import prepare

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from stopline.sealing.problem import SealingProblem, Source
    from stopline.sealing.search.goal import Found
    from stopline.sealing.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginDecision:
    """Whether the vehicle can be sealed in from one origin.

    Attributes:
        origin: where it is, and from when.
        verdict: `sealed`, `impossible`, or `leaking` where time ran out.
        units: units (or strength) of the plan found, 0 without one.
        bound: no sealing plan takes fewer; infinite where there is none.
        closed_s: when each site of the plan is closed, seconds after now, by number of the site;
            empty without a plan. A search with these times says what else the plan seals.
    """

    origin: Source
    verdict: Verdict
    units: int
    bound: float
    closed_s: Mapping[int, float] = field(default_factory=dict)


def plan_many(
    problem: SealingProblem,
    origins: Iterable[Source],
    *,
    limit_s: float = 1.0,
    cheapest: bool = False,
    session: Session | None = None,
) -> Iterator[OriginDecision]:
    """Decide one origin after the other.

    Args:
        problem: roads, vehicle, exits, sites, units and rules; its sources are not used.
        origins: where the vehicle may be; neighbouring ones one after the other are best.
        limit_s: seconds of computing for each.
        cheapest: whether the fewest units are wanted, or any plan will do.
        session: an earlier session of the same problem, to save what has not changed.

    Yields:
        A decision for each origin, in their order.
    """
    goal = replace(first_goal(problem.rules), cheapest=cheapest)
    for origin in origins:
        here = replace(problem, sources=(origin,))
        session = prepare(here, session)
        until = time.perf_counter() + limit_s
        found = Sealer(session.chase, session.sides, problem.sites.need, until).solve(goal)
        verdict = Verdict.LEAKING
        if found.sealed:
            verdict = Verdict.SEALED
        elif found.proven:
            verdict = Verdict.IMPOSSIBLE
        bound = found.bound if found.sealed or found.proven else max(found.bound, 0.0)
        yield OriginDecision(
            origin=origin,
            verdict=verdict,
            units=int(found.cost) if found.sealed else 0,
            bound=float(bound) if np.isfinite(bound) else np.inf,
            closed_s=_closed_s(found, problem),
        )


def _closed_s(found: Found, problem: SealingProblem) -> dict[int, float]:
    """When each site of a plan is closed."""
    margin_s = problem.rules.margin_s
    shut_s = shut_by(found, problem.sites.need, margin_s)
    return {int(row): float(shut_s[row]) - margin_s for row in np.flatnonzero(np.isfinite(shut_s))}
