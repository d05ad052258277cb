"""The belief as weighted samples: the filter for the day.

A bootstrap filter (Gordon, Salmond, Smith, IEE Proceedings F 140, 1993) with systematic
resampling when the effective number of samples falls below half. Where a report finds next to no
sample near its place, the filter does not go on with accidents: it says so, and puts the share of
samples that the report's grade is worth where it says, if that can be reached at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.belief.base import Effect
from stopline.belief.likelihood import (
    arcs_of,
    heading_likelihood,
    likelihood,
    peak_density,
    region_of,
    spot_of,
    true_density,
)
from stopline.belief.motion_kernel import DRIVES, HIDES, OUT, step
from stopline.belief.placing import place_on_arcs
from stopline.belief.sightings import truth_of
from stopline.compiled import read_only
from stopline.network.search import ArrivalSearch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.belief.likelihood import Spot
    from stopline.belief.motion import Motion
    from stopline.belief.sightings import Heading, Positive, Silence

_FAR: Final = 1e8  # no way, seconds
_SPREAD_S: Final = 60.0  # least spread of a whole way
_FEW: Final = 25  # samples right on the spot, or as much further off; fewer are accidents


class ParticleFilter:
    """A filter of weighted samples; p samples.

    Args:
        motion: the motion model.
        count: number of samples.
        seed: of all chance.

    Attributes:
        arc: int32[p], where each is (of those that are out: where they left).
        done_s: float64[p], how far along it, in seconds of its travel time.
        goal: int32[p], destination.
        speed: float64[p], its speed class as a factor.
        state: uint8[p], drives, hides or is out.
        out_s: float64[p], when it got out.
        weight: float64[p], summing to 1.
    """

    def __init__(self, motion: Motion, *, count: int = 20_000, seed: int = 1) -> None:
        self.motion = motion
        self.seed = seed
        self.time_s = 0.0
        self.region = region_of(motion)
        self._rng = np.random.default_rng(seed)
        self._chance = self._rng.integers(0, 1 << 63, count, dtype=np.int64).view(np.uint64)
        self._begun: tuple[NDArray[np.int32], float] | None = None
        self._reach: NDArray[np.float64] | None = None
        arcs = motion.graph.arcs
        self._log_missed, self._expected = np.zeros(arcs), np.zeros(arcs)
        self._seen_from = np.zeros(arcs, dtype=np.uint8)
        self._is_end = np.array([one.is_exit for one in motion.destinations], dtype=np.uint8)
        self.arc = np.zeros(count, dtype=np.int32)
        self.done_s, self.speed = np.zeros(count), np.ones(count)
        self.goal = np.zeros(count, dtype=np.int32)
        self.state = np.zeros(count, dtype=np.uint8)
        self.out_s = np.full(count, np.nan)
        self.weight = np.full(count, 1.0 / count)

    @property
    def count(self) -> int:
        """Number of samples."""
        return int(self.arc.shape[0])

    @property
    def effective(self) -> float:
        """Effective number of samples, 1 / sum of squared weights."""
        return float(1.0 / np.sum(self.weight**2))

    def begin(self, first: Positive) -> None:
        """Believe a first sighting."""
        self.time_s = first.at_s
        spot = spot_of(first, self.motion, self.region)
        self._put(np.arange(self.count), first, spot, np.inf)
        hides = self._rng.random(self.count) < self.motion.rules.hidden_at_start
        self.state[:] = np.where(hides, HIDES, DRIVES)
        self.weight[:] = 1.0 / self.count
        heads = np.unique(self.motion.graph.tail[self.arc])
        self._begun, self._reach = (heads.astype(np.int32), first.at_s), None

    def advance(self, span_s: float, silences: Sequence[Silence]) -> list[Effect]:
        """Let time pass; absence counts: what had passed a watched section weighs less."""
        motion, rules, graph = self.motion, self.motion.rules, self.motion.graph
        watched = self._watch(silences, span_s)
        log_weight = np.zeros(self.count)
        hide = -np.expm1(-span_s * rules.hide_per_h / 3600)
        leave = -np.expm1(-span_s * rules.leave_per_h / 3600)
        step(
            read_only(graph.first_out), read_only(graph.head), read_only(graph.time_s),
            read_only(motion.left_s), read_only(motion.reverse), self._is_end, self.arc,
            self.done_s, self.goal, self.speed, self.state, self.out_s, log_weight, self.weight,
            self._chance, self._log_missed, self._expected, self._seen_from,
            read_only(motion.prior), float(self.time_s), float(span_s), float(hide),
            float(leave), float(rules.turn), float(rules.tolerance_s), float(motion.noise_s),
        )  # fmt: skip
        self.time_s += span_s
        effects = []
        for silence, arcs in watched:
            seen = float(self._expected[arcs].sum())
            bits = 0.0 - float(np.log2(max(1 - seen, 1e-12)))
            effects.append(Effect(sighting=silence.id, at_s=self.time_s, bits=bits, expected=seen))
        for _, arcs in watched:
            self._log_missed[arcs] = self._expected[arcs] = 0.0
            self._seen_from[arcs] = 0
        if watched:
            self._reweigh(np.exp(log_weight))
        return effects

    def see(self, sighting: Positive) -> Effect:
        """Take in that it was seen now."""
        spot = spot_of(sighting, self.motion, self.region)
        part = self.done_s / np.maximum(self.motion.graph.time_s[self.arc], 1e-9)
        density = true_density(spot, self.region, self.arc, np.clip(part, 0, 1))
        density[self.state == OUT] = 0.0
        if density.sum() < _FEW * peak_density(spot):
            return self._recover(sighting, spot)
        before = self.weight.copy()
        evidence = self._reweigh(likelihood(sighting, density, self.region), resample=False)
        bits = _divergence(self.weight, before)
        self._resample_if_poor()
        return Effect(sighting=sighting.id, at_s=self.time_s, bits=bits, expected=evidence)

    def hear(self, heading: Heading) -> Effect:
        """Take in hearsay of where it is going."""
        before = self.weight.copy()
        factors = heading_likelihood(heading, self.motion.names)
        evidence = self._reweigh(factors[self.goal], resample=False)
        bits = _divergence(self.weight, before)
        self._resample_if_poor()
        return Effect(sighting=heading.id, at_s=self.time_s, bits=bits, expected=evidence)

    def by_arc(self) -> NDArray[np.float64]:
        """Probability to be on each arc, float64[a]."""
        here = self.state != OUT
        return _sums(self.arc[here], self.weight[here], self.motion.graph.arcs)

    def by_destination(self) -> NDArray[np.float64]:
        """Probability of each destination, float64[d]."""
        return _sums(self.goal, self.weight, len(self.motion.destinations))

    def out(self) -> NDArray[np.float64]:
        """Probability to have got out at each destination, float64[d]."""
        gone = self.state == OUT
        return _sums(self.goal[gone], self.weight[gone], len(self.motion.destinations))

    def hidden(self) -> float:
        """Probability that it stands hidden."""
        return float(self.weight[self.state == HIDES].sum())

    def _watch(
        self, silences: Sequence[Silence], span_s: float
    ) -> list[tuple[Silence, NDArray[np.int64]]]:
        """Note who watches which arcs in a step; part of the step counts for its part."""
        watched = []
        for silence in silences:
            from_s = max(self.time_s, silence.from_s)
            share = (min(self.time_s + span_s, silence.until_s) - from_s) / span_s
            if share <= 0:
                continue
            arcs = arcs_of(silence.section, forward=silence.forward, motion=self.motion)
            chance = min(share, 1.0) * min(silence.detection, 1 - 1e-9)
            self._log_missed[arcs] += np.log1p(-chance)
            if silence.visible:
                self._seen_from[arcs] = 1
            watched.append((silence, arcs))
        return watched

    def _put(
        self, which: NDArray[np.int64], sighting: Positive, spot: Spot, within_s: float
    ) -> bool:
        """Put some samples where a sighting says, on arcs that can be reached by `within_s`."""
        motion, rng, size = self.motion, self._rng, which.size
        open_ = np.isfinite(motion.graph.time_s)
        if np.isfinite(within_s):
            open_ &= self._reachable_s()[motion.graph.tail] <= within_s
        placed = place_on_arcs(sighting, spot, motion, self.region, open_, size, rng)
        if placed is None:
            return False
        arc, part = placed
        self.arc[which] = arc
        self.done_s[which] = part * motion.graph.time_s[arc]
        speeds, weights = np.array(motion.rules.speeds), motion.rules.speed_weights
        self.speed[which] = speeds[rng.choice(len(speeds), size, p=weights)]
        goal = self._goals(arc, part, again=np.isfinite(within_s))
        self.goal[which] = goal
        self.state[which] = DRIVES
        self.out_s[which] = np.nan
        return True

    def _goals(
        self, arc: NDArray[np.int32], part: NDArray[np.float64], *, again: bool
    ) -> NDArray[np.int32]:
        """Draw destinations by the prior; `again`: by how little a detour the place is on the way.

        A vehicle that is found at v on its way from o to d has lost D(o, v) + D_d(v) - D_d(o), and
        whole ways spread by about 1.3 c D (`motion.py`).
        """
        motion, graph = self.motion, self.motion.graph
        left = motion.left_s[:, graph.head[arc]] + ((1 - part) * graph.time_s[arc])[None, :]
        chance = np.broadcast_to(motion.prior[:, None], left.shape) * (left < _FAR)
        if again and self._begun is not None:
            nodes, at_s = self._begun
            fastest = max(motion.rules.speeds)
            driven = (self._reachable_s()[graph.tail[arc]] - at_s) * fastest
            driven = driven + part * graph.time_s[arc]
            whole = motion.left_s[:, nodes].min(axis=1).astype(np.float64)
            spread = np.maximum(1.3 * motion.rules.tolerance_share * whole, _SPREAD_S)
            lost = np.maximum(driven[None, :] + left - whole[:, None], 0.0)
            chance = chance * np.exp(-lost / spread[:, None])
        sums = np.cumsum(chance, axis=0)
        hopeless = sums[-1] <= 0
        sums[:, hopeless] = np.cumsum(motion.prior)[:, None]
        mark = self._rng.random(arc.size) * sums[-1]
        drawn: NDArray[np.int64] = np.minimum((sums <= mark).sum(axis=0), len(motion.prior) - 1)
        return drawn.astype(np.int32)

    def _reachable_s(self) -> NDArray[np.float64]:
        """Earliest time at each node for the fastest driver since the first sighting."""
        if self._reach is None and self._begun is not None:
            graph = self.motion.graph
            search = ArrivalSearch(graph.first_out, graph.head, graph.time_s)
            nodes, at_s = self._begun
            fastest = max(self.motion.rules.speeds)
            found = search.run(nodes, np.zeros(len(nodes)))
            self._reach = at_s + found.arrival_s / fastest
        if self._reach is None:
            return np.full(self.motion.graph.nodes, -np.inf)
        return self._reach

    def _recover(self, sighting: Positive, spot: Spot) -> Effect:
        """Believe a report that no sample explains, as far as its grade goes."""
        share = truth_of(sighting)
        taken = np.flatnonzero(self._rng.random(self.count) < share)
        self._resample()
        if not self._put(taken, sighting, spot, self.time_s):
            note = "not believed: it cannot have got there since the first sighting"
            return Effect(sighting=sighting.id, at_s=self.time_s, bits=0.0, expected=0.0, note=note)
        note = (
            "the belief had hardly a sample there and began again from what can be reached, "
            f"with {share:.0%} of its weight"
        )
        bits = -float(np.log2(_FEW / self.count))
        return Effect(sighting=sighting.id, at_s=self.time_s, bits=bits, expected=0.0, note=note)

    def _reweigh(self, factors: NDArray[np.float64], *, resample: bool = True) -> float:
        self.weight *= factors
        evidence = float(self.weight.sum())
        if evidence <= 0 or not np.isfinite(evidence):
            self.weight[:] = 1.0 / self.count
            return 0.0
        self.weight /= evidence
        if resample:
            self._resample_if_poor()
        return evidence

    def _resample_if_poor(self) -> None:
        if self.effective < self.count / 2:
            self._resample()

    def _resample(self) -> None:
        """Systematic resampling: one draw, as many copies of each as its weight is worth."""
        marks = (np.arange(self.count) + self._rng.random()) / self.count
        sums = np.cumsum(self.weight)
        kept = np.minimum(np.searchsorted(sums, marks * sums[-1]), self.count - 1)
        for values in (self.arc, self.done_s, self.goal, self.speed, self.state, self.out_s):
            values[:] = values[kept]
        self.weight[:] = 1.0 / self.count


def _sums(
    number: NDArray[np.int32], weight: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    return np.bincount(number, weights=weight, minlength=count).astype(np.float64)


def _divergence(after: NDArray[np.float64], before: NDArray[np.float64]) -> float:
    """Kullback-Leibler divergence in bits."""
    some = after > 0
    ratio = after[some] / np.maximum(before[some], 1e-300)
    return max(0.0, float(np.sum(after[some] * np.log2(ratio))))
