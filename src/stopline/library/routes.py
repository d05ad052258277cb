"""Intercept: the seals that stop most of somebody's own routes, with the bound."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stopline.errors import FaultList
from stopline.interdiction.incidence import Meetings
from stopline.interdiction.intercept import best_plan
from stopline.interdiction.means import Means

if TYPE_CHECKING:
    Route = Mapping[Hashable, float] | Sequence[tuple[Hashable, float]]


@dataclass(frozen=True, slots=True)
class StoppedRoutes:
    """Which unit holds which site, and what that stops.

    Attributes:
        sites: the site of each unit that has one.
        stopped: whether each route is stopped, in their order.
        share: weight that is stopped, of 1.
        bound: no assignment stops more.
    """

    sites: dict[Hashable, Hashable]
    stopped: tuple[bool, ...]
    share: float
    bound: float

    @property
    def proven(self) -> bool:
        """Whether no assignment stops more."""
        return self.bound - self.share <= 1e-9 * max(1.0, self.bound)

    def __repr__(self) -> str:
        word = "proven" if self.proven else f"at most {self.bound:.1%}"
        return f"<intercept: {self.share:.1%} stopped by {len(self.sites)} units, {word}>"


def intercept(
    routes: Sequence[Route],
    ready_s: Mapping[Hashable, Mapping[Hashable, float]],
    *,
    weight: Sequence[float] | None = None,
    need: Mapping[Hashable, int] | None = None,
    strength: Mapping[Hashable, int] | None = None,
    margin_s: float = 0.0,
    time_limit_s: float = 10.0,
) -> StoppedRoutes:
    """Assign units to sites so that the most weight of routes is stopped.

    A unit stops a route at a site if it holds it `margin_s` before the route comes there (the last
    time, if it comes twice). Nothing is assumed of roads: a site is whatever routes and units name.

    Args:
        routes: each the sites it meets with the time it does: `{site: seconds}`, or pairs.
        ready_s: when each unit can hold each site, `{unit: {site: seconds}}`; a site that is not
            named is never held by it.
        weight: of each route; alike if not given.
        need: strength that closes a site; 1 where not given.
        strength: of a unit; 1 where not given.
        margin_s: as above.
        time_limit_s: of computing; the best by then comes with the bound by then.

    Raises:
        BadInput: with every fault.
    """
    faults = FaultList()
    met = [_pairs(route, number, faults) for number, route in enumerate(routes)]
    weights = np.ones(len(met)) if weight is None else np.asarray(weight, dtype=np.float64)
    _check(met, weights, ready_s, need or {}, strength or {}, faults)
    faults.raise_if_any()
    sites = list(dict.fromkeys(
        [*(site for route in met for site in route), *(s for row in ready_s.values() for s in row)]
    ))  # fmt: skip
    number = {site: position for position, site in enumerate(sites)}
    units = list(ready_s)
    ready = np.full((len(units), len(sites)), np.inf)
    for row, unit in enumerate(units):
        for site, seconds in ready_s[unit].items():
            ready[row, number[site]] = seconds
    means = Means(
        ready_s=ready,
        strength=np.array([(strength or {}).get(unit, 1) for unit in units], dtype=np.int32),
        need=np.array([(need or {}).get(site, 1) for site in sites], dtype=np.int32),
        arc_site=np.empty(0, dtype=np.int32),
        head_site=np.empty(0, dtype=np.int32),
        margin_s=margin_s,
    )
    first = np.cumsum([0, *(len(route) for route in met)]).astype(np.int64)
    meetings = Meetings(
        first,
        np.array([number[site] for route in met for site in route], dtype=np.int32),
        np.array([time_s for route in met for time_s in route.values()], dtype=np.float64),
    )
    found = best_plan(meetings, weights / weights.sum(), means, time_limit_s=time_limit_s)
    held = {
        unit: sites[int(site)] for unit, site in zip(units, found.site_of, strict=True) if site >= 0
    }
    return StoppedRoutes(held, tuple(map(bool, found.stopped)), found.value, found.bound)


def _pairs(route: Route, number: int, faults: FaultList) -> dict[Hashable, float]:
    """Each site with the last time the route meets it."""
    pairs = route.items() if isinstance(route, Mapping) else route
    last: dict[Hashable, float] = {}
    for site, time_s in pairs:
        if not np.isfinite(time_s):
            faults.add(f"routes[{number}] at {site}", str(time_s), "seconds")
        last[site] = max(float(time_s), last.get(site, -np.inf))
    return last


def _check(
    met: list[dict[Hashable, float]],
    weights: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    ready_s: Mapping[Hashable, Mapping[Hashable, float]],
    need: Mapping[Hashable, int],
    strength: Mapping[Hashable, int],
    faults: FaultList,
) -> None:
    if not met:
        faults.add("routes", "none", "at least one")
    if weights.shape != (len(met),):
        faults.add("weight", f"{weights.shape[0]} numbers", f"{len(met)}, one a route")
    elif len(met) and not (np.isfinite(weights).all() and weights.min() >= 0 and weights.sum() > 0):
        faults.add("weight", "a negative number, or nothing but zeros", "numbers of 0 or more")
    for unit, row in ready_s.items():
        for site, seconds in row.items():
            if np.isnan(seconds):
                faults.add(f"ready_s of {unit} at {site}", "nan", "seconds, infinite for never")
    for name, table in (("need", need), ("strength", strength)):
        for key, value in table.items():
            if value < 1 or int(value) != value:
                faults.add(f"{name} of {key}", str(value), "a whole number, 1 or more")
