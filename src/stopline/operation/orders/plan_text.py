"""An adopted plan as orders read it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic import ValidationError

from stopline.operation.core.errors import NotNow
from stopline.sealing.plan_file.schema import PlanFile

if TYPE_CHECKING:
    from collections.abc import Collection

    from stopline.sealing.plan_file.schema import SealPart

_UNPRESSED_S = 3600.0


@lru_cache(maxsize=16)
def read_plan_text(text: str) -> PlanFile:
    """Read plan.json.

    Raises:
        NotNow: it is no plan; the first fault is said.
    """
    try:
        return PlanFile.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the text"
        raise NotNow(f"this is no plan.json: {where}: {first['msg']}") from error


def rests_on_words(plan: PlanFile) -> str:
    """What of the map a plan rests on, in one sentence; empty where nothing was left out."""
    return "" if plan.rests_on is None else plan.rests_on.sentence


def deadline_of(plan: PlanFile, seal: SealPart) -> float:
    """The last moment that keeps the margin asked for, UTC seconds.

    Where nothing presses, an hour after the plan expects it.
    """
    arrival_s = seal.arrival_s if seal.arrival_s is not None else seal.closed_at_s + _UNPRESSED_S
    return plan.now_utc_s + max(arrival_s - plan.required_margin_s, seal.closed_at_s)


@dataclass(frozen=True, slots=True)
class TheirPart:
    """What the other side holds of a seal: how strong, and from when, seconds after the plan's now.

    Its units are named where one plan was made of all, and stand as its word in a joint plan.
    """

    strength: int
    closed_s: float


def their_part(plan: PlanFile, seal: SealPart, sides: Collection[str]) -> TheirPart | None:
    """The other side's part in a seal; None where our `sides` hold it alone."""
    strength = {unit.id: unit.strength for unit in plan.units}
    theirs = [one for one in seal.holders if one.side not in sides]
    if not theirs and not seal.committed:
        return None
    return TheirPart(
        sum(strength[one.unit] for one in theirs) + sum(one.strength for one in seal.committed),
        max([*(one.ready_s for one in theirs), *(one.closed_s for one in seal.committed)]),
    )
