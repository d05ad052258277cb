"""When sealing is impossible: delay the first escape the longest."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.search.goal import Found, Goal, nothing

if TYPE_CHECKING:
    from stopline.sealing.search.sealer import Sealer

_RESOLUTION_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Partial:
    """A plan that does not seal everything.

    Attributes:
        plan: the seals; none of them if nothing helps.
        value: weight of the exits it keeps shut (cover), or first escape in s (delay).
        bound: no plan does better.
    """

    plan: Found
    value: float
    bound: float


def delay(sealer: Sealer, goal: Goal) -> Partial:
    """Make the first escape as late as possible.

    Args:
        sealer: chase and sides.
        goal: margin and cost that hold for every seal.
    """
    core = sealer.core(goal)
    low = float(sealer.free.at_s[sealer.chase.way_out])
    high = float(core.at_s[sealer.chase.way_out])
    best = nothing(())
    finish = sealer.until
    while high - low > _RESOLUTION_S and time.perf_counter() < finish:
        middle = (low + high) / 2 if np.isfinite(high) else low + 600.0
        # Half of what is left for each question, so that one hard one does not take it all.
        sealer.until = time.perf_counter() + (finish - time.perf_counter()) / 2
        found = sealer.solve(replace(goal, horizon_s=middle, cheapest=False))
        if found.sealed:
            best, low = found, middle
        elif found.proven:
            high = middle
        else:
            break
    sealer.until = finish
    return Partial(best, low, high)
