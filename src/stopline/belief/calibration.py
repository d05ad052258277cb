r"""The belief as it is told, calibrated against drivers that are not of the motion model.

Drivers do what no model says. So what is told is not what the filter holds, p(s) for each section
and p(out) for being out, but

    (1 - e) P p(s)^a / Z + e u(s)   and   (1 - e) p(out) + e u(out),

P the filter's probability that it is inside, Z the sum of p(s)^a; u knows nothing but what the
worst case can have reached since the vehicle was last seen: metres of road alike, and each exit
among it as much as `EXIT` of all these roads. So a > 1 is surer of itself, and e leaves room for
the rest.

How a and e were chosen, and what they score on other pursuits: docs/benchmarks-pursuit.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from stopline.belief.answers import by_section
from stopline.network.drive_graph import drive_graph
from stopline.network.search import ArrivalSearch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.belief.tracker import Track
    from stopline.network.drive_graph import Vehicle

SHARPNESS: Final = 1.15
"""a, the power of the filter's own belief."""
DOUBT: Final = 0.15
"""e, the weight of the worst case."""
EXIT: Final = 0.02
"""How much an exit counts beside all roads that can have been reached."""


class Calibrated(NamedTuple):
    """A belief as it is told.

    Attributes:
        sections: probability to be on each section, hidden or not, float64[s].
        out: probability to be out; all sum to 1.
    """

    sections: NDArray[np.float64]
    out: float


def calibrated(
    found: Track, worst: Vehicle, *, sharpness: float = SHARPNESS, doubt: float = DOUBT
) -> Calibrated:
    """Calibrate a belief.

    Args:
        found: the belief at a moment.
        worst: the fastest and freest that the vehicle may be.
        sharpness: a, the power of the filter's own belief.
        doubt: e, the weight of what the worst case can have reached.
    """
    plain, out = by_section(found.belief), float(found.belief.out().sum())
    metres, exits = _reached(found, worst)
    tiny = float(np.finfo(np.float64).tiny)
    sharp = plain**sharpness
    own = plain.sum() / max(sharp.sum(), tiny) * sharp
    beyond = EXIT * exits / (1 + EXIT * exits)
    anywhere = (1 - beyond) / max(metres.sum(), tiny) * metres
    return Calibrated((1 - doubt) * own + doubt * anywhere, (1 - doubt) * out + doubt * beyond)


def _reached(found: Track, worst: Vehicle) -> tuple[NDArray[np.float64], int]:
    """What the worst case can have reached since it was seen: metres by section, and exits."""
    motion = found.belief.motion
    network, now_s = motion.graph.network, found.belief.time_s
    graph = drive_graph(network, worst)
    ends = np.unique((network.section_tail[found.seen_on], network.section_head[found.seen_on]))
    nodes = np.flatnonzero(np.isin(graph.junction, ends))
    search = ArrivalSearch(graph.first_out, graph.head, graph.time_s)
    found_s = search.run(nodes, np.full(nodes.size, found.seen_s), horizon_s=now_s).arrival_s
    driven = (graph.section >= 0) & np.isfinite(graph.time_s) & (found_s[graph.tail] <= now_s)
    metres = np.zeros(network.sections)
    for reached in (graph.section[driven], found.seen_on):
        metres[reached] = network.section_length_m[reached]
    there = set(graph.junction[found_s <= now_s].tolist())
    exits = [one.nodes for one in motion.destinations if one.is_exit]
    return metres, sum(
        bool(there & {int(motion.graph.junction[n]) for n in ends}) for ends in exits
    )
