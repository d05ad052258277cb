"""From chosen options to seals that can say why they are there, and exits that stay open."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.sealing.plan import TIE_S, Committed, Holder, Seal
from stopline.sealing.search.goal import Found, shut_by
from stopline.sealing.search.pursuit import NO_SITE, Drive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from stopline.sealing.plan import Route
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.search.pursuit import PursuitGraph
    from stopline.sealing.search.sealer import Sealer

_MOST_WITNESSES: Final = 200
_NODES_WITH_WITNESSES: Final = 400_000


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the vehicle gets under a plan.

    Attributes:
        at_site_s: float64[c], earliest arrival at each site, infinite where never.
        drives: the earliest drive to each exit that it reaches, by number of the exit.
    """

    at_site_s: NDArray[np.float64]
    drives: Mapping[int, Drive]


def reach(sealer: Sealer, shut_s: NDArray[np.float64]) -> Reach:
    """Search where the vehicle gets if sites are shut from certain times on."""
    chase = sealer.chase
    found = chase.search.run(chase.start_node, chase.start_s, shut_s=shut_s)
    at_s = found.arrival_s[chase.tail]
    at_site_s = _site_arrival(chase, found.arrival_s, sealer.need.shape[0])
    drives: dict[int, Drive] = {}
    best: dict[int, float] = {}
    for start in np.flatnonzero(chase.start_node == chase.way_out).tolist():
        number, when = int(chase.exit_of[chase.start_arc[start]]), float(chase.start_s[start])
        if when < best.get(number, np.inf):
            best[number], drives[number] = when, Drive(start, ())
    leading_out = np.flatnonzero((chase.exit_of >= 0) & np.isfinite(at_s + chase.time_s))
    for arc in leading_out.tolist():
        site, number = int(chase.site[arc]), int(chase.exit_of[arc])
        barred = site != NO_SITE and shut_s.size and shut_s[site] <= at_s[arc]
        when = float(at_s[arc] + chase.time_s[arc])
        if not barred and when < best.get(number, np.inf):
            best[number] = when
            to_tail = chase.drive_to(found.via, found.origin, int(chase.tail[arc]))
            drives[number] = Drive(to_tail.start, (*to_tail.arcs, arc))
    return Reach(at_site_s, drives)


def needed_none(sealer: Sealer, problem: SealingProblem) -> tuple[str, ...]:
    """Names of the exits that the vehicle cannot reach though no road is closed."""
    chase, at_s = sealer.chase, sealer.free.at_s
    leading_out = np.flatnonzero(
        (chase.exit_of >= 0) & np.isfinite(at_s[chase.tail] + chase.time_s)
    )
    starts = chase.start_arc[chase.start_node == chase.way_out]
    numbers = {*chase.exit_of[leading_out].tolist(), *chase.exit_of[starts].tolist()}
    reached = {problem.exits[number].name for number in numbers}
    names = dict.fromkeys(place.name for place in problem.exits)
    return tuple(name for name in names if name not in reached)


def held_sites(found: Found) -> dict[int, tuple[tuple[Holder, ...], float]]:
    """Holders and closing time of each site of a plan."""
    held: dict[int, tuple[tuple[Holder, ...], float]] = {}
    if found.question is None or found.answers is None:
        return held
    for side, (options, answer) in found.answers.commitments.items():
        demands = found.question.demands[side].take(found.question.demand_of[side][options])
        for row, site in enumerate(demands.site.tolist()):
            holders = answer.holders[row] if answer.holders else ()
            before, closed_s = held.get(site, ((), -np.inf))
            held[site] = (before + holders, max(closed_s, float(answer.closed_s[row])))
    return held


def committed_sites(sealer: Sealer, found: Found) -> dict[int, tuple[Committed, ...]]:
    """What sides that name no units hold of each site of a plan."""
    held: dict[int, tuple[Committed, ...]] = {}
    if found.question is None or found.answers is None:
        return held
    for side, (options, answer) in found.answers.commitments.items():
        if answer.holders:
            continue
        demands = found.question.demands[side].take(found.question.demand_of[side][options])
        for row, site in enumerate(demands.site.tolist()):
            part = Committed(
                side=sealer.sides[side].name,
                commitment=answer.source,
                closed_s=float(answer.closed_s[row]),
                units=int(answer.units[row]),
                strength=int(answer.strength[row]),
            )
            held[site] = (*held.get(site, ()), part)
    return held


