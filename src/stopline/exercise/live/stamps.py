"""How far the stamps in both records lie from when the engine gave what made them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.exercise.document.deeds import DEEDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.exercise.engine.ports import FactSeen
    from stopline.exercise.truth.log import TruthLog

# Each leaves one fact of its own, so that the two lists are of the same length where all is well.
_ONE_FACT_EACH: Final = (
    "alarm.raise", "sighting.note", "plan.adopt", "order.move", "task.do", "decision.voice",
    "statement.release",
)  # fmt: skip


def stamps_off_s(log: TruthLog, facts: Iterable[FactSeen]) -> list[float]:
    """By how many exercise seconds each fact is stamped after its command was given.

    Args:
        log: what the engine gave, and when.
        facts: of both records.
    """
    off_s: list[float] = []
    known = list(facts)
    for side in sorted({fact.side for fact in known}):
        for command in _ONE_FACT_EACH:
            given = [
                one.t
                for one in log.of("gives")
                if one.actor.startswith(f"{side}.") and one.about["command"] == command
            ]
            stamped = sorted(
                fact.t for fact in known if (fact.side, fact.kind) == (side, DEEDS[command])
            )
            if len(given) == len(stamped):  # an officer who is played leaves facts of his own
                off_s += [late - at for at, late in zip(given, stamped, strict=True)]
    return off_s
