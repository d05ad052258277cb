"""How long units truly take from where they are to a site, and what strength truly closes it.

The same roads and rules as the planner's; what a side knows of its units is its own matter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from stopline.operation.readiness.planner import place_at
from stopline.planning.interdiction import Interdiction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from stopline.forces.unit import Unit
    from stopline.sealing.problem import SealingProblem


def site_names(problem: SealingProblem) -> dict[str, int]:
    """Number of each site, by its name `section N` or `junction N`."""
    sites = problem.sites
    kinds = ["junction" if one else "section" for one in sites.is_junction.tolist()]
    rows = zip(kinds, sites.index.tolist(), strict=True)
    return {f"{kind} {index}": number for number, (kind, index) in enumerate(rows)}


def needs_of(problem: SealingProblem) -> dict[str, int]:
    """Strength that closes each site, by its name."""
    need = problem.sites.need.tolist()
    return {name: int(need[number]) for name, number in site_names(problem).items()}


@dataclass(slots=True)
class Journeys:
    """Seconds from an order until a unit has closed a site, if all goes as it should.

    Attributes:
        problem: roads, sites, rules and the units of both sides at their bases.
        needs: strength that closes each site, by its name.
    """

    problem: SealingProblem
    needs: dict[str, int] = field(init=False)
    _numbers: dict[str, int] = field(init=False)
    _units: dict[str, Unit] = field(init=False)
    _known: dict[tuple[str, str], NDArray[np.float64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers, self.needs = site_names(self.problem), needs_of(self.problem)
        self._units = {one.id: one for one in self.problem.units}

    def closes_after_s(self, unit: str, site: str, at: str = "") -> float:
        """Seconds until a unit closes a site; infinite where it cannot get there.

        Args:
            unit: its id.
            site: where it is ordered to.
            at: the site at which it stands; empty: at its base.
        """
        if unit not in self._units or site not in self._numbers:
            return math.inf
        if at == site:
            return 0.0
        if (unit, at) not in self._known:
            self._known[unit, at] = self._from(self._units[unit], at)
        return float(self._known[unit, at][self._numbers[site]])

    def _from(self, unit: Unit, at: str) -> NDArray[np.float64]:
        places = self.problem.unit_places
        place = None if places is None else places[list(self._units).index(unit.id)]
        there = place_at(self.problem.network, at) if at else None
        if there is not None:
            site = self.problem.site(self._numbers[at]) if at in self._numbers else None
            unit = replace(unit, ready_s=0.0)
            if site is not None and math.isfinite(site.lon) and math.isfinite(site.lat):
                unit = replace(unit, lon=site.lon, lat=site.lat)
            place = there
        alone = replace(
            self.problem, units=(unit,), unit_places=None if place is None else (place,),
            rules=replace(self.problem.rules, margin_s=0.0),
        )  # fmt: skip
        ready: NDArray[np.float64] = Interdiction.of(alone).means.ready_s[0]
        return ready
