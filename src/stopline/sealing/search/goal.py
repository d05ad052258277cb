"""What a search for a sealing plan is asked, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stopline.sealing.plan import Certificate
    from stopline.sealing.search.cut_options import Answers, CutOptions
    from stopline.sealing.search.pursuit import Drive
    from stopline.sealing.search.static_cut import CutResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What a plan has to reach.

    Attributes:
        margin_s: every seal is closed this long before the vehicle can be there; that of the rules
            less what counts as the same time.
        latest_s: every seal is closed by then.
        most: units (or strength) it may take.
        prefer: what cost counts: `units` or `strength`.
        horizon_s: routes that arrive at an exit at this time or later need not be stopped.
        cheapest: whether the cheapest plan is wanted, or any.
    """

    margin_s: float
    latest_s: float = np.inf
    most: float = np.inf
    prefer: str = "units"
    horizon_s: float = np.inf
    cheapest: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The end of a search for a sealing plan.

    Attributes:
        question: what the options mean.
        options: chosen options; None if no sealing plan was found.
        answers: commitments to them.
        cost: units (or strength) they take.
        bound: no sealing plan costs less; infinite if there is none.
        proven: whether cost meets bound, or none exists.
        drives: drives that together cannot be stopped, where a proof was found on the way.
        certificate: why no plan costs less than the bound, or why there is none, if that is known.
    """

    question: CutOptions | None
    options: NDArray[np.int64] | None
    answers: Answers | None
    cost: int
    bound: float
    proven: bool
    drives: tuple[Drive, ...] = ()
    certificate: Certificate | None = None

    @property
    def sealed(self) -> bool:
        """Whether there is a sealing plan."""
        return self.options is not None


def shut_times(
    question: CutOptions, answers: Answers, need: NDArray[np.int32], margin_s: float
) -> NDArray[np.float64]:
    """From when on each site cannot be entered: its closing time + margin, float64[c].

    A site that two sides share is closed when the later of them is there.
    """
    held = np.zeros(need.shape[0], dtype=np.int64)
    shut_s = np.full(need.shape[0], -np.inf)
    for side, (options, commitment) in answers.commitments.items():
        demands = question.demands[side].take(question.demand_of[side][options])
        np.add.at(held, demands.site, demands.strength)
        np.maximum.at(shut_s, demands.site, commitment.closed_s + margin_s)
    return np.where(held >= need, shut_s, np.inf)


def shut_by(plan: Found, need: NDArray[np.int32], margin_s: float) -> NDArray[np.float64]:
    """From when on each site cannot be entered under a plan, float64[c]."""
    if plan.question is None or plan.answers is None:
        return np.full(need.shape[0], np.inf)
    return shut_times(plan.question, plan.answers, need, margin_s)


def nothing(drives: tuple[Drive, ...]) -> Found:
    """No plan, and the drives that show it."""
    return Found(
        question=None,
        options=None,
        answers=None,
        cost=0,
        bound=np.inf,
        proven=True,
        drives=drives,
    )


def found(question: CutOptions, result: CutResult) -> Found:
    """The end of a search for a cut, as a plan."""
    return Found(
        question=question,
        options=result.options,
        answers=result.answers,
        cost=result.cost,
        bound=result.bound,
        proven=result.proven,
    )


def proven_best(plan: Found) -> Found:
    """A plan when it is known that none is cheaper; no plan, when there is none at all."""
    if plan.sealed:
        return replace(plan, bound=float(plan.cost), proven=True)
    return nothing(())
