"""Plan over both territories: the one planner, with the other side known by its answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stopline.sealing.planner import make_plan
from stopline.sealing.session import prepare
from stopline.sealing.side import MoreIsKnown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stopline.sealing.plan import Plan
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.side import AnsweringSide


def plan_with(
    problem: SealingProblem,
    remote: AnsweringSide,
    *,
    orders: Mapping[str, int] | None = None,
    previous: Plan | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Plan:
    """Make the plan of own units and of a side that answers questions.

    Each answer that rules sites out makes planning begin again; every such answer rules out a
    demand that could have been asked before, so this ends.

    Args:
        problem: with the units of the own side alone.
        remote: the other side.
        orders: as for `make_plan`.
        previous: as for `make_plan`.
        progress: as for `make_plan`.
    """
    session = prepare(problem)
    sides = tuple(sorted((*session.sides, remote), key=lambda side: side.name))
    apart = replace(session, sides=sides)
    while True:
        try:
            return make_plan(
                problem, previous=previous, orders=orders, progress=progress, session=apart
            )
        except MoreIsKnown:
            continue
