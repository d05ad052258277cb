"""Intercept: the seals that stop most of somebody's own routes, with the bound."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.errors import FaultList
from stopline.interdiction.incidence import Meetings
from stopline.interdiction.intercept import best_plan
from stopline.interdiction.means import Means
from stopline.library.given import is_number, listed, shown

if TYPE_CHECKING:
    Route = Mapping[Hashable, float] | Sequence[tuple[Hashable, float]]

_A_ROUTE: Final = "the sites it meets with their times: {'bridge': 300}, or pairs of both"
_READY: Final = "when each unit can hold each site: {'car 1': {'bridge': 310}}"


@dataclass(frozen=True, slots=True)
class StoppedRoutes:
    """Which unit holds which site, and what that stops.

    Attributes:
        sites: the site of each unit that has one.
        stopped: whether each route is stopped, in their order.
        share: weight that is stopped, of 1.
        bound: no assignment stops more.
        unmet: sites that units could hold and no route meets; perhaps misspelt.
        past: how many routes have passed every site of theirs already.
    """

    sites: dict[Hashable, Hashable]
    stopped: tuple[bool, ...]
    share: float
    bound: float
    unmet: tuple[Hashable, ...] = ()
    past: int = 0

    @property
    def proven(self) -> bool:
        """Whether no assignment stops more."""
        return self.bound - self.share <= 1e-9 * max(1.0, self.bound)

    def __repr__(self) -> str:
        word = "proven" if self.proven else f"at most {self.bound:.1%}"
        count = len(self.unmet)
        idle = f"; no route meets {self.unmet[0]}" if count else ""
        idle += f" and {count - 1} more sites" if count > 1 else ""
        gone = f"; routes past every site of theirs: {self.past}" if self.past else ""
        stopped = f"{self.share:.1%} stopped by {len(self.sites)} units"
        return f"<intercept: {stopped}, {word}{idle}{gone}>"


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
        routes: each the sites it meets with the time it does: `{site: seconds}`, or pairs; seconds
            from now. Below 0 it has passed already: nothing stops it there.
        ready_s: when each unit can hold each site, `{unit: {site: seconds}}`, 0 where it does so
            now; a site that is not named is never held by it. One that no route meets is told in
            `unmet`; that routes meet none at all is a fault.
        weight: of each route; alike if not given.
        need: strength that closes a site; 1 where not given.
        strength: of a unit; 1 where not given.
        margin_s: as above.
        time_limit_s: of computing; the best by then comes with the bound by then.

    Raises:
        BadInput: with every fault.
    """
    faults = FaultList()
    given = listed(routes, (Mapping, Sequence), "routes", _A_ROUTE, faults)
    if not given and not faults:
        faults.add("routes", "none", "at least one")
    met = [_pairs(route, number, faults) for number, route in enumerate(given)]
    on_routes = dict.fromkeys(site for route in met for site in route)
    weights = _weights(weight, len(met), faults)
    if met and all(map(_is_past, met)):
        faults.add("routes", "only times before now, below 0", "seconds from now")
    _check_ready(ready_s, on_routes, faults)
    _check_whole("need", need, on_routes, faults)
    _check_whole("strength", strength, ready_s if isinstance(ready_s, Mapping) else (), faults)
    is_number(margin_s, "margin_s", faults, least=0.0)
    is_number(time_limit_s, "time_limit_s", faults, least=1e-3)
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
    return StoppedRoutes(
        held, tuple(map(bool, found.stopped)), found.value, found.bound,
        tuple(site for site in sites if site not in on_routes), sum(map(_is_past, met)),
    )  # fmt: skip


def _pairs(route: Route, number: int, faults: FaultList) -> dict[Hashable, float]:
    """Each site with the last time the route meets it."""
    pairs = list(route.items() if isinstance(route, Mapping) else route)
    last: dict[Hashable, float] = {}
    if not pairs or any(isinstance(one, str) or not _is_a_pair(one) for one in pairs):
        faults.add(f"routes[{number}]", shown(route), _A_ROUTE)
        return last
    for site, time_s in pairs:
        if is_number(time_s, f"routes[{number}] at {site}", faults):
            last[site] = max(float(time_s), last.get(site, -np.inf))
    return last


def _is_past(route: dict[Hashable, float]) -> bool:
    return bool(route) and max(route.values()) < 0


def _is_a_pair(one: object) -> bool:
    return isinstance(one, Sequence) and len(one) == 2 and isinstance(one[0], Hashable)  # noqa: PLR2004


def _weights(
    weight: object, count: int, faults: FaultList
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    if weight is None:
        return np.ones(count)
    before = len(faults)
    row: Any = weight
    if getattr(row, "ndim", 0) == 1:  # a column of pandas or an array
        row = row.tolist()
    given = listed(row, object, "weight", "numbers, one a route", faults)
    for number, one in enumerate(given):
        is_number(one, f"weight[{number}]", faults, least=0.0, what="a number")
    if len(faults) > before:
        return np.ones(count)
    if len(given) != count:
        faults.add("weight", f"{len(given)} numbers", f"{count}, one a route")
    elif count and not sum(given) > 0:
        faults.add("weight", "nothing but zeros", "at least one number above 0")
    return np.array(given, dtype=np.float64)


def _check_ready(ready_s: object, on_routes: Collection[Hashable], faults: FaultList) -> None:
    if not isinstance(ready_s, Mapping):
        faults.add("ready_s", shown(ready_s), _READY)
        return
    if not ready_s:
        faults.add("ready_s", "no unit", "at least one")
    for unit, row in ready_s.items():
        if not isinstance(row, Mapping):
            faults.add(f"ready_s of {unit}", shown(row), _READY)
            continue
        for site, seconds in row.items():
            endless = isinstance(seconds, Real) and seconds == np.inf
            if not endless:
                is_number(seconds, f"ready_s of {unit} at {site}", faults, least=0.0,
                          what="seconds, infinite for never")  # fmt: skip
    named = dict.fromkeys(
        site for row in ready_s.values() if isinstance(row, Mapping) for site in row
    )
    if named and on_routes and not any(site in on_routes for site in named):
        expected = f"one that a route meets: {', '.join(map(str, list(on_routes)[:12]))}"
        faults.add("ready_s", f"only sites such as {next(iter(named))}", expected)


def _check_whole(name: str, table: object, known: Collection[Hashable], faults: FaultList) -> None:
    """A table of whole numbers for what is known by that name."""
    if table is None:
        return
    if not isinstance(table, Mapping):
        faults.add(name, shown(table), "whole numbers by name, for example {'bridge': 2}")
        return
    for key, value in table.items():
        if key not in known:
            faults.add(
                name, str(key), f"of {', '.join(map(str, list(known)[:12])) or 'those given'}"
            )
        if not is_number(value, f"{name} of {key}", faults, least=1.0, what="a whole number"):
            continue
        if int(value) != value:
            faults.add(f"{name} of {key}", str(value), "a whole number, 1 or more")
