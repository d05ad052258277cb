"""What people ask of a belief: which roads, where to, when at the exits, where to look next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.network.road_network import NO_TERRITORY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.belief.base import Filter
    from stopline.belief.routes import Routes
    from stopline.network.drive_graph import DriveGraph
    from stopline.network.road_network import RoadNetwork


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One destination.

    Attributes:
        name: of the destination.
        probability: that it is the one.
        out: probability that it has got out there already.
        early_s: one in ten who head there arrive before, seconds after now; NaN if not known.
        middle_s: half of them.
        late_s: nine in ten.
    """

    name: str
    probability: float
    out: float
    early_s: float
    middle_s: float
    late_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Observer:
    """One more camera or checkpoint, and what it would tell.

    Attributes:
        section: where.
        forward: which direction passes there most.
        passes: probability that the vehicle passes within the time looked ahead.
        bits: expected information about the destination.
    """

    section: int
    forward: bool
    passes: float
    bits: float


def by_section(belief: Filter) -> NDArray[np.float64]:
    """Probability to be on each section, hidden or not, float64[s]."""
    graph = belief.motion.graph
    own = graph.section >= 0
    return np.bincount(
        graph.section[own], weights=belief.by_arc()[own], minlength=graph.network.sections
    ).astype(np.float64)


def by_territory(network: RoadNetwork, probability: NDArray[np.float64]) -> dict[str, float]:
    """Probability to be in each territory; where the map knows none, under an empty name.

    Args:
        network: the roads.
        probability: to be on each section, float64[s].
    """
    of_tail = network.junction_territory[network.section_tail]
    of_head = network.junction_territory[network.section_head]
    found: dict[str, float] = {}
    for code in np.unique(np.concatenate((of_tail, of_head))):
        half = probability[of_tail == code].sum() + probability[of_head == code].sum()
        name = "" if code == NO_TERRITORY else network.territories[int(code)]
        if half > 0:
            found[name] = float(half / 2)
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def region(probability: NDArray[np.float64], share: float) -> NDArray[np.int64]:
    """The most probable places that together hold a share of the probability inside.

    Places are whole: with or without the last one, whichever sum is nearer to the share; at least
    one.
    """
    order = np.argsort(-probability, kind="stable")
    sums = np.cumsum(probability[order])
    if sums.size == 0 or sums[-1] <= 0:
        return order[:0]
    wanted = share * sums[-1]
    last = int(np.searchsorted(sums, wanted - 1e-12))
    before = float(sums[last - 1]) if last else 0.0
    nearer = last > 0 and wanted - before < sums[last] - wanted
    return order[: last + (not nearer)]


def outlooks(belief: Filter, routes: Routes | None) -> list[Outlook]:
    """Every destination, the most probable first; times from sampled routes, if there are any."""
    probability, out = belief.by_destination(), belief.out()
    found = []
    for number, one in enumerate(belief.motion.destinations):
        times = np.full(3, np.nan)
        if routes is not None and one.exit >= 0:
            ends = routes.end_s[routes.exit == one.exit]
            if ends.size:
                times = np.quantile(ends, (0.1, 0.5, 0.9))
        found.append(
            Outlook(
                name=one.name, probability=float(probability[number]), out=float(out[number]),
                early_s=float(times[0]), middle_s=float(times[1]), late_s=float(times[2]),
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (-one.probability, one.name))


def observers(
    routes: Routes, graph: DriveGraph, *, ahead_s: float, detection: float = 0.9, most: int = 5
) -> list[Observer]:
    """Where one more observer would tell most about where it is heading.

    For each section, Z = "it is seen there within `ahead_s`" and D the destination: the mutual
    information I(Z; D) = H(Z) - H(Z | D) in bits, over sampled routes.
    """
    owner = np.repeat(np.arange(routes.count), np.diff(routes.first))
    soon = (routes.enter_s > 0) & (routes.enter_s <= ahead_s) & (graph.section[routes.arc] >= 0)
    keys = np.unique(owner[soon].astype(np.int64) * graph.arcs + routes.arc[soon])
    route, arc = keys // graph.arcs, keys % graph.arcs
    # An arc may be entered twice by one route; a section by both directions: count routes once.
    pair = np.unique(route * graph.network.sections + graph.section[arc])
    route, section = pair // graph.network.sections, pair % graph.network.sections
    weight = routes.weight
    ends, group = np.unique(routes.exit, return_inverse=True)
    mass = np.bincount(group, weights=weight, minlength=ends.size)
    flat = section * ends.size + group[route]
    used, place = np.unique(section, return_inverse=True)
    if not used.size:
        return []
    table = np.bincount(
        place * ends.size + flat % ends.size, weights=weight[route],
        minlength=used.size * ends.size,
    ).reshape(used.size, ends.size)  # fmt: skip
    passes = table.sum(axis=1)
    seen = detection * table / np.maximum(mass, 1e-300)
    bits = _entropy(detection * passes) - (_entropy(seen) * mass).sum(axis=1)
    forth = np.bincount(
        graph.section[arc], weights=weight[keys // graph.arcs] * (2.0 * graph.forward[arc] - 1),
        minlength=graph.network.sections,
    )  # fmt: skip
    best = np.lexsort((used, -np.round(bits, 9)))[:most]
    return [
        Observer(
            section=int(used[i]), forward=bool(forth[used[i]] >= 0), passes=float(passes[i]),
            bits=max(float(bits[i]), 0.0),
        )
        for i in best
    ]  # fmt: skip


def _entropy(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Entropy of a coin, bits."""
    q = np.clip(p, 1e-12, 1 - 1e-12)
    result: NDArray[np.float64] = -(q * np.log2(q) + (1 - q) * np.log2(1 - q))
    return result
