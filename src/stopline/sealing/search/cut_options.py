"""Which arcs can be closed in time, by which side with which strength: the options of a cut."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from stopline.sealing.search.cut_graph import ABSENT
from stopline.sealing.search.cut_kernel import OPEN
from stopline.sealing.search.pursuit import NO_SITE
from stopline.sealing.side import Commitment, Demands, Inequality

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from stopline.sealing.search.pursuit import PursuitGraph
    from stopline.sealing.side import AnsweringSide


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOptions:
    """The options to close arcs by their deadlines; o options, d demands of each side.

    An option closes one arc, by one side alone or by two that share the site.

    Attributes:
        capacity: int32[a], units that closing each arc of the chase takes at least, or `OPEN`,
            or `ABSENT`.
        arc: int32[o], arc that each option closes, -1 where it is asked for a route's sake.
        site: int32[o], its site.
        by_s: float64[o], latest closing time.
        weight: int32[o], units (or strength) that the option takes at least.
        demands: what each side may be asked.
        demand_of: by side, int64[o]: its demand in each option, -1 for none.
        prefer: `units` or `strength`.
    """

    capacity: NDArray[np.int32]
    arc: NDArray[np.int32]
    site: NDArray[np.int32]
    by_s: NDArray[np.float64]
    weight: NDArray[np.int32]
    demands: tuple[Demands, ...]
    demand_of: tuple[NDArray[np.int64], ...]
    prefer: str

    def plus(self, more: CutOptions) -> CutOptions:
        """Append the options of another question; those here keep their numbers."""
        return replace(
            self,
            arc=np.concatenate((self.arc, more.arc)),
            site=np.concatenate((self.site, more.site)),
            by_s=np.concatenate((self.by_s, more.by_s)),
            weight=np.concatenate((self.weight, more.weight)),
            demands=tuple(a.plus(b) for a, b in zip(self.demands, more.demands, strict=True)),
            demand_of=tuple(
                np.concatenate((old, np.where(new >= 0, new + demands.count, -1)))
                for old, new, demands in zip(
                    self.demand_of, more.demand_of, self.demands, strict=True
                )
            ),
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """What the sides said to a choice of options.

    Attributes:
        commitments: by side, with the options it was asked for; none where it was asked nothing.
        refusals: inequalities, with the number of the side.
    """

    commitments: Mapping[int, tuple[NDArray[np.int64], Commitment]]
    refusals: tuple[tuple[int, Inequality], ...]


def closable(
    chase: PursuitGraph,
    sides: Sequence[AnsweringSide],
    arcs: NDArray[np.int32],
    by_s: NDArray[np.float64],
    need: NDArray[np.int32],
) -> NDArray[np.bool_]:
    """Whether all sides together could close each arc's site by its time; bool, as `arcs`."""
    site = chase.site[arcs]
    total = np.zeros(arcs.shape[0], dtype=np.int64)
    for side in sides:
        total += side.strength_by(site, by_s)
    return total >= need[site]


def make_question(
    chase: PursuitGraph,
    sides: Sequence[AnsweringSide],
    need: NDArray[np.int32],
    by_s: NDArray[np.float64],
    *,
    prefer: str = "units",
) -> CutOptions:
    """Ask every side what it could close by the deadlines, arc by arc.

    Args:
        chase: the graph.
        sides: whom to ask.
        need: int32[c], strength that closes each site.
        by_s: float64[a], latest closing time by arc, NaN where the vehicle never comes.
        prefer: what an option's weight counts.
    """
    driven = np.isfinite(chase.time_s) & ~np.isnan(by_s)
    capacity = np.where(driven, np.int32(OPEN), np.int32(ABSENT))
    arcs = np.flatnonzero(driven & (chase.site != NO_SITE)).astype(np.int32)
    site = chase.site[arcs]
    times = by_s[arcs]
    return _options(arcs, site, times, capacity, need[site], sides, prefer)


def ask_for_sites(
    site: NDArray[np.int32],
    by_s: NDArray[np.float64],
    sides: Sequence[AnsweringSide],
    need: NDArray[np.int32],
    prefer: str,
) -> CutOptions:
    """Ask every side whether it could close sites by times, whatever arc leads there."""
    nowhere = np.full(site.shape[0], -1, dtype=np.int32)
    return _options(nowhere, site, by_s, np.empty(0, np.int32), need[site], sides, prefer)


