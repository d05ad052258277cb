"""From live readiness to the planner: the units as they are now, and who is not counted, and why.

A plan's proof holds only if every unit in it comes. So nobody is counted who is off duty, has not
answered an alert in time, or refused an order and has not said since what it can do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from stopline.forces.unit import FREE, IN_POSITION, UNDER_WAY, Unit
from stopline.network.road_network import Direction

if TYPE_CHECKING:
    from stopline.network.point_snapper import PointSnapper
    from stopline.network.road_network import RoadNetwork
    from stopline.operation.readiness.held_orders import Held
    from stopline.operation.readiness.projection import Fix, Readiness, UnitNow
    from stopline.sealing.problem import SealingProblem

OLDEST_FIX_S: Final = 300.0  # an older fix does not say where a unit under way is
_STATUS: Final = {"under way": UNDER_WAY, "in position": IN_POSITION}


def units_now(known: Readiness, now_s: float) -> tuple[Unit, ...]:
    """The units that a plan may count on, as the planner takes them; `ready_s` counts from now.

    A unit on call or released needs the whole of its registered `ready_s` from a call on; one that
    has answered needs what is left of it; one under way or in position none. Its position is its
    last fix, or its base before the first; in position on an order it is the place of the order.

    Args:
        known: the units of this side.
        now_s: the moment, UTC seconds.
    """
    return tuple(
        _unit(one, known.fixes.get(name), known.held.of(name), now_s)
        for name, one in known.units.items()
        if not _why_not(one, now_s)
    )


def not_counted(known: Readiness, now_s: float) -> dict[str, str]:
    """Why `units_now` leaves units out, by id."""
    found = {name: _why_not(one, now_s) for name, one in known.units.items()}
    return {name: why for name, why in found.items() if why}


def sites_now(known: Readiness) -> dict[str, str]:
    """The site that each unit with an order goes to or holds: `section N` or `junction N`, by id.

    Where several orders stand, the one given last.
    """
    return {name: known.held.of(name)[-1].issued.site for name in known.held.by_unit}


def problem_now(
    problem: SealingProblem, known: Readiness, now_s: float, points: PointSnapper
) -> SealingProblem:
    """A problem with this side's units as they are now, counted from this moment.

    The units of this side are replaced, also by none; those of another side stay. Times of sources
    are carried along, so that they mean the same moments. Units in position on an order stand on
    the very site, not on whichever road lies nearest to a radio's fix.

    Args:
        problem: roads, vehicle, sites and rules as prepared, for example of a scenario.
        known: the units of this side.
        now_s: the moment, UTC seconds.
        points: puts positions on the problem's network; keep it, it is costly to make.
    """
    own = units_now(known, now_s)
    ours = {one.registered.side for one in known.units.values()}
    later_s = now_s - problem.now_utc_s
    rest = [
        (replace(unit, ready_s=max(0.0, unit.ready_s - later_s)), place)
        for unit, place in zip(problem.units, _places(problem, points), strict=True)
        if unit.side not in ours
    ]
    snapped = points.place_units(
        [(unit.lon, unit.lat) for unit in own],
        problem.rules,
        [unit.status == IN_POSITION for unit in own],
    )
    places = [
        _on_order(problem, unit, known) or (point.section, point.fraction)
        for unit, point in zip(own, snapped, strict=True)
    ]
    return replace(
        problem,
        units=(*own, *(unit for unit, _ in rest)),
        unit_places=(*places, *(place for _, place in rest)),
        sources=tuple(replace(one, time_s=one.time_s - later_s) for one in problem.sources),
        now_utc_s=now_s,
    )


def _why_not(unit: UnitNow, now_s: float) -> str:
    if unit.state == "off duty":
        return "off duty"
    if unit.refused:
        return f"refused its order: {unit.reason}"
    return "has not answered its alert in time" if unit.is_overdue(now_s) else ""


def _unit(one: UnitNow, fix: Fix | None, held: list[Held], now_s: float) -> Unit:
    what = one.registered
    lon, lat = (what.lon, what.lat) if fix is None else (fix.lon, fix.lat)
    if one.state == "in position":
        for order in held:
            if order.state in {"in position", "closed"} and order.issued.lon is not None:
                lon, lat = order.issued.lon, order.issued.lat or 0.0
    return Unit(
        id=what.id, side=what.side, agency=what.agency, lon=lon, lat=lat,
        ready_s=_ready_s(one, now_s), speed_factor=what.speed_factor, strength=what.strength,
        may_act_in=frozenset(what.may_act_in), name=what.name,
        status=_STATUS.get(one.state, FREE),
    )  # fmt: skip


def _ready_s(one: UnitNow, now_s: float) -> float:
    if one.state in _STATUS:
        return 0.0
    if one.state == "alerted" and one.answered_s is not None and one.called_s is not None:
        return max(0.0, one.registered.ready_s - (now_s - one.called_s))
    return one.registered.ready_s


def _places(problem: SealingProblem, points: PointSnapper) -> tuple[tuple[int, float], ...]:
    if problem.unit_places is not None:
        return problem.unit_places
    snapped = points.place_units(
        [(unit.lon, unit.lat) for unit in problem.units],
        problem.rules,
        [unit.status == IN_POSITION for unit in problem.units],
    )
    return tuple((one.section, one.fraction) for one in snapped)


def _on_order(problem: SealingProblem, unit: Unit, known: Readiness) -> tuple[int, float] | None:
    """Where a unit stands that is in position on an order; None for anybody else."""
    if unit.status != IN_POSITION:
        return None
    places = (
        place_at(problem.network, order.issued.site)
        for order in known.held.of(unit.id)
        if order.state in {"in position", "closed"}
    )
    return next((place for place in places if place is not None), None)


def place_at(network: RoadNetwork, site: str) -> tuple[int, float] | None:
    """The section, and the fraction along it, on which a unit at a site stands.

    At a junction it is a section on which a unit that keeps to one-way signs may drive to that
    junction, if there is one.

    Args:
        network: the roads.
        site: `section N` or `junction N`.

    Returns:
        The place; None where the network has none of that name, or no road leads to it.
    """
    kind, _, number = site.partition(" ")
    index = int(number) if number.isdecimal() else -1
    if kind == "section" and 0 <= index < network.sections:
        return index, 0.5
    if kind != "junction" or not 0 <= index < network.junctions:
        return None
    arcs = range(int(network.first_out[index]), int(network.first_out[index + 1]))
    found = [(int(network.arc_section[arc]), bool(network.arc_forward[arc])) for arc in arcs]
    away = {True: Direction.FORWARD, False: Direction.BACKWARD}
    found.sort(key=lambda one: bool(network.section_direction[one[0]] == away[one[1]]))
    return next(((section, 0.0 if forward else 1.0) for section, forward in found), None)
