"""The content of choices.json: the odds and orders of each choice, its ring and its strategy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.planning.choices import Choice
    from stopline.sealing.containment import Containment
    from stopline.sealing.problem import SealingProblem

FORM: Final = "stopline-choices/1"


def choices_document(choices: Sequence[Choice], problem: SealingProblem) -> dict[str, Any]:
    """The content of choices.json: odds and orders of each, and the strategy with its draw."""
    return {
        "format": FORM,
        "choices": [
            {
                "choice": one.name,
                "exits_sealed": round(one.exits, 6),
                "belief_stopped": None if math.isnan(one.stopped) else round(one.stopped, 6),
                "first_escape_s": one.escape_s if math.isfinite(one.escape_s) else None,
                "assured": round(one.assured, 6),
                "bound": one.bound if math.isfinite(one.bound) else None,
                "orders": {
                    holder.unit: f"{seal.site.kind} {seal.site.index}"
                    for seal in one.plan.seals
                    for holder in seal.holders
                },
                "ring": None if one.ring is None else _ring_document(one.ring),
                "no_ring": None if one.no_ring is None else _no_ring_document(one.no_ring),
                "reserve": list(one.reserve),
                "strategy": None
                if one.strategy is None
                else one.strategy.document(one.units, _SiteNames(problem), one.draw),
            }
            for one in choices
        ],
    }


def _ring_document(ring: Containment) -> dict[str, Any]:
    """The ring of a choice: how far, from when, by whom, and whether it is the smallest."""
    seals = () if ring.plan is None else ring.plan.seals
    return {
        "edge_s": ring.edge_s,
        "within_m": None if math.isnan(ring.within_m) else round(ring.within_m, 1),
        "from_s": ring.from_s if math.isfinite(ring.from_s) else None,
        "least": ring.least,
        "units": [holder.unit for seal in seals for holder in seal.holders],
        "exits": [f"{place.kind} {place.index}" for place in ring.problem.exits],
    }


def _no_ring_document(lacking: Containment) -> dict[str, Any]:
    """The ring that lacks fewest units where none can be held, as far as that is known."""
    return {
        "edge_s": lacking.edge_s,
        "within_m": None if math.isnan(lacking.within_m) else round(lacking.within_m, 1),
        "decided": lacking.least,
        "needed": lacking.needed or None,
        "missing": lacking.missing or None,
        "units": len(lacking.problem.units),
        "exits": [f"{place.kind} {place.index}" for place in lacking.problem.exits],
    }


class _SiteNames:
    """Names of sites by number, made when asked: there may be a million."""

    def __init__(self, problem: SealingProblem) -> None:
        self._sites = problem.sites

    def __len__(self) -> int:
        return self._sites.count

    def __getitem__(self, number: int) -> str:
        kind = "junction" if self._sites.is_junction[number] else "section"
        return f"{kind} {int(self._sites.index[number])}"
