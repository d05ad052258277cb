"""What this side said it holds, with the units behind it: kept aside until the other builds on it.

An answer binds nobody before it is taken. Until then the units behind it lie on a shelf of the
node; with `plan.taken` those that are built on become a fact, and the rest are forgotten.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.network.place_names import road_text
from stopline.operation.accounts.storage_keys import named_by
from stopline.operation.facts.joint import AnswerKept, GivenSeal, GivenUnit

if TYPE_CHECKING:
    from stopline.journal.base import Transaction
    from stopline.link.plan_messages import PlanAsked
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.side import Commitment, Demands

HELD_SHELF: Final = "joint-plan-held"
COUNTED_ON_S: Final = 4 * 3600.0  # how long a commitment is counted on


def given_seals(
    problem: SealingProblem, demands: Demands, answer: Commitment, now_utc_s: float
) -> list[GivenSeal]:
    """Say which units hold each demand that a commitment answers, times in UTC seconds.

    Whether a site is an exit is told by our own scenario: what the other side plans stays there.
    """
    exits = {(one.kind, one.index) for one in problem.exits}
    strength = {unit.id: unit.strength for unit in problem.units}
    found = []
    for row, holders in enumerate(answer.holders):
        site = problem.site(int(demands.site[row]))
        by_s = float(demands.by_s[row])
        found.append(
            GivenSeal(
                site=f"{site.kind} {site.index}",
                road=road_text(site.name, site.road_class, site.meets),
                lon=site.lon if math.isfinite(site.lon) else None,
                lat=site.lat if math.isfinite(site.lat) else None,
                need=int(demands.strength[row]),
                by_utc_s=now_utc_s + by_s if np.isfinite(by_s) else None,
                closed_utc_s=now_utc_s + float(answer.closed_s[row]),
                units=tuple(
                    GivenUnit(unit=h.unit, agency=h.agency, strength=strength[h.unit])
                    for h in holders
                ),
                at_exit=(site.kind, site.index) in exits,
            )
        )
    return found


def put_aside(
    work: Transaction, peer: str, asked: PlanAsked, seals: list[GivenSeal], now_s: float
) -> AnswerKept:
    """Keep what an answer says until it is taken; what is too old to be taken goes.

    Returns:
        The fact that names what is kept.
    """
    for key, value in list(work.scan(HELD_SHELF)):
        if json.loads(value)["time_s"] < now_s - COUNTED_ON_S:
            work.remove(HELD_SHELF, key)
    told = json.dumps({"time_s": now_s, "seals": [seal.model_dump(mode="json") for seal in seals]})
    work.put(HELD_SHELF, held_key(peer, asked.matter, asked.number), told.encode())
    return AnswerKept(
        peer=peer, matter=asked.matter, number=asked.number, kept=named_by(told.encode())
    )


def take_out(
    work: Transaction, peer: str, matter: str, number: int, rows: list[int]
) -> tuple[GivenSeal, ...] | None:
    """Give what is built on of an answer, and forget the rest of the matter; None: unknown."""
    value = work.get(HELD_SHELF, held_key(peer, matter, number))
    if value is None:
        return None
    seals = [GivenSeal.model_validate(one) for one in json.loads(value)["seals"]]
    if not all(0 <= row < len(seals) for row in rows):
        return None
    for key, _ in list(work.scan(HELD_SHELF, held_key(peer, matter, None))):
        if not key.startswith(held_key(peer, matter, None)):
            break
        work.remove(HELD_SHELF, key)
    return tuple(seals[row] for row in dict.fromkeys(rows))


def held_key(peer: str, matter: str, number: int | None) -> str:
    """Texts of the other side are written as JSON, so that no two can make one key."""
    head = json.dumps([peer, matter])
    return head if number is None else f"{head} {number}"
