"""The proof that sealing is impossible: routes that no assignment of units can all stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stopline.sealing.plan import ProofStep, Site

if TYPE_CHECKING:
    from stopline.sealing.problem import SealingProblem
    from stopline.sealing.search.goal import Found, Goal
    from stopline.sealing.search.pursuit import Drive
    from stopline.sealing.search.sealer import Sealer


class Proof(NamedTuple):
    """Routes that no assignment of units can all stop; empty where nothing could be shown.

    Attributes:
        steps: the routes, with who could stop each.
        sites: those that the steps name by number.
        drives: the same routes on the vehicle's graph, one for each step.
    """

    steps: tuple[ProofStep, ...] = ()
    sites: tuple[Site, ...] = ()
    drives: tuple[Drive, ...] = ()


def prove(sealer: Sealer, problem: SealingProblem, found: Found, goal: Goal) -> Proof:
    """Make the proof, or nothing if time runs out.

    Args:
        sealer: chase and sides.
        problem: what is asked.
        found: the end of the search; it may hold the routes already.
        goal: what could not be reached.
    """
    drives: tuple[Drive, ...] = found.drives
    if len(drives) != 1 or _stoppable(sealer, goal, drives[0]):
        again = sealer.prove(goal)
        if again.sealed or not again.proven:
            return Proof()
        drives = again.drives
    hopeless = [drive for drive in drives if not _stoppable(sealer, goal, drive)]
    drives = (hopeless[0],) if hopeless else drives
    return _steps(sealer, problem, goal, drives)


def _stoppable(sealer: Sealer, goal: Goal, drive: Drive) -> list[tuple[str, int]]:
    """(unit, site) pairs that help to stop a drive in time."""
    pairs: list[tuple[str, int]] = []
    for site, when in sealer.chase.sites_met(drive).items():
        by_s = when - goal.margin_s
        able = [(side, side.able(site, by_s)) for side in sealer.sides]
        if sum(strength for _, units in able for _, strength in units) >= sealer.need[site]:
            pairs.extend((unit, site) for _, units in able for unit, _ in units)
    return pairs


def _steps(sealer: Sealer, problem: SealingProblem, goal: Goal, drives: tuple[Drive, ...]) -> Proof:
    numbers: dict[int, int] = {}
    steps: list[ProofStep] = []
    for drive in drives:
        pairs = _stoppable(sealer, goal, drive)
        route = sealer.chase.describe(drive)
        named = tuple((unit, numbers.setdefault(site, len(numbers))) for unit, site in pairs)
        reason = _reason({unit for unit, _ in pairs}, {side.name for side in sealer.sides})
        steps.append(ProofStep(route=route, stoppable_by=named, reason=reason))
    sites = tuple(problem.site(site) for site in numbers)
    return Proof(tuple(steps), sites, drives)


def _reason(able: set[str], sides: set[str]) -> str:
    """Why a route is not stopped; a side that names no units stands for itself."""
    if not able:
        return "no unit can hold any site on it before the vehicle passes"
    theirs = sorted(able & sides)
    if theirs:
        own = len(able) - len(theirs)
        ours = f"{own} of our units or " if own else ""
        return f"only {ours}{' or '.join(theirs)} could stop it, needed elsewhere too"
    return f"of all units only {len(able)} could stop it, and they are needed elsewhere too"
