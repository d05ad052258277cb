"""Plan: from a problem to seals with a proven verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem


def make_plan(
    problem: SealingProblem,
    *,
    previous: Plan | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Plan:
    """Find the best plan and prove it."""
    raise NotImplementedError
