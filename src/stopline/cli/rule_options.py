"""Options of the command line that change the rules of a scenario."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from stopline.errors import FaultList

if TYPE_CHECKING:
    from stopline.planning.plan import RuleChanges

_PARTIAL: Final = ("combine", "contain", "cover", "intercept", "delay", "randomise")
_MOST_S: Final = 86400.0


def rule_changes(
    *, objective: str | None, time_limit: float | None, partial: str | None
) -> RuleChanges:
    """Check the options and make the changes of them.

    Raises:
        BadInput: with all options that cannot be.
    """
    from stopline.planning.plan import RuleChanges
    from stopline.scenario.fields import OBJECTIVES

    faults = FaultList()
    order: tuple[str, ...] | None = None
    if objective is not None:
        order = tuple(word.strip() for word in objective.split(","))
        if len(set(order)) < len(order) or not set(order) <= set(OBJECTIVES):
            faults.add("--objective", objective, f"some of {', '.join(OBJECTIVES)}, each once")
    if time_limit is not None and not (math.isfinite(time_limit) and 0 < time_limit <= _MOST_S):
        faults.add("--time-limit", f"{time_limit:g}", "seconds > 0, at most 86400")
    if partial is not None and partial not in _PARTIAL:
        faults.add("--partial", partial, ", ".join(_PARTIAL))
    faults.raise_if_any()
    return RuleChanges(objective=order, time_limit_s=time_limit, partial=partial)


def minutes_of(text: str) -> tuple[float, ...]:
    """Read minutes with commas between, in rising order.

    Raises:
        BadInput: one of them is no number from 0 to 10,000.
    """
    faults = FaultList()
    minutes: list[float] = []
    for word in text.split(","):
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        if not 0 <= value <= 10_000:  # noqa: PLR2004
            faults.add("--minutes", word.strip() or "nothing", "minutes such as 5,10,15")
        minutes.append(value)
    faults.raise_if_any()
    return tuple(sorted(set(minutes)))
