r"""How the vehicle moves: the model that both filters share, with every symbol bound.

At a junction v the driver who heads for destination d takes arc a with probability

    P(a | v, d)  ~  exp(-(t_a + D_d(head a) - D_d(v)) / mu(v, d)),
    mu(v, d) = max(mu_0, c sqrt(D_d(v) t)),

where t_a is the arc's travel time, D_d(v) the fastest time from v to d, and t the graph's mean
travel time of an arc. This is the link choice of a recursive logit (Fosgerau, Frejinger,
Karlstroem: A link based network route choice model with unrestricted choice set, Transportation
Research B 56, 2013) with the fastest time in place of the expected maximum utility, as in Dial's
assignment (Transportation Research 5, 1971): one search a destination suffices. The noise of the
D / t choices that are left adds up to a spread of about 1.3 c D of the whole way: that is what c
sets, on streets and on trunk roads alike. The driver turns round only where there is no other way.

Each vehicle keeps one speed class s (its travel times are t_a / s). In a step of h seconds a
driving vehicle hides with probability 1 - exp(-h r_hide), a hidden one drives on with
1 - exp(-h r_leave). One that reaches an exit is out; one that reaches a place hides there. At a
watched section that can be seen (a checkpoint) it turns round with probability `turn`, and chooses
another destination.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.errors import BadInput
from stopline.network.search import ArrivalSearch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.network.drive_graph import DriveGraph

_UNREACHED = np.float32(1e9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where the vehicle may be heading.

    Attributes:
        name: for people; a sighting may name it.
        nodes: nodes of the graph, any of which is the destination.
        prior: weight before anything is seen, > 0.
        is_exit: reaching it ends the pursuit; else it hides there.
        exit: number of the exit, -1 if it is none.
    """

    name: str
    nodes: tuple[int, ...]
    prior: float = 1.0
    is_exit: bool = True
    exit: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionRules:
    """The numbers of the motion model.

    Attributes:
        speeds: speed classes, as factors of the graph's speeds, > 0.
        speed_weights: their probabilities.
        tolerance_s: mu_0, seconds of detour that a driver hardly notices.
        tolerance_share: c, spread of whole ways, as a share of their time.
        hide_per_h: how often in an hour a driving vehicle hides.
        leave_per_h: how often in an hour a hidden one drives on.
        hidden_at_start: probability that it stands hidden when first believed in.
        turn: probability that it turns round before a checkpoint that it sees.
        step_s: h, seconds of a step.
    """

    speeds: tuple[float, ...] = (0.75, 0.9, 1.0, 1.15, 1.35)
    speed_weights: tuple[float, ...] = (0.1, 0.2, 0.3, 0.25, 0.15)
    tolerance_s: float = 0.5
    tolerance_share: float = 0.04
    hide_per_h: float = 0.25
    leave_per_h: float = 1.0
    hidden_at_start: float = 0.05
    turn: float = 0.7
    step_s: float = 10.0

    def __post_init__(self) -> None:
        good = len(self.speeds) == len(self.speed_weights) and min(self.speeds) > 0
        if not good or not np.isclose(sum(self.speed_weights), 1.0):
            seen = f"{self.speeds}, {self.speed_weights}"
            raise BadInput.single("speeds", seen, "as many weights, summing to 1")
        if self.step_s <= 0 or self.tolerance_s <= 0:
            raise BadInput.single("step_s, tolerance_s", "0 or less", "numbers > 0")

    @property
    def hide(self) -> float:
        """Probability to hide within a step."""
        return float(-np.expm1(-self.step_s * self.hide_per_h / 3600))

    @property
    def leave(self) -> float:
        """Probability to drive on within a step."""
        return float(-np.expm1(-self.step_s * self.leave_per_h / 3600))


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """The motion model on one graph; n nodes, a arcs, d destinations.

    Attributes:
        graph: what an ordinary driver in a hurry may drive.
        rules: the numbers.
        destinations: where it may be heading.
        left_s: float32[d, n], D_d(v); 1e9 where there is no way.
        reverse: int32[a], the arc of the same section the other way, -1 if it may not be driven.
        prior: float64[d], prior of the destinations, summing to 1.
        noise_s: c^2 t, so that mu = max(mu_0, sqrt(noise_s D)).
    """

    graph: DriveGraph
    rules: MotionRules
    destinations: tuple[Destination, ...]
    left_s: NDArray[np.float32]
    reverse: NDArray[np.int32]
    prior: NDArray[np.float64]
    noise_s: float

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the destinations."""
        return tuple(one.name for one in self.destinations)


def make_motion(
    graph: DriveGraph, destinations: Sequence[Destination], rules: MotionRules | None = None
) -> Motion:
    """Make the model: one reverse search a destination.

    Raises:
        BadInput: there is no destination, or two have one name.
    """
    names = [one.name for one in destinations]
    if not names or len(set(names)) < len(names):
        raise BadInput.single("destinations", ", ".join(names) or "none", "names, each once")
    order = np.argsort(graph.head, kind="stable")
    first_in = np.searchsorted(graph.head[order], np.arange(graph.nodes + 1)).astype(np.int32)
    search = ArrivalSearch(
        first_in, np.ascontiguousarray(graph.tail[order]), np.ascontiguousarray(graph.time_s[order])
    )
    left_s = np.empty((len(names), graph.nodes), dtype=np.float32)
    for number, one in enumerate(destinations):
        found = search.run(one.nodes, np.zeros(len(one.nodes)))
        left_s[number] = np.where(np.isfinite(found.arrival_s), found.arrival_s, _UNREACHED)
    prior = np.array([one.prior for one in destinations], dtype=np.float64)
    rules = rules or MotionRules()
    driven = graph.time_s[np.isfinite(graph.time_s) & (graph.time_s > 0)]
    mean_s = float(driven.mean()) if driven.size else 1.0
    return Motion(
        graph=graph,
        rules=rules,
        destinations=tuple(destinations),
        left_s=left_s,
        reverse=_reverse(graph),
        prior=prior / prior.sum(),
        noise_s=rules.tolerance_share**2 * mean_s,
    )


def _reverse(graph: DriveGraph) -> NDArray[np.int32]:
    """Pair the arcs of each section; loops and turns have none."""
    arcs = np.arange(graph.arcs, dtype=np.int32)
    sections = graph.network.sections
    forth = np.full(sections, -1, dtype=np.int32)
    back = np.full(sections, -1, dtype=np.int32)
    own = graph.section >= 0
    forth[graph.section[own & graph.forward]] = arcs[own & graph.forward]
    back[graph.section[own & ~graph.forward]] = arcs[own & ~graph.forward]
    other = np.where(graph.forward, back[graph.section], forth[graph.section])
    open_ = np.isfinite(graph.time_s) & own & (other >= 0)
    other = np.where(open_, other, -1)
    return np.where((other >= 0) & np.isfinite(graph.time_s[other]), other, -1).astype(np.int32)
