"""Routes drawn from the belief: each sample drives on to its destination by the motion model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.belief.motion_kernel import HIDES, OUT, drive_on
from stopline.belief.routes import Routes
from stopline.compiled import read_only
from stopline.errors import BadInput

if TYPE_CHECKING:
    from stopline.belief.particle import ParticleFilter

_ROOM: Final = 64  # steps a route, at first


def sample_routes(belief: ParticleFilter, count: int, *, seed: int, most: int = 5000) -> Routes:
    """Draw routes from the belief, all of one weight; what is out already is left out.

    Times are seconds after the belief's moment. A hidden vehicle waits for a time drawn from the
    motion model. The first arc is the one it is on, entered in the past.

    Args:
        belief: the particle filter at its moment.
        count: number of routes.
        seed: of the draw; the same seed gives the same routes.
        most: arcs of one route at most.

    Raises:
        BadInput: it is out for certain, or count is less than one.
    """
    rng = np.random.default_rng(seed)
    inside = belief.weight * (belief.state != OUT)
    if count < 1 or inside.sum() <= 0:
        raise BadInput.single("routes", f"{count} of a vehicle inside", "one or more")
    marks = (np.arange(count) + rng.random()) / count * inside.sum()
    drawn = np.minimum(np.searchsorted(np.cumsum(inside), marks), belief.count - 1)
    rules = belief.motion.rules
    rate = max(rules.leave_per_h / 3600, 1e-9)
    waits = np.where(belief.state[drawn] == HIDES, rng.exponential(1 / rate, count), 0.0)
    graph = belief.motion.graph
    room = _ROOM * count
    while True:
        steps, enter_s = np.empty(room, dtype=np.int32), np.empty(room)
        first, end_s = np.empty(count + 1, dtype=np.int64), np.empty(count)
        chance = np.random.default_rng(seed + 1).integers(0, 1 << 63, count, dtype=np.int64)
        used = drive_on(
            read_only(graph.first_out), read_only(graph.head), read_only(graph.time_s),
            read_only(belief.motion.left_s), read_only(belief.motion.reverse),
            belief.arc[drawn], belief.done_s[drawn], belief.goal[drawn], belief.speed[drawn],
            waits, chance.view(np.uint64), float(rules.tolerance_s),
            float(belief.motion.noise_s), most, steps, enter_s, first, end_s,
        )  # fmt: skip
        if used >= 0:
            break
        room *= 2
    first[count] = used
    goal = belief.goal[drawn]
    last = graph.head[steps[first[1:] - 1]]
    there = belief.motion.left_s[goal, last] <= 0
    exits = np.array([one.exit for one in belief.motion.destinations], dtype=np.int32)
    return Routes(
        first=first,
        arc=steps[:used].copy(),
        enter_s=enter_s[:used].copy(),
        end_s=end_s,
        weight=np.full(count, 1.0 / count),
        exit=np.where(there, exits[goal], -1).astype(np.int32),
    )
