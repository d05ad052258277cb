"""A search that begins with some plan ends as one that begins with nobody, and as all plans say."""

from __future__ import annotations

import numpy as np
import pytest

from sealing.instances import random_problem
from sealing.oracle import Oracle
from stopline.sealing.search.goal import Goal, nothing, shut_by
from stopline.sealing.search.repair_search import RepairSearch
from stopline.sealing.search.sealer import Sealer
from stopline.sealing.session import prepare

FEW_UNITS = 5
COUNT = 60


@pytest.mark.parametrize("begin", ["nobody", "anywhere"])
def test_it_agrees_with_every_plan(begin: str) -> None:
    verdicts = {True: 0, False: 0}
    for seed in range(COUNT):
        problem = random_problem(seed)
        if len(problem.units) > FEW_UNITS:
            continue
        session = prepare(problem)
        need, margin_s = problem.sites.need, problem.rules.margin_s
        context = Sealer(session.chase, session.sides, need)
        times = context.times()
        assert times is not None
        rng = np.random.default_rng(seed)
        rows = rng.integers(0, max(1, times.site.shape[0]), times.units).tolist()
        plan = (
            [(row, unit) for unit, row in enumerate(rows)]
            if begin == "anywhere" and times.site.size
            else []
        )
        goal = Goal(margin_s=margin_s, cheapest=False)
        found = RepairSearch(context, times, goal, plan).solve(nothing(()), 0.0)
        seals = Oracle(problem).can_seal(margin_s)
        verdicts[seals] += 1
        assert found.sealed == seals
        if seals:
            assert context.escape(shut_by(found, need, margin_s)) is None
        else:
            assert found.proven
    assert min(verdicts.values()) > COUNT // 10
