"""How the checker's vehicle drives: its own reading of the network, and one search past seals.

Nothing here comes from the planner, so that a mistake of the planner is not made twice.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from stopline.network.access import vehicle_closed
from stopline.network.road_network import ROAD_CLASSES, Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.plan_file.schema import ExitPart, SourcePart, VehiclePart

Place = tuple[str, int]
"""`section` or `junction`, and its number."""

TOLERANCE_S: Final = 1e-6
ROUNDING: Final = 1e-12  # of times so large that floats hold them no better
NOWHERE: Final = -1


def slack_s(time_s: float) -> float:
    """Difference below which two times are taken for equal, seconds."""
    return max(TOLERANCE_S, ROUNDING * abs(time_s))


class CheckedStep(NamedTuple):
    """One drive along a section, whole or (the first) in part; or the start at a junction.

    Attributes:
        junction: where it ends.
        section: what was driven; `NOWHERE` for the start at a junction.
        enter_s: when it began.
        arrive_s: when it ended.
        source: name of the source of the whole drive.
        before: the step before it.
    """

    junction: int
    section: int
    enter_s: float
    arrive_s: float
    source: str
    before: CheckedStep | None

    def steps(self) -> list[CheckedStep]:
        """All steps from the source to this one."""
        found = [self]
        while found[-1].before is not None:
            found.append(found[-1].before)
        return found[::-1]


class Roads:
    """The network as the fleeing vehicle drives it.

    Args:
        network: the roads.
        vehicle: how it drives.
    """

    def __init__(self, network: RoadNetwork, vehicle: VehiclePart) -> None:
        speed = network.section_speed_mps * vehicle.speed_factor
        for name, speed_mps in (vehicle.class_speed_mps or {}).items():
            speed[network.section_class == ROAD_CLASSES.index(name)] = speed_mps
        most = math.inf if vehicle.max_speed_mps is None else vehicle.max_speed_mps
        speed = np.clip(speed, vehicle.min_speed_mps, most)
        self.section_s: list[float] = (network.section_length_m / speed).tolist()
        self._ends = (network.section_tail, network.section_head)
        self._direction: list[int] = network.section_direction.tolist()
        self._obeys_one_way = vehicle.obeys_one_way
        self._closed: list[bool] = vehicle_closed(network, vehicle).tolist()
        self._first_out: list[int] = network.first_out.tolist()
        self._arc_section: list[int] = network.arc_section.tolist()
        self._arc_head: list[int] = network.arc_head.tolist()
        self._arc_forward: list[bool] = network.arc_forward.tolist()
        turns = (network.turn_from, network.turn_via, network.turn_to)
        self.bans: set[tuple[int, int, int]] = set()
        if vehicle.obeys_turn_bans:
            self.bans = set(zip(*(column.tolist() for column in turns), strict=True))
        self.has_bans = {via for _, via, _ in self.bans}

    def may_drive(self, section: int, *, forward: bool) -> bool:
        """Whether the vehicle drives a section in that direction."""
        if self._closed[section]:
            return False
        if not self._obeys_one_way:
            return True
        against = Direction.BACKWARD if forward else Direction.FORWARD
        return self._direction[section] != against

    def ends(self, section: int) -> tuple[int, int]:
        """Tail and head of a section."""
        return int(self._ends[0][section]), int(self._ends[1][section])

    def ways_on(self, junction: int, by: int) -> Iterator[tuple[int, int]]:
        """Sections that can be entered at a junction after coming `by` one, with their far ends."""
        for arc in range(self._first_out[junction], self._first_out[junction + 1]):
            section = self._arc_section[arc]
            if self.bans and (by, junction, section) in self.bans:
                continue
            if self.may_drive(section, forward=self._arc_forward[arc]):
                yield section, self._arc_head[arc]

    def starts(self, source: SourcePart) -> Iterator[CheckedStep]:
        """The first steps from a source: at its junction, or driven to either end of its section.

        No seal stops the start: the vehicle was seen there.
        """
        now = source.time_s
        if source.junction is not None:
            yield CheckedStep(source.junction, NOWHERE, now, now, source.name, None)
        if source.section is None:
            return
        section, whole = source.section, self.section_s[source.section]
        tail, head = (int(ends[section]) for ends in self._ends)
        if self.may_drive(section, forward=True):
            there = now + (1.0 - source.fraction) * whole
            yield CheckedStep(head, section, now, there, source.name, None)
        if self.may_drive(section, forward=False):
            yield CheckedStep(tail, section, now, now + source.fraction * whole, source.name, None)


@dataclass(frozen=True, slots=True)
class Barriers:
    """From when the vehicle can no longer pass a place: closing time and margin together."""

    from_s: dict[Place, float] = field(default_factory=dict)

    def stop(self, place: Place, at_s: float) -> bool:
        """Whether the vehicle is stopped when it comes to a place then; a tie stops it."""
        since = self.from_s.get(place)
        return since is not None and at_s >= since - slack_s(since)


@dataclass(slots=True)
class CheckedArrivals:
    """What a search has found.

    Attributes:
        out: by name of the exit, the last step of the earliest drive to it.
        at: earliest time at which the vehicle comes to each place that is closed or watched,
            stopped there or not; it comes to a section when it is at an end from which it
            would enter.
    """

    out: dict[str, CheckedStep] = field(default_factory=dict)
    at: dict[Place, float] = field(default_factory=dict)


def arrivals(
    roads: Roads,
    sources: Sequence[SourcePart],
    exits: Sequence[ExitPart],
    barriers: Barriers,
    watched: Iterable[Place] = (),
) -> CheckedArrivals:
    """Search the earliest arrivals from the sources, past what is closed (Dijkstra 1959).

    The chase ends at the first exit: nothing is searched beyond. As seals only close, being
    earlier never hurts the vehicle, so one label for each junction suffices; where turns are
    banned, one for each section by which the junction is entered.

    Args:
        roads: how the vehicle drives.
        sources: where it can be.
        exits: where it must not get.
        barriers: what is closed, and from when.
        watched: places to tell the arrival at, beside those that are closed.
    """
    search = _CheckedSearch(roads, exits, barriers, {*barriers.from_s, *watched})
    search.run([step for source in sources for step in roads.starts(source)])
    return search.found


class _CheckedSearch:
    """One search; sections and junctions that are neither watched nor exits are passed quickly."""

    def __init__(
        self, roads: Roads, exits: Sequence[ExitPart], barriers: Barriers, watched: set[Place]
    ) -> None:
        self.found = CheckedArrivals()
        self._roads, self._barriers = roads, barriers
        self._section_out, self._junction_out = _names(exits, "section"), _names(exits, "junction")
        self._sections = {index for kind, index in watched if kind == "section"}
        self._junctions = {index for kind, index in watched if kind == "junction"}

    def run(self, starts: list[CheckedStep]) -> None:
        """Search from the first steps."""
        roads, done = self._roads, set[int | tuple[int, int]]()
        heap = [(step.arrive_s, -order, step) for order, step in enumerate(starts)]
        heapq.heapify(heap)
        order = 0
        while heap:
            now, _, step = heapq.heappop(heap)
            here, by = step.junction, step.section
            label = (here, by) if here in roads.has_bans else here
            if self._is_over(step) or label in done:
                continue
            done.add(label)
            for section, head in roads.ways_on(here, by):
                if section in self._sections and self._is_stopped(("section", section), now):
                    continue
                if head in done and not self._counts(section, head):
                    continue
                there = now + roads.section_s[section]
                order += 1
                heapq.heappush(
                    heap, (there, order, CheckedStep(head, section, now, there, step[4], step))
                )

    def _counts(self, section: int, head: int) -> bool:
        """Whether coming again to where it was before must be noted."""
        return section in self._section_out or head in self._junctions

    def _is_over(self, step: CheckedStep) -> bool:
        """Whether the chase ends with a step, as the vehicle is out or stopped."""
        here, by = step.junction, step.section
        names = self._section_out.get(by)
        if names is None:
            # At the very start no seal stops it: it was seen there.
            at_seal = by != NOWHERE and here in self._junctions
            if at_seal and self._is_stopped(("junction", here), step.arrive_s):
                return True
            names = self._junction_out.get(here, [])
        for name in names:
            self.found.out.setdefault(name, step)
        return bool(names)

    def _is_stopped(self, place: Place, at_s: float) -> bool:
        self.found.at.setdefault(place, at_s)
        return self._barriers.stop(place, at_s)


def _names(exits: Sequence[ExitPart], kind: str) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    for one in exits:
        if one.kind == kind:
            names.setdefault(one.index, []).append(one.name)
    return names
