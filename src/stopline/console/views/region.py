"""Exits and territories of the region as the map shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stopline.console.region import Roads


def exit_places(roads: Roads) -> list[tuple[str, float, float]]:
    """Name and position of each exit, once for each name."""
    found: dict[str, tuple[str, float, float]] = {}
    problem = None if roads.scenario is None else roads.scenario.problem
    for one in () if problem is None else problem.exits:
        middle = roads.middle_of(f"{one.kind} {one.index}")
        if middle is not None:
            found.setdefault(one.name, (one.name, *middle))
    return list(found.values())


def own_territories(roads: Roads) -> list[str]:
    """The territories that the exits enclose: the first side's of the scenario, or all."""
    if roads.scenario is None or not roads.scenario.sides:
        return list(roads.network.territories)
    first = next(iter(roads.scenario.sides.values()))
    return [name for name in first.territories if name in roads.network.territories]
