"""Standing duty: who is on duty in which shift, and random checkpoints for each shift.

Rest comes first: a roster gives each shift its crew under the rules of rest, evenly. Then each
shift draws a plan from the strategy of its own crew, independent of all others. So what a driver
has seen on other days tells it nothing, and the chance of each checkpoint in a shift is exactly
that of the crew's strategy; nothing is dropped because a unit drawn happens to be off duty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.errors import FaultList

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from stopline.interdiction.strategy import Draw, Strategy

DAYS_OF_WEEK: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class RestRules:
    """What every unit is owed.

    Attributes:
        shifts_per_day: into how many equal shifts a day falls, >= 1.
        rest_shifts: shifts off between two on duty, >= 0; 2 of three a day are 16 hours.
        most_per_week: shifts on duty in any seven days in a row, >= 1.
    """

    shifts_per_day: int = 3
    rest_shifts: int = 2
    most_per_week: int = 5

    def __post_init__(self) -> None:
        faults = FaultList()
        for name, least in (("shifts_per_day", 1), ("rest_shifts", 0), ("most_per_week", 1)):
            if getattr(self, name) < least:
                faults.add(f"rest: {name}", getattr(self, name), f"{least} or more")
        faults.raise_if_any()


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift of a rota.

    Attributes:
        number: of the shift, from 0 on.
        crew: the units on duty.
        strategy: what it is drawn from; its units are the crew, in that order.
        draw: of the plan.
    """

    number: int
    crew: tuple[int, ...]
    strategy: Strategy
    draw: Draw

    def site_of(self, units: int) -> NDArray[np.int32]:
        """The site of each of all units, int32[units], -1 for none."""
        out = np.full(units, -1, dtype=np.int32)
        out[list(self.crew)] = self.strategy.site_of[self.draw.plan]
        return out


def roster(
    available: NDArray[np.bool_], crew: int, rules: RestRules, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Choose a crew for each shift; bool[shifts, units].

    Those who have worked least come first, chance decides among equals. A shift gets fewer where
    rest leaves no more.

    Args:
        available: bool[shifts, units], shifts that a unit could take (its own duty hours).
        crew: units wanted in each shift, >= 1.
        rules: of rest.
        rng: for ties.

    Raises:
        BadInput: nobody is wanted, or there is no shift or no unit.
    """
    faults = FaultList()
    if crew < 1:
        faults.add("rota: crew", crew, "1 or more")
    if available.ndim != 2 or not available.size:  # noqa: PLR2004  (shifts and units)
        faults.add("rota: available", str(available.shape), "shifts x units, at least one of each")
    faults.raise_if_any()
    shifts, units = available.shape
    on = np.zeros((shifts, units), dtype=np.bool_)
    week = DAYS_OF_WEEK * rules.shifts_per_day
    for shift in range(shifts):
        rested = ~on[max(0, shift - rules.rest_shifts) : shift].any(axis=0)
        recent = on[max(0, shift - week + 1) : shift].sum(axis=0)
        fit = np.flatnonzero(available[shift] & rested & (recent < rules.most_per_week))
        order = np.lexsort((rng.random(fit.size), on[:shift, fit].sum(axis=0)))
        on[shift, fit[order[:crew]]] = True
    return on


def rota(
    on_duty: NDArray[np.bool_],
    strategy_of: Callable[[tuple[int, ...]], Strategy],
    seed: int,
) -> tuple[Shift, ...]:
    """Draw the checkpoints of every shift.

    Args:
        on_duty: bool[shifts, units], a roster.
        strategy_of: solves the game for a crew; asked once for each crew.
        seed: of all draws; shift i draws with the i-th seed made from it.

    Returns:
        One shift for each row that has anyone on duty.
    """
    strategies: dict[tuple[int, ...], Strategy] = {}
    out: list[Shift] = []
    seeds = np.random.SeedSequence(seed).generate_state(on_duty.shape[0], dtype=np.uint64)
    for number in range(on_duty.shape[0]):
        crew = tuple(int(unit) for unit in np.flatnonzero(on_duty[number]))
        if not crew:
            continue
        if crew not in strategies:
            strategies[crew] = strategy_of(crew)
        strategy = strategies[crew]
        out.append(Shift(number, crew, strategy, strategy.draw(int(seeds[number]))))
    return tuple(out)