def make_seals(
    sealer: Sealer, problem: SealingProblem, found: Found, status: Mapping[str, str]
) -> tuple[tuple[Seal, ...], Reach]:
    """Describe the seals of a plan; see `describe_seals`."""
    shut_s = shut_by(found, sealer.need, problem.rules.margin_s - TIE_S)
    committed = committed_sites(sealer, found)
    return describe_seals(sealer, problem, held_sites(found), shut_s, status, committed)


def describe_seals(
    sealer: Sealer,
    problem: SealingProblem,
    held: Mapping[int, tuple[tuple[Holder, ...], float]],
    shut_s: NDArray[np.float64],
    status: Mapping[str, str],
    committed: Mapping[int, tuple[Committed, ...]] | None = None,
) -> tuple[tuple[Seal, ...], Reach]:
    """Describe seals, in order of closing deadline, each with its reason.

    Args:
        sealer: chase and sides.
        problem: what is asked.
        held: holders and closing time of each site.
        shut_s: float64[c], from when on each site cannot be entered.
        status: what units do already, by id.
        committed: what sides that name no units hold of each site.
    """
    margin_s = problem.rules.margin_s
    under_plan = reach(sealer, shut_s)
    free_s = _site_arrival(sealer.chase, sealer.free.at_s, sealer.need.shape[0])
    small = sealer.chase.nodes <= _NODES_WITH_WITNESSES and len(held) <= _MOST_WITNESSES
    sealed = not under_plan.drives
    seals: list[Seal] = []
    for site, (holders, closed_s) in held.items():
        arrival_s = float(under_plan.at_site_s[site])
        last_s = min(arrival_s, np.inf) if np.isfinite(arrival_s) else float(free_s[site])
        looked = small and sealed and time.perf_counter() < sealer.until
        witness = _witness(sealer, shut_s, site) if looked else None
        seals.append(
            Seal(
                site=problem.site(site),
                holders=tuple(_with_order_time(h, last_s - margin_s, status) for h in holders),
                closed_at_s=closed_s,
                unhindered_s=float(free_s[site]),
                arrival_s=arrival_s,
                margin_s=arrival_s - closed_s,
                why=_why(witness, sealed=sealed, looked=looked),
                witness=witness,
                committed=(committed or {}).get(site, ()),
            )
        )
    return tuple(sorted(seals, key=lambda seal: (seal.arrival_s, seal.site.index))), under_plan


def _with_order_time(holder: Holder, close_by_s: float, status: Mapping[str, str]) -> Holder:
    """Say until when the order can wait: what is left after driving and setting up."""
    return replace(
        holder,
        order_by_s=close_by_s - holder.drive_s - holder.setup_s,
        status=status.get(holder.unit, "free"),
    )


def _site_arrival(
    chase: PursuitGraph, at_s: NDArray[np.float64], sites: int
) -> NDArray[np.float64]:
    result = np.full(sites, np.inf)
    sited = np.flatnonzero((chase.site != NO_SITE) & np.isfinite(chase.time_s))
    np.minimum.at(result, chase.site[sited], at_s[chase.tail[sited]])
    return result


def _witness(sealer: Sealer, shut_s: NDArray[np.float64], site: int) -> Route | None:
    """The earliest route that only this seal stops."""
    without = shut_s.copy()
    without[site] = np.inf
    drive = sealer.escape(without)
    return None if drive is None else sealer.chase.describe(drive)


def _why(witness: Route | None, *, sealed: bool, looked: bool) -> str:
    if not sealed:
        return "one of the seals around the exits that are sealed off"
    if not looked:
        return "one of the seals that stop every route together"
    if witness is None:
        return "delays the vehicle, so that other seals close in time"
    return f"alone stops a route to {witness.exit}"
