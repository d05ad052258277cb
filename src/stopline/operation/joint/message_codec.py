"""Questions and answers of a joint plan as messages, and what both nodes must have in common."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from stopline.documents.canonical_json import canonical
from stopline.errors import BadInput
from stopline.link.plan_messages import PlanAnswered, PlanAsked
from stopline.sealing.problem import UNIT_RULES
from stopline.sealing.side import Commitment, Demands, Inequality

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from stopline.sealing.problem import SealingProblem

_N = TypeVar("_N", int, float)
_LARGEST: Final = 2**31 - 1


def common_of(problem: SealingProblem) -> dict[str, str]:
    """Digest what both nodes must have alike for numbers of sites to mean the same."""
    sites, rules = problem.sites, problem.rules
    arrays = (sites.is_junction, sites.index, sites.need, sites.setup_s)
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(str(array.dtype).encode() + np.ascontiguousarray(array).tobytes())
    both = {name: getattr(rules, name) for name in UNIT_RULES if name != "local_time"}
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
    site = numbers_in(where, asked.site, int)
    strength = numbers_in(where, asked.strength, int)
    by_s = numbers_in(where, asked.by_s, float)
    if not math.isfinite(asked.now_utc_s):
        raise BadInput.single(where, str(asked.now_utc_s), "a moment in UTC seconds")
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


def numbers_in(where: str, text: str, kind: Callable[[str], _N]) -> list[_N]:
    """Read a row of numbers.

    Raises:
        BadInput: it holds something else, or whole numbers that no list is long enough for.
    """
    try:
        found = [kind(part) for part in text.split(" ")] if text else []
    except ValueError as error:
        raise BadInput.single(where, str(error)[:80], "numbers with blanks between") from error
    if any(each != each for each in found):  # noqa: PLR0124  (not a number)
        raise BadInput.single(where, "nan", "numbers with blanks between")
    if kind is int and any(abs(each) > _LARGEST for each in found):
        raise BadInput.single(where, "a number beyond 2^31", "numbers with blanks between")
    return found


def answer_message(
    asked: PlanAsked, answer: Commitment | Sequence[Inequality], later_s: float
) -> PlanAnswered:
    """Write an answer.

    Args:
        asked: the question.
        answer: what the own side says.
        later_s: added to own times, to count from the moment that the question names.
    """
    yes = answer if isinstance(answer, Commitment) else None
    no = () if isinstance(answer, Commitment) else answer
    return PlanAnswered(
        matter=asked.matter,
        number=asked.number,
        closed_s=[] if yes is None else (yes.closed_s + later_s).tolist(),
        units=[] if yes is None else yes.units.tolist(),
        strength=[] if yes is None else yes.strength.tolist(),
        members=[row_text(each.members) for each in no],
        most=[each.most for each in no],
    )


def commitment_id(matter: str, number: int) -> str:
    """Name an answer: of the plan, and of the question."""
    return f"{matter}/{number}"


def answer_of(said: PlanAnswered, demands: Demands, wanted: int) -> Commitment | list[Inequality]:
    """Read an answer.

    Raises:
        BadInput: it does not fit the question, or contradicts itself.
    """
    source = commitment_id(said.matter, said.number)
    if said.members:
        return _inequalities(said, demands, wanted, source)
    numbers = (*said.units, *said.strength)
    fits = len(said.closed_s) == len(said.units) == len(said.strength) == wanted
    if not fits or any(not 1 <= each <= _LARGEST for each in numbers):
        raise BadInput.single("plan.answered", "a commitment", "units and strength of each site")
    answer = Commitment(
        closed_s=np.array(said.closed_s, dtype=np.float64),
        units=np.array(said.units, dtype=np.int64),
        strength=np.array(said.strength, dtype=np.int64),
        source=source,
    )
    first = demands.take(np.arange(wanted))
    in_time = np.isfinite(answer.closed_s) & (answer.closed_s <= first.by_s)
    if not in_time.all() or (answer.strength < first.strength).any():
        raise BadInput.single("plan.answered", "a commitment", "one that meets what was asked")
    return answer


def _inequalities(
    said: PlanAnswered, demands: Demands, wanted: int, source: str
) -> list[Inequality]:
    rows = [numbers_in("plan.answered", members, int) for members in said.members]
    known = all(0 <= number < demands.count for row in rows for number in row)
    most = len(rows) == len(said.most) and all(0 <= each <= _LARGEST for each in said.most)
    broken = any(
        len({number for number in row if number < wanted}) > limit
        for row, limit in zip(rows, said.most, strict=False)
    )
    if not known or not most or not broken or said.closed_s:
        raise BadInput.single("plan.answered", "inequalities", "one that the question breaks")
    return [
        Inequality(members=np.unique(np.array(row, dtype=np.int64)), most=limit, source=source)
        for row, limit in zip(rows, said.most, strict=True)
    ]