def _options(
    arcs: NDArray[np.int32],
    site: NDArray[np.int32],
    times: NDArray[np.float64],
    capacity: NDArray[np.int32],
    needs: NDArray[np.int32],
    sides: Sequence[AnsweringSide],
    prefer: str,
) -> CutOptions:
    """List the ways to close each row's site: one side alone, or two that share it."""
    able = [side.strength_by(site, times) for side in sides]
    blocks: list[tuple[NDArray[np.int64], dict[int, NDArray[np.int32]]]] = []
    for s in range(len(sides)):
        rows = np.flatnonzero(able[s] >= needs)
        blocks.append((rows, {s: needs[rows]}))
    for s, t in combinations(range(len(sides)), 2):
        for part in range(1, int(needs.max(initial=1))):
            rows = np.flatnonzero((needs > part) & (able[s] >= part) & (able[t] >= needs - part))
            blocks.append((rows, {s: np.full(rows.shape, part, np.int32), t: needs[rows] - part}))
    return _collect(arcs, site, times, capacity, blocks, sides, prefer)


def _collect(
    arcs: NDArray[np.int32],
    site: NDArray[np.int32],
    times: NDArray[np.float64],
    capacity: NDArray[np.int32],
    blocks: Sequence[tuple[NDArray[np.int64], dict[int, NDArray[np.int32]]]],
    sides: Sequence[AnsweringSide],
    prefer: str,
) -> CutOptions:
    rows = np.concatenate([block for block, _ in blocks]) if blocks else np.empty(0, np.int64)
    weight = np.zeros(rows.shape[0], dtype=np.int32)
    demands: list[Demands] = []
    demand_of: list[NDArray[np.int64]] = []
    for s, side in enumerate(sides):
        options: list[NDArray[np.int64]] = []
        strengths: list[NDArray[np.int32]] = []
        first = 0
        for block, parts in blocks:
            if s in parts:
                options.append(np.arange(first, first + block.shape[0]))
                strengths.append(parts[s])
            first += block.shape[0]
        mine = np.concatenate(options) if options else np.empty(0, np.int64)
        strength = (
            np.concatenate(strengths).astype(np.int32) if strengths else np.empty(0, np.int32)
        )
        demands.append(Demands(site=site[rows[mine]], strength=strength, by_s=times[rows[mine]]))
        number = np.full(rows.shape[0], -1, dtype=np.int64)
        number[mine] = np.arange(mine.shape[0])
        demand_of.append(number)
        units = -(-strength // side.most_strength)
        weight[mine] += strength if prefer == "strength" else units
    if capacity.size:
        least = np.full(arcs.shape[0], np.iinfo(np.int32).max, dtype=np.int32)
        np.minimum.at(least, rows, weight)
        held = least < np.iinfo(np.int32).max
        capacity[arcs[held]] = least[held]
    return CutOptions(
        capacity=capacity,
        arc=arcs[rows],
        site=site[rows],
        by_s=times[rows],
        weight=weight,
        demands=tuple(demands),
        demand_of=tuple(demand_of),
        prefer=prefer,
    )


def ask(
    question: CutOptions, sides: Sequence[AnsweringSide], options: NDArray[np.int64]
) -> Answers:
    """Ask every side to hold its part of the options."""
    commitments: dict[int, tuple[NDArray[np.int64], Commitment]] = {}
    refusals: list[tuple[int, Inequality]] = []
    for s, side in enumerate(sides):
        numbers = question.demand_of[s][options]
        mine = numbers >= 0
        if not mine.any():
            continue
        answer = side.hold(question.demands[s], numbers[mine], prefer=question.prefer)
        if isinstance(answer, Commitment):
            commitments[s] = (options[mine], answer)
        else:
            refusals.append((s, answer))
    return Answers(commitments, tuple(refusals))


def cost_of(answers: Answers, prefer: str) -> int:
    """Units (or strength) that the commitments take."""
    return sum(
        int((answer.strength if prefer == "strength" else answer.units).sum())
        for _, answer in answers.commitments.values()
    )
