"""Random problems with units that may hold one site alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from stopline.sealing.problem import SealingProblem


def with_bound_units(
    problem: SealingProblem, seed: int, sides: tuple[str, ...] = ("north", "south")
) -> SealingProblem:
    """The problem with about half of the units of some sides bound, each to some site."""
    rng = np.random.default_rng([seed, 7])
    units = tuple(
        replace(unit, bound_to=site_text(problem, int(rng.integers(problem.sites.count))))
        if problem.sites.count and rng.random() < 0.5 and unit.side in sides
        else unit
        for unit in problem.units
    )
    return replace(problem, units=units)


def site_text(problem: SealingProblem, number: int) -> str:
    """`section N` or `junction N`."""
    kind = "junction" if problem.sites.is_junction[number] else "section"
    return f"{kind} {problem.sites.index[number]}"
