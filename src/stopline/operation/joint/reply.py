"""Answer a question about one's own units: a commitment, or inequalities, and nothing more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stopline.sealing.side import Commitment, Demands, Inequality

if TYPE_CHECKING:
    from stopline.sealing.side import AnsweringSide


def decide(
    side: AnsweringSide | None, demands: Demands, wanted: int, *, prefer: str
) -> Commitment | list[Inequality]:
    """Say whether the side can hold the first `wanted` of the demands together.

    Args:
        side: the own side; None if it has no units.
        demands: those wanted, then those that an inequality may speak of.
        wanted: how many of them are asked for.
        prefer: `units` or `strength`, what to use least of.

    Returns:
        A commitment with the units behind it, which stay here; or inequalities, the first of
        which the demands break.
    """
    if side is None:
        return [Inequality(members=np.arange(demands.count), most=0)]
    answer = side.hold(demands, np.arange(wanted), prefer=prefer)
    if isinstance(answer, Commitment):
        return answer
    if answer.most == 0:
        return [answer]
    alone = side.strength_by(demands.site, demands.by_s)
    never = np.flatnonzero(alone < demands.strength)
    return [answer, Inequality(members=never, most=0)] if never.size else [answer]


def answer_demands(
    side: AnsweringSide | None, demands: Demands, wanted: int, *, prefer: str
) -> Commitment | list[Inequality]:
    """Decide, and name no unit: all that the other side gets."""
    answer = decide(side, demands, wanted, prefer=prefer)
    return replace(answer, holders=()) if isinstance(answer, Commitment) else answer
