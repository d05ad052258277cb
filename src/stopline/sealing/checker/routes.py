"""Drive a route of a plan file anew: is it a drive from a source to an exit, at those times?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.sealing.checker.roads import NOWHERE, CheckedStep, Place, slack_s
from stopline.sealing.checker.seals import name_of, place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.sealing.checker.roads import Barriers, Roads
    from stopline.sealing.plan_file.schema import ExitPart, PlanFile, RoutePart


class NotDriven(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """A route that cannot be driven as written; the message says why."""


@dataclass(frozen=True, slots=True)
class Driven:
    """A route that was driven.

    Attributes:
        met: when it comes to each place where a seal can stop it; the last time, if it comes
            twice, as a seal that is closed by then stops it.
        route: as in the file.
    """

    met: dict[Place, float]
    route: RoutePart

    def stopped_by(self, barriers: Barriers) -> list[Place]:
        """The places at which it is stopped."""
        return [place for place, at_s in self.met.items() if barriers.stop(place, at_s)]


def drive_again(roads: Roads, plan: PlanFile, route: RoutePart) -> Driven:
    """Drive a route without a stop and hold the times in the file against it.

    Raises:
        NotDriven: it is no drive from its source to its exit, or its times are wrong.
    """
    exits = [one for one in plan.exits if one.name == route.exit]
    if not exits:
        message = f"there is no exit {route.exit!r}"
        raise NotDriven(message)
    if len(route.enter_s) != len(route.sections):
        message = f"{len(route.sections)} sections but {len(route.enter_s)} times"
        raise NotDriven(message)
    problem = f"there is no source {route.source!r}"
    for source in plan.sources:
        if source.name != route.source:
            continue
        problem = "it does not begin at its source"
        for start in roads.starts(source):
            if start.section != NOWHERE and start.section not in route.sections[:1]:
                continue
            try:
                return Driven(_Drive(roads, route, exits).met_from(start), route)
            except NotDriven as error:
                problem = str(error)
    raise NotDriven(problem)


def route_faults(plan: PlanFile, roads: Roads, barriers: Barriers) -> list[str]:
    """Drive the open routes and the witnesses of the seals again."""
    found = []
    for number, route in enumerate(plan.open_routes):
        name = f"Open route {number + 1}"
        try:
            stopped = drive_again(roads, plan, route).stopped_by(barriers)
        except NotDriven as error:
            found.append(f"{name} is no such drive: {error}.")
            continue
        found += [f"{name} is stopped by the seal on {kind} {index}." for kind, index in stopped]
    for seal in plan.seals:
        if seal.witness is None:
            continue
        name = f"The route that only the seal on {name_of(seal.site)} stops"
        try:
            stopped = drive_again(roads, plan, seal.witness).stopped_by(barriers)
        except NotDriven as error:
            found.append(f"{name} is no such drive: {error}.")
            continue
        if place_of(seal.site) not in stopped:
            found.append(f"{name} is not stopped by it.")
        others = [
            f"{kind} {index}" for kind, index in stopped if (kind, index) != place_of(seal.site)
        ]
        found += [f"{name} is also stopped by the seal on {other}." for other in others]
    return found


class _Drive:
    """A route being driven: where it is, when, and what it has met."""

    def __init__(self, roads: Roads, route: RoutePart, exits: Sequence[ExitPart]) -> None:
        self._roads, self._route, self._exits = roads, route, exits

    def met_from(self, start: CheckedStep) -> dict[Place, float]:
        """Drive on from a start; raise what is wrong."""
        route, step = self._route, start
        met: dict[Place, float] = {}
        passed = [start.junction]
        if start.section == NOWHERE:
            todo = list(enumerate(route.sections))
        else:
            self._same_time(0, start.enter_s)
            todo = list(enumerate(route.sections))[1:]
            met["junction", start.junction] = start.arrive_s
        for number, section in todo:
            self._same_time(number, step.arrive_s)
            met["section", section] = step.arrive_s
            step = self._along(section, step)
            met["junction", step.junction] = step.arrive_s
            passed.append(step.junction)
        if ("section", step.section) in self._exit_places():
            # It is out at the end of that section: what stands behind no longer stops it.
            met.pop(("junction", step.junction), None)
            met.update(self._earlier(passed, step, start))
            self._same_junctions(passed, passed[:-1])
        elif ("junction", step.junction) in self._exit_places():
            self._same_junctions(passed)
        else:
            message = f"it does not end at {route.exit}"
            raise NotDriven(message)
        if abs(route.arrival_s - step.arrive_s) > slack_s(step.arrive_s):
            message = f"it arrives at {step.arrive_s:.3f} s, not at {route.arrival_s:.3f} s"
            raise NotDriven(message)
        return met

    def _earlier(
        self, passed: list[int], last: CheckedStep, start: CheckedStep
    ) -> dict[Place, float]:
        """When the junction of the last step was met before, if it was."""
        times = [
            step.arrive_s
            for step in last.steps()[:-1]
            if step.junction == last.junction and (step is not start or step.section != NOWHERE)
        ]
        return {("junction", passed[-1]): times[-1]} if times else {}

    def _exit_places(self) -> set[Place]:
        return {(one.kind, one.index) for one in self._exits}

    def _along(self, section: int, step: CheckedStep) -> CheckedStep:
        for way, head in self._roads.ways_on(step.junction, step.section):
            if way == section:
                there = step.arrive_s + self._roads.section_s[section]
                return CheckedStep(head, section, step.arrive_s, there, step.source, step)
        message = f"section {section} cannot be entered at junction {step.junction}"
        raise NotDriven(message)

    def _same_time(self, number: int, enter_s: float) -> None:
        given = self._route.enter_s[number]
        if abs(given - enter_s) > slack_s(enter_s):
            section = self._route.sections[number]
            message = f"section {section} is entered at {enter_s:.3f} s, not at {given:.3f} s"
            raise NotDriven(message)

    def _same_junctions(self, *allowed: list[int]) -> None:
        if list(self._route.junctions) not in allowed:
            message = f"its junctions are {allowed[0]}, not {list(self._route.junctions)}"
            raise NotDriven(message)
