"""Check a claim file against the road network, by code that shares nothing with the answer's.

The vehicle drives as the plan checker's does (`checker_roads.Roads`). The route is driven again
section by section; the earliest entry, the latest departure and the closing of the last way are
found anew, all by searches forward in time: departures are tried, where the answer searched
backward.
"""

from __future__ import annotations

import heapq
import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stopline.errors import BadInput
from stopline.network.cache import open_network
from stopline.network.read_settings import ReadSettings
from stopline.sealing.checker.check import CheckResult
from stopline.sealing.checker.roads import NOWHERE, Roads, slack_s
from stopline.sealing.claim.schema import ClaimFile, read_claim
from stopline.sealing.plan_file.file import network_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stopline.network.road_network import RoadNetwork

_TRIES: Final = 60  # of a bisection: to a millionth of a second within years
_NEAR_S: Final = 0.01
_MOMENT_S: Final = 1e-6  # just before a closing


def check_claim_file(path: Path | str, network: Path | str | None = None) -> CheckResult:
    """Read a claim file and its road network, and check the answer.

    Raises:
        BadInput: the file is no claim, or the network is not there or cannot be read.
    """
    path = Path(path)
    claim = read_claim(path)
    roads = network_path(claim.network, path) if network is None else Path(network)
    try:
        settings = ReadSettings(**(claim.network.read_settings or {}))
    except TypeError as error:
        where, seen = f"{path}: network.read_settings", str(error)
        raise BadInput.single(where, seen, "the settings of docs/formats/scenario.md") from error
    return check_claim(claim, open_network(roads, settings))


def check_claim(claim: ClaimFile, network: RoadNetwork) -> CheckResult:
    """Check a claim: everything that its answer says is computed anew."""
    if claim.network.digest != network.digest:
        return _refused(["The claim was answered on another network."])
    faults = _numbers(claim, network)
    if faults:
        return _refused(faults)
    case = _Case(claim, network)
    answer = claim.answer
    earliest = case.earliest(case.starts())
    faults += _differs("the earliest entry", answer.earliest_s, earliest, nothing=math.inf)
    if answer.could != (earliest <= claim.by_s + slack_s(claim.by_s)):
        word = "could" if earliest <= claim.by_s else "could not"
        faults.append(f"The vehicle {word} have entered {claim.target.name} by then.")
    faults += case.route_faults()
    leave_by = case.last_departure(claim.by_s)
    faults += _differs("the latest departure", answer.leave_by_s, leave_by, nothing=-math.inf)
    open_until, ever = case.open_until()
    if ever != answer.ever_open:
        faults.append(f"It could {'' if ever else 'never '}have entered at some time.")
    said = math.inf if answer.ever_open and answer.open_until_s is None else answer.open_until_s
    faults += _differs("the closing of the last way", said, open_until, nothing=-math.inf)
    if faults:
        return _refused(faults)
    return CheckResult(ok=True, confirmed=f"Confirmed: {answer.sentence}")


