"""Lazy greedy: a plan at once, with what it assures and a bound on every plan.

Stopped probability is monotone and submodular in the set of (unit, site) pairs that each close
their site alone, and "one site for each unit" is a partition matroid. Greedy then stops at least
half of the best (Fisher, Nemhauser, Wolsey 1978), and 1 - (1 - 1/k)^k of it if all k units are
alike (Nemhauser, Wolsey, Fisher 1978). Where a site needs several units, neither holds, and none
is claimed. The bound holds always: no plan stops more than this one and the best further gain of
every unit, each taken as if it closed its site alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.interdiction.greedy_kernel import exchange, gains, lazy_greedy
from stopline.interdiction.incidence import Meetings, incidence
from stopline.interdiction.interception import Interception, interception

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.belief.routes import Routes
    from stopline.interdiction.incidence import Incidence
    from stopline.interdiction.means import Means

_ROUNDS = 20
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Start:
    """A plan by types of units.

    Attributes:
        held: int32[t, s], how many units of each type hold each site.
        value: weight of the patterns it stops.
        bound: no plan stops more.
        guarantee: the part of the best that greedy alone assures, 0 where it assures nothing.
    """

    held: NDArray[np.int32]
    value: float
    bound: float
    guarantee: float


def greedy(routes: Routes, means: Means, *, exchanges: bool = True) -> Interception:
    """Choose seals by lazy greedy, then move single units while that stops more."""
    met = Meetings.of(routes, means)
    made = incidence(met, routes.weight, means)
    start = greedy_start(made, exchanges=exchanges)
    return interception(
        start.held,
        made,
        met,
        routes.weight,
        means,
        bound=start.bound,
        guarantee=start.guarantee,
    )


def greedy_start(made: Incidence, *, exchanges: bool = True) -> Start:
    """Run the greedy on an incidence."""
    count = np.array([units.shape[0] for units in made.units], dtype=np.int32)
    held = np.zeros(made.pair.shape, dtype=np.int32)
    total = float(made.weight.sum())
    if not made.patterns:
        return Start(held, 0.0, 0.0, 1.0)
    by_gate = np.argsort(made.gate, kind="stable")
    row = np.repeat(np.arange(made.patterns, dtype=np.int32), np.diff(made.first))
    pattern_of = row[by_gate]
    gates = int(made.gate_first[-1])
    gate_at = np.searchsorted(made.gate[by_gate], np.arange(gates + 1)).astype(np.int64)
    ends = np.broadcast_to(gate_at[made.gate_first[1:]], made.pair.shape)
    span = np.ascontiguousarray(np.stack((gate_at[made.unit_gate], ends), axis=2))
    times = np.zeros(made.patterns, dtype=np.int32)
    free = count.copy()
    lazy_greedy(
        span,
        pattern_of,
        made.weight,
        gate_at,
        made.gate_first,
        made.need,
        made.strength,
        made.unit_gate,
        made.pair,
        made.alone,
        free,
        times,
        held,
    )
    value = float(made.weight[times > 0].sum())
    guarantee = _guarantee(made, count)
    limit = value / guarantee if guarantee > 0 else total
    if exchanges:
        exchange(span, pattern_of, made.weight, made.pair, made.alone, times, held, _ROUNDS)
    value = float(made.weight[times > 0].sum())
    more = np.zeros(made.pair.shape)
    gains(span, pattern_of, made.weight, made.pair, times, more)
    further = sum(
        float(np.sort(more[kind])[::-1][: count[kind]].sum()) for kind in range(count.shape[0])
    )
    return Start(held, value, min(total, limit, value + further), guarantee)


def _guarantee(made: Incidence, count: NDArray[np.int32]) -> float:
    if not made.simple:
        return 0.0
    if count.shape[0] == 1:
        return float(1.0 - (1.0 - 1.0 / count[0]) ** count[0])
    return _HALF
