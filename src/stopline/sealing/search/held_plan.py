"""From (site, unit) pairs to the plan of a search, with each side's commitment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.sealing.local_side import LocalSide
from stopline.sealing.search.cut_options import Answers, CutOptions, cost_of
from stopline.sealing.search.goal import Found
from stopline.sealing.side import Commitment, Demands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.sealing.search.goal import Goal
    from stopline.sealing.search.unit_times import UnitTimes
    from stopline.sealing.side import AnsweringSide


def plan_of_pairs(
    sides: Sequence[AnsweringSide], times: UnitTimes, held: Sequence[tuple[int, int]], goal: Goal
) -> Found:
    """Describe a plan, given as (row of the site, unit), by options and commitments."""
    teams: dict[tuple[int, int], list[int]] = {}
    for row, unit in held:
        teams.setdefault((int(times.side[unit]), int(times.site[row])), []).append(unit)
    keys = sorted(teams)
    site = np.array([c for _, c in keys], dtype=np.int32)
    never = np.full(len(keys), np.inf)
    demands: list[Demands] = []
    demand_of: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    commitments: dict[int, tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Commitment]] = {}
    strength = np.array([int(times.strength[teams[key]].sum()) for key in keys], dtype=np.int32)
    for s, side in enumerate(sides):
        mine = np.array([i for i, (who, _) in enumerate(keys) if who == s], dtype=np.int64)
        number = np.full(len(keys), -1, dtype=np.int64)
        number[mine] = np.arange(mine.shape[0])
        demands.append(Demands(site=site[mine], strength=strength[mine], by_s=never[mine]))
        demand_of.append(number)
        if mine.size and isinstance(side, LocalSide):
            units = [tuple(int(times.number[u]) for u in teams[keys[i]]) for i in mine.tolist()]
            commitments[s] = (mine, side.commit(site[mine], never[mine], units))
    question = CutOptions(
        capacity=np.empty(0, dtype=np.int32),
        arc=np.full(len(keys), -1, dtype=np.int32),
        site=site,
        by_s=never,
        weight=np.array([len(teams[key]) for key in keys], dtype=np.int32),
        demands=tuple(demands),
        demand_of=tuple(demand_of),
        prefer=goal.prefer,
    )
    answers = Answers(commitments, ())
    return Found(
        question=question,
        options=np.arange(len(keys)),
        answers=answers,
        cost=cost_of(answers, goal.prefer),
        bound=0.0,
        proven=False,
    )