class _Case:
    """The facts of a claim, and drives on them."""

    def __init__(self, claim: ClaimFile, network: RoadNetwork) -> None:
        self.claim = claim
        self.roads = Roads(network, claim.vehicle)
        self._shut: dict[tuple[str, int], list[tuple[float, float]]] = {}
        for one in claim.closings:
            until = math.inf if one.until_s is None else one.until_s
            self._shut.setdefault((one.kind, one.index), []).append((one.from_s, until))
        self._junctions = set(claim.target.junctions)
        self._sections = set(claim.target.sections)

    def starts(self) -> list[tuple[int, float]]:
        """First junctions and when."""
        return [
            (step.junction, step.arrive_s)
            for source in self.claim.sources
            for step in self.roads.starts(source)
        ]

    def passes(self, kind: str, index: int, at_s: float) -> float:
        """When a place is passed by who stands before it at a time, waiting if it must."""
        moved = True
        while moved:
            moved = False
            for from_s, until_s in self._shut.get((kind, index), ()):
                if from_s <= at_s < until_s:
                    at_s, moved = until_s, True
        return at_s

    def earliest(self, starts: Iterable[tuple[int, float]]) -> float:
        """Earliest entry into X from junctions at times."""
        heap = [(at_s, junction) for junction, at_s in starts]
        heapq.heapify(heap)
        done: set[int] = set()
        best = math.inf
        while heap:
            now, here = heapq.heappop(heap)
            if here in done or now >= best:
                continue
            done.add(here)
            if here in self._junctions:
                best = min(best, now)
                continue
            for section, head in self.roads.ways_on(here, NOWHERE):
                enters = self.passes("section", section, now)
                there = enters + self.roads.section_s[section]
                if math.isinf(there):
                    continue
                if section in self._sections:
                    best = min(best, there)
                    continue
                there = self.passes("junction", head, there)
                if math.isfinite(there) and head not in done:
                    heapq.heappush(heap, (there, head))
        return best

    def last_departure(self, by_s: float) -> float:
        """Latest time at a source from which X is entered by T: leaving later never helps."""
        found = -math.inf
        for source in self.claim.sources:
            moments = [(s.junction, s.arrive_s - source.time_s) for s in self.roads.starts(source)]

            def arrives(leave_s: float, moments: list[tuple[int, float]] = moments) -> float:
                return self.earliest([(junction, leave_s + after) for junction, after in moments])

            found = max(found, _last(arrives, source.time_s, by_s))
        return found

    def open_until(self) -> tuple[float, bool]:
        """When the last way into X was closed, and whether one was ever open."""
        if math.isinf(self.earliest(self.starts())):
            return -math.inf, False
        reached = self._reach()
        times = [t for spans in self._shut.values() for span in spans for t in span]
        beyond_s = max([t for t in times if math.isfinite(t)], default=0.0)
        beyond_s = max([beyond_s, *(source.time_s for source in self.claim.sources)]) + 1.0
        late = [(junction, beyond_s) for junction, _ in self.starts()]
        if math.isfinite(self.earliest(late)):
            return math.inf, True
        closed = [
            spans[-1][0]
            for (kind, index), unordered in self._shut.items()
            for spans in (sorted(unordered),)
            if self._passed_before(kind, index, spans[-1][0], reached)
        ]
        return max(closed, default=-math.inf), True

    def _passed_before(
        self, kind: str, index: int, from_s: float, reached: dict[int, float]
    ) -> bool:
        """Whether a place could be passed just before it closed, on the way into X."""
        moment = from_s - _MOMENT_S
        if kind == "junction":
            before = [
                self.passes("section", section, reached[tail]) + self.roads.section_s[section]
                for tail in reached
                for section, head in self.roads.ways_on(tail, NOWHERE)
                if head == index
            ]
            if min(before, default=math.inf) > moment:
                return False
            return index in self._junctions or math.isfinite(self.earliest([(index, moment)]))
        tail, head = self.roads.ends(index)
        for here, far, forward in ((tail, head, True), (head, tail, False)):
            if not self.roads.may_drive(index, forward=forward):
                continue
            if self.passes("section", index, reached.get(here, math.inf)) > moment:
                continue
            if index in self._sections:
                return True
            there = self.passes("junction", far, moment + self.roads.section_s[index])
            if math.isfinite(there) and math.isfinite(self.earliest([(far, there)])):
                return True
        return False

    def _reach(self) -> dict[int, float]:
        """Earliest time at every junction that is reached outside of X."""
        heap = [(t, junction) for junction, t in self.starts()]
        heapq.heapify(heap)
        found: dict[int, float] = {}
        while heap:
            now, here = heapq.heappop(heap)
            if here in found:
                continue
            found[here] = now
            if here in self._junctions:
                continue
            for section, head in self.roads.ways_on(here, NOWHERE):
                if section in self._sections:
                    continue
                there = self.passes("section", section, now) + self.roads.section_s[section]
                there = self.passes("junction", head, there)
                if math.isfinite(there) and head not in found:
                    heapq.heappush(heap, (there, head))
        return found

    def route_faults(self) -> list[str]:
        """Drive the route again: joined up, in time, past nothing closed, into X."""
        route, found = self.claim.answer.route, []
        if not route:
            return ["There is no route."] if self._needs_route() else []
        ends = {(junction, at_s) for junction, at_s in self.starts()}
        here = self._tail_of(route[0].section, route[0].to)
        if not any(j == here and t <= route[0].enter_s + slack_s(t) for j, t in ends):
            found.append("The route does not begin where the vehicle was seen.")
        for number, drive in enumerate(route):
            if self._tail_of(drive.section, drive.to) != here:
                found.append(f"The route is not joined up at section {drive.section}.")
            took = drive.leave_s - drive.enter_s
            if took < self.roads.section_s[drive.section] - slack_s(took):
                found.append(f"Section {drive.section} cannot be driven in {took:.1f} s.")
            slack = slack_s(drive.enter_s)
            if self.passes("section", drive.section, drive.enter_s) > drive.enter_s + slack:
                found.append(f"Section {drive.section} was closed then.")
            last = number == len(route) - 1
            if not last:
                onward = route[number + 1].enter_s
                if onward < self.passes("junction", drive.to, drive.leave_s) - slack_s(onward):
                    found.append(f"Junction {drive.to} was closed then.")
            elif drive.section not in self._sections and drive.to not in self._junctions:
                found.append(f"The route does not end in {self.claim.target.name}.")
            here = drive.to
        return found

    def _needs_route(self) -> bool:
        answer = self.claim.answer
        at_start = {junction for junction, _ in self.starts()} & self._junctions
        return answer.earliest_s is not None and not at_start

    def _tail_of(self, section: int, to: int) -> int:
        tail, head = self.roads.ends(section)
        if to == head:
            return tail
        return head if to == tail else NOWHERE


def _last(arrives: Callable[[float], float], first_s: float, by_s: float) -> float:
    """The last departure that arrives by T, from the first possible on; minus infinity for none."""
    if arrives(first_s) > by_s:
        return -math.inf
    low, high = first_s, max(by_s, first_s) + 1.0
    for _ in range(_TRIES):
        middle = (low + high) / 2
        low, high = (middle, high) if arrives(middle) <= by_s else (low, middle)
    return low


def _differs(what: str, said: float | None, found: float, *, nothing: float) -> list[str]:
    stated = nothing if said is None else said
    if stated == found or abs(stated - found) <= _NEAR_S:
        return []
    return [f"The answer gives {stated:.2f} s for {what}; it is {found:.2f} s."]


def _numbers(claim: ClaimFile, network: RoadNetwork) -> list[str]:
    """Numbers that the network does not have."""
    found = []
    places = [(one.kind, one.index) for one in claim.closings]
    places += [("junction", one) for one in claim.target.junctions]
    places += [("section", one) for one in claim.target.sections]
    places += [("section", one.section) for one in claim.answer.route]
    for source in claim.sources:
        if source.junction is not None:
            places.append(("junction", source.junction))
        if source.section is not None:
            places.append(("section", source.section))
    for kind, index in places:
        if index >= (network.sections if kind == "section" else network.junctions):
            found.append(f"{kind} {index} is not in the network.")
    if not claim.target.junctions and not claim.target.sections:
        found.append("The claim names no place.")
    return found


def _refused(faults: list[str]) -> CheckResult:
    return CheckResult(
        ok=False, confirmed="Refused: the answer is not right.", faults=tuple(faults)
    )
