"""What a solver out of time paid for in vain is not held by just anybody."""

from __future__ import annotations

import time

import numpy as np
import pytest

from sealing.price_instances import INF, Instance
from stopline.integer_program import IntegerProgram, Solution
from stopline.sealing.search.class_program import ClassProgram
from stopline.sealing.search.deadlines import unhindered
from stopline.sealing.search.priced_graph import PricedGraph
from stopline.sealing.search.time_graph import time_graph

# Two arcs one after the other; unit 0 closes the first in time, unit 1 the second; unit 2 neither.
LINE = Instance(2, ((0, 0.0),), ((0, 1, 5.0, 0), (1, 2, 5.0, 1)), ((0, INF), (INF, 4), (INF, INF)))


@pytest.mark.parametrize("scarce", [False, True])
def test_an_arc_closed_in_vain_takes_no_unit(
    monkeypatch: pytest.MonkeyPatch, *, scarce: bool
) -> None:
    pursuit = LINE.pursuit()
    times = LINE.times(pursuit)
    graph = time_graph(pursuit, [unhindered(pursuit).at_s], None)
    assert graph is not None
    cost = np.ones(times.units, dtype=np.int64)
    program = ClassProgram(PricedGraph(graph, times, 0.0, cost), cost)
    classes = np.arange(graph.nodes, dtype=np.int32)
    solve = IntegerProgram.solve

    def wasteful(self: IntegerProgram, limit_s: float) -> Solution:
        """Close both arcs: no better than one, but a plan."""
        found = solve(self, limit_s)
        found.values[classes.max() + 1 :] = 1.0
        return found

    monkeypatch.setattr(IntegerProgram, "solve", wasteful)
    ended = program.integer(classes, INF, time.perf_counter() + 5.0, np.full(times.units, scarce))
    assert len(ended.held) == 1
    ((row, unit),) = ended.held
    assert times.ready_s[row, unit] < INF
