"""Questions and answers of a joint plan as messages, and what both nodes must have in common."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from stopline.errors import BadInput
from stopline.journal.canonical import canonical
from stopline.link.plan_messages import PlanAnswered, PlanAsked
from stopline.sealing.side import Commitment, Demands, Inequality

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from stopline.sealing.problem import SealingProblem

_N = TypeVar("_N", int, float)


def common_of(problem: SealingProblem) -> dict[str, str]:
    """Digest what both nodes must have alike for numbers of sites to mean the same."""
    sites, rules = problem.sites, problem.rules
    arrays = (sites.is_junction, sites.index, sites.need, sites.setup_s)
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(str(array.dtype).encode() + np.ascontiguousarray(array).tobytes())
    both = {"obey": rules.units_obey_one_way, "cross": rules.units_cross_borders}
    return {
        "network": hashlib.sha256(problem.network.digest.encode()).hexdigest(),
        "sites": digest.hexdigest(),
        "rules": hashlib.sha256(canonical(both)).hexdigest(),
    }


def demands_of(asked: PlanAsked, sites: int, levels: int) -> Demands:
    """Read the demands of a question.

    Raises:
        BadInput: lengths differ, a site has no such number, a strength is out of range.
    """
    where = "plan.asked"
    site = _numbers(where, asked.site, int)
    strength = _numbers(where, asked.strength, int)
    by_s = _numbers(where, asked.by_s, float)
    count = len(site)
    if not asked.wanted <= count == len(strength) == len(by_s):
        raise BadInput.single(where, f"{count} sites", "as many strengths and times")
    if not all(0 <= number < sites for number in site):
        raise BadInput.single(where, f"site {max(site)}", f"0 to {sites - 1}")
    if not all(1 <= each <= levels for each in strength):
        raise BadInput.single(where, f"strength {max(strength)}", f"1 to {levels}")
    if len(set(site[: asked.wanted])) < asked.wanted:
        raise BadInput.single(where, "a site twice", "each wanted site once")
    if asked.prefer not in {"units", "strength"}:
        raise BadInput.single(where, asked.prefer[:60], "units or strength")
    return Demands(
        site=np.array(site, dtype=np.int32),
        strength=np.array(strength, dtype=np.int32),
        by_s=np.array(by_s, dtype=np.float64),
    )


def row_text(numbers: NDArray[Any]) -> str:
    """Write a row of numbers, exactly."""
    return " ".join(map(repr, numbers.tolist()))


def _numbers(where: str, text: str, kind: Callable[[str], _N]) -> list[_N]:
    try:
        found = [kind(part) for part in text.split(" ")] if text else []
    except ValueError as error:
        raise BadInput.single(where, str(error)[:80], "numbers with blanks between") from error
    if any(each != each for each in found):  # noqa: PLR0124  (not a number)
        raise BadInput.single(where, "nan", "numbers with blanks between")
    return found


def answer_message(
    asked: PlanAsked,
    answer: Commitment | Sequence[Inequality] | str,
    later_s: float,
) -> PlanAnswered:
    """Write an answer; a text says why there is none.

    Args:
        asked: the question.
        answer: what the own side says.
        later_s: added to own times, to count from the moment that the question names.
    """
    yes = answer if isinstance(answer, Commitment) else None
    no = () if isinstance(answer, Commitment | str) else answer
    return PlanAnswered(
        matter=asked.matter,
        number=asked.number,
        closed_s=[] if yes is None else (yes.closed_s + later_s).tolist(),
        units=[] if yes is None else yes.units.tolist(),
        strength=[] if yes is None else yes.strength.tolist(),
        members=[row_text(each.members) for each in no],
        most=[each.most for each in no],
        refused=answer if isinstance(answer, str) else None,
    )


def answer_of(said: PlanAnswered, demands: Demands, wanted: int) -> Commitment | list[Inequality]:
    """Read an answer.

    Raises:
        BadInput: it does not fit the question, or contradicts itself.
    """
    if said.members:
        rows = [
            Inequality(
                members=np.array(_numbers("plan.answered", members, int), dtype=np.int64),
                most=most,
            )
            for members, most in zip(said.members, said.most, strict=False)
        ]
        known = all(((r.members >= 0) & (r.members < demands.count)).all() for r in rows)
        broken = known and any((row.members < wanted).sum() > row.most >= 0 for row in rows)
        if len(said.members) != len(said.most) or not broken:
            raise BadInput.single("plan.answered", "inequalities", "one that the question breaks")
        return rows
    answer = Commitment(
        closed_s=np.array(said.closed_s, dtype=np.float64),
        units=np.array(said.units, dtype=np.int64),
        strength=np.array(said.strength, dtype=np.int64),
    )
    fits = len(said.closed_s) == len(said.units) == len(said.strength) == wanted
    first = demands.take(np.arange(wanted))
    if (
        not fits
        or (answer.closed_s > first.by_s).any()
        or (answer.strength < first.strength).any()
        or (answer.units < 1).any()
    ):
        raise BadInput.single("plan.answered", "a commitment", "one that meets what was asked")
    return answer
