"""The belief as numbers: an exact filter on small networks, the oracle of the particle filter.

Places are cells of `cell_s` seconds of travel time, so every arc's time must be a whole number of
cells, and so must a step times each speed class. Time goes in sub-steps of one cell. A vehicle
that hides at the end of an arc has a cell of its own there. Turning before a checkpoint leads to
places between cells; it is left to the particle filter and refused here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from stopline.belief.base import Effect
from stopline.belief.likelihood import (
    arcs_of,
    heading_likelihood,
    likelihood,
    region_of,
    spot_of,
    true_density,
)
from stopline.belief.sightings import CameraHit
from stopline.errors import BadInput, Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stopline.belief.motion import Motion
    from stopline.belief.sightings import Heading, Positive, Silence

_FAR: Final = 1e8


class ExactFilter:
    """A filter of probabilities; d destinations, s speed classes, c cells.

    Args:
        motion: the motion model.
        cell_s: seconds of a cell.

    Attributes:
        drives: float64[d, s, c], probability to drive there.
        hides: float64[d, s, c], probability to stand hidden there.
        gone: float64[d], probability to have got out.

    Raises:
        BadInput: a time is not a whole number of cells.
    """

    def __init__(self, motion: Motion, *, cell_s: float = 1.0) -> None:
        self.motion, self.cell_s, self.time_s = motion, cell_s, 0.0
        self.region = region_of(motion)
        cells = np.where(np.isfinite(motion.graph.time_s), motion.graph.time_s / cell_s, 0.0)
        self._length = np.rint(cells).astype(np.int64)
        if not np.allclose(cells, self._length):
            raise BadInput.single("cell_s", str(cell_s), "a divisor of every arc's time")
        self._start = np.concatenate(([0], np.cumsum(self._length + 1)))
        size = int(self._start[-1])
        arcs = np.arange(motion.graph.arcs)
        self.cell_arc = np.repeat(arcs, self._length + 1).astype(np.int32)
        self._number = np.arange(size) - self._start[self.cell_arc]
        whole = np.maximum(self._length[self.cell_arc], 1)
        self._part = self._number / whole
        shape = (len(motion.destinations), len(motion.rules.speeds), size)
        self.drives, self.hides = np.zeros(shape), np.zeros(shape)
        self.gone = np.zeros(shape[0])
        self._moves = [self._matrix(d) for d in range(shape[0])]

    def begin(self, first: Positive) -> None:
        """Believe a first sighting: at the cells around it, heading anywhere by the prior."""
        self.time_s = first.at_s
        rules = self.motion.rules
        place = self._placed(first)
        for d in range(len(self.motion.destinations)):
            lost = self.motion.left_s[d, self.motion.graph.head[self.cell_arc]] > _FAR
            for s, weight in enumerate(rules.speed_weights):
                here = place * weight * self.motion.prior[d] * ~lost
                self.hides[d, s] = rules.hidden_at_start * here
                self.drives[d, s] = (1 - rules.hidden_at_start) * here
        self._scale()

    def advance(self, span_s: float, silences: Sequence[Silence]) -> list[Effect]:
        """Let time pass, with the silences that hold within it."""
        rules = self.motion.rules
        missed, watched = self._watch(silences, span_s)
        hide = -np.expm1(-span_s * rules.hide_per_h / 3600)
        leave = -np.expm1(-span_s * rules.leave_per_h / 3600)
        moving = self.hides * leave + self.drives * (1 - hide)
        self.hides = self.hides * (1 - leave) + self.drives * hide
        self.drives = np.zeros_like(moving)
        for s, speed in enumerate(rules.speeds):
            steps = span_s * speed / self.cell_s
            if not np.isclose(steps, round(steps)):
                raise BadInput.single("span_s", str(span_s), "whole cells at every speed")
            for d in range(len(self.motion.destinations)):
                self._move(moving[d, s], d, s, round(steps), missed)
        self.time_s += span_s
        seen = 1 - self._scale()
        bits = -float(np.log2(max(1 - seen, 1e-12)))
        return [Effect(sighting=w.id, at_s=self.time_s, bits=bits, expected=seen) for w in watched]

    def see(self, sighting: Positive) -> Effect:
        """Take in that it was seen now."""
        spot = spot_of(sighting, self.motion, self.region)
        density = true_density(spot, self.region, self.cell_arc, self._part)
        factors = likelihood(sighting, density, self.region)
        self.drives *= factors
        self.hides *= factors
        self.gone *= likelihood(sighting, np.zeros(1), self.region)[0]
        evidence = self._scale()
        return Effect(sighting=sighting.id, at_s=self.time_s, bits=0.0, expected=evidence)

    def hear(self, heading: Heading) -> Effect:
        """Take in hearsay of where it is going."""
        factors = heading_likelihood(heading, self.motion.names)
        self.drives *= factors[:, None, None]
        self.hides *= factors[:, None, None]
        self.gone *= factors
        evidence = self._scale()
        return Effect(sighting=heading.id, at_s=self.time_s, bits=0.0, expected=evidence)

    def by_arc(self) -> NDArray[np.float64]:
        """Probability to be on each arc, float64[a]."""
        by_cell = (self.drives + self.hides).sum(axis=(0, 1))
        return np.bincount(self.cell_arc, weights=by_cell, minlength=self.motion.graph.arcs).astype(
            np.float64
        )

    def by_destination(self) -> NDArray[np.float64]:
        """Probability of each destination, float64[d]."""
        found: NDArray[np.float64] = (self.drives + self.hides).sum(axis=(1, 2)) + self.gone
        return found

    def out(self) -> NDArray[np.float64]:
        """Probability to have got out at each destination, float64[d]."""
        return self.gone.copy()

    def hidden(self) -> float:
        """Probability that it stands hidden."""
        return float(self.hides.sum())

    def _placed(self, first: Positive) -> NDArray[np.float64]:
        """Probability of each cell given a first sighting alone; ends of arcs are left out."""
        inner = (self._number < self._length[self.cell_arc]).astype(np.float64)
        if isinstance(first, CameraHit):
            arcs = arcs_of(first.section, forward=first.forward, motion=self.motion)
            middle = self._number == self._length[self.cell_arc] // 2
            weight = inner * middle * np.isin(self.cell_arc, arcs)
        else:
            spot = spot_of(first, self.motion, self.region)
            section = self.motion.graph.section[self.cell_arc]
            metres = self.motion.graph.network.section_length_m[section]
            wide = metres / np.maximum(self._length[self.cell_arc], 1)
            weight = inner * wide * true_density(spot, self.region, self.cell_arc, self._part)
        return np.asarray(weight / weight.sum())

    def _watch(
        self, silences: Sequence[Silence], span_s: float
    ) -> tuple[NDArray[np.float64], list[Silence]]:
        """Probability that nobody sees it leave each cell, and who watches."""
        passes = np.ones(self.cell_arc.size)
        watched = []
        for silence in silences:
            from_s = max(self.time_s, silence.from_s)
            share = min((min(self.time_s + span_s, silence.until_s) - from_s) / span_s, 1.0)
            if share <= 0:
                continue
            if silence.visible and self.motion.rules.turn > 0:
                raise Unsupported("turning before a checkpoint", "ExactFilter")
            arcs = arcs_of(silence.section, forward=silence.forward, motion=self.motion)
            middle = self._number == self._length[self.cell_arc] // 2
            at = middle & np.isin(self.cell_arc, arcs)
            passes[at] *= 1 - share * min(silence.detection, 1 - 1e-9)
            watched.append(silence)
        return passes, watched

    def _move(
        self, mass: NDArray[np.float64], d: int, s: int, steps: int, missed: NDArray[np.float64]
    ) -> None:
        onward, ends = self._moves[d]
        mass = ends @ mass  # who hid at the end of an arc first turns into the next
        for _ in range(steps):
            mass = onward @ (mass * missed)
            self._arrive(mass, d, s)
        self.drives[d, s] += mass

    def _arrive(self, mass: NDArray[np.float64], d: int, s: int) -> None:
        """Take what has come to its destination, at the end of an arc, out of the motion."""
        at = self._start[1:] - 1
        heads = self.motion.graph.head
        left = self.motion.left_s
        for arc in np.flatnonzero((mass[at] > 0) & (left[d, heads] <= 0)):
            cell, amount = at[arc], float(mass[at[arc]])
            mass[cell] = 0.0
            if self.motion.destinations[d].is_exit:
                self.gone[d] += amount
                continue
            open_ = (left[:, heads[arc]] > 0) & (left[:, heads[arc]] < _FAR)
            weights = self.motion.prior * open_
            weights[d] = 0.0
            if weights.sum() <= 0:
                weights[d] = 1.0
            for other in np.flatnonzero(weights):
                self.hides[other, s, cell] += amount * weights[other] / weights.sum()

    def _matrix(self, d: int) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """One cell onward for destination d; and from the ends of arcs into the next."""
        graph = self.motion.graph
        size = self.cell_arc.size
        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        end_rows: list[int] = []
        end_columns: list[int] = []
        end_values: list[float] = []
        for arc in range(graph.arcs):
            first, length = int(self._start[arc]), int(self._length[arc])
            ways = self._choices(arc, d)
            rows += range(first + 1, first + length)
            columns += range(first, first + length - 1)
            values += [1.0] * max(length - 1, 0)
            end_rows += range(first, first + length)
            end_columns += range(first, first + length)
            end_values += [1.0] * length
            arrived = self.motion.left_s[d, graph.head[arc]] <= 0
            targets = [(first + length, 1.0)] if arrived or not ways else ways
            if length:
                rows += [cell for cell, _ in targets]
                columns += [first + length - 1] * len(targets)
                values += [chance for _, chance in targets]
            stay = ways or [(first + length, 1.0)]
            end_rows += [cell for cell, _ in stay]
            end_columns += [first + length] * len(stay)
            end_values += [chance for _, chance in stay]
        onward = sparse.csr_matrix((values, (rows, columns)), shape=(size, size))
        ends = sparse.csr_matrix((end_values, (end_rows, end_columns)), shape=(size, size))
        return onward, ends

    def _choices(self, arc: int, d: int) -> list[tuple[int, float]]:
        """First cells of the arcs that may follow, with their probabilities."""
        graph, rules = self.motion.graph, self.motion.rules
        node, left = int(graph.head[arc]), self.motion.left_s[d]
        here = float(left[node])
        mu = max(rules.tolerance_s, np.sqrt(self.motion.noise_s * here))
        out = range(int(graph.first_out[node]), int(graph.first_out[node + 1]))
        back = int(self.motion.reverse[arc])
        open_ = [a for a in out if np.isfinite(graph.time_s[a]) and left[graph.head[a]] < _FAR]
        ways = [a for a in open_ if a != back]
        if not ways:
            return [(int(self._start[back]), 1.0)] if back >= 0 else []
        weights = np.array(
            [np.exp(-(graph.time_s[a] + left[graph.head[a]] - here) / mu) for a in ways]
        )
        chances = weights / weights.sum()
        return [(int(self._start[a]), float(c)) for a, c in zip(ways, chances, strict=True)]

    def _scale(self) -> float:
        total = float(self.drives.sum() + self.hides.sum() + self.gone.sum())
        if total > 0:
            self.drives /= total
            self.hides /= total
            self.gone /= total
        return total
