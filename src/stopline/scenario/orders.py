"""The orders of a scenario: which unit was sent where already."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.forces.unit import IN_POSITION
from stopline.network.geodesy import along, distance_m
from stopline.network.point_snapper import SnappedPoint
from stopline.network.snapping import snap

if TYPE_CHECKING:
    from stopline.documents.yaml import KeyPath
    from stopline.forces.unit import Unit
    from stopline.network.road_network import RoadNetwork
    from stopline.scenario.context import ScenarioPart
    from stopline.scenario.schema import OrderForm
    from stopline.sealing.problem import SiteList

_FROM_END_M: Final = 2.0  # more than what still counts as standing at the junction


def orders_of(part: ScenarioPart, units: tuple[Unit, ...], sites: SiteList) -> dict[str, int]:
    """Number of the site by unit, for all orders; an order that cannot be is a fault."""
    number = {
        (bool(kind), int(index)): site
        for site, (kind, index) in enumerate(zip(sites.is_junction, sites.index, strict=True))
    }
    posts = {name: site for site, name in sites.names.items()}
    known = {unit.id: unit for unit in units}
    orders: dict[str, int] = {}
    for row, order in enumerate(part.form.orders):
        keys: KeyPath = ("orders", row)
        if order.unit not in known:
            part.fault((*keys, "unit"), order.unit, "the id of one of the units")
            continue
        if order.unit in orders:
            part.fault((*keys, "unit"), f"{order.unit} a second time", "one order for each unit")
            continue
        site = _site(part, order, keys, number, posts)
        if site is None:
            continue
        place = _territories(part, sites, site)
        if place and not place & known[order.unit].may_act_in:
            seen = f"{order.unit}, which may not act in {' or '.join(sorted(place))}"
            part.fault((*keys, "unit"), seen, "a unit that may act there")
            continue
        orders[order.unit] = site
    return orders


def _site(
    part: ScenarioPart,
    order: OrderForm,
    keys: KeyPath,
    number: dict[tuple[bool, int], int],
    posts: dict[str, int],
) -> int | None:
    """The site that an order names; None if a fault was noted."""
    if order.post is not None:
        if order.post in posts:
            return posts[order.post]
        known = ", ".join(posts) or "(the scenario has none)"
        part.fault((*keys, "post"), order.post, f"a prepared checkpoint: {known}")
        return None
    place = _place(part, order, keys)
    if place is None:
        return None
    if place not in number:
        kind = "junction" if place[0] else "section"
        part.fault(keys, f"{kind} {place[1]}, which is no site", "a place under sites")
    return number.get(place)


def _place(part: ScenarioPart, order: OrderForm, keys: KeyPath) -> tuple[bool, int] | None:
    """Whether an order names a junction, and its number; None if a fault was noted."""
    if order.junction is not None:
        known = part.has_junction(order.junction, (*keys, "junction"))
        return (True, order.junction) if known else None
    if order.section is not None:
        known = part.has_section(order.section, (*keys, "section"))
        return (False, order.section) if known else None
    lon, lat, most_m = order.lon or 0.0, order.lat or 0.0, part.form.rules.max_snap_m
    (point,) = part.points.snap([(lon, lat)])
    if point.distance_m > most_m:
        seen = part.points.too_far(lon, lat, point.distance_m)
        part.fault(keys, seen, f"a place within {most_m:g} m of a road")
        return None
    return False, point.section


def _territories(part: ScenarioPart, sites: SiteList, site: int) -> set[str]:
    """Names of the territories in which a site lies; empty where nobody knows."""
    network, index = part.network, int(sites.index[site])
    if sites.is_junction[site]:
        ends = [index]
    else:
        ends = [int(network.section_tail[index]), int(network.section_head[index])]
    numbers = [int(network.junction_territory[end]) for end in ends]
    return {network.territories[i] for i in numbers} if min(numbers) >= 0 else set()


def put_in_position(
    part: ScenarioPart,
    units: tuple[Unit, ...],
    snapped: tuple[SnappedPoint, ...],
    orders: dict[str, int],
    sites: SiteList,
) -> tuple[tuple[Unit, ...], tuple[SnappedPoint, ...]]:
    """Put units in position where their orders say that they stand, ready at once.

    A position from a radio lies some metres off, on another road as likely as not. One that lies
    farther off than `max_snap_m` is a fault.
    """
    moved: list[tuple[Unit, SnappedPoint]] = []
    for unit, point in zip(units, snapped, strict=True):
        site = orders.get(unit.id)
        if unit.status != IN_POSITION or site is None:
            moved.append((unit, point))
            continue
        there, lon, lat = _on_site(part, unit, sites, site)
        if there.distance_m > part.form.rules.max_snap_m:
            row = next(i for i, one in enumerate(part.form.orders) if one.unit == unit.id)
            seen = f"{unit.id} in position, but {there.distance_m / 1000:.1f} km away"
            part.fault(("orders", row), seen, "a unit in position at its site, or under way")
        moved.append((replace(unit, lon=lon, lat=lat, ready_s=0.0), there))
    return tuple(unit for unit, _ in moved), tuple(point for _, point in moved)


def _on_site(
    part: ScenarioPart, unit: Unit, sites: SiteList, site: int
) -> tuple[SnappedPoint, float, float]:
    """The point of a site nearest to a unit, and its longitude and latitude."""
    is_junction = bool(sites.is_junction[site])
    return point_on_site(
        part.network, int(sites.index[site]), unit.lon, unit.lat, is_junction=is_junction
    )


def point_on_site(
    network: RoadNetwork, index: int, near_lon: float, near_lat: float, *, is_junction: bool
) -> tuple[SnappedPoint, float, float]:
    """The point of a junction or section nearest to a point, and its longitude and latitude."""
    if is_junction:
        lon, lat = float(network.junction_lon[index]), float(network.junction_lat[index])
        arc = int(network.first_out[index])
        fraction = 0.0 if network.arc_forward[arc] else 1.0
        away_m = float(distance_m(near_lon, near_lat, lon, lat))
        return SnappedPoint(int(network.arc_section[arc]), fraction, away_m), lon, lat
    only_it = np.zeros(network.sections, dtype=bool)
    only_it[index] = True
    found = snap(network, [near_lon], [near_lat], only_it)
    # Not at an end, where one could not tell on which of several roads the unit stands.
    least = min(0.5, _FROM_END_M / float(network.section_length_m[index]))
    fraction = min(max(float(found.fraction[0]), least), 1.0 - least)
    lon, lat = along(network, index, fraction)
    return SnappedPoint(index, fraction, float(found.distance_m[0])), lon, lat
