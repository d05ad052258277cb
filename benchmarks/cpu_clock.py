"""Count seconds of computing in place of those on the wall, for machines that do other work too.

The clock of the planner and of the peers becomes that of this process. HiGHS has a wall clock
alone: its limit is stretched by as much as the wall was slower than this process so far, so that it
is right only in the mean. Peers that call HiGHS themselves get no limit from it, but end by a
signal when this process has computed as long.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stopline.integer_program import IntegerProgram

if TYPE_CHECKING:
    from stopline.integer_program import Solution

_wall = time.perf_counter


def count_computing() -> None:
    """Do so from here on."""
    began, used = _wall(), time.process_time()

    def stretch() -> float:
        """Seconds on the wall for one of computing."""
        return max(1.0, (_wall() - began) / max(time.process_time() - used, 1e-3))

    whole = IntegerProgram.solve

    def solve(program: IntegerProgram, time_limit_s: float = float("inf")) -> Solution:
        return whole(program, time_limit_s * stretch())

    IntegerProgram.solve = solve  # type: ignore[method-assign]
    time.perf_counter = time.process_time
